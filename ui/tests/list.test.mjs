// A long list: only rows near the view exist, and every line is reached, by wheel, bar and keys.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { close, launch, open, params, settled } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

const LINES = 60_000;
let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
  await lincei.send(shop(LINES, { stepMs: 20 }));
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const logs = () => `${lincei.url}/logs`;
// The number that the generator wrote into the text of a line.
const written = (text) => Number(/(?:line|waiting=|miss) ?(\d+)/.exec(text)?.[1]);

async function open60k() {
  const page = await open(browser, logs());
  await settled(page);
  await page.waitForFunction(() => document.querySelector(".lf").textContent.includes("60,000"));
  return page;
}

test("rows exist only near the view", async () => {
  const page = await open60k();
  assert.ok((await page.locator(".lr[role=row]").count()) < 70);
  assert.equal(await page.getAttribute("[role=grid]", "aria-rowcount"), String(LINES));
  const height = await page.locator(".rows").evaluate((list) => list.scrollHeight);
  assert.equal(height, LINES * 28);
  await close(page);
});

test("a drag of the scroll bar lands on the right lines, anywhere", async () => {
  const page = await open60k();
  for (const index of [45_000, 12_345, 59_990, 0, 30_001]) {
    await page.locator(".rows").evaluate((list, top) => (list.scrollTop = top), index * 28);
    const row = page.locator(`#line-${index} .b`);
    await row.waitFor();
    const text = await row.textContent();
    // lines without their number in the text tell nothing
    if (!Number.isNaN(written(text))) assert.equal(written(text), index);
  }
  await close(page);
});

test("the wheel goes through pages without a gap or a repetition", async () => {
  const page = await open60k();
  const box = await page.locator(".rows").boundingBox();
  await page.mouse.move(box.x + 300, box.y + 200);
  const seen = new Map();
  for (let turn = 0; turn < 60; turn += 1) {
    await page.mouse.wheel(0, 420);
    await page.waitForFunction(() => !document.querySelector(".lr[role=row] .skeleton"));
    const rows = await page.locator(".lr[role=row]").evaluateAll((all) => all.map((row) => [row.id, row.querySelector(".b").textContent]));
    for (const [id, text] of rows) seen.set(Number(id.slice(5)), text);
  }
  assert.ok(seen.size > 700, `${seen.size} lines seen`);
  for (const [index, text] of seen) {
    if (!Number.isNaN(written(text))) assert.equal(written(text), index);
  }
  await close(page);
});

test("keys alone search, walk, open and close", async () => {
  const page = await open60k();
  await page.keyboard.press("/");
  await page.keyboard.type("service:payment");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=service:payment/);
  await page.waitForFunction(() => document.querySelector(".lf").textContent.includes("12,000"));
  await page.keyboard.press("Escape");
  for (const key of ["j", "j", "j", "k"]) await page.keyboard.press(key);
  assert.equal(await page.getAttribute(".lr.on", "id"), "line-1");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".drawer .msg");
  const opened = params(page).get("row");
  await page.keyboard.press("j");
  await page.waitForFunction((row) => new URLSearchParams(location.search).get("row") !== row, opened);
  assert.equal(await page.getAttribute(".lr.on", "id"), "line-2");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".drawer", { state: "detached" });
  await page.keyboard.press("End");
  await page.waitForSelector("#line-11999.on .b");
  await page.keyboard.press("Home");
  await page.waitForSelector("#line-0.on .b");
  await page.keyboard.press("?");
  await page.waitForSelector("[role=dialog]");
  assert.ok(await page.evaluate(() => document.activeElement.closest("[role=dialog]") !== null), "the dialog has the focus");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.waitForURL((url) => url.pathname === "/logs" && url.search === "");
  await close(page);
});

test("every control is reached by Tab and shows its focus", async () => {
  const page = await open60k();
  const reached = new Set();
  for (let press = 0; press < 40; press += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return {};
      const box = element.closest(".search") ?? element;
      return { name: element.getAttribute("aria-label") ?? element.textContent.trim(), ring: getComputedStyle(box).boxShadow };
    });
    if (focus.name) {
      reached.add(focus.name);
      assert.notEqual(focus.ring, "none", `${focus.name} shows no focus`);
    }
  }
  for (const name of ["Refresh", "Copy link to this view", "Search logs", "SQL", "as table", "Log lines"]) {
    assert.ok(reached.has(name), `${name} not among ${[...reached].join(", ")}`);
  }
  await close(page);
});

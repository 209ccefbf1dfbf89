// Live tail and surrounding lines: new lines wait while they are read, what was left out is told, the
// stream comes back by itself, and a link restores each view.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
  await lincei.send(shop(400));
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

let sent = 0;
// Lines of this moment, the last one with the highest number.
async function send(count, more = {}) {
  const lines = Array.from({ length: count }, () => {
    sent += 1;
    return { time: new Date().toISOString(), level: "info", service: "cart", message: `fresh ${sent}`, ...more };
  });
  await lincei.send(lines);
}

const live = (query = "") => `${lincei.url}/logs?live=1${query && `&q=${encodeURIComponent(query)}`}`;
const first = (page) => page.locator(".tail .lr[role=row] .b").first();
const following = (page) => page.waitForSelector(".list-bar .health.ok");
const firstIs = (page, text) =>
  page.waitForFunction((text) => document.querySelector(".tail .lr[role=row] .b")?.textContent.includes(text), text);

test("new lines come on top of those that were stored", async () => {
  const page = await open(browser, `${lincei.url}/logs`);
  await page.getByRole("switch", { name: "Live" }).click();
  await page.waitForURL(/live=1/);
  await following(page);
  await page.waitForSelector(".tail .lr[role=row] .b");
  await page.mouse.move(5, 5);
  await send(3);
  await firstIs(page, `fresh ${sent}`);
  assert.match(await page.textContent(".tail .lf"), /3 new lines since/);
  await send(1, { level: "error" });
  await page.waitForSelector(".tail .lr[role=row].ERROR");
  await accessible(page, "live tail");
  await page.getByRole("switch", { name: "Live" }).click();
  await page.waitForURL((url) => !url.searchParams.has("live"));
  await page.waitForSelector(".histo");
  await close(page);
});

test("nothing moves under the cursor: lines wait behind a counter", async () => {
  const page = await open(browser, live());
  await following(page);
  await send(40);
  await firstIs(page, `fresh ${sent}`);
  const box = await page.locator(".tail .rows").boundingBox();
  await page.mouse.move(box.x + 300, box.y + 60);
  const before = await first(page).textContent();
  await send(5);
  await page.waitForSelector("text=5 new lines");
  assert.equal(await first(page).textContent(), before);
  await page.getByRole("button", { name: "5 new lines" }).click();
  await firstIs(page, `fresh ${sent}`);

  await page.mouse.move(box.x + 300, box.y + 60);
  await page.mouse.wheel(0, 600);
  await page.waitForFunction(() => document.querySelector(".tail .rows").scrollTop > 500);
  await page.mouse.move(5, 5);
  await send(2);
  await page.waitForSelector("text=2 new lines");
  await page.keyboard.press("Home");
  await firstIs(page, `fresh ${sent}`);
  await page.waitForFunction(() => document.querySelector(".tail .rows").scrollTop === 0);

  await page.getByRole("button", { name: "Pause" }).click();
  await send(4);
  await page.waitForSelector("text=4 new lines");
  await page.getByRole("button", { name: "Resume" }).click();
  await firstIs(page, `fresh ${sent}`);
  await close(page);
});

test("keys alone follow, walk, open and leave, while lines come", async () => {
  const page = await open(browser, `${lincei.url}/logs`);
  await page.waitForSelector(".lr[role=row] .t");
  await page.keyboard.press("f");
  await following(page);
  await send(10);
  await firstIs(page, `fresh ${sent}`);
  for (const key of ["j", "j", "Enter"]) await page.keyboard.press(key);
  await page.waitForSelector(".drawer .msg");
  const opened = await page.textContent(".drawer .msg");
  assert.equal(opened, `fresh ${sent - 1}`);
  await send(3);
  await page.waitForSelector("text=3 new lines");
  assert.equal(await page.textContent(".drawer .msg"), opened);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".drawer", { state: "detached" });
  await page.keyboard.press("f");
  await page.waitForURL((url) => !url.searchParams.has("live"));
  await close(page);
});

test("the search applies, and one that cannot be read is told", async () => {
  const page = await open(browser, live("service:payment sold"));
  await page.waitForSelector("text=Waiting for new lines");
  await following(page);
  await send(2);
  await send(1, { service: "payment", message: "sold one" });
  await firstIs(page, "sold one");
  assert.equal(await page.locator(".tail .lr[role=row]").count(), 1);
  await page.goto(live('"open'));
  await page.waitForSelector(".tail .state[role=alert]");
  await page.goto(live());
  await following(page);
  await close(page);
});

test("lines beyond the rate are counted", async () => {
  const page = await open(browser, live());
  await following(page);
  await send(12_000);
  await page.waitForSelector(".list-bar .left-out");
  assert.match(await page.textContent(".list-bar .left-out"), /[\d,]+ lines left out: more than 2,000 a second/);
  await close(page);
});

test("a stream that was lost comes back by itself", async () => {
  const page = await open(browser, live());
  await following(page);
  await page.mouse.move(5, 5);
  await page.route("**/api/v1/logs/tail*", (route) => route.abort());
  await lincei.halt();
  await page.waitForSelector("text=/Trying again in \\d+ s/");
  await lincei.run();
  await page.unroute("**/api/v1/logs/tail*");
  await page.getByRole("button", { name: "Try now" }).click();
  await following(page);
  await send(1);
  await firstIs(page, `fresh ${sent}`);
  await close(page);
});

test("leaving the page closes the stream", async () => {
  const page = await open(browser, live());
  await following(page);
  const ended = page.waitForEvent("requestfailed", (request) => request.url().includes("/logs/tail"));
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await ended;
  await close(page);
});

for (const theme of ["dark", "light"]) {
  test(`surrounding lines, ${theme}`, async () => {
    const page = await open(browser, `${lincei.url}/logs?q=${encodeURIComponent("severity:error service:payment")}`, { theme, width: 1024, height: 768 });
    await page.waitForSelector(".lr[role=row] .t");
    await page.locator(".lr[role=row]").nth(3).click();
    const text = await page.textContent(".drawer .msg");
    await page.getByRole("button", { name: "Show surrounding lines" }).click();
    await page.waitForSelector(".anchor-line");
    assert.ok((await page.textContent(".anchor-line .b")).startsWith(text));
    const levels = await page.locator(".lr[role=row] .sev").allTextContents();
    assert.ok(new Set(levels).size > 1, "neighbours need not match the search");
    const services = await page.locator(".lr[role=row] .sv").allTextContents();
    assert.deepEqual([...new Set(services)], ["payment"]);
    const middle = await page.locator(".anchor-line").boundingBox();
    const list = await page.locator(".rows").boundingBox();
    assert.ok(Math.abs(middle.y + middle.height / 2 - (list.y + list.height / 2)) < 60, "in the middle");

    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.waitForFunction(() => new Set([...document.querySelectorAll(".lr[role=row] .sv")].map((e) => e.textContent)).size > 1);
    assert.equal(params(page).get("same"), "all");
    await accessible(page, `surrounding lines, ${theme}`);

    const shown = Number(await page.getAttribute(".rows", "aria-rowcount"));
    const top = (await page.locator(".anchor-line").boundingBox()).y;
    await page.getByRole("button", { name: /lines after/ }).click();
    await page.waitForFunction((shown) => Number(document.querySelector(".rows").getAttribute("aria-rowcount")) > shown, shown);
    await page.waitForTimeout(100);
    const moved = (await page.locator(".anchor-line").boundingBox()).y;
    assert.ok(Math.abs(moved - top) < 30, `the line stays where it was: ${top}, ${moved}`);

    const link = page.url();
    await page.goto(link);
    await page.waitForSelector(".anchor-line");
    assert.ok((await page.textContent(".anchor-line .b")).startsWith(text));
    await page.keyboard.press("j");
    await page.waitForSelector("#near--1.on");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".drawer", { state: "detached" });
    await page.getByRole("button", { name: "Back" }).click();
    await page.waitForSelector(".histo");
    assert.equal(params(page).get("around"), null);
    await close(page);
  });
}

test("surrounding lines wait, fail and may be gone", async () => {
  const page = await open(browser, `${lincei.url}/logs`);
  await page.waitForSelector(".lr[role=row] .t");
  await page.locator(".lr[role=row]").nth(5).click();
  await page.waitForSelector(".drawer .msg");
  await page.route("**/api/v1/logs/surrounding", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({ title: "Unavailable", status: 503, code: "unavailable", detail: "too many queries", retryable: true }),
    }),
  );
  await page.getByRole("button", { name: "Show surrounding lines" }).click();
  await page.waitForSelector(".list .state[role=alert]");
  await page.unroute("**/api/v1/logs/surrounding");
  await page.getByRole("button", { name: "Retry" }).click();
  await page.waitForSelector(".anchor-line");
  await page.goto(`${lincei.url}/logs?around=2026-01-01T00:00:00Z.00000000`);
  await page.waitForSelector("text=This line is no longer stored");
  await close(page);
});

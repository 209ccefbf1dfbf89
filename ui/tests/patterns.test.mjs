// Patterns: what the lines of the window have in common, in order, as a way to the lines, and what is new.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params } from "./support/browser.mjs";
import { Lincei } from "./support/lincei.mjs";

let browser, lincei;
const NOW = Date.now() - 60_000;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
  const at = (ms) => new Date(NOW - ms).toISOString();
  const line = (ms, level, message) => ({ time: at(ms), level, service: "web", message });
  const hour = 3_600_000;
  await lincei.send([
    ...Array.from({ length: 300 }, (_, i) => line(i * 2000, "info", `request ${i} from 10.0.0.${i % 200} took ${i}ms`)),
    ...Array.from({ length: 20 }, (_, i) => line(i * 9000, "error", `cannot open "file ${i}", (retry)`)),
    ...Array.from({ length: 5 }, (_, i) => line(i * 1000, "warn", `pool "main" exhausted after ${i} s`)),
    ...Array.from({ length: 9 }, (_, i) => line(3 * hour + i, "info", `request ${i} from 10.0.0.1 took ${i}ms`)),
    ...Array.from({ length: 9 }, (_, i) => line(3 * hour + i, "error", `cannot open "file ${i}", (retry)`)),
  ]);
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const url = (query = "") => `${lincei.url}/logs?tab=patterns${query}`;
const patterns = (page) => page.locator(".pr[role=row] .b").allTextContents();
const drawn = (page) => page.waitForSelector(".patterns:not(.stale) .pr[role=row]");

for (const [theme, width, height] of [["dark", 1440, 900], ["light", 1024, 768]]) {
  test(`patterns are told apart and counted, ${theme}, ${width} px`, async () => {
    const page = await open(browser, `${lincei.url}/logs`, { theme, width, height });
    await page.waitForSelector(".lr[role=row] .t");
    await page.getByRole("button", { name: "Patterns" }).click();
    await drawn(page);
    assert.equal(params(page).get("tab"), "patterns");
    assert.deepEqual(await patterns(page), [
      "request <num> from <ip> took <num>ms",
      'cannot open "<str>", (retry)',
      'pool "<str>" exhausted after <num> s',
    ]);
    assert.deepEqual(await page.locator(".pr[role=row]").first().locator(".slot").allTextContents(), ["<num>", "<ip>", "<num>"]);
    assert.deepEqual(await page.locator(".pr[role=row] > .num").allTextContents(), ["300", "20", "5"]);
    assert.deepEqual(await page.locator(".pr[role=row] .share .num").allTextContents(), ["92.3 %", "6.2 %", "1.5 %"]);
    assert.deepEqual(await page.locator(".pr[role=row] .sev").allTextContents(), ["INFO", "ERROR", "WARN"]);
    assert.match(await page.textContent(".patterns .lf"), /3 patterns of 325 lines/);
    await accessible(page, `patterns, ${theme}`);
    await close(page);
  });
}

test("a pattern leads to its lines, exactly here", async () => {
  const page = await open(browser, url());
  await drawn(page);
  await page.locator(".pr[role=row]").nth(1).locator(".b").click();
  await page.waitForURL((at) => !at.searchParams.has("tab") && at.searchParams.has("q"));
  await page.waitForFunction(() => document.querySelector(".lf")?.textContent.includes("of 20"));
  const bodies = await page.locator(".lr[role=row] .b").allTextContents();
  assert.ok(bodies.every((body) => body.startsWith("cannot open")));
  await page.goBack();
  await drawn(page);
  await page.locator(".pr[role=row]").first().hover();
  await page.locator(".pr[role=row]").first().getByRole("button").click();
  await page.waitForFunction(() => document.querySelectorAll(".patterns:not(.stale) .pr[role=row]").length === 2);
  assert.ok(params(page).get("q").startsWith("-body:request"));
  await close(page);
});

test("the order is chosen, kept in the link, and keys alone do it all", async () => {
  const page = await open(browser, url());
  await drawn(page);
  await page.getByRole("button", { name: "Severity", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/sort=severity/);
  assert.match((await patterns(page))[0], /^cannot open/);
  await page.reload();
  await drawn(page);
  assert.match((await patterns(page))[0], /^cannot open/);
  for (const key of ["j", "j", "k"]) await page.keyboard.press(key);
  assert.match(await page.textContent(".pr.on .b"), /^cannot open/);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=body:pool/);
  await page.waitForFunction(() => document.querySelector(".lf")?.textContent.includes("of 5"));
  await close(page);
});

test("only what was not there before is left", async () => {
  const page = await open(browser, url());
  await drawn(page);
  await page.getByRole("switch", { name: "Only new" }).click();
  await page.waitForURL(/new=1/);
  await page.waitForFunction(() => document.querySelectorAll(".pr[role=row]").length === 1);
  assert.match((await patterns(page))[0], /^pool/);
  assert.match(await page.textContent(".list-bar"), /not there in the 24 h before|not there in the 1 d before/);
  await page.goto(url("&new=1&q=request"));
  await page.waitForSelector("text=Nothing new");
  await page.getByRole("button", { name: "Show all patterns" }).click();
  await drawn(page);
  await close(page);
});

test("waiting, empty and failed", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const page = await open(browser, `${lincei.url}/logs`);
  await page.waitForSelector(".lr[role=row] .t");
  await page.route("**/api/v1/logs/patterns", async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole("button", { name: "Patterns" }).click();
  await page.waitForSelector(".patterns .skeleton");
  await page.waitForSelector(".patterns .progress");
  release();
  await drawn(page);
  await page.unroute("**/api/v1/logs/patterns");
  await page.goto(url("&q=nothing-like-this"));
  await page.waitForSelector("text=No patterns in this window");
  await page.route("**/api/v1/logs/patterns", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({ title: "Unavailable", status: 503, code: "unavailable", detail: "too many queries", retryable: true }),
    }),
  );
  await page.goto(url());
  // a page that opens asks once more when it knows its range
  await page.waitForLoadState("networkidle");
  await page.waitForSelector(".patterns .state[role=alert]");
  await page.unroute("**/api/v1/logs/patterns");
  await page.getByRole("button", { name: "Retry" }).click();
  await drawn(page);
  await close(page);
});

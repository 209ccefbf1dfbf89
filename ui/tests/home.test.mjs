// Home: what is wrong, the services, where they lead to; the guide while nothing was sent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params } from "./support/browser.mjs";
import { Lincei } from "./support/lincei.mjs";

let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const MINUTE = 60_000;
const home = (query = {}) => `${lincei.url}/?${new URLSearchParams(query)}`;
// An hour of a shop: payment 2.0.0 fails since eight minutes, search is slow since ten.
async function trouble() {
  const now = Date.now() - 1000;
  const at = (minutes) => now - minutes * MINUTE;
  await lincei.serve("storefront", { from: at(60), to: now, count: 1200 });
  await lincei.serve("payment", { from: at(60), to: at(8), count: 1040 });
  await lincei.serve("payment", { from: at(8), to: now, count: 160, failEvery: 2, version: "2.0.0" });
  await lincei.serve("search", { from: at(60), to: at(10), count: 1000 });
  await lincei.serve("search", { from: at(10), to: now, count: 200, tookMs: 1400 });
  const lines = Array.from({ length: 80 }, (_, i) => ({
    time: new Date(at(8) + i * 5000).toISOString(), level: "error", service: "payment", message: `refused ${i}`,
  }));
  const cron = Array.from({ length: 50 }, (_, i) => ({
    time: new Date(at(i)).toISOString(), level: "info", service: "cron", message: `ran ${i}`,
  }));
  await lincei.send([...lines, ...cron]);
}

const drawn = (page) => page.waitForSelector(".svc tbody tr.go");
const names = (page) => page.locator(".svc .name").allTextContents();

// Runs first: it needs a server that nothing was sent to.
test("nothing sent yet: the guide, until something arrives", async () => {
  const page = await open(browser, home());
  await page.getByRole("heading", { name: "Nothing was sent yet" }).waitFor();
  assert.ok(await page.getByRole("tab", { name: "Rust" }).isVisible());
  await accessible(page, "guide");
  await trouble();
  await drawn(page);
  assert.equal(await page.locator(".guide").count(), 0);
  await close(page);
});

test("what is wrong comes first, with since when and what it was before", async () => {
  const page = await open(browser, home());
  await drawn(page);
  const found = await page.locator("a.find").allTextContents();
  assert.equal(found.length, 2, `${found}`);
  assert.match(found[0], /payment.*(4\d|5\d)(\.\d+)? % of requests fail.*none before.*against the 30 min before.*since \d\d:\d\d, [6-9] min/);
  assert.match(found[1], /search.*p95 up to 1\.4 s.*×7\d.*against the 30 min before/);
  assert.deepEqual(await names(page), ["payment", "search", "storefront", "cron"]);
  const head = await page.textContent(".panel-head:has(.count)");
  assert.match(head, /Services4.*2 failing.*2 healthy/);
  const rows = await page.locator(".svc tr.go").allTextContents();
  assert.match(rows[0], /2\.0\.0.*[78] min ago/);
  assert.match(rows[2], /0%.*20ms/);
  assert.match(await page.textContent(".chg"), /payment 2\.0\.0errors ×\d+ within 10 min/);
  assert.match(await page.textContent(".intake"), /Logs.*Spans.*Metrics0\/sRejected0\/h/);
  assert.match(await page.getAttribute(".svc .health", "title"), /Fewer than 10 failed requests are never trouble/);
  await close(page);
});

test("a line of what is wrong leads to its lines, in its window", async () => {
  const page = await open(browser, home());
  await drawn(page);
  await page.locator("a.find").first().click();
  await page.waitForSelector(".lr[role=row] .b");
  assert.equal(params(page).get("q"), "service:payment severity:>=ERROR");
  const length = Date.parse(params(page).get("to")) - Date.parse(params(page).get("from"));
  assert.ok(length > 7 * MINUTE && length < 12 * MINUTE, `${length}`);
  await page.goBack();
  await drawn(page);
  await page.locator(".svc tr.go").nth(3).click();
  await page.waitForSelector(".lr[role=row] .b");
  assert.equal(params(page).get("q"), "service:cron");
  await close(page);
});

test("rows open by keyboard", async () => {
  const page = await open(browser, home());
  await drawn(page);
  await page.keyboard.press("j");
  await page.waitForSelector(".chosen a.find");
  for (const key of ["j", "j"]) await page.keyboard.press(key);
  assert.match(await page.textContent(".svc tr.on"), /payment/);
  await page.keyboard.press("k");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".list");
  assert.equal(params(page).get("q"), "service:payment");
  await close(page);
});

test("calm: one quiet line says so", async () => {
  const page = await open(browser, home({
    from: new Date(Date.now() - 40 * MINUTE).toISOString(), to: new Date(Date.now() - 20 * MINUTE).toISOString(),
  }));
  await drawn(page);
  assert.match(await page.textContent(".finds"), /Nothing is wrong now/);
  assert.equal(await page.locator("a.find").count(), 0);
  assert.equal(await page.locator(".svc .health.bad").count(), 0);
  await accessible(page, "calm");
  await close(page);
});

test("all widths and both themes are accessible, and nothing sticks out", async () => {
  for (const [width, height, theme] of [[1440, 900, "dark"], [1440, 900, "light"], [1024, 768, "dark"], [390, 844, "light"]]) {
    const page = await open(browser, home(), { width, height, theme });
    await drawn(page);
    await accessible(page, `${width} ${theme}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} px at ${width}`);
    const row = await page.locator(".svc tr.go").first().boundingBox();
    assert.equal(Math.round(row.height), width < 720 ? 44 : 32);
    await close(page);
  }
});

// Holds the answers to SQL until `release` is called.
async function hold(page) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/api/v1/sql", async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  return release;
}

test("loading: an outline, progress after a second, Escape stops it", async () => {
  const page = await open(browser, "about:blank");
  const release = await hold(page);
  await page.route("**/api/v1/queries", (route) => route.fulfill({ json: { queries: [] } }));
  await page.goto(home());
  await page.waitForSelector(".bones .skeleton");
  await page.waitForSelector(".strip");
  await accessible(page, "loading");
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Cancelled" }).waitFor();
  release();
  await page.getByRole("button", { name: "Run again" }).click();
  await drawn(page);
  await close(page);
});

const problem = {
  title: "Too many queries", status: 429, code: "rate_limited", retryable: true, detail: "eight queries run already",
};
const refuse = (page) =>
  page.route("**/api/v1/sql", (route) =>
    route.fulfill({ status: 429, contentType: "application/problem+json", json: problem }),
  );

test("error: the cause, and Retry", async () => {
  const page = await open(browser, "about:blank");
  await refuse(page);
  await page.goto(home());
  await page.getByRole("heading", { name: "Too many queries at once" }).waitFor();
  await accessible(page, "error");
  await page.unroute("**/api/v1/sql");
  await page.getByRole("button", { name: "Retry" }).click();
  await drawn(page);
  await close(page);
});

test("error of a refresh: the data stay, dimmed, and say so", async () => {
  const page = await open(browser, home());
  await drawn(page);
  await refuse(page);
  await page.keyboard.press("r");
  await page.getByText("Not refreshed: Too many queries at once").waitFor();
  assert.ok(await page.locator(".home-body.stale .svc tr.go").count() > 0);
  await page.unroute("**/api/v1/sql");
  await page.getByRole("button", { name: "Retry" }).click();
  await page.waitForSelector(".home-body:not(.stale) .svc tr.go");
  await close(page);
});

test("empty: says when the newest data are, and goes there", async () => {
  const page = await open(browser, home({ from: "2026-01-02T03:00:00Z", to: "2026-01-02T04:00:00Z" }));
  await page.getByRole("heading", { name: "Nothing came in within this window" }).waitFor();
  await accessible(page, "empty");
  await page.locator(".state").getByRole("button", { name: /^Go to/ }).click();
  await drawn(page);
  assert.notEqual(params(page).get("from"), "2026-01-02T03:00:00Z");
  await close(page);
});

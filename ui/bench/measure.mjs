// How quick the page is in Chromium: `node bench/measure.mjs URL FROM TO`, on a server with logs between the
// two times (RFC 3339). Prints one line of JSON: a record for each page, and one for each thing done on Logs.
//
// | figure | of a page | of what was done |
// |---|---|---|
// | `fcp`, `lcp` | ms to the first and the largest paint | – |
// | `results` | ms until what was asked for is there | – |
// | `cls` | layout shift, a share | the same |
// | `inp` | – | ms from a key or click to the next paint, the worst |
// | `long` | ms of the longest task above 50 ms, 0 for none | the same |
// | `bytes` | over the wire | – |
import { chromium } from "playwright-core";
import { FLAGS } from "../tests/support/browser.mjs";

const LOADS = 5;
const [url, from, to] = process.argv.slice(2);
const window = new URLSearchParams({ from, to });
const middle = new Date((Date.parse(from) + Date.parse(to)) / 2).toISOString();
const sql = "SELECT service, severity, count(*) AS lines FROM logs GROUP BY 1, 2 ORDER BY 3 DESC";
const hour = new URLSearchParams({ from: middle, to: new Date(Date.parse(middle) + 3_600_000).toISOString() });
const ROW = ".list:not(.stale) .lr[role=row] .t";
const PAGES = [
  ["Home", `/?${hour}`, ".svc tbody tr.go"],
  ["Logs", `/logs?${window}`, [ROW, ".histo:not(.stale) .total"]],
  ["Logs, a word", `/logs?${window}&q=block`, [ROW, ".histo:not(.stale) .total"]],
  ["Patterns", `/logs?${window}&tab=patterns`, ".pr[role=row]"],
  ["SQL", `/sql?${window}&${new URLSearchParams({ sql })}`, ".sql-result[aria-busy=false] [role=gridcell]"],
  ["Dashboards", "/dashboards", ".templates"],
  ["Settings", "/settings/storage", ".disk-bar"],
];

// Before any script of the page: keeps what the browser tells of its work.
function observe() {
  const seen = (globalThis.seen = { lcp: 0, shifts: [], tasks: [], events: [] });
  const on = (type, take, more = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
  on("largest-contentful-paint", (entry) => (seen.lcp = entry.startTime));
  on("layout-shift", (entry) => entry.hadRecentInput || seen.shifts.push({ at: entry.startTime, value: entry.value }));
  on("longtask", (entry) => seen.tasks.push({ at: entry.startTime, ms: entry.duration }));
  on("event", (entry) => entry.interactionId && seen.events.push({ at: entry.startTime, ms: entry.duration }), { durationThreshold: 16 });
}

// Worst since a moment.
const worst = (since) => {
  const late = (list) => list.filter((entry) => entry.at >= since);
  const max = (list) => Math.max(0, ...late(list).map((entry) => entry.ms));
  const { shifts, tasks, events } = globalThis.seen;
  return { inp: max(events), long: max(tasks), cls: late(shifts).reduce((sum, shift) => sum + shift.value, 0) };
};

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function visit(browser, path, selectors) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: "UTC" });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(observe);
  await page.goto(url + path, { waitUntil: "commit" });
  for (const selector of [selectors].flat()) await page.waitForSelector(selector);
  const results = await page.evaluate(() => performance.now());
  return { page, results };
}

async function load(browser, path, selectors) {
  const { page, results } = await visit(browser, path, selectors);
  await page.waitForTimeout(500);
  const figures = await page.evaluate(() => ({
    fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    lcp: globalThis.seen.lcp,
    bytes: performance.getEntriesByType("resource").reduce((sum, entry) => sum + entry.transferSize, 0),
  }));
  const { cls, long } = await page.evaluate(worst, 0);
  await page.context().close();
  return { ...figures, results, cls, long };
}

async function act(page, name, steps) {
  const since = await page.evaluate(() => performance.now());
  await steps(page);
  await page.waitForTimeout(300);
  return { name, ...(await page.evaluate(worst, since)) };
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const pages = [];
for (const [name, path, selectors] of PAGES) {
  const loads = [];
  for (let n = 0; n < LOADS; n++) loads.push(await load(browser, path, selectors));
  const figures = Object.keys(loads[0]).map((key) => [key, median(loads.map((one) => one[key]))]);
  pages.push({ name, ...Object.fromEntries(figures) });
}

const { page } = await visit(browser, `/logs?${window}`, ROW);
const settled = () => page.waitForSelector(ROW);
const done = [];
done.push(await act(page, "typing a search", async () => {
  await page.keyboard.press("/");
  await page.keyboard.type("service:payment severity:>=WARN ", { delay: 40 });
}));
done.push(await act(page, "asking it", async () => {
  // Closes what completion offers; the search is asked by Enter, and then the keys are the list's again.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await settled();
  await page.evaluate(() => document.activeElement.blur());
}));
done.push(await act(page, "scrolling through millions of lines", async () => {
  const box = await page.locator(".list .rows").boundingBox();
  await page.mouse.move(box.x + 200, box.y + 200);
  for (let n = 0; n < 150; n++) await page.mouse.wheel(0, 400 * (1 + (n % 20)));
  for (const key of ["PageDown", "PageDown", "End", "Home"]) await page.keyboard.press(key);
  await settled();
}));
done.push(await act(page, "walking from line to line", async () => {
  for (let n = 0; n < 40; n++) await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".drawer .msg");
  for (let n = 0; n < 20; n++) await page.keyboard.press("j");
}));
done.push(await act(page, "choosing a value of a facet", async () => {
  await page.locator(".facets .facet li").nth(1).click();
  await settled();
}));
const version = browser.version();
await browser.close();
console.log(JSON.stringify({ browser: version, loads: LOADS, pages, done }));

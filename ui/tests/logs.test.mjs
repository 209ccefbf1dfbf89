// The logs page with data: search, facets, histogram, list, details, links.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, bodies, close, launch, open, params, settled, total } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

const LINES = 1600;
let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
  await lincei.send(shop(LINES));
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const logs = (query = {}) => `${lincei.url}/logs?${new URLSearchParams(query)}`;

test("both themes show lines, histogram and facets, and nothing hinders a reader", async () => {
  for (const theme of ["dark", "light"]) {
    const page = await open(browser, logs(), { theme });
    await settled(page);
    assert.equal(await page.getAttribute("html", "data-theme"), theme);
    assert.equal(await total(page), LINES);
    assert.match((await bodies(page))[0], /authorise order A-90000, line 0/);
    await page.waitForFunction(() => [...document.querySelectorAll(".facet")].at(-1)?.querySelectorAll("li").length === 5);
    assert.equal(await page.title(), "Logs · Lincei");
    await accessible(page, `logs, ${theme}`);
    await page.locator(".lr.ERROR").first().click();
    await page.waitForSelector(".drawer .msg");
    await accessible(page, `details, ${theme}`);
    await close(page);
  }
});

test("the theme of the link wins over the system's, a chosen one is remembered", async () => {
  const page = await open(browser, logs({ theme: "light" }), { theme: "dark" });
  await settled(page);
  assert.equal(await page.getAttribute("html", "data-theme"), "light");
  await page.getByRole("button", { name: "Dark theme" }).click();
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
  await page.getByRole("button", { name: "Light theme" }).click();
  await page.goto(logs());
  await settled(page);
  assert.equal(await page.getAttribute("html", "data-theme"), "light");
  await close(page);
});

test("a search narrows lines, counts and link, and marks what was found", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.fill("#search", "Authorise severity:>=WARN");
  await page.press("#search", "Enter");
  await page.waitForFunction(() => document.querySelector(".histo .total")?.textContent === "200");
  await settled(page);
  assert.equal(params(page).get("q"), "Authorise severity:>=WARN");
  assert.equal(await page.locator(".lr .b mark").first().textContent(), "authorise");
  assert.equal(await page.locator(".lr[role=row]:not(.ERROR)").count(), 0);
  // levels that the search leaves out keep their counts
  await page.locator(".facet li", { hasText: /INFO\s*1,000/ }).waitFor();
  await close(page);
});

test("facets write the search text", async () => {
  const page = await open(browser, logs());
  await settled(page);
  const value = (name) => page.locator(".facet li", { hasText: name });
  await value("payment").click();
  await page.waitForURL(/q=service:payment$/);
  await value("cart").click();
  await page.waitForURL(/q=service:payment,cart$/);
  await settled(page);
  assert.equal(await page.inputValue("#search"), "service:payment,cart");
  await page.waitForFunction(() => document.querySelector(".histo .total")?.textContent === "640");
  assert.equal(await value("cart").getAttribute("aria-checked"), "true");
  assert.equal(await value("gateway").getAttribute("aria-checked"), "false");
  await value("ERROR").click();
  await value("FATAL").click();
  await page.waitForURL(/severity/);
  assert.equal(await page.inputValue("#search"), "service:payment,cart severity:>=ERROR");
  await value("payment").click();
  await value("cart").click();
  await page.waitForURL((url) => url.searchParams.get("q") === "severity:>=ERROR");
  await close(page);
});

test("dragging over the histogram zooms, Back returns", async () => {
  const page = await open(browser, logs());
  await settled(page);
  const before = page.url();
  const box = await page.locator(".bars").boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  assert.match(await page.textContent(".bars .tooltip"), /lines/);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 5 });
  assert.equal(await page.locator(".bars .shade").count(), 1);
  await page.mouse.up();
  await page.waitForURL(/from=.*&to=/);
  await settled(page);
  const zoomed = await total(page);
  assert.ok(zoomed > 100 && zoomed < 600, `${zoomed} lines in a fifth of the window`);
  const [from, to] = ["from", "to"].map((name) => Date.parse(params(page).get(name)));
  assert.ok(to - from >= 5 * 60_000 && to - from <= 8 * 60_000, `${(to - from) / 60_000} minutes`);
  await page.goBack();
  assert.equal(page.url(), before);
  await page.waitForFunction((lines) => Number(document.querySelector(".histo .total")?.textContent.replace(",", "")) > lines - 60, LINES);
  // a click takes one bar
  await page.mouse.click(box.x + box.width * 0.5, box.y + 40);
  await page.waitForURL(/from=.*&to=/);
  assert.equal(Date.parse(params(page).get("to")) - Date.parse(params(page).get("from")), 60_000);
  await close(page);
});

test("the histogram can be read as a table", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.getByRole("button", { name: "as table" }).click();
  const sums = await page.locator(".histo-table tbody tr td:last-child").allTextContents();
  assert.equal(sums.reduce((sum, text) => sum + Number(text), 0), LINES);
  await accessible(page, "histogram as a table");
  await page.locator(".histo-table tbody button").nth(2).click();
  await page.waitForURL(/from=.*&to=/);
  await close(page);
});

test("details show every field, filter in and out, and copy", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.locator(".lr.ERROR").first().click();
  await page.waitForSelector(".drawer .msg");
  const entry = page.locator(".drawer .attr", { hasText: "error.type" });
  assert.match(await entry.textContent(), /pool_timeout/);
  await entry.hover();
  await entry.getByRole("button", { name: "Copy error.type" }).click();
  await page.waitForSelector(".toast");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "pool_timeout");
  await page.getByRole("tab", { name: "JSON" }).click();
  const json = JSON.parse(await page.textContent(".drawer .code"));
  assert.equal(json.attributes["error.type"], "pool_timeout");
  assert.equal(json.severity_number, 17);
  await page.getByRole("tab", { name: "Fields" }).click();
  await entry.hover();
  await entry.getByRole("button", { name: "Only lines with error.type" }).click();
  await page.waitForURL(/q=error.type:pool_timeout/);
  await page.waitForFunction(() => document.querySelector(".histo .total")?.textContent === "200");
  const service = page.locator(".drawer .attr", { has: page.locator(".k", { hasText: /^service$/ }) });
  await service.hover();
  await service.getByRole("button", { name: "Without lines with service" }).click();
  await page.waitForFunction(() => document.querySelector(".histo .total")?.textContent === "160");
  assert.match(await page.inputValue("#search"), /^error.type:pool_timeout -service:\w+$/);
  await close(page);
});

test("a link to a line opens it, however far down it is", async () => {
  const first = await open(browser, logs());
  await settled(first);
  const list = first.getByRole("grid");
  await list.evaluate((element) => (element.scrollTop = 28 * 1200));
  const row = first.locator("#line-1205 .b");
  await row.waitFor();
  const body = await row.textContent();
  await row.click();
  await first.waitForSelector(".drawer .msg");
  await first.getByRole("button", { name: "Copy link to this view" }).click();
  await first.waitForSelector(".toast");
  const link = await first.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /from=.*&to=.*&row=/, "relative ranges are fixed in a link");
  await close(first);

  const second = await open(browser, link);
  await settled(second);
  await second.waitForSelector(".lr.on");
  assert.ok(body.startsWith(await second.textContent(".drawer .msg")));
  assert.equal(await second.getAttribute(".lr.on", "id"), "line-1205");
  await second.waitForFunction(() => {
    const row = document.querySelector(".lr.on").getBoundingClientRect();
    const list = document.querySelector(".rows").getBoundingClientRect();
    return row.top >= list.top && row.bottom <= list.bottom;
  });
  await second.getByRole("button", { name: "Close" }).click();
  await second.waitForSelector(".drawer", { state: "detached" });
  await second.goBack();
  await second.waitForSelector(".drawer .msg");
  await close(second);
});

test("the picker takes presets, fixed times and a zone", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.click("#time-picker");
  await accessible(page, "time picker");
  await page.getByRole("button", { name: "Last 5 min" }).click();
  await page.waitForURL(/from=now-5m/);
  await page.waitForFunction(() => Number(document.querySelector(".histo .total")?.textContent) <= 300);
  await page.click("#time-picker");
  await page.fill("#time-from", "yesterday");
  await page.getByRole("button", { name: "Apply" }).click();
  assert.match(await page.textContent("#time-hint"), /start is not a time/);
  await page.fill("#time-from", "2026-01-02 03:04");
  await page.fill("#time-to", "2026-01-02 05:00:30");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/from=2026-01-02T02:04:00Z&to=2026-01-02T04:00:30Z/, undefined, "Berlin is an hour ahead of UTC");
  await page.click("#time-picker");
  await page.getByRole("button", { name: "UTC" }).click();
  assert.match(await page.textContent("#time-picker"), /02:04 – 2026|02:04 – 04:00|Jan 02 02:04 – 04:00/);
  assert.match(await page.textContent("#time-picker"), /UTC/);
  await page.keyboard.press("Escape");
  await page.waitForSelector("#time-menu", { state: "detached" });
  await close(page);
});

test("the page shows the SQL it ran, which answers the same when asked directly", async () => {
  const page = await open(browser, logs({ q: "service:cart severity:ERROR" }));
  await settled(page);
  await page.getByRole("button", { name: "SQL" }).click();
  const sql = await page.textContent("#sql-menu .code");
  assert.match(sql, /WHERE search\('service:cart severity:ERROR'\)/);
  const response = await fetch(`${lincei.url}/api/v1/sql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sql, from: "now-30m" }),
  });
  const answer = await response.json();
  assert.equal(answer.rows.length, await total(page));
  await accessible(page, "SQL");
  await close(page);
});

test("a line with thousands of attributes opens at once, and they are filtered", async () => {
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`key.${i}`, `value ${i}`]));
  await lincei.send([{ time: new Date().toISOString(), level: "info", service: "many", message: "so many", ...many }]);
  const page = await open(browser, `${lincei.url}/logs?q=service:many`);
  await settled(page);
  await page.locator(".lr[role=row]").first().click();
  await page.waitForSelector(".drawer .msg");
  assert.ok((await page.locator(".drawer .attr").count()) < 150);
  await page.getByRole("button", { name: "Show 100 more of 2,900" }).click();
  await page.getByRole("button", { name: "Show 100 more of 2,800" }).waitFor();
  await page.getByRole("searchbox", { name: "Filter these" }).fill("KEY.2999");
  await page.waitForFunction(() => document.querySelectorAll(".entries-filter ~ .attr").length === 1);
  assert.match(await page.textContent(".entries-filter ~ .attr"), /key\.2999\s*value 2999/);
  await accessible(page, "filtered attributes");
  await page.getByRole("tab", { name: "JSON" }).click();
  await page.getByRole("button", { name: /^Show 400 more/ }).waitFor();
  await close(page);
});

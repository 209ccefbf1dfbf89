// The SQL page against the real server: running, its four states, table, plan, history, saved queries,
// download, links, keyboard, themes and widths.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
  await lincei.send(shop(600));
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const BY_SERVICE = "SELECT service, count(*) AS lines\nFROM logs\nGROUP BY service\nORDER BY lines DESC, service";
const link = (sql, more = {}) => `${lincei.url}/sql?${new URLSearchParams({ ...(sql ? { sql } : {}), ...more })}`;
const ready = (page) => page.waitForSelector(".sql-result[aria-busy=false] [role=gridcell]");
const column = (page, place) => page.locator(`.sql-drawn [role=gridcell]:nth-child(${place + 2})`).allTextContents();
const editor = (page) => page.getByRole("textbox", { name: "Statement" });
const write = async (page, sql) => {
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(sql);
};

test("it begins with examples, each of which runs", async () => {
  for (const theme of ["dark", "light"]) {
    const page = await open(browser, link(""), { theme });
    await page.getByRole("heading", { name: "Ask in SQL" }).waitFor();
    await page.locator(".sql-keys li").first().waitFor();
    await accessible(page, `start, ${theme}`);
    assert.equal(params(page).get("sql"), null);
    await close(page);
  }
  const page = await open(browser, link(""));
  const names = await page.locator("[data-example]").evaluateAll((all) => all.map((one) => one.dataset.example));
  assert.equal(names.length, 6);
  for (const name of names) {
    await page.goto(link(""));
    await page.evaluate(() => localStorage.clear());
    await page.locator(`[data-example=${name}]`).click();
    await page.waitForSelector(".sql-result[aria-busy=false]");
    assert.equal(await page.locator(".state[role=alert]").count(), 0, name);
    await page.waitForSelector(".sql-result :is([role=gridcell], .state[role=status])");
  }
  await close(page);
});

test("data: by the keyboard alone, in both themes and at both widths", async () => {
  for (const [theme, width, height] of [["dark", 1440, 900], ["light", 1440, 900], ["dark", 1024, 768], ["light", 1024, 768]]) {
    const page = await open(browser, link(""), { theme, width, height });
    await editor(page).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.insertText(BY_SERVICE);
    await page.keyboard.press("Control+Enter");
    await ready(page);
    assert.deepEqual(await column(page, 0), ["cart", "checkout", "gateway", "payment", "storefront"]);
    assert.equal(params(page).get("sql"), BY_SERVICE);
    await accessible(page, `data, ${theme}, ${width}`);
    await page.locator("#sql-grid").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getAttribute("#sql-grid", "aria-activedescendant"), "cell-1-1");
    await page.keyboard.press("Control+c");
    await page.getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "120");
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Value" }).waitFor();
    await accessible(page, `value, ${theme}, ${width}`);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(beyond <= 0, `the page is ${beyond} px too wide`);
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector(".drawer"));
    await close(page);
  }
});

test("a link runs, a draft does not, and Back returns to the statement before", async () => {
  const page = await open(browser, link(BY_SERVICE));
  await ready(page);
  await write(page, "SELECT 42 AS answer");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("gridcell", { name: "42" }).waitFor();
  await page.goBack();
  await page.getByRole("gridcell", { name: "storefront" }).waitFor();
  assert.equal(params(page).get("sql"), BY_SERVICE);
  const asked = [];
  page.on("request", (request) => request.url().endsWith("/api/v1/sql") && asked.push(request.postDataJSON().sql));
  await page.goto(link(""));
  await page.getByRole("heading", { name: "Ask in SQL" }).waitFor();
  await page.locator(".sql-tree li").first().waitFor();
  assert.ok(asked.every((sql) => sql.includes("information_schema")), `${asked}`);
  await close(page);
});

test("a long statement runs, and the page says that its link does not hold it", async () => {
  const page = await open(browser, link(""));
  await page.getByRole("heading", { name: "Ask in SQL" }).waitFor();
  await write(page, `SELECT 7 AS n -- ${"x".repeat(4100)}`);
  await page.keyboard.press("Control+Enter");
  await page.getByRole("gridcell", { name: "7" }).waitFor();
  await page.getByText("longer than 4 KiB").waitFor();
  assert.equal(params(page).get("sql"), null);
  await close(page);
});

test("time range and bound on rows go with the statement", async () => {
  const bodies = [];
  const page = await open(browser, "about:blank");
  page.on("request", (request) => request.url().endsWith("/api/v1/sql") && bodies.push(request.postDataJSON()));
  await page.goto(link("SELECT body FROM logs", { from: "now-5m", limit: "100" }));
  await ready(page);
  const asked = bodies.find((body) => body.sql === "SELECT body FROM logs");
  assert.equal(asked.limit, 100);
  assert.equal(new Date(asked.to) - new Date(asked.from), 300_000);
  await page.getByText("Time range: Last 5 min").waitFor();
  await page.locator(".sql-foot").getByText("100 rows", { exact: true }).waitFor();
  await page.getByText("more rows exist").waitFor();
  await page.getByRole("button", { name: "Show up to 1,000" }).click();
  await page.waitForFunction(() => !document.querySelector(".sql-foot .badge.warn"));
  assert.equal(params(page).get("limit"), null, "1,000 is the default");
  await close(page);
});

test("loading: outline, after a second progress, Escape cancels", async () => {
  const page = await open(browser, "about:blank");
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/api/v1/sql", async (route) => {
    if (route.request().postData().includes("information_schema")) return route.continue();
    await held;
    await route.continue().catch(() => {});
  });
  await page.goto(link(BY_SERVICE));
  await page.waitForSelector(".sql-outline");
  assert.equal(await page.locator(".strip").count(), 0, "no progress in the first second");
  await page.waitForSelector(".sql-result .strip");
  await accessible(page, "loading");
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Cancelled" }).waitFor();
  release();
  await page.getByRole("button", { name: "Run again" }).click();
  await ready(page);
  await page.getByRole("button", { name: "History" }).click();
  assert.equal(await page.locator(".sql-entry").count(), 1, "the same statement is listed once");
  await close(page);
});

test("Escape ends what runs from within the editor, too", async () => {
  const page = await open(browser, link(""));
  await page.locator(".sql-keys li").first().waitFor();
  await page.route("**/api/v1/sql", () => {});
  await write(page, "SELECT 1");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".sql-result .strip");
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Cancelled" }).waitFor();
  await close(page);
});

test("empty: says why, and offers a longer range", async () => {
  const page = await open(browser, link("SELECT body FROM logs WHERE service = 'nobody'"));
  await page.getByRole("heading", { name: "No rows" }).waitFor();
  await accessible(page, "empty");
  await page.getByRole("button", { name: "Last 1 h" }).click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get("from") === "now-1h");
  await page.getByRole("heading", { name: "No rows" }).waitFor();
  await close(page);
});

test("error: told with its place, to which the editor goes", async () => {
  const page = await open(browser, link("SELECT service,\n  nope\nFROM logs"));
  await page.getByRole("heading", { name: "The query is not valid" }).waitFor();
  await accessible(page, "error");
  await page.getByRole("button", { name: "Line 2, column 3" }).waitFor();
  await page.getByRole("button", { name: "Go to the place" }).click();
  await page.keyboard.press("Control+Delete");
  await page.keyboard.insertText("body");
  await page.keyboard.press("Control+Enter");
  await ready(page);
  assert.match(params(page).get("sql"), /body/);
  await close(page);
});

test("error: what changes something is refused, a server that is away is told", async () => {
  const page = await open(browser, link("DELETE FROM logs"));
  await page.locator(".state[role=alert]").waitFor();
  await page.route("**/api/v1/sql", (route) => route.abort());
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByRole("heading", { name: "The server did not answer" }).waitFor();
  await page.unroute("**/api/v1/sql");
  await close(page);
});

test("the table: null, order by a head, a hundred thousand rows", async () => {
  const rows = "SELECT value AS n, CASE WHEN value % 3 = 0 THEN NULL ELSE 'x' || value END AS name FROM generate_series(1, 100000) ORDER BY n";
  const page = await open(browser, link(rows, { limit: "100000" }));
  await ready(page);
  assert.equal((await column(page, 1))[2], "null");
  assert.equal(await page.locator(".sql-drawn [role=gridcell].null").first().textContent(), "null");
  assert.ok((await page.locator(".sql-drawn .sql-row").count()) < 80, "only what is in view is drawn");
  const head = page.getByRole("columnheader", { name: /^n int/ });
  await head.getByRole("button").click();
  await head.getByRole("button").click();
  await page.waitForSelector("[role=columnheader][aria-sort=descending]");
  await page.getByRole("gridcell", { name: "100000", exact: true }).waitFor();
  await page.evaluate(() => document.getElementById("sql-grid").scrollTo(0, 1e9));
  await page.getByRole("gridcell", { name: "1", exact: true }).waitFor();
  await close(page);
});

test("the chart that suits is drawn, another is chosen, and a link restores it", async () => {
  const page = await open(browser, link("SELECT date_bin(INTERVAL '1 minute', time) AS minute, service, count(*) AS lines FROM logs GROUP BY 1, 2", { tab: "chart" }));
  await page.waitForSelector(".sql-chart figure.chart canvas");
  assert.equal(await page.getByRole("button", { name: "Lines", exact: true }).getAttribute("aria-pressed"), "true");
  await page.locator(".sql-chart").getByText("storefront", { exact: true }).first().waitFor();
  await accessible(page, "chart");
  await page.getByRole("button", { name: "Bars", exact: true }).click();
  assert.equal(params(page).get("chart"), "bars:1:2:");
  await page.reload();
  await page.waitForSelector(".sql-tools");
  assert.equal(await page.getByRole("button", { name: "Bars", exact: true }).getAttribute("aria-pressed"), "true");
  await page.getByRole("button", { name: "Choose for me" }).click();
  assert.equal(params(page).get("chart"), null);
  await page.goto(link("SELECT count(*) AS lines FROM logs", { tab: "chart" }));
  await page.locator(".sql-chart .stat").waitFor();
  await page.goto(link("SELECT body FROM logs LIMIT 5", { tab: "chart" }));
  await page.getByRole("heading", { name: "Nothing to draw" }).waitFor();
  await close(page);
});

test("the editor completes tables, columns, keys and functions", async () => {
  const page = await open(browser, link(""));
  await page.locator(".sql-keys li").first().waitFor();
  await write(page, "SELECT  FROM logs");
  for (let at = 0; at < 10; at++) await page.keyboard.press("ArrowLeft");
  await page.keyboard.type("sev");
  await page.getByRole("option", { name: /^severity_number/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.type("erity, ord");
  await page.getByRole("option", { name: /^order\.id/ }).click();
  await page.waitForFunction(() => localStorage.getItem("lincei.sql.draft")?.includes("attributes['order.id']"));
  await close(page);
});

test("the plan is shown on demand, and measured", async () => {
  const page = await open(browser, link(BY_SERVICE));
  await ready(page);
  await page.getByRole("tab", { name: "Plan" }).click();
  await page.getByRole("heading", { name: "Physical plan" }).waitFor();
  assert.equal(params(page).get("tab"), "plan");
  assert.ok((await page.locator(".sql-step").count()) > 3);
  await page.getByRole("button", { name: "Measured" }).click();
  await page.getByText("Rows out").waitFor();
  await accessible(page, "plan");
  await close(page);
});

test("tables and keys: filtered, and put into the statement", async () => {
  const page = await open(browser, link(""), { width: 1024, height: 768 });
  await page.getByRole("heading", { name: "Ask in SQL" }).waitFor();
  await editor(page).waitFor();
  await page.getByRole("button", { name: "Tables and columns" }).click();
  await page.getByRole("searchbox", { name: "Filter names" }).fill("order");
  await page.getByRole("button", { name: "order.id" }).click();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.insertText("SELECT ");
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText(" AS o FROM logs LIMIT 3");
  await page.keyboard.press("Control+Enter");
  await ready(page);
  assert.equal(params(page).get("sql"), "SELECT attributes['order.id'] AS o FROM logs LIMIT 3");
  assert.match((await column(page, 0))[0], /^A-\d+/);
  await close(page);
});

test("history: searched, and restored without being run", async () => {
  const page = await open(browser, link("SELECT 1 AS one"));
  await ready(page);
  await write(page, "SELECT nope");
  await page.keyboard.press("Control+Enter");
  await page.locator(".state[role=alert]").waitFor();
  await page.getByRole("button", { name: "History" }).click();
  const entries = page.locator(".sql-entry");
  assert.equal(await entries.count(), 2);
  assert.match(await entries.first().textContent(), /failed/);
  await accessible(page, "history");
  await page.getByRole("searchbox", { name: "Search the history" }).fill("ONE");
  assert.equal(await entries.count(), 1);
  await entries.first().click();
  await page.waitForFunction(() => document.querySelector(".editor-errors li") === null);
  assert.match(params(page).get("sql"), /nope/, "it was not run");
  await page.keyboard.press("Control+Enter");
  await ready(page);
  await close(page);
});

test("saved queries: saved, opened by link, updated, deleted", async () => {
  const page = await open(browser, link(BY_SERVICE));
  await ready(page);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill("Lines by service");
  await accessible(page, "save");
  await page.keyboard.press("Enter");
  await page.getByText("Saved “Lines by service”").waitFor();
  const id = params(page).get("saved");
  assert.ok(id);
  await page.goto(link("", { saved: id }));
  await page.locator(".sql-saved-name", { hasText: "Lines by service" }).waitFor();
  await editor(page).waitFor();
  assert.equal(await page.locator(".sql-result").count(), 0, "it is not run by itself");
  await page.keyboard.press("/");
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText("\nLIMIT 2");
  await page.getByText("changed", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Update “Lines by service”" }).click();
  await page.getByText("Saved “Lines by service”").waitFor();
  const answer = await (await fetch(`${lincei.url}/api/v1/saved/${id}`)).json();
  assert.equal(answer.version, 2);
  assert.ok(answer.content.sql.endsWith("LIMIT 2"));
  await page.getByRole("button", { name: "Saved queries" }).click();
  await page.getByRole("button", { name: "Delete Lines by service" }).click();
  await accessible(page, "delete");
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.getByRole("heading", { name: "No saved queries" }).waitFor();
  await close(page);
});

test("download: the server's own forms", async () => {
  const page = await open(browser, link("SELECT 1 AS a, 'x' AS b"));
  await ready(page);
  for (const [name, extension, begins] of [["CSV", "csv", "a,b"], ["NDJSON", "ndjson", "{\"a\":1"]]) {
    await page.getByRole("button", { name: "Download" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator(".sql-download .menu-item", { hasText: name }).first().click(),
    ]);
    assert.match(download.suggestedFilename(), new RegExp(`^lincei-\\d{4}-\\d\\d-\\d\\d-\\d{6}\\.${extension}$`));
    assert.ok((await readFile(await download.path(), "utf8")).startsWith(begins));
  }
  await close(page);
});

test("in Chinese, too", async () => {
  const page = await open(browser, link(""));
  await page.evaluate(() => localStorage.setItem("lincei.language", "zh-CN"));
  await page.goto(link(BY_SERVICE));
  await ready(page);
  await page.getByRole("button", { name: "运行", exact: true }).waitFor();
  await page.getByRole("tab", { name: "执行计划" }).waitFor();
  await page.locator('.editor[title^="按 Ctrl"]').waitFor();
  await close(page);
});

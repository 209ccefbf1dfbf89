// Dashboards: the list, one of them in all its states, moving panels by pointer and by keyboard, saving,
// versions, conflicts, drafts, variables, import.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params } from "./support/browser.mjs";
import { Lincei, shop, shopDashboard } from "./support/lincei.mjs";

let lincei;
let browser;

before(async () => {
  [lincei, browser] = await Promise.all([Lincei.start(), launch()]);
  await lincei.send(shop(1500));
});

after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const save = (name, content = shopDashboard()) => lincei.save("dashboard", name, content);
const saved = async (id) => (await fetch(`${lincei.url}/api/v1/saved/${id}`)).json();
const show = (id, search = "", options = {}) => open(browser, `${lincei.url}/dashboards/${id}${search}`, options);
const card = (page, id) => page.locator(`[data-panel="${id}"]`);
const cells = (page, id) => card(page, id).locator("tbody tr td:first-child").allTextContents();
const loaded = async (page) => {
  await card(page, "c").locator("tbody tr").first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".card-body.stale"));
};
const menu = async (page, title, entry) => {
  await page.getByRole("button", { name: `Menu of ${title}` }).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
};

test("a list that is empty leads to the first dashboard by template", async () => {
  const page = await open(browser, `${lincei.url}/dashboards`);
  await page.getByText("No dashboards yet").waitFor();
  await accessible(page, "the empty list");
  await page.getByRole("button", { name: "Create Logs by service" }).click();
  await page.waitForURL(/\/dashboards\/.+/);
  await page.getByRole("heading", { name: "Lines by severity" }).waitFor();
  await page.locator(".card-body canvas, .card-body svg").first().waitFor();
  assert.equal(await page.locator(".card .state [role=alert], .card [role=alert]").count(), 0, "a panel failed");
  await close(page);
});

test("the list is searched, and its dashboards are copied and deleted", async () => {
  await save("Night shift");
  const page = await open(browser, `${lincei.url}/dashboards`);
  await page.getByRole("link", { name: "Night shift" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("NIGHT");
  assert.equal(params(page).get("q"), "NIGHT");
  assert.equal(await page.locator("tbody tr").count(), 1);
  await page.getByRole("button", { name: "Duplicate Night shift" }).click();
  await page.getByRole("link", { name: "Night shift (copy)" }).waitFor();
  await page.getByRole("button", { name: "Delete Night shift (copy)" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("link", { name: "Night shift (copy)" }).waitFor({ state: "detached" });
  await page.getByRole("searchbox").fill("nowhere");
  await page.getByText("No dashboard is called").waitFor();
  await close(page);
});

test("a file with a mistake names its place, and a good one is imported", async () => {
  const page = await open(browser, `${lincei.url}/dashboards`);
  await page.getByRole("button", { name: "Import" }).click();
  const content = { ...shopDashboard(), name: "From a file" };
  content.panels[1].at.w = 30;
  await page.getByLabel("JSON", { exact: true }).fill(JSON.stringify(content));
  await page.getByText("panels[1].at.w: this has to be within 1–24.").waitFor();
  const dialog = page.getByRole("dialog");
  assert.ok(await dialog.getByRole("button", { name: "Import" }).isDisabled());
  content.panels[1].at.w = 12;
  const buffer = Buffer.from(JSON.stringify(content));
  await page.locator("input[type=file]").setInputFiles({ name: "d.json", mimeType: "application/json", buffer });
  await page.getByText("Reads well: 5 panels, 1 variables").waitFor();
  await accessible(page, "the import dialog");
  await dialog.getByRole("button", { name: "Import" }).click();
  await page.getByRole("heading", { name: "From a file" }).waitFor();
  await loaded(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Export as JSON" }).click();
  const exported = JSON.parse(await readFile(await (await download).path(), "utf8"));
  assert.deepEqual(exported, content);
  await close(page);
});

test("a list and a dashboard that cannot be loaded say why, and try again", async () => {
  const { id } = await save("Broken road");
  const page = await open(browser, "about:blank");
  let broken = true;
  const refuse = { status: 503, contentType: "application/problem+json", body: JSON.stringify({ title: "unavailable", status: 503, code: "unavailable", detail: "starting", retryable: true }) };
  await page.route(/\/api\/v1\/saved/, (route) => (broken ? route.fulfill(refuse) : route.continue()));
  await page.goto(`${lincei.url}/dashboards`);
  await page.getByRole("alert").getByText("The server is not ready").waitFor();
  broken = false;
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByRole("link", { name: "Broken road" }).waitFor();
  broken = true;
  await page.goto(`${lincei.url}/dashboards/${id}`);
  await page.getByRole("alert").getByText("The server is not ready").waitFor();
  broken = false;
  await page.getByRole("button", { name: "Retry" }).click();
  await loaded(page);
  await page.goto(`${lincei.url}/dashboards/nothing-of-the-kind`);
  await page.getByText("This dashboard does not exist").waitFor();
  await close(page);
});

test("each panel has its own states", async () => {
  const content = shopDashboard();
  content.panels[0].query = { counts: "nothing-that-was-ever-said" };
  content.panels[1].query = { sql: "SELECT nonsense FROM logs" };
  content.panels[3].query = { lines: "service:$nobody" };
  content.panels[4].query = { sql: "SELECT service FROM logs" };
  const { id } = await save("States", content);
  const page = await open(browser, "about:blank");
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/api\/v1\/sql$/, async (route) => {
    if (route.request().postData().includes("ORDER BY 1")) await held;
    await route.continue();
  });
  await page.goto(`${lincei.url}/dashboards/${id}`);
  await card(page, "a").getByText("No data in this window").waitFor();
  await card(page, "b").getByRole("alert").getByText("The query is not valid").waitFor();
  await card(page, "d").getByText("There is no variable $nobody.").waitFor();
  await card(page, "e").getByText("The answer has no column of numbers.").waitFor();
  await card(page, "c").locator(".skeleton").first().waitFor();
  await card(page, "c").getByRole("button", { name: /Cancel/ }).waitFor();
  await accessible(page, "panels in their states");
  await card(page, "c").getByRole("button", { name: /Cancel/ }).click();
  await card(page, "c").getByText("Cancelled").waitFor();
  release();
  await card(page, "c").getByRole("button", { name: "Run again" }).click();
  await card(page, "c").locator("tbody tr").first().waitFor();
  await close(page);
});

test("variables are in the link and in every question", async () => {
  const { id } = await save("Variables");
  const page = await show(id, "?var.service=cart");
  await loaded(page);
  assert.deepEqual(await cells(page, "c"), ["cart"]);
  await page.getByRole("button", { name: /^Service/ }).click();
  await page.locator(".variable-menu").getByRole("button", { name: "payment" }).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-panel="c"] tbody tr').length === 2);
  assert.equal(params(page).get("var.service"), "cart,payment");
  await page.keyboard.press("Escape");
  await page.locator(".variable-menu").waitFor({ state: "detached" });
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll('[data-panel="c"] tbody tr').length === 1);
  await page.getByRole("button", { name: "Share" }).click();
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  assert.equal(link.searchParams.get("var.service"), "cart");
  assert.match(link.searchParams.get("from"), /^\d{4}-/);
  await close(page);
});

test("panels are moved and resized by keyboard, announced, and saved", async () => {
  const { id } = await save("Keyboard");
  const page = await show(id, "?edit=1");
  await loaded(page);
  const grip = page.getByRole("button", { name: "Move By level" });
  await grip.focus();
  await page.keyboard.press("Enter");
  const told = page.locator(".board > [role=status]");
  assert.match(await told.textContent(), /Moving By level, column 1, row 1, 12 columns wide, 8 rows high/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+ArrowLeft");
  assert.match(await told.textContent(), /column 1, row 9, 11 columns wide/);
  await page.keyboard.press("Escape");
  assert.match(await told.textContent(), /put back/);
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.match(await told.textContent(), /put down at column 1, row 9/);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  const { content, version } = await saved(id);
  assert.equal(version, 2);
  assert.deepEqual(content.panels.map(({ id: panel, at: { x, y } }) => [panel, x, y]).slice(0, 3), [["a", 0, 8], ["b", 12, 0], ["c", 0, 0]]);
  await close(page);
});

test("panels are moved and resized by pointer", async () => {
  const { id } = await save("Pointer");
  const page = await show(id, "?edit=1");
  await loaded(page);
  const grip = await page.getByRole("button", { name: "Move By level" }).boundingBox();
  const other = await card(page, "b").boundingBox();
  await page.mouse.move(grip.x + 8, grip.y + 8);
  await page.mouse.down();
  await page.mouse.move(other.x + 20, grip.y + 8, { steps: 8 });
  await page.locator(".slot").waitFor();
  await page.mouse.up();
  const corner = await card(page, "c").locator(".corner").boundingBox();
  await page.mouse.move(corner.x + 8, corner.y + 8);
  await page.mouse.down();
  await page.mouse.move(corner.x + 8, corner.y + 8 + 80, { steps: 4 });
  await page.mouse.up();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  const { content } = await saved(id);
  const place = (panel) => content.panels.find((known) => known.id === panel).at;
  assert.deepEqual(place("a"), { x: 12, y: 0, w: 12, h: 8 });
  assert.deepEqual(place("b"), { x: 12, y: 8, w: 12, h: 8 });
  assert.equal(place("c").h, 10);
  await close(page);
});

// By keys, which the editor takes: filled in, Chromium would carry over the style of what is replaced, which the
// page's policy forbids and the console tells.
async function write(page, editor, text) {
  await editor.press("Control+a");
  await editor.press("Delete");
  await page.keyboard.insertText(text);
}

test("a panel is made with a preview that shows mistakes at their place", async () => {
  const { id } = await save("Editor");
  const page = await show(id);
  await loaded(page);
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Add panel" }).click();
  await page.locator("#panel-title").fill("Busiest");
  await page.locator("#panel-kind").selectOption("2");
  const statement = page.getByRole("textbox", { name: "Statement" });
  await write(page, statement, "SELECT service,\n  nonsense FROM logs");
  await page.getByRole("button", { name: "Line 2, column 3" }).waitFor();
  await accessible(page, "the editor with a mistake");
  await write(page, statement, "SELECT service, count(*) AS lines FROM logs GROUP BY 1 ORDER BY 2 DESC");
  await page.locator("#panel-view").selectOption("bars");
  await page.locator(".preview .bar-row").first().waitFor();
  await page.locator(".board-form-foot").getByRole("button", { name: "Add panel" }).click();
  await page.getByRole("heading", { name: "Busiest" }).waitFor();
  await menu(page, "Busiest", "Remove");
  await page.getByRole("heading", { name: "Busiest" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("heading", { name: "Busiest" }).waitFor();
  await close(page);
});

test("changes that are not saved outlive the page, and can be discarded", async () => {
  const { id } = await save("Draft");
  const page = await show(id, "?edit=1");
  await loaded(page);
  await menu(page, "Counts", "Duplicate");
  await page.getByRole("heading", { name: "Counts (copy)" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.getByText("The unsaved changes to Draft are kept in this browser").waitFor();
  await page.goto(`${lincei.url}/dashboards/${id}`);
  await page.getByText("These are your unsaved changes").waitFor();
  await page.getByRole("heading", { name: "Counts (copy)" }).waitFor();
  await page.getByRole("button", { name: "Discard changes" }).click();
  await page.getByRole("heading", { name: "Counts (copy)" }).waitFor({ state: "detached" });
  await close(page);
});

test("when somebody else has saved, nothing is overwritten", async () => {
  const { id } = await save("Shared");
  const page = await show(id, "?edit=1");
  await loaded(page);
  await menu(page, "Counts", "Duplicate");
  await fetch(`${lincei.url}/api/v1/saved/${id}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Shared, theirs", content: shopDashboard(), version: 1 }),
  });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("saved this dashboard").waitFor();
  await accessible(page, "a conflict");
  await page.getByRole("button", { name: "Save mine as a copy" }).click();
  await page.getByRole("heading", { name: "Shared (my changes)" }).waitFor();
  assert.equal((await saved(id)).name, "Shared, theirs");
  await close(page);
});

test("older versions are looked at and restored", async () => {
  const { id } = await save("Past");
  const content = shopDashboard();
  content.panels = content.panels.slice(2, 3);
  await fetch(`${lincei.url}/api/v1/saved/${id}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Past", content, version: 1 }),
  });
  const page = await show(id);
  await loaded(page);
  assert.equal(await page.locator(".card").count(), 1);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Versions" }).click();
  await page.getByRole("button", { name: /^Version 1/ }).click();
  await page.getByText("This is version 1, to look at only.").waitFor();
  assert.equal(params(page).get("version"), "1");
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 5);
  await accessible(page, "an older version");
  await page.getByRole("button", { name: "Restore this version" }).click();
  await page.getByText("Version 1 restored").waitFor();
  assert.equal((await saved(id)).version, 3);
  assert.equal(params(page).get("version"), null);
  await close(page);
});

test("one panel over the whole page, full screen and refresh are in the link", async () => {
  const { id } = await save("Links");
  const page = await show(id, "?refresh=30s");
  await loaded(page);
  assert.equal(await page.getByLabel("Refresh automatically").inputValue(), "30s");
  await menu(page, "Counts", "Full screen");
  assert.equal(params(page).get("panel"), "c");
  assert.equal(await page.locator(".card").count(), 1);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 5);
  await page.goto(`${lincei.url}/dashboards/${id}?full=1&panel=c`);
  await loaded(page);
  const box = await page.locator(".board-full").boundingBox();
  assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 1440, 900]);
  await page.goto(`${lincei.url}/dashboards/${id}?panel=zzz`);
  await page.getByText("This panel does not exist").waitFor();
  await close(page);
});

test("what panels show is saved as files, and leaves with the panel while keys are in it", async () => {
  const content = shopDashboard();
  content.panels[1] = { ...content.panels[1], query: { sql: "SELECT service, count(*) AS lines FROM logs GROUP BY 1 ORDER BY 1" }, view: "bars" };
  const { id } = await save("Files", content);
  const page = await show(id);
  await loaded(page);
  await card(page, "a").locator("canvas").waitFor();
  await card(page, "d").locator(".card-line").first().waitFor();
  const offered = async (title) => {
    await page.getByRole("button", { name: `Menu of ${title}` }).click();
    const names = await page.getByRole("menuitem").allTextContents();
    await page.keyboard.press("Escape");
    return names.filter((name) => name === "CSV" || name === "PNG").join(" ");
  };
  const titles = ["By level", "By service", "Counts", "Lines", "All"];
  const all = [];
  for (const title of titles) all.push(await offered(title));
  assert.deepEqual(all, ["CSV PNG", "CSV PNG", "CSV", "CSV", ""]);

  const file = async (title, kind) => {
    const download = page.waitForEvent("download");
    await menu(page, title, kind);
    const bytes = await readFile(await (await download).path());
    return { name: (await download).suggestedFilename(), bytes, lines: bytes.toString().trimEnd().split("\r\n") };
  };
  const services = ["cart", "checkout", "gateway", "payment", "storefront"];
  const counts = await file("Counts", "CSV");
  assert.match(counts.name, /^counts-\d{4}-\d\d-\d\dT.*Z\.csv$/);
  assert.equal(counts.lines[0], "service,lines");
  assert.deepEqual(counts.lines.slice(1).map((line) => line.split(",")[0]), services);
  await card(page, "c").getByRole("button", { name: "service" }).click();
  await card(page, "c").getByRole("button", { name: "service" }).click();
  const turned = (await file("Counts", "CSV")).lines.slice(1).map((line) => line.split(",")[0]);
  assert.deepEqual(turned, services.toReversed(), "in the order in which they are shown");
  const bars = await file("By service", "CSV");
  assert.deepEqual([bars.name, bars.lines[0], bars.lines.length], ["by-service.csv", "name,value", 6]);
  assert.match((await file("By level", "CSV")).lines[0], /^time,.*ERROR/);
  assert.match((await file("Lines", "CSV")).lines[1], /^\d{4}-\d\d-\d\dT[^,]+,ERROR,/);
  for (const title of ["By level", "By service"]) {
    assert.equal((await file(title, "PNG")).bytes.subarray(1, 4).toString(), "PNG", title);
  }
  await card(page, "a").getByRole("button", { name: "Table", exact: true }).click();
  assert.equal(await offered("By level"), "CSV", "a table is no picture");
  await card(page, "a").getByRole("button", { name: "Chart", exact: true }).click();

  await menu(page, "By level", "Full screen");
  const drawing = card(page, "a").getByRole("slider");
  await card(page, "a").locator("canvas").waitFor();
  await drawing.focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.querySelector(".tooltip"));
  assert.match(await drawing.getAttribute("aria-valuetext"), /total [\d,]+: /);
  await page.keyboard.press("Escape");
  await page.locator(".tooltip").waitFor({ state: "detached" });
  assert.equal(params(page).get("panel"), "a", "Escape first takes the crosshair away");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 5);
  await close(page);
});

test("panels below the view do not ask until they are seen", async () => {
  const content = shopDashboard();
  content.panels[2].at.y = 60;
  content.panels[2].at.h = 8;
  content.panels[0].at.h = 40;
  const { id } = await save("Far below", content);
  const page = await open(browser, "about:blank");
  const asked = [];
  page.on("request", (request) => request.url().endsWith("/sql") && asked.push(request.postData()));
  await page.goto(`${lincei.url}/dashboards/${id}`);
  await page.waitForFunction(() => document.querySelector('[data-panel="a"] .card-body:not(.stale)'));
  const counts = () => asked.filter((sql) => sql.includes("ORDER BY 1")).length;
  assert.equal(counts(), 0);
  await card(page, "c").scrollIntoViewIfNeeded();
  await card(page, "c").locator("tbody tr").first().waitFor();
  assert.equal(counts(), 1);
  await close(page);
});

for (const [theme, width, height] of [["dark", 1440, 900], ["light", 1024, 768]]) {
  test(`it is whole and accessible in ${theme} at ${width}`, async () => {
    const { id } = await save(`Look ${theme}`);
    const page = await show(id, "?edit=1", { theme, width, height });
    await loaded(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
    await accessible(page, `a dashboard in ${theme}`);
    await page.goto(`${lincei.url}/dashboards`);
    await page.getByRole("link", { name: `Look ${theme}` }).waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
    await accessible(page, `the list in ${theme}`);
    await close(page);
  });
}

// Charts and editor on the reference sheet of a page built without optimisation, whose address is
// in GALLERY_URL (`…/dev/components`). With PICTURES, a folder, pictures of it are put there.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { accessible, close, launch, open } from "../support/browser.mjs";

const url = process.env.GALLERY_URL;
const pictures = process.env.PICTURES;
let browser;
before(async () => {
  if (!url) throw new Error("GALLERY_URL has to name the reference sheet");
  browser = await launch();
});
after(() => browser?.close());

async function sheet(options) {
  const page = await open(browser, url, options);
  page.violations = [];
  page.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) page.violations.push(message.text());
  });
  await page.waitForSelector("#stacked-bars canvas");
  await page.waitForSelector("#many-series canvas");
  return page;
}

async function done(page) {
  assert.deepEqual(page.violations, []);
  await close(page);
}

const area = (page, part) => page.locator(`#${part} .u-over`).boundingBox();
const pressed = (page, part) => page.locator(`#${part} .legend-entry`).evaluateAll((all) => all.map((one) => one.ariaPressed === "true"));
const zoomed = async (page) => (await page.textContent("#zoomed")).split(" ").map((time) => Date.parse(time));

async function drag(page, part, from, to) {
  await page.locator(`#${part}`).scrollIntoViewIfNeeded();
  const { x, y, width, height } = await area(page, part);
  await page.mouse.move(x + width * from, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * (from + to) / 2, y + height / 2, { steps: 3 });
  await page.mouse.move(x + width * to, y + height / 2, { steps: 3 });
  await page.mouse.up();
}

test("dragging chooses a window: whole minutes over bars, any over lines, one call each", async () => {
  const page = await sheet();
  await drag(page, "stacked-bars", 0.25, 0.5);
  const [from, to] = await zoomed(page);
  const start = Date.parse("2026-11-22T02:06:00Z");
  assert.equal(from % 60_000, 0);
  assert.equal(to % 60_000, 0);
  assert.ok(Math.abs(from - start - 15 * 60_000) <= 60_000 && Math.abs(to - start - 30 * 60_000) <= 60_000, `${from} ${to}`);
  await drag(page, "lines", 0.75, 0.5);
  const lines = await zoomed(page);
  assert.ok(Math.abs(lines[0] - start - 30 * 60_000) < 60_000 && Math.abs(lines[1] - start - 45 * 60_000) < 60_000, `${lines}`);
  await page.locator("#heat-map").scrollIntoViewIfNeeded();
  const box = await page.locator("#heat-map .chart-plot").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 4 });
  await page.mouse.up();
  const heat = await zoomed(page);
  assert.ok(heat[0] % 60_000 === 0 && heat[1] > heat[0] && heat[0] !== lines[0]);
  await done(page);
});

test("hover tells every value, the greatest first, and moves the crosshair of the other charts", async () => {
  const page = await sheet();
  const { x, y, width, height } = await area(page, "lines");
  await page.mouse.move(x + width * 0.9, y + height / 2);
  await page.waitForSelector("#lines .tooltip");
  const names = await page.locator("#lines .tooltip .tip-row .ell").allTextContents();
  assert.deepEqual(names, ["p99", "p95", "p50"]);
  assert.match(await page.textContent("#lines .tooltip .tip-row"), /04:00:00/, "in the reader's zone");
  assert.equal(await page.locator(".tooltip:not([style*='position: static'])").count(), 1, "only here");
  const at = async (part) => (await page.locator(`#${part} .u-cursor-x`).boundingBox()).x - (await area(page, part)).x;
  const share = async (part) => (await at(part)) / (await area(page, part)).width;
  assert.ok(Math.abs((await share("lines")) - (await share("area"))) < 0.01, "shared crosshair");
  await page.mouse.move(5, 5);
  await page.waitForSelector("#lines .tooltip", { state: "detached" });
  await done(page);
});

test("the legend filters, by mouse and by keyboard", async () => {
  const page = await sheet();
  const entry = (place) => page.locator("#stacked-bars .legend-entry").nth(place);
  await entry(1).click();
  assert.deepEqual(await pressed(page, "stacked-bars"), [false, true, false, false]);
  await entry(1).click();
  assert.deepEqual(await pressed(page, "stacked-bars"), [true, true, true, true]);
  await entry(0).click({ modifiers: ["Control"] });
  assert.deepEqual(await pressed(page, "stacked-bars"), [false, true, true, true]);
  await entry(0).focus();
  await page.keyboard.press("Control+Enter");
  assert.deepEqual(await pressed(page, "stacked-bars"), [true, true, true, true]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.deepEqual(await pressed(page, "stacked-bars"), [false, true, false, false]);
  await page.keyboard.press("Shift+Space");
  assert.deepEqual(await pressed(page, "stacked-bars"), [true, true, true, true], "the last one taken out brings back all");
  assert.ok(await entry(1).evaluate((button) => button === document.activeElement), "the focus stays");
  await done(page);
});

const reading = (page, part) => page.locator(`#${part} [role=slider]`).getAttribute("aria-valuetext");
const keys = async (page, ...names) => {
  for (const name of names) await page.keyboard.press(name);
};

test("keys move the crosshair, which is read out and shared as that of the pointer", async () => {
  const page = await sheet();
  const tip = page.locator("#lines .tooltip");
  await page.locator("#lines [role=slider]").focus();
  assert.match(await reading(page, "lines"), /^Left and Right move the crosshair/);
  assert.equal(await tip.count(), 0, "nothing before a key");
  await keys(page, "End");
  await tip.waitFor();
  assert.match(await reading(page, "lines"), /04:05:00: p99 2\.\d+ s, p95 \d+ ms, p50 [\d.]+ ms$/, "the greatest first, in the reader's zone");
  assert.deepEqual(await tip.locator(".ell").allTextContents(), ["p99", "p95", "p50"]);
  await keys(page, "ArrowLeft");
  assert.match(await reading(page, "lines"), /04:04:00:/);
  await keys(page, "Shift+ArrowLeft");
  assert.match(await reading(page, "lines"), /03:54:00:/);
  const share = async (part) => {
    const line = await page.locator(`#${part} .u-cursor-x`).boundingBox();
    const { x, width } = await area(page, part);
    return (line.x - x) / width;
  };
  assert.ok(Math.abs((await share("lines")) - 48 / 60) < 0.01 && Math.abs((await share("area")) - 48 / 60) < 0.01, "shared");
  assert.equal(await page.locator(".tooltip").count(), 1, "only here");
  await keys(page, "Home", "ArrowLeft");
  assert.match(await reading(page, "lines"), /03:06:00:/);
  // what is left out in the legend is not read out
  await page.locator("#lines .legend-entry").nth(1).click({ modifiers: ["Control"] });
  await page.locator("#lines [role=slider]").focus();
  await keys(page, "Home");
  assert.match(await reading(page, "lines"), /03:06:00: p99 \S+ ms, p50 \S+ ms$/);

  // bars count from when to when; the charts of the group follow whoever moved last
  await page.locator("#stacked-bars [role=slider]").focus();
  assert.equal(await tip.count(), 0, "it goes with the focus");
  await keys(page, "ArrowRight", "ArrowRight");
  assert.match(await reading(page, "stacked-bars"), /03:07 – 03:08, total \d+: /);
  const { x, y, width, height } = await area(page, "lines");
  await page.mouse.move(x + width / 2, y + height / 2);
  await tip.waitFor();
  assert.equal(await page.locator("#stacked-bars .tooltip").count(), 0, "the pointer takes over");
  await page.mouse.move(5, 5);
  await keys(page, "End");
  await page.locator("#stacked-bars .tooltip").waitFor();
  await keys(page, "Escape");
  await page.locator("#stacked-bars .tooltip").waitFor({ state: "detached" });
  assert.match(await reading(page, "stacked-bars"), /^Left and Right/);
  assert.equal(await page.locator(".u-cursor-x").filter({ visible: true }).count(), 0, "and its line goes everywhere");
  await done(page);
});

test("keys move from cell to cell of a heat map", async () => {
  const page = await sheet();
  const map = page.locator("#heat-map [role=slider]");
  await map.focus();
  assert.match(await reading(page, "heat-map"), /^Arrows move from cell to cell/);
  await keys(page, "Home", "ArrowUp", "ArrowUp", "ArrowUp");
  assert.match(await reading(page, "heat-map"), /03:06 – 03:07: 25–50 ms \d+$/);
  const box = await page.locator("#heat-map .heat-cell").boundingBox();
  assert.match(await page.textContent("#heat-map .tooltip"), /25–50 ms/);
  await keys(page, "Shift+ArrowRight", "ArrowDown");
  assert.match(await reading(page, "heat-map"), /03:16 – 03:17: 10–25 ms \d+$/);
  const moved = await page.locator("#heat-map .heat-cell").boundingBox();
  assert.ok(moved.x > box.x && moved.y > box.y, "right and down");
  await keys(page, "End", "Shift+ArrowUp", "ArrowUp");
  assert.match(await reading(page, "heat-map"), /04:05 – 04:06: 5–10 s \d+$/);
  assert.equal(await map.getAttribute("aria-valuenow"), "59");
  await keys(page, "Escape");
  await page.locator("#heat-map .tooltip").waitFor({ state: "detached" });
  await keys(page, "End", "Tab");
  assert.equal(await page.locator("#heat-map .tooltip").count(), 0, "it goes with the focus");
  await done(page);
});

async function save(page, part, name) {
  const button = page.locator(`#${part}`).getByRole("button", { name, exact: true });
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  const bytes = await readFile(await download.path());
  const file = download.suggestedFilename();
  if (pictures && name === "PNG") await writeFile(`${pictures}/export-${part}.png`, bytes);
  return { file, bytes, lines: bytes.toString().trimEnd().split("\r\n") };
}

for (const [part, name, head, rows, last] of [
  ["stacked-bars", "failed-requests-per-minute-2026-11-22T02-06-00Z", "time,checkout,payment,storefront,other", 60, /^2026-11-22T03:05:00Z,\d+,\d+,\d+,\d+$/],
  ["heat-map", "requests-by-duration-2026-11-22T02-06-00Z", "time,0–5 ms,5–10 ms,10–25 ms", 60, /^2026-11-22T03:05:00Z(,\d+){11}$/],
  ["bar-chart", "p95-by-operation", "name,value", 5, /^GET \/recommendations\/for.*path,$/],
]) {
  test(`${part} can be saved as two files`, async () => {
    const page = await sheet();
    const csv = await save(page, part, "CSV");
    assert.equal(csv.file, `${name}.csv`);
    assert.ok(csv.lines[0].startsWith(head), csv.lines[0]);
    assert.equal(csv.lines.length, rows + 1);
    assert.match(csv.lines[rows], last);
    const png = await save(page, part, "PNG");
    assert.equal(png.file, `${name}.png`);
    assert.equal(png.bytes.subarray(1, 4).toString(), "PNG");
    assert.ok(png.bytes.length > 4000);
    await page.locator(`#${part}`).getByRole("button", { name: "Table", exact: true }).click();
    assert.equal(await page.locator(`#${part}`).getByRole("button", { name: "PNG" }).count(), 0, "a table is no picture");
    assert.equal((await save(page, part, "CSV")).file, `${name}.csv`);
    await done(page);
  });
}

test("a chart is also a table", async () => {
  const page = await sheet();
  const part = (name) => page.locator(`#${name}`);
  const turn = (name, to) => part(name).getByRole("button", { name: to, exact: true }).click();
  const heads = (name) => part(name).locator("th").allTextContents();
  await turn("stacked-bars", "Table");
  assert.equal(await part("stacked-bars").locator("tbody tr").count(), 60);
  assert.deepEqual(await heads("stacked-bars"), ["Time", "checkout", "payment", "storefront", "other"]);
  await part("stacked-bars").locator("tbody button").first().click();
  assert.deepEqual((await zoomed(page))[0], Date.parse("2026-11-22T03:05:00Z"));
  await turn("heat-map", "Table");
  assert.deepEqual(await heads("heat-map"), ["Time", "Range", "Count"]);
  assert.match(await part("heat-map").locator("tbody tr").first().textContent(), /04:05:00/, "the newest first");
  await turn("bar-chart", "Table");
  assert.deepEqual(await heads("bar-chart"), ["Name", "Value"]);
  const cells = await part("bar-chart").locator("tbody tr td").allTextContents();
  assert.deepEqual(cells.slice(0, 4), ["POST /v1/payments/authorise", "8.95s", "POST /checkout", "9.98s"]);
  await accessible(page, "charts as tables");
  if (pictures) await page.locator("#bar-chart").screenshot({ path: `${pictures}/bar-table.png` });
  for (const name of ["stacked-bars", "heat-map", "bar-chart"]) await turn(name, "Chart");
  await part("stacked-bars").locator("canvas").waitFor();
  await part("heat-map").locator("svg").waitFor();
  assert.equal(await part("bar-chart").locator("button.bar-row").count(), 5);
  await done(page);
});

test("what the drawing library costs is not part of the first load", async () => {
  const page = await open(browser, new URL("/logs", url).href);
  await page.waitForSelector(".page-head");
  await page.waitForTimeout(500);
  const names = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  assert.deepEqual(names.filter((name) => /\/(chart|editor)-/.test(name)), []);
  await close(page);
});

test("the editor completes, shows errors in place, runs and lets go", async () => {
  const page = await sheet();
  const broken = page.locator("#editor-with-an-error");
  const empty = page.locator("#editor-without-text");
  await broken.locator(".cm-content").waitFor();
  await broken.scrollIntoViewIfNeeded();
  assert.equal(await broken.locator(".cm-lintRange-error").textContent(), "servce_name");
  assert.equal(await broken.locator(".cm-lint-marker-error").count(), 1);
  assert.match(await broken.getByRole("alert").textContent(), /Line 3, column 7.*no column servce_name/);
  await broken.getByRole("button", { name: "Line 3, column 7" }).click();
  await page.keyboard.press("Control+Enter");
  assert.equal(await page.textContent("#runs"), "1");
  const before = Number(await page.textContent("#length"));
  await page.keyboard.type("gl?/");
  assert.equal(Number(await page.textContent("#length")), before + 4, "keys of the page do not fire");
  assert.equal(new URL(page.url()).pathname, "/dev/components");
  assert.equal(await page.locator("[role=dialog]").count(), 0);

  const content = empty.locator(".cm-content");
  assert.match(await empty.locator(".cm-placeholder").textContent(), /select … from logs/);
  await content.click();
  await page.keyboard.type("select * from lo");
  // A list that opened this moment does not take Enter yet.
  const offered = async (text) => {
    await empty.locator(".cm-tooltip-autocomplete li", { hasText: text }).first().waitFor();
    await page.waitForTimeout(150);
  };
  await offered("logs");
  await page.keyboard.press("Enter");
  await page.keyboard.type(" where sev");
  await offered("severity_number");
  if (pictures) await empty.screenshot({ path: `${pictures}/completion.png` });
  await page.keyboard.press("Enter");
  await page.keyboard.type(" > 1 and coun");
  await offered("count");
  await page.keyboard.press("Escape");
  assert.equal(await content.textContent(), "select * from logs where severity_number > 1 and coun");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Insert a column", "Escape, then Tab leaves");
  await page.keyboard.press("Enter");
  assert.match(await content.textContent(), /service_name/);
  await empty.getByRole("button", { name: "Set the text" }).click();
  await page.waitForFunction(() => document.querySelector("#editor-without-text .editor-view").shadowRoot.querySelector(".cm-content").textContent === "select 1");

  const fixed = page.locator("#editor-to-read .cm-content");
  await fixed.click();
  await page.keyboard.type("x");
  assert.match(await fixed.textContent(), /^select service_name/);
  await done(page);
});

for (const theme of ["dark", "light"]) {
  test(`nothing on the sheet hinders people, in the ${theme} theme`, async () => {
    const page = await sheet({ theme });
    await page.waitForTimeout(300);
    await accessible(page, `the reference sheet, ${theme}`);
    if (pictures) {
      const height = await page.evaluate(() => document.querySelector(".body > div").scrollHeight);
      await page.setViewportSize({ width: 1440, height: height + 80 });
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${pictures}/sheet-${theme}.png` });
    }
    await done(page);
  });
}

test("colours follow the theme without a new drawing", async () => {
  const page = await sheet({ theme: "dark" });
  const colour = () =>
    page.evaluate(() => {
      const canvas = document.querySelector("#all-zero canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return [...data].reduce((sum, value, place) => (place % 4 === 3 ? sum : sum + value), 0);
    });
  const dark = await colour();
  await page.evaluate(() => (document.querySelector("#all-zero canvas").marked = true));
  await page.getByRole("button", { name: "Theme" }).click();
  await page.waitForTimeout(300);
  assert.ok(await page.evaluate(() => document.querySelector("#all-zero canvas").marked));
  assert.notEqual(await colour(), dark);
  await done(page);
});

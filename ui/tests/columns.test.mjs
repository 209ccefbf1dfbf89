// Columns of the list, wrapped lines, and filters from any value.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params, settled } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
  await lincei.send(shop(400).map((line, i) => ({ ...line, region: ["eu", "us"][i % 2], message: `${line.message} ${"long ".repeat(60)}` })));
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const logs = (query = {}) => `${lincei.url}/logs?${new URLSearchParams(query)}`;
const heads = (page) => page.locator(".ch > .ell").allTextContents();

test("a field of the details becomes a column, which the link keeps", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.locator(".lr.ERROR .b").first().click();
  const entry = page.locator(".drawer .attr", { hasText: "order.id" });
  await entry.hover();
  await entry.getByRole("button", { name: "Show order.id as a column" }).click();
  await page.waitForURL(/columns=order.id/);
  assert.deepEqual(await heads(page), ["order.id"]);
  assert.match(await page.locator(".lr[role=row] .cv").first().textContent(), /^A-\d+$/);
  assert.equal((await page.locator(".lr[role=row]").first().boundingBox()).height, 28);
  const second = await open(browser, page.url());
  await settled(second);
  assert.deepEqual(await heads(second), ["order.id"]);
  await close(second);
  await close(page);
});

test("the menu adds, orders and removes columns, by keyboard", async () => {
  const page = await open(browser, logs({ columns: "order.id" }));
  await settled(page);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.keyboard.type("regi");
  await page.locator("#add-column-list [role=option]", { hasText: "region" }).waitFor();
  await accessible(page, "columns");
  await page.keyboard.press("Enter");
  await page.waitForURL(/columns=order.id,region/);
  await page.getByRole("button", { name: "Move region to the left" }).click();
  await page.waitForURL(/columns=region,order.id/);
  await page.locator(".columns-menu").getByRole("button", { name: "Remove the column order.id" }).click();
  await page.waitForURL(/columns=region$/);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".columns-menu", { state: "detached" });
  assert.deepEqual(await heads(page), ["region"]);
  await close(page);
});

test("wrapped lines have one height, and every line is still reached", async () => {
  const page = await open(browser, logs({ wrap: "1" }));
  await settled(page);
  assert.equal((await page.locator(".lr[role=row]").first().boundingBox()).height, 62);
  await page.locator(".rows").evaluate((list) => (list.scrollTop = 62 * 300));
  await page.locator("#line-300 .b").waitFor();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("switch", { name: "Wrap long lines" }).click();
  await page.waitForURL((url) => !url.searchParams.get("wrap"));
  assert.equal((await page.locator(".lr[role=row]").first().boundingBox()).height, 28);
  await close(page);
});

test("a value in the list filters in and out, and becomes a facet", async () => {
  const page = await open(browser, logs({ columns: "region" }));
  await settled(page);
  await page.locator(".cv [data-field=region]", { hasText: "eu" }).first().click();
  await page.waitForSelector("#value-menu");
  await accessible(page, "menu of a value");
  await page.getByRole("menuitem", { name: "Only lines with it" }).click();
  await page.waitForURL(/q=region:eu/);
  await settled(page);
  assert.equal(await page.locator(".drawer").count(), 0, "a value does not open the line");
  await page.locator(".sv [data-field=service]").first().click();
  const service = await page.locator(".value-menu .menu-head").textContent();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.searchParams.get("q") === `region:eu -${service.replace(": ", ":")}`);
  await page.locator(".cv [data-field=region]").first().click();
  await page.keyboard.press("Escape");
  await page.waitForSelector("#value-menu", { state: "detached" });
  await close(page);
});

test("a value in the JSON of a line filters as well", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.locator(".lr.ERROR .b").first().click();
  await page.getByRole("tab", { name: "JSON" }).click();
  await page.locator(".jv", { hasText: "pool_timeout" }).click();
  await page.getByRole("menuitem", { name: "Lines without it" }).click();
  await page.waitForURL((url) => url.searchParams.get("q") === "-error.type:pool_timeout");
  assert.ok(params(page).get("row"), "the line stays open");
  await close(page);
});

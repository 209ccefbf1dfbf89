// The menu of the search bar: names, values, signs and earlier searches, by keyboard and by mouse.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params, settled, total } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
  const lines = shop(800).map((line, i) => ({ ...line, "host.name": `db ${i % 3}`, "http.status": `${200 + (i % 4)}` }));
  await lincei.send(lines);
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const logs = (query = {}) => `${lincei.url}/logs?${new URLSearchParams(query)}`;
const option = (page, text) => page.locator("#search-offers [role=option]", { hasText: text });
const labels = (page) => page.locator("#search-offers .mono").allTextContents();

test("names and values are completed by Tab, and Enter searches", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.keyboard.press("/");
  await page.keyboard.type("serv");
  await option(page, "service").first().waitFor();
  assert.equal((await labels(page))[0], "service");
  assert.equal(await page.getAttribute("#search", "aria-expanded"), "true");
  await page.keyboard.press("Tab");
  assert.equal(await page.inputValue("#search"), "service:");
  await option(page, "payment").waitFor();
  assert.match(await option(page, "payment").textContent(), /160 lines/);
  await page.keyboard.type("pay");
  await page.waitForFunction(() => document.querySelectorAll("#search-offers [role=option]").length === 1);
  await page.keyboard.press("Tab");
  assert.equal(await page.inputValue("#search"), "service:payment");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=service:payment$/);
  await settled(page);
  assert.equal(await total(page), 160);
  assert.equal(await page.locator("#search-offers").count(), 0);
  await close(page);
});

test("in the middle of a text, negated, in a list, with quotes", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.fill("#search", "nordpay -host.name: severity:ERROR");
  const caret = "nordpay -host.name:".length;
  await page.locator("#search").evaluate((field, at) => field.setSelectionRange(at, at), caret);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await option(page, "db 1").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const chosen = await page.locator("#search-offers .on .mono").textContent();
  await page.keyboard.press("Enter");
  assert.equal(await page.inputValue("#search"), `nordpay -host.name:"${chosen}" severity:ERROR`);
  assert.equal(
    await page.locator("#search").evaluate((field) => field.selectionStart),
    `nordpay -host.name:"${chosen}"`.length,
  );
  await page.keyboard.type(",");
  await option(page, "db 0").waitFor();
  await option(page, "db 0").click();
  assert.equal(await page.inputValue("#search"), `nordpay -host.name:"${chosen}","db 0" severity:ERROR`);
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.fill("#search", "http.status:");
  await option(page, "at least").click();
  assert.equal(await page.inputValue("#search"), "http.status:>=");
  await close(page);
});

test("a word may be searched for in the body, Escape closes the menu and nothing else", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.fill("#search", "host");
  await option(page, "search the body").waitFor();
  assert.deepEqual(await labels(page), ["host.name", '"host"']);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#search-offers").count(), 0);
  assert.equal(await page.inputValue("#search"), "host");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.press("ArrowDown");
  await option(page, "host.name").waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  assert.equal(await page.inputValue("#search"), '"host"');
  await close(page);
});

test("the menu is a list box that a screen reader follows, in both themes and widths", async () => {
  for (const [theme, width] of [["dark", 1440], ["light", 1024]]) {
    const page = await open(browser, logs(), { theme, width });
    await settled(page);
    await page.fill("#search", "s");
    await option(page, "service").first().waitFor();
    await page.keyboard.press("ArrowDown");
    const active = await page.getAttribute("#search", "aria-activedescendant");
    assert.equal(await page.getAttribute(`#${active}`, "aria-selected"), "true");
    assert.equal(await page.getAttribute("#search", "role"), "combobox");
    const [menu, bar] = await Promise.all([".offers", ".search"].map((at) => page.locator(at).boundingBox()));
    assert.ok(menu.x + menu.width <= bar.x + bar.width + 14, "the menu stays under the bar");
    await accessible(page, `completion, ${theme}`);
    await close(page);
  }
});

test("typing waits for nothing, and a late answer is not offered", async () => {
  const page = await open(browser, logs());
  await settled(page);
  const held = [];
  await page.route("**/api/v1/fields", async (route) => {
    if (route.request().postDataJSON().field === "service") held.push(route);
    else await route.continue().catch(() => {});
  });
  await page.fill("#search", "service:");
  await page.waitForFunction(() => document.querySelectorAll("#search-offers [role=option]").length > 0);
  await page.fill("#search", "host.name:");
  await option(page, "db 1").waitFor();
  await Promise.all(held.map((route) => route.continue().catch(() => {})));
  assert.equal(await option(page, "payment").count(), 0);
  await page.fill("#search", "service:cart");
  await page.press("#search", "Enter");
  await page.waitForURL(/q=service:cart$/);
  await settled(page);
  assert.equal(await total(page), 160);
  await close(page);
});

test("an empty bar offers earlier searches, newest first", async () => {
  const page = await open(browser, logs());
  await settled(page);
  for (const query of ["nordpay", "retry"]) {
    await page.fill("#search", query);
    await page.press("#search", "Enter");
    await page.waitForURL((url) => url.searchParams.get("q") === query);
  }
  await page.goto(logs());
  await settled(page);
  await page.click("#search");
  await option(page, "searched before").first().waitFor();
  assert.deepEqual((await labels(page)).slice(0, 2), ["retry", "nordpay"]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await page.inputValue("#search"), "nordpay");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.searchParams.get("q") === "nordpay");
  assert.equal(params(page).get("q"), "nordpay");
  await close(page);
});

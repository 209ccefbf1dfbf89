// Facets of any field: chosen by the page, added, taken away, chosen from by mouse and keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params, settled, total } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

const LINES = 800;
let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
  const region = (i) => ["eu", "us"][i % 2];
  await lincei.send(shop(LINES).map((line, i) => ({ ...line, region: region(i), zone: `z${i % 100}` })));
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const logs = (query = {}) => `${lincei.url}/logs?${new URLSearchParams(query)}`;
const facet = (page, name) => page.locator(".facet", { has: page.locator(`.facet-head[title="${name}"]`) });
const value = (page, name, text) => facet(page, name).locator("li", { hasText: text });
const shows = (page, lines) =>
  page.waitForFunction((count) => document.querySelector(".histo .total")?.textContent === String(count), lines);

test("keys of few values have a facet, keys of many have none", async () => {
  for (const theme of ["dark", "light"]) {
    const page = await open(browser, logs(), { theme });
    await settled(page);
    await value(page, "region", "eu").waitFor();
    assert.match(await value(page, "region", "eu").textContent(), /400/);
    assert.equal(await facet(page, "order.id").count(), 0);
    await accessible(page, `facets, ${theme}`);
    await close(page);
  }
});

test("a click takes one value, Alt leaves it out, and both can be taken back", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await value(page, "region", "eu").click();
  await page.waitForURL(/q=region:eu$/);
  await shows(page, LINES / 2);
  assert.match(await value(page, "region", "us").textContent(), /400/, "others of the facet stay counted");
  await value(page, "region", "eu").click();
  await page.waitForURL((url) => !url.searchParams.get("q"));
  await value(page, "region", "us").click({ modifiers: ["Alt"] });
  await page.waitForURL(/q=-region:us$/);
  await shows(page, LINES / 2);
  assert.match(await value(page, "region", "us").getAttribute("class"), /excluded/);
  await value(page, "region", "us").click();
  await page.waitForURL((url) => !url.searchParams.get("q"));
  await value(page, "service", "cart").hover();
  await value(page, "service", "cart").locator(".exclude").click();
  await page.waitForURL(/q=-service:cart$/);
  await close(page);
});

test("keys alone go through values, choose and leave out", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await value(page, "service", "cart").waitFor();
  await facet(page, "service").locator("li").first().focus();
  await page.keyboard.press("ArrowDown");
  const second = await page.evaluate(() => document.activeElement.querySelector("span").textContent);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.searchParams.get("q") === `service:${second}`);
  await facet(page, "service").locator("li").first().focus();
  await page.keyboard.press("End");
  await page.keyboard.press("-");
  await page.waitForURL(/-service:/);
  await close(page);
});

test("any field can be added, the link keeps it, and it can be taken away", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.getByRole("button", { name: "Add facet" }).click();
  await page.keyboard.type("zon");
  await page.locator("#add-facet-list [role=option]", { hasText: "zone" }).waitFor();
  await accessible(page, "adding a facet");
  await page.keyboard.press("Enter");
  await page.waitForURL(/facets=zone$/);
  await value(page, "zone", /^z0/).waitFor();
  assert.equal(await facet(page, "zone").locator("li").count(), 10);
  await facet(page, "zone").getByRole("button", { name: "90 more" }).click();
  await page.waitForFunction(() => [...document.querySelectorAll(".facet")].some((f) => f.querySelectorAll("li").length === 100));
  const second = await open(browser, page.url());
  await settled(second);
  await value(second, "zone", /^z0/).waitFor();
  await facet(second, "zone").hover();
  await second.getByRole("button", { name: "Remove the facet zone" }).click();
  await second.waitForURL((url) => !url.searchParams.get("facets"));
  await close(second);
  await close(page);
});

test("a closed facet is not asked for, a failed one can be tried again", async () => {
  const page = await open(browser, "about:blank");
  const asked = [];
  await page.route("**/api/v1/logs/facets", async (route) => {
    asked.push(route.request().postDataJSON().fields);
    await route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      json: { title: "Unavailable", status: 503, code: "unavailable", retryable: true, detail: "too busy" },
    });
  });
  await page.goto(logs());
  await facet(page, "service").getByRole("button", { name: "Retry" }).waitFor();
  await accessible(page, "facets that failed");
  await page.unroute("**/api/v1/logs/facets");
  await facet(page, "service").getByRole("button", { name: "Retry" }).click();
  await value(page, "service", "cart").waitFor();
  page.on("request", (request) => {
    if (request.url().endsWith("/logs/facets")) asked.push(request.postDataJSON().fields);
  });
  await facet(page, "service").locator(".facet-head").click();
  asked.length = 0;
  await page.getByRole("button", { name: "Refresh" }).click();
  await settled(page);
  assert.ok(asked.every((fields) => !fields.includes("service")), `${asked}`);
  assert.ok((await total(page)) > 0 && params(page).get("q") === null);
  await close(page);
});

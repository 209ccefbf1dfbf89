// Widths: full, rail, phone. Nothing sticks out, nothing overlaps what it must not.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, settled } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
  await lincei.send(shop(400));
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const box = (page, selector) => page.locator(selector).first().boundingBox();

async function logs(width, height) {
  const page = await open(browser, `${lincei.url}/logs`, { width, height });
  await settled(page);
  return page;
}

test("no width scrolls sideways", async () => {
  for (const [width, height] of [[1440, 900], [1024, 768], [390, 844]]) {
    const page = await logs(width, height);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} px at ${width}`);
    await close(page);
  }
});

test("1440: navigation, facets, rows of 28 px, details beside the list", async () => {
  const page = await logs(1440, 900);
  assert.equal((await box(page, ".nav")).width, 196);
  assert.equal((await box(page, ".facets")).width, 212);
  assert.equal((await box(page, ".lr[role=row]")).height, 28);
  await page.locator(".lr[role=row]").first().click();
  await page.waitForSelector(".drawer .msg");
  const [list, drawer] = [await box(page, ".list"), await box(page, ".drawer")];
  assert.equal(drawer.width, 420);
  assert.ok(list.x + list.width <= drawer.x);
  await close(page);
});

test("1024: a rail, and an open line takes the place of the facets", async () => {
  const page = await logs(1024, 768);
  assert.equal((await box(page, ".nav")).width, 52);
  assert.ok(await page.locator(".facets").isVisible());
  await page.locator(".lr[role=row]").first().click();
  await page.waitForSelector(".drawer .msg");
  assert.ok(!(await page.locator(".facets").isVisible()));
  await page.getByRole("button", { name: "Filters" }).click();
  assert.ok(await page.locator(".facets").isVisible());
  await accessible(page, "1024 with details and filters");
  await page.keyboard.press("Escape");
  assert.ok(!(await page.locator(".facets").isVisible()));
  await close(page);
});

test("390: rows of two lines, details over the list, targets large enough", async () => {
  const page = await logs(390, 844);
  assert.ok(!(await page.locator(".nav").isVisible()));
  assert.equal((await box(page, ".lr[role=row]")).height, 44);
  await accessible(page, "phone");
  await page.locator(".lr[role=row]").first().click();
  await page.waitForSelector(".drawer .msg");
  assert.equal((await box(page, ".drawer")).width, 390);
  for (const button of await page.locator(".drawer-head button, .tabbar a").all()) {
    const size = await button.boundingBox();
    assert.ok(size.height >= 44, `${size.height} px`);
  }
  await page.getByRole("button", { name: "Close" }).click();
  await page.waitForSelector(".drawer", { state: "detached" });
  await close(page);
});

test("the first load is small and quick, and breaks no content security policy", async () => {
  const page = await open(browser, "about:blank");
  let bytes = 0;
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  // The program, its style and its libraries; what it asks for afterwards depends on the data.
  const asked = new Set();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => request.url.includes("/api/") && asked.add(requestId));
  session.on("Network.loadingFinished", (event) => asked.has(event.requestId) || (bytes += event.encodedDataLength));
  const response = await page.goto(`${lincei.url}/logs`);
  const policy = response.headers()["content-security-policy"];
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'/);
  assert.ok(!policy.includes("unsafe-inline"));
  await settled(page);
  assert.ok(bytes < 1_000_000, `${bytes} bytes`);
  await close(page);
});

// Saved views and downloads.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params, settled } from "./support/browser.mjs";
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

const logs = (query = {}) => `${lincei.url}/logs?${new URLSearchParams(query)}`;
const menu = async (page, name) => {
  await page.getByRole("button", { name, exact: true }).first().click();
  await page.waitForSelector(".tool-menu");
};

test("a view is saved, opened, renamed, replaced and deleted", async () => {
  const page = await open(browser, logs({ q: "service:cart", columns: "order.id" }));
  await settled(page);
  await menu(page, "Save");
  await page.getByText("None yet.").waitFor();
  await page.keyboard.type("Cart orders");
  await page.keyboard.press("Enter");
  await page.locator(".view-open", { hasText: "Cart orders" }).waitFor();
  await accessible(page, "saved views");
  await page.goto(logs());
  await settled(page);
  await menu(page, "Save");
  await page.locator(".view-open", { hasText: "Cart orders" }).click();
  await page.waitForURL(/q=service:cart.*columns=order.id/);
  await page.waitForSelector(".tool-menu", { state: "detached" });
  await menu(page, "Save");
  await page.getByRole("button", { name: "Rename Cart orders" }).click();
  await page.locator(".view-edit input").fill("Orders");
  await page.keyboard.press("Enter");
  await page.locator(".view-open", { hasText: /^Orders$/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.fill("#search", "service:payment");
  await page.press("#search", "Enter");
  await page.waitForURL(/q=service:payment/);
  await menu(page, "Save");
  await page.getByRole("button", { name: "Put the present view in the place of Orders" }).click();
  await page.getByRole("button", { name: "Replace", exact: true }).click();
  await page.getByText("Saved Orders").waitFor();
  await page.locator(".view-open", { hasText: "Orders" }).click();
  await page.waitForURL(/q=service:payment/);
  await menu(page, "Save");
  await page.getByRole("button", { name: "Delete Orders" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("None yet.").waitFor();
  await close(page);
});

test("what someone else saved meanwhile is not overwritten", async () => {
  const page = await open(browser, logs({ q: "mine" }));
  await menu(page, "Save");
  await page.keyboard.type("Shared");
  await page.keyboard.press("Enter");
  await page.locator(".view-open", { hasText: "Shared" }).waitFor();
  const { items } = await (await fetch(`${lincei.url}/api/v1/saved?kind=view`)).json();
  const { id, version } = items.find((item) => item.name === "Shared");
  const response = await fetch(`${lincei.url}/api/v1/saved/${id}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Shared", content: { page: "logs", search: "?q=theirs" }, version }),
  });
  assert.ok(response.ok);
  await page.getByRole("button", { name: "Put the present view in the place of Shared" }).click();
  await page.getByRole("button", { name: "Replace", exact: true }).click();
  await page.getByText("Someone else saved it meanwhile").waitFor();
  await close(page);
});

test("views that cannot be listed say so, and can be tried again", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await page.route("**/api/v1/saved*", (route) => route.abort());
  await menu(page, "Save");
  await page.locator(".views-menu").getByRole("button", { name: "Retry" }).waitFor();
  await page.unroute("**/api/v1/saved*");
  await page.locator(".views-menu").getByRole("button", { name: "Retry" }).click();
  await page.locator(".views-menu ul, .views-menu p.faint").first().waitFor();
  await close(page);
});

test("what matches is downloaded in each form", async () => {
  const page = await open(browser, logs({ q: "service:cart", columns: "order.id" }));
  await settled(page);
  const file = async (form) => {
    await menu(page, "Download");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: form, exact: true }).click(),
    ]);
    await page.waitForSelector(".tool-menu", { state: "detached" });
    assert.match(download.suggestedFilename(), new RegExp(`^logs-.*\\.${form.toLowerCase()}$`));
    return readFile(await download.path());
  };
  await menu(page, "Download");
  await page.getByText("All 80 lines that match").waitFor();
  await accessible(page, "download");
  await page.keyboard.press("Escape");
  const csv = (await file("CSV")).toString().trimEnd().split(/\r?\n/);
  assert.equal(csv[0], "time,severity,service,order.id,body");
  assert.equal(csv.length, 81);
  const rows = (await file("NDJSON")).toString().trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(rows.length, 80);
  assert.ok(rows.every((row) => row.service === "cart" && /^A-/.test(row["order.id"])));
  const parquet = await file("Parquet");
  assert.equal(parquet.subarray(0, 4).toString(), "PAR1");
  await close(page);
});

test("a download is cancelled, and a refused one tells why", async () => {
  const page = await open(browser, logs());
  await settled(page);
  const held = [];
  await page.route("**/api/v1/sql", async (route) => {
    if (route.request().headers().accept === "text/csv") held.push(route);
    else await route.continue();
  });
  await menu(page, "Download");
  await page.getByRole("button", { name: "CSV" }).click();
  await page.locator(".tool-menu").getByRole("button", { name: "Cancel" }).click();
  await page.waitForSelector(".tool-menu .progress", { state: "detached" });
  assert.equal(held.length, 1);
  await page.unroute("**/api/v1/sql");
  await page.route("**/api/v1/sql", (route) =>
    route.fulfill({
      status: 413,
      contentType: "application/problem+json",
      json: { title: "Too large", status: 413, code: "too_large", retryable: false, detail: "more than 1 GB" },
    }),
  );
  await page.getByRole("button", { name: "CSV" }).click();
  await page.locator(".tool-menu [role=alert]", { hasText: "More than 1 GB" }).waitFor();
  assert.equal(params(page).get("q"), null);
  await close(page);
});

// Loading, empty, nothing sent yet, error: what each says and the way out of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params, settled, total } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start()]);
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

const logs = (query = {}) => `${lincei.url}/logs?${new URLSearchParams(query)}`;

// Holds the answers to SQL until `release` is called.
async function hold(page) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/api/v1/sql", async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  return release;
}

// Runs first: it needs a server that nothing was sent to.
test("nothing sent yet: the guide, with working commands, becomes the list by itself", async () => {
  for (const theme of ["dark", "light"]) {
    const page = await open(browser, logs(), { theme });
    await page.getByRole("heading", { name: "Nothing was sent yet" }).waitFor();
    await accessible(page, `guide, ${theme}`);
    await close(page);
  }
  const page = await open(browser, logs());
  await page.getByRole("heading", { name: "Nothing was sent yet" }).waitFor();
  const names = await page.getByRole("tab").allTextContents();
  assert.deepEqual(names, ["curl", "Python", "Node.js", "Java", ".NET", "Rust", "Other SDKs", "Collector", "Fluent Bit", "Vector", "Files", "systemd journal"]);
  await page.getByRole("tab", { name: "Python" }).click();
  assert.ok((await page.textContent(".guide .code")).includes(`http://127.0.0.1:${lincei.ports[2]}/v1/logs`));
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getAttribute("[role=tab][aria-selected=true]", "id"), "source-2");
  await page.getByRole("tab", { name: "curl" }).click();
  await page.getByRole("button", { name: "Copy" }).click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const { spawnSync } = await import("node:child_process");
  const { status, stdout } = spawnSync("bash", ["-c", command], { encoding: "utf8" });
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).accepted, 1, stdout);
  await page.waitForSelector(".lr[role=row] .b", { timeout: 5000 });
  assert.match(await page.textContent(".lr[role=row] .b"), /hello from curl/);
  assert.equal(await page.textContent(".lr[role=row] .sv"), "shop");
  await close(page);
});

test("loading: outline, after a second progress, and Cancel stops the queries", async () => {
  await lincei.send(shop(300));
  const page = await open(browser, "about:blank");
  const release = await hold(page);
  const cancelled = [];
  page.on("request", (request) => {
    if (request.method() === "DELETE") cancelled.push(request.url());
  });
  await page.route("**/api/v1/queries", (route) =>
    route.fulfill({ json: { queries: [] } }),
  );
  await page.goto(logs());
  await page.waitForSelector(".list .sk");
  assert.equal(await page.getAttribute(".list", "aria-busy"), "true");
  assert.equal(await page.locator(".strip").count(), 0, "no progress in the first second");
  await page.waitForSelector(".strip");
  await accessible(page, "loading");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "Cancelled" }).waitFor();
  await page.waitForFunction(() => !document.querySelector(".strip"));
  assert.ok(cancelled.length >= 2 && cancelled.every((url) => /\/api\/v1\/queries\/ui-[0-9a-f]+$/.test(url)), `${cancelled}`);
  release();
  await page.getByRole("button", { name: "Run again" }).click();
  await settled(page);
  await close(page);
});

test("loading: progress tells rows of rows, Escape cancels", async () => {
  const page = await open(browser, "about:blank");
  await hold(page);
  const ids = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/v1/sql")) ids.push(request.postDataJSON().query_id);
  });
  await page.route("**/api/v1/queries", (route) =>
    route.fulfill({
      json: {
        queries: ids.map((id) => ({
          id, sql: "", client: "", state: "running", started: "2026-11-22T03:06:00Z",
          elapsed_ms: 4100, rows_scanned: 412e6, rows_total: 1.31e9, bytes_scanned: 1, rows: 0,
        })),
      },
    }),
  );
  await page.goto(logs());
  await page.waitForSelector(".strip [aria-valuenow='31']");
  assert.match(await page.textContent(".strip"), /412 M of 1.31 G rows/);
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Cancelled" }).waitFor();
  await close(page);
});

test("a late answer to an old question is dropped", async () => {
  const page = await open(browser, logs());
  await settled(page);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/api/v1/sql", async (route) => {
    if (route.request().postData().includes("nordpay")) await held;
    await route.continue().catch(() => {});
  });
  await page.fill("#search", "nordpay");
  await page.press("#search", "Enter");
  await page.waitForSelector(".list.stale");
  await page.fill("#search", "service:cart");
  await page.press("#search", "Enter");
  await settled(page);
  const lines = await total(page);
  release();
  await page.waitForTimeout(300);
  assert.equal(await total(page), lines);
  assert.equal(await page.locator(".lr[role=row] .sv", { hasText: "payment" }).count(), 0);
  await close(page);
});

test("empty: says where the search matched last, and goes there", async () => {
  const page = await open(browser, logs({ q: "nordpay", from: "2026-01-02T03:00:00Z", to: "2026-01-02T04:00:00Z" }));
  await page.getByRole("heading", { name: "No lines match in this window" }).waitFor();
  const go = page.locator(".state").getByRole("button", { name: /^Go to/ });
  await go.waitFor();
  await accessible(page, "empty");
  assert.match(await page.textContent(".state"), /nordpay matches at .* after the window you chose/);
  await go.click();
  await settled(page);
  assert.ok((await total(page)) > 0);
  assert.notEqual(params(page).get("from"), "2026-01-02T03:00:00Z");
  await page.goto(logs({ q: "nosuchword" }));
  await page.getByText("matches nothing that is stored").waitFor();
  await page.getByRole("button", { name: "Remove the filters" }).click();
  await settled(page);
  assert.equal(params(page).get("q"), null);
  await close(page);
});

test("error: a search that cannot be read is marked where it goes wrong", async () => {
  const page = await open(browser, logs({ q: "nordpay it's service:" }));
  await page.waitForSelector(".complaint");
  await accessible(page, "search error");
  assert.match(await page.textContent(".complaint"), /value after 'service:'/);
  assert.equal(await page.locator(".complaint mark").count(), 1);
  await page.getByRole("button", { name: "Correct it" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.press("End");
  await page.keyboard.type("cart");
  await page.keyboard.press("Backspace");
  await page.fill("#search", "service:cart");
  await page.press("#search", "Enter");
  await settled(page);
  assert.equal(await page.locator(".complaint").count(), 0);
  await close(page);
});

test("error: a limit is named, a shorter range is offered", async () => {
  const page = await open(browser, "about:blank");
  await page.route("**/api/v1/sql", (route) =>
    route.fulfill({
      status: 413,
      contentType: "application/problem+json",
      json: {
        title: "A size limit was reached", status: 413, code: "too_large", retryable: false,
        detail: "needed more than the 512 MB a query may use", limit: "query_memory", query_id: "q1",
      },
    }),
  );
  await page.goto(logs());
  await page.getByRole("heading", { name: "The query ran out of memory" }).waitFor();
  await accessible(page, "error");
  assert.match(await page.textContent(".state"), /512 MB.*shorter time range/);
  await page.unroute("**/api/v1/sql");
  await page.getByRole("button", { name: "Last 15 min" }).click();
  await settled(page);
  assert.equal(params(page).get("from"), "now-15m");
  await close(page);
});

test("error: a server that is away is told, and Retry goes on when it is back", async () => {
  const page = await open(browser, logs());
  await settled(page);
  await lincei.halt();
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("heading", { name: "The server did not answer" }).waitFor();
  await lincei.run();
  await page.locator(".state").getByRole("button", { name: "Retry" }).first().click();
  await settled(page);
  await close(page);
});

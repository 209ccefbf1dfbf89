// Settings: each section in its states, by keyboard, in both themes and at both widths.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

const admin = { name: "mira", password: "correct horse battery" };
const viewer = { name: "ola", password: "staple horse battery" };
const SECTIONS = ["storage", "keys", "accounts", "audit", "health", "queries", "appearance"];
const HOUR = 3_600_000;
let browser, lincei, closed;

before(async () => {
  [browser, lincei, closed] = await Promise.all([launch(), Lincei.start(), Lincei.start({ account: admin })]);
  await lincei.send(shop(300, { stepMs: 60_000 }));
  await api("POST", "/system/flush");
});
after(async () => {
  await browser?.close();
  await Promise.all([lincei?.stop(), closed?.stop()]);
});

const at = (section, query = {}, server = lincei) => {
  const search = new URLSearchParams(query).toString();
  return `${server.url}/settings/${section}${search && `?${search}`}`;
};
const heading = (page, name) => page.getByRole("heading", { name, exact: true });

async function api(method, path, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${lincei.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return response.status === 204 ? null : response.json();
}

async function signIn(page, { name, password }) {
  await page.fill("#sign-in-name", name);
  await page.fill("#sign-in-password", password);
  await page.keyboard.press("Enter");
}

// Presses Tab until `selector` has the focus.
async function tabTo(page, selector) {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} is not reached by Tab`);
}

test("sections have links, and are whole in both themes and at both widths", async () => {
  const page = await open(browser, `${lincei.url}/settings`);
  await heading(page, "Tables and retention").waitFor();
  assert.equal(await page.getAttribute(".settings-sections a.on", "href"), "/settings/storage");
  await page.click(".settings-sections a[href='/settings/keys']");
  await heading(page, "No keys yet").waitFor();
  assert.equal(await page.title(), "Keys · Settings · Lincei");
  await page.goBack();
  await heading(page, "Tables and retention").waitFor();
  await tabTo(page, ".settings-sections a[href='/settings/appearance']");
  await page.keyboard.press("Enter");
  await heading(page, "Appearance").waitFor();
  assert.match(page.url(), /\/settings\/appearance$/);
  await close(page);
  for (const [theme, width] of [["dark", 1440], ["light", 1440], ["dark", 1024], ["light", 1024]]) {
    const seen = await open(browser, at("storage"), { theme, width, height: 900 });
    for (const section of SECTIONS) {
      await seen.click(`.settings-sections a[href='/settings/${section}']`);
      await seen.waitForSelector(".settings-page .panel");
      await seen.waitForFunction(() => !document.querySelector(".settings-page .outline"));
      await accessible(seen, `${section}, ${theme}, ${width}`);
      const over = await seen.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${section} at ${width} is ${over} px too wide`);
    }
    await close(seen);
  }
});

test("loading, failing and trying again", async () => {
  const page = await open(browser, "about:blank");
  let release, failing = false;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/api/v1/keys", async (route) => {
    await held;
    if (!failing) return route.continue();
    const problem = { title: "", status: 503, code: "unavailable", detail: "the catalog is busy", retryable: true };
    return route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify(problem) });
  });
  await page.goto(at("keys"));
  await page.waitForSelector(".outline[aria-busy=true]");
  await accessible(page, "loading");
  failing = true;
  release();
  await heading(page, "The server is not ready").waitFor();
  await page.getByText("The catalog is busy.").waitFor();
  await accessible(page, "failed");
  failing = false;
  await page.getByRole("button", { name: "Retry" }).click();
  await heading(page, "No keys yet").waitFor();
  await close(page);
});

test("a key is created by keyboard, its secret shown once, and revoked after a question", async () => {
  const page = await open(browser, at("keys"));
  await heading(page, "No keys yet").waitFor();
  await tabTo(page, ".panel-head .btn.primary");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#key-name:focus");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#key-name-hint.bad");
  await page.keyboard.type("grafana");
  await tabTo(page, "#key-kind");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, ".panel-form button[type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#key-secret:focus");
  const secret = (await page.textContent("#key-secret")).trim();
  assert.match(secret, /^lnc_a_/);
  await page.getByRole("button", { name: "Copy secret" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  const asked = await fetch(`${lincei.url}/api/v1/status`, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal(asked.status, 200);
  await page.getByRole("button", { name: "I have stored it" }).click();
  assert.equal(await page.locator("#key-secret").count(), 0);
  await page.reload();
  await page.getByRole("button", { name: "Revoke grafana" }).waitFor();
  assert.ok(!(await page.content()).includes(secret));
  await page.getByRole("button", { name: "Revoke grafana" }).click();
  await heading(page, "Revoke the key grafana?").waitFor();
  await accessible(page, "question");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Revoke grafana" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText("grafana is revoked").waitFor();
  await page.getByLabel("Show 1 revoked").check();
  await page.getByText("grafana", { exact: true }).waitFor();
  await close(page);
});

test("the first ingest key is warned of, and what the server refuses stands beside the button", async () => {
  const page = await open(browser, at("keys"));
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByText("This is the first ingest key").waitFor();
  await page.fill("#key-name", "agents");
  await page.route("**/api/v1/keys", (route) => {
    const problem = { title: "", status: 409, code: "conflict", detail: "1000 keys are active", retryable: false };
    return route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify(problem) });
  });
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("alert").getByText("1000 keys are active.").waitFor();
  assert.equal(await page.inputValue("#key-name"), "agents");
  await close(page);
});

test("without accounts it says how to create the first", async () => {
  const page = await open(browser, at("accounts"));
  await heading(page, "No accounts yet").waitFor();
  await page.getByText("lincei admin create").waitFor();
  await page.fill("#account-name", "ada");
  await page.fill("#account-password", "short");
  await page.keyboard.press("Enter");
  await page.getByText("At least 10 characters are needed").waitFor();
  await page.fill("#account-password", "long enough for it");
  await page.getByText("The two are not the same").waitFor();
  await close(page);
});

test("accounts are created, change their password, and are deleted", async () => {
  const page = await open(browser, at("accounts", {}, closed));
  await page.waitForSelector("#sign-in-name");
  await signIn(page, admin);
  await page.getByText("you", { exact: true }).waitFor();
  await page.getByRole("button", { name: "New account" }).click();
  await page.fill("#account-name", "Not A Name");
  await page.fill("#account-password", viewer.password);
  await page.fill("#account-again", viewer.password);
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("is not 1 to 64 of a-z").waitFor();
  await page.fill("#account-name", viewer.name);
  await page.keyboard.press("Enter");
  await page.getByText("Account ola created").waitFor();
  await page.getByRole("button", { name: "Change password of ola" }).click();
  await page.fill("#account-password", `${viewer.password} again`);
  await page.fill("#account-again", `${viewer.password} again`);
  await page.keyboard.press("Enter");
  await page.getByText("Password of ola changed").waitFor();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Delete mira" }).click();
  await page.getByText("you will be signed out").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await close(page);
});

test("a viewer reads, and is told what an administrator does", async () => {
  const page = await open(browser, at("keys", {}, closed));
  await page.waitForSelector("#sign-in-name");
  await signIn(page, { ...viewer, password: `${viewer.password} again` });
  await page.getByText("ola is a viewer").waitFor();
  assert.equal(await page.getByRole("button", { name: "New key" }).count(), 0);
  await page.click(".settings-sections a[href='/settings/storage']");
  await heading(page, "This account may not do that").waitFor();
  assert.equal(await page.locator("#edit-logs").count(), 0);
  await accessible(page, "viewer");
  await page.click(".settings-sections a[href='/settings/accounts']");
  await page.getByRole("button", { name: "Change password of ola" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Delete ola" }).count(), 0);
  await page.click(".settings-sections a[href='/settings/health']");
  await heading(page, "Intake").waitFor();
  assert.equal(await heading(page, "Maintenance").count(), 0);
  await close(page);
});

test("a shorter retention says what it deletes before it does", async () => {
  const page = await open(browser, at("storage"));
  await page.click("#edit-logs");
  await page.waitForSelector("#retention-age:focus");
  assert.equal(params(page).get("table"), "logs");
  await page.fill("#retention-age", "soon");
  await page.getByText("Not a number").waitFor();
  assert.ok(await page.isDisabled(".panel-form button[type=submit]"));
  await page.fill("#retention-age", "52");
  await page.getByText("Nothing stored now is beyond these bounds.").waitFor();
  await page.getByLabel("Unit of the time").selectOption("0");
  await page.fill("#retention-age", "2");
  await page.getByText(/This deletes \d+ rows now: .* in \d+ files/).waitFor();
  await accessible(page, "loss");
  await page.getByRole("button", { name: "Save and delete" }).waitFor();
  await page.fill("#retention-age", "900");
  await page.getByText("Nothing stored now is beyond these bounds.").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("Retention of logs saved").waitFor();
  await page.waitForSelector("#edit-logs:focus");
  const kept = await api("GET", "/settings/storage");
  assert.equal(kept.retention.find((entry) => entry.table === "logs").max_age_seconds, 900 * 3600);
  await close(page);
});

test("what takes the room is told by disk, day and service", async () => {
  const page = await open(browser, at("storage"));
  await page.waitForSelector(".disk-bar i");
  await page.waitForSelector(".day .stack .fill-1");
  await page.getByRole("button", { name: "as table" }).click();
  await page.waitForSelector(".usage-table tbody tr");
  const services = page.locator("section[aria-label='Size by service'] tbody tr");
  await services.getByText("checkout").waitFor();
  assert.equal(await services.count(), 5);
  await close(page);
});

test("rows are counted, then deleted after the table is typed", async () => {
  const page = await open(browser, at("storage"));
  await page.getByText("this is every row of logs").waitFor();
  await page.fill("#delete-from", "tomorrow");
  await page.getByRole("button", { name: "Count rows" }).click();
  await page.waitForSelector("#delete-from-hint.bad");
  await page.fill("#delete-from", "");
  await page.getByRole("button", { name: "SQL condition" }).click();
  await page.fill("#delete-filter", "nosuch = 1");
  await page.getByRole("button", { name: "Count rows" }).click();
  await page.getByText(/nosuch/).waitFor();
  await page.getByRole("button", { name: "Search" }).click();
  await page.fill("#delete-filter", "service:gateway");
  await page.getByRole("button", { name: "Count rows" }).click();
  await page.getByText("60 rows of logs would be deleted.").waitFor();
  await accessible(page, "counted");
  await page.getByRole("button", { name: "Delete 60 rows" }).click();
  const dialog = page.getByRole("dialog");
  await page.waitForSelector("#delete-confirm:focus");
  assert.ok(await dialog.getByRole("button", { name: "Delete data" }).isDisabled());
  await page.keyboard.type("logs");
  await page.keyboard.press("Enter");
  await page.getByText("Deletion started").waitFor();
  await page.locator(".deletions").getByText("done", { exact: true }).waitFor();
  await page.locator(".deletions td.num", { hasText: /^60$/ }).waitFor();
  await close(page);
});

test("the audit log is read page by page, and filtered by link", async () => {
  const days = Array.from({ length: 130 }, (_, i) => 10 + i);
  for (const age of days) await api("PUT", "/settings/storage", { retention: [{ table: "spans", max_age_seconds: age * 86_400, max_bytes: null }] });
  const page = await open(browser, at("audit"));
  await page.getByText("100 loaded").waitFor();
  await page.locator(".audit .fold").first().click();
  await page.locator(".changes").getByText(String(139 * 86_400)).waitFor();
  await accessible(page, "change");
  await page.getByRole("button", { name: "Load older" }).click();
  await page.getByText("The log begins here.").waitFor();
  await page.getByLabel("Action", { exact: true }).selectOption("key.create");
  await page.waitForFunction(() => document.querySelectorAll(".audit > tbody").length === 1);
  assert.equal(params(page).get("action"), "key.create");
  await page.reload();
  await heading(page, "No entry fits").waitFor();
  await page.getByRole("button", { name: "Look further back" }).click();
  await page.locator(".audit td", { hasText: "key.create" }).waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  assert.equal(params(page).get("action"), null);
  await close(page);
});

test("health: figures, flush, check, backup", async () => {
  const page = await open(browser, at("health"));
  await page.getByRole("row", { name: /Log records/ }).waitFor();
  await page.waitForFunction(() => document.querySelector(".figures .spark path")?.getAttribute("d"));
  await page.getByText("accepts", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Flush" }).click();
  await page.getByRole("status").getByText("All rows are in files.").first().waitFor();
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByText(/All is well: \d+ files/).waitFor();
  await page.fill("#backup-target", "backups");
  await page.getByRole("button", { name: "Back up" }).click();
  await page.getByText("An absolute path is needed").waitFor();
  const target = `${lincei.data}-backup`;
  await page.fill("#backup-target", target);
  await page.keyboard.press("Enter");
  await page.getByText(/holds \d+ rows in \d+ files/).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("alert").locator(".note.bad").waitFor();
  await rm(target, { recursive: true });
  await close(page);
});

test("health: a server that does not answer is told, and followed again when it does", async () => {
  const page = await open(browser, "about:blank");
  await page.route("**/metrics", (route) => route.abort());
  await page.goto(at("health"));
  await heading(page, "The server did not answer").waitFor();
  await page.getByRole("button", { name: "Retry" }).click();
  await heading(page, "The server did not answer").waitFor();
  await page.unroute("**/metrics");
  await page.getByRole("row", { name: /Log records/ }).waitFor();
  await close(page);
});

test("running queries are followed and cancelled", async () => {
  const query = (id, state, elapsed) => ({
    id, state, sql: "SELECT service,\n  count(*)\nFROM logs GROUP BY 1", client: "ola from 10.0.0.7", user: "ola",
    started: new Date(Date.now() - elapsed).toISOString(), elapsed_ms: elapsed, rows_scanned: 25_000_000,
    rows_total: 100_000_000, bytes_scanned: 1_200_000_000, rows: 0, memory_bytes: 38_000_000,
  });
  const page = await open(browser, "about:blank");
  let queries = [], cancelled;
  await page.route("**/api/v1/queries", (route) => route.fulfill({ json: { queries } }));
  await page.route("**/api/v1/queries/q-1", (route) => {
    cancelled = route.request().method();
    queries = [query("q-1", "cancelled", 9000)];
    return route.fulfill({ status: 204 });
  });
  await page.goto(at("queries"));
  await heading(page, "No query is running").waitFor();
  queries = [query("q-1", "running", 4100), query("q-0", "done", 41)];
  await page.getByRole("button", { name: "Cancel query q-1" }).waitFor();
  await page.locator("tr", { has: page.getByRole("progressbar") }).getByText("25 M of 100 M").waitFor();
  queries = [query("q-1", "running", 5200), query("q-0", "done", 41)];
  await tabTo(page, ".queries button[aria-label='Cancel query q-1']");
  await page.locator("td.num", { hasText: "5.2" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Cancel query q-1");
  await accessible(page, "running");
  await page.keyboard.press("Enter");
  await page.getByText("Query cancelled").waitFor();
  assert.equal(cancelled, "DELETE");
  await heading(page, "No query is running").waitFor();
  await page.locator("tr", { hasText: "cancelled" }).locator(".statement").click();
  await page.locator(".whole-statement .code").waitFor();
  await close(page);
});

test("theme, zone and language are remembered", async () => {
  const page = await open(browser, at("appearance"));
  await page.getByRole("button", { name: "Light", exact: true }).click();
  assert.equal(await page.getAttribute("html", "data-theme"), "light");
  await page.getByRole("button", { name: "UTC", exact: true }).click();
  await page.getByText(/^Now it is .* UTC\.$/).waitFor();
  await page.getByRole("button", { name: "简体中文" }).click();
  await page.getByRole("heading", { name: "外观" }).waitFor();
  assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
  assert.equal(await page.getAttribute("html", "data-theme"), "light");
  for (const section of SECTIONS) {
    await page.click(`.settings-sections a[href='/settings/${section}']`);
    await page.waitForSelector(".settings-page .panel");
    await accessible(page, `${section}, Chinese`);
  }
  await page.click(".settings-sections a[href='/settings/appearance']");
  await page.getByRole("button", { name: "English" }).click();
  await heading(page, "Appearance").waitFor();
  await close(page);
});

test("bounds that were set elsewhere are shown as they are", async () => {
  await api("PUT", "/settings/storage", { retention: [{ table: "metrics", max_age_seconds: (36 * HOUR) / 1000, max_bytes: 50_000_000_000 }] });
  const page = await open(browser, at("storage"));
  const row = page.locator("tr", { has: page.locator("#edit-metrics") });
  await row.getByText("1 d 12 h").waitFor();
  assert.match(await row.textContent(), /50\s*GB/);
  await close(page);
});

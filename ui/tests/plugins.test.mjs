// Plugins: scripts that are typed and tried, versions and rolling back, upload, limits, log, deleting, and the
// page in its states.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { accessible, close, launch, open, params } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

const FIXTURE = fileURLToPath(new URL("../../plugins/host/tests/fixtures/v1/operator.wasm", import.meta.url));
const admin = { name: "mira", password: "correct horse battery" };
const viewer = { name: "ola", password: "staple horse battery" };
const GOOD = 'def process(record):\n    record.attributes["team"] = "payments"\n';
const OTHER = GOOD.replace("payments", "orders");
let browser, lincei, closed;

before(async () => {
  [browser, lincei, closed] = await Promise.all([launch(), Lincei.start(), Lincei.start({ account: admin })]);
  await lincei.send(shop(200));
});
after(async () => {
  await browser?.close();
  await Promise.all([lincei?.stop(), closed?.stop()]);
});
beforeEach(async () => {
  for (const { name } of (await api("GET", "/plugins")).items) await api("DELETE", `/plugins/${name}`);
});

const at = (path = "") => `${lincei.url}/plugins${path}`;
const heading = (page, name) => page.getByRole("heading", { name, exact: true });
async function api(method, path, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${lincei.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${response.ok ? "" : await response.text()}`);
  return response.status === 204 ? null : response.json();
}
const script = (name, source, language = "python") => api("POST", `/plugins/${name}/versions`, { language, source });
async function type(page, text) {
  await page.locator(".desk-editor .cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}
const added = (page, text) => page.locator("ins.add", { hasText: text }).first().waitFor();
const error = (page, text) => page.locator(".editor-errors li", { hasText: text }).waitFor();

test("without plugins the page shows the ways to the first", async () => {
  const page = await open(browser, at());
  await heading(page, "No plugins yet").waitFor();
  await page.getByText("lincei plugin new --lang rust --kind operator my-plugin").waitFor();
  await page.getByRole("button", { name: "Upload" }).waitFor();
  await accessible(page, "no plugins");
  await page.getByRole("link", { name: "Write JavaScript" }).click();
  await page.waitForURL(/\/plugins\/new\?language=javascript$/);
  await page.locator(".cm-content", { hasText: "function process(record)" }).waitFor();
  await added(page, "attributes.body.length");
  await page.goBack();
  await heading(page, "No plugins yet").waitFor();
  await close(page);
});

test("a script is tried while it is typed: a mistake at its line, then what it changes, then saved", async () => {
  const page = await open(browser, at("/new?language=python"));
  await added(page, "attributes.body.length");
  await type(page, 'def process(record)\n    record.attributes["team"] = "payments"\n');
  await error(page, "SyntaxError");
  await page.locator(".editor-errors", { hasText: "Line 1" }).waitFor();
  await page.locator(".cm-failed-line .cm-said", { hasText: "SyntaxError" }).waitFor();
  await page.locator(".cm-lint-marker-error").waitFor();
  await accessible(page, "a mistake in a script");
  await type(page, 'def process(record):\n    helper(record)\n\ndef helper(record):\n    return 1 / 0\n');
  await error(page, "ZeroDivisionError");
  await page.locator(".editor-errors", { hasText: "Line 5" }).waitFor();
  await page.locator(".backtrace li", { hasText: "helper" }).first().waitFor();
  await page.locator(".editor-errors button").click();
  await page.waitForFunction(() => document.activeElement?.closest?.(".desk-editor"));
  await type(page, GOOD);
  await added(page, "attributes.team");
  await page.locator(".editor-errors li").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Save plugin" }).click();
  await page.getByText("1 to 64 of a-z, 0-9 and -").waitFor();
  await page.getByLabel("Name").fill("team");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/plugins\/team$/);
  await heading(page, "Work and cost").waitFor();
  await page.getByText("An operator works once it is a step of a pipeline.").waitFor();
  assert.equal((await api("GET", "/plugins/team")).runtime, "python");
  await page.goto(at("/new"));
  await page.getByLabel("Name").fill("team");
  await page.keyboard.press("Enter");
  await page.getByText("there is a plugin of this name").waitFor();
  assert.equal((await api("GET", "/plugins/team/versions")).length, 1, "a new script is no version of another");
  await close(page);
});

test("columns and batches, in both languages, are examples that work", async () => {
  const page = await open(browser, at("/new"));
  for (const language of ["Python", "JavaScript"]) {
    await page.getByRole("button", { name: language }).click();
    for (const style of ["expressions on columns", "batches as lists", "each record"]) {
      const option = page.getByLabel("Begin with an example").locator("option", { hasText: style });
      await page.getByLabel("Begin with an example").selectOption(await option.getAttribute("value"));
      await page.locator(".trial-view .data-view:not(.stale) .trial-foot").waitFor();
      await page.waitForTimeout(500);
      await page.locator(".trial-view .data-view:not(.stale) .trial-foot").waitFor();
      assert.equal(await page.locator(".desk .failure, .editor-errors li").count(), 0, `${style} in ${language}`);
    }
  }
  await close(page);
});

test("dropped rows are struck, and prints are shown with what it cost", async () => {
  const page = await open(browser, at("/new?newest=10"));
  await type(page, 'def process(record):\n    print("seen", record.service)\n    return DROP\n');
  await page.locator(".trial-record.dropped del.del").first().waitFor();
  await page.getByRole("button", { name: "Dropped 10" }).click();
  await page.locator(".trial-foot button").click();
  await page.locator(".trial-log", { hasText: "seen" }).waitFor();
  assert.match(await page.textContent(".trial-foot"), /CPU .*memory /s);
  await close(page);
});

test("a script is changed, saved as a version, and rolled back in one click", async () => {
  await script("team", GOOD);
  const page = await open(browser, at("/team?tab=script"));
  await page.locator(".cm-content", { hasText: "payments" }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Save as new version" }).isDisabled());
  await type(page, OTHER);
  await page.getByText("changed, not saved").waitFor();
  await page.reload();
  await page.locator(".cm-content", { hasText: "orders" }).waitFor();
  await page.getByRole("button", { name: "Save as new version" }).click();
  await page.locator(".page-head", { hasText: "v2" }).waitFor();
  await page.getByText("changed, not saved").waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByRole("button", { name: "Roll back to version 1" }).click();
  await page.locator(".page-head", { hasText: "v1" }).waitFor();
  assert.equal((await api("GET", "/plugins/team")).active_version, 1);
  await page.getByRole("button", { name: "Activate version 2" }).waitFor();
  await page.getByRole("link", { name: "Open" }).first().click();
  assert.equal(params(page).get("version"), "2");
  await page.locator(".cm-content", { hasText: "orders" }).waitFor();
  await page.getByText("not the active version").waitFor();
  await close(page);
});

test("what is no plugin is refused, a component is uploaded, tried and used", async () => {
  const page = await open(browser, at());
  await page.getByRole("button", { name: "Upload" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Upload" }).click();
  await page.locator("input[type=file]").setInputFiles({ name: "Bad_One.wasm", mimeType: "application/wasm", buffer: Buffer.from("no") });
  assert.equal(await dialog.getByLabel("Name").inputValue(), "bad-one");
  await dialog.getByRole("button", { name: "Upload" }).click();
  await dialog.locator(".note.bad", { hasText: "WebAssembly" }).waitFor();
  await accessible(page, "an upload that is refused");
  await page.locator("input[type=file]").setInputFiles(FIXTURE);
  await dialog.getByLabel("Name").fill("from-file");
  await dialog.getByRole("button", { name: "Upload" }).click();
  await page.waitForURL(/\/plugins\/from-file$/, { timeout: 60_000 });
  await heading(page, "About").waitFor();
  await page.getByRole("tab", { name: "Try" }).click();
  await page.locator(".trial-view .trial-foot").waitFor();
  await page.getByRole("button", { name: "Upload a version" }).click();
  // The same plugin with a custom section more, as the same bytes would be the same version.
  const buffer = Buffer.concat([await readFile(FIXTURE), Buffer.from([0, 5, 4]), Buffer.from("note")]);
  await page.locator("input[type=file]").setInputFiles({ name: "next.wasm", mimeType: "application/wasm", buffer });
  await page.getByRole("checkbox", { name: "Let it take over at once" }).uncheck();
  await page.getByRole("dialog").getByRole("button", { name: "Upload" }).click();
  await page.getByRole("button", { name: "Activate version 2" }).waitFor({ timeout: 60_000 });
  await close(page);
});

test("limits, configuration, switching off, log and deleting", async () => {
  await script("talks", 'print("started")\ndef process(record):\n    pass\n');
  const page = await open(browser, at("/talks?tab=settings"));
  await page.getByLabel("CPU time of a call").fill("0");
  await page.getByRole("button", { name: "Save limits" }).click();
  await page.waitForFunction(() => document.activeElement?.id === "limit-call-cpu");
  await page.getByLabel("CPU time of a call").fill("250");
  await page.getByRole("button", { name: "Save limits" }).click();
  await page.getByText("Limits saved").waitFor();
  assert.equal((await api("GET", "/plugins/talks")).limits.call_cpu_ms, 250);
  await page.locator(".editor-view .cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"limit": }');
  await page.locator(".editor-errors li").waitFor();
  assert.ok(await page.getByRole("button", { name: "Save configuration" }).isDisabled());
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"limit": 3}');
  await page.getByRole("button", { name: "Save configuration" }).click();
  await page.getByText("Configuration saved").waitFor();
  assert.deepEqual((await api("GET", "/plugins/talks")).config, { limit: 3 });
  await page.getByRole("switch").click();
  await page.locator(".page-head .badge", { hasText: "off" }).waitFor();
  await page.getByRole("switch").click();
  await page.locator(".page-head .badge", { hasText: "working" }).waitFor();
  await page.getByRole("tab", { name: "Log" }).click();
  await page.locator(".plugin-log", { hasText: "started" }).waitFor();
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await heading(page, "No plugins yet").waitFor();
  await close(page);
});

test("an error on real records is shown with its line and backtrace, and a step says who uses it", async () => {
  // It goes well when it is tried before it is saved, and fails on what comes later.
  await script("picky", 'def process(record):\n    if record.service == "odd":\n        return record.attributes["nobody"].upper()\n');
  const { revision } = (await api("GET", "/pipelines")).items[0];
  await api("PUT", "/pipelines/logs", { revision, steps: [{ name: "picky", operator: "plugin:picky", on_failure: "pass" }] });
  await lincei.send([{ message: "hello", service: "odd" }]);
  const page = await open(browser, at());
  await page.getByRole("link", { name: "picky" }).click();
  await heading(page, "Last error").waitFor();
  await page.locator(".failure", { hasText: "line 3" }).waitFor();
  await page.locator(".backtrace li", { hasText: "process" }).waitFor();
  await page.getByRole("link", { name: "logs/picky" }).click();
  await page.waitForURL(/\/pipelines\/logs/);
  await page.locator(".op.on", { hasText: "picky" }).waitFor();
  await page.locator(".op .wire", { hasText: "1 failed" }).waitFor();
  await api("PUT", "/pipelines/logs", { revision: revision + 1, steps: [] });
  await close(page);
});

test("loading, failing and trying again, and a plugin that is not there", async () => {
  const page = await open(browser, "about:blank");
  let release, failing = true;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/api/v1/plugins", async (route) => {
    await held;
    if (!failing) return route.continue();
    const problem = { title: "", status: 503, code: "unavailable", detail: "the catalog is busy", retryable: true };
    return route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify(problem) });
  });
  await page.goto(at());
  await page.waitForSelector(".outline[aria-busy=true]");
  release();
  await page.getByText("The catalog is busy.").waitFor();
  await accessible(page, "failed");
  failing = false;
  await page.getByRole("button", { name: "Retry" }).click();
  await heading(page, "No plugins yet").waitFor();
  await page.goto(at("/nobody"));
  await page.getByRole("alert").getByText("nobody").waitFor();
  await page.getByRole("link", { name: "Plugins", exact: true }).last().click();
  await heading(page, "No plugins yet").waitFor();
  await close(page);
});

test("whoever may only look sees why nothing can be changed", async () => {
  const session = await fetch(`${closed.url}/api/v1/session`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(admin) });
  const { csrf_token } = await session.json();
  const headers = { "content-type": "application/json", "x-lincei-csrf": csrf_token, cookie: session.headers.get("set-cookie").split(";")[0] };
  const made = await fetch(`${closed.url}/api/v1/accounts`, { method: "POST", headers, body: JSON.stringify({ ...viewer, role: "viewer" }) });
  assert.ok(made.ok, await made.text());
  const page = await open(browser, `${closed.url}/plugins`);
  await page.fill("#sign-in-name", viewer.name);
  await page.fill("#sign-in-password", viewer.password);
  await page.keyboard.press("Enter");
  await heading(page, "No plugins yet").waitFor();
  await page.getByText("changed by an administrator").waitFor();
  assert.ok(await page.getByRole("button", { name: "Upload" }).isDisabled());
  await page.goto(`${closed.url}/pipelines/logs`);
  await page.getByRole("button", { name: "Set a team" }).click();
  assert.ok(await page.getByRole("button", { name: "Save", exact: true }).isDisabled());
  await close(page);
});

test("whole in both themes, at both widths, and in Chinese", async () => {
  await script("team", GOOD);
  for (const [theme, width] of [["dark", 1440], ["light", 1440], ["dark", 1024], ["light", 1024]]) {
    const page = await open(browser, at(), { theme, width });
    await page.getByRole("link", { name: "team" }).click();
    for (const tab of ["Overview", "Versions", "Settings", "Log", "Script"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.waitForFunction(() => !document.querySelector(".outline"));
      await accessible(page, `${tab}, ${theme}, ${width}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${tab} at ${width} is ${over} px too wide`);
    }
    await close(page);
  }
  const page = await open(browser, at());
  await page.evaluate(() => localStorage.setItem("lincei.language", "zh-CN"));
  await page.reload();
  await heading(page, "插件").waitFor();
  await close(page);
});

test("the keyboard leads there, and the palette too", async () => {
  const page = await open(browser, `${lincei.url}/logs`);
  await page.getByRole("navigation", { name: "Main" }).first().waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await heading(page, "No plugins yet").waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("pipel");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/pipelines$/);
  await close(page);
});

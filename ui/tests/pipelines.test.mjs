// Pipelines: steps that are added, ordered, tried, saved and refused, and the page in its states.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open, params } from "./support/browser.mjs";
import { Lincei, shop } from "./support/lincei.mjs";

let browser, lincei, empty;

before(async () => {
  [browser, lincei, empty] = await Promise.all([launch(), Lincei.start(), Lincei.start()]);
  await lincei.send(shop(200));
});
after(async () => {
  await browser?.close();
  await Promise.all([lincei?.stop(), empty?.stop()]);
});

const url = (signal = "logs", search = "", server = lincei) => `${server.url}/pipelines/${signal}${search}`;
const steps = (page) => page.locator(".op .op-name b").allTextContents();
const saved = async (signal = "logs") => {
  const { items } = await (await fetch(`${lincei.url}/api/v1/pipelines`)).json();
  return items.find((item) => item.signal === signal);
};
async function put(list, signal = "logs") {
  const { revision } = await saved(signal);
  const body = JSON.stringify({ revision, steps: list });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${lincei.url}/api/v1/pipelines/${signal}`, { method: "PUT", headers, body });
  assert.ok(response.ok, await response.text());
}
const SET = { name: "team", operator: "set", config: { values: { "attributes.team": "payments" } }, on_failure: "pass" };
const DROP = { name: "quiet", operator: "drop", search: "severity:DEBUG", on_failure: "pass" };
const REDACT = { name: "mask", operator: "redact", config: { columns: ["body"], pattern: "A-\\d+", replacement: "[order]" }, on_failure: "pass" };
const tried = (page) => page.locator(".trial-view .data-view:not(.stale) .trial-record").first().waitFor();
const save = (page) => page.getByRole("button", { name: "Save", exact: true });
async function type(page, text) {
  await page.locator(".step-form .editor-view .cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

test("an empty pipeline leads to a first step, which is tried before it is saved", async () => {
  const page = await open(browser, `${lincei.url}/pipelines`);
  await page.getByRole("heading", { name: "Stored as they come" }).waitFor();
  await accessible(page, "an empty pipeline");
  await page.getByRole("button", { name: "Set a team" }).click();
  await page.locator("ins.add", { hasText: "attributes.team" }).first().waitFor();
  assert.deepEqual(await steps(page), ["set"]);
  await page.getByText("changed, not saved").waitFor();
  assert.equal((await saved()).revision, 0, "a preview saves nothing");
  await save(page).click();
  await page.getByText("revision 1").waitFor();
  await page.getByText("changed, not saved").waitFor({ state: "detached" });
  assert.deepEqual((await saved()).steps.map((step) => step.operator), ["set"]);
  await lincei.send(shop(20));
  await page.keyboard.press("r");
  await page.locator(".op .r", { hasText: "20 in" }).waitFor();
  await close(page);
});

test("steps are moved by pointer, by button and by keyboard", async () => {
  await put([SET, DROP, REDACT]);
  const page = await open(browser, url());
  await tried(page);
  assert.deepEqual(await steps(page), ["team", "quiet", "mask"]);
  const [from, to] = await Promise.all([
    page.locator(".op .grip").nth(0).boundingBox(),
    page.locator(".op").nth(2).boundingBox(),
  ]);
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 8, to.y + to.height, { steps: 6 });
  await page.mouse.up();
  assert.deepEqual(await steps(page), ["quiet", "mask", "team"]);
  await page.locator(".op-main", { hasText: "mask" }).click();
  assert.equal(params(page).get("step"), "mask");
  await page.getByRole("button", { name: "Move up" }).click();
  assert.deepEqual(await steps(page), ["mask", "quiet", "team"]);
  await page.locator(".op-main", { hasText: "mask" }).press("Alt+ArrowDown");
  await page.waitForFunction(() => document.activeElement?.textContent.includes("mask"));
  assert.deepEqual(await steps(page), ["quiet", "mask", "team"]);
  await page.getByText("mask is step 2 of 3").waitFor({ state: "attached" });
  await page.keyboard.press("j");
  await page.getByRole("heading", { name: "set" }).waitFor();
  await save(page).click();
  await page.getByText("changed, not saved").waitFor({ state: "detached" });
  assert.deepEqual((await saved()).steps.map((step) => step.name), ["quiet", "mask", "team"]);
  await close(page);
});

test("a step is edited: configuration, filter, policy, name, off and on", async () => {
  await put([REDACT]);
  const page = await open(browser, url());
  await page.locator("del.del", { hasText: "body" }).first().waitFor();
  await type(page, '{"columns": ["body"], "pattern": }');
  await page.locator(".editor-errors", { hasText: "expected value" }).waitFor();
  await page.locator(".op .health.bad").waitFor();
  await save(page).click();
  assert.equal((await saved()).steps[0].config.pattern, REDACT.config.pattern, "what cannot be read is not saved");
  await type(page, '{"columns": ["body"], "pattern": "order", "replacement": "o"}');
  await page.locator(".editor-errors li").waitFor({ state: "detached" });
  await page.getByLabel("Only records that match").fill("severity:ERROR");
  await page.getByLabel("Reject").check();
  await page.getByLabel("Name").fill("Not good");
  await page.getByText("1 to 64 of a-z, 0-9 and -").waitFor();
  await page.getByLabel("Name").fill("orders");
  await save(page).click();
  await page.getByText("changed, not saved").waitFor({ state: "detached" });
  const [step] = (await saved()).steps;
  assert.deepEqual([step.name, step.search, step.on_failure, step.config.pattern], ["orders", "severity:ERROR", "reject", "order"]);
  await page.getByRole("switch", { name: "Step works" }).click();
  await page.locator(".op.off").waitFor();
  await page.getByRole("heading", { name: "Nothing changes" }).waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.locator(".op.off").waitFor({ state: "detached" });
  await close(page);
});

test("steps are added from a list, and taken out", async () => {
  await put([], "spans");
  const page = await open(browser, url("spans"));
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await accessible(page, "the list of operators");
  await page.getByRole("dialog").getByRole("button", { name: "parse_json" }).click();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "parse_json" }).click();
  assert.deepEqual(await steps(page), ["parse-json", "parse-json-2"]);
  await page.getByRole("button", { name: "Remove the step" }).click();
  await page.getByRole("heading", { name: "parse_json" }).waitFor();
  assert.deepEqual(await steps(page), ["parse-json"]);
  await page.reload();
  await page.getByText("changed, not saved").waitFor();
  assert.deepEqual(await steps(page), ["parse-json"], "a draft outlives the page");
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("heading", { name: "Stored as they come" }).waitFor();
  await close(page);
});

test("records before and after: which, how many, dropped ones, and up to a step", async () => {
  await put([DROP, SET]);
  const page = await open(browser, url("logs", "?newest=10"));
  await tried(page);
  await page.getByLabel("Only records that this search finds").fill("severity:DEBUG");
  await page.locator(".trial-record.dropped").first().waitFor();
  assert.equal(params(page).get("q"), "severity:DEBUG");
  await page.waitForFunction(() => document.querySelectorAll(".trial-record.dropped").length === 10);
  await page.getByLabel("Only records that this search finds").fill("severity:ERROR");
  await page.locator(".trial-record.changed").first().waitFor();
  await page.getByLabel("Only up to quiet").check();
  await page.getByRole("heading", { name: "Nothing changes" }).waitFor();
  await page.getByRole("button", { name: "Show them" }).click();
  await page.locator(".trial-record.same").first().waitFor();
  await page.getByLabel("Only records that this search finds").fill('"nobody said this"');
  await page.getByRole("heading", { name: "No records to try it on" }).waitFor();
  await page.getByRole("button", { name: "Use examples" }).click();
  await page.locator(".trial-record").first().waitFor();
  await close(page);
});

test("what somebody else saved meanwhile is not lost", async () => {
  await put([SET]);
  const page = await open(browser, url());
  await tried(page);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "drop" }).click();
  await put([REDACT]);
  await save(page).click();
  await page.getByRole("alert").getByText("Somebody else has saved").waitFor();
  assert.deepEqual((await saved()).steps.map((step) => step.name), ["mask"]);
  await accessible(page, "a conflict");
  await page.getByRole("button", { name: "Save mine over it" }).click();
  await page.getByText("changed, not saved").waitFor({ state: "detached" });
  assert.deepEqual((await saved()).steps.map((step) => step.name), ["team", "drop"]);
  await page.getByRole("button", { name: "Remove the step" }).click();
  await put([REDACT]);
  await save(page).click();
  await page.getByRole("button", { name: "Discard mine, show theirs" }).click();
  assert.deepEqual(await steps(page), ["mask"]);
  await close(page);
});

test("loading, failing, refused, and a slow preview that is cancelled", async () => {
  await put([SET]);
  const page = await open(browser, "about:blank");
  let failing = true, release;
  const held = new Promise((resolve) => (release = resolve));
  const refuse = (status, code, detail) => ({ status, contentType: "application/problem+json", body: JSON.stringify({ title: "", status, code, detail, retryable: false }) });
  await page.route("**/api/v1/pipelines", async (route) => {
    await held;
    return failing ? route.fulfill(refuse(503, "unavailable", "the catalog is busy")) : route.continue();
  });
  let slow = false;
  await page.route("**/preview", async (route) => {
    if (slow) await new Promise((resolve) => setTimeout(resolve, 4000));
    await route.continue().catch(() => {});
  });
  await page.goto(url());
  await page.locator(".outline[aria-busy=true]").waitFor();
  release();
  await page.getByText("The catalog is busy.").waitFor();
  failing = false;
  await page.getByRole("button", { name: "Retry" }).click();
  await tried(page);
  slow = true;
  await page.getByLabel("Only records that match").fill("severity:ERROR");
  await page.locator(".trial-view").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Run again" }).waitFor();
  slow = false;
  await page.getByLabel("Only records that match").fill("severity:(");
  await page.locator(".trial-view [role=alert]").waitFor();
  await save(page).click();
  await page.locator(".pipeline-refused .note.bad").waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await tried(page);
  await close(page);
});

test("whole in both themes, at both widths, and in Chinese", async () => {
  await put([SET, DROP, REDACT]);
  for (const [theme, width] of [["dark", 1440], ["light", 1440], ["dark", 1024], ["light", 1024]]) {
    const page = await open(browser, url("logs", "?step=mask"), { theme, width });
    await tried(page);
    await accessible(page, `pipelines, ${theme}, ${width}`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${width} is ${over} px too wide`);
    await close(page);
  }
  const page = await open(browser, url());
  await page.evaluate(() => localStorage.setItem("lincei.language", "zh-CN"));
  await page.reload();
  await page.getByRole("heading", { name: "流水线" }).waitFor();
  await page.getByText("仅匹配的记录").waitFor();
  await close(page);
});

test("the keyboard leads there, and nothing is stored while there is nothing to try it on", async () => {
  const page = await open(browser, empty.url);
  await page.getByRole("navigation", { name: "Main" }).first().waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.waitForURL(/\/pipelines$/);
  await page.getByRole("tab", { name: "Metrics" }).click();
  await page.waitForURL(/\/pipelines\/metrics$/);
  await page.getByRole("button", { name: "Drop health checks" }).click();
  await page.getByRole("heading", { name: "No records to try it on" }).waitFor();
  await page.getByLabel("Only records that match").fill("metric:process.memory.usage");
  await page.getByRole("button", { name: "Use examples" }).click();
  await page.locator(".trial-record.dropped").first().waitFor();
  await close(page);
});

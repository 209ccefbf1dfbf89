// Every page as a picture, in both themes, compared with the approved one. The data and the clock are
// always the same; what depends on the machine (durations, bytes of files) is hidden or answered here.
import { after, before, test } from "node:test";
import { close, open, settled } from "./support/browser.mjs";
import { Lincei, shop, shopDashboard } from "./support/lincei.mjs";
import { launchWithFonts, looks } from "./support/pictures.mjs";

const NOW = Date.parse("2026-02-03T10:00:00Z");
const MINUTE = 60_000;
const at = (minutes) => NOW - minutes * MINUTE;
const HOUR = { from: new Date(at(60)).toISOString(), to: new Date(NOW).toISOString() };
const WIDE = { width: 1440, height: 900 };
const SHOTS = [
  ["dark", WIDE],
  ["light", WIDE],
];
let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launchWithFonts(), Lincei.start()]);
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

// The page at a moment that never changes, on a server whose size and rate do not either.
async function show(path, query, [theme, { width, height }]) {
  const page = await open(browser, "about:blank", { theme, width, height, zone: "UTC", bypassCSP: true });
  await page.clock.setFixedTime(NOW);
  await page.route("**/api/v1/status", async (route) => {
    const answer = await (await route.fetch()).json();
    const tables = answer.tables.map((table) => ({ ...table, bytes: table.rows * 40 }));
    await route.fulfill({ json: { ...answer, now: new Date(NOW).toISOString(), version: "0.0.0", records_per_second: 120, tables } });
  });
  await page.goto(`${lincei.url}${path}?${new URLSearchParams(query)}`);
  return page;
}

async function send() {
  await lincei.serve("storefront", { from: at(60), to: NOW, count: 1200 });
  await lincei.serve("cart", { from: at(60), to: NOW, count: 800, tookMs: 45 });
  await lincei.serve("payment", { from: at(60), to: at(8), count: 1040, tookMs: 120 });
  await lincei.serve("payment", { from: at(8), to: NOW, count: 160, tookMs: 900, failEvery: 2, version: "2.0.0" });
  await lincei.serve("search", { from: at(60), to: at(10), count: 1000 });
  await lincei.serve("search", { from: at(10), to: NOW, count: 200, tookMs: 1400 });
  await lincei.send(shop(3600, { newest: NOW - 1000 }));
}

test("the guide, before anything was sent", async () => {
  for (const shot of SHOTS) {
    const page = await show("/", {}, shot);
    await page.getByRole("heading", { name: "Nothing was sent yet" }).waitFor();
    await looks(page, `guide-${shot[0]}`);
    await close(page);
  }
  await send();
});

test("home", async () => {
  for (const [theme, size, name] of [["dark", WIDE, "dark"], ["light", WIDE, "light"], ["dark", { width: 390, height: 844 }, "390"]]) {
    const page = await show("/", { ...HOUR, from: new Date(at(30)).toISOString() }, [theme, size]);
    await page.waitForSelector(".svc tbody tr.go");
    await looks(page, `home-${name}`);
    await close(page);
  }
});

test("logs, with a line open", async () => {
  for (const [theme, size, name] of [["dark", WIDE, "dark"], ["light", WIDE, "light"], ["light", { width: 1024, height: 768 }, "1024"]]) {
    const page = await show("/logs", { ...HOUR, q: "severity:>=WARN" }, [theme, size]);
    await settled(page);
    await page.locator(".lr[role=row]").nth(2).click();
    await page.waitForSelector(".drawer .msg");
    await page.mouse.move(0, 0);
    await looks(page, `logs-${name}`);
    await close(page);
  }
});

test("logs: patterns, nothing found, a search that cannot be read", async () => {
  for (const [theme, query, ready, name] of [
    ["dark", { tab: "patterns" }, ".pr[role=row]", "patterns"],
    ["light", { q: "nothing-like-this" }, ".list .state", "logs-empty"],
    ["dark", { q: '"open' }, ".list .state", "logs-error"],
  ]) {
    const page = await show("/logs", { ...HOUR, ...query }, [theme, WIDE]);
    await page.waitForSelector(ready);
    if (name === "patterns") await page.waitForSelector(".histo:not(.stale) .total");
    await page.waitForFunction(() => !document.querySelector(".skeleton"));
    await looks(page, name);
    await close(page);
  }
});

// The editor is there, and what it completes.
async function written(page) {
  await page.waitForSelector(".sql-keys li");
  await page.waitForFunction(() => document.querySelector("[data-editor]").shadowRoot?.querySelector(".cm-content"));
}

test("SQL, with an answer", async () => {
  const sql = "SELECT service, severity, count(*) AS lines\nFROM logs\nGROUP BY service, severity\nORDER BY lines DESC, service, severity";
  for (const shot of SHOTS) {
    const page = await show("/sql", { ...HOUR, sql }, shot);
    await page.waitForSelector(".sql-result[aria-busy=false] [role=gridcell]");
    await written(page);
    await looks(page, `sql-${shot[0]}`);
    await close(page);
  }
});

test("the palette", async () => {
  const page = await show("/sql", HOUR, ["dark", WIDE]);
  await written(page);
  await page.keyboard.press("Control+k");
  await page.keyboard.insertText("se");
  await page.getByRole("option", { name: /storefront/ }).waitFor();
  await looks(page, "palette");
  await close(page);
});

test("a dashboard", async () => {
  const { id } = await lincei.save("dashboard", "Shop", shopDashboard());
  for (const shot of SHOTS) {
    const page = await show(`/dashboards/${id}`, HOUR, shot);
    await page.waitForFunction(() => document.querySelectorAll(".card-body :is(canvas, tbody tr:first-child, li:first-child > .card-line, .stat)").length >= 5);
    await looks(page, `dashboard-${shot[0]}`);
    await close(page);
  }
});

test("the list of dashboards, and storage in the settings", async () => {
  for (const shot of SHOTS) {
    const page = await show("/dashboards", {}, shot);
    await page.route("**/api/v1/saved**", async (route) => {
      const { items } = await (await route.fetch()).json();
      const kept = items.map((item) => ({ ...item, updated_at: new Date(at(90)).toISOString() }));
      await route.fulfill({ json: { items: kept } });
    });
    await page.reload();
    await page.getByRole("link", { name: "Shop" }).waitFor();
    await looks(page, `dashboards-${shot[0]}`);
    await page.route("**/api/v1/storage", async (route) => {
      const info = await (await route.fetch()).json();
      const fixed = (part) => ({ ...part, bytes: part.rows * 40, files: 3 });
      const tables = info.tables.map((table) => ({ ...fixed(table), days: table.days.map(fixed), services: table.services?.map(fixed) }));
      const disk = { total_bytes: 256e9, free_bytes: 190e9, reserve_bytes: 1e9 };
      await route.fulfill({ json: { ...info, tables, disk, now: new Date(NOW).toISOString(), wal_bytes: 4e6, growth_bytes_per_day: 3e9, days_until_full: 63.4 } });
    });
    await page.goto(`${lincei.url}/settings/storage`);
    await page.waitForSelector(".disk-bar");
    await looks(page, `storage-${shot[0]}`);
    await close(page);
  }
});

test("a pipeline with its preview, and no plugins yet", async () => {
  const steps = [
    { name: "orders", operator: "redact", config: { columns: ["body"], pattern: "A-\\d+", replacement: "[order]" }, search: "service:payment", on_failure: "pass" },
    { name: "quiet", operator: "drop", search: "severity:DEBUG", on_failure: "pass" },
    { name: "team", operator: "set", config: { values: { "attributes.team": "payments" } }, on_failure: "reject", disabled: true },
  ];
  const saved = await fetch(`${lincei.url}/api/v1/pipelines/logs`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ revision: 0, steps }),
  });
  if (!saved.ok) throw new Error(await saved.text());
  for (const shot of SHOTS) {
    const page = await show("/pipelines", {}, shot);
    await page.route("**/api/v1/plugins", (route) => route.fulfill({ json: { items: [], threads: 1, languages: ["python", "javascript"] } }));
    await page.goto(`${lincei.url}/plugins`);
    await page.getByRole("heading", { name: "No plugins yet" }).waitFor();
    await page.waitForSelector(".nav-foot .health.ok");
    await looks(page, `plugins-${shot[0]}`);
    await page.route("**/api/v1/pipelines", async (route) => {
      const list = await (await route.fetch()).json();
      const items = list.items.map((item) => (item.revision ? { ...item, updated_at: new Date(at(90)).toISOString() } : item));
      await route.fulfill({ json: { ...list, items } });
    });
    await page.route("**/preview", async (route) => {
      const result = await (await route.fetch()).json();
      const told = (result.steps ?? []).map((step) => ({ ...step, seconds: 0.0004 }));
      await route.fulfill({ json: { ...result, steps: told, cpu_us: 412, memory_bytes: 0 } });
    });
    await page.goto(`${lincei.url}/pipelines/logs`);
    await page.locator(".trial-record").first().waitFor();
    await page.waitForFunction(() => document.querySelector("[data-editor]")?.shadowRoot?.querySelector(".cm-content"));
    await looks(page, `pipelines-${shot[0]}`);
    await close(page);
  }
});

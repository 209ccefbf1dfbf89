// Chromium, pages that fail a test by what they print, and the accessibility scan.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
// Nothing that reaches out, and nothing that a container refuses.
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

// Opens a page of its own session. Whatever the page prints as an error, beyond answers that a test
// asked for, is in `page.complaints`.
export async function open(browser, url, { width = 1440, height = 900, theme = "dark", zone = "Europe/Berlin", bypassCSP = false } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    bypassCSP,
    timezoneId: zone,
    colorScheme: theme,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      page.complaints.push(message.text());
    }
  });
  await page.goto(url);
  return page;
}

export async function close(page) {
  const { complaints } = page;
  await page.context().close();
  assert.deepEqual(complaints, [], "the page printed errors");
}

// Waits until the list shows lines of the present question and nothing is under way.
export async function settled(page) {
  await page.waitForSelector(".list:not(.stale) .lr[role=row] .t");
  await page.waitForSelector(".histo:not(.stale) .total");
}

// No finding of axe that hinders people: serious or critical.
export async function accessible(page, where) {
  // The style sheet's transitions would be judged in the middle of a colour.
  await page.waitForTimeout(250);
  const source = await (await import("node:fs/promises")).readFile(AXE, "utf8");
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  const grave = violations.filter((violation) => ["serious", "critical"].includes(violation.impact));
  const told = grave.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join("\n  ")}`);
  assert.deepEqual(told, [], `accessibility of ${where}`);
}

export const total = async (page) => Number((await page.textContent(".histo .total")).replaceAll(",", ""));
export const bodies = (page) => page.locator(".lr[role=row] .b").allTextContents();
export const params = (page) => new URL(page.url()).searchParams;

// Pictures of the page, compared with those in `tests/pictures` that somebody looked at and approved.
// Fonts come from packages, so that a picture is the same wherever Chromium is.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import { chromium } from "playwright-core";
import { PNG } from "pngjs";
import { FLAGS } from "./browser.mjs";

const APPROVED = fileURLToPath(new URL("../pictures", import.meta.url));
const SEEN = join(tmpdir(), "lincei-pictures");
// Share of the pixels that may differ: another release of Chromium draws edges a little otherwise.
const DIFFERENT_MAX = 0.002;

const folder = (name) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

async function fontConfiguration() {
  await mkdir(SEEN, { recursive: true });
  const alias = (family, own) => `<alias binding="strong"><family>${family}</family><prefer><family>${own}</family></prefer></alias>`;
  const file = join(SEEN, "fonts.conf");
  await writeFile(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${folder("@expo-google-fonts/inter")}</dir><dir>${folder("@expo-google-fonts/jetbrains-mono")}</dir>
<cachedir>${join(SEEN, "fonts")}</cachedir>
${["sans-serif", "system-ui", "serif"].map((family) => alias(family, "Inter")).join("")}
${["monospace", "ui-monospace"].map((family) => alias(family, "JetBrains Mono")).join("")}
<match target="font"><edit name="hinting" mode="assign"><bool>false</bool></edit><edit name="rgba" mode="assign"><const>none</const></edit></match>
</fontconfig>`,
  );
  return file;
}

// Chromium with the fonts of the packages and no others.
export async function launchWithFonts() {
  const env = { ...process.env, FONTCONFIG_FILE: await fontConfiguration() };
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [...FLAGS, "--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"],
    env,
  });
}

// Nothing moves and no cursor blinks while the picture is taken. The page has to be opened with `bypassCSP`.
const STILL = "*, *::before, *::after { transition: none !important; animation: none !important }";
// What is another in each run: what a query took, when a line arrived, on which ports the server listens.
const HIDDEN = ".lf > :last-child, .sql-foot > .grow ~ span { visibility: hidden }";
const TEXTS = [
  ["(127\\.0\\.0\\.1):\\d+", "$1:1609"],
  ["\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{7,}", "2026-02-03 10:00:00.123456789"],
];

// Fails when the page does not look as approved; with LINCEI_BLESS=1 it is what is approved from now on.
export async function looks(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate((pairs) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const [pattern, text] of pairs) {
        const changed = texts.currentNode.data.replace(new RegExp(pattern, "g"), text);
        if (changed !== texts.currentNode.data) texts.currentNode.data = changed;
      }
    }
  }, TEXTS);
  const png = await page.screenshot({ animations: "disabled", caret: "hide", style: `${STILL} ${HIDDEN}` });
  const approved = join(APPROVED, `${name}.png`);
  if (process.env.LINCEI_BLESS === "1") {
    await mkdir(APPROVED, { recursive: true });
    await writeFile(approved, png);
    return;
  }
  const seen = join(SEEN, `${name}.png`);
  await writeFile(seen, png);
  assert.ok(existsSync(approved), `nobody approved ${name}: look at ${seen}, then run with LINCEI_BLESS=1`);
  const [was, is] = [PNG.sync.read(await readFile(approved)), PNG.sync.read(png)];
  assert.deepEqual([is.width, is.height], [was.width, was.height], `size of ${name}`);
  const diff = new PNG({ width: is.width, height: is.height });
  const different = pixelmatch(was.data, is.data, diff.data, is.width, is.height, { threshold: 0.15 });
  if (different > is.width * is.height * DIFFERENT_MAX) {
    const marked = join(SEEN, `${name}.diff.png`);
    await writeFile(marked, PNG.sync.write(diff));
    assert.fail(`${name} differs in ${different} pixels: compare ${seen} with ${approved}; ${marked} marks them`);
  }
}

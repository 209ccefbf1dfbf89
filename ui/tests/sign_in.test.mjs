// Signing in and out, where the server wants an account.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, close, launch, open } from "./support/browser.mjs";
import { Lincei } from "./support/lincei.mjs";

const account = { name: "mira", password: "correct horse battery" };
let browser, lincei;

before(async () => {
  [browser, lincei] = await Promise.all([launch(), Lincei.start({ account })]);
});
after(async () => {
  await browser?.close();
  await lincei?.stop();
});

async function fill(page, { name, password }) {
  await page.fill("#sign-in-name", name);
  await page.fill("#sign-in-password", password);
  await page.keyboard.press("Enter");
}

test("a wrong password is told, the right one opens the page that was asked for", async () => {
  for (const theme of ["dark", "light"]) {
    const page = await open(browser, `${lincei.url}/logs?q=service:cart`, { theme });
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await accessible(page, `sign-in, ${theme}`);
    await close(page);
  }
  const page = await open(browser, `${lincei.url}/logs?q=service:cart`);
  await page.waitForSelector("#sign-in-name:focus");
  await page.keyboard.press("Enter");
  await page.getByText("Name and password are both needed.").waitFor();
  await fill(page, { ...account, password: "something else" });
  await page.getByText("The name or the password is wrong.").waitFor();
  assert.equal(await page.inputValue("#sign-in-password"), "");
  await fill(page, account);
  await page.getByRole("heading", { name: "Nothing was sent yet" }).waitFor();
  await page.getByText("This server asks for a key").waitFor();
  assert.match(await page.textContent(".guide .code"), /Authorization: Bearer <key>/);
  assert.match(page.url(), /q=service:cart/);
  await page.reload();
  await page.getByRole("heading", { name: "Nothing was sent yet" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await close(page);
});

test("a session that ends while the page is open asks to sign in again", async () => {
  const page = await open(browser, `${lincei.url}/logs`);
  await page.waitForSelector("#sign-in-name");
  await fill(page, account);
  await page.getByRole("heading", { name: "Nothing was sent yet" }).waitFor();
  await page.context().clearCookies();
  await page.getByText("Your session has ended").waitFor();
  await close(page);
});

test("too many attempts are told as such", async () => {
  const page = await open(browser, `${lincei.url}/logs`);
  await page.waitForSelector("#sign-in-name");
  for (let attempt = 0; attempt < 12; attempt += 1) {
    await fill(page, { name: "mira", password: `wrong ${attempt}` });
    await page.waitForSelector("form .note.bad");
    if ((await page.textContent("form .note.bad")).startsWith("Too many attempts")) break;
    await page.waitForFunction(() => !document.querySelector("form button").disabled);
  }
  assert.match(await page.textContent("form .note.bad"), /Too many attempts/);
  await close(page);
});

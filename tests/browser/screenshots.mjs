// Takes pictures of the pages: `node screenshots.mjs FOLDER`. ./scripts/screenshots calls it.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { desktop, password, phone, startBrowser, startServer } from "./vestibule.mjs";

const folder = process.argv[2];
await mkdir(folder, { recursive: true });
const [browser, server] = await Promise.all([startBrowser(), startServer()]);

async function picture(name, options, path, act = async () => {}) {
  const context = await browser.newContext({ deviceScaleFactor: 2, ...options });
  const page = await context.newPage();
  await page.goto(server.url + path);
  await act(page);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: options.fullPage ?? false });
  await context.close();
}

const wrong = async (page) => {
  await page.getByLabel("Full name (optional)").fill("Ada Lovelace");
  await page.getByLabel("Email address").fill("ada.example.com");
  await page.getByLabel("Create a password").fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.locator(".summary").waitFor();
};
const right = async (page) => {
  await page.getByLabel("Email address").fill(`ada${Math.random()}@example.com`.replace("0.", ""));
  await page.getByLabel("Create a password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("**/welcome");
};

try {
  for (const colorScheme of ["light", "dark"]) {
    await picture(`register-phone-${colorScheme}`, { viewport: phone, colorScheme }, "/register");
    await picture(`register-desktop-${colorScheme}`, { viewport: desktop, colorScheme }, "/register");
    await picture(`errors-phone-${colorScheme}`, { viewport: phone, colorScheme, fullPage: true }, "/register", wrong);
    await picture(`errors-desktop-${colorScheme}`, { viewport: desktop, colorScheme, fullPage: true }, "/register", wrong);
    await picture(`welcome-phone-${colorScheme}`, { viewport: phone, colorScheme }, "/register", right);
    await picture(`not-found-desktop-${colorScheme}`, { viewport: desktop, colorScheme }, "/nothing");
    await picture(`docs-desktop-${colorScheme}`, { viewport: desktop, colorScheme }, "/docs");
  }
} finally {
  await browser.close();
  await server.stop();
}

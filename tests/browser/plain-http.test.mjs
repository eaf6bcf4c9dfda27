// Over http, at a host that is not this machine: browsers say where a form comes from by Origin alone, without
// Sec-Fetch-Site, and by Referrer-Policy not even by that. Every form has to be taken all the same.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startMailbox } from "./mailbox.mjs";
import { heading, password, pathOf, people, press, startBrowser, startServer } from "./vestibule.mjs";

const address = "ada@example.com";
const other = "staple-battery-horse";
let browser;
let mailbox;
let server;
let url;
before(async () => {
  const hosts = "--host-resolver-rules=MAP accounts.test 127.0.0.1";
  [browser, mailbox] = await Promise.all([startBrowser([hosts]), startMailbox()]);
  server = await startServer(undefined, { SMTP_URL: mailbox.url, ALLOWED_HOSTS: "accounts.test" });
  url = server.url.replace("127.0.0.1", "accounts.test");
});
after(async () => {
  await browser.close();
  await server.stop();
  await mailbox.stop();
});

test("a sign-up, a proof, a login and a new password by mail are taken over plain http", async () => {
  const guests = people(browser, url);
  const page = await guests.come();
  const open = ({ link }) => page.goto(link.replace(server.url, url));
  await page.goto("/register");
  await page.locator("#register-email").fill(address);
  await page.locator("#register-password").fill(password);
  await press(page, "Create account");
  assert.equal(pathOf(page), "/welcome");
  const proof = await mailbox.next(address);
  await open(proof);
  await press(page, "Confirm address");
  assert.equal(await heading(page), "Email address confirmed");

  await page.goto("/forgot-password");
  await page.locator("#forgot-email").fill(address);
  await press(page, "Send the link");
  await open(await mailbox.next(address));
  assert.equal(pathOf(page), "/reset-password");
  await page.locator("#reset-password").fill(other);
  await press(page, "Change password");
  assert.equal(await heading(page), "Password changed");
  await page.context().clearCookies();
  await guests.logIn(page, address, other);
  assert.equal(pathOf(page), "/account");
  // The console says that some headers count over https alone, so it is not asked to be silent.
  await page.context().close();
});

// Going back: a form that came back with mistakes is shown again by Back, without "Confirm form resubmission"; what an
// account's pages show is not.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startMailbox } from "./mailbox.mjs";
import { click, desktop, heading, password, pathOf, press, startBrowser, startServer } from "./vestibule.mjs";

for (const javaScriptEnabled of [true, false]) {
  describe(`Back, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () => {
    let browser;
    let mailbox;
    let server;
    let context;
    let page;

    before(async () => {
      [browser, mailbox] = await Promise.all([startBrowser(), startMailbox()]);
      server = await startServer(undefined, { SMTP_URL: mailbox.url, REQUIRE_VERIFIED_EMAIL: "on" });
      context = await browser.newContext({ javaScriptEnabled, viewport: desktop, baseURL: server.url });
      page = await context.newPage();
    });
    after(async () => {
      await browser.close();
      await server.stop();
      await mailbox.stop();
    });

    const address = `ada.${javaScriptEnabled}@example.com`;
    const field = (name) => page.locator(`main input[name=${name}]`);
    /** Goes back, and says what stands in a field there. */
    const back = async (name) => {
      // Where a form would have to be sent again, Chromium shows a page of its own, and this fails.
      await page.goBack();
      return field(name).inputValue();
    };

    test("after a sign-up with a mistake the form is there with what was typed, but for the password", async () => {
      await page.goto("/register");
      await field("email").fill("ada.example.com");
      await field("password").fill(password);
      await press(page, "Create account");
      assert.match(await page.title(), /^Error: /);
      await field("email").fill(address);
      await field("password").fill(password);
      await press(page, "Create account");
      assert.equal(pathOf(page), "/welcome");
      assert.match(await back("email"), /^ada\./);
      assert.match(await page.title(), /^Error: /);
    });

    test("after a code that was wrong", async () => {
      await page.goto("/verify-email");
      const { code } = await mailbox.next(address);
      for (const typed of [code === "000000" ? "000001" : "000000", code]) {
        await field("code").fill(typed);
        await click(page.locator("main button.primary"));
      }
      const done = await heading(page);
      await back("code");
      assert.match(await page.title(), /^Error: /);
      await page.goForward();
      assert.equal(await heading(page), done);
    });

    test("after a login that was wrong", async () => {
      await page.goto("/login");
      for (const secret of ["wrong-horse-battery", password]) {
        await field("identifier").fill(address);
        await field("password").fill(secret);
        await press(page, "Sign in");
      }
      assert.equal(pathOf(page), "/account");
      assert.equal(await back("identifier"), address);
      // The account is asked for again, and is gone with its session.
      await context.clearCookies();
      await page.goForward();
      assert.equal(pathOf(page), "/login", "nothing of an account is kept");
    });

    test("after an address that was none", async () => {
      await page.goto("/forgot-password");
      for (const typed of ["ada.example.com", address]) {
        await field("email").fill(typed);
        await press(page, "Send the link");
      }
      const sent = await heading(page);
      assert.match(await back("email"), /^ada\./);
      await page.goForward();
      assert.equal(await heading(page), sent);
    });

    test("a form with a token is not kept", async () => {
      const { link } = await mailbox.next(address);
      await page.goto(link);
      await field("password").fill("short");
      await click(page.locator("main button.primary"));
      assert.match(await page.title(), /^Error: /);
      await page.goto("/login");
      // Chromium asks before it sends the form again.
      await assert.rejects(page.goBack(), /ERR_CACHE_MISS/);
    });
  });
}

// An account by browser, from the login to the deletion, with and without JavaScript.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, describe, test } from "node:test";
import { startMailbox } from "./mailbox.mjs";
import {
  desktop,
  follow,
  hasFocus,
  heading,
  password,
  pathOf,
  people,
  phone,
  press,
  startBrowser,
  startServer,
  startSlowLine,
  tabStops,
} from "./vestibule.mjs";

const other = "staple-battery-horse";
let browser;
let mailbox;
let server;
before(async () => {
  [browser, mailbox] = await Promise.all([startBrowser(), startMailbox()]);
  server = await startServer(undefined, { SMTP_URL: mailbox.url });
});
after(async () => {
  await browser.close();
  await server.stop();
  await mailbox.stop();
});

const notice = (page) => page.locator(".notice").innerText();

// Side by side, since browsers wait more than they work.
describe("an account", { concurrency: true }, () => {
  for (const javaScriptEnabled of [true, false]) {
    describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", { concurrency: 1 }, () => {
      const address = (name) => `${name}.${javaScriptEnabled}@example.com`;
      const show = javaScriptEnabled ? ["Show"] : [];
      let guests;
      before(() => {
        guests = people(browser, server.url, { javaScriptEnabled });
      });
      afterEach(() => guests.leave());

      test("a wrong password is refused without telling which of the two is wrong, and the right one leads on", async () => {
        const page = await guests.signedUp(address("ada"));
        await page.goto("/account");
        await press(page, "Sign out");
        assert.equal(pathOf(page), "/login");
        assert.equal(await guests.isSignedIn(page), false);
        await page.goto("/login?next=/docs");
        for (const [identifier, secret] of [[address("ada"), other], [address("nobody"), password]]) {
          await guests.logIn(page, identifier, secret);
          assert.equal(await page.title(), "Error: Sign in – Vestibule");
          await hasFocus(page, "summary");
          assert.deepEqual(await page.locator(".summary li").allInnerTexts(), [
            "The email address or username, or the password, is not right. Check both, then try again.",
          ]);
          assert.equal(await page.locator("[aria-invalid]").count(), 0);
          assert.equal(await page.locator("#login-identifier").inputValue(), identifier, "it costs nothing that was typed");
          assert.equal(await page.locator("#login-password").inputValue(), "");
        }
        await guests.logIn(page, address("ada").toUpperCase());
        assert.equal(pathOf(page), "/docs");
        assert.ok(await guests.isSignedIn(page));
      });

      test("the login leads on to the page that asked for it, and to no other site", async () => {
        const page = await guests.signedUp(address("next"));
        await page.goto("/.well-known/change-password");
        assert.equal(page.url(), `${server.url}/account#password`);
        await page.context().clearCookies();
        await page.goto("/.well-known/change-password");
        assert.equal(pathOf(page), "/login");
        await guests.logIn(page, address("next"));
        assert.equal(pathOf(page), "/account");
        await page.goto("/login?next=https://example.com/");
        await guests.logIn(page, address("next"));
        assert.equal(page.url(), `${server.url}/account`);
        await page.goto("/login?next=/docs?a=b%26c%23d");
        await follow(page, "Deutsch");
        await page.locator("#login-identifier").fill(address("next"));
        await page.locator("#login-password").fill(password);
        await page.locator(".primary").click();
        assert.equal(page.url(), `${server.url}/docs?a=b&c#d`, "also when another language was chosen in between");
      });

      test("the keyboard alone is enough, in the order of the page", async () => {
        const page = await guests.signedUp(address("keys"));
        await page.goto("/account");
        assert.deepEqual(await tabStops(page), [
          ...["Sign out", "profile-full-name", "Save", "Confirm it now"],
          ...["email-email", "email-current-password", ...show, "Send the link"],
          ...["password-current-password", ...show, "password-password", ...show, "Change password"],
          ...["Download your data", "delete-current-password", ...show, "delete-confirm", "Delete account"],
        ]);
        await page.goto("/login");
        const links = ["Forgot your password?", "Create an account"];
        assert.deepEqual(await tabStops(page), ["login-identifier", "login-password", ...show, "Sign in", ...links]);
        await page.locator("#login-identifier").fill(address("keys"));
        await page.locator("#login-password").fill(password);
        await page.keyboard.press("Enter");
        await page.waitForURL("**/account");
      });

      test("a name is changed, and what is wrong with one is said at its field", async () => {
        const page = await guests.signedUp(address("name"));
        await page.goto("/account");
        const name = page.getByLabel("Full name (optional)");
        await name.fill("X");
        await press(page, "Save");
        assert.equal(await page.title(), "Error: Your account – Vestibule");
        await hasFocus(page, "summary");
        await follow(page, "Full name must be 2 characters or more.");
        await hasFocus(page, "profile-full-name");
        await follow(page, "Deutsch");
        assert.deepEqual([pathOf(page), await heading(page)], ["/account", "Ihr Konto"]);
        await follow(page, "English");
        await name.fill("Ada Lovelace");
        await press(page, "Save");
        assert.deepEqual([pathOf(page), await notice(page)], ["/account", "Your profile is saved."]);
        await page.reload();
        assert.equal(await page.locator(".notice").count(), 0, "said once");
        assert.equal(await name.inputValue(), "Ada Lovelace");
      });

      test("another address takes the place of the old one when the link sent there is used", async () => {
        const [old, fresh] = [address("old"), address("fresh")];
        const page = await guests.signedUp(old);
        await mailbox.next(old);
        await page.goto("/account");
        const form = page.locator("#email form");
        const ask = async (secret) => {
          await form.getByLabel("New email address").fill(fresh);
          await form.getByLabel("Current password", { exact: true }).fill(secret);
          await press(form, "Send the link");
        };
        await press(form, "Send the link");
        assert.deepEqual(await page.locator(".summary a").allInnerTexts(), ["Enter an email address.", "Enter your current password."]);
        await ask(other);
        assert.match(await page.locator("#email-current-password-error").innerText(), /not your current password/);
        assert.equal(await form.getByLabel("New email address").inputValue(), fresh);
        await ask(password);
        assert.equal(await notice(page), `We sent an email to ${fresh}. Open the link in it to change the address.`);

        const mail = await mailbox.next(fresh);
        assert.match(mail.subject, /^Confirm your new email address/);
        await page.reload();
        const texts = await page.locator("#email p").allInnerTexts();
        assert.ok(texts[0].startsWith(`${old} is not confirmed yet.`), texts.join());
        assert.ok(texts[1].startsWith(`${fresh} becomes`), texts.join());
        await page.goto(mail.link);
        assert.equal(await page.locator("input[type=password]").count(), 0, "it is the browser that asked");
        await press(page, "Confirm address");
        assert.equal(await heading(page), "Email address changed");
        await follow(page, "Go to your account");
        assert.equal(await page.locator("#email p").first().innerText(), `${fresh} is confirmed.`);
        const told = await mailbox.next(old);
        assert.match(told.subject, /^Your email address .* was changed$/);
        assert.ok(!told.text.includes(fresh), "most of it is hidden");
        assert.ok(!told.html.includes(fresh), "most of it is hidden");
        await page.context().clearCookies();
        await guests.logIn(page, old);
        assert.equal(pathOf(page), "/login");
        await guests.logIn(page, fresh);
        assert.equal(pathOf(page), "/account");
      });

      test("another password signs out everywhere else", async () => {
        const email = address("password");
        const page = await guests.signedUp(email);
        await mailbox.next(email);
        const second = await guests.loggedIn(email, { viewport: desktop });
        assert.ok(await guests.isSignedIn(second));
        await page.goto("/account");
        const form = page.locator("#password form");
        const change = async (current, fresh) => {
          await form.getByLabel("Current password", { exact: true }).fill(current);
          await form.getByLabel("New password").fill(fresh);
          await press(form, "Change password");
        };
        await change(other, other);
        assert.match(await page.locator("#password-current-password-error").innerText(), /not your current password/);
        await change(password, "short");
        assert.match(await page.locator("#password-password-error").innerText(), /12 characters or more/);
        await change(password, other);
        assert.equal(await notice(page), "Your password is changed. You were signed out everywhere else.");
        assert.deepEqual([await guests.isSignedIn(page), await guests.isSignedIn(second)], [true, false]);
        await guests.logIn(second, email, password);
        assert.equal(await page.locator("h1").innerText(), "Your account");
        assert.equal(pathOf(second), "/login", "the old one is refused");
        await guests.logIn(second, email, other);
        assert.equal(pathOf(second), "/account");
        const mail = await mailbox.next(email);
        assert.match(mail.subject, /^Your password .* was changed$/);
        await second.goto(mail.link);
        assert.equal(await heading(second), "Forgot your password?", "the way on for whose password was changed by a stranger");
      });

      test("one place is signed out, or all but this one", async () => {
        const email = address("places");
        const page = await guests.signedUp(email);
        const userAgent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
        const others = [await guests.loggedIn(email, { userAgent }), await guests.loggedIn(email)];
        await page.goto("/account");
        const entries = page.locator("#sessions li");
        assert.equal(await entries.count(), 3);
        assert.match(await entries.first().innerText(), /^Chrome, Linux\s+This one/, "one's own is the first");
        assert.equal(await entries.first().getByRole("button").count(), 0);
        await page.getByRole("button", { name: /^Sign out Safari, iPhone Signed in on/ }).click();
        assert.equal(await notice(page), "It is signed out there.");
        assert.equal(await guests.isSignedIn(others[0]), false);
        assert.ok(await guests.isSignedIn(others[1]));
        await press(page, "Sign out everywhere else");
        assert.equal(await notice(page), "You are signed out everywhere else.");
        assert.deepEqual([await guests.isSignedIn(page), await guests.isSignedIn(others[1])], [true, false]);
      });

      test("what is stored can be taken along as a file", async () => {
        const page = await guests.signedUp(address("export"));
        await page.goto("/account");
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download your data" }).click()]);
        assert.equal(download.suggestedFilename(), "account.json");
        const text = await readFile(await download.path(), "utf8");
        assert.equal(typeof JSON.parse(text), "object");
        assert.ok(text.includes(address("export")));
        assert.ok(!text.includes("$2b$"));
      });

      test("an account is deleted by whoever ticks the box and knows the password, and is gone", async () => {
        const email = address("gone");
        const page = await guests.signedUp(email);
        await mailbox.next(email);
        await page.goto("/account");
        const form = page.locator("#delete form");
        await press(form, "Delete account");
        assert.deepEqual(await page.locator(".summary a").allInnerTexts(), ["Enter your current password.", "Tick the box to delete your account."]);
        await form.getByLabel("Current password", { exact: true }).fill(password);
        await press(form, "Delete account");
        assert.deepEqual(await page.locator(".summary a").allInnerTexts(), ["Tick the box to delete your account."]);
        await follow(page, "Tick the box to delete your account.");
        await hasFocus(page, "delete-confirm");
        await page.keyboard.press("Space");
        await form.getByLabel("Current password", { exact: true }).fill(other);
        await press(form, "Delete account");
        assert.match(await page.locator("#delete-current-password-error").innerText(), /not your current password/);
        await form.getByLabel("Delete my account for good").check();
        await form.getByLabel("Current password", { exact: true }).fill(password);
        await press(form, "Delete account");
        assert.deepEqual([pathOf(page), await heading(page)], ["/account/deleted", "Account deleted"]);
        assert.match((await mailbox.next(email)).subject, /was deleted$/);
        assert.deepEqual((await page.context().cookies()).map(({ name }) => name).filter((name) => name.includes("session")), []);
        await guests.logIn(page, email);
        assert.equal(await page.title(), "Error: Sign in – Vestibule");
      });
    });
  }
});

test("password managers learn which form is which and whose password it is", async () => {
  const guests = people(browser, server.url);
  const page = await guests.signedUp("manager@example.com");
  const forms = () =>
    page.locator("form:has([type=password])").evaluateAll((forms) =>
      forms.map((form) => [
        form.getAttribute("action"),
        ...[...form.querySelectorAll("input:not([type=hidden], [type=checkbox])")].map((input) => input.autocomplete),
      ]),
    );
  await page.goto("/account");
  assert.deepEqual(await forms(), [
    ["/account/email", "username", "email", "current-password"],
    ["/account/password", "username", "current-password", "new-password"],
    ["/account/delete", "username", "current-password"],
  ]);
  for (const name of await page.locator("[autocomplete=username]").all()) {
    assert.equal(await name.inputValue(), "manager@example.com");
    const facts = await name.evaluate((input) => [input.name, input.tabIndex, input.readOnly, input.ariaHidden, input.offsetWidth]);
    assert.deepEqual(facts, ["", -1, true, "true", 1], "for password managers alone");
  }
  await page.goto("/login");
  assert.deepEqual(await forms(), [["/login", "username", "current-password"]]);
  assert.deepEqual(
    await page.locator("#login-identifier").evaluate((input) => [input.type, input.autocapitalize, input.spellcheck]),
    ["text", "none", false],
  );
  await page.goto("/forgot-password");
  assert.equal(await page.locator("#forgot-email").getAttribute("autocomplete"), "username");
  await guests.leave();
});

test("nothing on the pages moves while they arrive, line by line", async (t) => {
  const slow = await startSlowLine(server.url);
  t.after(slow.stop);
  const guests = people(browser, slow.url);
  for (const viewport of [phone, desktop]) {
    const page = await guests.signedUp(`still.${viewport.width}@example.com`, { viewport });
    await page.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) globalThis.shifts.push(...entry.sources.map(({ node }) => node?.outerHTML ?? node?.parentElement.outerHTML));
      }).observe({ type: "layout-shift", buffered: true });
    });
    for (const where of ["/account", "/login", "/register"]) {
      await page.goto(where);
      await page.waitForLoadState("networkidle");
      assert.deepEqual(await page.evaluate(() => globalThis.shifts), [], `${where} ${viewport.width}`);
    }
  }
  await guests.leave();
});

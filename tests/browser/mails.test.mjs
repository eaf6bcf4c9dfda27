// What people do with the mails they get, with and without JavaScript: proving an address, choosing a new password for a
// forgotten one; and what changes with the settings about mail.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { startMailbox } from "./mailbox.mjs";
import { follow, hasFocus, heading, password, pathOf, people, press, startBrowser, startServer, tapTwice } from "./vestibule.mjs";

const other = "staple-battery-horse";
let browser;
let mailbox;
let servers;
before(async () => {
  [browser, mailbox] = await Promise.all([startBrowser(), startMailbox()]);
  const mail = { SMTP_URL: mailbox.url };
  const settings = { plain: mail, strict: { ...mail, REQUIRE_VERIFIED_EMAIL: "on" }, discreet: { ...mail, CONCEAL_ACCOUNTS: "on" }, mute: {} };
  const started = Object.entries(settings).map(async ([name, settings]) => [name, await startServer(undefined, settings)]);
  servers = Object.fromEntries(await Promise.all(started));
});
after(async () => {
  await browser.close();
  await Promise.all(Object.values(servers).map((server) => server.stop()));
  await mailbox.stop();
});

const main = (page) => page.locator("main").innerText();
const enterCode = async (page, code) => {
  await page.getByLabel("Code from the email").fill(code);
  await press(page, "Confirm address");
};
const fillSignUp = async (page, email, secret = password) => {
  await page.goto("/register");
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Create a password", { exact: true }).fill(secret);
  await press(page, "Create account");
};
/** One of a million codes that is not this one. */
const wrong = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

// Side by side, since browsers wait more than they work.
describe("mails", { concurrency: true }, () => {
  for (const javaScriptEnabled of [true, false]) {
    describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", { concurrency: 1 }, () => {
      const address = (name) => `${name}.${javaScriptEnabled}@example.com`;
      let at;
      before(() => {
        const guests = Object.entries(servers).map(([name, { url }]) => [name, people(browser, url, { javaScriptEnabled })]);
        at = Object.fromEntries(guests);
      });
      afterEach(() => Promise.all(Object.values(at).map((guests) => guests.leave())));

      test("a sign-up is signed in, and the code of the mail proves the address", async () => {
        const page = await at.plain.come();
        await fillSignUp(page, address("code"));
        assert.deepEqual([pathOf(page), await heading(page)], ["/welcome", "Your account is ready"]);
        const mail = await mailbox.next(address("code"));
        for (const part of [mail.subject, mail.html]) assert.ok(part.includes(mail.code), part);
        assert.ok(mail.html.includes(`href="${mail.link}"`));
        await follow(page, "Confirm it now");
        const code = page.getByLabel("Code from the email");
        assert.deepEqual(
          await code.evaluate((input) => [input.type, input.inputMode, input.autocomplete, input.maxLength]),
          ["text", "numeric", "one-time-code", -1],
        );
        await enterCode(page, "");
        await hasFocus(page, "summary");
        await follow(page, "Enter the code from the email.");
        await hasFocus(page, await code.getAttribute("id"));
        await enterCode(page, wrong(mail.code));
        assert.match(await page.locator(".error").innerText(), /This is not the code we sent/);
        await enterCode(page, ` ${mail.code.slice(0, 3)} ${mail.code.slice(3)} `);
        assert.equal(await heading(page), "Email address confirmed");
        await follow(page, "Go to your account");
        assert.equal(await page.locator("#email p").first().innerText(), `${address("code")} is confirmed.`);
        await page.goto("/verify-email");
        assert.equal(pathOf(page), "/account", "there is nothing to prove any more");
      });

      test("a link that is only looked at proves nothing; its button does, once", async () => {
        const email = address("link");
        const page = await at.plain.signedUp(email);
        const { link } = await mailbox.next(email);
        const isProven = async () => {
          await page.goto("/account");
          return (await page.locator("#email p").first().innerText()) === `${email} is confirmed.`;
        };
        await page.goto(link);
        assert.match(await main(page), new RegExp(`Confirm that ${email} is yours`));
        assert.equal(await page.locator("input[type=password]").count(), 0, "it is the browser that signed up");
        assert.equal(await isProven(), false);
        await page.goto(link);
        await press(page, "Confirm address");
        assert.equal(await heading(page), "Email address confirmed");
        assert.ok(await isProven());
        await page.goto(link);
        assert.deepEqual([await heading(page), await page.locator("h1 + p").innerText()], [
          "This link no longer works",
          "It was used before. If that was you, your address is confirmed.",
        ]);
        assert.equal(await page.locator("main a").count(), 1, "there is a way on");
      });

      test("in another browser a link asks for the password of the account", async () => {
        const email = address("elsewhere");
        await at.plain.signedUp(email);
        const { link } = await mailbox.next(email);
        const page = await at.plain.come();
        await page.goto(link);
        const secret = page.getByLabel("Password", { exact: true });
        assert.equal(await secret.getAttribute("autocomplete"), "current-password");
        assert.equal(await page.locator("[autocomplete=username]").inputValue(), email);
        await press(page, "Confirm address");
        assert.deepEqual(await page.locator(".summary a").allInnerTexts(), ["Enter a password."]);
        await secret.fill(other);
        await press(page, "Confirm address");
        await hasFocus(page, "summary");
        await follow(page, "This is not the password of this account. Check it, then try again.");
        await hasFocus(page, await secret.getAttribute("id"));
        await follow(page, "Choose a new password");
        assert.equal(await heading(page), "Forgot your password?");
        await page.goto(link);
        await secret.fill(password);
        await press(page, "Confirm address");
        assert.equal(await heading(page), "Email address confirmed");
        await follow(page, "Sign in");
        await at.plain.logIn(page, email);
        assert.equal(await page.locator("#email p").first().innerText(), `${email} is confirmed.`);
      });

      test("a mail that is sent again replaces the one before", async () => {
        const email = address("again");
        const page = await at.plain.signedUp(email);
        const first = await mailbox.next(email);
        await page.goto("/verify-email");
        await press(page, "Send it again");
        assert.equal(await page.getByRole("status").innerText(), "We sent a new email. Only the newest link and code work.");
        const second = await mailbox.next(email);
        await follow(page, "Deutsch");
        assert.equal(await heading(page), "E-Mail-Adresse bestätigen");
        await follow(page, "English");
        await enterCode(page, first.code === second.code ? wrong(first.code) : first.code);
        assert.match(await page.locator(".error").innerText(), /no longer works/);
        await page.goto(first.link);
        assert.equal(await page.locator("h1 + p").innerText(), "A newer email was sent since. Open the link in that one.");
        await page.locator("main a").click();
        assert.equal(await heading(page), "Confirm your email address");
        await enterCode(page, second.code);
        assert.equal(await heading(page), "Email address confirmed");
      });

      test("a forgotten password is replaced by mail, and the token is nowhere but in the link", async () => {
        const email = address("forgot");
        const home = await at.plain.signedUp(email);
        await mailbox.next(email);
        const page = await at.plain.come();
        const ask = async (typed) => {
          await page.goto("/login");
          await follow(page, "Forgot your password?");
          await page.getByLabel("Email address").fill(typed);
          await press(page, "Send the link");
          return (await page.locator("main").ariaSnapshot()).replaceAll(typed, "ADDRESS");
        };
        // The stranger first, whose mail would come before the other.
        const [unknown, known] = [await ask(address("stranger")), await ask(email)];
        assert.equal(known, unknown, "nothing tells whether there is an account");
        const mail = await mailbox.next(email);
        const token = new URL(mail.link).searchParams.get("token");
        assert.ok(token.length >= 43, "256 bits");

        await page.goto(mail.link);
        assert.equal(page.url(), `${servers.plain.url}/reset-password`);
        const { requests } = page.context();
        requests.length = 0;
        assert.equal(await page.locator("[autocomplete=username]").inputValue(), email);
        const choose = async (secret) => {
          await page.getByLabel("New password").fill(secret);
          await press(page, "Change password");
        };
        await choose("short");
        await hasFocus(page, "summary");
        assert.match(await page.locator("#reset-password-error").innerText(), /12 characters or more/);
        await choose(other);
        assert.equal(await heading(page), "Password changed");
        assert.equal(await at.plain.isSignedIn(home), false, "signed out everywhere");
        await follow(page, "Sign in");
        await at.plain.logIn(page, email, password);
        assert.equal(pathOf(page), "/login", "the old one is refused");
        await at.plain.logIn(page, email, other);
        assert.equal(pathOf(page), "/account");
        for (const { url, referer } of requests) assert.ok(!`${url} ${referer}`.includes(token), `${url} from ${referer}`);
        assert.equal(mailbox.unread(address("stranger")), 0);
      });

      test("a link for a new password that is dead says why, and offers another", async () => {
        const email = address("dead");
        const page = await at.plain.signedUp(email);
        await mailbox.next(email);
        const ask = async () => {
          await page.goto("/forgot-password");
          await page.getByLabel("Email address").fill(email);
          await press(page, "Send the link");
          return mailbox.next(email);
        };
        const [first, second] = [await ask(), await ask()];
        const isDead = async (link, why) => {
          await page.goto(link);
          assert.equal(await heading(page), "This link no longer works");
          assert.match(await page.locator("h1 + p").innerText(), why);
          await follow(page, "Have a new link sent");
          assert.equal(await heading(page), "Forgot your password?");
        };
        await isDead(first.link, /^A newer email was sent since/);
        await page.goto(second.link);
        await page.getByLabel("New password").fill(other);
        await press(page, "Change password");
        await isDead(second.link, /^It was used before/);
        await isDead(second.link.slice(0, -1), /^Links to choose a new password work for 30 minutes/);
        await page.context().clearCookies();
        await page.goto("/reset-password");
        assert.equal(await heading(page), "Turn on cookies");
      });

      test("where a proof is required, nobody is signed in before it", async () => {
        const email = address("strict");
        const page = await at.strict.come();
        await fillSignUp(page, email);
        assert.match(await main(page), new RegExp(`^Confirm your email address[^]*We sent a link and a code to ${email}`));
        const { code } = await mailbox.next(email);
        assert.equal(await at.strict.isSignedIn(page), false);
        await at.strict.logIn(page, email);
        assert.equal(
          await page.locator(".summary li").innerText(),
          "The email address or username, or the password, is not right. Check both, then try again.",
          "nothing tells strangers that there is an account",
        );
        await follow(page, "Have it sent again");
        await follow(page, "Deutsch");
        assert.equal(await heading(page), "E-Mail-Adresse bestätigen");
        await follow(page, "English");
        await enterCode(page, code);
        assert.equal(await heading(page), "Email address confirmed");
        await follow(page, "Sign in");
        await at.strict.logIn(page, email);
        assert.equal(pathOf(page), "/account");
      });

      test("where a proof is required, another browser has the mail sent again by the address", async () => {
        const email = address("resend");
        await at.strict.signedUp(email);
        await mailbox.next(email);
        const page = await at.strict.come();
        const ask = async (typed) => {
          await page.goto("/login");
          await follow(page, "Have it sent again");
          await press(page, "Send it again");
          assert.deepEqual(await page.locator(".summary a").allInnerTexts(), ["Enter an email address."]);
          await follow(page, "Deutsch");
          assert.equal(await heading(page), "E-Mail noch einmal anfordern");
          await follow(page, "English");
          await page.getByLabel("Email address").fill(typed);
          await press(page, "Send it again");
          return (await main(page)).replaceAll(typed, "ADDRESS");
        };
        // The stranger first, whose mail would come before the other.
        const [unknown, known] = [await ask(address("stranger")), await ask(email)];
        assert.equal(known, unknown, "nothing tells whether there is an account");
        await page.goto((await mailbox.next(email)).link);
        await page.getByLabel("Password", { exact: true }).fill(password);
        await press(page, "Confirm address");
        await follow(page, "Sign in");
        await at.strict.logIn(page, email);
        assert.equal(pathOf(page), "/account");
        assert.equal(mailbox.unread(address("stranger")), 0);
      });

      test("where accounts are concealed, a taken address looks like a new one, and its owner gets one mail", async () => {
        const [owner, newcomer] = [address("owner"), address("newcomer")];
        const home = await at.discreet.come();
        await fillSignUp(home, owner);
        await enterCode(home, (await mailbox.next(owner)).code);
        assert.equal(await heading(home), "Email address confirmed");
        const signUp = async (email) => {
          const page = await at.discreet.come();
          await fillSignUp(page, email, other);
          const seen = [pathOf(page), (await page.locator("body").ariaSnapshot()).replaceAll(email, "ADDRESS")];
          return { page, seen };
        };
        const [taken, free] = [await signUp(owner), await signUp(newcomer)];
        assert.deepEqual(taken.seen, free.seen);
        const [told, sent] = [await mailbox.next(owner), await mailbox.next(newcomer)];
        assert.match(told.subject, /^You already have an account/);
        assert.equal(told.code, undefined);
        await enterCode(taken.page, sent.code);
        await enterCode(free.page, wrong(sent.code));
        assert.equal(await taken.page.locator(".error").innerText(), await free.page.locator(".error").innerText());
        assert.equal(mailbox.unread(owner), 0);
        await at.discreet.logIn(home, owner, other);
        assert.equal(pathOf(home), "/login", "the stranger's password is none");
        await at.discreet.logIn(home, owner);
        assert.equal(pathOf(home), "/account");
      });

      test("where no mail is sent, the pages say so and offer nothing that needs one", async () => {
        const page = await at.mute.come();
        await fillSignUp(page, address("mute"));
        assert.doesNotMatch(await main(page), /email to confirm/);
        await follow(page, "Go to your account");
        assert.match(await page.locator("#email").innerText(), /cannot send mail/);
        assert.equal(await page.locator("#email form, #email a").count(), 0);
        await page.context().clearCookies();
        for (const where of ["/forgot-password", "/verify-email"]) {
          await page.goto(where);
          assert.match(await main(page), /This service cannot send mail, so it cannot be done here\./);
          assert.equal(await page.locator("form").count(), 0);
          await follow(page, "Sign in");
        }
        assert.deepEqual(await page.locator("main a").allInnerTexts(), ["Create an account"]);
        await at.mute.logIn(page, address("mute"));
        assert.equal(pathOf(page), "/account");
      });
    });
  }
});

test("a second tap on a slow line does no harm where there is a script", async () => {
  const guests = people(browser, servers.plain.url);
  for (const way of ["code", "link"]) {
    const email = `impatient.${way}@example.com`;
    const page = await guests.signedUp(email);
    const { code, link } = await mailbox.next(email);
    await page.goto(way === "code" ? "/verify-email" : link);
    if (way === "code") await page.getByLabel("Code from the email").fill(code);
    const requests = await tapTwice(page, "Confirm address", "**/verify-email");
    await page.getByText("You can close this page.").waitFor();
    assert.deepEqual(requests, ["POST"]);
    await page.unroute("**/verify-email");
  }
  await guests.leave();
});

// A sign-up that looks like a program's is asked for a proof: with a script a person notices a short wait at most, without
// one the mailbox proves it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startMailbox } from "./mailbox.mjs";
import { desktop, hasFocus, heading, password, pathOf, people, phone, press, startBrowser, startServer, tabStops } from "./vestibule.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// Calm up to one sign-up from here, which is made before the tests.
const settings = { RATE_LIMITS: "on", BOT_CHECK_NETWORK: "1/10minutes", BOT_CHECK_WORK: "60000" };
let browser;
let mailbox;
before(async () => {
  [browser, mailbox] = await Promise.all([startBrowser(), startMailbox()]);
});
after(async () => {
  await browser.close();
  await mailbox.stop();
});

/** Describes people at a server under pressure: somebody has just signed up. */
function underPressure(title, more, options, tests) {
  describe(title, () => {
    let server;
    let visitors;
    const at = {};
    before(async () => {
      const url = more.mails ? { SMTP_URL: mailbox.url } : {};
      server = await startServer(undefined, { ...settings, ...url, ...more.settings });
      visitors = people(browser, server.url, options);
      Object.assign(at, visitors, { url: server.url });
      const first = await visitors.come();
      await first.goto("/register");
      const stamp = await first.locator("input[name=stamp]").inputValue();
      // A form that comes within a second is asked, and counts for nothing.
      await sleep(1100);
      const form = { email: "first@example.com", password, stamp };
      const answer = await first.context().request.post("/register", { form, maxRedirects: 0 });
      assert.equal(answer.status(), 303);
    });
    after(async () => {
      await visitors.leave();
      await server.stop();
    });
    tests(at);
  });
}

async function fill(page, email) {
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Create a password", { exact: true }).fill(password);
}

/** Once the form is back with its challenge, and the script is there that catches what is sent too early. */
async function challenged(page) {
  await page.locator(".proof").waitFor();
  await page.waitForLoadState();
}

/** Sends the form, which comes back and asks for a proof. */
async function isAsked(page, email) {
  await page.goto("/register");
  await fill(page, email);
  await press(page, "Create account");
  await page.locator(".proof").waitFor();
}

const status = (page) => page.locator(".proof [role=status]");
const solved = (page) => page.locator(".proof [role=status]", { hasText: "The check is done" }).waitFor();

async function axeFindsNothing(page, place) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], place);
}

underPressure("with JavaScript", { settings: { BOT_CHECK_WORK: "60000" } }, { bypassCSP: false }, (at) => {
  test("the check is passed while the password is typed again, by keyboard alone", async () => {
    const page = await at.come();
    await isAsked(page, "keyboard@example.com");
    await hasFocus(page, "summary");
    assert.match(await page.locator(".summary li").innerText(), /^We need one more check/);
    assert.equal(await page.getByLabel("Email address").inputValue(), "keyboard@example.com");
    assert.equal(await page.getByLabel("Create a password", { exact: true }).inputValue(), "");
    const stops = await tabStops(page);
    assert.deepEqual(stops, ["register-full-name", "register-email", "register-password", "Show", "Create account", "Sign in"]);
    await page.getByLabel("Create a password", { exact: true }).focus();
    await page.keyboard.type(password);
    await solved(page);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/welcome");
    assert.equal(await heading(page), "Your account is ready");
  });

  test("a form that is sent before the end waits, says so, and is sent by itself once", async () => {
    const page = await at.come();
    const posts = [];
    page.on("request", (request) => request.method() === "POST" && posts.push(request.postData()));
    // The check gets no further before it is let go.
    await page.addInitScript(() => {
      const { postMessage } = MessagePort.prototype;
      const held = new Promise((resolve) => (globalThis.letGo = resolve));
      MessagePort.prototype.postMessage = function (message) {
        held.then(() => postMessage.call(this, message));
      };
    });
    await isAsked(page, "early@example.com");
    posts.length = 0;
    await page.evaluate((secret) => {
      document.querySelector("#register-password").value = secret;
      const button = document.querySelector(".primary");
      button.click();
      button.click();
      globalThis.said = [button.textContent, document.querySelector(".proof [role=status]").textContent, button.disabled];
    }, password);
    const said = await page.evaluate(() => globalThis.said);
    assert.equal(posts.length, 0);
    assert.deepEqual(said, ["One moment…", "The check is still running. The form is sent by itself when it is done.", false]);
    await page.evaluate(() => globalThis.letGo());
    await page.waitForURL("**/welcome");
    assert.equal(posts.length, 1, "once");
    assert.match(posts[0], /proof_answer=\d+/);
  });

  test("what fills in the form within a moment is let in, and so is a page that the back button kept", async () => {
    const page = await at.come();
    await page.goto("/register");
    const fillAtOnce = (email) =>
      page.evaluate(
        ([address, secret]) => {
          // As a password manager does it: every input that it knows, and then the form.
          document.querySelector("[autocomplete=email]").value = address;
          document.querySelector("[autocomplete=new-password]").value = secret;
          document.querySelector("form").requestSubmit();
        },
        [email, password],
      );
    await fillAtOnce("manager@example.com");
    await challenged(page);
    await fillAtOnce("manager@example.com");
    await page.waitForURL("**/welcome");
    // The form as it was before it was asked for more, with the stamp of then.
    await isAsked(page, "forward@example.com");
    await page.goBack();
    assert.equal(await page.locator(".proof").count(), 0);
    await fill(page, "back@example.com");
    await press(page, "Create account");
    await challenged(page);
    await fill(page, "back@example.com");
    await press(page, "Create account");
    await page.waitForURL("**/welcome");
    assert.equal(await page.locator("main .value").innerText(), "back@example.com");
  });

  test("axe finds nothing while it works and when it is done", async () => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await at.come({ colorScheme, viewport: desktop, bypassCSP: true });
      await isAsked(page, `axe.${colorScheme}@example.com`);
      await axeFindsNothing(page, `${colorScheme}, at work`);
      await solved(page);
      assert.equal(await page.locator("progress").isVisible(), false);
      await axeFindsNothing(page, `${colorScheme}, done`);
    }
  });
});

underPressure("without JavaScript, with a mail server", { mails: true }, { javaScriptEnabled: false }, (at) => {
  test("the mailbox proves it, and nobody is let in before", async () => {
    const page = await at.come();
    const email = "noscript@example.com";
    await isAsked(page, email);
    assert.match(await status(page).innerText(), /we will email you a code/);
    assert.equal(await page.locator("progress").isVisible(), false);
    await page.getByLabel("Create a password", { exact: true }).fill(password);
    await press(page, "Create account");
    assert.equal(pathOf(page), "/welcome");
    const other = await at.come();
    await at.logIn(other, email);
    assert.equal(pathOf(other), "/login", "not let in yet");
    const { code } = await mailbox.next(email);
    await page.locator("input[name=code]").fill(code);
    await page.locator("form:has(input[name=code]) button.primary").click();
    assert.equal(await heading(page), "Email address confirmed");
    await at.logIn(other, email);
    assert.equal(pathOf(other), "/account");
  });
});

underPressure("without JavaScript, without a mail server", {}, { javaScriptEnabled: false }, (at) => {
  test("the page says what to do", async () => {
    const page = await at.come();
    await isAsked(page, "noscript@example.com");
    assert.match(await status(page).innerText(), /needs JavaScript/);
    await page.getByLabel("Create a password", { exact: true }).fill(password);
    await press(page, "Create account");
    assert.match(await page.locator(".summary li").innerText(), /Turn JavaScript on and send the form again, or try again later\.$/);
    assert.equal(await page.getByLabel("Email address").inputValue(), "noscript@example.com");
  });
});

test("Chromium's autofill leaves the input alone that nobody sees", async () => {
  const server = await startServer(undefined, { RATE_LIMITS: "on" });
  const context = await browser.newContext({ baseURL: server.url, viewport: phone });
  const page = await context.newPage();
  await page.goto("/register");
  const line = await context.newCDPSession(page);
  const { root } = await line.send("DOM.getDocument");
  const { nodeId } = await line.send("DOM.querySelector", { nodeId: root.nodeId, selector: "#register-full-name" });
  const { node } = await line.send("DOM.describeNode", { nodeId });
  const known = { NAME_FULL: "Ada Lovelace", EMAIL_ADDRESS: "ada@example.com", PHONE_HOME_WHOLE_NUMBER: "+441234567890", ADDRESS_HOME_LINE1: "1 Road", COMPANY_NAME: "Analytical" };
  const address = { fields: Object.entries(known).map(([name, value]) => ({ name, value })) };
  await line.send("Autofill.enable");
  await line.send("Autofill.trigger", { fieldId: node.backendNodeId, address });
  await page.waitForFunction(() => document.querySelector("#register-email").value === "ada@example.com");
  assert.equal(await page.locator("input[name=topic]").inputValue(), "");
  const box = await page.locator("input[name=topic]").evaluate((input) => input.parentElement.getBoundingClientRect().width);
  assert.equal(box, 1, "nobody sees it, and it has not gone");
  await context.close();
  await server.stop();
});

// What visitors meet in their own language: choosing one, mistakes, consent, and a page that does not move.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { desktop, password, phone, startBrowser, startServer } from "./vestibule.mjs";

let browser;
let server;
before(async () => {
  const settings = { TERMS_CONSENT: "on", TERMS_URL: "https://example.com/terms", SIGN_IN_URL: "/sign-in", BRAND_NAME: "Library" };
  [browser, server] = await Promise.all([startBrowser(), startServer(undefined, settings)]);
});
after(async () => {
  await browser.close();
  await server.stop();
});

const lang = (page) => page.locator("html").getAttribute("lang");
const focused = (page) => page.evaluate(() => document.activeElement.className || document.activeElement.id);

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test("the browser's language is shown, another one can be chosen, and stays", async () => {
      const context = await browser.newContext({ javaScriptEnabled, viewport: phone, locale: "de-AT" });
      const page = await context.newPage();
      await page.goto(server.url);
      assert.deepEqual([await lang(page), await page.title()], ["de", "Konto erstellen – Library"]);
      await page.getByRole("link", { name: "Français" }).click();
      assert.equal(await lang(page), "fr");
      await page.getByLabel("Adresse e-mail").fill("ada");
      await page.locator("#register-password").fill("court");
      await page.locator(".primary").click();
      assert.match(await page.title(), /^Erreur/);
      assert.equal(await focused(page), "summary", "the summary has the focus");
      assert.equal(await page.locator(".summary a").count(), 3);
      await page.getByRole("link", { name: "العربية" }).click();
      assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
      const box = await page.locator("#register-email").boundingBox();
      assert.ok(box.x >= 0, `${box.x}`);
      assert.ok(box.x + box.width <= phone.width, `${box.x + box.width}`);
      await context.close();
    });

    test("the terms are accepted by keyboard, and asked for in the summary", async () => {
      const context = await browser.newContext({ javaScriptEnabled, viewport: phone });
      const page = await context.newPage();
      await page.goto(`${server.url}/register`);
      assert.equal(await page.getByRole("link", { name: "Sign in" }).getAttribute("href"), "/sign-in");
      await page.getByLabel("Email address").fill(`terms.${javaScriptEnabled}@example.com`);
      await page.locator("#register-password").fill(password);
      await page.keyboard.press("Enter");
      const link = page.getByRole("link", { name: "Accept the terms of service to create an account." });
      await link.click();
      assert.equal(await focused(page), "register-terms");
      await page.keyboard.press("Space");
      assert.equal(await page.getByLabel("I accept the terms of service").isChecked(), true);
      await page.locator("#register-password").fill(password);
      await page.keyboard.press("Enter");
      await page.waitForURL("**/welcome");
      assert.equal(await page.getByRole("link", { name: "Go to your account" }).getAttribute("href"), "/account");
      await context.close();
    });

    test("everything can be pasted, and nothing is checked while typing", async () => {
      const context = await browser.newContext({ javaScriptEnabled, viewport: phone, permissions: ["clipboard-read", "clipboard-write"] });
      const page = await context.newPage();
      await page.goto(`${server.url}/register`);
      const long = `pasted ${"words".repeat(30)}`;
      await page.locator("#register-full-name").fill(long);
      await page.locator("#register-full-name").press("Control+A");
      await page.locator("#register-full-name").press("Control+C");
      for (const id of ["#register-full-name", "#register-email", "#register-password"]) {
        await page.locator(id).fill("");
        await page.locator(id).press("Control+V");
        assert.equal(await page.locator(id).inputValue(), long, id);
      }
      assert.equal(await page.locator(".error, [aria-invalid]").count(), 0);
      await context.close();
    });
  });
}

test("the first view takes two requests and nothing on it moves, in any language", async () => {
  for (const language of ["en", "de", "fr", "es", "pt-BR", "ja", "ar"]) {
    // What differs on a wide screen is the layout, which has two directions.
    for (const viewport of ["en", "ar"].includes(language) ? [phone, desktop] : [phone]) {
      const context = await browser.newContext({ viewport });
      const page = await context.newPage();
      const requests = [];
      page.on("request", (request) => requests.push(request.url()));
      await page.addInitScript(() => {
        globalThis.shifts = [];
        const note = (entries) => globalThis.shifts.push(...entries.map(({ value }) => value));
        globalThis.shifting = new PerformanceObserver((list) => note(list.getEntries()));
        globalThis.noteTheRest = () => note(globalThis.shifting.takeRecords());
        globalThis.shifting.observe({ type: "layout-shift", buffered: true });
      });
      const line = await context.newCDPSession(page);
      await line.send("Network.emulateNetworkConditions", { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 90_000 });
      await page.goto(`${server.url}/register?lang=${language}`);
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator("[data-shows]").isVisible(), true);
      // What the next picture would move counts too.
      const twoPictures = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      await page.evaluate(twoPictures);
      await page.evaluate(() => globalThis.noteTheRest());
      assert.deepEqual(await page.evaluate(() => globalThis.shifts), [], `${language} ${viewport.width}`);
      assert.ok(requests.filter((url) => !url.startsWith("data:")).length <= 2, requests.join(" "));
      await context.close();
    }
  }
});

test("a sign-up in a language ends in it, also after the form was refused", async () => {
  const context = await browser.newContext({ viewport: phone, locale: "ja-JP" });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.locator("#register-email").fill("ja@example.com");
  await page.locator("#register-password").fill(password);
  await page.locator(".primary").click();
  assert.equal(await lang(page), "ja");
  await page.locator("#register-terms").check();
  await page.locator("#register-password").fill(password);
  await page.locator(".primary").click();
  await page.waitForURL("**/welcome");
  assert.deepEqual([await lang(page), await page.locator("main .value").innerText()], ["ja", "ja@example.com"]);
  await context.close();
});

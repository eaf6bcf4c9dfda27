// Every page in every state: valid HTML, no finding of axe, no sideways scrolling; in light and dark, narrow and wide.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { HtmlValidate } from "html-validate";
import { desktop, phone, samples, startBrowser } from "./vestibule.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser;
let written;

before(async () => {
  [browser, written] = await Promise.all([startBrowser(), samples()]);
  assert.ok(written.pages.length >= 20, `${written.pages.length} samples`);
});
after(async () => {
  await browser.close();
  await written.remove();
});

test("every state is valid HTML", async () => {
  const validator = new HtmlValidate({
    extends: ["html-validate:recommended", "html-validate:document", "html-validate:a11y"],
    rules: {
      // HTML allows it in any case, and asks for a style sheet in the head (WHATWG 4.2.6).
      "doctype-style": "off",
      "require-sri": "off",
      "void-style": "off",
      "no-trailing-whitespace": "off",
      "long-title": "off",
      // Where the focus starts after a failed post, also without a script (GOV.UK's error summary).
      "no-autofocus": "off",
      // That summary's heading stands above the page's own.
      "heading-level": ["error", { minInitialRank: "h2" }],
    },
  });
  for (const { name, html } of written.pages) {
    const report = await validator.validateString(html, name);
    const messages = report.results.flatMap((result) => result.messages.map((m) => `${m.line}: ${m.ruleId}: ${m.message}`));
    assert.deepEqual(messages, [], name);
  }
});

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of [{ width: 320, height: 640 }, phone, desktop]) {
    test(`axe finds nothing in ${colorScheme} at ${viewport.width} px, and nothing scrolls sideways`, async () => {
      const context = await browser.newContext({ colorScheme, viewport });
      const page = await context.newPage();
      for (const { name, path } of written.pages) {
        await page.goto(pathToFileURL(path).href);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= viewport.width, `${name} is ${width} px wide`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() =>
          globalThis.axe.run({ rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] }),
        );
        const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`);
        assert.deepEqual(found, [], name);
      }
      await context.close();
    });
  }
}

test("text at 200 % fits a phone", async () => {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  for (const { name, path } of written.pages) {
    await page.goto(pathToFileURL(path).href);
    // As a reader's own larger font does: every size on the page follows the root's.
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${name} is ${width} px wide`);
    for (const input of await page.locator("input").all()) {
      const { share, letters } = await input.evaluate((element) => ({
        share: element.offsetWidth / element.closest(".field").clientWidth,
        letters: element.clientWidth / parseFloat(getComputedStyle(element).fontSize),
      }));
      assert.ok(share > 0.9 || letters >= 8, `${name}: an input has room for ${letters} letters`);
    }
  }
  await context.close();
});

test("a wrong field looks wrong under the pointer too, and keeps its height", async () => {
  const context = await browser.newContext({ viewport: desktop });
  const page = await context.newPage();
  const heights = [];
  for (const state of ["register.empty.html", "register.email_format.html"]) {
    await page.goto(pathToFileURL(written.pages.find(({ name }) => name === state).path).href);
    const input = page.locator("#register-email");
    heights.push((await input.boundingBox()).height);
    const border = () => input.evaluate((element) => getComputedStyle(element).borderTopColor);
    await page.waitForTimeout(200);
    const before = await border();
    await input.hover();
    await page.waitForTimeout(200);
    if (state !== "register.empty.html") assert.equal(await border(), before);
  }
  assert.equal(heights[0], heights[1]);
  await context.close();
});

test("forced colours keep borders, and the main action stands out", async () => {
  const context = await browser.newContext({ viewport: phone, forcedColors: "active" });
  const page = await context.newPage();
  await page.goto(pathToFileURL(written.pages.find(({ name }) => name === "register.all-missing.html").path).href);
  const widths = await page.evaluate(() =>
    [".primary", "#register-email", ".summary"].map((selector) => getComputedStyle(document.querySelector(selector)).borderTopWidth),
  );
  assert.deepEqual(widths, ["2px", "2px", "1px"]);
  await context.close();
});

test("controls are large enough to hit and to read", async () => {
  const context = await browser.newContext({ viewport: phone });
  const page = await context.newPage();
  await page.goto(pathToFileURL(written.pages.find(({ name }) => name === "register.empty.html").path).href);
  for (const control of await page.locator("input, button:visible").all()) {
    const box = await control.boundingBox();
    assert.ok(box.height >= 44, `${box.height} px high`);
    const size = await control.evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
    assert.ok(size >= 16, `${size} px letters make iOS zoom`);
  }
  await context.close();
});

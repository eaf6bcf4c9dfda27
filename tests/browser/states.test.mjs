// Every page and mail in every state: valid HTML in every language, no finding of axe, no sideways scrolling; light and
// dark, narrow and wide, large text, forced colours. `./scripts/test full` runs everything over all states in all languages,
// axe at three widths; otherwise most of it runs over one or two languages, and over one of each kind in the others, without
// the states that differ from another in words alone where words do not matter; axe at 320 px, in the dark for colours alone, and at
// 1280 px over one of each kind in English.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { HtmlValidate } from "html-validate";
import { desktop, gallery, isSettled, phone, root, startBrowser, startServer } from "./vestibule.mjs";

const isFull = Boolean(process.env.VESTIBULE_TEST_FULL);
const narrow = { width: 320, height: 640 };
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser;
let written;

before(async () => {
  [browser, written] = await Promise.all([startBrowser(), gallery()]);
  assert.ok(written.pages.length >= 400, `${written.pages.length} states`);
  await findRepeated();
});
after(async () => {
  await browser.close();
  await written.remove();
});

/** One of each kind: what differs between languages is their words. */
const typical = new Set([
  "register.furnished",
  "register.every-field-wrong",
  "register.busy",
  "register.proof-passed",
  "welcome.long",
  "login.wrong",
  "verify_email.code_wrong",
  "account.furnished",
  "account.delete-all-missing",
  "notice.link-expired",
  "error.internal_error",
  "mail_verify_email.furnished",
]);

/** Paths of the states whose elements and attributes another one in the same language has, with other words. */
const repeated = new Set();
async function findRepeated() {
  const seen = new Set();
  for (const { language, view, path } of written.pages) {
    const html = await readFile(path, "utf8");
    const elements = html.replace(/>[^<]+</g, "><").replace(/ (value|href|content|aria-label|data-\w+)="[^"]*"/g, "");
    const key = `${language} ${view} ${elements}`;
    if (seen.has(key)) repeated.add(path);
    seen.add(key);
  }
}
/** Whether this is the first state of its language with these elements. */
const isDistinct = ({ path }) => isFull || !repeated.has(path);

async function eachPage(options, chosen, check) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  for (const state of written.pages.filter(chosen)) {
    await page.goto(pathToFileURL(state.path).href);
    await check(page, state, `${state.language} ${state.name}`);
  }
  await context.close();
}

const scrollWidth = (page) => page.evaluate(() => document.documentElement.scrollWidth);

describe("HTML", () => {
  test("html-validate finds nothing in any state and language", async () => {
    const rules = {
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
    };
    const extended = { extends: ["html-validate:recommended", "html-validate:document", "html-validate:a11y"] };
    const pages = new HtmlValidate({ ...extended, rules });
    // A mail's styles are written into its elements.
    const mails = new HtmlValidate({ ...extended, rules: { ...rules, "no-inline-style": "off" } });
    // Languages differ in words alone.
    const chosen = (state) => isFull || (isDistinct(state) && ["en", "ar"].includes(state.language)) || typical.has(state.name);
    for (const { language, name, isMail, path } of written.pages.filter(chosen)) {
      const validator = isMail ? mails : pages;
      const report = await validator.validateString(await readFile(path, "utf8"), path);
      const messages = report.results.flatMap((result) => result.messages.map((m) => `${m.line}: ${m.ruleId}: ${m.message}`));
      assert.deepEqual(messages, [], `${language} ${name}`);
    }
  });

  test("the Nu checker finds nothing in any state and language", async () => {
    const jar = join(fileURLToPath(new URL(".", import.meta.url)), "node_modules/vnu-jar/build/dist/vnu.jar");
    const chosen = (state) => isFull || (isDistinct(state) && ["en", "ar"].includes(state.language)) || typical.has(state.name);
    const files = written.pages.filter(chosen).map(({ path }) => path);
    const output = await new Promise((resolve, reject) => {
      const options = { maxBuffer: 64 * 1024 * 1024 };
      execFile("java", ["-jar", jar, "--format", "json", "--exit-zero-always", ...files], options, (error, _, stderr) =>
        error ? reject(error) : resolve(stderr),
      );
    });
    const found = JSON.parse(output).messages.filter(
      // A proposal that Safari has had since 2018 (whatwg/html#3518).
      ({ message }) => message !== "Attribute “passwordrules” not allowed on element “input” at this point.",
    );
    assert.deepEqual(found.map(({ url, lastLine, message }) => `${url}:${lastLine}: ${message}`), []);
  });
});

describe("axe", () => {
  // Arabic runs the other way; what else differs between languages is words.
  const chosen = (state) => isFull || (isDistinct(state) && state.language === "en") || (state.language === "ar" && typical.has(state.name));
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of isFull ? [narrow, phone, desktop] : [narrow, desktop]) {
      // Widths in between and wide ones differ from the narrow one by layout, which no language changes.
      const isChosen = (page) => chosen(page) && (isFull || viewport === narrow || (page.language === "en" && typical.has(page.name)));
      test(`finds nothing in ${colorScheme} at ${viewport.width} px`, async () => {
        await eachPage({ colorScheme, viewport }, isChosen, async (page, { isMail }, place) => {
          await page.evaluate(axe);
          const { violations } = await page.evaluate(
            ({ isMail, onlyColours }) =>
              globalThis.axe.run({
                ...(onlyColours
                  ? { runOnly: ["color-contrast"] }
                  : {
                      rules: {
                        "target-size": { enabled: true },
                        // Mail programs put a mail into a page of theirs.
                        region: { enabled: !isMail },
                      },
                    }),
                resultTypes: ["violations"],
              }),
            // Nothing else differs in the dark.
            { isMail, onlyColours: !isFull && colorScheme === "dark" },
          );
          const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`);
          assert.deepEqual(found, [], place);
        });
      });
    }
  }
});

describe("reflow", () => {
  test("nothing scrolls sideways at 320 px in any state and language", async () => {
    // The pseudo-language is longer than all others, and Arabic runs the other way.
    const chosen = ({ language, name }) => isFull || ["en-XA", "ar"].includes(language) || typical.has(name);
    await eachPage({ viewport: narrow }, chosen, async (page, _, place) => {
      const width = await scrollWidth(page);
      assert.ok(width <= 320, `${place} is ${width} px wide`);
    });
  });

  test("text at 200 % fits a phone", async () => {
    const chosen = (state) => !state.isMail && ((isDistinct(state) && state.language === "en") || typical.has(state.name));
    await eachPage({ viewport: narrow }, chosen, async (page, _, place) => {
      // As a reader's own larger font does: every size on the page follows the root's.
      await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
      const width = await scrollWidth(page);
      assert.ok(width <= 320, `${place} is ${width} px wide`);
      const inputs = await page.locator("input:not([type=checkbox], [type=hidden], [aria-hidden])").evaluateAll((elements) =>
        elements.map((element) => ({
          share: element.offsetWidth / element.closest(".field").clientWidth,
          letters: element.clientWidth / parseFloat(getComputedStyle(element).fontSize),
        })),
      );
      for (const { share, letters } of inputs) {
        assert.ok(share > 0.9 || letters >= 8, `${place}: an input has room for ${letters} letters`);
      }
    });
  });

  test("text keeps its room when it is spaced out", async () => {
    // WCAG 2.2, success criterion 1.4.12.
    const spacing = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }";
    const chosen = ({ name, isMail, language }) => !isMail && typical.has(name) && language !== "en-XA";
    await eachPage({ viewport: narrow, bypassCSP: true }, chosen, async (page, _, place) => {
      await page.addStyleTag({ content: spacing });
      assert.ok((await scrollWidth(page)) <= 320, place);
      const clipped = await page.evaluate(() =>
        [...document.querySelectorAll("main *, footer *")]
          .filter((element) => !element.closest(".visually-hidden, svg") && getComputedStyle(element).overflow === "hidden")
          .map((element) => element.outerHTML),
      );
      assert.deepEqual(clipped, [], place);
    });
  });
});

describe("structure", () => {
  test("each page has one heading, one main part, and errors before everything else", async () => {
    const chosen = ({ isMail, language, name }) => !isMail && (isFull || language === "en" || typical.has(name));
    let emptyForms = 0;
    await eachPage({ viewport: phone }, chosen, async (page, { view, state }, place) => {
      const facts = await page.evaluate(() => {
        const main = document.querySelector("main");
        const summary = document.querySelector(".summary");
        const text = (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent.trim());
        return {
          headings: document.querySelectorAll("h1").length,
          mains: document.querySelectorAll("main").length,
          isFirst: !summary || main.firstElementChild === summary,
          summary: text(".summary a"),
          errors: [...document.querySelectorAll(".error")].map((error) => error.lastChild.textContent.trim()),
          dangling: [...document.querySelectorAll(".summary a, [aria-describedby], label")].flatMap((element) => {
            const ids = element.matches("a") ? [element.hash.slice(1)] : (element.getAttribute("aria-describedby") ?? element.htmlFor).split(" ");
            return ids.filter((id) => !document.getElementById(id));
          }),
          order: [...document.querySelectorAll("[aria-invalid]")].map((input) => [input.getAttribute("aria-invalid"), input.getAttribute("aria-describedby").split(" ")[0]]),
          handlers: [...document.querySelectorAll("*")].flatMap((element) => element.getAttributeNames().filter((name) => name.startsWith("on") || name === "style" || name === "placeholder")),
          passwords: document.querySelectorAll("input[type=password]").length,
          lengths: document.querySelectorAll("input[type=password][maxlength], input[type=password][pattern]").length,
          elsewhere: [...document.querySelectorAll("script[src], link[href], img[src]")].map((element) => element.src || element.href).filter((url) => !url.startsWith("file:") && !url.startsWith("data:")),
        };
      });
      assert.deepEqual([facts.headings, facts.mains, facts.isFirst], [1, 1, true], place);
      assert.deepEqual(facts.summary, facts.errors, `${place}: the same words in both places`);
      assert.deepEqual([facts.dangling, facts.handlers, facts.elsewhere, facts.lengths], [[], [], [], 0], place);
      // A link knows whom it is for where that browser asked for it; the account page has a form for each thing.
      const passwords = { register: [1], login: [1], reset_password: [1], verify_link: [0, 1], account: [3, 4] };
      assert.ok((passwords[view] ?? [0]).includes(facts.passwords), `${place}: ${facts.passwords} passwords`);
      for (const [invalid, first] of facts.order) {
        assert.equal(invalid, "true", place);
        assert.match(first, /-error$/, `${place}: the error is read before the hint`);
      }
      if (view === "register" && state === "empty") {
        assert.equal(facts.order.length, 0);
        emptyForms += 1;
      }
    });
    assert.ok(emptyForms > 0, "the empty form was among them");
  });

  test("what is read aloud comes in an order that makes sense", async () => {
    const context = await browser.newContext({ viewport: phone });
    const page = await context.newPage();
    await page.goto(written.url("register.every-field-wrong"));
    assert.equal(
      await page.locator("main").ariaSnapshot(),
      `- main:
  - region "There is a problem":
    - alert:
      - heading "There is a problem" [level=2]
      - list:
        - listitem:
          - link "Full name must be 2 characters or more.":
            - /url: "#register-full-name"
        - listitem:
          - link "Enter an email address in the correct format, like name@example.com.":
            - /url: "#register-email"
        - listitem:
          - link "Password must be 12 characters or more.":
            - /url: "#register-password"
  - heading "Create an account" [level=1]
  - text: Full name (optional)
  - paragraph: "Error: Full name must be 2 characters or more."
  - textbox "Full name (optional)" [invalid]: X
  - text: Email address
  - paragraph: "Error: Enter an email address in the correct format, like name@example.com."
  - textbox "Email address" [invalid]: ada.example.com
  - text: Create a password
  - paragraph: 12 characters or more. A few unrelated words are easy to remember and hard to guess.
  - paragraph: "Error: Password must be 12 characters or more."
  - textbox "Create a password" [invalid]
  - button "Show password": Show
  - status
  - button "Create account"
  - paragraph:
    - text: Already have an account?
    - link "Sign in":
      - /url: /login`,
    );
    await context.close();
  });

  test("the script weighs at most 2 KB, and is the only one but where a proof is asked for", async () => {
    for (const [name, most] of [["form", 2048], ["proof", 4096]]) {
      const script = await readFile(join(root, `static/${name}.js`));
      assert.ok(script.length <= most, `${name}.js: ${script.length} bytes`);
    }
    for (const { path, language, name } of written.pages.filter(({ language }) => language === "en")) {
      const scripts = (await readFile(path, "utf8")).match(/<script\b[^>]*>/g) ?? [];
      const names = scripts.map((tag) => tag.match(/src="[^"]*?(\w+)\.\w+\.js" defer/)?.[1]);
      const expected = /\.proof-/.test(name) ? ["form", "proof"] : ["form"];
      assert.deepEqual(names, names.length ? expected : [], `${language} ${path}`);
    }
  });
});

describe("looks", () => {
  test("a wrong field looks wrong under the pointer too, and keeps its height", async () => {
    const context = await browser.newContext({ viewport: desktop });
    const page = await context.newPage();
    const heights = [];
    for (const state of ["register.empty", "register.email_format"]) {
      await page.goto(written.url(state));
      const input = page.locator("#register-email");
      heights.push((await input.boundingBox()).height);
      const border = () => input.evaluate((element) => getComputedStyle(element).borderTopColor);
      await isSettled(page);
      const before = await border();
      await input.hover();
      await isSettled(page);
      if (state !== "register.empty") assert.equal(await border(), before);
    }
    assert.equal(heights[0], heights[1]);
    await context.close();
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`borders, focus rings and boxes stand out in ${colorScheme}`, async () => {
      // WCAG 2.2, success criterion 1.4.11: 3 to 1.
      await eachPage({ colorScheme, viewport: phone }, ({ name, language }) => name === "register.furnished" && language === "en", async (page) => {
        await page.locator("#register-email").focus();
        await isSettled(page);
        const contrasts = await page.evaluate(() => {
          const luminance = (colour) => {
            const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((channel) => {
              const share = channel / 255;
              return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const contrast = (a, b) => {
            const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
            return (high + 0.05) / (low + 0.05);
          };
          const surface = getComputedStyle(document.querySelector("main")).backgroundColor;
          const style = (selector) => getComputedStyle(document.querySelector(selector));
          return {
            border: contrast(style("#register-password").borderTopColor, surface),
            focus: contrast(style("#register-email").outlineColor, surface),
            button: contrast(style(".primary").backgroundColor, surface),
            box: contrast(style("#register-terms").borderTopColor, surface),
          };
        });
        for (const [what, contrast] of Object.entries(contrasts)) assert.ok(contrast >= 3, `${what}: ${contrast}`);
      });
    });
  }

  test("forced colours keep borders, and the main action stands out", async () => {
    const context = await browser.newContext({ viewport: phone, forcedColors: "active" });
    const page = await context.newPage();
    await page.goto(written.url("register.all-missing"));
    const widths = await page.evaluate(() =>
      [".primary", "#register-email", ".summary"].map((selector) => getComputedStyle(document.querySelector(selector)).borderTopWidth),
    );
    assert.deepEqual(widths, ["2px", "2px", "1px"]);
    await context.close();
  });

  test("nothing moves for those who asked for that", async () => {
    const context = await browser.newContext({ viewport: phone, reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto(written.url("register.all-missing"));
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll("*")].filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return transitionDuration !== "0s" || animationName !== "none";
      }).length,
    );
    assert.equal(moving, 0);
    await context.close();
  });

  test("printed, it is text without buttons", async () => {
    const context = await browser.newContext({ viewport: desktop });
    const page = await context.newPage();
    await page.goto(written.url("welcome.furnished"));
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator("footer").isVisible(), false);
    assert.equal(await page.locator("main .value").isVisible(), true);
    await context.close();
  });

  test("controls are large enough to hit and to read", async () => {
    const chosen = ({ name, isMail }) => !isMail && typical.has(name);
    await eachPage({ viewport: phone }, chosen, async (page, _, place) => {
      const controls = await page.locator("input:not([type=checkbox], [type=hidden], [aria-hidden]), button:visible").evaluateAll((elements) =>
        elements.map((element) => ({ height: element.offsetHeight, size: parseFloat(getComputedStyle(element).fontSize) })),
      );
      for (const { height, size } of controls) {
        assert.ok(height >= 44, `${place}: ${height} px high`);
        assert.ok(size >= 16, `${place}: ${size} px letters make iOS zoom`);
      }
    });
  });

  test("right to left, everything is the mirror image", async () => {
    const context = await browser.newContext({ viewport: desktop });
    const page = await context.newPage();
    const sides = async (language) => {
      await page.goto(written.url("register.every-field-wrong", language));
      return page.evaluate(() => {
        const box = (selector) => document.querySelector(selector).getBoundingClientRect();
        const card = box("main");
        const show = box("[data-shows]");
        const style = getComputedStyle(document.querySelector(".field-wrong"));
        return { show: show.left > card.left + card.width / 2, bar: style.borderLeftWidth !== "0px", align: getComputedStyle(document.querySelector("h1")).direction };
      });
    };
    assert.deepEqual(await sides("en"), { show: true, bar: true, align: "ltr" });
    assert.deepEqual(await sides("ar"), { show: false, bar: false, align: "rtl" });
    await context.close();
  });
});

test("with every accent colour axe still finds nothing", async () => {
  for (const accent of ["#ffee00", "#ff0066", "#000000", "#7fb7ff"]) {
    const restyled = await startServer(undefined, { ACCENT_COLOR: accent, BRAND_NAME: "Other" });
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ colorScheme, viewport: phone });
      const page = await context.newPage();
      for (const name of ["register/furnished", "mail_verify_email/furnished"]) {
        await page.goto(`${restyled.url}/_gallery/${name}/page`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run({ runOnly: ["color-contrast"] }));
        assert.deepEqual(violations.map((v) => v.nodes.map((n) => n.html)), [], `${accent} ${colorScheme} ${name}`);
      }
      await context.close();
    }
    await restyled.stop();
  }
});

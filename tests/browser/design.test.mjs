// `vestibule design`: what a designer saves shows in the open browser; a mistake is told, and the last good page stays.
// How soon is measured elsewhere (./scripts/measure-edits).

import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { startDesign } from "./design.mjs";
import { desktop, patience, startBrowser } from "./vestibule.mjs";

let browser;
let design;
let page;
const PAGE = "templates/pages/register.html";

before(async () => {
  [browser, design] = await Promise.all([startBrowser(), startDesign({ LOG_LEVEL: "warn" })]);
  page = await (await browser.newContext({ viewport: desktop })).newPage();
  await page.goto(`${design.url}/register`);
  await page.waitForLoadState("load");
});
after(async () => {
  await browser.close();
  await design.stop();
});

const heading = (text) => page.waitForFunction((text) => document.querySelector("h1")?.textContent === text, text, patience);
const told = () => page.evaluate(() => document.querySelector("#vestibule-live")?.shadowRoot.querySelector(".mistake")?.textContent ?? "");
const tells = async (...words) => {
  await page.waitForFunction(
    (words) => {
      const text = document.querySelector("#vestibule-live")?.shadowRoot.querySelector(".mistake")?.textContent ?? "";
      return words.every((word) => text.includes(word));
    },
    words,
    patience,
  ).catch(async () => assert.fail(`${words} is not told: ${await told()}`));
};
const silence = () => page.waitForFunction(() => !document.querySelector("#vestibule-live"), undefined, patience);

test("a style sheet is exchanged without the page being loaded again", async () => {
  await page.evaluate(() => (globalThis.marker = true));
  await page.getByLabel("Email address").fill("half-typed");
  await design.edit("static/app.css", (text) => text.replace("--accent: #1f5f5b", "--accent: #5b1f5f"));
  await page.waitForFunction(
    () => getComputedStyle(document.querySelector(".primary")).backgroundColor === "rgb(91, 31, 95)",
    undefined,
    patience,
  );
  assert.equal(await page.evaluate(() => globalThis.marker), true);
  assert.equal(await page.getByLabel("Email address").inputValue(), "half-typed");
  assert.equal(await page.locator('link[href^="/static/app."]').count(), 1, "the old one is gone");
});

test("a text shows, in its language", async () => {
  await design.edit("locales/en.ftl", (text) => text.replace("register-title = Create an account", "register-title = Join us"));
  await heading("Join us");
  await design.edit("locales/de.ftl", (text) => text.replace(/^register-title = .*$/m, "register-title = Mitmachen"));
  await page.goto(`${design.url}/register?lang=de`);
  await heading("Mitmachen");
  await page.goto(`${design.url}/register?lang=en`);
});

test("a template shows after it was built, and one that is new is noticed", async () => {
  await design.edit("templates/elements/hello.html", () => "<p id=\"hello\">Hello, {{ frame.brand.name }}</p>\n");
  await design.edit(PAGE, (text) => text.replace(/<h1>.*<\/h1>/, "<h1>Edited</h1>\n{% include \"elements/hello.html\" %}"));
  await heading("Edited");
  assert.equal(await page.locator("#hello").innerText(), "Hello, Vestibule");
  await design.edit("templates/elements/hello.html", (text) => text.replace("Hello", "Good day"));
  await page.waitForFunction(() => document.querySelector("#hello")?.textContent.startsWith("Good day"), undefined, patience);
});

test("a field that the page does not have is told with those it has", async () => {
  await design.edit(PAGE, (text) => text.replace("<h1>Edited</h1>", "<h1>{{ emial.label|t }}</h1>"));
  await tells(PAGE, "line 8", "“emial” is not offered to this page", "Did you mean “email”?", "password (FieldView)", "{{ emial.label|t }}");
  assert.equal(await page.locator("h1").innerText(), "Edited", "the last good page stays");
  const again = await browser.newContext();
  const other = await again.newPage();
  await other.goto(`${design.url}/register`);
  assert.equal(await other.locator("h1").innerText(), "Edited", "also for those who come anew");
  await again.close();
  // A style sheet that is saved meanwhile shows, and the mistake is still told.
  await design.edit("static/app.css", (text) => text.replace("--accent: #5b1f5f", "--accent: #1f5f00"));
  await page.waitForFunction(() => getComputedStyle(document.querySelector(".primary")).backgroundColor === "rgb(31, 95, 0)", undefined, patience);
  await tells("“emial” is not offered");
  await design.edit(PAGE, (text) => text.replace("<h1>{{ emial.label|t }}</h1>", "<h1>Mended</h1>"));
  await heading("Mended");
  await silence();
});

test("other mistakes are told in a designer's words, with file and line", async () => {
  const mistake = async (file, from, to, ...words) => {
    await design.edit(file, (text) => {
      assert.ok(text.includes(from), from);
      return text.replace(from, to);
    });
    await tells(file, ...words);
    assert.equal(await page.locator("h1").innerText(), "Mended");
    assert.ok(!/rustc|E0\d\d\d|views\/src|panicked/.test(await told()), await told());
    await design.edit(file, (text) => text.replace(to, from));
    await silence();
  };
  await mistake(PAGE, "{% if has_errors %}{% include", "{% if has_errors %{% include", "line 7", "not closed");
  await mistake(PAGE, "elements/error_summary.html", "elements/eror_summary.html", "not found", "did you mean “elements/error_summary.html”?");
  await mistake("templates/elements/field.html", "field.is_optional", "field.is_optionl", "line 3", "not offered to “FieldView”", "Did you mean “is_optional”?");
  await mistake("templates/mails/verify_email.html", "mail.code", "mail.cod", "“cod” is not offered", "Did you mean “code”?");
  await mistake(PAGE, "\"register-have-account\"|t", "\"register-have-acount\"|t", "there is no text “register-have-acount”", "locales/en.ftl");
  await mistake(PAGE, "\"register-have-account\"|t", "\"register-have-account\"|tt", "there is no filter “tt”");
  await mistake("locales/fr.ftl", "register-title = ", "register-title = { $x ", "line", "not Fluent");
  await mistake(PAGE, "{{ \"form.js\"|asset }}", "{{ \"from.js\"|asset }}", "there is no file static/from.js");
  await mistake("templates/elements/brand.html", "frame.brand.name", "frame.brand.nmae", "“nmae” is not offered to “Brand”", "Did you mean “name”?");
  await mistake("templates/mails/verify_email.html", "{{ mail.code }}", "{{ code }}", "“code” is not defined in a mail", "mail.code");
  await mistake("templates/elements/field.html", "{%- if field.has_hint() %}", "{%- if field.has_hint %}", "write has_hint()");
  await mistake("templates/layouts/mail.html", "<div class=\"brand\">", "<img src=\"{{ \"icon.svg\"|asset }}\" alt=\"\"><div class=\"brand\">", "mails show no static/icon.svg");
  await mistake("templates/pages/welcome.html", "\"welcome-made-for\"|around(\"address\")", "\"welcome-made-for\"|around(\"adress\")", "{ $address }");
  await mistake("locales/de.ftl", "mail-from = ", "mail-from = { $marke } ", "cannot fill in { $marke }", "{ $brand }");
  await mistake("locales/de.ftl", "register-title = ", "register-titel = ", "did you mean “register-title”?");
  await mistake("static/app.css", "var(--muted)", "var(--mutd)", "line", "--mutd is not defined; did you mean “--muted”?");
  await mistake("static/app.css", ".quiet {", ".quiet {{", "not closed before the end");
  await mistake("static/mail.css", ".brand {", ".brand { background: url(papre.svg);", "there is no file papre.svg here");
  // What the compiler says without a line is told at the page's template, with what it usually means.
  await mistake(PAGE, "{% if asks_for_consent -%}", "{% if frame.brand.name -%}", "!x.is_empty()");
});

test("an edit that waited for a file shows once the file is there", async () => {
  await design.edit(PAGE, (text) => text.replace("<h1>Mended</h1>", "<h1>Waited</h1><img src=\"{{ \"paper.svg\"|asset }}\" alt=\"\">"));
  await tells(PAGE, "there is no file static/paper.svg", "put the file there");
  // A style sheet that is saved in between shows, and what is wrong is still told.
  await design.edit("static/app.css", (text) => text.replace("--accent: #1f5f00", "--accent: #1f0000"));
  await page.waitForFunction(() => getComputedStyle(document.querySelector(".primary")).backgroundColor === "rgb(31, 0, 0)", undefined, patience);
  await tells("there is no file static/paper.svg");
  await design.edit("static/paper.svg", () => '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>');
  await heading("Waited");
  await silence();
  await design.edit(PAGE, (text) => text.replace(/<h1>Waited.*/, "<h1>Mended</h1>"));
  await heading("Mended");
});

test("a program that renders and stopped is started again, and none is left behind", async () => {
  const before = await design.children();
  assert.equal(before.length, 1, "one renders, those before it ended");
  process.kill(before[0], "SIGKILL");
  const answer = await fetch(`${design.url}/register`);
  assert.equal(answer.status, 200);
  const after = await design.children();
  assert.equal(after.length, 1);
  assert.notEqual(after[0], before[0]);
});

test("only the names of this machine are served", async () => {
  const { hostname, port } = new URL(design.url);
  const status = (host) =>
    new Promise((resolve, reject) => {
      get({ host: hostname, port, path: "/_gallery", headers: { host } }, (answer) => resolve(answer.resume().statusCode)).on("error", reject);
    });
  assert.equal(await status("evil.example"), 421);
  assert.equal(await status(`127.0.0.1.evil.example:${port}`), 421);
  assert.equal(await status(`localhost:${port}`), 200);
});

test("the gallery shows edits too, in all of its frames", async () => {
  // Another tab; the first one may be loading itself for the last edit.
  page = await page.context().newPage();
  await page.goto(`${design.url}/_gallery/register/empty?theme=dark`);
  const frame = page.frameLocator("iframe");
  await frame.locator("h1").waitFor();
  await design.edit(PAGE, (text) => text.replace("<h1>Mended</h1>", "<h1>In the gallery</h1>"));
  await frame.getByText("In the gallery").waitFor(patience);
  await design.edit("static/app.css", (text) => text.replace("--accent: #8fd3c8", "--accent: #d38f8f"));
  await page.waitForFunction(
    () => {
      const inner = document.querySelector("iframe").contentDocument;
      const button = inner?.querySelector(".primary");
      return button && inner.defaultView.getComputedStyle(button).backgroundColor === "rgb(211, 143, 143)";
    },
    undefined,
    patience,
  );
  await page.goto(`${design.url}/_gallery`);
  await design.edit("templates/layouts/mail.html", (text) => text.replace("<div class=\"ground\">", "<div class=\"ground\" id=\"edited\">"));
  await page.locator("#mail_verify_email").scrollIntoViewIfNeeded();
  await page.frameLocator('iframe[title="mail_verify_email plain"]').locator("#edited").waitFor(patience);
});

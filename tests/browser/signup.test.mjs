// A person signs up: with and without JavaScript, on both databases, by mouse and by keyboard.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { desktop, eventually, password, pathOf, phone, startBrowser, startPostgres, startServer, tapTwice } from "./vestibule.mjs";

let browser;
let postgres;
before(async () => {
  [browser, postgres] = await Promise.all([startBrowser(), startPostgres()]);
});
after(async () => {
  await browser.close();
  await postgres.stop();
});

for (const backend of ["SQLite", "PostgreSQL"]) {
  for (const javaScriptEnabled of [true, false]) {
    describe(`${backend}, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () => {
      let server;
      let context;
      let page;
      const problems = [];
      const requests = [];

      before(async () => {
        // One PostgreSQL database serves both descriptions; the addresses differ.
        server = await startServer(backend === "SQLite" ? undefined : postgres.url);
        context = await browser.newContext({ javaScriptEnabled, viewport: phone });
        page = await context.newPage();
        page.on("console", (message) => problems.push(message.text()));
        page.on("pageerror", (error) => problems.push(String(error)));
        page.on("request", (request) => requests.push(request.url()));
      });
      after(async () => {
        await context.close();
        await server.stop();
        assert.deepEqual(problems.filter((text) => !/status of 4\d\d/.test(text)), [], "the console stays silent");
        for (const url of requests) assert.equal(new URL(url).origin, server.url, "nothing comes from elsewhere");
      });

      const address = (name) => `${name}.${javaScriptEnabled}@example.com`;
      const fill = async (fullName, email, secret) => {
        await page.getByLabel("Full name (optional)").fill(fullName);
        await page.getByLabel("Email address").fill(email);
        await page.getByLabel("Create a password").fill(secret);
      };
      const submit = () => page.getByRole("button", { name: "Create account" }).click();
      const focused = () => page.evaluate(() => document.activeElement.className || document.activeElement.id);

      test("the first view takes two requests", async () => {
        requests.length = 0;
        await page.goto(server.url);
        await page.waitForLoadState("networkidle");
        assert.equal(new URL(page.url()).pathname, "/register");
        const loaded = requests.filter((url) => new URL(url).pathname !== "/");
        assert.ok(loaded.length <= 2, loaded.join(" "));
        const background = await page.evaluate(() => getComputedStyle(document.querySelector(".primary")).backgroundColor);
        assert.equal(background, "rgb(31, 95, 91)", "the policy lets the style sheet pass");
      });

      test("mistakes are listed, tied to their fields, and cost nothing that was typed", async () => {
        await page.goto(`${server.url}/register`);
        await fill("Ada Lovelace", "ada.example.com", "short");
        await submit();
        assert.equal(await page.title(), "Error: Create an account – Vestibule");
        assert.equal(await focused(), "summary", "the summary has the focus");
        const links = page.locator(".summary a");
        assert.equal(await links.count(), 2);
        for (const [place, id] of ["register-email", "register-password"].entries()) {
          await links.nth(place).click();
          assert.equal(await focused(), id);
        }
        assert.equal(await page.getByLabel("Full name (optional)").inputValue(), "Ada Lovelace");
        assert.equal(await page.getByLabel("Email address").inputValue(), "ada.example.com");
        assert.equal(await page.getByLabel("Create a password", { exact: true }).inputValue(), "");
        const describedBy = await page.getByLabel("Email address").getAttribute("aria-describedby");
        assert.match(await page.locator(`#${describedBy}`).innerText(), /correct format/);
      });

      test("an account is made, said once, and going back or reloading does not post again", async () => {
        await page.goto(`${server.url}/register`);
        await fill("", address("ada"), password);
        await submit();
        assert.equal(new URL(page.url()).pathname, "/welcome");
        assert.equal(await page.locator("h1").innerText(), "Your account is ready");
        assert.equal(await page.locator("main .value").innerText(), address("ada"));
        assert.equal(await page.locator("input[type=password]").count(), 0, "password managers see that it worked");
        await page.reload();
        assert.equal(new URL(page.url()).pathname, "/register", "shown once");
        await page.goBack();
        assert.equal(await page.getByLabel("Create a password", { exact: true }).inputValue(), "");
      });

      test("a taken address is said at its field", async () => {
        await page.goto(`${server.url}/register`);
        await fill("Ada", address("ada").toUpperCase(), password);
        await submit();
        assert.match(await page.locator("#register-email-error").innerText(), /already an account/);
      });

      test("the keyboard alone is enough, in the order of the page", async () => {
        await page.goto(`${server.url}/register`);
        const stops = [];
        for (let press = 0; press < (javaScriptEnabled ? 5 : 4); press++) {
          await page.keyboard.press("Tab");
          const stop = await page.evaluate(() => {
            const { activeElement } = document;
            const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
            return { name: activeElement.id || activeElement.textContent, seen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
          });
          assert.ok(stop.seen, `the focus on ${stop.name} is visible`);
          stops.push(stop.name);
          if (stop.name === "register-full-name") await page.keyboard.type("Grace Hopper");
          if (stop.name === "register-email") await page.keyboard.type(address("grace"));
          if (stop.name === "register-password") await page.keyboard.type(password);
        }
        const show = javaScriptEnabled ? ["Show"] : [];
        assert.deepEqual(stops, ["register-full-name", "register-email", "register-password", ...show, "Create account"]);
        await page.keyboard.press("Enter");
        await page.waitForURL("**/welcome");
      });

      test("a double click makes one account", async () => {
        await page.goto(`${server.url}/register`);
        await fill("", address("double"), password);
        await page.getByRole("button", { name: "Create account" }).dblclick();
        // The second one may come after the first has made the account, and is told so.
        const answered = async () => pathOf(page) === "/welcome" || (await page.title().catch(() => "")).startsWith("Error: ");
        await eventually("an answer", answered);
        const again = await fetch(`${server.url}/register`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ email: address("double"), password }),
        });
        assert.deepEqual(await again.json(), { detail: "Email already registered" });
      });

      test("a second tap on a slow line does no harm where there is a script", { skip: !javaScriptEnabled && "needs JavaScript" }, async () => {
        await page.goto(`${server.url}/register`);
        await fill("", address("impatient"), password);
        const requests = await tapTwice(page, "Create account", "**/register");
        await page.waitForURL("**/welcome");
        assert.deepEqual(requests, ["POST"]);
        await page.unroute("**/register");
      });

      test("the password can be shown where there is a script, and is always sent as one", async () => {
        await page.goto(`${server.url}/register`);
        const input = page.locator("#register-password");
        const button = page.getByRole("button", { name: "Show password" });
        if (!javaScriptEnabled) {
          assert.equal(await button.count(), 0);
          return;
        }
        await fill("", "not an address", password);
        await button.click();
        assert.equal(await input.getAttribute("type"), "text");
        assert.equal(await page.getByRole("status").innerText(), "Your password is shown");
        await page.getByRole("button", { name: "Hide password" }).click();
        assert.equal(await input.getAttribute("type"), "password");
        await button.click();
        await page.evaluate(() => {
          document.querySelector("form").addEventListener("submit", () => {
            document.title = document.querySelector("#register-password").type;
          });
          document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
        });
        await submit();
        assert.equal(await page.title(), "password");
      });

      test("the pages for what goes wrong lead on", async () => {
        for (const path of ["/nothing", "/static/nothing.js"]) {
          await page.goto(server.url + path);
          assert.equal(await page.locator("h1").innerText(), "Page not found");
          await page.getByRole("link", { name: "Go to the sign-up page" }).click();
          assert.equal(await page.locator("h1").innerText(), "Create an account");
        }
        await page.setViewportSize(desktop);
        await page.goto(`${server.url}/docs`);
        assert.equal(await page.locator("h1").innerText(), "The API");
        await page.setViewportSize(phone);
      });
    });
  }
}

test("a form on another site cannot sign anybody up", async () => {
  const [server, elsewhere] = await Promise.all([startServer(), startServer()]);
  const context = await browser.newContext();
  const page = await context.newPage();
  // Another origin, by its port; the policy of our own pages would not even let the form be sent.
  await page.route(`${elsewhere.url}/evil`, (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<form method="post" action="${server.url}/register"><input name="email" value="a@example.com"><input name="password" value="${password}"><button>Win</button></form>`,
    }),
  );
  await page.goto(`${elsewhere.url}/evil`);
  await page.getByRole("button").click();
  assert.equal(await page.locator("h1").innerText(), "This form came from another site");
  await context.close();
  await Promise.all([server.stop(), elsewhere.stop()]);
});

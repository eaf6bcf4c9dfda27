// Servers and browsers for the tests: the real program, a real PostgreSQL, Debian's Chromium.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createServer, request as send } from "node:http";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** The first line that a child writes to its standard output. */
async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("it ended without a word");
}

const ended = (child) => new Promise((resolve) => child.once("exit", resolve));

/** A throwaway PostgreSQL; `stop` removes it. */
export async function startPostgres() {
  if (process.env.TEST_DATABASE_URL) return { url: process.env.TEST_DATABASE_URL, stop: async () => {} };
  const child = spawn(join(root, "scripts/postgres-for-tests"), { stdio: ["pipe", "pipe", "inherit"] });
  const url = await firstLine(child);
  const stop = async () => {
    const end = ended(child);
    child.stdin.end();
    await end;
  };
  return { url, stop };
}

/** The program on an empty database and a free port. */
export async function startServer(databaseUrl, settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "vestibule-browser-"));
  const child = spawn(process.env.VESTIBULE ?? join(root, "target/debug/vestibule"), {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      ENVIRONMENT: "local",
      BCRYPT_COST: "4",
      RATE_LIMITS: "off",
      MAIL_DELAY_SECONDS: "0",
      DATABASE_URL: databaseUrl ?? `sqlite://${join(folder, "test.db")}`,
      ...settings,
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return running(child, folder);
}

/** A program that says where it listens; `stop` ends it and removes its folder. */
export async function running(child, folder) {
  const line = await firstLine(child);
  const stop = async () => {
    const end = ended(child);
    child.kill("SIGTERM");
    const code = await end;
    await rm(folder, { recursive: true });
    if (code !== 0) throw new Error(`it ended with ${code}`);
  };
  return { url: line.replace("listening on ", ""), stop };
}

/** A slow line to a server: pages come line by line, lists and the footer whole, so that a browser shows them before all is there. */
export async function startSlowLine(url) {
  const line = createServer((request, response) => {
    const headers = { ...request.headers, "accept-encoding": "identity" };
    const forward = send(new URL(request.url, url), { method: request.method, headers }, async (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      const body = await buffer(answer);
      if (!answer.headers["content-type"]?.startsWith("text/html")) return response.end(body);
      for (const piece of body.toString().match(/<(ul|footer)[^>]*>[^]*?<\/\1>.*\n|.*\n|.+$/g)) {
        response.write(piece);
        await sleep(4);
      }
      response.end();
    });
    request.pipe(forward);
  });
  await new Promise((resolve) => line.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    line.closeAllConnections();
    await new Promise((resolve) => line.close(resolve));
  };
  return { url: `http://127.0.0.1:${line.address().port}`, stop };
}

/** The longest wait of a test for what comes in its own time: only what hangs takes as long. */
export const patience = { timeout: 60_000 };

/** What `probe` gives once that is something. */
export async function eventually(what, probe) {
  for (const end = Date.now() + patience.timeout; Date.now() < end; await sleep(10)) {
    const found = await probe();
    if (found) return found;
  }
  throw new Error(`not within a minute: ${what}`);
}

/** Debian's Chromium without the services that would call home; `more` are arguments of its own. */
export async function startBrowser(more = []) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.setDefaultTimeout(patience.timeout);
    return context;
  };
  return browser;
}

/**
 * The gallery as files: every page and mail in every state, in every language and the pseudo-language, as
 * [{ name, language, view, state, isMail, path }].
 */
export async function gallery() {
  const folder = await mkdtemp(join(tmpdir(), "vestibule-gallery-"));
  const program = process.env.VESTIBULE ?? join(root, "target/debug/vestibule");
  await run(program, ["gallery", "--out", folder], { cwd: tmpdir(), env: { PATH: process.env.PATH } });
  const { languages, states } = JSON.parse(await readFile(join(folder, "states.json"), "utf8"));
  const pages = languages.flatMap((language) =>
    states
      .filter((state) => state.translated || language === "en")
      .map(({ view, state, mail }) => {
        const name = `${view}.${state}`;
        return { name, language, view, state, isMail: mail, path: join(folder, language, `${name}.html`) };
      }),
  );
  const find = (name, language = "en") => pages.find((page) => page.name === name && page.language === language);
  const url = (name, language) => pathToFileURL(find(name, language).path).href;
  return { folder, languages, pages, url, remove: () => rm(folder, { recursive: true }) };
}

export const phone = { width: 360, height: 740 };
export const desktop = { width: 1280, height: 800 };
export const password = "correct-horse-battery";

/**
 * People at a service, each with a browser of their own. `leave` sends all of them away, and checks that nothing came
 * from elsewhere and that the consoles stayed silent. `requests` of a page's context are those it made, with their
 * Referer.
 */
export function people(browser, url, options) {
  let present = [];
  // Starting a browser takes longer than most visits, so those without cookies go to whoever comes next.
  const idle = [];
  const start = async (more) => {
    const context = await browser.newContext({ baseURL: url, viewport: phone, ...options, ...more });
    Object.assign(context, { requests: [], problems: [], isPlain: !more });
    context.on("request", (request) => context.requests.push({ url: request.url(), referer: request.headers().referer ?? "" }));
    context.on("console", (message) => context.problems.push(message.text()));
    context.on("weberror", (error) => context.problems.push(String(error.error())));
    return context.newPage();
  };
  const come = async (more) => {
    const page = (!more && idle.pop()) || (await start(more));
    present.push(page);
    return page;
  };
  const post = async (where, form, more) => {
    const page = await come(more);
    const answer = await page.context().request.post(where, { form, maxRedirects: 0 });
    assert.equal(answer.status(), 303);
    return page;
  };
  /** The page of somebody who has just signed up; of somebody who has just signed in. Not by the forms, to be quick. */
  const signedUp = (email, more) => post("/register", { email, password }, more);
  const loggedIn = (identifier, more) => post("/login", { identifier, password }, more);
  /** Signs in by the form, which the page may show already. */
  const logIn = async (page, identifier, secret = password) => {
    if (!page.url().startsWith(`${url}/login`)) await page.goto("/login");
    await page.locator("#login-identifier").fill(identifier);
    await page.locator("#login-password").fill(secret);
    await press(page, "Sign in");
  };
  const isSignedIn = async (page) => {
    await page.goto("/account");
    return pathOf(page) === "/account";
  };
  const leave = async () => {
    const pages = present;
    present = [];
    for (const page of pages) {
      const context = page.context();
      const [requests, problems] = [context.requests.splice(0), context.problems.splice(0)];
      await (context.isPlain ? context.clearCookies() : context.close());
      if (context.isPlain) idle.push(page);
      for (const request of requests) assert.equal(new URL(request.url).origin, url, "nothing comes from elsewhere");
      // Chromium writes down that a form was refused.
      assert.deepEqual(problems.filter((text) => !/status of 4\d\d/.test(text)), [], "the console stays silent");
    }
  };
  return { come, signedUp, loggedIn, logIn, isSignedIn, leave };
}

export const pathOf = (page) => new URL(page.url()).pathname;
export const heading = (page) => page.locator("h1").innerText();
/** Clicks what leads to another page, and waits until that is there. */
export async function click(locator) {
  await Promise.all([locator.page().waitForNavigation(), locator.click()]);
}
export const press = (part, name) => click(part.getByRole("button", { name, exact: true }));
export const follow = (page, name) => click(page.getByRole("link", { name, exact: true }));

/** Waits until this has the focus, by its class or id; a browser gives it to the summary a moment after the page is there. */
export async function hasFocus(page, expected) {
  const focused = () => page.evaluate(() => document.activeElement.className || document.activeElement.id);
  await eventually(`${expected} has the focus`, async () => (await focused()) === expected);
}

/** Waits until nothing on a page moves or changes its colour any more. */
export const isSettled = (page) =>
  page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));

/** Taps the button of a form a second time while the request of the first is under way; the requests to `where` by then. */
export async function tapTwice(page, name, where) {
  const requests = [];
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route(where, async (route) => {
    requests.push(route.request().method());
    await held;
    // A second request takes the place of the first.
    await route.continue().catch(() => {});
  });
  const { x, y } = await page.getByRole("button", { name, exact: true }).boundingBox();
  const begun = page.waitForRequest(where);
  await page.mouse.click(x + 9, y + 9);
  await begun;
  await page.mouse.click(x + 9, y + 9);
  letGo();
  return requests;
}

/** Where Tab stops within the main part of a page, in order; each stop has to be seen. */
export async function tabStops(page) {
  const stops = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const { activeElement } = document;
      const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
      const name = activeElement.id || activeElement.textContent;
      return { name, seen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, isInside: Boolean(activeElement.closest("main")) };
    });
    if (!stop.isInside) return stops;
    assert.ok(stop.seen, `the focus on ${stop.name} is visible`);
    stops.push(stop.name);
  }
}

// Servers and browsers for the tests: the real program, a real PostgreSQL, Debian's Chromium.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
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

/** Debian's Chromium without the services that would call home. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * The gallery as files: every page and mail in every state, in every language and the pseudo-language, as
 * [{ name, language, view, state, isMail, path }].
 */
export async function gallery(settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "vestibule-gallery-"));
  const program = process.env.VESTIBULE ?? join(root, "target/debug/vestibule");
  await run(program, ["gallery", "--out", folder], { cwd: tmpdir(), env: { PATH: process.env.PATH, ...settings } });
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

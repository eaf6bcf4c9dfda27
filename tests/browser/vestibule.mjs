// Servers and browsers for the tests: the real program, a real PostgreSQL, Debian's Chromium.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** The first line that a child writes to its standard output. */
export async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("it ended without a word");
}

export const ended = (child) => new Promise((resolve) => child.once("exit", resolve));

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

/** Every page in every state, as [{ name, path, html }]. */
export async function samples() {
  const folder = await mkdtemp(join(tmpdir(), "vestibule-samples-"));
  await run("cargo", ["run", "--quiet", "--example", "samples", "--", folder], { cwd: root });
  const names = (await readdir(folder)).sort();
  const pages = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { name, path, html: await readFile(path, "utf8") };
    }),
  );
  return { pages, remove: () => rm(folder, { recursive: true }) };
}

export const phone = { width: 360, height: 740 };
export const desktop = { width: 1280, height: 800 };
export const password = "correct-horse-battery";

// `vestibule design` on a copy of the source, so that edits leave the checkout alone.

import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root, running } from "./vestibule.mjs";

const run = promisify(execFile);

/** A copy of what is tracked or would be, with the builds of the checkout. */
async function copySource() {
  const folder = await mkdtemp(join(tmpdir(), "vestibule-design-"));
  const { stdout } = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root });
  for (const name of stdout.split("\0").filter(Boolean)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    // A file that was deleted and not committed yet is still listed.
    await cp(join(root, name), join(folder, name)).catch(() => {});
  }
  await mkdir(join(root, "target/design"), { recursive: true });
  await mkdir(join(folder, "target"));
  await symlink(join(root, "target/design"), join(folder, "target/design"));
  return folder;
}

/** Starts it; `edit(file, change)` saves a file anew, `children()` lists the programs it runs, `stop` removes everything. */
export async function startDesign(settings = {}) {
  const folder = await copySource();
  const child = spawn(process.env.VESTIBULE ?? join(root, "target/debug/vestibule"), ["design"], {
    cwd: folder,
    env: { ...process.env, PORT: "0", BCRYPT_COST: "4", DATABASE_URL: `sqlite://${join(folder, "test.db")}`, ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const edit = async (name, change) => {
    const path = join(folder, name);
    const before = await readFile(path, "utf8").catch(() => "");
    await writeFile(path, change(before));
  };
  const children = async () => {
    // Linux lists children by the thread that started them.
    const threads = await readdir(`/proc/${child.pid}/task`);
    const listed = threads.map((thread) => readFile(`/proc/${child.pid}/task/${thread}/children`, "utf8").catch(() => ""));
    return (await Promise.all(listed)).join(" ").split(/\s+/).filter(Boolean).map(Number);
  };
  return { ...(await running(child, folder)), edit, children };
}

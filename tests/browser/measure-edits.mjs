// How long it takes from saving a file until the open browser shows it: `node measure-edits.mjs [EDITS]`.
// ./scripts/measure-edits calls it; docs/performance.md has the figures.

import { performance } from "node:perf_hooks";
import { startDesign } from "./design.mjs";
import { desktop, startBrowser } from "./vestibule.mjs";

const edits = Number(process.argv[2] ?? 20);
const [browser, design] = await Promise.all([startBrowser(), startDesign()]);
const page = await (await browser.newContext({ viewport: desktop })).newPage();
await page.goto(`${design.url}/register`);
await page.waitForLoadState("networkidle");

const heading = (text) => page.waitForFunction((text) => document.querySelector("h1")?.textContent === text, text, { timeout: 30_000 });

/** Saves `edits` times and waits each time until `shown`. */
async function measure(name, file, change, shown) {
  const times = [];
  for (let number = 1; number <= edits; number++) {
    // People do not save at the very moment the page has changed.
    await page.waitForTimeout(700);
    const started = performance.now();
    await design.edit(file, (text) => change(text, number));
    await shown(number);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share) => (times[Math.ceil(times.length * share) - 1] / 1000).toFixed(3);
  console.log(`${name.padEnd(28)} ${edits} edits   p50 ${at(0.5)} s   p95 ${at(0.95)} s   slowest ${at(1)} s`);
}

try {
  await measure(
    "style sheet",
    "static/app.css",
    (text, number) => text.replace(/--accent: #\w+/, `--accent: #1f5f${(0x10 + number).toString(16)}`),
    (number) =>
      page.waitForFunction(
        (blue) => getComputedStyle(document.querySelector(".primary")).backgroundColor === `rgb(31, 95, ${blue})`,
        0x10 + number,
      ),
  );
  await measure(
    "text",
    "locales/en.ftl",
    (text, number) => text.replace(/^register-title = .*$/m, `register-title = Create account ${number}`),
    (number) => heading(`Create account ${number}`),
  );
  await measure(
    "image",
    "static/icon.svg",
    (text, number) => text.replace(/ id="\d+"|(?<=<svg)/, ` id="${number}"`).replace(/( id="\d+"){2,}/, ` id="${number}"`),
    (number) =>
      page.waitForFunction(
        (number) => atob(document.querySelector("link[rel=icon]").href.split(",")[1]).includes(`id="${number}"`),
        number,
      ),
  );
  await measure(
    "template of a page",
    "templates/pages/register.html",
    (text, number) => text.replace(/<h1>.*<\/h1>/, `<h1>Edit ${number}</h1>`),
    (number) => heading(`Edit ${number}`),
  );
  await measure(
    "layout of every page",
    "templates/layouts/page.html",
    (text, number) => text.replace(/<header class="brand"[^>]*>/, `<header class="brand" data-edit="${number}">`),
    (number) => page.waitForFunction((number) => document.querySelector("header").dataset.edit === String(number), number),
  );
} finally {
  await browser.close();
  await design.stop();
}

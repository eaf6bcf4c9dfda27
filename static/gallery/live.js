// Shows what a designer saved: styles are exchanged, pages loaded anew, mistakes told. Served by `vestibule design` alone.

const script = document.currentScript;
const edit = new URL(script.src).searchParams.get("edit");
const isGallery = "gallery" in script.dataset;
const channel = new BroadcastChannel("vestibule-live");
let last;

// Where the page was scrolled to, across its being loaded anew.
const place = `scroll ${location.pathname}`;
const remembered = sessionStorage.getItem(place);
if (remembered) {
  sessionStorage.removeItem(place);
  addEventListener("load", () => scrollTo(0, Number(remembered)));
}

function show(live) {
  const before = last;
  last = live;
  if (window === top) tell(live);
  const link = document.querySelector('link[rel="stylesheet"][href^="/static/app."]');
  if (link && live.style && link.getAttribute("href") !== live.style) {
    const next = link.cloneNode();
    next.href = live.style;
    // The old one stays until the new one is there, so that the page never stands bare.
    next.addEventListener("load", () => link.remove());
    link.after(next);
  }
  // A page that is shown with a theme of its own has its styles in it.
  const isStale = !link && !isGallery && before && before.style !== live.style;
  if (isGallery && (before?.edit ?? edit) !== live.edit) loadMails();
  // The gallery's own pages change only where they show source; the pages in their frames load themselves.
  const concerns = !isGallery || document.querySelector("pre");
  if (isStale || (live.edit !== edit && concerns)) {
    sessionStorage.setItem(place, scrollY);
    // Not reload(): after a form was sent that would ask to send it again.
    location.replace(location.href.split("#")[0]);
  }
}

// Mails hold no script, so the gallery loads them anew.
function loadMails() {
  for (const { contentDocument, contentWindow, src } of document.querySelectorAll("iframe")) {
    const isMail = contentDocument && !contentDocument.querySelector('script[src^="/_gallery/live.js"]');
    if (isMail && contentDocument.URL !== "about:blank") contentWindow.location.replace(src);
  }
}

let box;
function tell({ is_building, mistake }) {
  box?.remove();
  box = undefined;
  if (!is_building && !mistake) return;
  box = document.createElement("div");
  box.id = "vestibule-live";
  const root = box.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { position: fixed; inset: auto 0 0 0; z-index: 2147483647; font: 15px/1.5 system-ui, sans-serif; color: #fff; }
    p { margin: 0; } .bar { background: #1f5f5b; padding: .25rem 1rem; }
    .mistake { background: #4a0f0a; padding: 1rem 1.25rem; max-height: 60vh; overflow: auto; display: grid; gap: .5rem; }
    b { font-size: 1.1rem; } pre { margin: 0; padding: .5rem .75rem; background: #0006; overflow: auto; } i { font-style: normal; background: #a8261c; }`);
  root.adoptedStyleSheets = [sheet];
  const add = (parent, name, text, className = "") => {
    const element = parent.appendChild(document.createElement(name));
    element.textContent = text;
    element.className = className;
    return element;
  };
  if (mistake) {
    const part = add(root, "section", "", "mistake");
    part.setAttribute("role", "alert");
    add(part, "p", `${mistake.file}, line ${mistake.line}`, "where");
    add(part, "b", mistake.message);
    if (mistake.hint) add(part, "p", mistake.hint, "hint");
    const lines = add(part, "pre", "");
    for (const [number, line] of mistake.excerpt) {
      add(lines, number === mistake.line ? "i" : "span", `${String(number).padStart(4)}  ${line}\n`);
    }
    add(part, "p", "The page shows what was saved before.");
  }
  if (is_building) add(root, "p", "Building…", "bar");
  document.documentElement.append(box);
}

// One page of all that are open listens; browsers allow few connections. It tells the others, and another one takes
// over when it is closed.
channel.addEventListener("message", ({ data }) => {
  if (data !== "ask") show(data);
});
navigator.locks.request("vestibule-live", () => {
  const events = new EventSource("/_gallery/events");
  events.addEventListener("message", ({ data }) => {
    const live = JSON.parse(data);
    channel.postMessage(live);
    show(live);
  });
  channel.addEventListener("message", ({ data }) => {
    if (data === "ask" && last) channel.postMessage(last);
  });
  return new Promise(() => {});
});
channel.postMessage("ask");

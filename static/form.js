// What the form gains from a script. Without it the button stays hidden and everything works all the same.

for (const button of document.querySelectorAll("[data-shows]")) {
  const input = document.getElementById(button.dataset.shows);
  const status = button.closest(".field").querySelector("[role=status]");
  const words = button.dataset;
  const set = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? words.hide : words.show;
    button.setAttribute("aria-label", shown ? words.hideLabel : words.showLabel);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    set(shown);
    status.textContent = shown ? words.shown : words.hidden;
  });
  // Browsers remember what is typed into a text input; a password is sent as one.
  input.form.addEventListener("submit", () => set(false));
  // A page that comes back from the browser's cache starts hidden.
  addEventListener("pageshow", () => set(false));
}

// A second tap on a slow line would ask for the same account again and be told that it is taken. The pause ends by
// itself, so that stopping the first try does not lock the form.
const PAUSE = 10_000;
for (const form of document.forms) {
  let sent = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sent < PAUSE) event.preventDefault();
    else sent = event.timeStamp;
  });
  addEventListener("pageshow", () => (sent = -Infinity));
}

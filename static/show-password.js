// The show-password button. Without this script it stays hidden and the form works all the same.
for (const button of document.querySelectorAll("[data-shows]")) {
  const input = document.getElementById(button.dataset.shows);
  const status = button.closest(".field").querySelector("[role=status]");
  const set = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
    button.setAttribute("aria-label", `${button.textContent} password`);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    set(shown);
    status.textContent = shown ? "Your password is shown" : "Your password is hidden";
  });
  // Browsers remember what is typed into a text input; a password is sent as one.
  input.form.addEventListener("submit", () => set(false));
  // A page that comes back from the browser's cache starts hidden.
  addEventListener("pageshow", () => set(false));
}

// The one script of every page: loads what the markup asks for, again after each part that htmx puts in.
// Everything here improves a page that works without it.
const wanted = {
  "[data-stepper]": "./stepper.js",
  "[data-signpad]": "./signpad.js",
  "[data-copy]": "./copy.js",
  "[data-theme-form]": "./theme.js",
  "[data-shortcut]": "./shortcuts.js",
  "form[data-keep]": "./keep.js",
  "form[data-autosave-url]": "./autosave.js",
  "form[data-lock]": "./lock.js",
};

const enhance = async (root) => {
  for (const [selector, address] of Object.entries(wanted)) {
    const found = [...root.querySelectorAll(selector)].filter((element) => !seen.has(element));
    if (!found.length) continue;
    found.forEach((element) => seen.add(element));
    const { begin } = await import(address);
    found.forEach(begin);
  }
};
const seen = new WeakSet();

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("htmx:after:swap", () => enhance(document));
document.querySelector("[data-focus]")?.focus();
enhance(document);

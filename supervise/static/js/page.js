// The one script of every page: loads what the markup asks for, again after each part that htmx puts in.
// Everything here improves a page that works without it.
const wanted = {
  "[data-stepper]": "./stepper.js",
  "[data-signpad]": "./signpad.js",
  "form[data-day]": "./hours-day.js",
  "[data-copy]": "./copy.js",
  "[data-theme-form]": "./theme.js",
  "[data-shortcut]": "./shortcuts.js",
  "form[data-keep]": "./keep.js",
  "form[data-autosave-url]": "./autosave.js",
  "form[data-look-url]": "./look.js",
  "form[data-lock]": "./lock.js",
  "[data-live]": "./live.js",
};

const begun = new Map(Object.keys(wanted).map((selector) => [selector, new WeakSet()]));

const enhance = () => {
  for (const [selector, address] of Object.entries(wanted)) {
    const done = begun.get(selector);
    const found = [...document.querySelectorAll(selector)].filter((element) => !done.has(element));
    found.forEach((element) => done.add(element));
    if (found.length) import(address).then(({ begin }) => found.forEach(begin));
  }
};

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
// Help in a crisis waits for no question about unsaved words: it opens beside them.
document.addEventListener("click", (event) => {
  const crisis = event.target.closest("a.redpath");
  if (crisis && document.querySelector("form[data-unsaved]")) crisis.target = "_blank";
  else crisis?.removeAttribute("target");
});
// The numbers of the crisis page are kept in this browser, for when the server does not answer.
navigator.serviceWorker?.register(document.body.dataset.crisisWorker).catch(() => {});
document.addEventListener("htmx:after:swap", enhance);
document.querySelector("[data-focus]")?.focus();
enhance();

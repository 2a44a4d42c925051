// Single keys, named in the markup: data-shortcut="g i" follows a link, data-shortcut="/" goes to a field.
// A person can switch them off (data-shortcuts-off on the body).
const PATIENCE = 1500; // ms between the two keys of a pair
const places = new Map();
let first = "";
let firstAt = 0;

const isTyping = (element) => element.isContentEditable || element.matches("input:not([type=checkbox], [type=radio]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if ("shortcutsOff" in document.body.dataset) return;
  const pair = Date.now() - firstAt < PATIENCE ? `${first} ${event.key}` : "";
  const place = places.get(pair) ?? places.get(event.key);
  first = event.key;
  firstAt = Date.now();
  if (!place?.isConnected) return;
  event.preventDefault();
  if (place.matches("a")) place.click();
  else place.focus();
});

export const begin = (element) => places.set(element.dataset.shortcut, element);

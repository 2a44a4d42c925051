// Keys, taps and saving as you go on the confirm page. Each of these is a button or a field that works without this
// script; htmx posts the forms and puts the new part in place.
const says = document.getElementById("confirm-says");
const work = () => document.getElementById("work");
const items = () => [...work().querySelectorAll("[data-item]")];
const item = (key) => work().querySelector(`[data-item="${key}"]`);
const isOpen = (element) => element.closest(".ask") && !element.querySelector(":checked");
const nextOpen = () => items().find(isOpen);

let current = nextOpen()?.dataset.item ?? items()[0]?.dataset.item ?? "";
let busy = false;
let after = () => {};
const queue = []; // keys pressed while an answer is under way

const show = () => {
  for (const element of work().querySelectorAll("[data-item], [data-key] > mark")) element.removeAttribute("aria-current");
  item(current)?.setAttribute("aria-current", "true");
  for (const mark of work().querySelectorAll(`[data-key="${current}"] > mark`)) mark.setAttribute("aria-current", "true");
};
const go = (element) => {
  if (!element) return;
  current = element.dataset.item;
  show();
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
  work().querySelector(`[data-key="${current}"]`)?.scrollIntoView({ block: "nearest" });
};
const move = (by) => {
  const all = items();
  const at = all.findIndex((element) => element.dataset.item === current);
  go(all[Math.min(all.length - 1, Math.max(0, at + by))]);
};

// Saving ------------------------------------------------------------------------------------------------------------
// What had the focus is found again by its name and value; the list stays scrolled where it was.
const remember = () => {
  const { id, name, value, type } = document.activeElement ?? {};
  const scrolled = work().querySelector(".findings").scrollTop;
  const opened = items().filter((element) => element.querySelector("details[open]")).map((element) => element.dataset.item);
  return () => {
    work().querySelector(".findings").scrollTop = scrolled;
    for (const key of opened) item(key)?.querySelector("details")?.setAttribute("open", "");
    const again = id ? document.getElementById(id) : name && work().querySelector(
      `[name="${CSS.escape(name)}"]${type === "radio" ? `[value="${CSS.escape(value)}"]` : ""}`);
    again?.focus({ preventScroll: true });
  };
};
const send = (form, button, then) => {
  after = then ?? remember();
  form.requestSubmit(button);
};
const save = (then) => send(work().querySelector("#choices"), work().querySelector("[data-save]"), then);

document.addEventListener("submit", (event) => {
  if (!work().contains(event.target) || event.target.id === "sign") return;
  busy = true;
  if (event.submitter?.matches("[data-accept-rest]")) after = toFinal;
  else if (event.submitter?.matches("[data-undo]")) after = remember();
  else if (event.target.id === "mark-form") after = () => item(current)?.focus({ preventScroll: true });
}, { capture: true });
document.addEventListener("htmx:before:swap", (event) => {
  // A lock or a sign-in answered instead: let the browser follow it, so that the page comes back afterwards.
  if (event.detail?.ctx?.text?.includes('id="work"')) return;
  event.preventDefault();
  location.reload();
});
document.addEventListener("htmx:after:swap", () => {
  if (!item(current)) current = nextOpen()?.dataset.item ?? items()[0]?.dataset.item ?? "";
  show();
  const refused = work().querySelector("#findings .error, .mark-fields .error, .banner-red");
  if (refused) refused.scrollIntoView({ block: "nearest" });
  else after();
  says.textContent = refused ? refused.textContent.trim() : work().querySelector("[data-says]").textContent;
  after = () => {};
  busy = false;
  queue.shift()?.();
});
document.addEventListener("htmx:error", () => {
  busy = false;
  queue.length = 0;
  says.textContent = "Not saved: no connection. Try again.";
});

const toNext = () => {
  const open = nextOpen();
  if (open) go(open);
  else toFinal();
};
const toFinal = () => {
  if (!work().querySelector("#sign")) return go(nextOpen());
  const heading = work().querySelector("#h-final");
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "start" });
};

document.addEventListener("change", ({ target }) => {
  if (!target.form || target.form.id !== "choices") return;
  if (target.name === "pane") {
    for (const hidden of work().querySelectorAll("input[type=hidden][name=pane]")) hidden.value = target.value;
    putBack();
    return;
  }
  const own = target.value === "own" && target.closest("[data-item]")?.querySelector(".own-words input");
  if (own && !own.value.trim()) own.focus();
  else save();
});

// Keys --------------------------------------------------------------------------------------------------------------
const pick = (radio, then) => {
  radio.checked = true;
  save(then);
};
const accept = () => {
  const here = item(current);
  if (!here) return;
  if (isOpen(here)) pick(here.querySelector("[type=radio][value=suggest]") ?? here.querySelector("[type=radio][value=remove]"), toNext);
  else if (nextOpen()) toNext();
  else move(1);
};
const leave = () => {
  const here = item(current);
  const reason = here?.querySelector('[type=radio][value^="keep:"]');
  if (!reason) return;
  const list = here.querySelector("details.keep");
  if (!list) pick(reason, toNext);
  else {
    list.open = true;
    list.querySelector(":checked")?.focus();
  }
};
const mark = () => work().querySelector("#mark-fields input").focus();
const undo = () => {
  const button = work().querySelector("[data-undo]");
  if (button) send(button.form, button, () => go(item(current)));
};
const keys = { j: () => move(1), k: () => move(-1), Enter: accept, x: leave, n: mark, u: undo };

document.addEventListener("keydown", (event) => {
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat) return;
  if ("shortcutsOff" in document.body.dataset || !work().querySelector("#choices")) return;
  if (event.target.matches("input:not([type=radio]), select, textarea")) return;
  if (event.key === "Enter" && event.target.matches("a, button, summary")) return;
  event.preventDefault();
  if (event.key === "Enter" && event.target.matches("[type=radio]") && !event.target.checked) pick(event.target);
  else if (busy) queue.push(act);
  else act();
});

// Marking what was missed ---------------------------------------------------------------------------------------------
const LETTER = /[\p{L}\p{M}\p{N}_'’-]/u;
const wordAt = (event) => {
  const at = document.caretRangeFromPoint?.(event.clientX, event.clientY)
    ?? document.caretPositionFromPoint?.(event.clientX, event.clientY);
  const node = at?.startContainer ?? at?.offsetNode;
  if (node?.nodeType !== Node.TEXT_NODE) return "";
  const text = node.data;
  let start = at.startOffset ?? at.offset;
  let end = start;
  while (start > 0 && LETTER.test(text[start - 1])) start -= 1;
  while (end < text.length && LETTER.test(text[end])) end += 1;
  return text.slice(start, end);
};
const selected = () => {
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return "";
  const part = selection.getRangeAt(0).cloneContents();
  for (const label of part.querySelectorAll(".id-tag")) label.remove();
  return part.textContent.trim();
};
const offer = (words) => {
  const fields = work().querySelector("#mark-fields");
  fields.querySelector("input").value = words.slice(0, 200);
  work().querySelector(".dock").prepend(fields); // near the thumb, and in sight however long the text is
};
const putBack = () => work().querySelector("#mark-place").append(work().querySelector("#mark-fields"));
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-unmark]")) putBack();
  const original = event.target.closest?.("#work .orig");
  if (!original) return;
  const found = event.target.closest("[data-key]");
  const words = selected();
  if (words) offer(words);
  else if (found) go(item(found.dataset.key));
  else {
    const word = wordAt(event);
    if (word) offer(word);
  }
});

show();

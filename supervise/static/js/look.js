// Underlines what the next step would find, while a text is typed. A layer behind the field holds the same words, drawn
// in no colour; only its underlines show. The field itself is never written to, so caret, undo, paste and input methods
// are the browser's own. The server keeps nothing of what it looks over and answers places alone.
const PAUSE = 150; // ms after the last key
const SAY_AFTER = 1000; // ms for which a number has to stand before it is announced
const MOST = 20000;
const FAMILY = {
  NAME: "person", LOCATION: "place", ORG: "place", DATE: "time", AGE: "time", PHONE: "number", EMAIL: "number",
  URL: "number", ID: "number", QUASI: "rare", REFUSED: "refused",
};
const SAME = [
  "borderTopWidth", "borderRightWidth", "borderBottomWidth", "borderLeftWidth", "paddingTop", "paddingBottom",
  "paddingLeft", "paddingRight", "font", "fontOpticalSizing", "letterSpacing", "wordSpacing", "lineHeight", "textIndent",
  "tabSize", "direction",
];
const token = () => document.querySelector('meta[name="csrf-token"]').content;

const count = (places) => {
  const many = places.length === 1 ? "One place is" : `${places.length} places are`;
  return places.length ? `${many} underlined so far. You decide on each in the next step.` : "";
};

/** Move the places of an earlier text along with what was typed; one that was typed into is dropped. */
const moved = (places, before, after) => {
  const short = Math.min(before.length, after.length);
  let head = 0;
  while (head < short && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < short - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const edge = before.length - tail;
  const by = after.length - before.length;
  return places
    .filter(([start, end]) => end <= head || start >= edge)
    .map(([start, end, label]) => (end <= head ? [start, end, label] : [start + by, end + by, label]));
};

const watch = (form, area) => {
  const box = document.createElement("div");
  const layer = document.createElement("div");
  const says = document.createElement("p");
  box.className = "looked";
  layer.className = "look";
  layer.setAttribute("aria-hidden", "true");
  says.className = "hint look-says";
  says.setAttribute("role", "status");
  const { selectionStart, selectionEnd } = area;
  const focused = document.activeElement === area;
  area.replaceWith(box);
  box.append(layer, area);
  box.after(says);
  if (focused) {
    area.focus({ preventScroll: true });
    area.setSelectionRange(selectionStart, selectionEnd);
  }

  let text = "";
  let places = [];
  let timer = 0;
  let announcing = 0;
  let busy = false;
  let again = false;

  const draw = () => {
    const parts = [];
    let at = 0;
    for (const [start, end, label] of places) {
      const mark = document.createElement("mark");
      mark.className = `look-${FAMILY[label] ?? "rare"}`;
      mark.textContent = text.slice(start, end);
      parts.push(text.slice(at, start), mark);
      at = end;
    }
    layer.replaceChildren(...parts, `${text.slice(at)}\u200b`); // keeps the height of an empty last line
    layer.scrollTop = area.scrollTop;
  };
  const announce = () => {
    clearTimeout(announcing);
    announcing = setTimeout(() => {
      const words = count(places);
      if (says.textContent !== words) says.textContent = words;
    }, SAY_AFTER);
  };
  const fit = () => {
    const now = getComputedStyle(area);
    for (const name of SAME) layer.style[name] = now[name];
    const edges = parseFloat(now.borderLeftWidth) + parseFloat(now.borderRightWidth);
    layer.style.width = `${area.clientWidth + edges}px`; // without the scroll bar
    layer.style.height = `${area.offsetHeight}px`;
    layer.scrollTop = area.scrollTop;
  };
  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(look, ms);
  };
  const take = (found) => {
    places = found;
    draw();
    announce();
  };

  const look = async () => {
    if (busy) {
      again = true; // one after the other: what is typed meanwhile is looked at next
      return;
    }
    const asked = area.value;
    if (!asked.trim() || asked.length > MOST) {
      take([]);
      return;
    }
    busy = true;
    try {
      const body = new URLSearchParams({ text: asked, case: form.dataset.lookCase ?? "" });
      const headers = { "X-CSRFToken": token(), "X-Autosave": "1" };
      const answer = await fetch(form.dataset.lookUrl, { method: "POST", body, headers, redirect: "error" });
      if (answer.ok) {
        const found = (await answer.json()).places;
        take(asked === text ? found : moved(found, asked, text));
      } else if (answer.status === 429) {
        later(1000 * Number(answer.headers.get("Retry-After") ?? 5));
      }
    } catch {
      // no connection, or locked: nothing is underlined, and saving says why
    } finally {
      busy = false;
      if (again) {
        again = false;
        later(0);
      }
    }
  };

  const typed = (event) => {
    const now = area.value;
    places = moved(places, text, now);
    text = now;
    draw();
    if (!event?.isComposing) later(PAUSE);
  };
  area.addEventListener("input", typed);
  area.addEventListener("compositionend", () => typed());
  area.addEventListener("scroll", () => { layer.scrollTop = area.scrollTop; }, { passive: true });
  new ResizeObserver(fit).observe(area);
  document.fonts?.ready.then(fit);
  fit();
  if (area.value) {
    text = area.value;
    draw();
    later(PAUSE);
  }
};

export const begin = (form) => {
  for (const area of form.querySelectorAll("textarea:not([readonly])")) watch(form, area);
};

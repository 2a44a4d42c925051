// Saves what is being typed 3 seconds after the last key. It is no touch: the idle lock goes on counting (X-Autosave: 1).
// What the server cannot take stays in the page, and the line beside the buttons says why.
const PAUSE = 3000;
const RETRY = 10000;
const waiting = new Map(); // form -> its save()

const token = () => document.querySelector('meta[name="csrf-token"]').content;
const clockNow = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

const words = (form) => {
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name); // files travel once, with the button
  return fields;
};

/** Saves everything that waits, now. Resolves when the answers are in. */
export const saveAll = () => Promise.all([...waiting.values()].map((save) => save()));

export const begin = (form) => {
  const line = form.querySelector("[data-autosave-says]");
  let timer = 0;
  let round = 0; // counts keys, so that a late answer does not call newer words saved
  let conflict = false;
  let busy = false;
  let flight = Promise.resolve();

  const say = (text, failed = false) => {
    if (!line) return;
    line.textContent = text;
    line.toggleAttribute("data-failed", failed);
  };
  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(save, ms);
  };

  const settle = async (answer, mine) => {
    const body = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    if (body.version !== undefined && form.elements.version) form.elements.version.value = body.version;
    if (answer.ok && !answer.redirected) {
      say(`saved ${body.saved ?? clockNow()}`);
      if (mine === round) {
        waiting.delete(form);
        form.dispatchEvent(new Event("supervise:saved"));
      }
    } else if (answer.status === 401 || answer.status === 423 || answer.redirected) {
      say("Not saved: this page is locked. Your words stay here. Unlock in another window; saving goes on when you come back.", true);
      window.addEventListener("focus", save, { once: true });
    } else if (answer.status === 409) {
      conflict = true;
      waiting.delete(form);
      say(body.says ?? "Not saved: there is a newer version. Your words stay here; press the button to see both.", true);
    } else {
      say(body.says ?? "Not saved. Your words stay here; trying again.", true);
      if (answer.status >= 500) later(RETRY);
    }
  };

  const once = async () => {
    clearTimeout(timer);
    if (conflict || !form.isConnected || !waiting.has(form)) return;
    const mine = round;
    busy = true;
    try {
      const headers = { "X-CSRFToken": token(), "X-Autosave": "1" };
      await settle(await fetch(form.dataset.autosaveUrl, { method: "POST", body: words(form), headers }), mine);
    } catch {
      say("Not saved: no connection. Your words stay here; trying again.", true);
      later(RETRY);
    } finally {
      busy = false;
    }
  };
  // One after the other: two at once would make the second a stranger's version.
  const save = () => (flight = flight.then(once));

  form.addEventListener("input", () => {
    round += 1;
    if (conflict) return;
    waiting.set(form, save);
    later(PAUSE);
  });
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (!busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await flight;
    form.requestSubmit(event.submitter);
  }, { capture: true });
};

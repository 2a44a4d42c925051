// Two minutes before the idle lock a line says so; at its end everything typed is saved and the screen is covered.
// A touch in any window of this browser counts for all of them; the server hears of it within a minute.
import { saveAll } from "./autosave.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const WARNING = 2 * MINUTE;

const SECRET = /password|csrf|code|token|sig/;

/** Puts every form that could not be saved into the lock's own form; the server gives it back after unlocking. */
const park = (form) => {
  const forms = [...document.querySelectorAll("form[data-unsaved]")];
  const typed = forms.map((unsaved) => {
    unsaved.removeAttribute("data-unsaved");
    const fields = [...new FormData(unsaved)].filter(([name, value]) => typeof value === "string" && !SECRET.test(name));
    return { path: new URL(unsaved.action).pathname, fields };
  });
  form.elements.typed.value = typed.length ? JSON.stringify(typed) : "";
};

export const begin = (form) => {
  const limit = Number(form.dataset.lockMinutes) * MINUTE;
  const says = form.querySelector("[data-lock-says]");
  const others = new BroadcastChannel("supervise-touch");
  let touched = Date.now(); // in any window
  let own = touched; // in this one
  let told = touched; // the page itself was a request
  let locking = false;

  const tell = () => {
    told = Date.now();
    const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content };
    fetch(form.dataset.here, { method: "POST", headers }).catch(() => null);
  };
  const touch = () => {
    if (locking) return;
    own = touched = Date.now();
    form.hidden = true;
    others.postMessage(touched);
  };
  const lock = async (heard = false) => {
    if (locking) return;
    locking = true;
    if (!heard) others.postMessage("lock");
    await Promise.race([saveAll(), new Promise((done) => setTimeout(done, 3 * SECOND))]);
    park(form);
    form.submit();
  };
  const look = () => {
    const left = touched + limit - Date.now();
    if (left <= 0) {
      lock();
      return;
    }
    if (own > told && Date.now() - told > MINUTE) tell();
    if (left > WARNING) return;
    const words = `Locks in ${left <= MINUTE ? "one minute" : "two minutes"}. What you typed is kept.`;
    if (says.textContent !== words) says.textContent = words; // said once a minute, not once a second
    form.hidden = false;
  };

  const elsewhere = (event) => {
    if (!form.contains(event.target)) touch();
  };
  for (const kind of ["pointerdown", "keydown", "wheel", "touchmove"]) document.addEventListener(kind, elsewhere, { passive: true });
  form.querySelector("[data-lock-stay]").addEventListener("click", () => {
    touch();
    tell();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    lock();
  });
  others.addEventListener("message", (event) => {
    if (event.data === "lock") lock(true);
    else {
      touched = Math.max(touched, event.data);
      form.hidden = true;
    }
  });
  document.addEventListener("visibilitychange", look); // a machine that slept
  setInterval(look, SECOND);
};

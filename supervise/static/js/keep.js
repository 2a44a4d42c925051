// Asks before someone leaves a form with words in it that nobody has saved (data-unsaved says so, also to the lock).
export const begin = (form) => {
  const mark = (unsaved) => form.toggleAttribute("data-unsaved", unsaved);
  form.addEventListener("input", () => mark(true));
  form.addEventListener("submit", () => mark(false));
  form.addEventListener("supervise:saved", () => mark(false));
  window.addEventListener("beforeunload", (event) => {
    if (form.isConnected && "unsaved" in form.dataset) event.preventDefault();
  });
};

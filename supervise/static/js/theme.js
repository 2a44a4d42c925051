// Colours change at once; the form's own address keeps them.
export const begin = (form) => {
  const says = form.querySelector('[role="status"]');
  form.addEventListener("change", async () => {
    const theme = new FormData(form).get("theme");
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
    says.textContent = answer?.ok ? "kept" : "shown here, but not kept; press the button to try again";
  });
};

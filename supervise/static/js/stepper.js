// − and + beside a field of whole minutes; arrow keys do the same. What is not a number stays as it was typed.
export const begin = (stepper) => {
  const field = stepper.querySelector("input");
  const step = Number(stepper.dataset.stepper);
  const most = Number(stepper.dataset.max);

  const move = (by) => {
    const typed = field.value.trim();
    if (!/^\d*$/.test(typed)) return;
    const next = Math.min(most, Math.max(0, Number(typed) + by * step));
    field.value = String(next);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  stepper.addEventListener("click", (event) => {
    const button = event.target.closest("[data-by]");
    if (button) move(Number(button.dataset.by));
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    move(event.key === "ArrowUp" ? 1 : -1);
  });
};

// The sums of a day follow what is typed, and one press fills in the same weekday of before. Supervision is added as it stands.
const clock = (minutes) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;

export const begin = (form) => {
  const groups = [...form.querySelectorAll("[data-sum-of]")];
  const shown = (name) => form.querySelector(`[data-sum="${name}"]`);

  const add = () => {
    let day = Number(shown("day")?.dataset.fixed ?? 0);
    for (const group of groups) {
      const typed = [...group.querySelectorAll("input")].map((field) => field.value.trim());
      const sum = typed.filter((text) => /^\d+$/.test(text)).reduce((total, text) => total + Number(text), 0);
      shown(group.dataset.sumOf).textContent = clock(sum);
      day += sum;
    }
    shown("day").textContent = clock(day);
  };

  form.addEventListener("input", add);
  form.querySelector("[data-fill]")?.addEventListener("click", (event) => {
    const before = JSON.parse(event.currentTarget.dataset.fill);
    for (const field of form.querySelectorAll("[data-sum-of] input")) field.value = before[field.name] ?? "";
    form.dispatchEvent(new Event("input"));
    form.querySelector("[data-sum-of] input").focus();
  });
};

// The editor of a case: gives a new draft its own address once it was saved, shows what the chosen client brings along,
// marks kinds of dilemma that the words suggest, and counts towards the limit. Nothing leaves the page here.
const form = document.querySelector("form.editor");

form.addEventListener("supervise:saved", () => {
  const address = form.dataset.draft;
  if (address) history.replaceState(null, "", address); // a reload brings the draft back, not an empty page
}, { once: true });

// the client
const client = form.elements.client_id;
const disclose = form.querySelector("[data-disclose]");
const showClient = () => {
  const { jurisdiction, disclosed } = client.selectedOptions[0].dataset;
  if (jurisdiction) form.elements.jurisdiction.value = jurisdiction;
  const says = form.querySelector("[data-disclosed-says]");
  says.hidden = !disclosed;
  says.querySelector("[data-disclosed-on]").textContent = disclosed ?? "";
  disclose.hidden = Boolean(disclosed);
};
client?.addEventListener("change", showClient);

// kinds of dilemma
const escaped = (words) => words.replace(/[.*+?^${}()[\]\\]/g, "\\$&");
const kinds = [...form.querySelectorAll("[data-words]")].map((label) => ({
  sign: label.querySelector(".suggested"),
  pattern: new RegExp(`(?<![\\p{L}\\p{N}_])(?:${escaped(label.dataset.words)})`, "iu"),
}));
const suggest = () => {
  const text = ["title", "question", "body"].map((name) => form.elements[name].value).join(" ");
  for (const { sign, pattern } of kinds) sign.hidden = !pattern.test(text);
};

// the limit
const body = form.elements.body;
const limit = Number(body.dataset.max);
const says = form.querySelector("[data-count-says]");
const count = () => {
  const length = [...body.value].length;
  says.hidden = length < limit * 0.9;
  says.textContent = `${length.toLocaleString("en-US")} of ${limit.toLocaleString("en-US")} characters`;
  says.toggleAttribute("data-failed", length > limit);
};

let timer = 0;
form.addEventListener("input", ({ target }) => {
  if (!["title", "question", "body"].includes(target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    suggest();
    count();
  }, 600);
});
count();

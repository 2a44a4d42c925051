// The case page: words selected in the vignette become what the next post is about. Without this a paragraph is chosen
// by its number and a sentence from a list; with it the same form is filled without leaving the page.
const vignette = document.querySelector("[data-vignette]");
const form = document.querySelector("[data-write]");
const offer = document.querySelector("[data-choose]");
const CONTEXT = 32;
let chosen = null;

const isText = (node) => !node.parentElement.closest(".ref, .para-no");

/** The text of a paragraph as the server counts it: without the numbers of notes. */
const textNodes = (paragraph) => {
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (isText(walker.currentNode)) found.push(walker.currentNode);
  return found;
};

const offsetOf = (nodes, container, offset) => {
  const edge = document.createRange();
  edge.setStart(container, offset);
  edge.collapse(true);
  let count = 0;
  for (const node of nodes) {
    if (node === container) return count + offset;
    if (edge.comparePoint(node, 0) > 0) return count;
    count += node.length;
  }
  return count;
};

const readSelection = () => {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const start = range.startContainer.parentElement?.closest("[data-para]") ?? range.startContainer.closest?.("[data-para]");
  if (!start || !vignette.contains(start)) return null;
  const nodes = textNodes(start);
  const text = nodes.map((node) => node.data).join("");
  const from = offsetOf(nodes, range.startContainer, range.startOffset);
  // a selection that runs on into the next paragraph is about this one up to its end
  const to = start.contains(range.endContainer) ? offsetOf(nodes, range.endContainer, range.endOffset) : text.length;
  const quote = text.slice(from, to).trim();
  if (!quote) return null;
  const at = text.indexOf(quote, from);
  return { para: start.dataset.para, quote, prefix: text.slice(Math.max(0, at - CONTEXT), at) };
};

const shorten = (words) => (words.length > 60 ? `${words.slice(0, 57)}…` : words);

const open = (about) => {
  const field = form.querySelector("[data-about]");
  if (!field) return false; // the form is a reply, which has no passage of its own
  const select = field.querySelector("select");
  select.replaceChildren();
  const whole = new Option("The whole paragraph", "");
  select.add(whole);
  if (about.quote) select.add(new Option(about.quote, about.quote, true, true));
  form.querySelector('[name="para"]').value = about.para;
  form.querySelector('[name="prefix"]').value = about.prefix;
  form.querySelector(".write-title").textContent = `Write about paragraph ${about.para}`;
  field.hidden = false;
  form.open = true;
  form.scrollIntoView({ block: "start" });
  form.querySelector("textarea").focus({ preventScroll: true });
  return true;
};

if (vignette && form && offer) {
  document.addEventListener("selectionchange", () => {
    const found = readSelection();
    if (!found && offer.contains(document.activeElement)) return; // pressing the button takes the selection away
    chosen = found;
    offer.hidden = !found;
    if (found) offer.querySelector("[data-chosen]").textContent = `“${shorten(found.quote)}”`;
  });
  offer.querySelector("button").addEventListener("mousedown", (event) => event.preventDefault());
  offer.querySelector("button").addEventListener("click", () => {
    if (chosen && open(chosen)) {
      document.getSelection().removeAllRanges();
      offer.hidden = true;
    }
  });
}
if (form && location.hash === "#write") {
  form.open = true;
  // going to a fragment takes the focus away once the page has loaded, so it is set after that
  const begin = () => setTimeout(() => form.querySelector("textarea").focus({ preventScroll: true }));
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
}

// The case page: words that are selected become what the next post is about, or are hidden because they could tell who
// it is. Without this a paragraph is chosen by its number, a sentence from a list, and an identifier on a page of its own.
const readable = document.querySelector("[data-readable]");
const vignette = document.querySelector("[data-vignette]");
const form = document.querySelector("[data-write]");
const offer = document.querySelector("[data-choose]");
const about = offer?.querySelector("[data-write-about]");
const see = offer?.querySelector("[data-see]");
const CONTEXT = 32;
let chosen = null;
let pressing = false; // pressing something in the bar may take the selection away

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

const elementOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);

const readSelection = () => {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const start = elementOf(range.startContainer);
  if (!readable.contains(start) || start.closest("form, textarea, input, nav")) return null;
  const part = range.cloneContents();
  for (const sign of part.querySelectorAll(".ref, .para-no, .vh")) sign.remove();
  const words = part.textContent.replace(/\s+/g, " ").trim();
  if (!words) return null;
  return { words, subject: start.closest("[data-subject]")?.dataset.subject ?? "", ...readPassage(range, start) };
};

/** What a post can be about: the part of the selection that lies in the paragraph in which it begins. */
const readPassage = (range, start) => {
  const paragraph = start.closest("[data-para]");
  if (!paragraph || !vignette.contains(paragraph)) return {};
  const nodes = textNodes(paragraph);
  const text = nodes.map((node) => node.data).join("");
  const from = offsetOf(nodes, range.startContainer, range.startOffset);
  const to = paragraph.contains(range.endContainer) ? offsetOf(nodes, range.endContainer, range.endOffset) : text.length;
  const quote = text.slice(from, to).trim();
  if (!quote) return {};
  const at = text.indexOf(quote, from);
  return { para: paragraph.dataset.para, quote, prefix: text.slice(Math.max(0, at - CONTEXT), at) };
};

const shorten = (words) => (words.length > 60 ? `${words.slice(0, 57)}…` : words);

const open = (passage) => {
  const field = form.querySelector("[data-about]");
  if (!field) return false; // the form is a reply, which has no passage of its own
  const select = field.querySelector("select");
  select.replaceChildren();
  const whole = new Option("The whole paragraph", "");
  select.add(whole);
  if (passage.quote) select.add(new Option(passage.quote, passage.quote, true, true));
  form.querySelector('[name="para"]').value = passage.para;
  form.querySelector('[name="prefix"]').value = passage.prefix;
  form.querySelector(".write-title").textContent = `Write about paragraph ${passage.para}`;
  field.hidden = false;
  form.open = true;
  form.scrollIntoView({ block: "start" });
  form.querySelector("textarea").focus({ preventScroll: true });
  return true;
};

if (readable && offer) {
  document.addEventListener("selectionchange", () => {
    const found = readSelection();
    if (!found && (pressing || offer.contains(document.activeElement))) return;
    chosen = found;
    offer.hidden = !found;
    if (!found) return;
    offer.querySelector("[data-chosen]").textContent = `“${shorten(found.words)}”`;
    see.elements.words.value = found.words;
    see.elements.subject.value = found.subject;
    if (about) about.hidden = !found.quote || !form;
  });
  offer.addEventListener("pointerdown", () => { pressing = true; });
  document.addEventListener("pointerdown", ({ target }) => { pressing = offer.contains(target); });
  about?.addEventListener("mousedown", (event) => event.preventDefault());
  about?.addEventListener("click", () => {
    if (chosen && open(chosen)) {
      pressing = false;
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

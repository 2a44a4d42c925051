"""The corpus: vignettes and posts with every identifier marked inline, one file a writer.

A text begins with ``=== id | origin | register`` (and ``| none`` where it holds no identifier); a mark is
``[[LABEL|words]]``, for names with the number of the person in that text: ``[[NAME#2|Dana]]``.

python -m supervise.deid.training.corpus    checks all files and prints what they hold
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CORPUS: Final = Path(__file__).parent / "corpus"
LABELS: Final = ("NAME", "LOCATION", "ORG", "DATE", "AGE", "PHONE", "EMAIL", "URL", "ID", "QUASI", "KEEP")
_UNREMOVED: Final = frozenset({"QUASI", "KEEP"})
_MARK: Final = re.compile(r"\[\[([A-Z]+)(?:#(\d+))?\|([^\[\]|]*)\]\]")
_HEAD: Final = re.compile(r"^=== (.*)$", re.MULTILINE)
_CONTACT: Final = re.compile(r"\b\d{3}[-.]\d{3,4}[-.]?\d{4}\b|\b[\w.]+@[\w.]+\.\w+")
_POSSESSIVE: Final = re.compile(r"['’]s$")
_PART: Final = re.compile(r"[^\s.,]+")
_PARTICLES: Final = frozenset(
    ["the", "van", "von", "del", "las", "los", "der", "den", "bin", "ibn", "and", "abu", "dela", "san"]
)
_SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class Span:
    """Marked words: code points ``start`` to ``end``; ``person`` is set for names."""

    start: int
    end: int
    label: str
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """One text without its marks, and where they stood, in order and disjoint."""

    id: str
    writer: str
    origin: str
    register: str
    empty: bool
    text: str
    spans: tuple[Span, ...]

    def words(self, span: Span) -> str:
        return self.text[span.start : span.end]


def load(folder: Path = CORPUS) -> list[Marked]:
    """Return every text of the corpus in the order of files."""
    return [text for path in sorted(folder.glob("*.txt")) for text in parse(path.read_text("utf-8"), path.stem)]


def parse(content: str, writer: str) -> Iterator[Marked]:
    """Yield the texts of one writer's file; raise ValueError for a head that cannot be read."""
    heads = list(_HEAD.finditer(content))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        raw = content[head.end() : following.start() if following else len(content)].strip("\n")
        parts = [part.strip() for part in head.group(1).split("|")]
        if len(parts) not in (3, 4) or parts[3:] not in ([], ["none"]):
            raise ValueError(f"{writer}: a head needs id | origin | register: {head.group(0)}")
        text, spans = unmarked(raw)
        yield Marked(parts[0], writer, parts[1], parts[2], len(parts) > 3, text, spans)


def unmarked(raw: str) -> tuple[str, tuple[Span, ...]]:
    """Return a text without its marks, and the marks."""
    pieces: list[str] = []
    spans: list[Span] = []
    length = last = 0
    for mark in _MARK.finditer(raw):
        before = raw[last : mark.start()]
        pieces += (before, mark.group(3))
        start = length + len(before)
        length = start + len(mark.group(3))
        spans.append(Span(start, length, mark.group(1), int(mark.group(2)) if mark.group(2) else None))
        last = mark.end()
    return "".join((*pieces, raw[last:])), tuple(spans)


def faults(texts: Iterable[Marked]) -> Iterator[str]:
    """Yield what is wrong with the marks, above all a marked name, place or number that stands unmarked elsewhere."""
    seen: set[str] = set()
    for text in texts:
        if text.id in seen:
            yield f"{text.id}: the id stands twice"
        seen.add(text.id)
        for fault in (*_bad_marks(text), *_repeats(text)):
            yield f"{text.id}: {fault}"


def _bad_marks(text: Marked) -> Iterator[str]:
    if "[[" in text.text or "]]" in text.text:
        yield "a mark is broken or stands within another"
    identifying = [span for span in text.spans if span.label not in _UNREMOVED]
    if text.empty and identifying:
        yield "it is said to hold no identifier and does"
    if not text.empty and not identifying:
        yield "it holds no identifier: add | none"
    for span in text.spans:
        words = text.words(span)
        if span.label not in LABELS:
            yield f"there is no label {span.label}"
        if (span.label == "NAME") != (span.person is not None):
            yield f"names, and names alone, carry a person's number: {words!r}"
        if not words.strip() or words != words.strip():
            yield f"a mark holds space at its edge or nothing: {words!r}"
        if span.label == "NAME" and _POSSESSIVE.search(words):
            yield f"the possessive stays outside the mark: {words!r}"


def _repeats(text: Marked) -> Iterator[str]:
    covered = bytearray(len(text.text))
    for span in text.spans:
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    for string in sorted(_strings(text)):
        for found in re.finditer(rf"(?<![^\W_]){re.escape(string)}(?![^\W_])", text.text, re.IGNORECASE):
            if not all(covered[found.start() : found.end()]):
                around = text.text[max(0, found.start() - 25) : found.end() + 15]
                yield f"{string!r} is marked elsewhere and not here: {around!r}"
    for found in _CONTACT.finditer(text.text):
        if not any(covered[found.start() : found.end()]):
            yield f"a number or address is not marked: {found.group()!r}"


def _strings(text: Marked) -> set[str]:
    out: set[str] = set()
    for span in text.spans:
        if span.label in _UNREMOVED or span.label == "AGE":
            continue
        out.add(text.words(span))
        if span.label == "NAME":
            out.update(part for part in _PART.findall(text.words(span)) if part.casefold() not in _PARTICLES)
    return {string for string in out if len(string) >= _SHORTEST}


def main() -> int:
    """Check the corpus and print its size by writer and label."""
    texts = load()
    found = list(faults(texts))
    for fault in found:
        sys.stdout.write(fault + "\n")
    for writer in sorted({text.writer for text in texts}):
        own = [text for text in texts if text.writer == writer]
        labels = Counter(span.label for text in own for span in text.spans)
        words = sum(len(text.text.split()) for text in own)
        sys.stdout.write(f"{writer}: {len(own)} texts, {words} words, {dict(labels.most_common())}\n")
    sys.stdout.write(f"{len(texts)} texts, {sum(len(t.text.split()) for t in texts)} words, {len(found)} faults\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

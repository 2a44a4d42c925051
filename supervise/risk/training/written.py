"""The sentences that the reader learns from, written for it, and the marked texts that it is measured on.

Training: ``=== category status; category status`` says what the lines below it are; ``a || b`` is a sentence after
another. Measuring: a paragraph is a text, ``[[category|words]]`` is current, ``[[status category|words]]`` is not.

python -m supervise.risk.training.written    prints how many there are of each
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supervise.risk.reader import CATEGORIES

SENTENCES: Final = Path(__file__).parent / "sentences"
STATUSES: Final = ("none", "current", "denied", "past", "other", "asked", "figure")
_MARK: Final = re.compile(r"\[\[(?:(denied|past|other|asked|figure) )?([a-z_,]+)\|([^\[\]|]+)\]\]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the training, what it speaks of (category to status) and the sentence before it, if it matters."""

    text: str
    before: str
    says: dict[str, str]

    @property
    def status(self) -> str:
        return next(iter(self.says.values()), "none")


@dataclass(frozen=True, slots=True)
class Mark:
    """Marked words of a text; the first category is the one meant, the others may be found as well."""

    start: int
    end: int
    status: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text to measure on."""

    id: str
    register: str
    text: str
    marks: tuple[Mark, ...]


def load(folder: Path = SENTENCES) -> list[Sentence]:
    """Return all sentences in the order of files; raise ValueError, naming file and line, for one with a fault."""
    return [sentence for path in sorted(folder.glob("*.txt")) for sentence in _sentences(path)]


def _sentences(path: Path) -> Iterator[Sentence]:
    says: dict[str, str] | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("=== "):
            pairs = [] if line == "=== none" else [part.split() for part in line[4:].split(";")]
            says = {pair[0]: pair[-1] for pair in pairs}
            if not set(says) <= set(CATEGORIES) or not set(says.values()) <= set(STATUSES):
                raise ValueError(f"{path.name}, line {number}: not a category and a status: {line}")
        elif line.strip():
            if says is None:
                raise ValueError(f"{path.name}, line {number}: a sentence before the first heading")
            before, _, text = line.rpartition("||")
            yield Sentence(text.strip(), before.strip(), says)


def texts(path: Path) -> list[Text]:
    """Return the marked texts of a file; raise ValueError for a mark that cannot be read."""
    out: list[Text] = []
    register = ""
    for paragraph in path.read_text("utf-8").split("\n\n"):
        if paragraph.startswith("=== "):
            register = paragraph[4:].strip()
        elif paragraph.strip() and not paragraph.startswith("#"):
            out.append(_text(paragraph.strip(), f"{path.stem}-{len(out) + 1}", register))
    return out


def _text(raw: str, name: str, register: str) -> Text:
    parts: list[str] = []
    marks: list[Mark] = []
    length = last = 0
    for found in _MARK.finditer(raw):
        before = raw[last : found.start()]
        start = length + len(before)
        length = start + len(found.group(3))
        parts += (before, found.group(3))
        categories = tuple(found.group(2).split(","))
        marks.append(Mark(start, length, found.group(1) or "current", categories))
        last = found.end()
    text = "".join((*parts, raw[last:]))
    unknown = {category for mark in marks for category in mark.categories} - set(CATEGORIES)
    if unknown or "[[" in text or "]]" in text:
        raise ValueError(f"{name}: a mark cannot be read: {unknown or text}")
    return Text(name, register, text, tuple(marks))


def main() -> int:
    """Print how many sentences there are of each category and status."""
    counts = Counter(
        f"{category} {status}"
        for sentence in load()
        for category, status in (sentence.says or {"ordinary": ""}).items()
    )
    for what, count in sorted(counts.items()):
        sys.stdout.write(f"{what.strip()}: {count}\n")
    sys.stdout.write(f"{len(load())} sentences\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Two versions side by side, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new"]
NEARBY = 12
"""How many paragraphs on a changed one is looked for; a bound, since texts of one-word lines exist."""
_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand in both versions, in the older alone, or in the newer alone."""

    kind: Kind
    text: str


def word_diff(old: str, new: str) -> list[list[Piece]]:
    """Return the paragraphs of both texts as pieces; ``same`` and ``new`` together are ``new``, ``same`` and ``gone``
    are ``old``, up to blank lines.

    Paragraphs are matched first and words only inside those that changed, which keeps long texts quick.
    """
    before, after = _paragraphs(old), _paragraphs(new)
    found: list[list[Piece]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            found += [[Piece("same", text)] for text in after[j1:j2]]
            continue
        for text_before, text_after in _pairs(before[i1:i2], after[j1:j2]):
            found.append(list(_inside(text_before, text_after)))
    return found


def changed(pieces: Sequence[Sequence[Piece]]) -> bool:
    """Tell whether anything differs."""
    return any(piece.kind != "same" for paragraph in pieces for piece in paragraph)


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def _pairs(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    """Pair changed paragraphs in their order by likeness; what has no like stands alone."""
    if len(before) == len(after) == 1 and not _alike(before[0], after[0]):
        yield before[0], ""
        yield "", after[0]
        return
    start = 0
    for text in after:
        like = next((i for i in range(start, min(start + NEARBY, len(before))) if _alike(before[i], text)), None)
        if like is None:
            yield "", text
            continue
        for gone in before[start:like]:
            yield gone, ""
        yield before[like], text
        start = like + 1
    for gone in before[start:]:
        yield gone, ""


def _alike(a: str, b: str) -> bool:
    words_a, words_b = set(a.split()), set(b.split())
    return 2 * len(words_a & words_b) >= min(len(words_a), len(words_b))


def _inside(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(new[j1:j2]))
            continue
        if i2 > i1:
            yield Piece("gone", "".join(old[i1:i2]))
        if j2 > j1:
            yield Piece("new", "".join(new[j1:j2]))

"""A text as the reader takes it: word pieces, how each is written, and windows that overlap.

The network is case-blind; how a word is written goes in beside it, so that it may weigh capitals and need not trust
them. Words are split as its encoder was trained to see them (BERT's uncased word pieces, ``tokenization.py`` of
google-research/bert): the longest known piece first, accents off. Nothing that was read is kept.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import re2

SHAPES: Final = 6
_NONE, _LOWER, _CAPITAL, _UPPER, _MIXED, _OPENING = range(SHAPES)
_ENDS: Final = frozenset('.!?:\n|*#-•–—"“(')
_PUNCTUATION: Final = r"\p{P}!-/:-@\[-`{-~"
_CHINESE: Final = r"\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}\x{20000}-\x{2CEAF}\x{2F800}-\x{2FA1F}"
_SPACE: Final = r"\p{Z}\p{Cc}\p{Cf}"
_WORD: Final = re2.compile(f"[{_PUNCTUATION}{_CHINESE}]|[^{_SPACE}{_PUNCTUATION}{_CHINESE}]+")
_LONGEST: Final = 100
_UNKNOWN: Final = "[UNK]"
FIRST: Final = "[CLS]"
LAST: Final = "[SEP]"


@dataclass(frozen=True, slots=True)
class Pieces:
    """Word pieces of a text: vocabulary numbers, shapes, and the code points that each covers; all of one length."""

    ids: list[int]
    shapes: list[int]
    spans: list[tuple[int, int]]


def vocabulary(lines: str) -> dict[str, int]:
    """Return the numbers of word pieces, one a line."""
    return {piece: number for number, piece in enumerate(lines.rstrip("\n").split("\n"))}


def pieces_of(text: str, numbers: Mapping[str, int]) -> Pieces:
    """Split a text into the pieces of a vocabulary."""
    out = Pieces([], [], [])
    known: dict[str, list[tuple[int, int, int]]] = {}
    for found in _WORD.finditer(text):
        written, start = found.group(), found.start()
        if written not in known:
            known[written] = _split(written, numbers)
        shape = _shape(text, start, written)
        for number, first, last in known[written]:
            out.ids.append(number)
            out.shapes.append(shape)
            out.spans.append((start + first, start + last))
    return out


def _split(written: str, numbers: Mapping[str, int]) -> list[tuple[int, int, int]]:
    """Return (number, first, last) of the pieces of one word, by its letters as written."""
    letters = [
        (letter, at)
        for at, own in enumerate(written)
        for letter in unicodedata.normalize("NFD", own.lower())
        if unicodedata.category(letter) != "Mn"
    ]
    if not letters:
        return []
    plain = "".join(letter for letter, _ in letters)
    pieces: list[tuple[int, int, int]] = []
    start = 0
    while start < len(plain) <= _LONGEST:
        end = len(plain)
        while end > start and (plain[start:end] if start == 0 else f"##{plain[start:end]}") not in numbers:
            end -= 1
        if end == start:
            break
        number = numbers[plain[start:end] if start == 0 else f"##{plain[start:end]}"]
        pieces.append((number, letters[start][1], letters[end - 1][1] + 1))
        start = end
    if start < len(plain):
        return [(numbers[_UNKNOWN], letters[0][1], letters[-1][1] + 1)]
    return pieces


def _shape(text: str, start: int, written: str) -> int:
    if not any(letter.isalpha() for letter in written):
        return _NONE
    if written.islower():
        return _LOWER
    if written.isupper() and len(written) > 1:
        return _UPPER
    if written[0].isupper() and (len(written) == 1 or written[1:].islower()):
        at = start - 1
        while at >= 0 and text[at] in " \t":
            at -= 1
        return _OPENING if at < 0 or text[at] in _ENDS else _CAPITAL
    return _MIXED


def windows(count: int, size: int, overlap: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (start, end, first, last): a window of pieces, and the part of it whose answers count."""
    start = 0
    while True:
        end = min(start + size, count)
        first = start + overlap if start else 0
        if end == count:
            yield start, end, first, count
            return
        yield start, end, first, end - overlap
        start += size - 2 * overlap

"""A text as the reader model takes it: word pieces, how each is written, and windows that overlap.

The model is case-blind; how a word is written goes in beside it, so that it may weigh capitals and need not trust them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

SHAPES: Final = 6
_NONE, _LOWER, _CAPITAL, _UPPER, _MIXED, _OPENING = range(SHAPES)
_ENDS: Final = frozenset('.!?:\n|*#-•–—"“(')


@dataclass(frozen=True, slots=True)
class Pieces:
    """Word pieces of a text: vocabulary numbers, shapes, and the code points that each covers; all of one length."""

    ids: list[int]
    shapes: list[int]
    spans: list[tuple[int, int]]


def pieces_of(text: str, tokenizer: Any) -> Pieces:
    """Split a text with a ``tokenizers.Tokenizer``."""
    encoded = tokenizer.encode(text, add_special_tokens=False)
    spans = list(encoded.offsets)
    shapes: list[int] = []
    word, shape = None, _NONE
    for number, own in zip(range(len(spans)), encoded.word_ids, strict=True):
        if own is None or own != word:
            word = own
            shape = _shape(text, spans, encoded.word_ids, number)
        shapes.append(shape)
    return Pieces(list(encoded.ids), shapes, spans)


def _shape(text: str, spans: list[tuple[int, int]], words: list[int | None], number: int) -> int:
    last = number
    while last + 1 < len(words) and words[last + 1] == words[number]:
        last += 1
    start = spans[number][0]
    written = text[start : spans[last][1]]
    if not any(letter.isalpha() for letter in written):
        return _NONE
    if written.islower():
        return _LOWER
    if written.isupper() and len(written) > 1:
        return _UPPER
    if written[0].isupper() and (len(written) == 1 or written[1:].islower()):
        before = text[:start].rstrip(" \t")
        return _OPENING if not before or before[-1] in _ENDS else _CAPITAL
    return _MIXED


def windows(count: int, size: int, overlap: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (start, end, first, last): a window of pieces, and the part of it whose answers count."""
    step = size - 2 * overlap
    start = 0
    while True:
        end = min(start + size, count)
        first = start + overlap if start else 0
        if end == count:
            yield start, end, first, count
            return
        yield start, end, first, end - overlap
        start += step

"""A text cut into sentences, as long as the network reads at once; every letter of it is in one of them."""

from collections.abc import Iterator
from typing import Final

import re2

LONGEST: Final = 360
_END: Final = re2.compile(r"""[.!?…]+["'”’)\]*]*\s+|\s*\n+\s*|\s+[•▪]\s+""")
_SHORT: Final = frozenset({
    "mr", "mrs", "ms", "dr", "st", "jr", "sr", "pt", "pts", "ct", "cl", "hx", "dx", "tx", "rx", "sx", "fx", "vs", "re",
    "approx", "appt", "wk", "wks", "mo", "mos", "yr", "yrs", "hr", "hrs", "min", "mins", "no", "etc", "e.g", "i.e",
    "a.m", "p.m", "y.o", "p.o", "incl", "prof", "rev", "sgt", "lt", "inc", "dept", "neg", "pos",
})  # fmt: skip
_BREAKS: Final = (";", " but ", " – ", " — ", ", ", " ")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) in code points of each sentence without the space around it."""
    start = 0
    for found in _END.finditer(text):
        if "\n" not in found.group() and _goes_on(text, start, found.start(), found.end()):
            continue
        yield from _cut(text, start, found.end())
        start = found.end()
    yield from _cut(text, start, len(text))


def _goes_on(text: str, start: int, stop: int, after: int) -> bool:
    """Tell whether a stop ends a shortened word, or an ellipsis or a quotation in the middle of a sentence."""
    word = (text[start:stop].rsplit(None, 1) or [""])[-1].lstrip("([\"'“‘").casefold()
    if text[stop] == "." and word in _SHORT:
        return True
    mark = text[stop:after].strip()
    return text[after : after + 1].islower() and mark != "."


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentence, in parts where it is longer than the network reads."""
    while end - start > LONGEST:
        half = start + LONGEST // 2
        part = text[half : start + LONGEST]
        place = next((half + part.rindex(mark) + len(mark) for mark in _BREAKS if mark in part), start + LONGEST)
        yield from _trimmed(text, start, place)
        start = place
    yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if any(letter.isalnum() for letter in part):
        yield start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())

"""Where in a vignette a post belongs: the exact words, a little of what stands around them, and the paragraph.

Anchors count in the text as readers see it (rendered, without markup), one string a paragraph. They are found again in
a later version as long as their words still stand there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from supervise.core.errors import Invalid

CONTEXT = 32
MAX_QUOTE = 2000


@dataclass(frozen=True, slots=True)
class Anchor:
    """A quotation with its surroundings (TextQuote) and the paragraph, counted from 1, that it was made in."""

    paragraph: int
    quote: str
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an anchor stands: paragraph counted from 1, and code points in its text."""

    paragraph: int
    start: int
    end: int


def make_anchor(paragraphs: Sequence[str], paragraph: int, quote: str = "", prefix: str = "") -> Anchor:
    """Return the anchor of ``quote`` in a paragraph, or of the whole paragraph where nothing is quoted.

    Only words that stand there become a quotation, since a quotation is shown without being screened again. ``prefix``
    tells apart words that stand there twice. Raises Invalid.
    """
    if not 1 <= paragraph <= len(paragraphs):
        raise Invalid("That paragraph is not in this version.", "para")
    text = paragraphs[paragraph - 1]
    if not quote.strip():
        return Anchor(paragraph, text)
    if len(quote) > MAX_QUOTE:
        raise Invalid("Choose a shorter passage.", "quote")
    spans = _occurrences(text, quote)
    if not spans:
        raise Invalid("Those words do not stand in this paragraph any more; choose them again.", "quote")
    start, end = max(spans, key=lambda span: (_common_end(text[: span[0]], prefix), -span[0]))
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    return Anchor(paragraph, text[start:end], before, after)


def locate(paragraphs: Sequence[str], anchor: Anchor) -> Place | None:
    """Return where the anchor stands now; None where its words are gone or cannot be told apart."""
    places = [
        Place(number, start, end)
        for number, text in enumerate(paragraphs, 1)
        for start, end in _occurrences(text, anchor.quote)
    ]
    if not places:
        return None
    scores = {place: _likeness(paragraphs[place.paragraph - 1], place, anchor) for place in places}
    best = max(scores.values())
    found = [place for place in places if scores[place] == best]
    if len(found) > 1:
        found = [place for place in found if place.paragraph == anchor.paragraph]
    return found[0] if len(found) == 1 else None


def sentences(text: str) -> list[str]:
    """Split a paragraph into sentences that can be chosen from a list; short ones stay with the next."""
    parts: list[str] = []
    for part in re.findall(r"[^.!?]*[.!?]+[\"”’)\]]*\s*|[^.!?]+$", text):
        if parts and len(parts[-1].strip()) < 12:
            parts[-1] += part
        else:
            parts.append(part)
    return [part.strip() for part in parts if part.strip()]


def _occurrences(text: str, quote: str) -> list[tuple[int, int]]:
    words = quote.split()
    pattern = r"\s+".join(map(re.escape, words))
    return [match.span() for match in re.finditer(pattern, text)] if words else []


def _likeness(text: str, place: Place, anchor: Anchor) -> int:
    return _common_end(text[: place.start], anchor.prefix) + _common_start(text[place.end :], anchor.suffix)


def _common_end(text: str, wanted: str) -> int:
    return _common_start(text[::-1], wanted[::-1])


def _common_start(text: str, wanted: str) -> int:
    count = 0
    for one, other in zip(text, wanted, strict=False):
        if one != other:
            break
        count += 1
    return count

"""Hiding a passage wherever it stands, and putting a stand-in in its place, by the numbers of its characters.

Places are code points in the released texts, each bound to the text by its digest: where a text is not the one that was
marked, all of it is hidden rather than the wrong words.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from supervise.core.errors import Invalid
from supervise.core.text import digest

HIDDEN = "[hidden]"
MAX_PASSAGE = 200
Span = tuple[int, int]
_STAND_IN = re.compile(r"\[[^\[\]\n]{1,60}\]")
_NUMBERED = re.compile(r"(\[.*\D)(\d{1,3})\]")
_BETWEEN = r"\s+(?:(?:[-*>]|\d{1,3}[.)])\s+)*"  # also across the sign of a list or a quotation
_GLUE = frozenset("([")  # "[Client](her sister)" would read as a link


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one field of one text; ``whole`` is the digest of the field that it was found in."""

    subject: str
    field: str
    start: int
    end: int
    whole: str

    def as_list(self) -> list[str | int]:
        return [self.subject, self.field, self.start, self.end, self.whole]

    @classmethod
    def from_list(cls, data: Sequence[str | int]) -> "Place":
        subject, name, start, end, whole = data
        return cls(str(subject), str(name), int(start), int(end), str(whole))


@dataclass(frozen=True, slots=True)
class Cover:
    """What is hidden in a case from one reader. ``reader_id`` reads their own words as they stand."""

    reader_id: str
    places: Mapping[tuple[str, str], tuple[Place, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, reader_id: str, places: Iterable[Place]) -> "Cover":
        found: dict[tuple[str, str], tuple[Place, ...]] = {}
        for place in places:
            key = place.subject, place.field
            found[key] = (*found.get(key, ()), place)
        return cls(reader_id, found)

    def __bool__(self) -> bool:
        return bool(self.places)

    def text(self, subject: str, name: str, words: str, author_id: str) -> str:
        """Return the words of a field as this reader may see them."""
        places = self.places.get((subject, name), ())
        if not places or author_id == self.reader_id:
            return words
        return replaced(words, places, HIDDEN)


def places_in(subject: str, name: str, words: str, spans: Iterable[Span]) -> list[Place]:
    """Return the places of ``spans`` in a field."""
    whole = digest(words)
    return [Place(subject, name, start, end, whole) for start, end in spans]


def find(words: str, passage: str) -> list[Span]:
    """Return where a passage stands, as whole words, in any case and with any white space; never inside a stand-in."""
    parts = [re.escape(part) for part in passage.split()]
    if not parts:
        return []
    wanted = re.compile(rf"(?<!\w){_BETWEEN.join(parts)}(?!\w)", re.IGNORECASE)
    taken = [match.span() for match in _STAND_IN.finditer(words)]
    spans = [match.span() for match in wanted.finditer(words)]
    return [span for span in spans if not any(start <= span[0] and span[1] <= end for start, end in taken)]


def locate(words: str, passage: str) -> str | None:
    """Return the whole words in which a passage stands that may have been selected from their middle; None without."""
    passage = " ".join(passage.split())
    if find(words, passage):
        return passage
    at = " ".join(words.split()).casefold().find(passage.casefold())
    if at < 0 or not passage:
        return None
    line = " ".join(words.split())
    start, end = at, at + len(passage)
    while start > 0 and _joins(line[start - 1], line[start]):
        start -= 1
    while end < len(line) and _joins(line[end], line[end - 1]):
        end += 1
    return line[start:end] if find(words, line[start:end]) else None


def check_passage(passage: str) -> str:
    """Return what was marked with single spaces; raise Invalid where it is nothing to mark."""
    passage = " ".join(passage.split()).strip(" ,;:.!?")
    if not any(char.isalnum() for char in _STAND_IN.sub("", passage)):
        raise Invalid("Select or write the words that could tell who it is. A stand-in in brackets is none.", "words")
    if len(passage) > MAX_PASSAGE:
        raise Invalid(f"Mark up to {MAX_PASSAGE} characters; mark twice where there is more.", "words")
    return passage


def replaced(words: str, places: Iterable[Place], becomes: str) -> str:
    """Return the words with each place replaced. All of them are, where the text is not the one that was marked."""
    chosen = list(places)
    whole = digest(words)
    if any(place.whole != whole for place in chosen):
        return becomes
    out, at = [], 0
    for start, end in _union(chosen):
        glue = " " if words[end : end + 1] in _GLUE and becomes.endswith("]") else ""
        out += [words[at:start], becomes, glue]
        at = end
    return "".join([*out, words[at:]])


def moved(places: Iterable[Place], done: Sequence[Place], before: str, after: str, becomes: str) -> list[Place]:
    """Return other places of a field after ``done`` ones in it were replaced; those inside a replaced one are gone."""
    left = []
    whole = digest(after)
    spans = _union(done)
    glued = [len(becomes) + (before[end : end + 1] in _GLUE and becomes.endswith("]")) for _, end in spans]
    for place in places:
        start, end = place.start, place.end
        if any(a <= start and end <= b for a, b in spans):
            continue
        by_start = by_end = 0
        for (a, b), length in zip(spans, glued, strict=True):
            if b <= start:
                by_start += length - (b - a)
            elif a < start:  # begins inside what was replaced: the rest of it, behind the stand-in
                by_start += a + length - start
            if b <= end:
                by_end += length - (b - a)
            elif a < end:
                by_end += a - end
        left.append(Place(place.subject, place.field, start + by_start, end + by_end, whole))
    return left


def stand_ins_in(words: str) -> list[str]:
    """Return the stand-ins that readers know from a text, each once."""
    found = dict.fromkeys(match.group() for match in _STAND_IN.finditer(words))
    return [one for one in found if one != HIDDEN]


def unused(stand_in: str, known: Sequence[str]) -> str:
    """Return a numbered stand-in with a number that nobody in the case has yet; any other as it is."""
    match = _NUMBERED.fullmatch(stand_in)
    if match is None:
        return stand_in
    number = int(match[2])
    while f"{match[1]}{number}]" in known:
        number += 1
    return f"{match[1]}{number}]"


def _joins(outer: str, inner: str) -> bool:
    return outer.isalnum() and inner.isalnum()


def _union(places: Iterable[Place]) -> list[Span]:
    out: list[Span] = []
    for start, end in sorted((place.start, place.end) for place in places):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((start, end))
    return out

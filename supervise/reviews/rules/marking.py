"""Marks in a rendered paragraph: stand-ins in grey, passages underlined with the numbers of the notes about them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from itertools import pairwise

_STAND_IN = re.compile(r"\[[^\[\]\n]{1,60}\]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A passage of a paragraph's text that note ``number`` is about, in code points of ``text_of``."""

    start: int
    end: int
    number: int


class _Pieces(HTMLParser):
    """Clean HTML (our own renderer's: no attributes) as a list of tags and texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[bool, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.pieces.append((True, f"<{tag}>"))

    def handle_endtag(self, tag: str) -> None:
        self.pieces.append((True, f"</{tag}>"))

    def handle_data(self, data: str) -> None:
        self.pieces.append((False, data))


def text_of(html: str) -> str:
    """Return the text of clean HTML as a reader sees it."""
    return "".join(data for is_tag, data in _Pieces(html.strip()).pieces if not is_tag)


def mark(html: str, marks: Sequence[Mark] = ()) -> str:
    """Return clean HTML with links from each passage to its note and back again, and stand-ins set off.

    A passage that covers the whole text keeps its words plain and only gets the number at the end. Where passages
    overlap, the words lead to the note whose passage began last; each number leads to its own note.
    """
    pieces = _Pieces(html.strip()).pieces
    text = "".join(data for is_tag, data in pieces if not is_tag)
    whole = [m for m in marks if m.start <= 0 and m.end >= len(text)]
    inner = [m for m in marks if m not in whole]
    stand_ins = [match.span() for match in _STAND_IN.finditer(text)]
    cuts = sorted({edge for m in inner for edge in (m.start, m.end)} | {edge for span in stand_ins for edge in span})
    opened: set[int] = set()
    out: list[str] = []
    at = 0
    for is_tag, data in pieces:
        if is_tag:
            out.append(data)
            continue
        edges = [at, *(cut for cut in cuts if at < cut < at + len(data)), at + len(data)]
        for start, end in pairwise(edges):
            grey = any(s <= start and end <= e for s, e in stand_ins)
            words = escape(text[start:end], quote=False)
            words = f'<span class="standin">{words}</span>' if grey else words
            out.append(_passage(words, start, end, inner, opened))
        at += len(data)
    refs = "".join(_ref_link(m.number, opened) for m in sorted(whole, key=lambda m: m.number))
    return _append(out, refs)


def _passage(words: str, start: int, end: int, marks: Sequence[Mark], opened: set[int]) -> str:
    over = [m for m in marks if m.start <= start and end <= m.end]
    if not over or start == end:
        return words
    owner = max(over, key=lambda m: (m.start, -m.end, m.number)).number
    ending = sorted(m.number for m in over if m.end == end)
    inside = _ref(owner) if owner in ending else ""
    link = f'<a class="anchor"{_id(owner, opened)} href="#n{owner}">{words}{inside}</a>'
    return link + "".join(_ref_link(number, opened) for number in ending if number != owner)


def _ref(number: int) -> str:
    return f'<sup class="ref"><span class="vh"> note </span>{number}</sup>'


def _ref_link(number: int, opened: set[int]) -> str:
    return f'<a class="ref-link"{_id(number, opened)} href="#n{number}">{_ref(number)}</a>'


def _id(number: int, opened: set[int]) -> str:
    if number in opened:
        return ""
    opened.add(number)
    return f' id="a{number}"'


def _append(out: list[str], refs: str) -> str:
    """Join the pieces with ``refs`` before the last closing tag of a block, so that they stand on its last line."""
    if not refs:
        return "".join(out)
    at = len(out)
    while at and out[at - 1].startswith("</"):
        at -= 1
    return "".join([*out[:at], refs, *out[at:]])

"""The text as the reader sees it, which is the only text that is ever screened or published."""

from dataclasses import dataclass
from typing import Any

import re2

from supervise.deid.engine.characters import fold, refuse_disguised_words
from supervise.deid.engine.errors import RefusedText
from supervise.deid.engine.markup import render, strip_tags
from supervise.deid.engine.offsets import Offsets

MAX_CHARACTERS = 50_000
_MAX_ROUNDS = 12
_BROKEN_WORD = re2.compile(r"\p{L}\\\n *\p{Ll}")


@dataclass(frozen=True, slots=True)
class Canonical:
    """Block-structured plain text; ``to_source`` maps its places back to the text as typed, in code points."""

    text: str
    to_source: Offsets

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "to_source": self.to_source.as_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Canonical":
        return cls(data["text"], Offsets.from_dict(data["to_source"]))


def canonicalise(source: str) -> Canonical:
    """Return what a reader would see of ``source``; raise :class:`RefusedText` with a place when it cannot be told.

    Paragraphs are separated by a blank line, list items begin with ``- `` or their number, quotations with ``> ``.
    Applying it to its own result changes nothing: rendering is repeated until it has nothing left to undo.
    """
    if len(source) > MAX_CHARACTERS:
        raise RefusedText(
            f"This text is {len(source):,} characters long; up to {MAX_CHARACTERS:,} can be checked. "
            "Please shorten it or split it.",
            MAX_CHARACTERS,
            len(source),
        )
    broken = _BROKEN_WORD.search(source)
    if broken:
        raise RefusedText("A line break is hidden inside a word. Please join the word again.", *broken.span())
    text = source
    offsets = Offsets(tuple(range(len(source))), tuple(range(1, len(source) + 1)), len(source))
    for _ in range(_MAX_ROUNDS):
        before = text
        text, offsets = _round(text, offsets)
        if text == before:
            refuse_disguised_words(text, offsets)
            return Canonical(text, offsets)
    raise RefusedText("The formatting here is too tangled to check. Please paste it as plain text.", 0, len(source))


def _round(text: str, offsets: Offsets) -> tuple[str, Offsets]:
    for step in (fold, strip_tags, render):
        try:
            changed, moved = step(text)
        except RefusedText as refused:
            raise RefusedText(refused.reason, *offsets.span(refused.start, refused.end)) from None
        if changed != text:
            text, offsets = changed, moved.after(offsets)
    return text, offsets

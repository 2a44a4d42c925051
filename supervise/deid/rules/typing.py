"""What the engine finds in a text that is still being typed: places and classes, never words."""

from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

from supervise.deid.engine.canonical import canonicalise
from supervise.deid.engine.errors import RefusedText

if TYPE_CHECKING:
    from supervise.deid.engine import Engine

REFUSED = "REFUSED"
"""The class of a place for which the whole text would be refused."""
Place = tuple[int, int, str]


def places(engine: "Engine", text: str, allowed: frozenset[str]) -> list[Place]:
    """Return disjoint places, first to last, as a browser counts them (UTF-16), each with its class."""
    try:
        canonical = canonicalise(text)
    except RefusedText as refused:
        return _counted(text, [(refused.start, refused.end, REFUSED)])
    found = [
        (*canonical.to_source.span(start, end), group.label)
        for group in engine.propose(canonical, allowed).groups
        for start, end in group.places
    ]
    return _counted(text, found)


def _counted(text: str, found: Iterable[Place]) -> list[Place]:
    units = [0, *accumulate(2 if ord(char) > 0xFFFF else 1 for char in text)]
    out: list[Place] = []
    at = 0
    for start, end, label in sorted(found, key=lambda place: (place[0], -place[1])):
        start, end = max(start, at), min(end, len(text))
        if start < end:
            out.append((units[start], units[end], label))
            at = end
    return out

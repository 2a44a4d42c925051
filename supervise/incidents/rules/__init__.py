"""Pure rules of incidents: where words are hidden, what becomes of them, and what may be kept of their shape."""

from supervise.incidents.rules.hiding import (
    HIDDEN,
    Cover,
    Place,
    check_passage,
    find,
    locate,
    moved,
    places_in,
    replaced,
    stand_ins_in,
    unused,
)
from supervise.incidents.rules.pattern import FUNCTION_WORDS, pattern_of

OPEN = frozenset({"hidden", "disputed"})
"""States in which what was seen is hidden and the case is held."""

__all__ = [
    "FUNCTION_WORDS", "HIDDEN", "OPEN", "Cover", "Place", "check_passage", "find", "locate", "moved", "pattern_of",
    "places_in", "replaced", "stand_ins_in", "unused",
]  # fmt: skip

"""An author's own words for a finding: nobody decides on anything inside them, so they must name nobody themselves."""

import unicodedata
from collections.abc import Callable

from supervise.deid.engine.findings import Group
from supervise.deid.engine.proposal import Proposal

TELL_BY_A_WORD = frozenset({"NAME", "LOCATION", "ORG"})
"""Of these a single word tells who is meant; of a date or a phrase only the whole does."""
_NO_NAMES = frozenset((
    "a", "an", "and", "at", "by", "da", "dame", "de", "del", "della", "der", "des", "di", "do", "dos", "dr", "du",
    "el", "for", "in", "la", "las", "le", "los", "miss", "mr", "mrs", "ms", "mx", "no", "of", "on", "or", "prof",
    "s", "saint", "san", "santa", "sir", "st", "the", "to", "van", "von", "with", "y",
))  # fmt: skip
_OWNERS = frozenset((
    "her", "his", "its", "my", "our", "their", "this", "that",
))  # fmt: skip
_GENERAL = frozenset((
    "area", "city", "clinic", "coast", "county", "district", "person", "place", "region", "river", "sea", "someone",
    "somewhere", "state", "suburb", "town", "village",
))  # fmt: skip


def repeated(words: str, proposal: Proposal) -> str | None:
    """Return what of the text's findings stands in ``words`` again: a whole one, or a word of a name; None without."""
    written = _folded(words)
    line = f" {' '.join(written)} "
    for group in proposal.groups:
        for form in group.forms:
            parts = _folded(form)
            if parts and f" {' '.join(parts)} " in line:
                return form
            if group.label in TELL_BY_A_WORD and (again := _tells(parts) & _tells(written)):
                return min(again)
    return None


def unknown(words: str, is_word: Callable[[str], bool]) -> str | None:
    """Return the first word that is no ordinary one, as a surname or a town in small letters is none; None without."""
    for word in _split(words):
        low = word.casefold()
        if low not in _NO_NAMES and not is_word(low):
            return word
    return None


def lone(words: str) -> str | None:
    """Return the one word that says anything in ``words``; None where there are more, or where it is a general one."""
    left = [word for word in _split(words) if word.casefold() not in _NO_NAMES | _OWNERS]
    return left[0] if len(left) == 1 and left[0].casefold() not in _GENERAL else None


def offered(stand_in: str, group: Group, lists: tuple[tuple[str, tuple[str, ...]], ...]) -> bool:
    """Tell whether a stand-in is the proposed one or stands in one of the lists that the page offers."""
    return stand_in == group.stand_in or any(stand_in in ones for _, ones in lists)


def _tells(parts: list[str]) -> set[str]:
    """Return the words that can name somebody, without the s of a possessive or a plural."""
    return {part.removesuffix("s") if len(part) > 3 else part for part in parts if part not in _NO_NAMES}


def _folded(words: str) -> list[str]:
    """Return the words in small letters and without accents, which a second spelling may leave out."""
    plain = unicodedata.normalize("NFKD", words)
    return _split("".join(c for c in plain if not unicodedata.combining(c)).casefold())


def _split(words: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in words).split()

"""Words that say who somebody is: "her older sister", "the client's therapist", "her mother's boyfriend"."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from supervise.deid.engine.lexicon import Lexicon, lexicon
from supervise.deid.engine.words import Words

AUTHORS: Final = frozenset(("my", "our"))
PRONOUNS: Final = {"her": "f", "his": "m", "their": ""}
_ARTICLES: Final = frozenset(("the", "a", "an", "this", "that", "your"))
_INSIDE: Final = frozenset((" ", "-", "  ", " \n", "\n"))
_MOST_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Term:
    """A word for somebody: ``kind`` is kin, role or client; ``sex`` m, f or nothing; ``many`` a plural."""

    is_: str
    kind: str
    sex: str
    many: bool
    orders: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """Who somebody is, and whose. ``first`` and ``last`` are its words.

    ``owner``: author, article, nothing, a pronoun, ``word`` (somebody's name), or ``phrase`` ("her mother" of "her
    mother's boyfriend", in ``inner``). ``owner_at`` is the last word of the owner.
    """

    term: Term
    first: int
    last: int
    kept: tuple[str, ...]
    owner: str
    owner_at: int
    inner: "Phrase | None" = None


@dataclass(frozen=True)
class Terms:
    """The words of ``config/deid/relations.toml``, by the last word of each term."""

    by_last: Mapping[str, tuple[tuple[tuple[str, ...], Term], ...]]
    modifiers: Mapping[str, str]
    skips: frozenset[str]
    naming: frozenset[str]
    only: frozenset[str]

    def before(self, words: Words, last: int) -> Phrase | None:
        """Return the phrase that ends with the word ``last``, with everything that belongs to it; None without one."""
        found = self._term(words, last)
        if found is None:
            return None
        term, first = found
        kept: list[str] = []
        at = first - 1
        while at >= 0 and first - at <= _MOST_WORDS and words.gap(at) in _INSIDE | {", "} and self._between(words, at):
            if words[at].low in self.modifiers:
                kept.insert(0, self.modifiers[words[at].low])
                first = at
            at -= 1
        return self._owned(words, Phrase(term, first, last, tuple(dict.fromkeys(kept)), "", at), at)

    def after(self, words: Words, first: int) -> Phrase | None:
        """Return the phrase that begins with the word ``first``, as far as it goes; None without one."""
        last = end = -1
        at = first
        while at < len(words) and at - first <= _MOST_WORDS:
            low = words[at].low
            found = self._term(words, at)
            if found is not None:
                last = at
            elif not (self._between(words, at) or low == "s" or low in AUTHORS | _ARTICLES or low in PRONOUNS):
                break
            end = at
            if words.gap(at) not in _INSIDE and not owns(words, at):
                break
            at += 1
        if last < 0 or (last != end and owns(words, last)):
            return None
        phrase = self.before(words, last)
        return phrase if phrase is not None and _begin(phrase) >= first else None

    def _owned(self, words: Words, phrase: Phrase, at: int) -> Phrase:
        """Add whose it is, read from the word ``at`` before the phrase."""
        if at < 0 or words.gap(at) not in _INSIDE | {"' ", "’ "}:
            return Phrase(phrase.term, phrase.first, phrase.last, phrase.kept, "", -1)
        low = words[at].low
        owner, inner = "", None
        if low in AUTHORS:
            owner = "author"
        elif low in PRONOUNS:
            owner = low
        elif low in _ARTICLES:
            owner = "article"
        elif low == "s" and at and words.gap(at - 1) in ("'", "’"):
            at -= 1
            inner = self.before(words, at)
            owner = "phrase" if inner is not None else "word"
        elif words.gap(at) in ("' ", "’ "):
            inner = self.before(words, at)
            owner = "phrase" if inner is not None else "word"
        return Phrase(phrase.term, phrase.first, phrase.last, phrase.kept, owner, at if owner else -1, inner)

    def _term(self, words: Words, last: int) -> tuple[Term, int] | None:
        for parts, term in self.by_last.get(words[last].low, ()):
            first = last - len(parts) + 1
            if first >= 0 and all(
                words[first + n].low == part and (first + n == last or words.gap(first + n) in _INSIDE)
                for n, part in enumerate(parts)
            ):
                return term, first
        return None

    def _between(self, words: Words, at: int) -> bool:
        low = words[at].low
        return low in self.modifiers or low in self.skips or (low.isdigit() and len(low) < 3)


def owns(words: Words, at: int) -> bool:
    """Tell whether a word has an owner's ending: "Ana's brother", "Chris' brother"."""
    gap = words.gap(at)
    return gap in ("' ", "’ ") or (gap in ("'", "’") and at + 1 < len(words) and words[at + 1].low == "s")


def _begin(phrase: Phrase) -> int:
    """Return the first word of a phrase with its owner."""
    if phrase.inner is not None:
        return _begin(phrase.inner)
    return phrase.owner_at if phrase.owner_at >= 0 else phrase.first


@lru_cache(maxsize=2)
def terms() -> Terms:
    """Return the shipped words."""
    return _read(lexicon())


def _read(lists: Lexicon) -> Terms:
    by_last: dict[str, list[tuple[tuple[str, ...], Term]]] = {}
    only: set[str] = set()
    for row in lists.rules["relation"]:
        kind, sex = row.get("kind", "kin"), row.get("sex", "")
        if row.get("one"):
            only.add(row["is"])
        for name, many in (("words", False), ("many", True)):
            for entry in _entries(row.get(name, "")):
                term = Term(row["is"], kind, sex, many, entry == (row.get("orders"),))
                by_last.setdefault(entry[-1], []).append((entry, term))
    ordered = {last: tuple(sorted(rows, key=lambda row: -len(row[0]))) for last, rows in by_last.items()}
    modifiers = {word: row["is"] for row in lists.rules["modifier"] for word in row["words"].casefold().split()}
    return Terms(ordered, modifiers, lists["relation_skips"], lists["relation_naming"], frozenset(only))


def _entries(words: str) -> Iterable[tuple[str, ...]]:
    return (tuple(entry.split("-")) for entry in words.casefold().split())

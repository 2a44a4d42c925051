"""Who each named person is to the client, as far as the words around the names tell it. A suggestion, never certain."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import re2

from supervise.deid.engine.findings import Group
from supervise.deid.engine.kin import PRONOUNS, Phrase, Terms, owns, terms
from supervise.deid.engine.lexicon import lexicon
from supervise.deid.engine.patterns import Pattern, compiled
from supervise.deid.engine.words import Words, sentence_starts

CLIENT: Final = "Client"
ANOTHER: Final = "Another client"
_COULD_BE: Final = ("NAME", "LOCATION", "ORG")  # "my client Tavian" is a person, whatever Tavian was taken for
_LONGEST: Final = 44  # characters; a longer chain of owners says more than a reader can follow
_SPEECH: Final = 600
_AROUND: Final = 90
_SENTENCE: Final = 60  # words; further back nobody looks for whom a pronoun means
_ROUNDS: Final = 3  # "Lucía's brother's wife Kay" needs two others to be told first
_BEFORE_NAME: Final = frozenset((" ", ", ", ": ", " (", " - ", " – ", " — ", ", (", "\n", " ,", ' "', " “", "-"))
_AFTER_NAME: Final = frozenset((", ", " (", " - ", " – ", " — ", " ", "- "))
_LIST: Final = re2.compile(r"^(?:'s)?(?:,? \(?(?:age[d]? )?\d{1,2}\)?)?(?:,? (?:and|&|plus) |, |/| / )$")
_SHE: Final = {"she": "f", "he": "m"}
_MOTHERS_OWN: Final = ("supervisee", "co-therapist")


@dataclass(frozen=True, slots=True)
class Told:
    """Who somebody is (``Client's older sister``), and whether the words say two things that no one person is."""

    relation: str
    torn: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    group: int
    first: int
    last: int


def told(text: str, groups: Sequence[Group], known: Mapping[int, str], *, own: bool = True) -> Mapping[int, Told]:
    """Return by position in ``groups`` who the people are; ``known`` is what was read of them before.

    ``own``: the text is its author's own case, else a reply to one.
    """
    return _Reading(text, groups, known, own).result()


def is_only(relation: str) -> bool:
    """Tell whether a client has just one of these, so that two mentions of it in a text are the same person."""
    return relation == CLIENT or relation.removeprefix("Client's ") in terms().only


class _Reading:
    """One text: its words, where names stand, and what was understood so far."""

    def __init__(self, text: str, groups: Sequence[Group], known: Mapping[int, str], own: bool) -> None:
        lists = lexicon()
        self.text, self.groups, self.own = text, groups, own
        self.words = Words(text)
        self.terms: Terms = terms()
        self.titles = lists["titles"]
        self.starts = sentence_starts(self.words, lists["abbreviations"])
        self.introduced = [compiled(row["pattern"]) for row in lists.rules["introduced"]]
        self.introduced_before = [compiled(row["pattern"]) for row in lists.rules["introduced_before"]]
        self.places = sorted(self._places(), key=lambda place: place.first)
        self.at_word = {n: place for place in self.places for n in range(place.first, place.last + 1)}
        self.elsewhere = not own and any(self._is_own_client(n) for n in range(1, len(self.words)))
        self.known: dict[int, str] = dict(known)
        self.sexes: dict[int, str] = {}

    def result(self) -> dict[int, Told]:
        phrases = list(self._phrases())
        torn: set[int] = set()
        self._learn(phrases, torn)
        if self.own and CLIENT not in self.known.values() and (client := self._introduced()) is not None:
            self.known[client] = CLIENT
            self._learn(phrases, torn)  # whose brother "Tavian's brother" is, is known only now
        return {number: Told(relation, number in torn) for number, relation in self.known.items()}

    def _learn(self, phrases: Sequence[tuple[int, Phrase]], torn: set[int]) -> None:
        for _ in range(_ROUNDS):
            for number, phrase in phrases:
                relation = self._relation(phrase, number)
                if relation is None:
                    continue
                self.sexes.setdefault(number, phrase.term.sex)
                before = self.known.get(number)
                if before is None or (relation == CLIENT and before not in (CLIENT, ANOTHER)):
                    self.known[number] = relation
                if before is not None and before != relation and CLIENT in (before, relation):
                    torn.add(number)

    def _places(self) -> Iterator[_Place]:
        for number, group in enumerate(self.groups):
            if group.label in _COULD_BE and group.source != "repeat":
                for start, end in group.places:
                    inside = self.words.inside(start, end)
                    if inside:
                        yield _Place(number, inside[0], inside[-1])

    # Phrases beside names ---------------------------------------------------------------------------------------------

    def _phrases(self) -> Iterator[tuple[int, Phrase]]:
        """Yield what stands beside each name; what a plural says of the first name of a list, it says of all."""
        for at, place in enumerate(self.places):
            before = self._before(place)
            if before is not None:
                yield place.group, before
                if before.term.many:
                    for other in self._list_from(at, 1):
                        yield other.group, before
            after = self._after(place)
            if after is not None:
                yield place.group, after
                if after.term.many:
                    for other in self._list_from(at, -1):
                        yield other.group, after

    def _before(self, place: _Place) -> Phrase | None:
        """Return the phrase before a name: "her mother, Ms. Lucía", "a sister named Ana", "client: Ana"."""
        words, at = self.words, place.first - 1
        while at >= 0 and words[at].low in self.titles and words.gap(at) in (" ", ". ") and not self._is_term(at):
            at -= 1
        if at >= 0 and words[at].low in self.terms.naming and words.gap(at) in (" ", ": ", ' "', " “"):
            copula = words[at].low in ("is", "was", "are", "were")
            at -= 1
            if at >= 0 and words[at].low in ("is", "was", "who") and words.gap(at) == " ":
                at -= 1
            phrase = self._phrase_to(at)
            return phrase if phrase is not None and (not copula or phrase.owner not in ("", "article")) else None
        return self._phrase_to(at)

    def _phrase_to(self, at: int) -> Phrase | None:
        words = self.words
        if at < 0 or at in self.at_word or words.gap(at) not in _BEFORE_NAME:
            return None
        phrase = self.terms.before(words, at)
        if phrase is None:
            return None
        alone = phrase.owner == "" and words.gap(at) == " "
        if alone and phrase.term.orders and words[at].capital:
            return None  # "Father Michael" is a priest as well
        return phrase

    def _after(self, place: _Place) -> Phrase | None:
        """Return the phrase behind a name: "Ana, her older sister,", "Ana (sister)", "Ana is his teacher"."""
        words, gap = self.words, self.words.gap(place.last)
        at = place.last + 1
        if at >= len(words) or gap not in _AFTER_NAME or self.groups[place.group].label != "NAME":
            return None
        if gap == " ":
            if words[at].low not in ("is", "was", "are", "were") or words.gap(at) != " ":
                return None
            at += 1
        elif words[at].low in ("who", "which") and self._low(at + 1) in ("is", "was"):
            at += 2
        phrase = self.terms.after(words, at) if at < len(words) else None
        if phrase is None or (phrase.owner == "" and gap != " ("):
            return None
        end = phrase.last + 1
        closed = gap == " " or words.gap(phrase.last).strip() or self._low(end) in ("and", "")
        names_another = end in self.at_word and self.at_word[end].group != place.group
        return phrase if closed and not (names_another and words.gap(phrase.last) in (" ", ", ", ": ")) else None

    def _list_from(self, at: int, step: int) -> Iterator[_Place]:
        """Yield the names that follow in one list: "Ana, Bea (7) and Cleo"."""
        while 0 <= at + step < len(self.places):
            one, other = sorted((self.places[at], self.places[at + step]), key=lambda place: place.first)
            gap = self.text[self.words[one.last].end : self.words[other.first].start]
            if not _LIST.match(gap):
                return
            at += step
            yield self.places[at]

    # Whose ------------------------------------------------------------------------------------------------------------

    def _relation(self, phrase: Phrase, about: int) -> str | None:
        """Return who a phrase speaks of, from the client's side; None where that cannot be told yet, or at all."""
        term = phrase.term
        if term.kind == "client":
            return self._client(phrase)
        what = " ".join((*(word for word in phrase.kept if word not in ("current", "other")), term.is_))
        if phrase.owner in ("", "article", "author") and term.kind == "role":
            return what[0].upper() + what[1:]
        owner = self._owner(phrase, about)
        whole = f"{owner}'s {what}" if owner else ""
        return whole if owner and len(whole) <= _LONGEST else None

    def _client(self, phrase: Phrase) -> str | None:
        if {"other", "former"} & {*phrase.kept} or (phrase.owner == "author" and not self.own):
            return ANOTHER
        if phrase.owner == "phrase" and phrase.inner is not None:
            return CLIENT if phrase.inner.term.is_ in _MOTHERS_OWN else ANOTHER
        return CLIENT

    def _owner(self, phrase: Phrase, about: int) -> str | None:
        if phrase.owner == "author":
            return "Author" if not self._quoted(phrase.first) else CLIENT
        if phrase.owner in ("", "article"):
            return None if self.elsewhere else CLIENT
        if phrase.owner in PRONOUNS:
            return self._of_pronoun(phrase, about)
        if phrase.owner == "phrase" and phrase.inner is not None:
            return self._relation(phrase.inner, about)
        place = self.at_word.get(phrase.owner_at)
        return self.known.get(place.group) if place is not None else None

    def _of_pronoun(self, phrase: Phrase, about: int) -> str | None:
        """Return whom "his" or "her" means: the first person of the sentence that it can mean, else the client.

        The same pronoun keeps its owner: in "his father and his aunt" both are the client's.
        """
        sex = PRONOUNS[phrase.owner]
        at = phrase.owner_at
        first = max(0, at - _SENTENCE)
        while at > first and not self.starts[at]:
            at -= 1
        while sex and at < phrase.owner_at:
            here, low = self.at_word.get(at), self.words[at].low
            if here is not None:
                fits = self.sexes.get(here.group, "") in ("", sex)
                if here.group != about and fits and not owns(self.words, here.last):
                    return self.known.get(here.group)
                at = here.last + 1
                continue
            if _SHE.get(low) == sex:
                return CLIENT
            other = self.terms.before(self.words, at)
            if other is not None and not owns(self.words, at) and other.last < phrase.first:
                if other.term.kind == "client" or other.owner == phrase.owner:
                    return CLIENT
                if other.term.sex == sex:
                    return self._relation(other, about)
            at += 1
        return None if self.elsewhere else CLIENT

    def _quoted(self, at: int) -> bool:
        """Tell whether a word stands inside quotation marks, where "my mother" is the client's."""
        start = self.words[at].start
        line = self.text[max(0, start - _SPEECH, self.text.rfind("\n", 0, start) + 1) : start]
        return line.count("“") > line.count("”") or line.count('"') % 2 == 1

    def _introduced(self) -> int | None:
        """Return the one who is introduced as clients are: "Tavian, 9, was brought", "X presented with"."""
        for place in self.places:
            start, end = self.words[place.first].start, self.words[place.last].end
            after, before = self.text[end : end + _AROUND], self.text[max(0, start - _AROUND) : start]
            if place.group not in self.known and (_any(self.introduced, after) or _any(self.introduced_before, before)):
                return place.group
        return None

    def _is_own_client(self, at: int) -> bool:
        """Tell whether a reply speaks of a client of its writer, whose sister is not the case's."""
        phrase = self.terms.before(self.words, at)
        return phrase is not None and phrase.term.kind == "client" and phrase.owner == "author"

    def _is_term(self, at: int) -> bool:
        return self.terms.before(self.words, at) is not None

    def _low(self, at: int) -> str:
        return self.words[at].low if at < len(self.words) else ""


def _any(patterns: Iterable[Pattern], text: str) -> bool:
    return any(next(pattern.spans(text), None) is not None for pattern in patterns)

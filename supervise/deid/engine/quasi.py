"""Phrases that could point to a person through rarity: said of what kind, never removed by themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from supervise.deid.engine.findings import Finding, Group, with_places
from supervise.deid.engine.lexicon import Lexicon, lexicon
from supervise.deid.engine.patterns import compiled
from supervise.deid.engine.scan import Scan
from supervise.deid.engine.words import Words, trim, whole

_MAX_LENGTH: Final = 110
_STOPS: Final = (" and ", " but ", " so ", " because ", " which ", " when ", " while ")
_CLAUSE: Final = frozenset(("who", "that", "whose"))
_LINKS: Final = frozenset(("in", "on", "at", "of", "to", "for", "from", "with", "ever", "within", "around"))
_NO_LONGER: Final = frozenset(("former", "retired", "ex", "onetime", "one", "once", "late"))
_IN_SMALL: Final = frozenset(("black", "deaf"))  # other peoples have a capital; "polish" without one is for nails
_FAMILY: Final = frozenset(("family", "household"))


def find_quasi(scan: Scan) -> Iterator[Finding]:
    """Yield disjoint suggestions that are made whomever the author serves, the earliest and longest first."""
    yield from _found(scan.text, scan.words, scan.lexicon, frozenset())


def with_local(text: str, groups: tuple[Group, ...], communities: frozenset[str]) -> tuple[Group, ...]:
    """Return the groups with what is asked about as well where the author serves one community; see quasi.toml.

    ``communities`` are ids of ``[[community]]``. A phrase that was found already is not asked about again.
    """
    lists = lexicon()
    if not communities:
        return groups
    taken = [place for group in groups if group.label == "QUASI" for place in group.places]
    number = max((int(group.key[1:]) for group in groups), default=0)
    out = list(groups)
    for finding in _found(text, Words(text), lists, communities):
        if any(start < finding.end and finding.start < end for start, end in taken):
            continue
        number += 1
        group = Group(
            f"g{number}", "QUASI", (), (), finding.score, finding.source, True, "", finding.suggestion, finding.why
        )
        out.append(with_places(group, text, [finding.span]))
    return tuple(sorted(out, key=lambda group: (group.places[0], int(group.key[1:]))))


def communities() -> Mapping[str, str]:
    """Return what a place of work can serve, by id, in words."""
    return {row["id"]: row["words"] for row in lexicon().rules["community"]}


def checklist() -> Sequence[str]:
    """Return what an author is asked before a text is confirmed."""
    return [row["words"] for row in lexicon().rules["checklist"]]


@dataclass(frozen=True)
class _Row:
    """One rule: its pattern, why it asks, and the wordings that it offers."""

    pattern: str
    why: str
    suggestion: str | None
    otherwise: str | None
    communities: frozenset[str]
    certain: bool


@dataclass(frozen=True)
class _Tables:
    """The rules of one set of lists, with occupations and peoples by their words."""

    rows: tuple[_Row, ...]
    sectors: Mapping[tuple[str, ...], Mapping[str, Any]]
    peoples: Mapping[str, str]

    def asked_in(self, communities: frozenset[str]) -> Iterator[_Row]:
        """Yield the rules for these communities alone; without any, those for everybody."""
        return (row for row in self.rows if (row.communities & communities if communities else not row.communities))


_MADE: dict[str, _Tables] = {}


def _tables(lists: Lexicon) -> _Tables:
    """Return the tables of the lists, made once for each set of them."""
    if lists.digest not in _MADE:
        rules = lists.rules
        sectors = {tuple(one.split("-")): row for row in rules["sector"] for one in row["words"].casefold().split()}
        peoples = {word: row["is"] for row in rules["culture"] for word in row["words"].casefold().split()}
        jobs = "|".join(sorted((" ".join(entry) for entry in sectors), key=len, reverse=True))
        named = "|".join(sorted(peoples, key=len, reverse=True))
        kinds = {row["id"]: row for row in rules["kind"]}
        rows = tuple(
            _Row(
                row["pattern"].replace("{JOB}", f"(?:{jobs})").replace("{PEOPLE}", f"(?:{named})"),
                f"{kinds[row['kind']]['words']}. {kinds[row['kind']]['why']}",
                row.get("suggestion"), row.get("otherwise"),
                frozenset(kinds[row["kind"]].get("communities", ())),
                row.get("certain", False),
            )
            for row in rules["quasi"]
        )  # fmt: skip
        _MADE[lists.digest] = _Tables(rows, sectors, peoples)
    return _MADE[lists.digest]


def _found(text: str, words: Words, lists: Lexicon, communities: frozenset[str]) -> Iterator[Finding]:
    found = []
    tables = _tables(lists)
    for row in tables.asked_in(communities):
        for start, end in compiled(row.pattern).spans(text):
            start, end = _cut(text, start, end)
            end = _before_verb(words, start, end, lists["said"])
            inside = words.inside(start, end)
            if inside and whole(text, start, end) and (row.certain or not _everyday(words, inside, lists)):
                suggestion = _suggested(words, inside, tables, row)
                found.append(Finding(start, end, "QUASI", 0.6, "quasi", True, row.why, suggestion))
    at = 0
    for finding in sorted(found, key=lambda f: (f.start, -f.end)):
        if finding.start >= at:
            yield finding
            at = finding.end


def _everyday(words: Words, inside: Sequence[int], lists: Lexicon) -> bool:
    """Tell whether the person in the phrase is one that every vignette has ("the first session", "the client who")."""
    lows = [words[number].low for number in inside]
    heads = [low for low, after in pairwise(lows) if after in _CLAUSE]
    linked = [low for low, after in pairwise(lows) if after in _LINKS]
    return any(low in lists["everyday_people"] for low in (*heads[:1], *linked[:1]))


def _cut(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range without the clause that follows it."""
    start, end = trim(text, start, end)
    phrase = text[start:end]
    for stop in _STOPS:
        place = phrase.find(stop, 20)
        if place > 0:
            phrase = phrase[:place]
    if len(phrase) > _MAX_LENGTH:
        phrase = phrase[:_MAX_LENGTH].rpartition(" ")[0]
    return start, start + len(phrase)


def _before_verb(words: Words, start: int, end: int, verbs: frozenset[str]) -> int:
    """Return the end of the phrase before the verb of its sentence: "the only pilot in town | called"."""
    linked = False
    for number in words.inside(start, end):
        low = words[number].low
        if low in _CLAUSE:
            return end
        if linked and low in verbs and words[number - 1].end > start:
            return words[number - 1].end
        linked = linked or low in _LINKS
    return end


# Wordings that fit more people ----------------------------------------------------------------------------------------


def _suggested(words: Words, inside: Sequence[int], tables: _Tables, row: _Row) -> str | None:
    """Return the wording of a rule for the phrase; where it names nothing that is known, the one that always holds."""
    if row.suggestion == "{who}":
        return _who(words, inside, tables) or row.otherwise
    if row.suggestion == "{people}":
        return _people(words, inside, tables) or row.otherwise
    return row.suggestion


def _who(words: Words, inside: Sequence[int], tables: _Tables) -> str | None:
    """Return the sector of the occupation that the phrase is about, with its people; None where it names none.

    It must be the noun before the first "in", "of" or "who": in "the only son of the judge" nobody judges.
    """
    head = _head(words, inside)
    for length in (3, 2, 1):
        entry = tuple(words[number].low for number in head[-length:])
        if length > len(head) or entry not in tables.sectors:
            continue
        sector, before = tables.sectors[entry], head[:-length]
        no_longer = any(words[number].low in _NO_LONGER for number in before)
        who = str(sector["was"] if no_longer else sector["is"])
        culture = None if sector.get("of_things") else _culture(words, before, tables)
        return _with_culture(who, culture) if culture else who
    return None


def _people(words: Words, inside: Sequence[int], tables: _Tables) -> str | None:
    culture = _culture(words, inside, tables)
    if culture is None:
        return None
    families = any(words[number].low in _FAMILY for number in inside)
    return f"{_article(culture)} {culture} {'family' if families else 'person'}"


def _with_culture(who: str, culture: str) -> str:
    """Return "a Black first responder", "a Black person in public office"."""
    if who.startswith("someone "):
        return f"{_article(culture)} {culture} person {who.removeprefix('someone ')}"
    return f"{_article(culture)} {culture} {who.partition(' ')[2]}"


def _article(word: str) -> str:
    return "an" if word[0] in "AEIOU" else "a"


def _head(words: Words, inside: Sequence[int]) -> list[int]:
    out = []
    for number in inside:
        if words[number].low in _CLAUSE | _LINKS:
            break
        out.append(number)
    return out


def _culture(words: Words, numbers: Sequence[int], tables: _Tables) -> str | None:
    """Return the people that an adjective names, in the wording of its region; a language is no people."""
    for number in numbers:
        word = words[number]
        named = word.capital or word.low in _IN_SMALL
        language = words.gap(number) == "-" or (number + 1 < len(words) and words[number + 1].low == "speaking")
        if named and not language and word.low in tables.peoples:
            return tables.peoples[word.low]
    return None

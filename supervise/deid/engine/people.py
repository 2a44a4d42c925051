"""Who is who: joins the parts of a name, its possessives and its repeats to one person."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from supervise.deid.engine.findings import Finding, Span
from supervise.deid.engine.words import Words

Ordinary = Callable[[str], bool]
_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv"])
_SHORT_PART = 2


@dataclass(slots=True)
class Person:
    """One person: the words of the fullest name, and the findings that are this person."""

    parts: tuple[str, ...]
    findings: list[Finding] = field(default_factory=list)
    places: set[Span] = field(default_factory=set)
    unsure: set[Span] = field(default_factory=set)


def people(words: Words, findings: Iterable[Finding], particles: frozenset[str]) -> list[Person]:
    """Group name findings by person, fullest names first; a surname that two people share is a group of its own."""
    named: list[tuple[tuple[str, ...], Finding]] = []
    for finding in findings:
        parts = tuple(words[n].low for n in words.inside(finding.start, finding.end))
        if parts:
            named.append((_without_possessive(parts), finding))
    register = _Register(particles)
    for parts, finding in sorted(named, key=lambda item: (-len(item[0]), item[1].start)):
        person = register.same(parts) or register.enter(parts)
        person.findings.append(finding)
        person.places.add(finding.span)
    return register.persons


def _without_possessive(parts: tuple[str, ...]) -> tuple[str, ...]:
    return parts[:-1] if len(parts) > 1 and parts[-1] == "s" else parts


class _Register:
    """The persons found so far, by each part of their names."""

    def __init__(self, particles: frozenset[str]) -> None:
        self.persons: list[Person] = []
        self._particles = particles
        self._by_part: dict[str, list[Person]] = {}
        self._by_name: dict[tuple[str, ...], Person] = {}

    def enter(self, parts: tuple[str, ...]) -> Person:
        """Add a person."""
        person = Person(parts)
        self.persons.append(person)
        self._by_name[parts] = person
        for part in dict.fromkeys(parts):
            self._by_part.setdefault(part, []).append(person)
        return person

    def same(self, parts: tuple[str, ...]) -> Person | None:
        """Return the one person whose name holds these parts; None if nobody or more than one does."""
        if parts in self._by_name:
            return self._by_name[parts]
        wanted = [p for p in parts if p not in self._particles and p not in _SUFFIXES] or list(parts)
        lists = [self._by_part.get(part, []) for part in wanted if len(part) > 1]
        matches = [p for p in min(lists, key=len, default=[]) if _holds(p.parts, wanted)]
        given = [p for p in matches if len(wanted) == 1 and p.parts[0] == wanted[0]]
        if len(given) == 1:
            return given[0]
        return matches[0] if len(matches) == 1 else None


def _holds(parts: tuple[str, ...], wanted: list[str]) -> bool:
    at = 0
    for want in wanted:
        while at < len(parts) and not (parts[at] == want or (len(want) == 1 and parts[at].startswith(want))):
            at += 1
        if at == len(parts):
            return False
        at += 1
    return True


def spread(
    words: Words, starts: list[bool], persons: list[Person], particles: frozenset[str], ordinary: Ordinary
) -> None:
    """Find every repeat of every person's name and name parts; repeats that may be ordinary words become unsure."""
    owners: dict[str, list[Person]] = {}
    for person in persons:
        _set_aside(words, starts, person, ordinary)
        for part in dict.fromkeys(person.parts):
            if part not in particles and part not in _SUFFIXES and len(part) >= _SHORT_PART and not part.isdigit():
                owners.setdefault(part, []).append(person)
    taken = {n for p in persons for a, b in p.places | p.unsure for n in words.inside(a, b)}
    for part, holders in owners.items():
        person = _owner(part, holders)
        shapes = {words[n].text for p in holders for f in p.findings for n in words.inside(f.start, f.end)}
        common = ordinary(part)
        for number in words.numbers(part):
            word = words[number]
            span = (word.start, word.end)
            if number in taken:
                continue
            if not common and (len(part) > _SHORT_PART or word.text in shapes):
                person.places.add(span)
            elif common and word.capital and word.text in shapes:
                (person.unsure if starts[number] else person.places).add(span)
    for person in persons:
        for form in {words.text[a:b] for a, b in person.places if " " in words.text[a:b]}:
            for first, last in words.occurrences(form):
                person.places.add(words.span(first, last))
        person.places = _merged(words, person.places)


def _set_aside(words: Words, starts: list[bool], person: Person, ordinary: Ordinary) -> None:
    """Ask about a sentence's first word that is a word as well, even where a fuller name is known."""
    if all(f.doubtful for f in person.findings):
        return
    for finding in person.findings:
        numbers = words.inside(finding.start, finding.end)
        if finding.doubtful and len(numbers) == 1 and starts[numbers[0]] and ordinary(words[numbers[0]].low):
            person.places.discard(finding.span)
            person.unsure.add(finding.span)


def _owner(part: str, holders: list[Person]) -> Person:
    alone = [p for p in holders if p.parts == (part,)]
    given = [p for p in holders if p.parts[0] == part]
    return (alone or given or holders)[0]


def _merged(words: Words, places: set[Span]) -> set[Span]:
    """Join places of one person that only a space, hyphen or full stop keeps apart."""
    out: list[Span] = []
    for start, end in sorted(places):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        elif out and words.text[out[-1][1] : start] in (" ", "-", ". ", "'"):
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return set(out)

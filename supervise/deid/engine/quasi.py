"""Phrases that could point to a person through rarity: suggested in words, never removed by themselves."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from supervise.deid.engine.findings import Finding
from supervise.deid.engine.patterns import compiled
from supervise.deid.engine.scan import Scan
from supervise.deid.engine.words import trim, whole

_MAX_LENGTH = 110
_STOPS = (" and ", " but ", " so ", " because ", " which ", " when ", " while ")


def find_quasi(scan: Scan) -> Iterator[Finding]:
    """Yield disjoint suggestions, the earliest and longest first."""
    found = []
    for row in scan.lexicon.rules["quasi"]:
        for start, end in compiled(row["pattern"]).spans(scan.text):
            finding = _cut(scan.text, start, end, row)
            if whole(scan.text, finding.start, finding.end) and not _everyday(scan, finding):
                found.append(finding)
    at = 0
    for finding in sorted(found, key=lambda f: (f.start, -f.end)):
        if finding.start >= at:
            yield finding
            at = finding.end


def _everyday(scan: Scan, finding: Finding) -> bool:
    """Tell whether the person in the phrase is one that every vignette has ("the first session", "the client who")."""
    lows = [scan.low(number) for number in scan.words.inside(finding.start, finding.end)]
    heads = [low for low, after in pairwise(lows) if after in _CLAUSE]
    linked = [low for low, after in pairwise(lows) if after in _LINKS]
    return any(low in scan.lexicon["everyday_people"] for low in (*heads[:1], *linked[:1]))


_CLAUSE = frozenset(("who", "that", "whose"))
_LINKS = frozenset(("in", "on", "at", "of", "to", "for", "from", "with", "ever", "within", "around"))


def _cut(text: str, start: int, end: int, row: Mapping[str, Any]) -> Finding:
    """Return the phrase without the clause that follows it."""
    start, end = trim(text, start, end)
    phrase = text[start:end]
    for stop in _STOPS:
        place = phrase.find(stop, 20)
        if place > 0:
            phrase = phrase[:place]
    if len(phrase) > _MAX_LENGTH:
        phrase = phrase[:_MAX_LENGTH].rpartition(" ")[0]
    return Finding(start, start + len(phrase), "QUASI", 0.6, "quasi", True, row["why"], row["suggestion"])

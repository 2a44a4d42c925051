"""Makes one disjoint set of findings out of what several recognisers found in the same place."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import re2

from supervise.deid.engine.findings import LABELS, Finding
from supervise.deid.engine.words import is_word, widen

_WORDY: Final = frozenset({"NAME", "LOCATION", "ORG"})
# How much a recogniser's label is worth when several disagree about the same words.
_WEIGHT: Final = {
    "reader": 3.0,
    "cue-title": 3.0, "spelled": 3.0, "capitals-org": 4.0, "known-city": 2.4, "capitals-state": 2.4, "cue-named": 2.2,
    "capitals-place": 2.2, "field": 2.0, "initials": 2.0, "cue-role": 1.8, "cue-telling": 1.6, "listed": 1.6,
    "capitals-known": 1.5, "model": 1.2, "capitals-at": 1.0, "capitals-in": 1.0, "capitals-word-name": 0.5,
    "capitals": 0.4,
}  # fmt: skip
_BEFORE: Final = re2.compile(
    r"(?:^|[\s(\"'*])((?:(?:\p{Lu}\. ?){1,2}|(?i:big|lil'?|li'l|ol') |(?:Little|Lil'?|Li'l|Ol'|Old|Young|Baby) ))$"
)
_AFTER: Final = re2.compile(r"-(\p{Ll}+)")
_FIRST_HALF: Final = re2.compile(r"(?:^|[\s(\"'*])(\p{Lu}\p{L}*-)$")
_LOOK_BACK: Final = 10
_LOOK_AHEAD: Final = 24
_ORDER: Final = ("EMAIL", "URL", "DATE", "PHONE", "AGE", "ID", "LOCATION")


def merged(text: str, findings: Iterable[Finding], compounds: frozenset[str]) -> list[Finding]:
    """Return disjoint findings, widened to whole words, that cover every letter which any finding covers.

    Numbers come first, the longest of them; names, places and organisations that overlap become one, labelled by
    the recogniser that knows best.
    """
    every = [replace(f, start=a, end=b) for f in findings for a, b in [widen(text, f.start, f.end)] if a < b]
    exact = [f for f in every if f.label not in _WORDY or f.source in ("address", "zip", "road", "unit")]
    rank = {label: number for number, label in enumerate(dict.fromkeys((*_ORDER, *LABELS)))}
    exact.sort(key=lambda f: (f.start - f.end, rank[f.label], -f.score))
    owner: list[Finding | None] = [None] * len(text)
    for finding in exact:
        for place in range(finding.start, finding.end):
            if owner[place] is None:
                owner[place] = finding
    for finding in _joined(text, _unions([_whole_name(text, f, compounds) for f in every if f not in set(exact)])):
        for place in range(finding.start, finding.end):
            if owner[place] is None:
                owner[place] = finding
    return _runs(text, owner)


def _unions(findings: list[Finding]) -> list[Finding]:
    out: list[list[Finding]] = []
    end = -1
    for finding in sorted(findings, key=lambda f: (f.start, -f.end)):
        if finding.start < end:
            out[-1].append(finding)
        else:
            out.append([finding])
        end = max(end, finding.end)
    return [_union(cluster) for cluster in out]


def _whole_name(text: str, finding: Finding, compounds: frozenset[str]) -> Finding:
    """Take in the initial or nickname before a name and its other half: "T. Oyelaran", "Big Stan", "Ok-sun"."""
    if finding.label != "NAME":
        return finding
    start, end = finding.start, finding.end
    found = _BEFORE.search(text[max(0, start - _LOOK_BACK) : start])
    if found and text[start].islower() and not found.group(1).islower():
        found = None
    first_half = _FIRST_HALF.search(text[max(0, start - _LOOK_BACK) : start])
    if first_half and not found:
        start -= len(first_half.group(1))
    after = _AFTER.match(text[end : end + _LOOK_AHEAD])
    if after and after.group(1) not in compounds:
        end += after.end(1)
    return replace(finding, start=start - len(found.group(1)) if found else start, end=end)


def _joined(text: str, findings: list[Finding]) -> list[Finding]:
    """Make one organisation of "Bais Chana of West Hartford"."""
    out: list[Finding] = []
    for finding in findings:
        before = out[-1] if out else None
        if (
            before
            and before.label == "ORG"
            and finding.label in ("LOCATION", "ORG")
            and text[before.end : finding.start] == " of "
        ):
            out[-1] = replace(before, end=finding.end)
        else:
            out.append(finding)
    return out


def _union(cluster: list[Finding]) -> Finding:
    votes: dict[str, float] = {}
    for finding in cluster:
        votes[finding.label] = votes.get(finding.label, 0.0) + _WEIGHT.get(finding.source, 1.0)
    label = max(votes, key=lambda name: votes[name])
    best = max((f for f in cluster if f.label == label), key=lambda f: (not f.doubtful, f.score))
    sure = [f for f in cluster if not f.doubtful]
    return replace(
        best,
        start=min(f.start for f in cluster),
        end=max(f.end for f in cluster),
        doubtful=not sure,
        score=max(f.score for f in cluster) if sure else best.score,
    )


def _runs(text: str, owner: list[Finding | None]) -> list[Finding]:
    out, at = [], 0
    while at < len(text):
        finding = owner[at]
        end = at + 1
        while end < len(text) and owner[end] is finding:
            end += 1
        if finding is not None:
            start, stop = at, end
            while start < stop and start > finding.start and not is_word(text[start]):
                start += 1
            while start < stop and stop < finding.end and not is_word(text[stop - 1]):
                stop -= 1
            if start < stop:
                out.append(replace(finding, start=start, end=stop))
        at = end
    return out

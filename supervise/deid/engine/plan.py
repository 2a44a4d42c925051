"""From findings and choices to the text that others read: disjoint replacements that never cut a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supervise.deid.engine.choices import Choice, check, hidden_words
from supervise.deid.engine.errors import ChoiceRefused
from supervise.deid.engine.findings import Group
from supervise.deid.engine.words import is_word, widen

_GLUE = frozenset("([")  # "[Person 1](her sister)" would read as a link in Markdown


@dataclass(frozen=True, slots=True)
class Replacement:
    """``text[start:end]`` becomes ``becomes``."""

    start: int
    end: int
    group_key: str
    label: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the result: a stand-in if ``group_key`` is set, words left as they were otherwise."""

    text: str
    group_key: str | None
    label: str | None
    original_start: int
    original_end: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "group_key": self.group_key,
            "label": self.label,
            "original_start": self.original_start,
            "original_end": self.original_end,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """The text for others; ``complete`` only when nothing that the author had to decide is open."""

    text: str
    segments: tuple[Segment, ...]
    complete: bool

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "segments": [s.as_dict() for s in self.segments], "complete": self.complete}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Result":
        return cls(data["text"], tuple(Segment(**segment) for segment in data["segments"]), data["complete"])


@dataclass(frozen=True, slots=True)
class Plan:
    """Disjoint, sorted replacements; ``undecided`` are keys of findings that the author has yet to decide."""

    text: str
    replacements: tuple[Replacement, ...]
    undecided: tuple[str, ...]

    def apply(self) -> Result:
        """Return the text with every replacement made."""
        segments: list[Segment] = []
        at = 0
        for item in self.replacements:
            if item.start > at:
                segments.append(Segment(self.text[at : item.start], None, None, at, item.start))
            glue = " " if self.text[item.end : item.end + 1] in _GLUE and item.becomes.endswith("]") else ""
            segments.append(Segment(item.becomes + glue, item.group_key, item.label, item.start, item.end))
            at = item.end
        if at < len(self.text):
            segments.append(Segment(self.text[at:], None, None, at, len(self.text)))
        return Result("".join(s.text for s in segments), tuple(segments), not self.undecided)

    def as_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "replacements": [[r.start, r.end, r.group_key, r.label, r.becomes] for r in self.replacements],
            "undecided": list(self.undecided),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Plan":
        return cls(data["text"], tuple(Replacement(*r) for r in data["replacements"]), tuple(data["undecided"]))


def plan_for(text: str, groups: Sequence[Group], choices: Mapping[str, Choice]) -> Plan:
    """Return the plan that the choices make of the findings; raise :class:`ChoiceRefused`.

    What nobody decided is taken out if it is an identifier and stays if it is a QUASI suggestion; a doubtful finding
    that nobody decided is reported as well. Where findings overlap, everything that any of them takes out goes.
    """
    unknown = choices.keys() - {group.key for group in groups}
    if unknown:
        key = min(unknown)
        raise ChoiceRefused("This finding is no longer part of the text. Please look at the findings again.", key)
    hidden = hidden_words((g.label, form) for g in groups if action_on(g, choices) == "remove" for form in g.forms)
    parts: list[Replacement] = []
    for group in groups:
        choice = choices.get(group.key)
        if choice is not None:
            check(group, choice, hidden)
        action = action_on(group, choices)
        if action == "keep":
            continue
        becomes = stand_in_of(group, choices)
        if choice is not None and action == "generalise":
            becomes = (choice.wording or "").strip()
        for place in group.places:
            start, end = widen(text, *place)
            parts.append(Replacement(start, end, group.key, group.label, becomes))
    undecided = tuple(g.key for g in groups if g.doubtful and g.key not in choices)
    return Plan(text, tuple(disjoint(text, parts)), undecided)


def stand_in_of(group: Group, choices: Mapping[str, Choice]) -> str:
    """Return the chosen stand-in; a repeat takes that of the person it repeats."""
    for key in (group.key, group.suggestion if group.source == "repeat" else None):
        choice = choices.get(key) if key else None
        if choice is not None and choice.stand_in:
            return choice.stand_in
    return group.stand_in


def action_on(group: Group, choices: Mapping[str, Choice]) -> str:
    """Return what becomes of a group: remove, keep or generalise."""
    choice = choices.get(group.key)
    if choice is not None:
        return choice.action
    return "keep" if group.label == "QUASI" else "remove"


def disjoint(text: str, parts: Sequence[Replacement]) -> list[Replacement]:
    """Return replacements that do not overlap and together cover every letter that any of the parts covers.

    The longer one wins; what a shorter one covers beyond it becomes a replacement of its own. All ends lie between
    words, so a remainder never begins inside one.
    """
    order = sorted(parts, key=lambda p: (p.start - p.end, p.start, p.group_key))
    owner = [-1] * len(text)
    for number, part in enumerate(order):
        for place in range(part.start, part.end):
            if owner[place] < 0:
                owner[place] = number
    out, at = [], 0
    while at < len(text):
        end = at + 1
        while end < len(text) and owner[end] == owner[at]:
            end += 1
        if owner[at] >= 0:
            out += _cut(text, at, end, order[owner[at]])
        at = end
    return out


def _cut(text: str, start: int, end: int, part: Replacement) -> list[Replacement]:
    """Return what is left of a part between ``start`` and ``end``, without the punctuation at a cut end."""
    while start < end and start > part.start and not is_word(text[start]):
        start += 1
    while start < end and end < part.end and not is_word(text[end - 1]):
        end -= 1
    return [Replacement(start, end, part.group_key, part.label, part.becomes)] if start < end else []

"""What replaces a finding: who it is to the client, what kind of thing it is, how long after the first day it was.

It never says a word of what it replaces, nor of anything else that was found. All of it is a suggestion; the author
decides.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import re2

from supervise.deid.engine.findings import Group
from supervise.deid.engine.relations import Told, is_only, told
from supervise.deid.engine.timeline import SHOWN, Origin, Timeline, timeline

_FIXED = {"AGE": "[90+]", "PHONE": "[phone]", "EMAIL": "[e-mail]", "URL": "[link]", "ID": "[number]"}
_KINDS = {
    "[Clinic]": "clinic|clínica|counsel|behavioral|mental health|therapy|psych|wellness|practice|treatment|recovery",
    "[Hospital]": "hospital|medical center|infirmary|hospice",
    "[School]": r"school|elementary|elem\b|middle|high\b|prep|academy|montessori|kindergarten|primary",
    "[University]": r"universit|college|institute of|polytechnic|\bstate\b",
    "[Place of worship]": r"church|temple|mosque|masjid|synagogue|parish|cathedral|ministr|gurdwara|shul|congregation|"
    r"chapel|"
    r"tabernacle|fellowship|our lady|holy|bais|beth\b|assembly|islamic",
    "[Shelter]": "shelter|safe house|transitional",
    "[Agency]": "agency|department|office|services|county|bureau|court|sheriff|police|authority|commission",
}
_ORG_KINDS = tuple((name, re2.compile("(?i)" + pattern)) for name, pattern in _KINDS.items())
_ADDRESS = re2.compile(r"^\d+[\w-]* ")
_ZIP = re2.compile(r"^\d{5}(?:-\d{4})?$")


_STANDING = re2.compile(r"\[[^\[\]\n]{1,60}\]")
NOTHING: Final = "[…]"
"""What stands in where any word would repeat one that was found."""
_TORN: Final = "The client and somebody else are called the same here: one person, or two?"
_SHARED: Final = "Several people here have this name: say who is meant"


@dataclass(frozen=True)
class Before:
    """What was read earlier of the same case: stand-ins by case-folded form, the first day, whose text this is.

    ``own`` is false for a text by somebody else than the case's author: "my client" is another one then.
    """

    stand_ins: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = None
    own: bool = True


def with_stand_ins(text: str, groups: tuple[Group, ...], before: Before | None = None) -> tuple[Group, ...]:
    """Return the groups, in order of appearance, with the stand-in that each gets unless the author chooses one.

    A group that has a stand-in keeps it. QUASI groups lose a suggestion that repeats something that was found.
    """
    return _Making(text, groups, before or Before()).result()


class _Making:
    """The stand-ins of one text, so that no two people or places share one."""

    def __init__(self, text: str, groups: tuple[Group, ...], before: Before) -> None:
        self.groups, self.before = groups, before
        self.called = {n: one for n, group in enumerate(groups) if (one := _called(group, before))}
        self.told = told(text, groups, {n: one[1:-1] for n, one in self.called.items()}, own=before.own)
        self.hidden = {form for group in groups for form in _told_by(group) if len(form) > 1}
        self.by_part: dict[str, list[int]] = {}
        for n in (n for n in self.told if not _is_repeat(groups[n])):
            for part in dict.fromkeys(part for form in _folded(groups[n].forms) for part in (form, *form.split())):
                self.by_part.setdefault(part, []).append(n)
        self.same = {n: same for n in range(len(groups)) if (same := self._same(n)) is not None}
        standing = {group.stand_in for group in groups if group.stand_in}
        written = {m.group() for m in _STANDING.finditer(text)}
        self.dates = _timeline(text, groups, before, standing, written)
        self.used = standing | written | {*before.stand_ins.values()}
        self.counted: dict[str, int] = {}
        self.shared = Counter(
            one.relation
            for n, one in self.told.items()
            if not groups[n].stand_in and n not in self.same and n not in self.called
        )

    def result(self) -> tuple[Group, ...]:
        out = {
            n: self._with(n, group)
            for n, group in enumerate(self.groups)
            if n not in self.same and not _is_repeat(group)
        }
        for n in self.same:
            whole = self.same[n]
            while whole in self.same:
                whole = self.same[whole]
            out[n] = replace(self.groups[n], stand_in=out[whole].stand_in)
        owners = {group.key: group.stand_in for group in out.values()}
        for n, group in enumerate(self.groups):
            if _is_repeat(group):
                out[n] = replace(group, stand_in=owners[group.suggestion or ""])
        return tuple(out[n] for n in range(len(self.groups)))

    def _with(self, n: int, group: Group) -> Group:
        if group.label == "QUASI" and group.suggestion and not self._says_nothing(group.suggestion):
            group = replace(group, suggestion=None)
        if group.stand_in:
            return group
        one = self.told.get(n)
        if one is not None and one.torn and n not in self.called:
            group = replace(group, doubtful=True, why=_TORN)
        elif group.label == "NAME" and one is None and len(self._namesakes(n)) > 1:
            group = replace(group, doubtful=True, why=_SHARED)
        return replace(group, stand_in=self._stand_in(n, group, one))

    def _stand_in(self, n: int, group: Group, one: Told | None) -> str:
        called = self.called.get(n)
        if called and self._says_nothing(called):
            return called
        if one is not None and not one.torn and (found := self._related(one.relation)):
            return found
        if group.label == "NAME":
            return self._numbered("[Person 1]") or self._numbered("[Someone 1]") or NOTHING
        if group.label == "DATE":
            return self._first(self.dates.stand_in(group), "[date]")
        if group.label in ("ORG", "LOCATION"):
            kind = _organisation(group) if group.label == "ORG" else _place(group)
            return self._numbered(kind) or self._numbered("[Place]") or NOTHING
        return self._first(_FIXED.get(group.label, NOTHING))

    def _related(self, relation: str) -> str | None:
        """Return "[Client]", or "[Client's sister 2]" where a text tells of more than one."""
        plain = f"[{relation}]"
        if self.shared[relation] > 1:
            return self._numbered(f"[{relation} 1]")
        if plain in self.used and not is_only(relation):
            return self._numbered(f"[{relation} 2]")
        return self._take(plain)

    def _numbered(self, stand_in: str) -> str | None:
        """Return the stand-in, or the first one with a higher number that nobody has."""
        base, _, last = stand_in[1:-1].rpartition(" ")
        at = int(last) if base and last.isdigit() else 1
        base = base if base and last.isdigit() else stand_in[1:-1]
        at = max(at, self.counted.get(base, 0) + 1)
        for number in range(at, at + len(self.used) + len(self.hidden) + 1):
            shown = stand_in if number == 1 else f"[{base} {number}]"
            if shown not in self.used and (found := self._take(shown)):
                self.counted[base] = number
                return found
        return None

    def _take(self, stand_in: str) -> str | None:
        if not self._says_nothing(stand_in):
            return None
        self.used.add(stand_in)
        return stand_in

    def _first(self, *stand_ins: str) -> str:
        return next((one for one in stand_ins if self._says_nothing(one)), NOTHING)

    def _says_nothing(self, words: str) -> bool:
        """Tell that the words repeat nothing that was found, in any case and with any punctuation between."""
        parts = _plain(words).split()
        ends = range(1, len(parts) + 1)
        return not any(" ".join(parts[first:last]) in self.hidden for last in ends for first in range(last))

    def _same(self, n: int) -> int | None:
        """Return the person of whom this is a part that was grouped apart ("Tavian" beside "Tavian Brandvold")."""
        group, one = self.groups[n], self.told.get(n)
        if group.stand_in or _is_repeat(group) or group.label not in ("NAME", "LOCATION", "ORG"):
            return None
        found = self._namesakes(n)
        if one is not None:  # of two that are told the same, the later or shorter one is the part
            alike = (m for m in found if self.told[m].relation == one.relation)
            return next((m for m in alike if m < n or n not in self._namesakes(m)), None)
        return found[0] if len(found) == 1 else None

    def _namesakes(self, n: int) -> list[int]:
        """Return the people of whose fuller name all that this group says is a part."""
        holders = [self.by_part.get(form, []) for form in _folded(self.groups[n].forms)]
        if not holders:
            return []
        return [m for m in min(holders, key=len) if m != n and all(m in others for others in holders)]


def _timeline(text: str, groups: tuple[Group, ...], before: Before, standing: set[str], written: set[str]) -> Timeline:
    """Return the timeline; nothing is counted from a day that was not shown, nor from a second one."""
    dates = timeline(text, groups, before.origin)
    late = any(group.label == "DATE" and group.stand_in for group in groups)
    unshown = late and (dates.origin is None or dates.origin.shown not in standing)
    second = before.origin is None and not written.isdisjoint(SHOWN)
    return replace(dates, origin=None) if unshown or second else dates


def _is_repeat(group: Group) -> bool:
    return group.source == "repeat" and bool(group.suggestion)


def _called(group: Group, before: Before) -> str | None:
    """Return what the group was called before, if all its forms that are known were called the same."""
    known = {before.stand_ins[low] for form in group.forms if (low := form.casefold()) in before.stand_ins}
    return min(known) if len(known) == 1 and not group.stand_in else None


def _told_by(group: Group) -> Iterable[str]:
    """Yield what tells the thing again: its forms, and every longer part of a name."""
    for form in _folded(group.forms):
        yield form
        if group.label == "NAME":
            yield from (part for part in form.split() if len(part) > 2)


def _folded(forms: Iterable[str]) -> Iterable[str]:
    return (plain for form in forms if (plain := _plain(form)))


def _plain(words: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in words.casefold()).split())


def _organisation(group: Group) -> str:
    for form in group.forms:
        for name, pattern in _ORG_KINDS:
            if pattern.search(form):
                return name
    return "[Organisation]"


def _place(group: Group) -> str:
    form = group.forms[0]
    if _ZIP.match(form):
        return "[ZIP]"
    return "[address]" if _ADDRESS.match(form) else "[Town]"

"""Admission of minutes under all limits at once, and again where a row was added: only what it touches is done anew.

Entries are admitted one after the other, those of the board's `first` groups before the rest, and within a group those
of its `first_degree` before others, in the order in which they happened. A minute that does not fit is charged to the
first rule, in the order of the file, that stops it. When a row is added, it is admitted in its place, and so is every
later entry that shares a bucket with an entry whose minutes changed: what was drawn before an entry is kept beside it,
so nothing else is looked at.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from heapq import heapify, heappop, heappush
from typing import Any

from supervise.hours.rules.board import Board, Rule
from supervise.hours.rules.caps import Cap, Span, Valid, caps
from supervise.hours.rules.entry import Entry

Place = tuple[Any, ...]  # where an entry stands in the order of admission
Charge = tuple[Rule, int, str]  # minutes that a rule takes away, with the sentence


@dataclass(slots=True, eq=False)
class Bucket:
    """Minutes that may be admitted under one rule in one window, with those that draw on it in their order."""

    rule: Rule
    room: int
    text: str
    drawn: int = 0
    members: list["Admitted"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Admitted:
    """One entry: its minutes before and after admission, its buckets and what others had drawn from each before it."""

    place: Place
    entry: Entry
    minutes: int
    buckets: list[Bucket]
    before: list[int] = field(default_factory=list)
    left: int = 0
    charges: list[Charge] = field(default_factory=list)

    def __lt__(self, other: "Admitted") -> bool:
        return self.place < other.place

    def admit(self) -> None:
        """Take what fits; the first bucket in the order of the rules that has too little room is charged."""
        left, charges = self.minutes, []
        for bucket, drawn in zip(self.buckets, self.before, strict=True):
            room = bucket.room - drawn
            if left > room:
                room = max(room, 0)
                if left > room:
                    charges.append((bucket.rule, left - room, bucket.text))
                    left = room
        self.left, self.charges = left, charges


class Admission:
    """The ledger under the limits of a board. `rows` come in the order in which they happened, with valid minutes."""

    def __init__(self, board: Board, rows: Iterable[tuple[Place, Entry, int]], as_of: date) -> None:
        self._rank = {category: n for n, group in reversed(list(enumerate(board.first))) for category in group}
        self._last, self._degree = len(board.first), board.first_degree
        found = list(rows)
        self._caps = caps(board, [(entry, minutes) for _, entry, minutes in found], as_of)
        self._basis: list[dict[Any, Valid]] = [defaultdict(list) for _ in self._caps]
        self._buckets: list[dict[Any, Bucket]] = [{} for _ in self._caps]
        self._by_basis: list[dict[Any, list[tuple[Any, Bucket]]]] = [defaultdict(list) for _ in self._caps]
        self.by_id: dict[str, Admitted] = {}
        for _, entry, minutes in found:
            self._lay(entry, minutes)
        for place, entry, minutes in sorted(found, key=lambda row: self._turn(row[1])):
            self._append(self._made(place, entry, minutes))

    def _turn(self, entry: Entry) -> tuple[int, bool]:
        """Which entries come before others, whenever they happened."""
        return self._rank.get(entry.category, self._last), self._degree not in (None, entry.degree)

    def _lay(self, entry: Entry, minutes: int) -> list[tuple[int, Any]]:
        """Put an entry into the basis of the buckets whose room hangs on it; return these as (cap, key)."""
        laid = [(n, key) for n, cap in enumerate(self._caps) for key in cap.basis(entry)]
        for n, key in laid:
            self._basis[n][key].append((entry, minutes))
        return laid

    def _bucket(self, n: int, cap: Cap[Any], key: Any) -> Bucket:
        bucket = self._buckets[n].get(key)
        if bucket is None:
            basis = cap.basis_of(key)
            bucket = self._buckets[n][key] = Bucket(cap.rule, *cap.room(key, self._basis[n].get(basis, [])))
            self._by_basis[n][basis].append((key, bucket))
        return bucket

    def _made(self, place: Place, entry: Entry, minutes: int) -> Admitted:
        buckets = (
            [self._bucket(n, cap, key) for n, cap in enumerate(self._caps) for key in cap.keys(entry)]
            if minutes
            else []
        )
        one = Admitted((self._turn(entry), place), entry, minutes, buckets)
        self.by_id[entry.id] = one
        return one

    def _append(self, one: Admitted) -> None:
        one.before = [bucket.drawn for bucket in one.buckets]
        one.admit()
        for bucket in one.buckets:
            bucket.drawn += one.left
            bucket.members.append(one)

    def can_add(self, entry: Entry, minutes: int) -> bool:
        """Whether an entry may be added; if not, the ledger is to be judged from the start."""
        return all(cap.stays(entry, minutes) for cap in self._caps if isinstance(cap, Span))

    def add(self, place: Place, entry: Entry, minutes: int) -> list[Admitted]:
        """Add an entry and return every entry, it first, of which something is no longer as it was."""
        touched: set[Admitted] = set()
        for n, key in self._lay(entry, minutes):
            for name, bucket in self._by_basis[n].get(key, ()):
                room, text = self._caps[n].room(name, self._basis[n][key])
                if (room, text) != (bucket.room, bucket.text):
                    touched.update(_touched(bucket, room))
                    bucket.room, bucket.text = room, text
        one = self._made(place, entry, minutes)
        for bucket in one.buckets:
            at = bisect_left(bucket.members, one)
            one.before.append(_drawn_after(bucket.members[at - 1], bucket) if at else 0)
            bucket.members.insert(at, one)
        return [one, *self._again(one, touched)]

    def _again(self, one: Admitted, touched: set[Admitted]) -> list[Admitted]:
        """Admit the new entry and whoever it touches, in order, until nothing changes."""
        waiting = [*touched, one]
        heapify(waiting)
        queued, shift, changed = {one, *touched}, defaultdict[Bucket, int](int), list[Admitted]()
        while waiting:
            now = heappop(waiting)
            for n, bucket in enumerate(now.buckets):
                now.before[n] += shift.get(bucket, 0)
            left, charges = now.left, now.charges
            now.admit()
            if now is not one and (now.left, now.charges) != (left, charges):
                changed.append(now)
            if now.left == left:
                continue
            for bucket in now.buckets:
                bucket.drawn += now.left - left
                shift[bucket] += now.left - left
                for later in bucket.members[bisect_left(bucket.members, now) + 1 :]:
                    if later not in queued:
                        queued.add(later)
                        heappush(waiting, later)
        return changed


def _drawn_after(last: Admitted, bucket: Bucket) -> int:
    return last.before[last.buckets.index(bucket)] + last.left


def _touched(bucket: Bucket, room: int) -> Iterable[Admitted]:
    """Whom a new room of a bucket can touch: those it was charged to, and all where there is less room than before."""
    if room < bucket.room:
        return bucket.members
    return [one for one in bucket.members if one.charges and any(rule is bucket.rule for rule, _, _ in one.charges)]

"""What a report holds, as plain data. Minutes are integers; a report that contradicts itself cannot be made."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Degree = Literal["pre", "post"]
Paper = Literal["us-letter", "a4"]
Answer = Literal["counts", "partly", "refused", "board_decides"]

# Only what a pen can do: commands, numbers, separators. Nothing in it can open a tag, a reference or a style.
_STROKES = re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9eE+\-., \n]*")
MOST_STROKES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The licensee or the supervisor as the board knows them. ``licence`` is the kind of licence or registration."""

    name: str
    licence: str
    licence_number: str
    jurisdiction: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where the experience was gained. ``pay`` is how the licensee was paid, in words, where the board asks."""

    name: str
    address: str = ""
    pay: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A category of minutes. With ``within`` its minutes are already part of that category and never added again."""

    id: str
    title: str
    within: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketRow:
    """Counted minutes of one week. ``fingerprint`` is the SHA-256 (hex) of the rows that the supervisor signed."""

    week_of: date
    minutes: Mapping[str, int]
    supervision: Mapping[str, int]
    attested_by: str
    attested_on: date
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A signature under a statement: drawn, or a typed name. ``fingerprint`` names the rows that it covers.

    ``strokes`` is SVG path data in a box of ``width`` by ``height``; empty where ``typed`` is what was typed instead.
    """

    name: str
    statement: str
    signed_at: datetime
    fingerprint: str
    strokes: str = ""
    width: int = 0
    height: int = 0
    typed: str = ""

    def __post_init__(self) -> None:
        _zoned(self.signed_at)
        if self.typed and not self.strokes:
            return
        if len(self.strokes) > MOST_STROKES or not _STROKES.fullmatch(self.strokes):
            raise ValueError("a signature must be SVG path data and nothing else")
        if not (self.strokes.strip() and 0 < self.width <= 10_000 and 0 < self.height <= 10_000):
            raise ValueError("a signature needs strokes and a box of 1 to 10000 each way")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What a board asks for: one supervisor, one setting, before or after the degree, counted hours only.

    ``organisation`` issues and seals it, ``number`` names it, ``code`` is the public code for checking it at the
    address ``check_at``. ``signatures`` are those under which the rows stand; ``ink`` says where a board asks for a
    signature in ink: the paper then carries an empty line for it, as it does without any signature.
    """

    organisation: str
    board_title: str
    credential: str
    jurisdiction: str
    licensee: Party
    supervisor: Party
    setting: Setting
    degree: Degree
    period_from: date
    period_to: date
    categories: tuple[Column, ...]
    supervision_kinds: tuple[Column, ...]
    rows: tuple[PacketRow, ...]
    signatures: tuple[Attestation, ...]
    number: str
    code: str
    made_at: datetime
    check_at: str = ""
    ink: str = ""

    def __post_init__(self) -> None:
        _zoned(self.made_at)
        if self.period_to < self.period_from:
            raise ValueError("the period ends before it begins")
        _check_columns(self.categories)
        _check_columns(self.supervision_kinds)
        weeks = [row.week_of for row in self.rows]
        if weeks != sorted(weeks):
            raise ValueError("the weeks of a packet must be in order")
        for row in self.rows:
            if not self.period_from.toordinal() - 6 <= row.week_of.toordinal() <= self.period_to.toordinal():
                raise ValueError(f"the week of {row.week_of} lies outside the period of the packet")
            _check_minutes(row.minutes, self.categories, row.week_of)
            _check_minutes(row.supervision, self.supervision_kinds, row.week_of)

    @property
    def totals(self) -> dict[str, int]:
        """Minutes of each category over all rows; computed, so that they cannot disagree with the rows."""
        return _totals((row.minutes for row in self.rows), self.categories)

    @property
    def supervision_totals(self) -> dict[str, int]:
        """Minutes of each kind of supervision over all rows."""
        return _totals((row.supervision for row in self.rows), self.supervision_kinds)


def whole(minutes: Mapping[str, int], columns: tuple[Column, ...]) -> int:
    """The sum of the columns that are not within another one."""
    return sum(minutes.get(column.id, 0) for column in columns if column.within is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement of the board and where the licensee stands.

    ``unit`` is minutes, weeks or months; ``kind`` tells what ``needed`` is: a minimum, a maximum, or nothing (tally).
    ``verified`` is True only where the rule's own text was read; ``note`` tells what is not known.
    """

    id: str
    title: str
    unit: str
    recorded: int
    valid: int
    needed: int
    verified: bool
    citation: str
    kind: Literal["minimum", "maximum", "tally"] = "minimum"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why ``minutes`` of an entry do not count. ``board_decides``: they wait for the board and are not refused."""

    rule: str
    minutes: int
    text: str
    citation: str
    verified: bool
    board_decides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookEntry:
    """One row of the ledger; ``category`` and ``setting`` in words. Each uncounted minute is in exactly one reason."""

    entry_id: str
    day: date
    category: str
    setting: str
    recorded: int
    counted: int
    answer: Answer
    reasons: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if self.counted < 0 or any(reason.minutes < 1 for reason in self.reasons):
            raise ValueError(f"entry {self.entry_id}: minutes cannot be negative")
        if self.recorded != self.counted + sum(reason.minutes for reason in self.reasons):
            raise ValueError(
                f"entry {self.entry_id}: counted minutes and those with a reason must make up the recorded"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """The licensee's own account: recorded and valid apart, each uncounted minute with its rule. Never for a board.

    ``rules_checked_on`` is the day on which the board's rules were last compared with their source.
    """

    board_title: str
    credential: str
    jurisdiction: str
    licensee: Party
    period_from: date
    period_to: date
    requirements: tuple[Requirement, ...]
    entries: tuple[WorkbookEntry, ...]
    rules_checked_on: date | None
    number: str
    made_at: datetime

    def __post_init__(self) -> None:
        _zoned(self.made_at)
        if self.period_to < self.period_from:
            raise ValueError("the period ends before it begins")

    @property
    def recorded(self) -> int:
        """Minutes of all entries."""
        return sum(entry.recorded for entry in self.entries)

    @property
    def counted(self) -> int:
        """Minutes of all entries that count."""
        return sum(entry.counted for entry in self.entries)


def _zoned(moment: datetime) -> None:
    if moment.utcoffset() is None:
        raise ValueError("a moment on a report needs a time zone")


def _check_columns(columns: tuple[Column, ...]) -> None:
    ids = [column.id for column in columns]
    if not ids or len(set(ids)) != len(ids):
        raise ValueError("a packet needs columns, each with its own id")
    tops = {column.id for column in columns if column.within is None}
    if any(column.within not in tops for column in columns if column.within is not None):
        raise ValueError("a column can only be within a column that stands by itself")


def _check_minutes(minutes: Mapping[str, int], columns: tuple[Column, ...], week: date) -> None:
    if unknown := set(minutes) - {column.id for column in columns}:
        raise ValueError(f"the week of {week} has minutes without a column: {', '.join(sorted(unknown))}")
    if any(value < 0 for value in minutes.values()):
        raise ValueError(f"the week of {week} has negative minutes")
    for column in columns:
        parts = sum(minutes.get(part.id, 0) for part in columns if part.within == column.id)
        if parts > minutes.get(column.id, 0):
            raise ValueError(f"the week of {week} has more minutes within {column.title!r} than in it")


def _totals(rows: Iterable[Mapping[str, int]], columns: tuple[Column, ...]) -> dict[str, int]:
    rows = list(rows)
    return {column.id: sum(row.get(column.id, 0) for row in rows) for column in columns}

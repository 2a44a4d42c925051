"""A log of hours as CSV: one row a piece of work, every mistake named by line and column."""

import csv
import re
from collections.abc import Iterable
from datetime import date, time

from supervise.hours.rules.entry import CATEGORIES, DEGREES, MINUTES_A_DAY, MODES, PAYS, Entry

COLUMNS = (
    "date",
    "start",
    "minutes",
    "category",
    "setting",
    "supervisor",
    "mode",
    "attendees",
    "degree",
    "pay",
    "note",
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_START = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_WHOLE = re.compile(r"\d{1,6}")


class LogError(ValueError):
    """A log cannot be read. The message names line and column; lines are counted from 1, the header's."""


class _Row:
    """One line of the log. Each reader takes a column and refuses what cannot stand in it."""

    def __init__(self, line: int, cells: dict[str, str]) -> None:
        self._line, self._cells = line, cells

    def fail(self, column: str, problem: str) -> LogError:
        return LogError(f"line {self._line}, column {column}: {problem}")

    def text(self, column: str) -> str:
        return self._cells[column].strip()

    def choice(self, column: str, among: tuple[str, ...]) -> str:
        value = self.text(column)
        if value not in among:
            raise self.fail(column, f"must be one of {', '.join(among)}; is {value!r}")
        return value

    def whole(self, column: str, least: int, most: int) -> int:
        value = self.text(column)
        if not _WHOLE.fullmatch(value) or not least <= int(value) <= most:
            raise self.fail(column, f"must be a whole number from {least} to {most}; is {value!r}")
        return int(value)

    def day(self) -> date:
        value = self.text("date")
        try:
            if not _DAY.fullmatch(value):
                raise ValueError(value)
            return date.fromisoformat(value)
        except ValueError:
            raise self.fail("date", f"must be a day as YYYY-MM-DD; is {value!r}") from None

    def start(self) -> time | None:
        value = self.text("start")
        if value and not _START.fullmatch(value):
            raise self.fail("start", f"must be HH:MM, from 00:00 to 23:59, or empty; is {value!r}")
        return time.fromisoformat(value) if value else None

    def entry(self) -> Entry:
        category = self.choice("category", CATEGORIES)
        meeting = category == "supervision"
        if not self.text("setting"):
            raise self.fail("setting", "must not be empty")
        return Entry(
            id=f"{self._line:09}",
            day=self.day(),
            start=self.start(),
            minutes=self.whole("minutes", 1, MINUTES_A_DAY),
            category=category,
            setting=self.text("setting"),
            supervisor=self.text("supervisor"),
            mode=self.choice("mode", MODES) if meeting or self.text("mode") else "in_person",
            attendees=self.whole("attendees", 1, 999) if meeting and self.text("attendees") else None,
            degree=self.choice("degree", DEGREES),
            pay=self.choice("pay", PAYS),
        )


def line_of(entry_id: str) -> int:
    """The line that an entry of `read_log` stands on; the header is line 1."""
    return int(entry_id)


def read_log(lines: Iterable[str]) -> list[Entry]:
    """Entries of a CSV log with the `COLUMNS`, in any order, in the order of its lines.

    Empty lines are passed over. `mode` may be empty but for supervision; `attendees` is read for supervision alone.
    Raises LogError naming line and column.
    """
    rows = csv.reader(lines, strict=True)
    found: list[Entry] = []
    header: list[str] | None = None
    before = 0
    try:
        for cells in rows:
            line, before = before + 1, rows.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(line, cells)
                continue
            if len(cells) > len(header):
                raise LogError(f"line {line}, column {len(header) + 1}: the header has {len(header)} columns")
            if len(cells) < len(header):
                raise LogError(f"line {line}, column {header[len(cells)]}: is missing")
            found.append(_Row(line, dict(zip(header, cells, strict=True))).entry())
    except csv.Error as error:
        raise LogError(f"line {rows.line_num}: not CSV: {error}") from None
    if header is None:
        raise LogError(f"line 1, column date: the log has no header; its columns are {','.join(COLUMNS)}")
    return found


def _header(line: int, cells: list[str]) -> list[str]:
    header = [cell.strip().removeprefix("\ufeff") for cell in cells]
    for name in header:
        if name not in COLUMNS:
            raise LogError(f"line {line}, column {name or '(empty)'}: is not one of {','.join(COLUMNS)}")
        if header.count(name) > 1:
            raise LogError(f"line {line}, column {name}: stands twice in the header")
    for name in COLUMNS:
        if name not in header:
            raise LogError(f"line {line}, column {name}: is missing from the header")
    return header

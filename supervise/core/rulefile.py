"""Strict reading of the dated TOML files under `config/`: every mistake names file, line, place and key."""

import re
import tomllib
from collections.abc import Collection
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

_HEADER = re.compile(r"\[{1,2}\s*([\w.-]+)\s*\]{1,2}")
_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


class RuleFileError(ValueError):
    """A rule file is not as it should be. The message names file, line, place and key."""


class _Lines:
    """The lines of a file from which a table was read: `first` is where the table begins, counted from 0."""

    def __init__(self, text: list[str], first: int = 0) -> None:
        self._text, self._first = text, first

    def number(self, key: str) -> int:
        """The line of `key`, or the table's first where the key does not stand in it; counted from 1."""
        for n, line in enumerate(self._text[self._first :], self._first):
            if n > self._first and _HEADER.match(line):
                break
            if re.match(rf"\s*{re.escape(key)}\s*=", line):
                return n + 1
        return self._first + 1

    def inside(self, name: str, nth: int = 1) -> "_Lines":
        """The nth table of this name after this one's beginning; the line itself for a table written in one line."""
        seen = 0
        for n, line in enumerate(self._text[self._first :], self._first):
            header = _HEADER.match(line)
            seen += header is not None and header[1].rpartition(".")[2] == name
            if seen == nth:
                return _Lines(self._text, n)
        return _Lines(self._text, self.number(name) - 1)


class Table:
    """One TOML table. Each reader takes its key; `done()` refuses what nobody took, so a misspelt key cannot pass."""

    def __init__(self, data: dict[str, Any], file: str, lines: _Lines, place: str = "") -> None:
        self._file, self._lines, self._place = file, lines, place
        self._left = dict(data)

    def fail(self, key: str, problem: str) -> RuleFileError:
        """The error to raise for `key` of this table."""
        return RuleFileError(f"{self._file}, line {self._lines.number(key)}: {self._place}{key}: {problem}")

    def has(self, key: str) -> bool:
        """Whether `key` is present and not yet taken."""
        return key in self._left

    def _take(self, key: str, kind: type | tuple[type, ...], name: str) -> Any:
        if key not in self._left:
            raise self.fail(key, "is missing")
        value = self._left.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fail(key, f"must be {name}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A string that is not blank; a missing one is `default`, or an error where there is none."""
        if default is not None and key not in self._left:
            return default
        value: str = self._take(key, str, "text")
        if not value.strip():
            raise self.fail(key, "must not be blank")
        return value

    def identifier(self, key: str) -> str:
        """Small letters, figures, hyphen or underscore."""
        value = self.text(key)
        if not _ID.fullmatch(value):
            raise self.fail(key, "must be small letters and figures joined by hyphens")
        return value

    def choice(self, key: str, among: Collection[str], default: str | None = None) -> str:
        """One of `among`."""
        value = self.text(key, default)
        if value not in among:
            raise self.fail(key, f"must be one of {', '.join(sorted(among))}; is {value!r}")
        return value

    def truth(self, key: str) -> bool:
        """`true` or `false`."""
        value: bool = self._take(key, bool, "true or false")
        return value

    def whole(self, key: str, *, least: int = 0, default: int | None = None) -> int:
        """A whole number, at least `least`."""
        if default is not None and key not in self._left:
            return default
        value: int = self._take(key, int, "a whole number")
        if value < least:
            raise self.fail(key, f"must be {least} or more")
        return value

    def halves(self, key: str) -> Fraction:
        """A number above 0, whole or with a half: 2, 1.5."""
        value: float = self._take(key, (int, float), "a number")
        if value <= 0 or value * 2 != int(value * 2):
            raise self.fail(key, "must be above 0, whole or with a half")
        return Fraction(int(value * 2), 2)

    def day(self, key: str) -> date:
        """A date without a time."""
        value: date = self._take(key, date, "a date")
        if isinstance(value, datetime):
            raise self.fail(key, "must be a date without a time")
        return value

    def day_or_none(self, key: str) -> date | None:
        """A date without a time, or None where the key is absent."""
        return self.day(key) if self.has(key) else None

    def texts(self, key: str, among: Collection[str] | None = None, *, empty: bool = False) -> tuple[str, ...]:
        """A list of different strings, each one of `among` where that is given."""
        values: list[Any] = self._take(key, list, "a list of texts")
        if not values and not empty:
            raise self.fail(key, "must not be empty")
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise self.fail(key, "must be a list of texts")
            if among is not None and value not in among:
                raise self.fail(key, f"{value!r} is not one of {', '.join(sorted(among))}")
        if len(set(values)) != len(values):
            raise self.fail(key, "names something twice")
        return tuple(values)

    def table(self, key: str) -> "Table":
        """A table inside this one."""
        data: dict[str, Any] = self._take(key, dict, "a table")
        return Table(data, self._file, self._lines.inside(key), f"{self._place}{key}: ")

    def tables(self, key: str, *, empty: bool = False) -> list["Table"]:
        """A list of tables, each placed by its number and, where it has one, its id."""
        rows: list[Any] = self._take(key, list, "a list of tables")
        if not (rows or empty) or not all(isinstance(row, dict) for row in rows):
            raise self.fail(key, "must be a list of tables")
        return [
            Table(row, self._file, self._lines.inside(key, n), f"{self._place}{key} {n} ({row.get('id', '?')}): ")
            for n, row in enumerate(rows, 1)
        ]

    def keys(self) -> tuple[str, ...]:
        """The keys not yet taken."""
        return tuple(self._left)

    def done(self) -> None:
        """Refuse what is left."""
        for key in self._left:
            raise self.fail(key, "is not a key of this table")


def read(path: Path) -> Table:
    """The whole file as one strict table; RuleFileError where it is missing or not TOML."""
    file = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
        return Table(tomllib.loads(text), file, _Lines(text.split("\n")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleFileError(f"{file}: cannot be read: {error}") from error


def read_folder(folder: Path) -> list[tuple[Path, Table]]:
    """Every `.toml` file of a folder in the order of names; an empty or missing folder is an error."""
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise RuleFileError(f"{folder.name}: holds no .toml file")
    return [(path, read(path)) for path in paths]


def read_rows(path: Path) -> tuple[Table, list[tuple[int, Table | RuleFileError]]]:
    """A file that is a head and then `[[row]]` tables, each read alone: a broken row is an error beside whole ones.

    Returns the head, and by line either the row or what is wrong with it. Raises RuleFileError for a file that cannot
    be read or whose head is no TOML.
    """
    file = f"{path.parent.name}/{path.name}"
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleFileError(f"{file}: cannot be read: {error}") from error
    starts = [n for n, line in enumerate(lines) if line.strip() == "[[row]]"]
    ends = [*starts, len(lines)]
    head = _part(file, lines, 0, ends[0])
    if isinstance(head, RuleFileError):
        raise head
    return head, [(n + 1, _part(file, lines, n, end)) for n, end in zip(starts, ends[1:], strict=True)]


def _part(file: str, lines: list[str], first: int, end: int) -> Table | RuleFileError:
    begins = first + (lines[first].strip() == "[[row]]")
    try:
        return Table(tomllib.loads("\n".join(lines[begins:end])), file, _Lines(lines, first))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = begins + int(at[1]) if at else end
        return RuleFileError(f"{file}, line {line}: is not TOML: {str(error).partition(' (at ')[0]}")

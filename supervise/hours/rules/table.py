"""A file of hours as rows of text: CSV with any usual separator, or the first sheet of an XLSX workbook.

Days and times of a workbook become `2026-03-31` and `14:30`, as their cells show them; nothing else is interpreted.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

MOST_ROWS, MOST_COLUMNS = 5_000, 40
MOST_UNPACKED = 20_000_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DAY_FORMATS, _CLOCK_FORMATS = {*range(14, 18), 22}, {*range(18, 22), *range(45, 48)}


class TableError(ValueError):
    """A file cannot be read as a table. The message says why."""


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows of text, every row as long as the heads. `lines`: where each row stands in the file."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]


def read_table(data: bytes) -> Table:
    """Read a CSV file or an XLSX workbook. The first row that is not empty holds the heads.

    Raises TableError for anything else, and for more than 5,000 rows or 40 columns.
    """
    rows = _workbook(data) if data.startswith(b"PK") else _csv(data)
    found: list[tuple[int, tuple[str, ...]]] = []
    for line, cells in rows:
        if any(cells):
            found.append((line, tuple(cells)))
        if len(found) > MOST_ROWS + 1:
            raise TableError(f"The file has more than {MOST_ROWS:,} rows. Import it in parts, a year at a time.")
    if len(found) < 2:
        raise TableError("The file holds no rows: the first row names the columns, the others hold the hours.")
    width = max(len(cells) for _, cells in found)
    if width > MOST_COLUMNS:
        raise TableError(f"The file has {width} columns; at most {MOST_COLUMNS} are read.")
    full = [cells + ("",) * (width - len(cells)) for _, cells in found]
    return Table(full[0], tuple(full[1:]), tuple(line for line, _ in found[1:]))


def as_csv(table: Table) -> str:
    """Return the table as CSV, with empty lines where it had them, so that lines keep their numbers."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    at = 1
    writer.writerow(table.heads)
    for line, row in zip(table.lines, table.rows, strict=True):
        text.write("\n" * max(0, line - at - 1))
        writer.writerow(row)
        at = line
    return text.getvalue()


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    for encoding in ("utf-8-sig", "utf-16") if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise TableError("The file is neither text nor an XLSX workbook. Save it as CSV or XLSX.")
    if "\x00" in text:
        raise TableError("The file is neither text nor an XLSX workbook. Save it as CSV or XLSX.")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for line, cells in enumerate(rows, start=1):
            yield line, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise TableError(f"Line {rows.line_num} is not CSV: {error}.") from None


def _workbook(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            sheets = [name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]
            if not sheets:
                raise TableError("The file is not an XLSX workbook. Save it as CSV or XLSX.")
            sheet = min(sheets, key=lambda name: int(re.sub(r"\D", "", name)))
            yield from _Sheet(book).rows(sheet)
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, NotImplementedError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError("The workbook is damaged or protected. Save it again as XLSX or CSV.") from None


class _Sheet:
    def __init__(self, book: zipfile.ZipFile) -> None:
        self._book, self._room = book, MOST_UNPACKED
        self._words = [_text(one) for one in self._part("xl/sharedStrings.xml").iter(f"{_MAIN}si")]
        styles = self._part("xl/styles.xml")
        codes = {int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in styles.iter(f"{_MAIN}numFmt")}
        formats = styles.find(f"{_MAIN}cellXfs")
        self._kinds = [_kind(int(one.get("numFmtId", "0")), codes) for one in (formats if formats is not None else [])]
        properties = self._part("xl/workbook.xml").find(f"{_MAIN}workbookPr")
        since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._epoch = date(1904, 1, 1) if since_1904 else date(1899, 12, 30)

    def _part(self, name: str) -> ElementTree.Element:
        """One part of the workbook; an empty element where it has none. No document type, so no entities."""
        if name not in self._book.namelist():
            return ElementTree.Element("none")
        self._room -= self._book.getinfo(name).file_size
        if self._room < 0:
            raise TableError("The workbook is too large. Import it in parts.")
        with self._book.open(name) as packed:
            data = packed.read(MOST_UNPACKED + 1)
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data or len(data) > MOST_UNPACKED:
            raise TableError("The workbook holds what no spreadsheet writes; it is not read.")
        return ElementTree.fromstring(data)  # noqa: S314 - no document type comes this far

    def rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        for at, row in enumerate(self._part(name).iter(f"{_MAIN}row"), start=1):
            cells: list[str] = []
            for cell in row.iter(f"{_MAIN}c"):
                column = _column(cell.get("r", ""), len(cells))
                if column >= MOST_COLUMNS:
                    continue
                cells += [""] * (column + 1 - len(cells))
                cells[column] = self._cell(cell).strip()
            yield int(row.get("r", at)), cells

    def _cell(self, cell: ElementTree.Element) -> str:
        kind, value = cell.get("t", "n"), cell.findtext(f"{_MAIN}v", "")
        if kind == "inlineStr":
            return _text(cell)
        if kind == "s":
            return self._words[int(value)]
        if kind != "n" or not value:
            return value
        style = int(cell.get("s", "0"))
        return self._number(value, self._kinds[style] if style < len(self._kinds) else "")

    def _number(self, value: str, kind: str) -> str:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value
        if kind == "day" and 0 < number < 200_000:
            return (self._epoch + timedelta(days=int(number))).isoformat()
        if kind == "clock":
            minutes = int((number * 1440).to_integral_value())
            return f"{minutes // 60:02}:{minutes % 60:02}"
        return f"{number.normalize():f}" if number == number.quantize(Decimal("0.0001")) else f"{number:.4f}"


def _kind(number: int, codes: dict[int, str]) -> str:
    if number in _DAY_FORMATS:
        return "day"
    if number in _CLOCK_FORMATS:
        return "clock"
    code = re.sub(r'"[^"]*"|\\.|\[[$][^\]]*\]', "", codes.get(number, "")).lower()
    return "day" if re.search(r"[yd]", code) else "clock" if "h" in code else ""


def _text(element: ElementTree.Element) -> str:
    return "".join(one.text or "" for one in element.iter(f"{_MAIN}t"))


def _column(reference: str, following: int) -> int:
    letters = re.match(r"[A-Z]{1,3}", reference)
    if letters is None:
        return following
    at = 0
    for letter in letters[0]:
        at = at * 26 + ord(letter) - 64
    return at - 1

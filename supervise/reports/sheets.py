"""Reports as CSV: UTF-8 with a byte order mark, every cell quoted, no cell that a spreadsheet would run as a formula.

Each row is complete in itself and minutes are plain numbers; sums are left to the spreadsheet: none is added twice.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from supervise.hours.rules import EntryResult
from supervise.reports.rules import Packet, Party, Workbook, WorkbookEntry

# OWASP ASVS 5.0 1.2.10, the full-width forms that some spreadsheets read as their ASCII twins, and any of them
# behind spaces or characters that nobody sees.
_FORMULA = re.compile(r"[\s\x00-\x1f\u00ad\u200b-\u200f\u2060\ufeff]*[\t\r\n=+\-@＝＋－＠]")


def packet_csv(packet: Packet) -> bytes:
    """Return the weeks of a packet, a row each, minutes by category and by kind of supervision."""
    titles = {each.id: each.title for each in packet.categories}
    heads = [
        *("Packet", "Board", "Credential", "Licensee", "Licence", "Supervisor", "Supervisor's licence"),
        *("Supervisor's contact", "Setting", "Degree", "Week of"),
        *(
            f"{each.title} (minutes{f', within {titles[each.within]}' if each.within else ''})"
            for each in packet.categories
        ),
        *(f"Supervision, {each.title.lower()} (minutes)" for each in packet.supervision_kinds),
        *("Attested by", "Attested on", "Signed rows (SHA-256)"),
    ]
    same = [
        *(packet.number, packet.board_title, packet.credential, packet.licensee.name, _licence(packet.licensee)),
        *(packet.supervisor.name, _licence(packet.supervisor), packet.supervisor.contact, packet.setting.name),
        "before" if packet.degree == "pre" else "after",
    ]
    return _sheet(
        heads,
        (
            [
                *same,
                row.week_of.isoformat(),
                *(row.minutes.get(each.id, 0) for each in packet.categories),
                *(row.supervision.get(each.id, 0) for each in packet.supervision_kinds),
                *(row.attested_by, row.attested_on.isoformat(), row.fingerprint),
            ]
            for row in packet.rows
        ),
    )


def workbook_csv(workbook: Workbook) -> bytes:
    """Return the entries of a workbook: a row for the part that counts and one for each reason why some does not."""
    heads = [
        *("Entry", "Day", "What", "Setting", "Recorded (minutes)", "Counted (minutes)", "Answer"),
        *("Why", "Rule", "Citation", "Verified"),
    ]
    return _sheet(heads, (row for entry in workbook.entries for row in _parts(entry)))


def requirements_csv(workbook: Workbook) -> bytes:
    """Return where the hours stand: a row for each requirement, amounts as plain numbers in the unit beside them."""
    heads = [
        *("Requirement", "Title", "Asked as", "Unit", "Recorded", "Valid", "Asked", "Missing"),
        *("Citation", "Verified", "Note"),
    ]
    return _sheet(
        heads,
        (
            [
                *(each.id, each.title, each.kind, each.unit, each.recorded, each.valid),
                "" if each.kind == "tally" else each.needed,
                max(each.needed - each.valid, 0) if each.kind == "minimum" else "",
                *(each.citation, "yes" if each.verified else "no", each.note),
            ]
            for each in workbook.requirements
        ),
    )


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One row of the ledger under one board."""

    board: str
    day: date
    category: str
    setting: str
    answer: EntryResult


def boards_csv(lines: Iterable[BoardLine]) -> bytes:
    """Return rows under several boards: as in the workbook a line for what counts and one for each reason against."""
    heads = [
        *("Board", "Entry", "Day", "What", "Setting", "Recorded (minutes)", "Counted (minutes)", "Answer"),
        *("Why", "Rule", "Citation", "Verified"),
    ]
    return _sheet(heads, (row for line in lines for row in _under(line)))


def _under(line: BoardLine) -> Iterator[list[str | int]]:
    answer = line.answer
    same = [line.board, answer.entry_id, line.day.isoformat(), line.category, line.setting]
    if answer.counted or not answer.reasons:
        yield [*same, answer.counted, answer.counted, "counts", "", "", "", ""]
    for reason in answer.reasons:
        said = "the board decides" if reason.board_decides else "does not count"
        verified = "yes" if reason.verified else "no"
        yield [*same, reason.minutes, 0, said, reason.text, reason.rule, reason.citation, verified]


def _parts(entry: WorkbookEntry) -> Iterator[list[str | int]]:
    same = [entry.entry_id, entry.day.isoformat(), entry.category, entry.setting]
    if entry.counted or not entry.reasons:
        yield [*same, entry.counted, entry.counted, "counts", "", "", "", ""]
    for reason in entry.reasons:
        answer = "the board decides" if reason.board_decides else "does not count"
        verified = "yes" if reason.verified else "no"
        yield [*same, reason.minutes, 0, answer, reason.text, reason.rule, reason.citation, verified]


def _licence(party: Party) -> str:
    return " ".join(part for part in (party.jurisdiction, party.licence, party.licence_number) if part)


def _sheet(heads: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (heads, *rows):
        writer.writerow([harmless(str(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig", errors="replace")


def harmless(words: str) -> str:
    """Write a cell so that a spreadsheet shows it and never runs it: a leading apostrophe makes it text."""
    return f"'{words}" if _FORMULA.match(words) else words

"""Reports on paper: Typst templates of our own, fonts of our own, data as JSON and never as markup.

The output is PDF/A-2a and PDF/UA-1 (tagged, titled, every font inside) and the same byte for byte for the same report.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from supervise.core.errors import Invalid
from supervise.reports.rules import (
    Attestation,
    Column,
    Packet,
    PacketRow,
    Paper,
    Party,
    Reason,
    Requirement,
    Workbook,
    WorkbookEntry,
    whole,
)

_HERE = Path(__file__).resolve().parent
_TEMPLATES = _HERE / "typst"
_STANDARDS: Any = ["a-2a", "ua-1"]
_DEGREES = {"pre": "Before the degree was awarded", "post": "After the degree was awarded"}
ANSWERS = {
    "counts": "counts",
    "partly": "counts in part",
    "refused": "does not count",
    "board_decides": "the board decides",
}
_ASKED = {"minimum": "{}", "maximum": "at most {}", "tally": ""}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed')
# Overrides of direction that a person may type: they could show a name or a figure back to front.
_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), 0x2066, 0x2067, 0x2068, 0x2069])


class Unprintable(Invalid):
    """A text holds a character that no bundled font can print; the message names it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} cannot be printed: no font of the reports has it. Write the name or word without it.")


def packet_pdf(packet: Packet, *, paper: Paper = "us-letter", seal_fingerprint: str | None = None) -> bytes:
    """Return the board's packet, not yet sealed. ``seal_fingerprint`` (SHA-256, hex) is printed on every page.

    Raises Unprintable where a name holds a character that no bundled font has.
    """
    return _set("packet.typ", _packet_data(packet, seal_fingerprint), paper, packet.made_at)


def workbook_pdf(workbook: Workbook, *, paper: Paper = "us-letter") -> bytes:
    """Return the licensee's workbook. Raises Unprintable as ``packet_pdf`` does."""
    return _set("workbook.typ", _workbook_data(workbook), paper, workbook.made_at)


def clock(minutes: int) -> str:
    """Write minutes as h:mm: 90 is 1:30, 180000 is 3,000:00."""
    hours, rest = divmod(minutes, 60)
    return f"{hours:,}:{rest:02d}"


def grouped(fingerprint: str) -> str:
    """Write a fingerprint in groups of four, as a person reads it aloud."""
    plain = fingerprint.replace(":", "").replace(" ", "").upper()
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_HERE / "fonts")])


def _set(template: str, data: Mapping[str, Any], paper: Paper, made_at: datetime) -> bytes:
    """Compile with the template folder as the root: nothing outside it can be read, and no package is fetched."""
    content = _printable({**data, "paper": paper})
    compiler = typst.Compiler(
        input=str(_TEMPLATES / template),
        root=str(_TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
        package_path=str(_TEMPLATES),
        package_cache_path=str(_TEMPLATES),
    )
    try:
        pdf = compiler.compile(
            format="pdf", pdf_standards=_STANDARDS, timestamp=made_at.astimezone(UTC).replace(microsecond=0)
        )
    except typst.TypstError as error:
        if missing := _MISSING.search(error.message):
            raise Unprintable(f"“{missing[1]}”") from error
        raise
    if not isinstance(pdf, bytes):
        raise TypeError("a report is one file")
    return pdf


def _printable(value: Any) -> Any:
    """Compose every string of ``value`` and take control characters out of it."""
    if isinstance(value, Mapping):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return _plain(value) if isinstance(value, str) else value


def _plain(words: str) -> str:
    words = unicodedata.normalize("NFC", words.translate(_OVERRIDES))
    kinds = {char: unicodedata.category(char) for char in words}
    for char, kind in kinds.items():
        if kind in ("Cs", "Co", "Cn"):
            raise Unprintable(f"The character U+{ord(char):04X}")
    return "".join(" " if kinds[char] in ("Cc", "Zl", "Zp") else char for char in words)


def _line(*parts: str) -> list[str]:
    """What is there; the template sets the dots between, each part keeping its own direction."""
    return [part for part in parts if part]


def _day(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def _moment(moment: datetime) -> str:
    return f"{_day(moment.date())}, {moment:%H:%M} {moment.tzname() or ''}".rstrip()


def _party(party: Party) -> dict[str, Any]:
    licence = " ".join(part for part in (party.jurisdiction, party.licence, party.licence_number) if part)
    return {"name": party.name, "line": _line(party.name, licence), "contact": party.contact}


def _packet_data(packet: Packet, seal_fingerprint: str | None) -> dict[str, Any]:
    supervisor = _party(packet.supervisor)
    return {
        "title": "Verification of supervised experience",
        "author": packet.organisation,
        "description": f"Packet {packet.number} for {packet.board_title}",
        "board": packet.board_title,
        "credential": _line(packet.credential, packet.jurisdiction),
        "licensee": _party(packet.licensee),
        "supervisor": supervisor,
        "supervisor_line": _line(*supervisor["line"], packet.supervisor.contact),
        "setting": packet.setting.name,
        "setting_line": _line(packet.setting.name, _DEGREES[packet.degree].lower()),
        "address": packet.setting.address,
        "pay": packet.setting.pay,
        "degree": _DEGREES[packet.degree],
        "period": _period(packet.period_from, packet.period_to),
        "number": packet.number,
        "code": packet.code,
        "made": _moment(packet.made_at),
        "check": _how_to_check(packet, seal_fingerprint),
        "seal": _seal(seal_fingerprint),
        "experience": _summary("Experience", packet.totals, packet.categories),
        "supervision": _summary("Supervision", packet.supervision_totals, packet.supervision_kinds),
        "signatures": [_signature(each) for each in packet.signatures],
        "ink": packet.ink,
        **_ledger(packet),
    }


def _period(first: date, last: date) -> str:
    return f"{_day(first)} to {_day(last)}"


def _seal(fingerprint: str | None) -> dict[str, str] | None:
    return {"full": grouped(fingerprint), "short": grouped(fingerprint)[:19]} if fingerprint else None


def _how_to_check(packet: Packet, fingerprint: str | None) -> str:
    if not fingerprint:
        return f"This copy carries no seal. {packet.organisation} can issue a sealed one under the same number."
    where = f" The check code opens the same figures at {packet.check_at}." if packet.check_at else ""
    return (
        f"{packet.organisation} has sealed this file. Software that checks PDF signatures, or the command "
        "“supervise report verify FILE”, tells whether a byte was changed and names the seal. The seal is genuine "
        f"if its fingerprint (SHA-256 of the certificate) is the one below and the one that {packet.organisation} "
        "publishes."
        f"{where}"
    )


def _summary(what: str, totals: Mapping[str, int], columns: tuple[Column, ...]) -> dict[str, Any]:
    rows = [
        {"title": _title(each), "part": bool(each.within), "time": clock(totals[each.id])}
        for each in _in_order(columns)
    ]
    return {"what": what, "rows": rows, "time": clock(whole(totals, columns))}


def _in_order(columns: tuple[Column, ...]) -> list[Column]:
    """Put each part right behind the column it is within."""
    tops = (column for column in columns if column.within is None)
    return [each for top in tops for each in (top, *(part for part in columns if part.within == top.id))]


def _signature(given: Attestation) -> dict[str, str]:
    box = f"0 0 {given.width} {given.height}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><path d="{given.strokes}" fill="none" '
        f'stroke="#15211d" stroke-width="{max(given.height / 60, 1):g}" stroke-linecap="round" '
        'stroke-linejoin="round"/></svg>'
    )
    return {
        "name": given.name,
        "statement": given.statement,
        "signed": _moment(given.signed_at),
        "rows": grouped(given.fingerprint)[:9],
        "svg": svg if given.strokes else "",
        "typed": given.typed,
    }


def _ledger(packet: Packet) -> dict[str, Any]:
    """The weeks, one line each, in two groups of columns."""
    experience = _columns(packet.categories, packet.totals, [row.minutes for row in packet.rows])
    supervision = _columns(
        packet.supervision_kinds, packet.supervision_totals, [row.supervision for row in packet.rows]
    )
    return {
        "groups": [
            {"title": "Experience", "columns": experience},
            {"title": "Supervision", "columns": supervision},
        ],
        "rows": [_week(packet, row) for row in packet.rows],
    }


def _columns(
    columns: tuple[Column, ...], totals: Mapping[str, int], weeks: list[Mapping[str, int]]
) -> list[dict[str, Any]]:
    """Each column with its figures down the weeks; one for the sum where more than one column stands by itself."""
    found: list[dict[str, Any]] = [
        {
            "title": _title(each),
            "part": bool(each.within),
            "sum": clock(totals[each.id]),
            "times": [clock(week.get(each.id, 0)) for week in weeks],
        }
        for each in _in_order(columns)
    ]
    if sum(each.within is None for each in columns) > 1:
        in_all = [clock(whole(week, columns)) for week in weeks]
        found.append({"title": "In all", "part": False, "sum": clock(whole(totals, columns)), "times": in_all})
    return found


def _title(column: Column) -> str:
    return f"of which {column.title}" if column.within else column.title


def _week(packet: Packet, row: PacketRow) -> dict[str, str]:
    return {
        "week": _day(row.week_of),
        "on": _day(row.attested_on),
        "by": "" if row.attested_by == packet.supervisor.name else row.attested_by,
        "fingerprint": grouped(row.fingerprint)[:9],
    }


def _workbook_data(workbook: Workbook) -> dict[str, Any]:
    checked = workbook.rules_checked_on
    return {
        "title": "Workbook of hours",
        "author": workbook.licensee.name,
        "description": f"Workbook {workbook.number} for {workbook.board_title}",
        "board": workbook.board_title,
        "credential": _line(workbook.credential, workbook.jurisdiction),
        "licensee": _party(workbook.licensee),
        "period": _period(workbook.period_from, workbook.period_to),
        "checked": f"Compared with their source on {_day(checked)}"
        if checked
        else "Not yet compared with their source",
        "number": workbook.number,
        "made": _moment(workbook.made_at),
        "requirements": [_requirement(each) for each in workbook.requirements],
        "settings": sorted({entry.setting for entry in workbook.entries}),
        "entries": [_entry(entry) for entry in workbook.entries],
        "uncounted": _uncounted(workbook.entries),
        "total": {
            "recorded": clock(workbook.recorded),
            "counted": clock(workbook.counted),
            "missing": clock(workbook.recorded - workbook.counted),
        },
    }


def _requirement(requirement: Requirement) -> dict[str, str]:
    def amount(value: int) -> str:
        return clock(value) if requirement.unit == "minutes" else f"{value:,} {requirement.unit}"

    return {
        "title": requirement.title,
        "recorded": amount(requirement.recorded),
        "valid": amount(requirement.valid),
        "needed": _ASKED[requirement.kind].format(amount(requirement.needed)),
        "citation": cited(requirement.citation, verified=requirement.verified),
        "note": requirement.note,
    }


def _entry(entry: WorkbookEntry) -> dict[str, str]:
    return {
        "day": _day(entry.day),
        "category": entry.category,
        "setting": entry.setting,
        "recorded": clock(entry.recorded),
        "counted": clock(entry.counted),
        "answer": ANSWERS[entry.answer],
    }


def _uncounted(entries: Iterable[WorkbookEntry]) -> list[dict[str, Any]]:
    """The minutes that do not count, by rule, in the order in which the rules first struck."""
    struck: dict[Reason, list[tuple[WorkbookEntry, int]]] = {}
    for entry in entries:
        for reason in entry.reasons:
            struck.setdefault(replace(reason, minutes=0), []).append((entry, reason.minutes))
    return [
        {
            "text": reason.text,
            "waits": reason.board_decides,
            "citation": cited(reason.citation, verified=reason.verified),
            "time": clock(sum(minutes for _, minutes in hits)),
            "rows": [{**_entry(entry), "missing": clock(minutes)} for entry, minutes in hits],
        }
        for reason, hits in struck.items()
    ]


def cited(citation: str, *, verified: bool) -> str:
    """Name the source of a rule and say whether its text was read."""
    return f"{citation or 'No source'} ({'verified' if verified else 'not verified'})"

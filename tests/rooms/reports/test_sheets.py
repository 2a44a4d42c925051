"""Sheets open in any spreadsheet, run in none, and add up."""

import csv
import io
import string
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supervise.reports.rules import Packet, Setting, Workbook
from supervise.reports.sheets import harmless, packet_csv, requirements_csv, workbook_csv

DANGEROUS = "=+-@\t\r\n＝＋－＠"
HIDDEN = [" =", "\ufeff=", "\u200b@", "\x00+", "\n\n-", "\x00\r"]
WORDS = st.one_of(
    st.text(max_size=30),
    st.builds("".join, st.tuples(st.sampled_from([*DANGEROUS, *HIDDEN]), st.text())),
    st.text(alphabet=DANGEROUS + string.ascii_letters + "\",;'|", max_size=20),
)


def read(sheet: bytes) -> list[dict[str, str]]:
    assert sheet.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(sheet.decode("utf-8-sig"), newline=""), strict=True))


@given(words=WORDS)
def test_no_cell_begins_a_formula_and_none_is_lost(words: str) -> None:
    cell = harmless(words)
    assert cell[:1] not in set(DANGEROUS)
    assert cell.lstrip("\ufeff\u200b\x00 ")[:1] not in set(DANGEROUS)
    assert cell in (words, f"'{words}")
    if words[:1] in set(DANGEROUS) and words:
        assert cell == f"'{words}"


@pytest.mark.parametrize("words", ["Maya Quill", "O'Brien-Müller", "12:30", "2025-01-06", "", "a=b", "'t Veld", "915"])
def test_ordinary_words_stay_as_they_are(words: str) -> None:
    assert harmless(words) == words


@given(words=st.lists(WORDS, min_size=6, max_size=6))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_cell_of_both_sheets_is_guarded(
    make_packet: Callable[..., Packet], make_workbook: Callable[..., Workbook], words: list[str]
) -> None:
    packet, workbook = make_packet(weeks=2), make_workbook()
    supervisor = replace(packet.supervisor, name=words[1], contact=words[2], licence=words[3])
    columns = (replace(packet.categories[0], title=words[5]), *packet.categories[1:])
    sheets = (
        packet_csv(
            replace(
                packet,
                licensee=replace(packet.licensee, name=words[0], jurisdiction=words[4]),
                supervisor=supervisor,
                setting=Setting(name=words[4]),
                categories=columns,
                rows=tuple(replace(row, attested_by=words[5]) for row in packet.rows),
            )
        ),
        workbook_csv(
            replace(workbook, entries=tuple(replace(e, category=words[0], setting=words[1]) for e in workbook.entries))
        ),
    )
    for sheet in sheets:
        text = sheet.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert {len(row) for row in rows} == {len(rows[0])}
        for row in rows:
            for cell in row:
                assert cell[:1] not in set(DANGEROUS)
        assert text == "".join(",".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in row) + "\r\n" for row in rows)


def test_a_packets_sheet_adds_up_to_the_packet(make_packet: Callable[..., Packet]) -> None:
    packet = make_packet(weeks=9)
    rows = read(packet_csv(packet))
    assert len(rows) == 9
    assert sum(int(row["Direct counseling (minutes)"]) for row in rows) == packet.totals["direct"]
    inside = "couples, families, children (minutes, within Direct counseling)"
    assert sum(int(row[inside]) for row in rows) == packet.totals["family"]
    assert sum(int(row["Supervision, group (minutes)"]) for row in rows) == packet.supervision_totals["group"]
    assert rows[0]["Week of"] == "2025-01-06"
    assert rows[0]["Degree"] == "after"
    assert rows[0]["Signed rows (SHA-256)"] == packet.rows[0].fingerprint


def test_a_workbooks_sheet_has_each_uncounted_minute_with_its_rule(make_workbook: Callable[..., Workbook]) -> None:
    workbook = make_workbook()
    rows = read(workbook_csv(workbook))
    assert sum(int(row["Recorded (minutes)"]) for row in rows) == workbook.recorded == 360
    assert sum(int(row["Counted (minutes)"]) for row in rows) == workbook.counted == 285
    lost = [row for row in rows if row["Counted (minutes)"] == "0"]
    assert [(row["Entry"], row["Recorded (minutes)"], row["Answer"], row["Verified"]) for row in lost] == [
        ("e2", "30", "does not count", "yes"),
        ("e3", "45", "the board decides", "no"),
    ]
    assert all(row["Why"] and row["Rule"] and row["Citation"] for row in lost)


def test_a_requirements_sheet_has_each_requirement_and_runs_no_formula(make_workbook: Callable[..., Workbook]) -> None:
    workbook = make_workbook()
    evil = replace(workbook.requirements[0], id="x", title="=1+1", citation="@here", note="-2+3", kind="maximum")
    tally = replace(workbook.requirements[0], id="y", kind="tally", needed=0)
    rows = read(requirements_csv(replace(workbook, requirements=(*workbook.requirements, evil, tally))))
    assert [(r["Requirement"], r["Unit"], r["Recorded"], r["Valid"], r["Asked"], r["Missing"]) for r in rows] == [
        ("total", "minutes", "360", "285", "180000", "179715"),
        ("weeks", "weeks", "3", "2", "104", "102"),
        ("x", "minutes", "360", "285", "180000", ""),
        ("y", "minutes", "360", "285", "", ""),
    ]
    assert (rows[2]["Title"], rows[2]["Citation"], rows[2]["Note"]) == ("'=1+1", "'@here", "'-2+3")
    assert [r["Verified"] for r in rows[:2]] == ["yes", "no"]

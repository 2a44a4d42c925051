"""Import: columns guessed and read exactly, mistakes by line, nothing written twice, a whole import undone."""

import io
import zipfile
from datetime import date, timedelta

import pytest

from supervise.core.db import db
from supervise.core.errors import NotFound, Refused
from supervise.core.uow import unit_of_work
from supervise.hours import service
from supervise.hours.queries import imports_of
from supervise.hours.rules import Plan, TableError, as_csv, faults, guess, read_rows, read_table
from tests.rooms.hours.desk import FRIDAY, MONDAY, Desk

LOG = f"""Date,Client,Activity,Duration
{MONDAY:%m/%d/%Y},Ann,Individual therapy,1:30
{MONDAY:%m/%d/%Y},Bo,Couples session,50 min
{MONDAY + timedelta(days=1):%m/%d/%Y},,Lunch,60
13/13/2026,Ann,Individual therapy,60
{FRIDAY + timedelta(days=1):%m/%d/%Y},Ann,Individual therapy,60
"""
WIDE = "Day;Individual hours;Group hours;Supervision hours\n31.10.2026;1,5;;1\n30.10.2026;0.33;2;\n"


def test_one_row_a_piece_of_work() -> None:
    table = read_table(LOG.encode())
    plan = guess(table)
    assert (plan.columns, plan.unit, plan.order) == (("day", "", "kind", "amount"), "minutes", "mdy")
    assert plan.kinds == {"Individual therapy": "individual", "Couples session": "couple_family", "Lunch": ""}
    rows, wrong = read_rows(table, plan)
    assert [(row.line, row.minutes, row.category) for row in rows] == [
        (2, 90, "individual"), (3, 50, "couple_family"), (6, 60, "individual"),
    ]  # fmt: skip
    assert wrong == {5: ["There is no such day: '13/13/2026'."]}
    assert read_table(as_csv(table).encode()) == table


def test_a_column_for_each_kind_in_hours_and_nothing_is_rounded() -> None:
    table = read_table(WIDE.encode())
    plan = guess(table)
    assert (plan.columns, plan.unit, plan.order) == (("day", "individual", "group", "supervision"), "hours", "dmy")
    rows, wrong = read_rows(table, plan)
    assert [(row.day, row.minutes, row.category) for row in rows] == [
        (date(2026, 10, 31), 90, "individual"), (date(2026, 10, 31), 60, "supervision"),
    ]  # fmt: skip
    assert wrong == {3: ["'0.33' is not a whole number of minutes; say which it is."]}


def test_a_plan_that_cannot_be_read_says_why() -> None:
    assert faults(Plan(("", "individual"))) == ["Say which column holds the day."]
    assert len(faults(Plan(("day", "day", "amount", "individual")))) == 2


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
STYLES = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/></cellXfs>'
PARTS = {
    "sharedStrings": f"<sst {MAIN}><si><t>Date</t></si><si><r><t>Indiv</t></r><r><t>idual</t></r></si></sst>",
    "styles": f"<styleSheet {MAIN}>{STYLES}</styleSheet>",
}
HEAD = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
ROW = '<row r="3"><c r="A3" s="1"><v>46096</v></c><c r="C3" s="2"><v>0.0625</v></c></row>'


def workbook(*rows: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as book:
        for name, text in PARTS.items():
            book.writestr(f"xl/{name}.xml", text)
        sheet = f"<worksheet {MAIN}><sheetData>{''.join(rows)}</sheetData></worksheet>"
        book.writestr("xl/worksheets/sheet1.xml", sheet)
    return held.getvalue()


def test_a_workbook() -> None:
    table = read_table(workbook(HEAD, ROW))
    assert table.heads == ("Date", "", "Individual")
    assert (table.rows, table.lines) == ((("2026-03-15", "", "01:30"),), (3,))
    assert [row.minutes for row in read_rows(table, guess(table))[0]] == [90]


@pytest.mark.parametrize("data", [b"", b"Date\n", b"PK\x03\x04 no", b"\x00\x01\x02\n\x03", b"a," * 50 + b"\nb"])
def test_what_is_no_table(data: bytes) -> None:
    with pytest.raises(TableError):
        read_table(data)
    with pytest.raises(TableError):
        read_table(workbook("<!DOCTYPE x>"))


def test_a_year_in_and_out_again(at: Desk) -> None:
    rows, _ = read_rows(read_table(LOG.encode()), guess(read_table(LOG.encode())))
    today = FRIDAY
    wrong = service.in_the_way(db.session(), at.place, rows, today, at.me.zone)
    assert wrong == {6: ["This day is still to come."]}
    good = [row for row in rows if row.line not in wrong]
    with unit_of_work(at.me) as work:
        made = service.import_rows(work, at.place.id, "log.csv", good).id
    assert at.standing(MONDAY) == {"individual": 90, "couple_family": 50}
    assert at.state(MONDAY) == "draft"
    again = service.in_the_way(db.session(), at.place, good, today, at.me.zone)
    assert set(again) == {2, 3}
    at.make.day(at.me, at.place, MONDAY, submit=True, documentation=10)
    with unit_of_work(at.me) as work, pytest.raises(Refused, match="drafts any more"):
        service.undo_import(work, made)
    with unit_of_work(at.me) as work:
        service.recall_day(work, at.place.id, MONDAY)
        service.undo_import(work, made)
    assert at.standing(MONDAY) == {"documentation": 10}
    with unit_of_work(at.boss) as work, pytest.raises(NotFound):
        service.undo_import(work, made)


def test_the_pages_keep_what_was_said(at: Desk) -> None:
    client = at.make.client(at.me)
    page = client.post("/hours/imports", data={"file": (io.BytesIO(LOG.encode()), "log.csv")}).text
    assert "There is no such day" in page
    assert "Import 2 rows" in page
    sent = {"table": LOG, "name": "log.csv", "setting": at.place.id, "column-0": "day", "column-2": "kind",
            "column-3": "amount", "word-0": "Lunch", "kind-0": "other", "step": "look"}  # fmt: skip
    page = client.post("/hours/imports/file", data=sent).text
    assert "Import 3 rows" in page
    assert client.post("/hours/imports/file", data=sent | {"step": "import"}).status_code == 303
    assert [(one.entries, one.minutes) for one in imports_of(db.session(), at.me.person_id)] == [(3, 200)]
    page = client.post("/hours/imports/file", data=sent | {"step": "import"})
    assert page.status_code == 422
    assert "no row to import" in page.text
    assert client.post("/hours/imports", data={"file": (io.BytesIO(b"PK"), "x.xlsx")}).status_code == 422


def test_last_week_is_repeated_where_nothing_stands(at: Desk) -> None:
    before = MONDAY - timedelta(weeks=1)
    at.make.day(at.me, at.place, before, individual=120, documentation=30)
    at.make.day(at.me, at.place, before + timedelta(days=1), group=90)
    at.make.day(at.me, at.place, before + timedelta(days=5), crisis=60)  # Saturday, which is still to come this week
    at.make.day(at.me, at.place, MONDAY + timedelta(days=1), individual=45)
    client = at.make.client(at.me)
    assert client.post(f"/hours/weeks/{FRIDAY}/repeat", data={"setting": at.place.id}).status_code == 303
    assert at.standing(MONDAY) == {"individual": 120, "documentation": 30}
    assert at.state(MONDAY) == "draft"
    assert at.standing(MONDAY + timedelta(days=1)) == {"individual": 45}
    assert at.standing(MONDAY + timedelta(days=5)) == {}
    again = client.post(f"/hours/weeks/{FRIDAY}/repeat", data={"setting": at.place.id})
    assert "Nothing to repeat" in again.text

"""The same hours under several boards: from California to Oregon."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from supervise.core.uow import unit_of_work
from supervise.flows.compare_boards import boards_to_compare, compare_boards
from supervise.hours import service
from tests.rooms.hours.desk import FRIDAY, MONDAY, Desk

LA = ZoneInfo("America/Los_Angeles")
BOTH = ["ca-amft", "or-lpc"]


def test_from_california_to_oregon(at: Desk) -> None:
    """One meeting of an hour carries the week in California; Oregon wants two in a month and voids it."""
    with unit_of_work(at.me) as work:
        service.save_day(work, at.place.id, MONDAY, {"individual": 300, "documentation": 60})
    at.make.meeting(at.boss, {at.me: at.place}, datetime.combine(MONDAY + timedelta(days=1), time(9), LA), minutes=60)
    found = compare_boards(at.me.person_id, BOTH, FRIDAY)
    california, oregon = found.columns
    assert found.recorded == 420
    assert found.month == MONDAY.replace(day=1)
    assert len(found.shown) == 3
    work_row = next(entry for entry in found.entries if entry.category == "individual")
    assert california.answers[work_row.id].answer == "counts"
    assert california.counted == 420
    assert oregon.answers[work_row.id].counted == 0
    assert all(reason.citation for reason in oregon.answers[work_row.id].reasons)
    assert all(a.recorded == a.counted + sum(r.minutes for r in a.reasons) for a in oregon.answers.values())

    client = at.make.client(at.me)
    page = client.get("/workbook/boards?board=ca-amft&board=or-lpc").text
    assert "California AMFT to LMFT" in page
    assert oregon.answers[work_row.id].reasons[0].text in page
    assert "unverified" in page
    sheet = client.get("/workbook/boards.csv?board=ca-amft&board=or-lpc")
    lines = sheet.data.decode("utf-8-sig").splitlines()
    assert sheet.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert sum(line.startswith(f'"{oregon.board.title}"') for line in lines) >= 3
    assert client.get("/workbook/boards?board=ca-amft&month=2026-99").status_code == 200


def test_boards_that_nobody_asked_for_are_those_of_the_places(at: Desk) -> None:
    assert boards_to_compare(at.me.person_id, ["nowhere"]) == ["ca-amft"]
    assert boards_to_compare(at.me.person_id, BOTH * 3 + ["tx-lpca", "wa-lmhca", "bacb"]) == [
        *BOTH,
        "tx-lpca",
        "wa-lmhca",
    ]


def test_the_week_points_out_what_looks_wrong(at: Desk) -> None:
    """Fifteen hours in two places on one day are kept as they were typed, and said."""
    other = at.make.setting(at.me, "Birch House")
    for place in (at.place, other):
        at.make.day(at.me, place, MONDAY, individual=450)
    page = at.make.client(at.me).get(f"/hours/weeks/{MONDAY}?setting={at.place.id}").text
    assert "15:00 in one day, more than 14 hours." in page
    assert at.standing(MONDAY) == {"individual": 450}

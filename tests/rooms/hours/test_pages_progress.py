"""Progress: numbers reckoned here by hand, what decides, what does not count, and what more work would change."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from supervise.core.clock import replaying
from supervise.core.uow import unit_of_work
from supervise.flows.show_progress import asked, chart_of, monthly, show_progress, uncounted, what_if
from supervise.flows.show_weeks import weeks_of
from supervise.hours import service
from supervise.hours.chart import Line, burn_up
from tests.rooms.hours.desk import FRIDAY, MONDAY, NOW, Desk

LA = ZoneInfo("America/Los_Angeles")
WEEKS = 30


def supervised(at: Desk, day: date, minutes: int = 60) -> None:
    """An hour of individual supervision at nine on a day."""
    at.make.meeting(at.boss, {at.me: at.place}, datetime.combine(day, time(9), LA), minutes=minutes)


@pytest.fixture
def worked(at: Desk) -> Desk:
    """Thirty weeks: 10 h individuals, 2 h notes, 1 h couples, 2 h of supervision; the last one without supervision."""
    for week in range(WEEKS):
        monday = MONDAY - timedelta(weeks=week)
        with unit_of_work(at.me) as work:
            service.save_day(work, at.place.id, monday, {"individual": 600, "documentation": 120})
            service.save_day(work, at.place.id, monday + timedelta(days=1), {"couple_family": 60})
        if week:
            supervised(at, monday + timedelta(days=2), 120)
    return at


def test_sums_by_hand(worked: Desk) -> None:
    shown = show_progress(worked.me.person_id, "ca-amft", FRIDAY)
    by_id = {r.id: r for r in shown.evaluation.requirements}
    # 29 weeks with supervision: 10 + 2 + 1 + 2 h each. The last week has none, so none of its 13 h counts.
    assert by_id["total"].valid == 29 * 15 * 60
    assert by_id["direct"].valid == 29 * 11 * 60
    assert by_id["couples-families-children"].valid == 29 * 60
    assert by_id["nonclinical"].valid == 29 * 4 * 60
    assert by_id["weeks"].valid == 29
    lost = uncounted(shown)
    assert [(row.minutes, row.when) for row in lost] == [(13 * 60, "week of 16 Nov 2026")]
    assert "one unit of supervision" in lost[0].because
    assert shown.unsigned == 29 * 15 * 60


def test_the_table_behind_the_picture_adds_up_and_so_does_the_picture(worked: Desk) -> None:
    shown = show_progress(worked.me.person_id, "ca-amft", FRIDAY)
    months = monthly(shown)
    assert sum(m.recorded for m in months) == (29 * 15 + 13) * 60
    assert sum(m.counted for m in months) == 29 * 15 * 60
    assert sum(m.also for m in months) == 29 * 60
    assert [m.month for m in months] == [date(2026, n, 1) for n in range(4, 12)]
    # November: weeks of 2 and 9 count whole, that of 16 does not; the meetings of all lie in the month.
    november = months[-1]
    assert (november.recorded, november.counted) == ((2 * 15 + 13) * 60, 2 * 15 * 60)
    chart = chart_of(shown)
    assert chart is not None
    total, couples = chart["panels"]
    assert total["valid"][-1][1] == 29 * 15
    assert total["recorded"][-1][1] == 29 * 15 + 13
    assert couples["valid"][-1][1] == 29
    assert couples["label"] == "Couples, families and children"
    assert (total["goal"], couples["goal"]) == (3000, 500)


def test_couples_decide_and_the_page_says_until_when(worked: Desk) -> None:
    shown = show_progress(worked.me.person_id, "ca-amft", FRIDAY)
    assert shown.decides is not None
    assert shown.decides.id == "couples-families-children"
    # 25 of the last 26 weeks count, 60 minutes each: 471 h are missing.
    pace = 25 * 60
    days = -(-471 * 60 * 182 // pace)
    assert shown.projections["couples-families-children"].date == FRIDAY + timedelta(days=days)
    assert asked(shown)[0] is shown.decides
    page = worked.make.client(worked.me).get("/hours/progress").text
    assert "<h1>2,565 hours to go</h1>" in page
    assert "The date hangs on couples, families and children" in page
    assert "435 of the hours that count are not signed yet." in page
    assert "Recorded but not counted: 13:00 hours" in page
    assert "What these rules leave to people" in page
    assert "Whether the supervisor was licensed and eligible on the day" in page
    assert page.count('class="lab lab-head"') == 4  # two panels, drawn wide and narrow


def test_counted_and_missing_add_up_on_the_page_whatever_the_minutes(at: Desk) -> None:
    supervised(at, MONDAY)
    at.make.day(at.me, at.place, FRIDAY, couple_family=61)
    page = at.make.client(at.me).get("/hours/progress").text
    assert "<h1>2,998 hours to go</h1>" in page
    row = re.search(r"Couples, families and children</th>.*?</tr>", page, re.DOTALL)
    assert row
    assert [int(n) for n in re.findall(r">(?:<b>)?(\d+)(?:</b>)?</td>", row.group())] == [1, 500, 499]


def test_more_couples_a_week_bring_the_date_nearer_until_something_else_decides(worked: Desk) -> None:
    shown = show_progress(worked.me.person_id, "ca-amft", FRIDAY)
    now = shown.projections["couples-families-children"].date
    two = what_if(shown, "couple_family", 120)
    assert two is not None
    assert two.date is not None
    assert now is not None
    assert two.date < now
    assert two.months_sooner == (now.year - two.date.year) * 12 + now.month - two.date.month
    lots = what_if(shown, "couple_family", 40 * 60)
    assert lots is not None
    assert lots.date is not None
    assert lots.decides is not None
    assert lots.decides.id != "couples-families-children"
    assert two.date >= lots.date
    notes = what_if(shown, "documentation", 600)
    assert notes is not None
    assert notes.date is None or notes.date >= now


def test_what_if_never_counts_above_the_boards_limits(worked: Desk) -> None:
    shown = show_progress(worked.me.person_id, "ca-amft", FRIDAY)
    thirty, forty = (what_if(shown, "couple_family", hours * 60) for hours in (30, 40))
    assert thirty is not None
    assert forty is not None
    assert thirty.date == forty.date  # 40 hours in seven days are full either way


def test_the_what_if_form_answers_on_the_page_and_keeps_what_was_typed(worked: Desk) -> None:
    client = worked.make.client(worked.me)
    page = client.get("/hours/progress?board=ca-amft&hours=2&category=couple_family")
    assert re.search(r"With <b>2</b> more a week: <b>\w+ 20\d\d</b>, \d+ months sooner", page.text)
    wrong = client.get("/hours/progress?board=ca-amft&hours=2.5&category=couple_family")
    assert wrong.status_code == 422
    assert 'value="2.5"' in wrong.text
    assert client.get("/hours/progress?board=tx-lpca").status_code == 404


def test_a_beginner_sees_what_is_asked_and_no_picture(at: Desk) -> None:
    page = at.make.client(at.me).get("/hours/progress").text
    assert "<h1>3,000 hours to go</h1>" in page
    assert "no date is in sight" in page
    assert '<svg class="chart' not in page


def test_without_a_board_the_page_says_what_can_be_done(at: Desk) -> None:
    assert "No place of work names a board" in at.make.client(at.boss).get("/hours/progress").text


def test_what_stands_on_its_own_is_no_lost_hour(at: Desk) -> None:
    place = at.make.setting(at.me, "Mesquite Fork", board="tx-lpca")
    at.make.agreement(at.me, at.boss, place)
    at.make.meeting(at.boss, {at.me: place}, datetime.combine(MONDAY, time(9), LA), minutes=240)
    at.make.day(at.me, place, FRIDAY, individual=60, other=30)
    shown = show_progress(at.me.person_id, "tx-lpca", FRIDAY)
    assert sum(m.recorded for m in monthly(shown)) - sum(m.counted for m in monthly(shown)) == sum(
        row.minutes for row in uncounted(shown)
    )
    page = at.make.client(at.me).get("/hours/progress?board=tx-lpca").text
    assert "Supervision received: 4:00, shown on its own." in page


def test_hours_dated_after_today_wait(at: Desk) -> None:
    supervised(at, MONDAY)
    at.make.day(at.me, at.place, FRIDAY, individual=60)
    with replaying(NOW - timedelta(days=3)):
        shown = show_progress(at.me.person_id, "ca-amft", FRIDAY - timedelta(days=3))
    assert shown.total is not None
    assert shown.total.valid == 60


def test_a_correction_changes_what_counts_before_and_after_it_is_signed(at: Desk) -> None:
    supervised(at, MONDAY)
    at.submit(individual=120)
    at.submit(MONDAY, individual=30)
    at.sign()
    at.correct(at.row("individual"), 60)
    shown = show_progress(at.me.person_id, "ca-amft", FRIDAY)
    assert shown.total is not None
    assert shown.total.valid == 60 + 30 + 60
    assert shown.unsigned == 60
    at.sign()
    assert show_progress(at.me.person_id, "ca-amft", FRIDAY).unsigned == 0


def test_a_chart_ends_where_the_pace_leads_and_five_years_out_of_sight() -> None:
    months = [(date(2026, 1, 1), 600, 600), (date(2026, 2, 1), 1200, 600)]
    near = burn_up("Hours", [Line("All hours", 6000, months, date(2026, 9, 1))], date(2026, 2, 28))
    panel = near["panels"][0]
    assert panel["ahead_label"] == "September 2026"
    assert (panel["valid"][0][1], panel["valid"][-1][1], panel["recorded"][-1][1]) == (0, 20, 30)
    assert panel["ahead"] <= near["end"]
    far = burn_up("Hours", [Line("All hours", 6000, months, date(2040, 1, 1))], date(2026, 2, 28))
    assert far["panels"][0]["ahead"] is None


def test_the_last_52_weeks(worked: Desk) -> None:
    """Thirty weeks of 13 h with two of supervision; the last one has none, so nothing of it counts."""
    weeks = weeks_of(show_progress(worked.me.person_id, "ca-amft", FRIDAY))
    assert len(weeks) == 52
    assert (weeks[-1].monday, weeks[0].monday) == (MONDAY, MONDAY - timedelta(weeks=51))
    assert not any(week.recorded for week in weeks[:22])
    last, before = weeks[-1], weeks[-2]
    assert (last.recorded, last.counted, last.lost, last.per_hour) == (780, 0, 780, 0)
    assert (before.recorded, before.counted, before.clients, before.supervision) == (900, 900, 660, 120)
    assert (before.per_hour, before.lost, before.level, last.level) == (109, 0, 2, 0)
    page = worked.make.client(worked.me).get("/hours/progress").text
    assert page.count('class="heat heat-') == 52
    assert page.count('class="heat-short"') == 1
    assert "13:00 lost for want of supervision" in page

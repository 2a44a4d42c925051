"""Looking ahead: supervision owed while it can still be mended, and when each requirement would be met."""

from datetime import date, timedelta

import pytest

from supervise.hours.rules import Entry, meeting_warnings, owed_this_week, projection
from tests.rooms.hours.rows import CALIFORNIA, MONDAY, TEXAS, days, judged, met, row

HALF_YEAR = 26 * 7


def test_a_week_shows_what_each_setting_still_owes() -> None:
    week = [row(day, minutes=130) for day in days(MONDAY, 5)]
    owed = owed_this_week(CALIFORNIA, [*week, row(MONDAY, setting="B"), met(MONDAY, 90, attendees=4)], MONDAY)
    assert [(o.rule, o.setting, o.units_needed, o.units_have, o.individual_minutes_missing) for o in owed] == [
        ("weekly-contact", "A", 1, 0.75, 15),
        ("weekly-contact", "B", 1, 0, 60),
        ("associate-second-unit", "A", 2, 0.75, 75),
    ]
    assert not any(o.enough for o in owed)


def test_a_week_with_enough_says_so() -> None:
    owed = owed_this_week(CALIFORNIA, [row(MONDAY), met(MONDAY)], MONDAY + timedelta(days=3))
    assert [(o.rule, o.enough, o.individual_minutes_missing) for o in owed] == [("weekly-contact", True, 0)]
    assert owed_this_week(CALIFORNIA, [row(MONDAY), met(MONDAY)], MONDAY + timedelta(days=7)) == []


def test_trainees_see_their_average_up_to_the_week() -> None:
    past = [row(MONDAY - timedelta(days=7), minutes=480, degree="pre"), met(MONDAY - timedelta(days=7), degree="pre")]
    later = row(MONDAY + timedelta(days=7), minutes=300, degree="pre")
    owed = owed_this_week(CALIFORNIA, [*past, later], MONDAY)
    assert [(o.rule, o.window, o.units_needed, o.units_have, o.individual_minutes_missing) for o in owed] == [
        ("trainee-average", "period", 1.6, 1, 36)
    ]


def test_texas_counts_in_months() -> None:
    owed = owed_this_week(TEXAS, [row(MONDAY), met(date(2025, 3, 28), 120)], MONDAY)
    assert [(o.window, o.setting, o.units_needed, o.units_have) for o in owed] == [("month", "", 4, 2)]


def paced(first: date, weeks: int) -> list[Entry]:
    found = []
    for week in days(first, 7 * weeks)[::7]:
        found += [row(week + timedelta(days=n), minutes=90) for n in range(5)]
        found += [row(week, "couple_family", 60), met(week)]
    return found


def test_the_finish_is_reached_at_the_pace_of_26_weeks() -> None:
    ledger = paced(MONDAY, 26)
    as_of = MONDAY + timedelta(days=HALF_YEAR - 1)
    found = judged(ledger, as_of=as_of)
    ahead = {p.requirement_id: p for p in projection(found, ledger, as_of)}
    couples_left = 500 * 60 - 26 * 60
    assert ahead["couples-families-children"].date == as_of + timedelta(days=-(-couples_left * HALF_YEAR // (26 * 60)))
    assert ahead["weeks"].date == as_of + timedelta(days=(104 - 26) * 7)
    assert [name for name, p in ahead.items() if p.binding] == ["couples-families-children"]
    assert "nonclinical" not in ahead


def test_without_recent_hours_there_is_no_date_and_that_binds() -> None:
    ledger = paced(MONDAY, 4)
    as_of = MONDAY + timedelta(days=400)
    ahead = projection(judged(ledger, as_of=as_of), ledger, as_of)
    assert all(p.date is None and p.binding for p in ahead)


def test_a_span_ends_on_its_day() -> None:
    ledger = [row(MONDAY, "training"), row(MONDAY + timedelta(days=30), "training")]
    ahead = {p.requirement_id: p for p in projection(judged(ledger, TEXAS), ledger, date(2025, 6, 1))}
    assert ahead["months"].date == date(2026, 9, 3)


def test_what_no_ledger_row_can_be_is_an_error() -> None:
    for wrong in (
        {"minutes": 0},
        {"minutes": 1441},
        {"category": "tea"},
        {"degree": "phd"},
        {"pay": "cash"},
        {"mode": "telepathy"},
        {"attendees": 0},
        {"segment_minutes": (30, 40)},
        {"segment_minutes": (0, 60)},
    ):
        with pytest.raises(ValueError, match=r"entry e\d+: "):
            row(MONDAY, **wrong)
    with pytest.raises(ValueError, match="mode 'telepathy'"):
        meeting_warnings(CALIFORNIA, 1, 60, "telepathy")


def test_two_rows_with_one_id_are_an_error() -> None:
    twice = row(MONDAY)
    with pytest.raises(ValueError, match="same id"):
        judged([twice, twice])

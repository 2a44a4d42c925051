"""Deadlines across changes of the clock, weekends and zones."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from supervise.duties.rules.clocks import deadline, set_back
from supervise.duties.rules.rows import Period

LA, NEW_YORK = "America/Los_Angeles", "America/New_York"


def at(year: int, month: int, day: int, hour: int, minute: int = 0, zone: str = LA) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_hours_pass() -> None:
    found = deadline(at(2026, 6, 1, 10), Period(hours=36), [LA])
    assert found.at == at(2026, 6, 2, 22)
    assert not found.why


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (at(2026, 3, 7, 10), at(2026, 3, 8, 22)),  # an hour is skipped: the wall clock comes first
        (at(2026, 10, 31, 10), at(2026, 11, 1, 21)),  # an hour comes twice: the hours that passed come first
    ],
)
def test_a_change_of_clocks_is_said_and_the_earlier_reading_counts(start: datetime, end: datetime) -> None:
    found = deadline(start, Period(hours=36), [LA])
    assert found.at == end
    assert "The clocks change before it ends" in found.why


def test_days_end_at_midnight_where_the_law_holds() -> None:
    assert deadline(at(2026, 11, 20, 23, 30), Period(days=30), [LA]).at == at(2026, 12, 20, 23, 59)


def test_of_several_zones_the_one_that_ends_first_counts() -> None:
    started = at(2026, 6, 4, 2, 0, NEW_YORK)
    assert deadline(started, Period(days=1), [LA, NEW_YORK]).at == at(2026, 6, 4, 23, 59, LA)
    assert deadline(at(2026, 6, 3, 12), Period(days=1), [LA, NEW_YORK]).at == at(2026, 6, 4, 23, 59, NEW_YORK)


def test_weekends_are_no_working_days_and_holidays_are() -> None:
    found = deadline(at(2026, 11, 27, 9), Period(working_days=2), [LA])  # a Friday
    assert found.at == at(2026, 12, 1, 23, 59)
    assert "holidays" in found.why
    thanksgiving = deadline(at(2026, 11, 25, 9), Period(working_days=1), [LA])
    assert thanksgiving.at == at(2026, 11, 26, 23, 59)


def test_at_once_is_now() -> None:
    assert deadline(at(2026, 6, 1, 10), Period(), [LA]).at == at(2026, 6, 1, 10)


def test_a_clock_that_was_set_back_is_noticed() -> None:
    assert set_back(at(2026, 6, 1, 10), at(2026, 6, 1, 11), None)
    assert not set_back(at(2026, 6, 1, 10), at(2026, 6, 1, 9))

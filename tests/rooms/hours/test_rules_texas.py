"""Golden cases of the Texas LPC Associate rules: 22 TAC 681.91 (8 November 2024) and 681.92 (28 March 2025)."""

from datetime import date, timedelta

import pytest

from supervise.hours.rules import meeting_kind, meeting_warnings
from tests.rooms.hours.rows import TEXAS, answer, days, judged, met, requirement, row, why

MAY = date(2025, 5, 5)


@pytest.mark.parametrize(("attendees", "kind"), [(1, "individual"), (2, "individual"), (3, "group"), (40, "group")])
def test_681_92_e_individual_is_up_to_two(attendees: int, kind: str) -> None:
    assert meeting_kind(TEXAS, attendees) == kind
    assert meeting_warnings(TEXAS, attendees, 60, "in_person") == []


def test_681_92_e_a_month_under_four_hours_waits_for_the_board() -> None:
    client, notes, meeting = row(MAY, minutes=300), row(MAY, "documentation"), met(MAY, 239)
    found = judged([client, notes, meeting], TEXAS)
    assert [answer(found, e).answer for e in (client, notes, meeting)] == ["board_decides", "board_decides", "counts"]
    assert requirement(found, "total").valid == 0
    assert requirement(found, "supervision").valid == 239
    assert "2025-05: 3.98 of 4 units" in answer(found, client).reasons[0].text
    enough = judged([client, notes, meeting, met(MAY, 1)], TEXAS)
    assert requirement(enough, "total").valid == 360


def test_681_92_e_supervision_is_owed_only_in_months_with_client_work() -> None:
    notes = row(MAY, "documentation")
    assert answer(judged([notes], TEXAS), notes).answer == "counts"


def test_681_92_e_months_are_calendar_months_over_all_settings() -> None:
    client = row(date(2025, 5, 31))
    june = [met(date(2025, 6, 1), 240)]
    assert answer(judged([client, *june], TEXAS), client).answer == "board_decides"
    may = [met(MAY, 120), met(MAY + timedelta(days=14), 120, setting="B")]
    assert answer(judged([client, *may], TEXAS), client).answer == "counts"


def test_681_92_e_group_is_at_most_half_of_all_supervision() -> None:
    individual = met(MAY, 120)
    groups = [met(MAY + timedelta(days=7), 120, attendees=4), met(MAY + timedelta(days=14), 60, attendees=4)]
    found = judged([individual, *groups], TEXAS)
    assert requirement(found, "supervision").valid == 240
    assert why(found, groups[1]) == {"group-share": 60}
    found = judged([individual, *groups, met(MAY, 60)], TEXAS)
    assert requirement(found, "supervision").valid == 360


def test_681_92_e_at_51_percent_of_group_one_minute_in_fifty_is_over() -> None:
    found = judged([met(MAY, 49 * 6), met(MAY + timedelta(days=1), 51 * 6, attendees=3)], TEXAS)
    assert requirement(found, "supervision").valid == 2 * 49 * 6


def test_681_92_c_not_in_less_than_18_months() -> None:
    first = date(2024, 1, 31)
    for last, months in ((date(2025, 7, 30), 17), (date(2025, 7, 31), 18)):
        found = judged([row(first, "training"), row(last, "training")], TEXAS)
        assert requirement(found, "months").valid == months
    assert requirement(found, "months").met


def test_681_91_c_nothing_before_the_licence() -> None:
    entry = row(MAY, "training", degree="pre")
    assert why(judged([entry], TEXAS), entry) == {"before-licence": 60}


def test_681_92_d_work_the_rule_does_not_name_waits_for_the_board() -> None:
    entry = row(MAY, "other")
    assert answer(judged([entry], TEXAS), entry).answer == "board_decides"


def test_681_92_a_b_supervision_is_kept_apart_from_3000_and_1500() -> None:
    meetings = [met(MAY + timedelta(days=n), 60) for n in range(4)]
    found = judged([row(MAY, minutes=90), row(MAY, "assessment", 30), *meetings], TEXAS)
    assert [(requirement(found, r).valid, requirement(found, r).needed) for r in ("total", "direct")] == [
        (120, 180_000),
        (90, 90_000),
    ]
    assert requirement(found, "supervision").kind == "tally"


def test_self_employed_work_is_not_refused_by_what_was_read() -> None:
    work = [row(day, pay="self_employed") for day in days(MAY, 3)]
    found = judged([*work, met(MAY, 240)], TEXAS)
    assert requirement(found, "direct").valid == 180

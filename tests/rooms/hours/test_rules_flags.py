"""What looks wrong whatever the board, and the day on which a rule set ends."""

from datetime import date, time, timedelta
from itertools import permutations

from supervise.hours.rules import evaluate, flags
from tests.rooms.hours.rows import BOARDS, MONDAY, row

TODAY = MONDAY + timedelta(days=30)


def test_overlaps_and_two_places_at_once() -> None:
    first = row(MONDAY, start=time(9), minutes=60)
    beside = row(MONDAY, start=time(10), minutes=30)
    inside = row(MONDAY, "documentation", start=time(9, 30), minutes=15)
    elsewhere = row(MONDAY, start=time(10, 20), minutes=60, setting="B")
    untimed = row(MONDAY, minutes=60, setting="B")
    rows = [first, beside, inside, elsewhere, untimed]
    found = flags(rows, TODAY)
    assert [(one.kind, one.entries, one.text) for one in found] == [
        ("overlap", (first.id, inside.id), "Two rows overlap from 09:30 to 09:45."),
        ("two_places", (beside.id, elsewhere.id), "Two places at once from 10:20 to 10:30."),
    ]
    assert all(flags(order, TODAY) == found for order in permutations(rows))


def test_work_past_midnight_meets_the_next_day() -> None:
    night = row(MONDAY, "crisis", start=time(23, 30), minutes=60)
    early = row(MONDAY + timedelta(days=1), start=time(0, 15), minutes=30)
    assert [(one.day, one.text) for one in flags([early, night], TODAY)] == [
        (MONDAY + timedelta(days=1), "Two rows overlap from 00:15 to 00:30.")
    ]


def test_long_days_and_days_to_come() -> None:
    just = row(MONDAY, minutes=14 * 60)
    assert flags([just], TODAY) == []
    assert [one.text for one in flags([just, row(MONDAY, minutes=1)], TODAY)] == [
        "14:01 in one day, more than 14 hours."
    ]
    assert [one.kind for one in flags([just], MONDAY - timedelta(days=1))] == ["future"]


def test_nothing_is_judged_by_rules_that_have_ended() -> None:
    board = BOARDS["bacb"]
    assert board.effective_to == date(2026, 12, 31)
    before, after = row(board.effective_to), row(board.effective_to + timedelta(days=1))
    answers = {a.entry_id: a for a in evaluate(board, [before, after], date(2027, 6, 1)).entries}
    assert (answers[after.id].answer, answers[after.id].counted) == ("board_decides", 0)
    assert [(r.rule, r.minutes, r.verified) for r in answers[after.id].reasons] == [("rules-ended", 60, False)]
    assert "rules-ended" not in {r.rule for r in answers[before.id].reasons}

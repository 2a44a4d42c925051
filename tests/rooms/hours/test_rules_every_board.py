"""What holds under every board: more hours never lower a total, and no day of the calendar is special."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.hours.rules import Board, Entry, Evaluation, Ledger, evaluate, minutes_in
from supervise.hours.rules.board import Average, Concurrent, Floor, Owed, Rolling, Rule, Within
from tests.rooms.hours.rows import BOARDS, CALIFORNIA, answer, days, judged, met, requirement, row, why
from tests.rooms.hours.test_rules_properties import AS_OF, BOTH, FIRST, entries, ledgers, many

OREGON, FLORIDA, BACB = BOARDS["or-lpc"], BOARDS["fl-rmhci"], BOARDS["bacb"]


def may_lower(rule: Rule) -> bool:
    """Rules under which an hour may cost another: void windows, averages, and limits that must choose."""
    return isinstance(rule, Average | Rolling | Within | Concurrent | Floor) or (isinstance(rule, Owed) and rule.void)


def lost(board: Board, found: Evaluation) -> Counter[str]:
    """Minutes that rules of that kind take away."""
    names = {rule.id for rule in board.rules if may_lower(rule)}
    found_minutes: Counter[str] = Counter()
    for entry in found.entries:
        found_minutes.update({reason.rule: reason.minutes for reason in entry.reasons if reason.rule in names})
    return found_minutes


@many
@given(ledgers, entries(name="added"), st.sampled_from(BOTH))
def test_adding_an_hour_never_lowers_a_total_but_by_a_void_window_or_an_average(
    ledger: list[Entry], added: Entry, board: Board
) -> None:
    before, after = evaluate(board, ledger, AS_OF), evaluate(board, [*ledger, added], AS_OF)
    if lost(board, after) != lost(board, before):
        return
    for old, new in zip(before.requirements, after.requirements, strict=True):
        assert old.kind == "maximum" or new.valid >= old.valid, (board.id, old.id)


@many
@given(ledgers, st.integers(0, 400), st.sampled_from([CALIFORNIA, BOARDS["ca-apcc"], FLORIDA, BOARDS["cacrep-2024"]]))
def test_no_week_of_the_calendar_is_special(ledger: list[Entry], weeks: int, board: Board) -> None:
    """Where rules look at days and weeks, the same ledger some weeks later is judged alike: over the turns of years,
    leap days and the days on which clocks change."""
    now = [entry for entry in ledger if entry.day >= FIRST]
    moved = timedelta(weeks=weeks)
    then = [replace(entry, day=entry.day + moved) for entry in now]
    first, second = evaluate(board, now, AS_OF), evaluate(board, then, AS_OF + moved)
    assert [(r.recorded, r.valid, r.needed) for r in first.requirements] == [
        (r.recorded, r.valid, r.needed) for r in second.requirements
    ]
    said = [
        [(e.entry_id, e.counted, e.answer, [(r.rule, r.minutes) for r in e.reasons]) for e in found.entries]
        for found in (first, second)
    ]
    assert said[0] == said[1]


@many
@given(ledgers, st.sampled_from(BOTH))
def test_every_reason_is_a_rule_of_the_board_with_its_citation(ledger: list[Entry], board: Board) -> None:
    known = {rule.id: rule for rule in board.rules}
    for entry in evaluate(board, ledger, AS_OF).entries:
        for reason in entry.reasons:
            if reason.rule not in ("as-of", "recorded-twice"):
                rule = known[reason.rule]
                assert (reason.citation, reason.verified) == (rule.citation, rule.verified)
                assert reason.text.startswith(rule.because)
        waits = any(reason.board_decides for reason in entry.reasons)
        assert entry.answer == (
            "counts" if not entry.reasons else "board_decides" if waits else "partly" if entry.counted else "refused"
        )


@pytest.mark.parametrize(
    ("clocks_change", "minutes"), [(date(2025, 3, 9), 1380), (date(2025, 11, 2), 1500), (date(2025, 7, 6), 1440)]
)
def test_forty_hours_over_the_days_on_which_clocks_change(clocks_change: date, minutes: int) -> None:
    """Days are local dates: seven of them are seven, whether the week has 167, 168 or 169 hours."""
    assert minutes_in(clocks_change, "America/Los_Angeles") == minutes
    first = clocks_change - timedelta(days=3)
    work = [row(day, "assessment", 380) for day in days(first, 7)]
    meetings = [met(first), met(first + timedelta(days=6))]
    found = judged([*work, *meetings], CALIFORNIA)
    assert sum(entry.counted for entry in found.entries) == 2400
    eighth = [*work[:6], row(first + timedelta(days=7), "assessment", 380), *meetings]
    assert all(entry.answer == "counts" for entry in judged(eighth, CALIFORNIA).entries)


def test_night_work_belongs_to_the_day_it_began_on_whatever_zone_it_was_worked_in() -> None:
    """A log has local dates only: an hour at 23:30 counts on its day, and moving from Boise to Boston moves no hour."""
    night = row(date(2025, 12, 31), "individual", 120)
    found = judged([night, met(date(2026, 1, 2))], CALIFORNIA)
    assert answer(found, night).answer == "counts"
    assert requirement(found, "weeks").qualified == (date(2025, 12, 29),)


def test_a_fortnight_over_the_turn_of_the_year_and_through_week_53() -> None:
    client, meeting = row(date(2020, 12, 30)), met(date(2021, 1, 8))
    assert answer(judged([client, meeting], FLORIDA), client).answer == "counts"
    late = met(date(2021, 1, 11))
    assert why(judged([client, late], FLORIDA), client) == {"fortnightly-supervision": 60}


def test_months_end_where_the_calendar_ends_them() -> None:
    december = [row(date(2024, 12, 31)), met(date(2024, 12, 3)), met(date(2024, 12, 30))]
    assert requirement(judged(december, OREGON), "direct").valid == 60
    over = [row(date(2024, 12, 31)), met(date(2024, 12, 3)), met(date(2025, 1, 1))]
    assert requirement(judged(over, OREGON), "direct").valid == 0
    leap = [row(date(2024, 2, 29)), met(date(2024, 2, 1)), met(date(2024, 2, 29))]
    assert requirement(judged(leap, OREGON), "direct").valid == 60
    year = [row(date(2024, 2, 29), "assessment", 20 * 60), met(date(2024, 2, 29))]
    assert requirement(judged(year, BACB), "total").valid == 21 * 60 - 60


def test_a_year_turns_on_its_first_of_january() -> None:
    illinois = BOARDS["il-lpc"]
    full = [row(date(2024, 1, 1) + timedelta(days=n), minutes=1440) for n in range(70)]
    found = judged([*full, row(date(2024, 12, 31)), row(date(2025, 1, 1))], illinois)
    assert [entry.counted for entry in found.entries[-2:]] == [0, 60]


@many
@given(ledgers, st.lists(entries(), min_size=1, max_size=6, unique_by=lambda entry: entry.id), st.sampled_from(BOTH))
def test_a_ledger_that_grows_says_what_one_judged_at_once_says(
    ledger: list[Entry], more: list[Entry], board: Board
) -> None:
    added = [replace(entry, id=f"more-{entry.id}") for entry in more]
    growing = Ledger(board, ledger, AS_OF)
    for n, entry in enumerate(added, 1):
        assert growing.add(entry) == evaluate(board, [*ledger, *added[:n]], AS_OF)
    assert growing.evaluation == evaluate(board, [*ledger, *added], AS_OF)

"""What must hold for every ledger, tried on many."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, time, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from supervise.hours.rules import CATEGORIES, MODES, PAYS, Board, Entry, Evaluation, evaluate, projection
from supervise.hours.rules.board import Age, Maximum, Minimum, Owed, Rolling, Rule
from tests.rooms.hours.rows import BOARDS, CALIFORNIA, TEXAS, answer, requirement

FIRST, DEGREE, AS_OF = date(2024, 12, 9), date(2024, 12, 23), date(2025, 2, 3)
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def small(board: Board) -> Board:
    """The same rules with lower limits, so that a ledger of some weeks meets them."""

    def shrunk(rule: Rule) -> Rule:
        if isinstance(rule, Minimum | Maximum):
            return replace(rule, minutes=rule.minutes // (2 if isinstance(rule, Maximum) and rule.window else 300))
        if isinstance(rule, Age):
            return replace(rule, except_minutes=rule.except_minutes // 300)
        if isinstance(rule, Owed):
            return replace(rule, over_minutes=rule.over_minutes // 4)
        return rule

    return replace(board, rules=tuple(shrunk(rule) for rule in board.rules))


RULES: dict[tuple[str, str], Rule] = {(board.id, rule.id): rule for board in BOARDS.values() for rule in board.rules}
BOTH = [*BOARDS.values(), *(small(board) for board in BOARDS.values())]


@st.composite
def entries(draw: st.DrawFn, name: str = "") -> Entry:
    day = FIRST + timedelta(days=draw(st.integers(0, 50)))
    category = draw(st.sampled_from((*CATEGORIES, *(["supervision"] * 4), "individual", "couple_family")))
    pieces = tuple(draw(st.lists(st.sampled_from((1, 30, 59, 60, 61, 120)), min_size=1, max_size=3)))
    return Entry(
        id=name or f"e{draw(st.integers(0, 10**9))}",
        day=day - timedelta(days=365 * 6) if draw(st.integers(0, 19)) == 19 else day,
        start=draw(st.one_of(st.none(), st.just(time(9)), st.just(time(14)))),
        minutes=sum(pieces),
        category=category,
        setting=draw(st.sampled_from("AB")),
        supervisor=draw(st.sampled_from(("", "one"))),
        mode=draw(st.sampled_from((*(["in_person"] * 12), *MODES))),
        attendees=draw(st.sampled_from((1, 1, 1, *range(2, 10)))) if category == "supervision" else None,
        degree="pre" if day < DEGREE else "post",
        pay=draw(st.sampled_from((*(["w2"] * 12), *PAYS))),
        segment_minutes=pieces if draw(st.booleans()) else (),
    )


ledgers = st.lists(entries(), max_size=60, unique_by=lambda entry: entry.id)


def valid(evaluation: Evaluation, *names: str) -> list[int]:
    return [requirement(evaluation, name).valid for name in names]


@many
@given(ledgers, st.randoms(use_true_random=False), st.sampled_from(BOTH))
def test_order_does_not_matter(ledger: list[Entry], chance: random.Random, board: Board) -> None:
    shuffled = ledger.copy()
    chance.shuffle(shuffled)
    assert evaluate(board, shuffled, AS_OF) == evaluate(board, ledger, AS_OF)


@many
@given(ledgers, st.sampled_from(BOTH))
def test_totals_are_the_sum_of_the_explanations(ledger: list[Entry], board: Board) -> None:
    found = evaluate(board, ledger, AS_OF)
    assert {entry.id for entry in ledger} == {entry.entry_id for entry in found.entries}
    for entry in found.entries:
        assert entry.recorded == entry.counted + sum(reason.minutes for reason in entry.reasons)
        assert all(reason.minutes > 0 and reason.text for reason in entry.reasons)
        assert (entry.answer == "counts") == (not entry.reasons)
        assert bool(entry.toward) == (entry.counted > 0)
    for result in found.requirements:
        if result.unit == "minutes":
            rule = RULES[found.board, result.id]
            credit = rule.credit if isinstance(rule, Minimum) else int
            assert result.valid == sum(credit(entry.counted) for entry in found.entries if result.id in entry.toward)
        if result.kind == "maximum":
            assert result.valid <= result.needed
        assert 0 <= result.valid <= result.recorded


@many
@given(ledgers, st.sampled_from([CALIFORNIA, small(CALIFORNIA)]))
def test_no_seven_days_ever_hold_more_than_forty_counted_hours(ledger: list[Entry], board: Board) -> None:
    found = evaluate(board, ledger, AS_OF)
    a_day: dict[date, int] = defaultdict(int)
    for entry in ledger:
        a_day[entry.day] += answer(found, entry).counted
    for day in a_day:
        assert sum(a_day.get(day + timedelta(days=n), 0) for n in range(7)) <= 2400


@many
@given(ledgers, entries(name="added"), st.sampled_from([CALIFORNIA, small(CALIFORNIA)]))
def test_adding_an_hour_never_lowers_a_total_in_california(ledger: list[Entry], added: Entry, board: Board) -> None:
    """Outside a full rolling window, where no rule can keep every total: see the counting module."""
    after = evaluate(board, [*ledger, added], AS_OF)
    assume(not any(reason.rule == "forty-hours" for entry in after.entries for reason in entry.reasons))
    names = ("total", "direct", "couples-families-children", "weeks", "weeks-individual")
    before = evaluate(board, ledger, AS_OF)
    assert all(new >= old for new, old in zip(valid(after, *names), valid(before, *names), strict=True))


@many
@given(ledgers, entries(name="added"))
def test_adding_an_hour_never_lowers_a_total_in_texas_but_by_a_void_month(ledger: list[Entry], added: Entry) -> None:
    before, after = evaluate(TEXAS, ledger, AS_OF), evaluate(TEXAS, [*ledger, added], AS_OF)
    by_id = {entry.id: entry for entry in (*ledger, added)}
    short = {
        by_id[entry.entry_id].day.replace(day=1)
        for entry in after.entries
        for reason in entry.reasons
        if reason.rule == "monthly-supervision"
    }
    assume(added.day.replace(day=1) not in short)
    assume(not any(reason.rule == "sixty-months" for entry in after.entries for reason in entry.reasons))
    names = ("total", "direct", "supervision", "months")
    assert all(new >= old for new, old in zip(valid(after, *names), valid(before, *names), strict=True))


only_rolling = replace(
    CALIFORNIA,
    rules=tuple(
        r for r in CALIFORNIA.rules if isinstance(r, Rolling | Minimum) or r.id in ("meeting-size", "supervision-unit")
    ),
)


@many
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(200, 900)), max_size=25), st.integers(0, 20))
def test_under_the_rolling_limit_alone_an_hour_of_one_kind_never_lowers_the_total(
    rows: list[tuple[int, int]], added: int
) -> None:
    def entry(name: str, offset: int, minutes: int) -> Entry:
        day = FIRST + timedelta(days=offset)
        return Entry(id=name, day=day, minutes=minutes, category="individual", setting="A", degree="post", pay="w2")

    ledger = [entry(f"e{n}", offset, minutes) for n, (offset, minutes) in enumerate(rows)]
    before = evaluate(only_rolling, ledger, AS_OF)
    after = evaluate(only_rolling, [*ledger, entry("added", added, 60)], AS_OF)
    assert valid(after, "total") >= valid(before, "total")


@many
@given(ledgers)
def test_more_supervision_never_makes_a_shortfall(ledger: list[Entry]) -> None:
    extra = [
        Entry(
            id=f"x{n}{setting}",
            day=FIRST + timedelta(days=n),
            minutes=60,
            category="supervision",
            setting=setting,
            degree="pre" if FIRST + timedelta(days=n) < DEGREE else "post",
            pay="w2",
            attendees=1,
        )
        for n in range(0, 51, 2)
        for setting in "AB"
    ]
    found = evaluate(CALIFORNIA, [*ledger, *extra], AS_OF)
    owed = {rule.id for rule in CALIFORNIA.only(Owed)}
    in_time = {entry.id for entry in ledger if entry.day >= FIRST}
    assert not any(r.rule in owed for e in found.entries if e.entry_id in in_time for r in e.reasons)


@many
@given(ledgers, st.sampled_from(BOTH))
def test_every_projection_is_today_later_or_unknown(ledger: list[Entry], board: Board) -> None:
    found = evaluate(board, ledger, AS_OF)
    ahead = projection(found, ledger, AS_OF)
    unmet = {result.id for result in found.requirements if not result.met and result.kind == "minimum"}
    assert {p.requirement_id for p in ahead if p.date != AS_OF} <= unmet
    assert any(p.binding for p in ahead) == bool(unmet)
    assert all(p.requirement_id in unmet for p in ahead if p.binding)

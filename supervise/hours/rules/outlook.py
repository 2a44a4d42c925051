"""What the ledger means for the days ahead: supervision owed, and when each requirement would be met at this pace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from supervise.hours.rules.board import Average, Board, Rule, Unit
from supervise.hours.rules.board import Owed as OwedRule
from supervise.hours.rules.calendar import FORTNIGHT, add_months, window_start
from supervise.hours.rules.caps import averages, shortfalls
from supervise.hours.rules.counting import passed_alone
from supervise.hours.rules.entry import Entry
from supervise.hours.rules.results import Evaluation, RequirementResult

PACE_DAYS = 26 * 7


@dataclass(frozen=True, slots=True)
class Projection:
    """The day on which a requirement would be met at the pace of the last 26 weeks.

    `date` is None where nothing was added in that time. `binding`: this is what the licence waits for.
    """

    requirement_id: str
    date: date | None
    binding: bool


@dataclass(frozen=True, slots=True)
class Owed:
    """Supervision owed in one setting ("" where a board asks over all settings).

    `window` is week, fortnight, month, year, or period for an average over the whole time. `units_have` is for showing;
    `enough` is exact, and False too where there is enough but in too few different weeks.
    `individual_minutes_missing` is the least individual supervision that would mend it.
    """

    setting: str
    units_needed: float
    units_have: float
    enough: bool
    individual_minutes_missing: int
    window: str
    rule: str
    because: str
    citation: str
    verified: bool


def _finish(result: RequirementResult, added: int, as_of: date) -> date | None:
    if result.met:
        return as_of
    if added == 0:
        return None
    days = -(-result.missing * PACE_DAYS // added)
    return as_of + timedelta(days=days) if days < (date.max - as_of).days else None


def projection(evaluation: Evaluation, entries: Iterable[Entry], as_of: date) -> list[Projection]:
    """When each minimum would be met, in the order of the requirements. Met ones carry `as_of`."""
    since = as_of - timedelta(days=PACE_DAYS)
    days = {entry.id: entry.day for entry in entries}
    recent = {result.id: 0 for result in evaluation.requirements}
    for answer in evaluation.entries:
        if since < days[answer.entry_id] <= as_of:
            for requirement in answer.toward:
                recent[requirement] += answer.counted
    found: list[tuple[str, date | None, bool]] = []
    for result in evaluation.requirements:
        if result.kind != "minimum":
            continue
        if result.is_span:
            finish = (
                as_of if result.met else add_months(result.qualified[0], result.needed) if result.qualified else None
            )
        else:
            added = recent[result.id] + sum(since < start <= as_of for start in result.qualified)
            finish = _finish(result, added, as_of)
        found.append((result.id, finish, result.met))
    last = max((finish or date.max for _, finish, met in found if not met), default=None)
    return [Projection(name, finish, not met and (finish or date.max) == last) for name, finish, met in found]


def owed_this_week(board: Board, entries: Iterable[Entry], week_start: date) -> list[Owed]:
    """Supervision owed and held in the window that holds `week_start`, per setting and rule; averages up to its end.

    Only rows that are in the ledger are looked at, so that a shortfall shows while it can still be mended.
    """
    valid = passed_alone(board, entries, date.max)
    individual = board.only(Unit)[0].minutes["individual"]
    found: list[Owed] = []

    def add(rule: Rule, setting: str, window: str, needed: float, have: float, missing: int, short: bool) -> None:
        said = rule.because, rule.citation, rule.verified
        found.append(Owed(setting, needed, have, not short, missing, window, rule.id, *said))

    for rule in board.only(OwedRule):
        start = window_start(week_start, rule.window)
        near = {start, start - timedelta(days=7), start + timedelta(days=7)} if rule.window == FORTNIGHT else {start}
        inside = [pair for pair in valid if window_start(pair[0].day, rule.window) in near]
        for (first, setting), held in sorted(shortfalls(board, rule, inside).items()):
            if held.owed and first == start:
                missing = int(max(0, -(-(rule.units - held.units) * individual // 1)))
                add(rule, setting, rule.window, float(rule.units), float(held.units), missing, held.short)
    until = window_start(week_start, "week") + timedelta(days=6)
    for average in board.only(Average):
        so_far = [pair for pair in valid if pair[0].day <= until]
        current = None if average.window is None else window_start(week_start, average.window)
        for (begun, setting), (client, units) in averages(board, average, so_far).items():
            if begun != current:
                continue
            missing = int(
                max(0, -(-(client - units * average.minutes_per_unit) * individual // average.minutes_per_unit))
            )
            needed = client / average.minutes_per_unit
            add(average, setting, average.window or "period", needed, float(units), missing, missing > 0)
    return found

"""What a person works towards: each requirement reckoned from the minutes that were admitted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from supervise.hours.rules.board import (
    Age,
    Board,
    Distinct,
    Maximum,
    Minimum,
    Pace,
    Portion,
    Rule,
    Span,
    Tally,
)
from supervise.hours.rules.calendar import whole_months, window_start
from supervise.hours.rules.caps import Valid, oldest_day
from supervise.hours.rules.entry import Entry
from supervise.hours.rules.meetings import kind_of, units
from supervise.hours.rules.results import RequirementResult


@dataclass(frozen=True, slots=True)
class Judged:
    """A ledger after counting: entries in order, with what passed alone, and by id what was admitted."""

    board: Board
    ordered: list[Entry]
    valid: Valid
    counted: Mapping[str, int]
    as_of: date

    def recorded(self) -> Iterable[tuple[Entry, int]]:
        """Every entry with all its minutes."""
        return ((entry, entry.minutes) for entry in self.ordered)

    def admitted(self) -> Iterable[tuple[Entry, int]]:
        """Every entry with the minutes that count."""
        return ((entry, self.counted[entry.id]) for entry in self.ordered)


def belongs(board: Board, rule: Rule, entry: Entry) -> bool:
    """Whether an entry's minutes enter a requirement that is reckoned in minutes."""
    match rule:
        case Minimum(of=of, degree=degree, kinds=kinds):
            return entry.category in of and degree in (None, entry.degree) and _is(board, entry, kinds)
        case Maximum(of=of, degree=degree):
            return entry.category in of and degree in (None, entry.degree)
        case Pace(of=of, kinds=kinds):
            return entry.category in of and _is(board, entry, kinds)
        case Tally(of=of) | Portion(of=of):
            return entry.category in of
    return False


def _is(board: Board, entry: Entry, kinds: frozenset[str]) -> bool:
    return not kinds or kind_of(board, entry) in kinds


def _weeks(rule: Pace, judged: Judged) -> int:
    worked = {entry.day for entry, minutes in judged.admitted() if minutes and entry.category in rule.work}
    return len({window_start(day, "week") for day in worked})


def _needed(rule: Rule, judged: Judged) -> int:
    """What is needed in proportion to the work that counts, in minutes."""
    match rule:
        case Pace(minutes=minutes):
            return _weeks(rule, judged) * minutes
        case Portion(among=among, percent=percent):
            whole = sum(minutes for entry, minutes in judged.admitted() if entry.category in among)
            return -(-whole * percent // 100)
    return 0


def _minutes(rule: Rule, judged: Judged) -> dict[str, Any]:
    credit = rule.credit if isinstance(rule, Minimum) else int
    own = [entry for entry in judged.ordered if belongs(judged.board, rule, entry)]
    found: dict[str, Any] = {
        "unit": "minutes",
        "recorded": sum(credit(entry.minutes) for entry in own),
        "valid": sum(credit(judged.counted[entry.id]) for entry in own),
        "kind": "minimum",
    }
    match rule:
        case Minimum(minutes=minutes):
            return found | {"needed": minutes}
        case Maximum(minutes=minutes):
            return found | {"needed": minutes, "kind": "maximum"}
        case Pace() | Portion():
            return found | {"needed": _needed(rule, judged), "kind": "pace"}
    return found | {"needed": 0, "kind": "tally"}


def _supervised(board: Board, rule: Distinct, meetings: Iterable[tuple[Entry, int]]) -> tuple[date, ...]:
    """First days of the windows that hold enough supervision."""
    held: dict[tuple[date, str], Valid] = defaultdict(list)
    for entry, minutes in meetings:
        if minutes and kind_of(board, entry) in rule.kinds:
            key = window_start(entry.day, rule.window), entry.setting if rule.per_setting else ""
            held[key].append((entry, minutes))
    return tuple(sorted({start for (start, _), met in held.items() if units(board, met) >= rule.units}))


def _worked(rule: Distinct, pairs: Iterable[tuple[Entry, int]]) -> tuple[date, ...]:
    """First days of the windows in which there is such work."""
    days = {entry.day for entry, minutes in pairs if minutes and entry.category in rule.of}
    return tuple(sorted({window_start(day, rule.window) for day in days}))


def _distinct(rule: Distinct, judged: Judged) -> dict[str, Any]:
    if rule.of:
        recorded, qualified = _worked(rule, judged.recorded()), _worked(rule, judged.admitted())
    else:
        oldest = max((oldest_day(age, judged.as_of) for age in judged.board.only(Age)), default=date.min)
        recorded = _supervised(judged.board, rule, judged.recorded())
        qualified = _supervised(judged.board, rule, (pair for pair in judged.valid if pair[0].day >= oldest))
    return {
        "unit": f"{rule.window}s",
        "recorded": len(recorded),
        "valid": len(qualified),
        "needed": rule.count,
        "kind": "minimum",
        "qualified": qualified,
    }


def _span(rule: Span, judged: Judged) -> dict[str, Any]:
    own = [entry for entry in judged.ordered if entry.category in rule.of]
    days = [entry.day for entry in own if judged.counted[entry.id]]
    return {
        "unit": "months",
        "recorded": whole_months(own[0].day, own[-1].day) if own else 0,
        "valid": whole_months(days[0], days[-1]) if days else 0,
        "needed": rule.months,
        "kind": "minimum",
        "qualified": (days[0], days[-1]) if days else (),
        "is_span": True,
    }


def _reckoned(rule: Rule, judged: Judged) -> dict[str, Any]:
    if isinstance(rule, Distinct):
        return _distinct(rule, judged)
    return _span(rule, judged) if isinstance(rule, Span) else _minutes(rule, judged)


def requirements_of(judged: Judged) -> tuple[RequirementResult, ...]:
    """Every requirement of the board, in the order of its file."""
    return tuple(
        RequirementResult(
            id=rule.id,
            title=rule.title,
            verified=rule.verified,
            citation=rule.citation,
            url=rule.url,
            note=rule.note,
            **_reckoned(rule, judged),
        )
        for rule in judged.board.requirements
    )


def requirements_after(
    before: Iterable[RequirementResult], judged: Judged, added: Entry, moves: Sequence[tuple[Entry, int, int]]
) -> tuple[RequirementResult, ...]:
    """The requirements once a row was added: `moves` hold it and whoever it moved, with minutes before and now.

    Sums follow the moves. Weeks, months and what is needed in proportion are reckoned anew where a move touches them.
    """
    found = []
    for rule, old in zip(judged.board.requirements, before, strict=True):
        sums = isinstance(rule, Minimum | Maximum | Tally)
        if sums or isinstance(rule, Pace | Portion):
            credit = rule.credit if isinstance(rule, Minimum) else int
            own = [move for move in moves if belongs(judged.board, rule, move[0])]
            more = credit(added.minutes) if belongs(judged.board, rule, added) else 0
            valid = old.valid + sum(credit(now) - credit(then) for _, then, now in own)
            new = replace(old, recorded=old.recorded + more, valid=valid)
            found.append(new if sums else replace(new, needed=_needed(rule, judged)))
        elif isinstance(rule, Distinct) and not rule.of and not added.is_supervision:
            found.append(old)
        else:
            found.append(replace(old, **_reckoned(rule, judged)))
    return tuple(found)

"""Which minutes a board lets count, and why the others do not.

First each entry is judged alone (category, pay, validity of a meeting). Then minutes are admitted one entry after the
other under all limits at once: those of the board's `first` groups before the rest, and within a group in the order in
which they happened. A minute that does not fit is charged to the first rule, in the order of the file, that stops it.

That order is ours, for no board states one. It admits the hours that are hardest to earn before those that are easy, so
that an hour of notes never costs an hour with a couple. Under a rolling limit no order can do better for every total at
once: with one hour allowed in two days, notes on Monday and Wednesday against a couple on Tuesday win one or the other.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from supervise.hours.rules.admission import Admission, Admitted, Place
from supervise.hours.rules.board import Accept, Alternate, Board, Degree, Mode, Pay, Rule
from supervise.hours.rules.caps import Valid
from supervise.hours.rules.entry import Entry
from supervise.hours.rules.meetings import alternation, refusals
from supervise.hours.rules.requirements import Judged, belongs, requirements_after, requirements_of
from supervise.hours.rules.results import EntryResult, Evaluation, Reason


def _reason(rule: Rule, minutes: int, text: str) -> Reason:
    return Reason(rule.id, minutes, text, rule.citation, rule.url, rule.verified, rule.decides)


def _alone(board: Board, entry: Entry, as_of: date) -> list[Reason]:
    """What speaks against an entry whatever else is in the ledger."""
    if entry.day > as_of:
        return [Reason("as-of", entry.minutes, f"Dated after {as_of}, the day of this evaluation.", "", "", True)]
    if board.effective_to is not None and entry.day > board.effective_to:
        text = f"The rules on file end on {board.effective_to}; what is in force on this day is not on file."
        return [Reason("rules-ended", entry.minutes, text, board.source, "", False, board_decides=True)]
    for accept in board.only(Accept):
        if entry.category not in accept.categories:
            return [_reason(accept, entry.minutes, accept.because)]
    for pay in board.only(Pay):
        if entry.pay not in pay.accepted:
            return [_reason(pay, entry.minutes, pay.because)]
    for degree in board.only(Degree):
        if entry.degree not in degree.accepted:
            return [_reason(degree, entry.minutes, degree.because)]
    if entry.is_supervision and (found := refusals(board, entry)):
        return [_reason(rule, minutes, rule.because) for rule, minutes in found]
    for mode in board.only(Mode):
        if entry.category in mode.of and entry.mode not in mode.accepted:
            return [_reason(mode, entry.minutes, mode.because)]
    return []


def _content(entry: Entry) -> tuple[Any, ...]:
    """All that an entry says, the time first; the id is left out, so that it decides between equals alone."""
    when = entry.day, entry.start is not None, entry.start or time.min
    what = entry.setting, entry.category, entry.supervisor, entry.minutes, entry.degree, entry.pay
    return *when, *what, entry.mode, entry.attendees or 0, entry.segment_minutes


def _place(entry: Entry) -> Place:
    return _content(entry), entry.id


def _recorded_twice(ordered: list[Entry]) -> dict[str, list[Reason]]:
    """Reasons by id for rows that say what an earlier one says, to the minute at which the work began."""
    found: dict[str, list[Reason]] = {}
    seen: set[tuple[Any, ...]] = set()
    for entry in ordered:
        if entry.start is None:
            continue
        content = _content(entry)
        if content in seen:
            text = "The same work, begun at the same minute, is recorded in another row; it counts once."
            found[entry.id] = [Reason("recorded-twice", entry.minutes, text, "", "", True)]
        seen.add(content)
    return found


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    found = sorted(entries, key=_place)
    if len({entry.id for entry in found}) != len(found):
        raise ValueError("two entries carry the same id")
    return found


def _refused(board: Board, ordered: list[Entry], as_of: date) -> dict[str, list[Reason]]:
    """By id, what speaks against an entry before any limit is drawn on."""
    twice = _recorded_twice(ordered)
    alone = {entry.id: twice.get(entry.id) or _alone(board, entry, as_of) for entry in ordered}
    for entry_id, (rule, minutes) in alternation(board, _left(ordered, alone)).items():
        alone[entry_id].append(_reason(rule, minutes, rule.because))
    return alone


def _left(ordered: list[Entry], reasons: Mapping[str, list[Reason]]) -> Valid:
    return [(entry, entry.minutes - sum(reason.minutes for reason in reasons[entry.id])) for entry in ordered]


def passed_alone(board: Board, entries: Iterable[Entry], as_of: date) -> Valid:
    """Entries in order with the minutes that no rule refuses before any limit is drawn on."""
    ordered = _in_order(entries)
    return _left(ordered, _refused(board, ordered, as_of))


def _answer(recorded: int, counted: int, reasons: Iterable[Reason]) -> str:
    if counted == recorded:
        return "counts"
    if any(reason.board_decides for reason in reasons):
        return "board_decides"
    return "partly" if counted else "refused"


class Ledger:
    """A ledger judged under one board on one day, and judged on as rows are added to it.

    `evaluation` is what `evaluate` would say of the same rows. `add` looks only at what a row touches.
    Raises ValueError where two entries carry the same id.
    """

    def __init__(self, board: Board, entries: Iterable[Entry], as_of: date) -> None:
        self._board, self._as_of = board, as_of
        self._judge(_in_order(entries))

    def _judge(self, ordered: list[Entry]) -> None:
        board, as_of = self._board, self._as_of
        self._ordered, self._alone = ordered, _refused(board, ordered, as_of)
        self._valid = _left(ordered, self._alone)
        self._places = [_place(entry) for entry in ordered]
        rows = ((place, entry, minutes) for place, (entry, minutes) in zip(self._places, self._valid, strict=True))
        self._admission = Admission(board, rows, as_of)
        self._counted = {entry_id: one.left for entry_id, one in self._admission.by_id.items()}
        self._results = [self._result(entry) for entry in ordered]
        judged = Judged(board, ordered, self._valid, self._counted, as_of)
        self.evaluation = Evaluation(board.id, as_of, requirements_of(judged), tuple(self._results))

    def _result(self, entry: Entry) -> EntryResult:
        one, board = self._admission.by_id[entry.id], self._board
        reasons = (*self._alone[entry.id], *(_reason(*charge) for charge in one.charges))
        toward = tuple(rule.id for rule in board.requirements if one.left and belongs(board, rule, entry))
        return EntryResult(
            entry.id, entry.minutes, one.left, _answer(entry.minutes, one.left, reasons), reasons, toward
        )

    def add(self, entry: Entry) -> Evaluation:
        """Judge a row with those that are there."""
        if entry.id in self._alone:
            raise ValueError("two entries carry the same id")
        place = _place(entry)
        at = bisect_left(self._places, place)
        alone = self._alone_beside(entry, at)
        minutes = entry.minutes - sum(reason.minutes for reason in alone or ())
        if alone is None or not self._admission.can_add(entry, minutes):
            self._judge([*self._ordered[:at], entry, *self._ordered[at:]])
            return self.evaluation
        self._alone[entry.id] = alone
        self._ordered.insert(at, entry)
        self._places.insert(at, place)
        self._valid.insert(at, (entry, minutes))
        return self._follow(entry, at, self._admission.add(place, entry, minutes))

    def _alone_beside(self, entry: Entry, at: int) -> list[Reason] | None:
        """What speaks against a row by itself; None where the row changes what others are by themselves."""
        beside = self._places[max(0, at - 1) : at + 1]
        if entry.start is not None and any(content == _content(entry) for content, _ in beside):
            return None
        alone = _alone(self._board, entry, self._as_of)
        if not entry.is_supervision or not self._board.only(Alternate):
            return alone
        rows = [one for one in (*self._ordered[:at], entry, *self._ordered[at:]) if one.is_supervision]
        turns = {rule.id for rule in self._board.only(Alternate)}
        said = {one.id: self._alone[one.id] for one in rows if one is not entry}
        reasons = {name: [r for r in found if r.rule not in turns] for name, found in said.items()}
        out_of_turn = alternation(self._board, _left(rows, {**reasons, entry.id: alone}))
        if rule_and_minutes := out_of_turn.pop(entry.id, None):
            rule, minutes = rule_and_minutes
            alone = [*alone, _reason(rule, minutes, rule.because)]
        then = {e: r.minutes for e, found in said.items() for r in found if r.rule in turns}
        return alone if then == {e: minutes for e, (_, minutes) in out_of_turn.items()} else None

    def _follow(self, entry: Entry, at: int, changed: list[Admitted]) -> Evaluation:
        moves = [(one.entry, self._counted.get(one.entry.id, 0), one.left) for one in changed]
        self._counted.update({moved.id: left for moved, _, left in moves})
        self._results.insert(at, self._result(entry))
        for one in changed[1:]:
            self._results[bisect_left(self._places, _place(one.entry))] = self._result(one.entry)
        judged = Judged(self._board, self._ordered, self._valid, self._counted, self._as_of)
        requirements = requirements_after(self.evaluation.requirements, judged, entry, moves)
        self.evaluation = Evaluation(self._board.id, self._as_of, requirements, tuple(self._results))
        return self.evaluation


def evaluate(board: Board, entries: Iterable[Entry], as_of: date) -> Evaluation:
    """Judge every entry as if the application were received on `as_of`. The order of `entries` does not matter.

    Raises ValueError where two entries carry the same id.
    """
    return Ledger(board, entries, as_of).evaluation

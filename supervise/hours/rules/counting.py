"""Which minutes a board lets count, and why the others do not.

First each entry is judged alone (category, pay, validity of a meeting). Then minutes are admitted one entry after the
other under all limits at once: those of the board's `first` groups before the rest, and within a group in the order in
which they happened. A minute that does not fit is charged to the first rule, in the order of the file, that stops it.

That order is ours, for no board states one. It admits the hours that are hardest to earn before those that are easy, so
that an hour of notes never costs an hour with a couple. Under a rolling limit no order can do better for every total at
once: with one hour allowed in two days, notes on Monday and Wednesday against a couple on Tuesday win one or the other.
"""

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from supervise.hours.rules.board import Accept, Board, Degree, Mode, Pay, Rule
from supervise.hours.rules.caps import Valid, caps
from supervise.hours.rules.entry import Entry
from supervise.hours.rules.meetings import alternation, refusals
from supervise.hours.rules.requirements import Judged, belongs, requirements_of
from supervise.hours.rules.results import EntryResult, Evaluation, Reason


def _reason(rule: Rule, minutes: int, text: str) -> Reason:
    return Reason(rule.id, minutes, text, rule.citation, rule.url, rule.verified, rule.decides)


def _alone(board: Board, entry: Entry, as_of: date) -> list[Reason]:
    """What speaks against an entry whatever else is in the ledger."""
    if entry.day > as_of:
        return [Reason("as-of", entry.minutes, f"Dated after {as_of}, the day of this evaluation.", "", "", True)]
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
    found = sorted(entries, key=lambda entry: (_content(entry), entry.id))
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


def _admit(board: Board, valid: Valid, as_of: date) -> dict[str, tuple[int, list[Reason]]]:
    """Minutes admitted by entry id, with the reasons for those that were not."""
    rank = {category: n for n, group in reversed(list(enumerate(board.first))) for category in group}
    limits = caps(board, valid, as_of)
    admitted: dict[str, tuple[int, list[Reason]]] = {}
    for entry, minutes in sorted(valid, key=lambda pair: rank.get(pair[0].category, len(board.first))):
        left, reasons = minutes, []
        drawn = [bucket for draws in limits for bucket in draws(entry)] if minutes else []
        for bucket in drawn:
            room = max(0, bucket.room)
            if left > room:
                reasons.append(_reason(bucket.rule, left - room, bucket.text))
                left = room
        for bucket in drawn:
            bucket.take(left)
        admitted[entry.id] = left, reasons
    return admitted


def _answer(recorded: int, counted: int, reasons: Iterable[Reason]) -> str:
    if counted == recorded:
        return "counts"
    if any(reason.board_decides for reason in reasons):
        return "board_decides"
    return "partly" if counted else "refused"


def evaluate(board: Board, entries: Iterable[Entry], as_of: date) -> Evaluation:
    """Judge every entry as if the application were received on `as_of`. The order of `entries` does not matter.

    Raises ValueError where two entries carry the same id.
    """
    ordered = _in_order(entries)
    alone = _refused(board, ordered, as_of)
    valid = _left(ordered, alone)
    admitted = _admit(board, valid, as_of)
    counted = {entry_id: minutes for entry_id, (minutes, _) in admitted.items()}
    results = []
    for entry in ordered:
        reasons = (*alone[entry.id], *admitted[entry.id][1])
        toward = tuple(rule.id for rule in board.requirements if counted[entry.id] and belongs(board, rule, entry))
        answer = _answer(entry.minutes, counted[entry.id], reasons)
        results.append(EntryResult(entry.id, entry.minutes, counted[entry.id], answer, reasons, toward))
    requirements = requirements_of(Judged(board, ordered, valid, counted, as_of))
    return Evaluation(board.id, as_of, requirements, tuple(results))

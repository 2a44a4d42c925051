"""Which minutes a board lets count, and why the others do not.

First each entry is judged alone (category, pay, validity of a meeting). Then minutes are admitted one entry after the
other under all limits at once: those of the board's `first` groups before the rest, and within a group in the order in
which they happened. A minute that does not fit is charged to the first rule, in the order of the file, that stops it.

That order is ours, for no board states one. It admits the hours that are hardest to earn before those that are easy, so
that an hour of notes never costs an hour with a couple. Under a rolling limit no order can do better for every total at
once: with one hour allowed in two days, notes on Monday and Wednesday against a couple on Tuesday win one or the other.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time
from typing import Any

from supervise.hours.rules.board import Accept, Age, Board, Distinct, Maximum, Minimum, Pay, Rule, Span, Tally
from supervise.hours.rules.calendar import whole_months, window_start
from supervise.hours.rules.caps import Valid, caps, oldest_day
from supervise.hours.rules.entry import Entry
from supervise.hours.rules.meetings import kind_of, refusals, units
from supervise.hours.rules.results import EntryResult, Evaluation, Reason, RequirementResult


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
    if not entry.is_supervision:
        return []
    return [_reason(rule, minutes, rule.because) for rule, minutes in refusals(board, entry)]


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


def passed_alone(board: Board, entries: Iterable[Entry], as_of: date) -> Valid:
    """Entries with the minutes that no rule about the entry alone refuses."""
    return [(entry, entry.minutes - sum(r.minutes for r in _alone(board, entry, as_of))) for entry in entries]


def _content(entry: Entry) -> tuple[Any, ...]:
    """All that an entry says, the time first; the id is left out, so that it decides between equals alone."""
    when = entry.day, entry.start is not None, entry.start or time.min
    what = entry.setting, entry.category, entry.supervisor, entry.minutes, entry.degree, entry.pay
    return *when, *what, entry.mode, entry.attendees or 0, entry.segment_minutes


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    found = sorted(entries, key=lambda entry: (_content(entry), entry.id))
    if len({entry.id for entry in found}) != len(found):
        raise ValueError("two entries carry the same id")
    return found


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


def _matches(rule: Minimum | Maximum | Tally, entry: Entry) -> bool:
    degree = None if isinstance(rule, Tally) else rule.degree
    return entry.category in rule.of and degree in (None, entry.degree)


def _windows(board: Board, rule: Distinct, valid: Iterable[tuple[Entry, int]]) -> tuple[date, ...]:
    meetings: dict[tuple[date, str], Valid] = defaultdict(list)
    for entry, minutes in valid:
        if minutes and kind_of(board, entry) in rule.kinds:
            key = window_start(entry.day, rule.window), entry.setting if rule.per_setting else ""
            meetings[key].append((entry, minutes))
    return tuple(sorted({start for (start, _), held in meetings.items() if units(board, held) >= rule.units}))


def _requirement(
    board: Board, rule: Rule, ordered: list[Entry], valid: Valid, counted: dict[str, int], as_of: date
) -> RequirementResult:
    unit, kind = "minutes", "minimum"
    qualified: tuple[date, ...] = ()
    if isinstance(rule, Minimum | Maximum | Tally):
        own = [entry for entry in ordered if _matches(rule, entry)]
        recorded, got = sum(entry.minutes for entry in own), sum(counted[entry.id] for entry in own)
        needed = 0 if isinstance(rule, Tally) else rule.minutes
        kind = type(rule).__name__.lower()
    elif isinstance(rule, Distinct):
        oldest = max((oldest_day(age, as_of) for age in board.only(Age)), default=date.min)
        qualified = _windows(board, rule, (pair for pair in valid if pair[0].day >= oldest))
        recorded = len(_windows(board, rule, ((entry, entry.minutes) for entry in ordered)))
        unit, got, needed = f"{rule.window}s", len(qualified), rule.count
    elif isinstance(rule, Span):
        own = [entry for entry in ordered if entry.category in rule.of]
        days = [entry.day for entry in own if counted[entry.id]]
        qualified = (days[0], days[-1]) if days else ()
        unit, needed = "months", rule.months
        recorded = whole_months(own[0].day, own[-1].day) if own else 0
        got = whole_months(days[0], days[-1]) if days else 0
    else:
        raise TypeError(f"{rule.id} is not a requirement")
    return RequirementResult(
        id=rule.id,
        title=rule.title,
        unit=unit,
        recorded=recorded,
        valid=got,
        needed=needed,
        verified=rule.verified,
        citation=rule.citation,
        url=rule.url,
        note=rule.note,
        kind=kind,
        qualified=qualified,
        is_span=isinstance(rule, Span),
    )


def evaluate(board: Board, entries: Iterable[Entry], as_of: date) -> Evaluation:
    """Judge every entry as if the application were received on `as_of`. The order of `entries` does not matter.

    Raises ValueError where two entries carry the same id.
    """
    ordered = _in_order(entries)
    twice = _recorded_twice(ordered)
    alone = {entry.id: twice.get(entry.id) or _alone(board, entry, as_of) for entry in ordered}
    valid = [(entry, entry.minutes - sum(reason.minutes for reason in alone[entry.id])) for entry in ordered]
    admitted = _admit(board, valid, as_of)
    counted = {entry_id: minutes for entry_id, (minutes, _) in admitted.items()}
    in_minutes = [rule for rule in board.requirements if isinstance(rule, Minimum | Maximum | Tally)]
    results = []
    for entry in ordered:
        reasons = (*alone[entry.id], *admitted[entry.id][1])
        toward = tuple(rule.id for rule in in_minutes if counted[entry.id] and _matches(rule, entry))
        answer = _answer(entry.minutes, counted[entry.id], reasons)
        results.append(EntryResult(entry.id, entry.minutes, counted[entry.id], answer, reasons, toward))
    requirements = tuple(_requirement(board, rule, ordered, valid, counted, as_of) for rule in board.requirements)
    return Evaluation(board.id, as_of, requirements, tuple(results))

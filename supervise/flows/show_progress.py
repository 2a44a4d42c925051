"""What a licensee's hours mean under their board: what counts, what is missing, and when it would be there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from supervise.accounts.models import Setting
from supervise.accounts.queries import settings_of
from supervise.core.db import db
from supervise.hours.chart import Line, burn_up
from supervise.hours.queries import as_rule_entries, boards, entries, places_in, signed_ids
from supervise.hours.rules import (
    CATEGORIES,
    Board,
    Entry,
    Evaluation,
    Owed,
    Projection,
    Reason,
    RequirementResult,
    evaluate,
    owed_this_week,
    projection,
)
from supervise.hours.rules.board import Tally

PACE_WEEKS = 26
WORKING_DAY = 8 * 60


@dataclass(frozen=True, slots=True)
class Progress:
    """All that the progress page shows. ``unsigned``: counted minutes that no supervisor has signed yet."""

    board: Board
    evaluation: Evaluation
    entries: list[Entry]
    projections: dict[str, Projection]
    owed: list[Owed]
    settings: dict[str, Setting]
    as_of: date
    unsigned: int

    @property
    def total(self) -> RequirementResult | None:
        """The requirement on all hours: the largest minimum in minutes."""
        minima = [r for r in self.evaluation.requirements if r.kind == "minimum" and r.unit == "minutes"]
        return max(minima, key=lambda r: r.needed, default=None)

    @property
    def decides(self) -> RequirementResult | None:
        """The requirement that the licence waits for."""
        binding = {p.requirement_id for p in self.projections.values() if p.binding}
        return next((r for r in self.evaluation.requirements if r.id in binding), None)

    @property
    def rest_by(self) -> date | None:
        """The day by which everything but what decides would be there; None if that is not in sight or met."""
        others = [p.date for p in self.projections.values() if not p.binding]
        last = max((day or date.max for day in others), default=date.min)
        return last if self.as_of < last < date.max else None


def asked(progress: Progress) -> list[RequirementResult]:
    """Return the requirements as a page lists them: what is missing, the latest first; then what is met; then limits.

    Limits that nothing was recorded under are left out.
    """

    def rank(result: RequirementResult) -> tuple[int, int]:
        if result.kind == "maximum":
            return 2, 0
        ahead = progress.projections.get(result.id)
        return (1, 0) if result.met else (0, -((ahead.date if ahead else None) or date.max).toordinal())

    listed = [
        r
        for r in progress.evaluation.requirements
        if r.kind == "minimum" or (r.kind == "pace" and r.needed) or (r.kind == "maximum" and r.recorded)
    ]
    return sorted(listed, key=rank)


def places_of(session: Session, person_id: str, org_id: str = "") -> list[Setting]:
    """Return a person's places of work; with ``org_id`` those with rows in it, which are all that its auditors see."""
    found = settings_of(session, person_id)
    here = places_in(session, person_id, org_id) if org_id else set()
    return [place for place in found if not org_id or place.id in here]


def boards_of(session: Session, person_id: str, org_id: str = "") -> list[str]:
    """Return the boards of a person's places of work that have rules on file, the latest place first."""
    return list(dict.fromkeys(s.board for s in places_of(session, person_id, org_id) if s.board in boards()))


def rule_entries(session: Session, person_id: str, board_id: str, until: date, org_id: str = "") -> list[Entry]:
    """Return a person's rows of all places under a board, as the rules see them."""
    places = {s.id for s in places_of(session, person_id, org_id) if s.board == board_id}
    rows = entries(session, person_id, until=until, org_id=org_id)
    return as_rule_entries([row for row in rows if row.setting_id in places])


def show_progress(person_id: str, board_id: str, as_of: date, org_id: str = "") -> Progress:
    """Evaluate a person's ledger under a board on a day; with ``org_id`` what of it stands in that organisation."""
    session = db.session()
    board = boards()[board_id]
    rows = rule_entries(session, person_id, board_id, as_of, org_id)
    evaluation = evaluate(board, rows, as_of)
    monday = as_of - timedelta(days=as_of.weekday())
    signed = signed_ids(session, [row.id for row in rows])
    return Progress(
        board=board,
        evaluation=evaluation,
        entries=rows,
        projections={p.requirement_id: p for p in projection(evaluation, rows, as_of)},
        owed=owed_this_week(board, rows, monday) if rows else [],
        settings={s.id: s for s in settings_of(session, person_id)},
        as_of=as_of,
        unsigned=sum(answer.counted for answer in evaluation.entries if answer.entry_id not in signed),
    )


@dataclass(frozen=True, slots=True)
class Month:
    """What a month added to all hours and to the one other requirement that is charted, in minutes."""

    month: date
    recorded: int
    counted: int
    also: int


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Minutes that one rule does not let count, with when they were worked."""

    minutes: int
    when: str
    because: str
    citation: str
    verified: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class WhatIf:
    """When all would be there with more minutes a week, what then decides, and how many months that saves."""

    date: date | None
    decides: RequirementResult | None
    months_sooner: int


def charted(progress: Progress) -> list[RequirementResult]:
    """Return the requirements of the chart: all hours and, where it is another one in minutes, what decides."""
    shown = [progress.total] if progress.total else []
    decides = progress.decides
    if decides is not None and decides not in shown and decides.unit == "minutes":
        shown.append(decides)
    return shown


def _months(progress: Progress, result: RequirementResult) -> list[tuple[date, int, int]]:
    """Return (month, recorded, counted) from the first row to today, months without work included."""
    by_id = {entry.id: entry for entry in progress.entries}
    recorded: dict[date, int] = defaultdict(int)
    counted: dict[date, int] = defaultdict(int)
    of: frozenset[str] = getattr(next(r for r in progress.board.rules if r.id == result.id), "of", frozenset())
    if result is progress.total:  # what no requirement knows was recorded all the same; what stands on its own was not
        of = frozenset(CATEGORIES) - frozenset().union(*(t.of - of for t in progress.board.only(Tally)))
    for answer in progress.evaluation.entries:
        entry = by_id[answer.entry_id]
        month = entry.day.replace(day=1)
        if entry.category in of:
            recorded[month] += answer.recorded
        if result.id in answer.toward:
            counted[month] += answer.counted
    found: list[tuple[date, int, int]] = []
    month = min((entry.day for entry in progress.entries), default=date.max).replace(day=1)
    while month <= progress.as_of:
        found.append((month, recorded[month], counted[month]))
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def monthly(progress: Progress) -> list[Month]:
    """Return the table behind the chart."""
    shown = [_months(progress, result) for result in charted(progress)]
    also = {month: counted for month, _, counted in shown[1]} if len(shown) > 1 else {}
    return [Month(month, recorded, counted, also.get(month, 0)) for month, recorded, counted in (shown or [[]])[0]]


def chart_of(progress: Progress) -> dict[str, Any] | None:
    """Return the burn-up of all hours and, beneath it, of what decides the date."""
    if not charted(progress) or not progress.entries:
        return None
    lines = []
    for result in charted(progress):
        ahead = progress.projections.get(result.id)
        label = "All hours" if result is progress.total else result.title
        lines.append(Line(label, result.needed, _months(progress, result), ahead.date if ahead else None))
    return burn_up(f"Hours toward {progress.board.title}", lines, progress.as_of)


def uncounted(progress: Progress) -> list[Uncounted]:
    """Return what was recorded and does not count, by the rule that says so, the most minutes first."""
    days = {entry.id: entry.day for entry in progress.entries}
    by_rule: dict[str, list[tuple[date, Reason]]] = defaultdict(list)
    for answer in progress.evaluation.entries:
        for reason in answer.reasons:
            by_rule[reason.rule].append((days[answer.entry_id], reason))
    found = []
    for rule_id, pairs in by_rule.items():
        rule = next((r for r in progress.board.rules if r.id == rule_id), None)
        first = pairs[0][1]
        found.append(
            Uncounted(
                minutes=sum(reason.minutes for _, reason in pairs),
                when=_when([day for day, _ in pairs]),
                because=rule.because if rule else first.text,
                citation=first.citation,
                verified=first.verified,
                waits=first.board_decides,
            )
        )
    return sorted(found, key=lambda row: (-row.minutes, row.because))


def _when(days: Sequence[date]) -> str:
    first, last = min(days), max(days)
    if first == last:
        return f"{first.day} {first:%b %Y}"
    weeks = {day - timedelta(days=day.weekday()) for day in days}
    if len(weeks) == 1:
        monday = min(weeks)
        return f"week of {monday.day} {monday:%b %Y}"
    return f"{len(weeks)} weeks, {first.day} {first:%b %Y} to {last.day} {last:%b %Y}"


def owed_in_week(session: Session, setting: Setting, monday: date, org_id: str = "") -> list[Owed]:
    """Return the supervision owed in one place in the week from ``monday``; empty where no rules are on file."""
    board = boards().get(setting.board)
    if board is None:
        return []
    rows = rule_entries(session, setting.person_id, setting.board, monday + timedelta(days=6), org_id)
    return [owed for owed in owed_this_week(board, rows, monday) if owed.setting in {setting.id, ""}]


def owed_words(session: Session, setting: Setting, monday: date) -> list[str]:
    """Say what supervision a week lacks, in sentences; for whoever is about to sign it."""
    return [
        f"{owed.units_have:g} of {owed.units_needed:g} units of supervision ({owed.citation}"
        f"{'' if owed.verified else ', unverified'})."
        for owed in owed_in_week(session, setting, monday)
        if not owed.enough and owed.window == "week"
    ]


def what_if(progress: Progress, category: str, minutes_a_week: int) -> WhatIf | None:
    """Return when everything would be there with more minutes a week of one category from now on.

    The last 26 weeks are judged again as if they had held that much more, so that every limit of the board applies;
    what is missing today is divided by that pace, and the supposed weeks themselves are not counted as done.
    Requirements counted in weeks or months keep their dates: more work alone adds no supervision.
    """
    decides = progress.decides
    if decides is None or not progress.entries or minutes_a_week <= 0:
        return None
    added = _pace_with(progress, category, minutes_a_week)
    dates: dict[str, date] = {}
    for result in progress.evaluation.requirements:
        if result.kind == "minimum" and not result.met:
            before = progress.projections[result.id].date
            dates[result.id] = _reached(progress.as_of, result, added[result.id]) or before or date.max
    last = max(dates, key=lambda name: dates[name])
    ahead = dates[last] if dates[last] < date.max else None
    now = progress.projections[decides.id].date
    sooner = (now.year - ahead.year) * 12 + now.month - ahead.month if now and ahead else 0
    then = next(r for r in progress.evaluation.requirements if r.id == last)
    return WhatIf(ahead, then, sooner)


def _pace_with(progress: Progress, category: str, minutes_a_week: int) -> Mapping[str, int]:
    """Return the minutes toward each requirement in the last 26 weeks, had each held so much more of a category."""
    latest = progress.entries[-1]
    more = [
        replace(
            latest, id=f"more-{week}-{part}", day=progress.as_of - timedelta(days=7 * week + part), start=None,
            category=category, minutes=min(WORKING_DAY, minutes_a_week - part * WORKING_DAY), attendees=None,
            segment_minutes=(), mode="in_person",
        )
        for week in range(PACE_WEEKS)
        for part in range(-(-minutes_a_week // WORKING_DAY))
    ]  # fmt: skip
    supposed = [*progress.entries, *more]
    days = {entry.id: entry.day for entry in supposed}
    since = progress.as_of - timedelta(weeks=PACE_WEEKS)
    added: dict[str, int] = defaultdict(int)
    for answer in evaluate(progress.board, supposed, progress.as_of).entries:
        if since < days[answer.entry_id] <= progress.as_of:
            for requirement in answer.toward:
                added[requirement] += answer.counted
    return added


def _reached(as_of: date, result: RequirementResult, added: int) -> date | None:
    if result.unit != "minutes" or not added:
        return None
    days = -(-result.missing * PACE_WEEKS * 7 // added)
    return as_of + timedelta(days=days) if days < (date.max - as_of).days else None

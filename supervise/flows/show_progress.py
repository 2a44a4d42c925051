"""What a licensee's hours mean under their board: what counts, what is missing, and when it would be there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from supervise.accounts.models import Setting
from supervise.accounts.queries import settings_of
from supervise.core.db import db
from supervise.hours.chart import Line, burn_up
from supervise.hours.queries import as_rule_entries, boards, entries
from supervise.hours.rules import (
    Board,
    Entry,
    Evaluation,
    Owed,
    Projection,
    RequirementResult,
    evaluate,
    owed_this_week,
    projection,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """All that the progress page shows."""

    board: Board
    evaluation: Evaluation
    entries: list[Entry]
    projections: dict[str, Projection]
    owed: list[Owed]
    settings: dict[str, Setting]
    as_of: date

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


def boards_of(session: Session, person_id: str) -> list[str]:
    """Return the boards of a person's places of work that have rules on file, the latest place first."""
    return list(dict.fromkeys(s.board for s in settings_of(session, person_id) if s.board in boards()))


def rule_entries(session: Session, person_id: str, board_id: str, until: date) -> list[Entry]:
    """Return a person's rows of all places under a board, as the rules see them."""
    places = {s.id for s in settings_of(session, person_id) if s.board == board_id}
    return as_rule_entries([row for row in entries(session, person_id, until=until) if row.setting_id in places])


def show_progress(person_id: str, board_id: str, as_of: date) -> Progress:
    """Evaluate a person's ledger under a board on a day."""
    session = db.session()
    board = boards()[board_id]
    rows = rule_entries(session, person_id, board_id, as_of)
    evaluation = evaluate(board, rows, as_of)
    monday = as_of - timedelta(days=as_of.weekday())
    return Progress(
        board=board,
        evaluation=evaluation,
        entries=rows,
        projections={p.requirement_id: p for p in projection(evaluation, rows, as_of)},
        owed=owed_this_week(board, rows, monday) if rows else [],
        settings={s.id: s for s in settings_of(session, person_id)},
        as_of=as_of,
    )


def months(progress: Progress, requirement_id: str) -> list[tuple[date, int, int]]:
    """Return what each month added to a requirement: (month, recorded, counted), months without work included."""
    days = {entry.id: entry.day for entry in progress.entries}
    recorded: dict[date, int] = defaultdict(int)
    counted: dict[date, int] = defaultdict(int)
    total = progress.total
    for answer in progress.evaluation.entries:
        month = days[answer.entry_id].replace(day=1)
        recorded[month] += answer.recorded if total and requirement_id == total.id else 0
        if requirement_id in answer.toward:
            counted[month] += answer.counted
    if not days:
        return []
    found, month = [], min(days.values()).replace(day=1)
    while month <= progress.as_of:
        found.append((month, recorded[month] or counted[month], counted[month]))
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def chart_of(progress: Progress) -> dict[str, Any] | None:
    """Return the burn-up of all hours and, beneath it, of what decides the date."""
    total, decides = progress.total, progress.decides
    if total is None or not progress.entries:
        return None
    shown = [total]
    if decides is not None and decides.id != total.id and decides.unit == "minutes":
        shown.append(decides)
    lines = []
    for result in shown:
        ahead = progress.projections.get(result.id)
        label = "All hours" if result is total else result.title
        lines.append(Line(label, result.needed, months(progress, result.id), ahead.date if ahead else None))
    return burn_up(f"Hours toward {progress.board.title}", lines, progress.as_of)


def owed_in_week(session: Session, person_id: str, setting: Setting, monday: date) -> list[Owed]:
    """Return the supervision owed in one place in the week from ``monday``; empty where no rules are on file."""
    board = boards().get(setting.board)
    if board is None:
        return []
    rows = rule_entries(session, person_id, setting.board, monday + timedelta(days=6))
    near = [row for row in rows if row.day >= monday - timedelta(days=400)]
    return [owed for owed in owed_this_week(board, near, monday) if owed.setting in {setting.id, ""}]


def owed_words(session: Session, person_id: str, setting: Setting, monday: date) -> list[str]:
    """Say what supervision a week lacks, in sentences; for whoever is about to sign it."""
    return [
        f"{owed.units_have:g} of {owed.units_needed:g} units of supervision ({owed.citation}"
        f"{'' if owed.verified else ', unverified'})."
        for owed in owed_in_week(session, person_id, setting, monday)
        if not owed.enough and owed.window == "week"
    ]


def what_if(progress: Progress, category: str, minutes_a_week: int) -> Projection | None:
    """Return when the deciding requirement would be met with more minutes a week of one category from now on.

    The last 26 weeks are judged again as if they had held that much more, so that every limit of the board applies;
    what is missing today is divided by that pace, and the supposed weeks themselves are not counted as done.
    """
    decides = progress.decides
    if decides is None or not progress.entries or minutes_a_week <= 0:
        return None
    model = progress.entries[-1]
    monday = progress.as_of - timedelta(days=progress.as_of.weekday())
    more = [
        replace(
            model, id=f"more-{n}", day=monday - timedelta(weeks=n), start=None, category=category,
            minutes=min(minutes_a_week, 1440), attendees=None, segment_minutes=(), mode="in_person",
        )
        for n in range(1, 27)
    ]  # fmt: skip
    supposed: Sequence[Entry] = [*progress.entries, *more]
    judged = evaluate(progress.board, supposed, progress.as_of)
    since = progress.as_of - timedelta(days=26 * 7)
    days = {entry.id: entry.day for entry in supposed}
    recent = [a for a in judged.entries if decides.id in a.toward and since < days[a.entry_id] <= progress.as_of]
    added = sum(a.counted for a in recent)
    if not added:
        return Projection(decides.id, None, True)
    return Projection(decides.id, progress.as_of + timedelta(days=-(-decides.missing * 182 // added)), True)

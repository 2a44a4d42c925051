"""The same hours under several boards, side by side: for a licensee who moves, or who works towards two licences.

Every row of every place is judged under each board as if that board were asked alone; nothing is added together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supervise.accounts.queries import settings_of
from supervise.core.db import db
from supervise.flows.show_progress import boards_of
from supervise.hours.queries import as_rule_entries, boards, entries
from supervise.hours.rules import (
    Board,
    Entry,
    EntryResult,
    Evaluation,
    Projection,
    RequirementResult,
    evaluate,
    projection,
)

MOST_BOARDS = 4


@dataclass(frozen=True, slots=True)
class Column:
    """One board's answer to all rows. ``answers`` by row."""

    board: Board
    evaluation: Evaluation
    answers: Mapping[str, EntryResult]
    projections: Mapping[str, Projection]

    @property
    def counted(self) -> int:
        return sum(answer.counted for answer in self.answers.values())

    @property
    def waiting(self) -> int:
        """Minutes on which the board decides."""
        return sum(r.minutes for a in self.answers.values() for r in a.reasons if r.board_decides)

    @property
    def minima(self) -> list[RequirementResult]:
        return [r for r in self.evaluation.requirements if r.kind in ("minimum", "pace") and r.needed]

    @property
    def decides(self) -> tuple[RequirementResult, date | None] | None:
        """What the licence waits for and when it would be there at this pace; None where nothing is missing."""
        binding = next((p for p in self.projections.values() if p.binding), None)
        if binding is None:
            return None
        return next(r for r in self.evaluation.requirements if r.id == binding.requirement_id), binding.date


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows under boards. ``month`` is what the page shows, of ``months`` with rows; ``places`` are names by id."""

    columns: list[Column]
    entries: list[Entry]
    places: Mapping[str, str]
    month: date
    months: list[date]

    @property
    def recorded(self) -> int:
        return sum(entry.minutes for entry in self.entries)

    @property
    def shown(self) -> list[Entry]:
        """The rows of the month, in order."""
        return [entry for entry in self.entries if entry.day.replace(day=1) == self.month]

    def older(self, column: Column) -> int:
        """Minutes from before the rules on file were in force: judged by them for want of older ones, and said so."""
        return sum(entry.minutes for entry in self.entries if entry.day < column.board.effective_from)


def boards_to_compare(person_id: str, asked: Sequence[str]) -> list[str]:
    """Return the boards asked for that have rules on file, up to four; without any, those of the person's places."""
    known = [board_id for board_id in dict.fromkeys(asked) if board_id in boards()]
    return (known or boards_of(db.session(), person_id))[:MOST_BOARDS]


def compare_boards(person_id: str, board_ids: Sequence[str], as_of: date, month: date | None = None) -> Comparison:
    """Judge all rows of a person under each board, as of one day."""
    session = db.session()
    rows = as_rule_entries(entries(session, person_id, until=as_of))
    months = sorted({row.day.replace(day=1) for row in rows}, reverse=True)
    columns = []
    for board_id in board_ids:
        judged = evaluate(boards()[board_id], rows, as_of)
        ahead = {p.requirement_id: p for p in projection(judged, rows, as_of)}
        columns.append(Column(boards()[board_id], judged, {a.entry_id: a for a in judged.entries}, ahead))
    order = {answer.entry_id: at for at, answer in enumerate(columns[0].evaluation.entries)} if columns else {}
    return Comparison(
        columns=columns,
        entries=sorted(rows, key=lambda row: order.get(row.id, 0)),
        places={place.id: place.name for place in settings_of(session, person_id)},
        month=month if month in months else months[0] if months else as_of.replace(day=1),
        months=months,
    )

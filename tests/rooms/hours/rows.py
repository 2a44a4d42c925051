"""Rows and answers, written short, for the tests of the board rules."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from supervise.hours.rules import Board, Entry, EntryResult, Evaluation, RequirementResult, evaluate, load_boards

BOARDS = load_boards(Path(__file__).parents[3] / "config" / "boards")
CALIFORNIA, TEXAS = BOARDS["ca-amft"], BOARDS["tx-lpca"]
MONDAY = date(2025, 3, 3)
APPLIES = date(2026, 6, 1)
_ids = count()


def row(day: date, category: str = "individual", minutes: int = 60, **more: Any) -> Entry:
    """A row after the degree, employed, in setting A, unless `more` says otherwise."""
    usual: dict[str, Any] = {"setting": "A", "degree": "post", "pay": "w2"}
    return Entry(id=f"e{next(_ids):06}", day=day, category=category, minutes=minutes, **(usual | more))


def met(day: date, minutes: int = 60, attendees: int | None = 1, **more: Any) -> Entry:
    """A supervision meeting."""
    return row(day, "supervision", minutes, attendees=attendees, **more)


def days(first: date, number: int) -> list[date]:
    """So many days in a row."""
    return [first + timedelta(days=n) for n in range(number)]


def judged(entries: Iterable[Entry], board: Board = CALIFORNIA, as_of: date = APPLIES) -> Evaluation:
    """The evaluation on the usual day."""
    return evaluate(board, entries, as_of)


def answer(evaluation: Evaluation, entry: Entry) -> EntryResult:
    """What is said about one row."""
    return next(found for found in evaluation.entries if found.entry_id == entry.id)


def requirement(evaluation: Evaluation, name: str) -> RequirementResult:
    """One requirement by id."""
    return next(found for found in evaluation.requirements if found.id == name)


def why(evaluation: Evaluation, entry: Entry) -> dict[str, int]:
    """Minutes that do not count, by rule."""
    return {reason.rule: reason.minutes for reason in answer(evaluation, entry).reasons}

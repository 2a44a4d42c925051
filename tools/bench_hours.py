"""Ten years of hours under every board: does time grow as the rows do, and what does one more row cost?"""

import random
import time
from collections.abc import Callable
from datetime import date, timedelta

from supervise.core.resources import folder
from supervise.hours.rules import CATEGORIES, Board, Entry, Ledger, load_boards

ROWS, FEWER, ROUNDS = 20_000, 5_000, 3
FIRST, DAYS = date(2016, 1, 4), 3650
LAST = FIRST + timedelta(days=DAYS)


def ten_years(rows: int) -> list[Entry]:
    """Rows at random over ten years, the degree after three; as dense for few rows as for many."""
    chance = random.Random(7)  # noqa: S311 - the same rows every time
    days = DAYS * rows // ROWS
    found = []
    for n in range(rows):
        category = chance.choice(CATEGORIES)
        day = LAST - timedelta(days=chance.randrange(days))
        found.append(_row(str(n), day, category, chance.choice((15, 30, 50, 60, 90)), chance))
    return found


def _row(name: str, day: date, category: str, minutes: int, chance: random.Random) -> Entry:
    return Entry(
        id=name,
        day=day,
        minutes=minutes,
        category=category,
        setting=chance.choice("AB"),
        degree="pre" if day < FIRST + timedelta(days=1095) else "post",
        pay="w2",
        attendees=chance.randint(1, 6) if category == "supervision" else None,
    )


def _seconds(step: Callable[[], object]) -> float:
    began = time.process_time()
    step()
    return time.process_time() - began


def _judging(board: Board, rows: list[Entry]) -> float:
    return min(_seconds(lambda: Ledger(board, rows, LAST)) for _ in range(ROUNDS))


def _adding(board: Board, rows: list[Entry], category: str) -> float:
    ledger, chance = Ledger(board, rows, LAST), random.Random(8)  # noqa: S311
    added = [_row(f"more{n}", LAST - timedelta(days=n), category, 50, chance) for n in range(ROUNDS)]
    return min(_seconds(lambda entry=entry: ledger.add(entry)) for entry in added)  # type: ignore[misc]


def hours() -> list[str]:
    """Measure every board and return the rows of the table."""
    many, few = ten_years(ROWS), ten_years(FEWER)
    found = []
    for name, board in load_boards(folder("config") / "boards").items():
        whole = _judging(board, many)
        growth = whole / _judging(board, few) / (ROWS / FEWER)
        client, meeting = (_adding(board, many, category) / whole for category in ("individual", "supervision"))
        found.append(f"| {name} | {whole * 1000:.0f} | {growth:.2f} | {client:.3f} | {meeting:.3f} |")
    return found


def section() -> list[str]:
    """The section of docs/bench.md."""
    return [
        f"## Ten years of hours, {ROWS:,} rows", "",
        "Growth: the time of a row among all rows to its time among a quarter of them; 1 is linear. One more row is",
        "judged with the ledger that is there; the time of judging everything is 1.", "",
        "| board | all rows, ms | growth | one more client hour | one more hour of supervision |",
        "| --- | ---: | ---: | ---: | ---: |", *hours(), "",
    ]  # fmt: skip


if __name__ == "__main__":
    print("\n".join(section()))

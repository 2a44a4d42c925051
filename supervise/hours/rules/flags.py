"""What in a log looks wrong whatever the board: said to people, never changed and never left out by itself."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from supervise.hours.rules.entry import Entry

LONG_DAY = 14 * 60


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to look at. `kind`: overlap, two_places, long_day, future. `entries`: ids, in the order of the day."""

    kind: str
    day: date
    entries: tuple[str, ...]
    text: str


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _beside(entries: list[Entry]) -> list[Flag]:
    """Two rows with a time of day that share minutes; work that runs past midnight meets the next day's."""
    timed = sorted(
        ((one.day.toordinal() * 1440 + one.start.hour * 60 + one.start.minute, one) for one in entries if one.start),
        key=lambda pair: (pair[0], pair[1].id),
    )
    found: list[Flag] = []
    running: list[tuple[int, Entry]] = []
    for begins, entry in timed:
        running = [(ends, other) for ends, other in running if ends > begins]
        for ends, other in running:
            shared = _clock(begins), _clock(min(ends, begins + entry.minutes))
            if entry.setting != other.setting:
                kind, text = "two_places", f"Two places at once from {shared[0]} to {shared[1]}."
            else:
                kind, text = "overlap", f"Two rows overlap from {shared[0]} to {shared[1]}."
            found.append(Flag(kind, entry.day, (other.id, entry.id), text))
        running.append((begins + entry.minutes, entry))
    return found


def flags(entries: Iterable[Entry], today: date) -> list[Flag]:
    """What to look at, by day: overlapping rows, two places at once, more than 14 hours in a day, days to come.

    Rows without a time of day overlap with nothing. The order of `entries` does not matter.
    """
    rows = [*entries]
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row)
    found = _beside(rows)
    for day, inside in by_day.items():
        ids = tuple(sorted(row.id for row in inside))
        total = sum(row.minutes for row in inside)
        if total > LONG_DAY:
            found.append(Flag("long_day", day, ids, f"{total // 60}:{total % 60:02} in one day, more than 14 hours."))
        if day > today:
            found.append(Flag("future", day, ids, "This day is still to come."))
    return sorted(found, key=lambda flag: (flag.day, flag.kind, flag.entries))

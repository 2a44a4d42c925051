"""What a meeting must be to be recorded at all. Whether a board counts it is another question (hours.rules)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from supervise.core.errors import Invalid
from supervise.core.rulefile import read

COVENANT_HOLDS = timedelta(days=365)
LONGEST = timedelta(hours=12)
MODES = {"in_person": "in person", "live_video": "live video", "phone": "telephone"}


def meeting_minutes(starts_at: datetime, ends_at: datetime, now: datetime) -> int:
    """Return the whole minutes between two instants, exact over a change of clocks; raise Invalid if it cannot be."""
    # Two times of one zone are compared and subtracted as clocks show them, so only UTC is exact.
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    if ends_at <= starts_at:
        raise Invalid("The meeting ends before it starts.", "ends")
    if ends_at > now:
        raise Invalid("A meeting is recorded after it took place.", "ends")
    if ends_at - starts_at > LONGEST:
        raise Invalid("A meeting of more than 12 hours cannot be recorded; check the times.", "ends")
    return int((ends_at - starts_at).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class CovenantText:
    """What members of a group sign each year, and which version of it this is."""

    version: str
    clauses: tuple[str, ...]
    source: str
    verified: bool
    note: str


def load_covenant(path: Path) -> CovenantText:
    """Read the covenant; raises RuleFileError naming the key."""
    head = read(path)
    head.day("checked_on")
    text = CovenantText(
        head.text("version"), head.texts("clauses"), head.text("source"), head.truth("verified"), head.text("note", "")
    )
    head.done()
    return text


def overlaps(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    """Tell whether two spans of time share a moment."""
    return one[0] < other[1] and other[0] < one[1]


def instant(day: date, at: time, zone: str, field: str, second: bool | None = None) -> datetime:
    """Return the instant, UTC, at which the clocks of ``zone`` showed a time on a day.

    Raises Invalid for a time that the clocks skipped on that day, and for one that they showed twice unless ``second``
    says which is meant.
    """
    place = ZoneInfo(zone)
    first, again = (datetime.combine(day, at, place).replace(fold=fold) for fold in (0, 1))
    if first.astimezone(UTC).astimezone(place).replace(tzinfo=None) != first.replace(tzinfo=None):
        raise Invalid(f"The clocks skipped {at:%H:%M} on that day.", field)
    if first.utcoffset() == again.utcoffset():
        return first.astimezone(UTC)
    if second is None:
        raise Invalid(f"The clocks showed {at:%H:%M} twice on that day. Say below which one is meant.", field)
    return (again if second else first).astimezone(UTC)

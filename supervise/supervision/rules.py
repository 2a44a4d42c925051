"""What a meeting must be to be recorded at all. Whether a board counts it is another question (hours.rules)."""

from datetime import datetime, timedelta

from supervise.core.errors import Invalid

LONGEST = timedelta(hours=12)
MODES = {"in_person": "in person", "live_video": "live video", "phone": "telephone"}


def meeting_minutes(starts_at: datetime, ends_at: datetime, now: datetime) -> int:
    """Return the whole minutes between two instants, exact over a change of clocks; raise Invalid if it cannot be."""
    if ends_at <= starts_at:
        raise Invalid("The meeting ends before it starts.", "ends")
    if ends_at > now:
        raise Invalid("A meeting is recorded after it took place.", "ends")
    if ends_at - starts_at > LONGEST:
        raise Invalid("A meeting of more than 12 hours cannot be recorded; check the times.", "ends")
    return int((ends_at - starts_at).total_seconds()) // 60


def overlaps(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    """Tell whether two spans of time share a moment."""
    return one[0] < other[1] and other[0] < one[1]

"""Names of weekly keys, and when one may be destroyed.

A key is named for why it exists and for an ISO week (UTC): ``draft-2026-W47`` for what was saved that week,
``until-2026-W48`` for what is destroyed in that week, ``hold-2026-W47`` for what was put on legal hold that week.
"""

from datetime import UTC, date, datetime, timedelta

GRACE = timedelta(hours=1)
"""A transaction that began in the last moments of a week may still commit under that week's key."""


def week(at: datetime) -> str:
    """Return the ISO week of an instant, such as ``2026-W47``."""
    year, number, _ = at.astimezone(UTC).isocalendar()
    return f"{year}-W{number:02d}"


def key_name(at: datetime, destroy_at: datetime | None, *, held: bool) -> str:
    """Return the name of the key under which an original is sealed at ``at``; its week is never over."""
    if held:
        return f"hold-{week(at)}"
    return f"until-{week(max(at, destroy_at))}" if destroy_at else f"draft-{week(at)}"


def ends(name: str) -> datetime:
    """Return the instant at which the key may go if nothing lies under it: the end of its week, and a grace."""
    year, number = name.partition("-")[2].split("-W")
    monday = date.fromisocalendar(int(year), int(number), 1)
    return datetime(monday.year, monday.month, monday.day, tzinfo=UTC) + timedelta(days=7) + GRACE


def is_over(name: str, at: datetime) -> bool:
    """Tell whether nothing can be sealed under the key any more."""
    return ends(name) <= at

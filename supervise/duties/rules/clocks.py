"""Deadlines. A change of clocks never shortens or lengthens one silently: the earlier reading counts, and it is said.

Hours are counted as they pass; where the wall clock reads otherwise, because daylight saving began or ended in between,
the earlier instant is the deadline. Days end at midnight where the law holds. Public holidays count as working days,
so that no deadline is ever late.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from supervise.duties.rules.rows import Period

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a period ends, UTC. ``why``: a sentence if clocks change in between or holidays matter, else empty."""

    at: datetime
    why: str = ""


def deadline(started: datetime, period: Period, zones: Iterable[str]) -> Deadline:
    """Return when ``period`` ends that began at ``started``, in the zone of ``zones`` where it ends first."""
    return min((_in_zone(started, period, ZoneInfo(zone)) for zone in zones), key=lambda one: one.at)


def _in_zone(started: datetime, period: Period, zone: ZoneInfo) -> Deadline:
    if period.at_once:
        return Deadline(started.astimezone(UTC))
    local = started.astimezone(zone)
    if period.hours:
        return _hours(started.astimezone(UTC), local, period.hours)
    days, why = period.days, ""
    if period.working_days:
        days, why = _calendar_days(local, period.working_days), "Public holidays are counted as working days here."
    end = datetime.combine(local.date() + timedelta(days=days), time(23, 59), zone)
    return Deadline(end.astimezone(UTC), why)


def _hours(started: datetime, local: datetime, hours: int) -> Deadline:
    passed = started + timedelta(hours=hours)
    # the wall clock reads so many hours later; an hour that is skipped there is no earlier than it begins
    wall = (local + timedelta(hours=hours)).astimezone(UTC)
    if wall == passed:
        return Deadline(passed)
    later = max(wall, passed).astimezone(local.tzinfo)
    why = (
        f"The clocks change before it ends: {hours} hours end at one instant as they pass, and at another on the wall "
        f"clock. The earlier one is kept; the later would be {later:%H:%M} on {later.day} {later:%B}."
    )
    return Deadline(min(wall, passed), why)


def _calendar_days(local: datetime, working: int) -> int:
    days = 0
    while working:
        days += 1
        working -= (local + timedelta(days=days)).weekday() < SATURDAY
    return days


def set_back(now: datetime, *recorded: datetime | None) -> bool:
    """Tell whether the server's clock was set back: something was recorded later than it reads now."""
    return any(at is not None and at > now + timedelta(minutes=1) for at in recorded)


def instant(typed: str, zone: str) -> tuple[datetime, str]:
    """Return the instant of a date and time as a form sends them, UTC, and a sentence where the clocks make it unsure.

    A time that comes twice, when clocks go back, is taken as the earlier of the two. Raises ValueError with a sentence.
    """
    try:
        local = datetime.fromisoformat(typed.strip())
    except ValueError as error:
        raise ValueError("Give day and time.") from error
    local = local.replace(tzinfo=ZoneInfo(zone), fold=0)
    found = local.astimezone(UTC)
    if found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError("The clocks went forward over this time, so it did not exist. Give the one before or after.")
    if local.replace(fold=1).astimezone(UTC) != found:
        return found, f"The clocks went back: {local:%H:%M} came twice that night. The earlier one is kept."
    return found, ""

"""The one clock. Instants are aware and UTC; days belong to a person's zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return this instant, aware, UTC."""
    return datetime.now(UTC)


def local(instant: datetime, zone: str) -> datetime:
    """Return ``instant`` on the wall clock of the IANA ``zone``."""
    return instant.astimezone(ZoneInfo(zone))


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar day of ``instant`` in the IANA ``zone``."""
    return local(instant, zone).date()

"""The one clock. Instants are aware and UTC; days belong to a person's zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_replayed: ContextVar[datetime | None] = ContextVar("replayed", default=None)


def now() -> datetime:
    """Return this instant, aware, UTC; while history is replayed, the instant that is replayed."""
    return _replayed.get() or datetime.now(UTC)


@contextmanager
def replaying(instant: datetime) -> Iterator[None]:
    """Let everything inside happen at ``instant``. Only the demo does this, to have a past through the usual verbs."""
    token = _replayed.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _replayed.reset(token)


def local(instant: datetime, zone: str) -> datetime:
    """Return ``instant`` on the wall clock of the IANA ``zone``."""
    return instant.astimezone(ZoneInfo(zone))


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar day of ``instant`` in the IANA ``zone``."""
    return local(instant, zone).date()

"""Work that comes back by itself: each kind has one row for its next time, made from the clock and not from a memory."""

from datetime import datetime, timedelta

from supervise.core.uow import UnitOfWork

EVERY = {
    "audit.head": timedelta(minutes=1),
    "originals.destroy": timedelta(hours=1),
    "consents.expire": timedelta(minutes=10),
    "days.lock": timedelta(hours=1),
    "licences.remind": timedelta(hours=12),
    "typed.forget": timedelta(hours=1),
    "due.forget": timedelta(hours=12),
}


def slot(at: datetime, every: timedelta) -> datetime:
    """Return the start of the slot of length ``every`` in which ``at`` lies, counted from midnight UTC."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (at - midnight) // every * every


def ensure_routine(work: UnitOfWork) -> None:
    """Write this slot's row of every routine, once however many workers ask."""
    for kind, every in EVERY.items():
        start = slot(work.now, every)
        work.due(kind, start, {}, dedupe_key=f"{kind}@{start:%Y%m%dT%H%M}")

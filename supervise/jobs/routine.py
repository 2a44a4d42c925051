"""Work that comes back by itself: each kind has one row for its next time, made from the clock and not from memory."""

from datetime import datetime, timedelta

from supervise.core.due import is_pending
from supervise.core.uow import UnitOfWork

EVERY = {
    "crisis.heartbeat": timedelta(minutes=1),
    "audit.head": timedelta(minutes=1),
    "originals.destroy": timedelta(hours=1),
    "days.lock": timedelta(hours=1),
    "licences.remind": timedelta(hours=12),
    "typed.forget": timedelta(hours=1),
    "due.forget": timedelta(hours=12),
}
"""The end of a consent is not here: each consent has due work of its own at its very end (``consent.expire``)."""


def slot(at: datetime, every: timedelta) -> datetime:
    """Return the start of the slot of length ``every`` in which ``at`` lies, counted from midnight UTC."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (at - midnight) // every * every


def ensure_routine(work: UnitOfWork) -> None:
    """Write this slot's row of every routine, once however many workers ask.

    While an earlier slot is still being tried nothing is added, so that a routine that fails does not pile up.
    """
    for kind, every in EVERY.items():
        if not is_pending(work.session, kind, f"{kind}@"):
            start = slot(work.now, every)
            work.due(kind, start, {}, dedupe_key=f"{kind}@{start:%Y%m%dT%H%M}")

"""How the installation stands, for whoever looks after it: what must not go wrong unseen, a sentence each."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from supervise.accounts.queries import members
from supervise.audit.heads import last_head_at
from supervise.audit.queries import happened_last, last_row_at
from supervise.core import due
from supervise.core.actor import Actor, Role
from supervise.core.clock import now
from supervise.core.installation import Installation
from supervise.deid.queries import overdue
from supervise.events import BackupDrilled, BackupMade
from supervise.flows.show_crisis import numbers_to_call
from supervise.notifications.rules import is_worker_silent

BACKUP_WITHIN = timedelta(hours=26)
DRILL_WITHIN = timedelta(days=31)
KEY_YOUNGER_THAN = timedelta(days=400)
HEAD_WITHIN = timedelta(minutes=10)
DESTROYED_WITHIN = timedelta(hours=3)
"""Defaults of ours: a nightly backup, a monthly drill, a yearly key, signed heads each minute, an hourly look."""
_LITTLE, _TOO_LITTLE = 0.15, 0.03


class State(StrEnum):
    """Whether somebody must act."""

    FINE = "fine"
    SOON = "soon"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, what was found, and what mends it."""

    what: str
    state: State
    found: str
    mend: str = ""


def check_installation(session: Session, place: Installation, org_ids: Iterable[str]) -> list[Check]:
    """Look at everything that can be looked at quickly; reads only."""
    at = now()
    return [
        _work(session, at),
        _backup(session, at),
        _drill(session, at),
        _heads(session, place, at),
        _destruction(session, at),
        _keys(place, at),
        _disk(place),
        _mail(session, place),
        _supervisors(session, org_ids),
    ]


def _work(session: Session, at: datetime) -> Check:
    stands = due.health(session, at)
    given_up = due.count_given_up(session)
    if is_worker_silent(stands.last_done_at, at):
        return Check(
            "Due work", State.NOW, f"No worker seems to run, {_since(stands.last_done_at)}.", "supervise worker"
        )
    if given_up:
        return Check("Due work", State.NOW, f"{_count(given_up, 'piece')} of work given up.", "Try again under Health")
    return Check("Due work", State.FINE, "The worker keeps up.")


def _backup(session: Session, at: datetime) -> Check:
    last = happened_last(session, BackupMade.__name__)
    fine = last is not None and at - last <= BACKUP_WITHIN
    return Check("Backup", State.FINE if fine else State.NOW, _last("Made", last), "" if fine else "supervise backup")


def _drill(session: Session, at: datetime) -> Check:
    last = happened_last(session, BackupDrilled.__name__)
    fine = last is not None and at - last <= DRILL_WITHIN
    return Check("Drill", State.FINE if fine else State.SOON, _last("Tried", last), "" if fine else "supervise drill")


def _heads(session: Session, place: Installation, at: datetime) -> Check:
    row, head = last_row_at(session), last_head_at(place.settings.data_dir / "audit-heads")
    if row is None or at - row <= HEAD_WITHIN or (head is not None and row - head <= HEAD_WITHIN):
        return Check("Audit", State.FINE, f"Its end was last signed {_at(head)}." if head else "Nothing to sign yet.")
    said = f"Its end was last signed {_at(head)}, but it has grown since." if head else "Its end was never signed."
    return Check("Audit", State.NOW, said, "supervise audit verify")


def _destruction(session: Session, at: datetime) -> Check:
    count = overdue(session, at - DESTROYED_WITHIN)
    if count:
        return Check(
            "Originals", State.NOW, f"{_count(count, 'original')} should be destroyed by now.", "supervise worker"
        )
    return Check("Originals", State.FINE, "None is kept longer than it should be.")


def _keys(place: Installation, at: datetime) -> Check:
    ring = place.keyring
    if ring.turning:
        return Check("Keys", State.NOW, "Sealing under a new key was cut off.", "supervise keys turn")
    made = ring.made.get(ring.current)
    if made is None or at - datetime.fromisoformat(made) > KEY_YOUNGER_THAN:
        since = f"of {_at(datetime.fromisoformat(made))}" if made else "of an unknown day"
        return Check("Keys", State.SOON, f"The current key {ring.current} is {since}.", "supervise keys turn")
    return Check("Keys", State.FINE, f"The current key {ring.current} is of {_at(datetime.fromisoformat(made))}.")


def _disk(place: Installation) -> Check:
    disk = shutil.disk_usage(place.settings.data_dir)
    free = disk.free / disk.total
    state = State.FINE if free > _LITTLE else State.SOON if free > _TOO_LITTLE else State.NOW
    mend = "" if state is State.FINE else "Make room where SUPERVISE_DATA_DIR lies"
    return Check("Disk", state, f"{disk.free / 2**30:.1f} GiB free of {disk.total / 2**30:.1f}.", mend)


def _mail(session: Session, place: Installation) -> Check:
    if not place.settings.mail_configured:
        return Check("Mail", State.SOON, "No mail server is set: links are handed over by hand.", "docs/install.md")
    late = [(kind, since) for kind, _, since in due.health(session, now()).late if kind.startswith("mail.")]
    if late:
        since = min(since for _, since in late)
        state = State.NOW if now() - since > timedelta(hours=1) else State.SOON
        return Check("Mail", state, f"Mails wait since {_at(since)}.", "supervise doctor")
    return Check("Mail", State.FINE, f"None waits for {place.settings.mail_server}.")


def _supervisors(session: Session, org_ids: Iterable[str]) -> Check:
    """A supervisee in a crisis calls a person first; someone without a number to call is found before it matters."""
    without = [
        person.name
        for org_id in org_ids
        for person in members(session, org_id, Role.SUPERVISEE)
        if not numbers_to_call(Actor(person.id, org_id, zone=person.zone))
    ]
    if without:
        said = f"{_count(len(without), 'supervisee')} without a supervisor who gave a number."
        return Check("Whom to call", State.SOON, said, "Agreements under Supervision, numbers under Account")
    return Check("Whom to call", State.FINE, "Every supervisee has a supervisor's number.")


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _since(at: datetime | None) -> str:
    return f"none since {_at(at)}" if at else "none so far"


def _last(verb: str, at: datetime | None) -> str:
    return f"{verb} {_at(at)}." if at else "None so far."

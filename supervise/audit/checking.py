"""Checking that nobody changed the chain."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervise.audit import heads
from supervise.audit.models import AuditRow
from supervise.audit.rules import START, row_hash
from supervise.core.crypto import Keyring

_SIGNED_WITHIN_SECONDS = 600
"""The worker signs each minute; a chain whose rows span more than this and that has no head lost its file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The first thing that is wrong with one chain. ``row_id`` is the row's key in the table, where there is a row."""

    org_id: str
    seq: int
    row_id: int | None
    what: str

    def __str__(self) -> str:
        return f"Chain of {self.org_id or 'the installation'}: {self.what}."


def verify(
    session: Session, folder: Path | None = None, keyring: Keyring | None = None, org_id: str | None = None
) -> list[Problem]:
    """Check one chain, or all of them, and return the first problem of each; an empty list means none was found.

    With ``folder`` and ``keyring`` the signed heads are checked too: they show a cut tail, an older database put back,
    and a chain that was written anew, which the chain by itself cannot.
    """
    if (folder is None) != (keyring is None):
        raise ValueError("heads are checked with both their folder and the keyring")
    names = {org_id} if org_id is not None else set(session.scalars(select(AuditRow.org_id).distinct()))
    if folder and org_id is None:
        names |= heads.organisations(folder)
    problems = []
    for name in sorted(names):
        signed: list[heads.Head] | None = None
        if folder and keyring:
            try:
                signed = heads.read(folder, name, keyring)
            except heads.ForgedHead as error:
                problems.append(Problem(name, 0, None, str(error)))
        if found := _first_problem(session, name, signed):
            problems.append(found)
    return problems


def _first_problem(session: Session, org_id: str, signed: list[heads.Head] | None) -> Problem | None:
    """``signed`` is None where heads are not looked at."""
    expected = {head.seq: head for head in signed or []}
    seq, previous, row = 0, START, None
    with closing(_stream(session, org_id)) as rows:
        for row in rows:
            seq += 1
            if what := _wrong_with(row, seq, previous, expected.pop(seq, None)):
                return Problem(org_id, seq, row.id, what)
            previous = row.hash
    if expected:
        last = expected[max(expected)]
        what = f"it ends at row {seq}, but row {last.seq} was signed at {_minute(last.at)}: cut, or an older database"
        return Problem(org_id, seq, row.id if row else None, what)
    if row and signed == [] and _spans_long(session, org_id, row.at):
        return Problem(org_id, seq, row.id, "it has no signed head; the file was removed, or no worker has run")
    return None


def _wrong_with(row: Any, seq: int, previous: str, head: heads.Head | None) -> str | None:
    # Taken apart once: reading a row's columns by name costs more than hashing it.
    _id, org_id, its_seq, at, actor_id, session_id, action, object_type, object_id, details, its_previous, hashed = row
    if its_seq != seq:
        return f"row {seq} is missing; the next one is row {its_seq}"
    if its_previous != previous:
        return f"row {seq} does not follow from the row before it"
    found = row_hash(
        org_id=org_id, seq=its_seq, at=at, actor_id=actor_id, session_id=session_id, action=action,
        object_type=object_type, object_id=object_id, details=details, previous=its_previous,
    )  # fmt: skip
    if hashed != found:
        return f"row {seq} was changed after it was written"
    if head and head.hash != hashed:
        return f"row {seq} is not the one that was signed at {_minute(head.at)}"
    return None


_COLUMNS = (
    "id", "org_id", "seq", "at", "actor_id", "session_id", "action", "object_type", "object_id", "details", "previous",
    "hash",
)  # fmt: skip


def _stream(session: Session, org_id: str) -> Generator[Any, None, None]:
    """Yield the columns of the rows in order, a thousand at a time."""
    table = AuditRow.__table__
    rows = (
        select(*(table.c[name] for name in _COLUMNS)).where(table.c.org_id == org_id).order_by(table.c.seq, table.c.id)
    )
    with session.execute(rows.execution_options(yield_per=1000)) as found:
        yield from found


def _spans_long(session: Session, org_id: str, latest: datetime) -> bool:
    first = session.scalar(select(func.min(AuditRow.at)).where(AuditRow.org_id == org_id))
    return first is not None and (latest - first).total_seconds() > _SIGNED_WITHIN_SECONDS


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"

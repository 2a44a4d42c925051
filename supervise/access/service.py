"""Granting and ending access, in the transaction of the change that causes it."""

from datetime import datetime

from sqlalchemy import select, update

from supervise.access.models import CaseAccess
from supervise.core.uow import UnitOfWork
from supervise.events import AccessEnded, AccessGranted
from supervise.policy import Basis


def grant(
    work: UnitOfWork,
    *,
    case_id: str,
    org_id: str,
    person_id: str,
    basis: Basis,
    group_id: str | None = None,
    until: datetime | None = None,
    covenant_until: datetime | None = None,
) -> None:
    """Let a person read a case on a ground. An ended or suspended row of the same ground comes to life again."""
    row = work.session.scalars(
        select(CaseAccess).where(
            CaseAccess.case_id == case_id, CaseAccess.person_id == person_id, CaseAccess.basis == basis
        )
    ).first()
    if row is None:
        row = CaseAccess(case_id=case_id, org_id=org_id, person_id=person_id, basis=basis)
        work.session.add(row)
    row.granted_at, row.covenant_until = work.now, covenant_until
    row.group_id, row.until, row.suspended, row.ended_at = group_id, until, None, None
    work.emit(AccessGranted(org_id, case_id, person_id, basis.value))


def end(work: UnitOfWork, case_id: str, person_id: str, why: str, basis: Basis | None = None) -> None:
    """End a person's access on one ground, or on all of them."""
    rows = work.session.scalars(
        select(CaseAccess).where(
            CaseAccess.case_id == case_id, CaseAccess.person_id == person_id, CaseAccess.ended_at.is_(None)
        )
    )
    for row in rows:
        if basis is None or row.basis == basis:
            row.ended_at = work.now
            work.emit(AccessEnded(row.org_id, case_id, person_id, why))


def keep_covenant(work: UnitOfWork, group_id: str, person_id: str, until: datetime) -> None:
    """Open what was released to a group to a member who has signed its covenant, until that ends."""
    work.session.execute(
        update(CaseAccess)
        .where(
            CaseAccess.group_id == group_id,
            CaseAccess.person_id == person_id,
            CaseAccess.basis == Basis.GROUP,
            CaseAccess.ended_at.is_(None),
        )
        .values(covenant_until=until)
    )


def suspend(work: UnitOfWork, case_id: str, why: str, grounds: tuple[Basis, ...]) -> None:
    """Switch reading off for now on ``grounds``, at the next request of everyone concerned."""
    for row in _rows(work, case_id, grounds):
        if row.suspended is None:
            row.suspended = why
            work.emit(AccessEnded(row.org_id, case_id, row.person_id, why))


def resume(work: UnitOfWork, case_id: str, why: str, grounds: tuple[Basis, ...], until: datetime | None) -> None:
    """Undo ``suspend`` where it was for the same reason, with a new end."""
    for row in _rows(work, case_id, grounds):
        if row.suspended == why:
            row.suspended, row.until = None, until
            work.emit(AccessGranted(row.org_id, case_id, row.person_id, row.basis))


def end_all(work: UnitOfWork, case_id: str, why: str, grounds: tuple[Basis, ...]) -> None:
    """End everyone's access on ``grounds``, suspended and expired rows too: nothing may bring it back."""
    for row in _rows(work, case_id, grounds):
        row.ended_at = work.now
        work.emit(AccessEnded(row.org_id, case_id, row.person_id, why))


def _rows(work: UnitOfWork, case_id: str, grounds: tuple[Basis, ...]) -> list[CaseAccess]:
    rows = work.session.scalars(
        select(CaseAccess).where(
            CaseAccess.case_id == case_id, CaseAccess.ended_at.is_(None), CaseAccess.basis.in_([*grounds])
        )
    )
    return list(rows)

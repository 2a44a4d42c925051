"""Reading of access: the facts of one case for one actor, and the list of cases that an actor may read."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, cast, or_, select
from sqlalchemy.orm import Session

from supervise.access.models import CaseAccess
from supervise.accounts.models import Membership
from supervise.core.clock import now
from supervise.policy import Basis
from supervise.policy.rules import WORKS_WITH_CASES


def live(at: datetime) -> ColumnElement[bool]:
    """Return the condition under which a row of access lets its person read at ``at``.

    The ground alone is not enough: whoever left, or was given a role that never reads case text, reads nothing; and
    whoever left and came back reads what they wrote themselves, and what is opened to them from then on. Through
    a group somebody reads as long as the covenant that they signed holds.
    """
    return (
        _works_with_cases()
        & CaseAccess.ended_at.is_(None)
        & CaseAccess.suspended.is_(None)
        & or_(CaseAccess.until.is_(None), CaseAccess.until > at)
        & or_(CaseAccess.basis != Basis.GROUP, CaseAccess.covenant_until > at)
    )


def _works_with_cases() -> ColumnElement[bool]:
    # Names of roles are plain words, so the JSON text of the list can be searched.
    roles = cast(Membership.roles, String)
    return (
        select(Membership.id)
        .where(
            Membership.person_id == CaseAccess.person_id,
            Membership.org_id == CaseAccess.org_id,
            Membership.ended_at.is_(None),
            or_(CaseAccess.basis == Basis.AUTHOR, CaseAccess.granted_at >= Membership.created_at),
            or_(*(roles.contains(f'"{role.value}"') for role in WORKS_WITH_CASES)),
        )
        .correlate(CaseAccess)
        .exists()
    )


def bases(session: Session, case_id: str, person_id: str, org_id: str) -> frozenset[Basis]:
    """Return the live grounds on which a person reads a case now."""
    found = session.scalars(
        select(CaseAccess.basis).where(
            CaseAccess.case_id == case_id,
            CaseAccess.person_id == person_id,
            CaseAccess.org_id == org_id,
            live(now()),
        )
    )
    return frozenset(Basis(basis) for basis in found)


def readable_ids(person_id: str, org_id: str, grounds: Iterable[Basis] = tuple(Basis)) -> Select[str]:
    """Return a select of the ids of cases that the person reads on a live one of ``grounds``; lists join it."""
    return (
        select(CaseAccess.case_id)
        .where(
            CaseAccess.person_id == person_id,
            CaseAccess.org_id == org_id,
            CaseAccess.basis.in_([*grounds]),
            live(now()),
        )
        .distinct()
    )


def readers(session: Session, case_id: str) -> list[CaseAccess]:
    """Return everyone who reads the case now, oldest grant first; a person may appear on several grounds."""
    rows = session.scalars(
        select(CaseAccess).where(CaseAccess.case_id == case_id, live(now())).order_by(CaseAccess.granted_at)
    )
    return list(rows)


def reader_ids(session: Session, case_id: str, grounds: Iterable[Basis] = tuple(Basis)) -> set[str]:
    """Return the ids of people who read the case now on one of ``grounds``."""
    wanted = set(grounds)
    return {row.person_id for row in readers(session, case_id) if Basis(row.basis) in wanted}

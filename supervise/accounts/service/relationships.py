"""What members declare to be to each other besides colleagues, and what a board does not allow between the two."""

from datetime import date

from sqlalchemy.orm import Session

from supervise.accounts import choices, queries
from supervise.accounts.models import Relationship
from supervise.accounts.rules import RelationshipRule, forbidding
from supervise.core.errors import Invalid, NotFound
from supervise.core.uow import UnitOfWork
from supervise.events import RelationshipDeclared


def declare(work: UnitOfWork, other_id: str, kind: str) -> Relationship:
    """Declare what another member is to the actor; the other is told."""
    actor = work.actor
    if kind not in choices.RELATIONSHIPS:
        raise Invalid("Choose what this person is to you.", "kind")
    if other_id == actor.person_id or queries.membership(work.session, other_id, actor.org_id) is None:
        raise Invalid("Choose another member of this organisation.", "other_id")
    if kind in queries.relationships_to(work.session, actor.person_id, other_id, actor.org_id):
        raise Invalid("This is declared already, by you or by the other.", "kind")
    row = Relationship(
        org_id=actor.org_id, declared_by=actor.person_id, other_id=other_id, kind=kind, declared_at=work.now
    )
    work.session.add(row)
    work.session.flush()
    work.emit(RelationshipDeclared(row.org_id, row.id, "declared", other_id))
    return row


def end(work: UnitOfWork, relationship_id: str) -> None:
    """Say that a declared relationship is over; that it was there stays recorded."""
    row = work.session.get(Relationship, relationship_id)
    if row is None or row.ended_at is not None:
        raise NotFound()
    row.ended_at = work.now
    work.emit(RelationshipDeclared(row.org_id, row.id, "ended", row.other_id))


def look_over(work: UnitOfWork) -> None:
    """Note that what the actor declares is complete as of now."""
    row = queries.membership(work.session, work.actor.person_id, work.actor.org_id)
    if row is None:
        raise NotFound()
    row.relationships_at = work.now


def forbidden(
    session: Session, org_id: str, supervisee_id: str, supervisor_id: str, board: str, on: date
) -> RelationshipRule | None:
    """Return the rule by which these two may not be supervisee and supervisor towards a board, or None."""
    kinds = queries.relationships_to(session, supervisee_id, supervisor_id, org_id)
    return forbidding(choices.relationship_rules(), choices.jurisdiction_of(board), kinds, on)

"""Someone leaves a group, and with it the cases that they read through it."""

from sqlalchemy import select

from supervise.access import service as access
from supervise.access.models import CaseAccess
from supervise.core.actor import Actor
from supervise.core.uow import unit_of_work
from supervise.policy import Basis
from supervise.supervision import service


def leave_group(actor: Actor, group_id: str, person_id: str) -> None:
    """Take a person out of a group; at their next request its cases are closed to them."""
    with unit_of_work(actor) as work:
        service.leave_group(work, group_id, person_id)
        ids = work.session.scalars(
            select(CaseAccess.case_id).where(
                CaseAccess.person_id == person_id, CaseAccess.group_id == group_id, CaseAccess.ended_at.is_(None)
            )
        ).all()
        for case_id in ids:
            access.end(work, case_id, person_id, "left the group", Basis.GROUP)

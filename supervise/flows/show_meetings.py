"""What a supervisor picks from when recording a meeting."""

from sqlalchemy import select

from supervise.access.queries import readable_ids
from supervise.cases.models import Case
from supervise.cases.queries import titles
from supervise.core.actor import Actor
from supervise.core.db import db

MOST = 40


def cases_to_discuss(actor: Actor) -> dict[str, str]:
    """Return the supervision cases that the actor reads and that are not closed long ago, id → title."""
    session = db.session()
    ids = session.scalars(
        select(Case.id)
        .where(
            Case.id.in_(readable_ids(actor.person_id, actor.org_id)),
            Case.kind == "supervision",
            Case.state.in_(("open", "decided", "closed")),
        )
        .order_by(Case.changed_at.desc(), Case.id)
        .limit(MOST)
    ).all()
    named = titles(session, ids)
    return {case_id: named.get(case_id, "Untitled") for case_id in ids}

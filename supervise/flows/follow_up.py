"""Looking at a decision again on the day that its author set: a mark that it was done, and a short note for readers."""

from supervise.cases.queries import case_facts
from supervise.cases.queries import get as case_of
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Invalid, NotFound, Refused
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.flows.name_readers import names_of_readers
from supervise.flows.read_scene import scene_of
from supervise.flows.start_case import clean
from supervise.policy import HELD, OwnFacts
from supervise.reviews import queries
from supervise.reviews import service as reviews

MAX_NOTE = 500


def follow_up_facts(actor: Actor, case_id: str) -> OwnFacts:
    """Load whose decision is to be looked at again; NotFound where there is none that the actor reads."""
    facts = case_facts(actor, case_id)
    row = queries.current_decision(db.session(), case_id)
    if row is None or row.follow_up_on is None or not facts.bases:
        raise NotFound
    return OwnFacts(row.author_id)


def follow_up(actor: Actor, case_id: str, note: str) -> None:
    """Mark the follow-up of the standing decision as done; a second time is a Conflict.

    The note is short, so what identifies somebody is refused with what was found (Invalid at ``note``) instead of
    asked. Raises Unavailable without the engine; nothing is marked then.
    """
    note = clean(note).strip()
    if len(note) > MAX_NOTE:
        raise Invalid(f"This has {len(note)} characters; the most is {MAX_NOTE}. Nothing was cut.", "note")
    session = db.session()
    if case_of(session, case_id).held:
        raise Refused(HELD)
    scene = scene_of(session, actor, case_id)
    prepared = deid.prepare({"note": note}, names_of_readers(session, case_id), scene)
    if not prepared.clean:
        listed = ", ".join(f"“{form}”" for group in prepared.work.proposal.groups for form in group.forms)
        says = f"Everyone who reads the case reads this, and it may identify someone: {listed}. Say it without."
        raise Invalid(says, "note")
    with unit_of_work(actor) as work:
        reviews.follow_up(work, case_id, deid.clean_release(work, prepared)["note"])

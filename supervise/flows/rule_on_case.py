"""A word on a case that moves it: sign off, send back, close, reopen, withdraw; and when the next look is."""

from datetime import datetime
from zoneinfo import ZoneInfo

from supervise.cases import queries as cases
from supervise.cases.service import set_next_look
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.errors import Conflict, Forbidden, Invalid, NotFound
from supervise.core.uow import unit_of_work
from supervise.flows.hold_case import keep_while_held
from supervise.flows.move_case import publish_ruling
from supervise.flows.post_guidance import Posted
from supervise.flows.publish import submit_text
from supervise.flows.start_case import clean
from supervise.policy import decide
from supervise.reviews import queries
from supervise.reviews import service as reviews
from supervise.reviews.rules import OUTCOMES, check_reason


def rule_on_case(actor: Actor, case_id: str, outcome: str, reason: str, seen: int) -> Posted:
    """Hand the word in. The case moves when its reason is published: at once where nothing is found in it, or where
    no reason is needed and none is given; else when its author has confirmed.

    ``seen`` is the version of the case that the page was made from. Raises Forbidden with the reason, Conflict when
    the case was changed since, Invalid where the reason is missing.
    """
    if outcome not in OUTCOMES:
        raise Invalid("Choose what to do with the case.", "outcome")
    verdict = decide(actor, OUTCOMES[outcome], cases.case_facts(actor, case_id))
    if not verdict.allowed:
        raise NotFound if verdict.hidden else Forbidden(verdict.why)
    reason = clean(reason)
    check_reason(outcome, reason)
    with unit_of_work(actor) as work:
        case = cases.get(work.session, case_id)
        if case.version != seen:
            raise Conflict("The case was changed after you opened it here. Look at it again before you go on.")
        row_id = reviews.save_ruling(work, case_id, outcome, reason).id
        keep_while_held(work, [case_id], reviews.subject_of("ruling", row_id))
        if not reason.strip():
            publish_ruling(work, row_id, {})
    if not reason.strip():
        return Posted(case_id, row_id, 0, published=True, screening_id=None)
    submitted = submit_text(actor, reviews.subject_of("ruling", row_id), {"reason": reason})
    return Posted(case_id, row_id, 0, submitted.published, submitted.screening_id)


def drop_ruling(actor: Actor, case_id: str) -> None:
    """Throw away a word of the actor's that still waits for its reason to be confirmed."""
    with unit_of_work(actor) as work:
        row = queries.unpublished_ruling(work.session, case_id, actor.person_id)
        if row is None:
            raise NotFound
        reviews.drop_ruling(work, row.id)


def plan_next_look(actor: Actor, case_id: str, at: datetime | None) -> None:
    """Say that the case was looked at, and when the next look is: ``at`` is a wall-clock time in the actor's zone."""
    instant = None
    if at is not None:
        there = at.replace(tzinfo=ZoneInfo(actor.zone))
        instant = there.astimezone(ZoneInfo("UTC"))
        if instant.astimezone(ZoneInfo(actor.zone)).replace(tzinfo=None) != at.replace(tzinfo=None):
            raise Invalid("The clocks change then: that time does not exist on that day.", "next_look")
        if instant <= now():
            raise Invalid("That time is past.", "next_look")
    with unit_of_work(actor) as work:
        set_next_look(work, case_id, instant)

"""What happens when a screened text of a thread is published: it must still be allowed, it appears, the case moves.

Confirming may come days after writing, so who may do it is decided again here, in the same unit of work.
"""

from collections.abc import Mapping

from supervise.access.queries import reader_ids
from supervise.cases import service as cases
from supervise.cases.queries import case_facts
from supervise.core.errors import NotFound, Refused
from supervise.core.text import ReleasedText
from supervise.core.uow import UnitOfWork
from supervise.events import CaseStateChanged
from supervise.policy import Action, decide
from supervise.reviews import queries
from supervise.reviews import service as reviews
from supervise.reviews.rules import OUTCOMES


def publish_post(work: UnitOfWork, post_id: str, text: Mapping[str, ReleasedText]) -> str:
    """Publish a post or the new words of one; return the id of its case."""
    post = queries.post(work.session, post_id)
    must = post.kind == "must_do" and post.state != "published"
    _still_allowed(work, post.case_id, Action.POST_MUST_DO if must else Action.POST_GUIDANCE, post.author_id)
    readers = reader_ids(work.session, post.case_id)
    post.mentions = [person for person in post.mentions if person in readers]
    return reviews.publish_post(work, post_id, text).case_id


def publish_decision(work: UnitOfWork, decision_id: str, text: Mapping[str, ReleasedText]) -> str:
    """Record the decision; the case is decided with it. Return the id of the case."""
    row = queries.decision(work.session, decision_id)
    _still_allowed(work, row.case_id, Action.DECIDE_CASE, row.author_id)
    reviews.publish_decision(work, decision_id, text)
    cases.decided(work, row.case_id)
    return row.case_id


def publish_ruling(work: UnitOfWork, ruling_id: str, text: Mapping[str, ReleasedText]) -> str:
    """Let a word on a case take effect: signed off, sent back, closed, reopened or withdrawn. Return the case's id."""
    row = queries.ruling(work.session, ruling_id)
    _still_allowed(work, row.case_id, OUTCOMES[row.outcome], row.by_id)
    reviews.publish_ruling(work, ruling_id, text)
    if row.outcome == "signed_off":
        work.emit(CaseStateChanged(row.org_id, row.case_id, "signed_off"))
    _MOVES[row.outcome](work, row.case_id)
    return row.case_id


_MOVES = {
    "signed_off": cases.close,
    "sent_back": cases.send_back,
    "closed": cases.close,
    "reopened": cases.reopen,
    "withdrawn": cases.withdraw,
}


def _still_allowed(work: UnitOfWork, case_id: str, action: Action, writer_id: str) -> None:
    if writer_id != work.actor.person_id:
        raise NotFound
    verdict = decide(work.actor, action, case_facts(work.actor, case_id))
    if verdict.hidden:
        raise NotFound
    if not verdict.allowed:
        raise Refused(verdict.why)

"""What a post says now and what it said before, to everyone who reads the case."""

from typing import Any

from supervise.accounts.queries import person
from supervise.audit.service import record_read
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.events import CaseRead
from supervise.flows.credit_guidance import case_facts
from supervise.flows.hide_words import cover_for
from supervise.policy import Basis
from supervise.reviews import queries as reviews


def history_page(actor: Actor, post_id: str) -> dict[str, Any]:
    """Return a published post with what it said before, latest first: body, reason, and until when it said so.

    Recorded in the audit as a reading of the case, except for the case's author.
    """
    case_id = reviews.post(db.session(), post_id).case_id
    facts = case_facts(actor, case_id)
    if Basis.AUTHOR not in facts.bases:
        record_read(actor, CaseRead(facts.org_id, case_id, min(facts.bases).value))
    session = db.session()
    post = reviews.post(session, post_id)
    cover = cover_for(session, actor, case_id)
    said = [(f"post:{post.id}", post.body, post.because, post.edited_at or post.published_at)]
    for row in reviews.revisions(session, post_id):
        said.append((f"revision:{row.id}", row.body, row.because, row.replaced_at))
    texts = [
        (cover.text(subject, "body", body, post.author_id), cover.text(subject, "because", because, post.author_id), at)
        for subject, body, because, at in said
    ]
    by = person(session, post.author_id)
    signature = ", ".join(part for part in (by.name, by.credential) if part)
    return {"post": post, "by": signature, "now": texts[0], "revisions": texts[1:]}

"""Short texts that others read at once, such as the name of a group: what identifies somebody is refused, not asked."""

from supervise.accounts.queries import member_names, organisation
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.deid import service as deid

IN_A_NAME = frozenset({"DATE"})
IN_TERMS = frozenset({"DATE", "PHONE"})
"""An agreement says when the two meet and how they are reached; a group is often called after a day."""


def refuse_what_identifies(
    actor: Actor, field: str, words: str, stands: frozenset[str], own: frozenset[str] = frozenset()
) -> None:
    """Raise Invalid at ``field``, naming what was found in ``words``; Unavailable without the engine.

    Findings of the classes in ``stands`` may stand, and so may the names of members, of the organisation, and ``own``
    ones, such as that of a place of work. Needs the engine: call it outside a unit of work.
    """
    if not words.strip():
        return
    session = db.session()
    names = member_names(session, actor.org_id)
    places = [f" {name.casefold()} " for name in {organisation(session, actor.org_id).name, *own}]
    people = {name.casefold() for name in names}
    groups = deid.prepare({field: words}, names).work.proposal.groups
    found = [
        form
        for group in groups
        if group.label not in stands
        for form in group.forms
        if form.casefold() not in people and not any(f" {form.casefold()} " in place for place in places)
    ]
    if found:
        listed = ", ".join(f"“{form}”" for form in dict.fromkeys(found))
        raise Invalid(f"Others read this, and it may identify someone: {listed}. Say it without.", field)

"""Short texts that others read at once, such as the name of a group: what identifies somebody is refused, not asked."""

import re

from supervise.accounts.queries import member_names, organisation
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.deid import service as deid

IN_A_NAME = frozenset({"DATE"})
IN_TERMS = frozenset({"DATE", "PHONE"})
IN_A_CREDENTIAL = frozenset({"ORG"})
"""An agreement says when the two meet and how they are reached; a group is often called after a day; a credential is
given by a body that has a name."""

_TITLES = (
    "accredited addiction addictions advanced analyst and approved art associate behavior behavioral board candidate "
    "certified child clinical clinician community counseling counselor couple couples dance diplomate disorder drama "
    "educational family fellow for full health in independent intern juvenile level licensed limited marital marriage "
    "master mental movement music nationally nurse of pastoral play practice practitioner professional program "
    "provisional psychiatric psychiatry psychoanalyst psychological psychologist psychology psychotherapist "
    "psychotherapy registered rehabilitation resident school science service services social specialist student "
    "substance supervised supervisor supervisory teacher temporary the therapist therapy trainee treatment use with "
    "work worker"
)
_OF_TITLES = frozenset(_TITLES.split())
"""Words of which titles are made. Each with a capital, as titles are written, they look like names to the engine."""


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
        if form.casefold() not in people
        and not any(f" {form.casefold()} " in place for place in places)
        and not _is_a_title(form)
    ]
    if found:
        listed = ", ".join(f"“{form}”" for form in dict.fromkeys(found))
        raise Invalid(f"Others read this, and it may identify someone: {listed}. Say it without.", field)


def _is_a_title(form: str) -> bool:
    words = re.findall(r"[^\W_]+", form.casefold())
    return bool(words) and _OF_TITLES.issuperset(words)


def refuse_in_credentials(actor: Actor, before: object | None, **fields: str) -> None:
    """Raise Invalid at the first of ``fields`` (credential, title, profession) that identifies somebody.

    ``before``: the row that holds them now; what it holds is not asked about again. Colleagues, administrators and
    boards read these words. Needs the engine, as above.
    """
    for name, words in fields.items():
        if before is None or words != getattr(before, name):
            refuse_what_identifies(actor, name, words, IN_A_CREDENTIAL)

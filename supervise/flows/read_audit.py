"""Reading the audit with names: the chain holds ids, accounts know whose they are."""

from collections.abc import Iterable

from supervise.accounts.queries import people
from supervise.audit.queries import actor_ids
from supervise.core.actor import Actor
from supervise.core.db import db

_NOBODY = {"system": "Supervise itself", "unknown": "Someone unknown", "": "Nobody"}


def names_in_audit(actor: Actor) -> dict[str, str]:
    """Return the names of everyone who did something in the actor's organisation, by id."""
    return _names(actor_ids(db.session(), actor.org_id))


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """Return names for ids that rows of the audit are about; ids of things that are no people are left out."""
    return _names(ids)


def _names(ids: Iterable[str]) -> dict[str, str]:
    wanted = {*ids}
    found = {person_id: person.name for person_id, person in people(db.session(), wanted).items()}
    return found | {key: words for key, words in _NOBODY.items() if key in wanted}

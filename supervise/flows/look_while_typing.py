"""Looking over what is being typed, before it is screened. Nothing of it is stored, logged or written to the audit."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from supervise.cases.queries import case_facts
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Invalid, NotFound, Unavailable
from supervise.core.installation import installation
from supervise.core.pace import Pace
from supervise.deid.rules.typing import Place, places
from supervise.flows.name_readers import names_of_readers
from supervise.policy import Action, decide

MOST = 20_000
"""Characters of a text that is looked over while it is typed; a longer one is found out about by screening it."""

_EACH = 2_000
_pace = Pace(most=120_000, per_second=6_000)  # in characters: a text of 400 words more than once a second


@dataclass(frozen=True, slots=True)
class Looked:
    """The places that were found; or, where the person asked too much at once, the seconds to ``wait``."""

    places: list[Place]
    wait: float = 0.0


def look_while_typing(actor: Actor, text: str, case_id: str = "") -> Looked:
    """Return what the screening of ``text`` would find. The names of those who read the case may stand in it.

    Raises Invalid for a text that is too long and Unavailable without the engine.
    """
    if len(text) > MOST:
        raise Invalid("This is too long to be looked over while it is typed.")
    if wait := _pace.take(actor.person_id, _EACH + len(text)):
        return Looked([], wait)
    allowed = _names(db.session(), actor, case_id)
    try:
        return Looked(places(installation().engine(), text, allowed))
    except Unavailable:
        raise
    except Exception as error:  # whatever goes wrong inside the engine, no word of the text may reach a log
        raise Unavailable("The text could not be looked over while it was typed.") from error


def _names(session: Session, actor: Actor, case_id: str) -> frozenset[str]:
    if not case_id:
        return frozenset()
    try:
        facts = case_facts(actor, case_id)
    except NotFound:
        return frozenset()
    return names_of_readers(session, case_id) if decide(actor, Action.READ_CASE, facts).allowed else frozenset()

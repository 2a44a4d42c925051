"""What policy needs to know about someone's hours: who supervises or supervised them, and where they have rows."""

from datetime import date

from supervise.accounts.queries import person
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused
from supervise.hours.queries import entry, organisations_of
from supervise.policy import HoursFacts
from supervise.supervision.queries import agreement_on, ever_supervised, still_supervises, supervisors_of


def hours_facts(actor: Actor, person_id: str = "", on: date | None = None) -> HoursFacts:
    """Load the facts about a person's hours, without ``person_id`` about the actor's own.

    Supervisors are those of today and of the day ``on`` that is asked for: who once supervised reads those days, and
    nothing that came after.
    """
    session = db.session()
    whose = person(session, person_id).id if person_id else actor.person_id
    days = {today_of(actor), on or today_of(actor)}
    found = {a.supervisor_id for day in days for a in supervisors_of(session, whose, actor.org_id, day)}
    return HoursFacts(whose, frozenset(found), frozenset(organisations_of(session, whose)))


def signing_facts(actor: Actor, person_id: str) -> HoursFacts:
    """Load the facts for signing: past supervisors still sign the days that they supervised."""
    session = db.session()
    whose = person(session, person_id).id
    found = {a.supervisor_id for a in ever_supervised(session, whose) if a.org_id == actor.org_id}
    return HoursFacts(whose, frozenset(found), frozenset(organisations_of(session, whose)))


def entry_facts(actor: Actor, entry_id: str) -> HoursFacts:
    """Load the facts about the person to whom a row of the ledger belongs."""
    return hours_facts(actor, entry(db.session(), entry_id).person_id)


def supervisors_on(actor: Actor, setting_id: str, day: date) -> list[str]:
    """Return who may sign a day of the actor's: the supervisors of the agreements in force here for that place."""
    session = db.session()
    found = agreement_on(session, actor.person_id, setting_id, day)
    ids = dict.fromkeys(a.supervisor_id for a in found if a.org_id == actor.org_id)
    return [supervisor_id for supervisor_id in ids if still_supervises(session, supervisor_id, actor.org_id)]


def supervisor_on(actor: Actor, setting_id: str, day: date, wanted: str = "") -> str:
    """Return who is to sign a day: the supervisor of the agreement in force, ``wanted`` where two share a place."""
    found = supervisors_on(actor, setting_id, day)
    if not found:
        raise Refused(
            f"No agreement signed by both was in force on {day:%A} {day.day} {day:%B %Y} for this place, so there is "
            "nobody to sign it. The day is kept as a draft; see Supervision agreements."
        )
    if len(found) > 1 and wanted not in found:
        raise Invalid("Two supervisors share this place. Choose who signs.", "supervisor")
    return wanted if wanted in found else found[0]


def today_of(actor: Actor) -> date:
    """Return the actor's calendar day."""
    return local_day(now(), actor.zone)

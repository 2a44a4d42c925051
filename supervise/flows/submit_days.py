"""Days go to the supervisor whose agreement covers them; a correction's reason is read before it is written."""

from collections.abc import Sequence
from datetime import date

from supervise.accounts.queries import member_names
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.flows.hours_facts import supervisor_on
from supervise.hours import service


def submit_days(actor: Actor, setting_id: str, days: Sequence[date], wanted: str = "") -> None:
    """Submit draft days of one place; all of them or, when one has no supervisor, none.

    ``wanted`` says who signs where two supervisors share the place.
    """
    if not days:
        raise Refused("No draft day of this week has anything to submit.")
    supervisors = {day: supervisor_on(actor, setting_id, day, wanted) for day in days}
    with unit_of_work(actor) as work:
        service.submit_days(work, setting_id, supervisors)


def correct_entry(actor: Actor, entry_id: str, minutes: int, reason: str) -> None:
    """Correct a row by a reversal. The reason stands in the ledger for good, so it may not identify anyone."""
    refuse_identifiers(actor, reason)
    with unit_of_work(actor) as work:
        service.correct_entry(work, entry_id, minutes, reason)


def send_days_back(actor: Actor, person_id: str, record_ids: Sequence[str], reason: str) -> None:
    """Give submitted days back with a reason that identifies nobody."""
    refuse_identifiers(actor, reason)
    with unit_of_work(actor) as work:
        service.send_back(work, person_id, record_ids, reason)


def refuse_identifiers(actor: Actor, reason: str, field: str = "reason") -> None:
    """Raise Invalid when the engine finds something identifying in ``reason``; raise Unavailable without an engine."""
    if not reason.strip():
        return
    prepared = deid.prepare({field: reason}, member_names(db.session(), actor.org_id))
    if not prepared.clean:
        raise Invalid(
            "This seems to name a person, a place or a date. Say it without; it stands in the hours for good.", field
        )

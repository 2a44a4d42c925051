"""Days go to the supervisor whose agreement covers them; a correction's reason is read before it is written."""

from collections.abc import Collection, Sequence
from datetime import date

from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import service as deid
from supervise.flows.find_signers import may_sign, told_about
from supervise.flows.hours_facts import supervisor_on, today_of
from supervise.flows.name_readers import names_of
from supervise.hours import service
from supervise.hours.queries import day_record, entry
from supervise.supervision.queries import succeeded

CAME_BACK = ("attested", "locked", "returned")
"""Days on which nothing waits until something is added."""


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
    row = entry(db.session(), entry_id)
    _refuse_identifiers(reason, _who_sign(actor, row.setting_id, row.day))
    with unit_of_work(actor) as work:
        told = _told(work, row.setting_id, row.day)
        service.correct_entry(work, entry_id, minutes, reason, told)


def add_entry(actor: Actor, setting_id: str, day: date, category: str, minutes: int, reason: str) -> None:
    """Add a forgotten kind of work to a day that was submitted or signed, with a reason that identifies nobody."""
    _refuse_identifiers(reason, _who_sign(actor, setting_id, day))
    with unit_of_work(actor) as work:
        service.add_entry(work, setting_id, day, category, minutes, reason, _told(work, setting_id, day))


def submit_again(actor: Actor, setting_id: str, day: date) -> None:
    """Submit what was sent back of a partly signed day as it is."""
    with unit_of_work(actor) as work:
        service.submit_again(work, setting_id, day, _told(work, setting_id, day))


def take_out_returned(actor: Actor, setting_id: str, day: date) -> None:
    """Take out what was sent back of a partly signed day; what was signed stands."""
    with unit_of_work(actor) as work:
        service.take_out_returned(work, setting_id, day)


def _told(work: UnitOfWork, setting_id: str, day: date) -> list[str] | None:
    record = day_record(work.session, work.actor.person_id, setting_id, day)
    return told_about(work, record) if record is not None and record.state in CAME_BACK else None


def send_days_back(actor: Actor, person_id: str, record_ids: Sequence[str], reason: str) -> None:
    """Give submitted days back with a reason that identifies nobody; of a partly signed day what is not signed."""
    _refuse_identifiers(reason, {actor.person_id, person_id})
    stands_in = succeeded(db.session(), actor.person_id, actor.org_id, today_of(actor))
    with unit_of_work(actor) as work:
        service.send_back(work, person_id, record_ids, reason, stands_in)


def _who_sign(actor: Actor, setting_id: str, day: date) -> set[str]:
    """Return the ids of the licensee and of those who sign a day, a former supervisor and the successor among them."""
    session = db.session()
    record = day_record(session, actor.person_id, setting_id, day)
    if record is None or record.supervisor_id is None:
        return {actor.person_id}
    may = may_sign(session, record, record.supervisor_id, today_of(actor), partly_signed=True)
    return {actor.person_id, record.supervisor_id, *may}


def _refuse_identifiers(reason: str, person_ids: Collection[str]) -> None:
    """Raise Invalid when the engine finds more in ``reason`` than the names of these people; Unavailable without it."""
    if not reason.strip():
        return
    prepared = deid.prepare({"reason": reason}, names_of(db.session(), person_ids))
    if not prepared.clean:
        raise Invalid(
            "This seems to name a person, a place or a date. Say it without; it stands in the hours for good.", "reason"
        )

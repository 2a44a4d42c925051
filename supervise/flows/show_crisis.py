"""Whom a supervisee calls first: the supervisors of their agreements in force who gave a number."""

from dataclasses import dataclass

from supervise.accounts.queries import people
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.supervision.queries import supervisors_of


@dataclass(frozen=True, slots=True)
class Call:
    """A name and a number; ``tel`` is the number with nothing but digits and a leading plus."""

    name: str
    number: str
    tel: str


def supervisors_to_call(actor: Actor) -> list[Call]:
    """Return the actor's supervisors who gave a telephone number, those of the oldest agreement first."""
    session = db.session()
    agreements = supervisors_of(session, actor.person_id, actor.org_id, local_day(now(), actor.zone))
    ids = list(dict.fromkeys(agreement.supervisor_id for agreement in agreements))
    found = people(session, ids)
    return [Call(found[one].name, found[one].phone, _dialled(found[one].phone)) for one in ids if found[one].phone]


def _dialled(number: str) -> str:
    digits = "".join(c for c in number if c.isdecimal())
    return f"+{digits}" if number.strip().startswith("+") else digits

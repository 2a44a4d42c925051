"""Whom to call first, and how a crisis stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from supervise.accounts.models import Person
from supervise.accounts.queries import people
from supervise.consents.models import Client
from supervise.consents.queries import clients_of
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.installation import installation
from supervise.flows.page_crisis import rungs
from supervise.flows.show_on_call import warnings
from supervise.safety import queries
from supervise.safety.models import Crisis, CrisisStep
from supervise.safety.rules import DONE, RUNG_WORDS, RUNGS, TOLD, Timers, dialled
from supervise.supervision.queries import supervisors_of

WORKS_WITH_CLIENTS = (Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Call:
    """A name and a number; ``tel`` is the number with nothing but digits and a leading plus."""

    name: str
    number: str
    tel: str
    why: str = "your supervisor"


def numbers_to_call(actor: Actor) -> list[Call]:
    """Return who is on call and who stands behind them, then the actor's supervisors; each with a number, once."""
    session = db.session()
    standing = queries.on_call_now(session, actor.org_id, now())
    agreements = supervisors_of(session, actor.person_id, actor.org_id, local_day(now(), actor.zone))
    wanted = [(standing[rung].person_id, RUNG_WORDS[rung]) for rung in ("on_call", "backup") if rung in standing]
    wanted += [(agreement.supervisor_id, "your supervisor") for agreement in agreements]
    wanted += [(standing["lead"].person_id, RUNG_WORDS["lead"])] if "lead" in standing else []
    found = people(session, {person_id for person_id, _why in wanted})
    calls: dict[str, Call] = {}
    for person_id, why in wanted:
        who = found[person_id]
        if who.phone and person_id != actor.person_id:
            calls.setdefault(person_id, Call(who.name, who.phone, dialled(who.phone), why))
    return [*calls.values()]


@dataclass(frozen=True, slots=True)
class CrisisPage:
    """How a crisis stands, for those who may read it. ``answers``: the actor may say that they are calling."""

    row: Crisis
    who: Person
    tel: str
    names: dict[str, Person]
    steps: Sequence[CrisisStep]
    rung_now: str
    next_at: datetime | None
    clients: Sequence[Client]
    code: str
    warnings: list[str]
    done: list[str]
    told: list[str]
    timers: Timers


def crisis_page(actor: Actor, crisis_id: str) -> CrisisPage:
    """Gather one crisis."""
    session = db.session()
    row = queries.crisis(session, crisis_id)
    steps = queries.steps(session, crisis_id)
    names = people(session, {row.raised_by, *(step.person_id for step in steps if step.person_id)})
    clients = clients_of(session, row.raised_by, row.org_id)
    clock = queries.timers(installation().settings)
    paged = [step for step in steps if step.kind == "paged"]
    who = names[row.raised_by]
    settled = row.closed_at or (row.calling_at and row.spoke_at)
    next_at = None
    if not settled and paged:
        next_at = row.calling_at + clock.spoke if row.calling_at else paged[-1].at + clock.step(row.level)
    said = warnings(session, row.org_id) if not settled else []
    if not settled and not any(rung.person_ids for rung in rungs(session, row, now())):
        said.insert(0, "Nobody here can be paged. Call.")
    return CrisisPage(
        row=row, who=who, tel=dialled(who.phone), names=names, steps=steps,
        rung_now=paged[-1].rung if paged else RUNGS[0], next_at=next_at,
        clients=clients if row.raised_by == actor.person_id else [],
        code=next((one.code for one in clients if one.id == row.client_id), ""), warnings=said,
        done=[DONE[one] for one in row.done], told=[TOLD[one] for one in row.told], timers=clock,
    )  # fmt: skip

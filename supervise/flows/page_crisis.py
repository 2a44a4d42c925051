"""The red path: asking for help pages people, one rung after the other, until someone called and both spoke.

Everything is written in the unit of work that causes it, so a process that dies at any step leaves the next one due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from supervise.accounts.queries import members
from supervise.cases import service as cases
from supervise.consents.queries import clients_of
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day
from supervise.core.errors import Invalid
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.safety import service
from supervise.safety.models import Crisis
from supervise.safety.queries import on_call_now, open_of_client, stand, timers
from supervise.safety.rules import LEVELS, RUNGS, Next, what_next
from supervise.supervision.queries import supervisors_of


@dataclass(frozen=True, slots=True)
class Rung:
    """Who is paged together, and as what."""

    name: str
    person_ids: tuple[str, ...]


def ask_for_help(actor: Actor, level: str, client_id: str = "") -> str:
    """Open a crisis, or join the one that is open, and page the first rung; return its id. Raises Invalid."""
    with unit_of_work(actor) as work:
        if level not in LEVELS:
            raise Invalid("Choose red or amber.", "level")
        if client_id and client_id not in {one.id for one in clients_of(work.session, actor.person_id, actor.org_id)}:
            raise Invalid("Choose one of your client references.", "client_id")
        row, must_page = service.raise_crisis(work, level, client_id or None)
        if must_page:
            climb(work, row)
        if row.client_id:
            cases.set_red(work, row.client_id, True)
        return row.id


def make_red(actor: Actor, crisis_id: str) -> None:
    """Make an amber crisis red and page at once."""
    with unit_of_work(actor) as work:
        row = service.make_red(work, crisis_id)
        climb(work, row)


def name_client(actor: Actor, crisis_id: str, client_id: str) -> str:
    """Say of which of one's clients a crisis is; return the id of the one in which it goes on. Raises Invalid."""
    with unit_of_work(actor) as work:
        before = service.locked(work, crisis_id)
        if client_id not in {one.id for one in clients_of(work.session, before.raised_by, before.org_id)}:
            raise Invalid("Choose one of your client references.", "client_id")
        row = service.name_client(work, crisis_id, client_id)
        cases.set_red(work, client_id, True)
        return row.id


def close(actor: Actor, crisis_id: str, done: Sequence[str], told: Sequence[str], next_contact_at: datetime) -> None:
    """Close a crisis and let the client's cases be as they were."""
    with unit_of_work(actor) as work:
        service.close_crisis(work, crisis_id, done, told, next_contact_at)
        row = service.locked(work, crisis_id)
        work.session.flush()
        if row.client_id and open_of_client(work.session, row.client_id) is None:
            cases.set_red(work, row.client_id, False)


def time_is_up(work: UnitOfWork, crisis_id: str, turn: int) -> None:
    """Follow the clock of a crisis. A clock that was set before the latest page says nothing any more."""
    row = service.locked(work, crisis_id)
    if row.turn != turn:
        return
    todo, at = what_next(stand(row), work.now, timers(installation().settings))
    if todo is Next.WAIT:
        _look_again(work, row, at)
    elif todo is Next.CLIMB:
        if row.calling_at is not None:
            service.not_reached(work, row)
        climb(work, row)


def page_failed(work: UnitOfWork, step_id: str, error: str) -> None:
    """Note that a channel failed, and page the next rung at once; at the end of a round it waits for its time."""
    step = service.sent(work, step_id, error)
    row = service.locked(work, step.crisis_id)
    todo, _at = what_next(stand(row), work.now, timers(installation().settings))
    round_is_over = (row.turn - row.first_turn) % len(rungs(work.session, row, work.now)) == 0
    if row.turn == step.turn and todo is Next.CLIMB and not round_is_over:
        climb(work, row)


def climb(work: UnitOfWork, row: Crisis) -> None:
    """Page the next rung and set the clock for the one after it."""
    ladder = rungs(work.session, row, work.now)
    rung = ladder[(row.turn - row.first_turn) % len(ladder)]
    row.turn += 1
    for person_id in rung.person_ids:
        service.page(work, row, person_id, rung.name, channels())
    _look_again(work, row, work.now + timers(installation().settings).step(row.level))


def _look_again(work: UnitOfWork, row: Crisis, at: datetime) -> None:
    ids = {"crisis_id": row.id, "org_id": row.org_id, "turn": str(row.turn)}
    work.due("crisis.climb", at, ids, dedupe_key=f"climb:{row.id}:{row.turn}:{at:%Y%m%dT%H%M%S.%f}")


def channels() -> list[str]:
    """Return the channels outside that this installation has."""
    settings = installation().settings
    return [name for name, there in (("pager", settings.pager_url), ("mail", settings.mail_configured)) if there]


def rungs(session: Session, row: Crisis, at: datetime) -> list[Rung]:
    """Return who is paged in which order; never nobody.

    Amber goes to the supervisors of record first; so does red where nobody is on call. Without a rota every
    supervisor and administrator is paged.
    """
    rota = on_call_now(session, row.org_id, at)
    here = {person.id for person in members(session, row.org_id)} - {row.raised_by}
    of_record = [a.supervisor_id for a in supervisors_of(session, row.raised_by, row.org_id, local_day(at, "UTC"))]
    wanted = {name: [rota[name].person_id] if name in rota else [] for name in RUNGS}
    if of_record and (row.level == "amber" or not here & {*wanted["on_call"]}):
        wanted["on_call"] = of_record
    found = [Rung(name, tuple(one for one in dict.fromkeys(ids) if one in here)) for name, ids in wanted.items()]
    found = [rung for rung in found if rung.person_ids]
    if found:
        return found
    everyone = [person.id for person in members(session, row.org_id, Role.SUPERVISOR, Role.ADMIN)]
    return [Rung("lead", tuple(one for one in everyone if one in here))]

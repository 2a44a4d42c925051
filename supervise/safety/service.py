"""The verbs of a crisis, the rota and drills. Who is paged next is found in ``flows/page_crisis``."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supervise.core.errors import Invalid, NotFound, Refused
from supervise.core.uow import UnitOfWork
from supervise.events import CrisisChanged, CrisisPaged, DrillChanged, RotaChanged
from supervise.safety.models import Crisis, CrisisStep, Drill, OnCall
from supervise.safety.rules import DONE, RUNGS, TOLD


def locked(work: UnitOfWork, crisis_id: str) -> Crisis:
    """Return a crisis that nobody else changes before this unit of work ends; raise NotFound."""
    row = work.session.scalars(
        select(Crisis).where(Crisis.id == crisis_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound()
    return row


def raise_crisis(work: UnitOfWork, level: str, client_id: str | None, person_id: str = "") -> tuple[Crisis, bool]:
    """Open a crisis of ``person_id``, or of the actor; join the one that is open. Return it, and whether to page.

    The key is unique in the database: of two who ask at the same moment the second joins.
    """
    who = person_id or work.actor.person_id
    key = f"{work.actor.org_id}:{client_id or who}"
    row = Crisis(
        org_id=work.actor.org_id, raised_by=who, client_id=client_id, level=level, raised_at=work.now, turn=0,
        first_turn=0, open_key=key, done=[], told=[],
    )  # fmt: skip
    try:
        with work.session.begin_nested():
            work.session.add(row)
    except IntegrityError:
        found = work.session.scalars(select(Crisis).where(Crisis.open_key == key).with_for_update()).one()
        step(work, found, "joined", who)
        worse = level == "red" and found.level != "red"
        if worse:
            _worsen(work, found)
        return found, worse
    step(work, row, "raised", who)
    _say(work, row, level)
    return row, True


def make_red(work: UnitOfWork, crisis_id: str) -> Crisis:
    """Make an amber crisis red. Raises Refused where it is red."""
    row = _open(work, crisis_id)
    if row.level == "red":
        raise Refused("It is red already.")
    _worsen(work, row)
    return row


def _worsen(work: UnitOfWork, row: Crisis) -> None:
    """What was said on amber does not hold for red: it starts at the first rung, and both words are asked for anew."""
    row.level, row.turn, row.first_turn = "red", row.turn + 1, row.turn + 1
    row.calling_by, row.calling_at, row.spoke_at = None, None, None
    step(work, row, "red", work.actor.person_id)
    _say(work, row, "red")


def step(work: UnitOfWork, row: Crisis, kind: str, person_id: str | None, rung: str = "", channel: str = "") -> str:
    """Write down one step of a crisis; return its id."""
    made = CrisisStep(
        crisis_id=row.id, org_id=row.org_id, at=work.now, kind=kind, person_id=person_id, rung=rung, channel=channel,
        turn=row.turn,
    )  # fmt: skip
    work.session.add(made)
    work.session.flush()
    return made.id


def page(work: UnitOfWork, row: Crisis, person_id: str, rung: str, channels: Iterable[str]) -> None:
    """Page a person: in the application at once, through each channel outside by due work of its own."""
    step_id = step(work, row, "paged", person_id, rung, "in_app")
    work.session.get_one(CrisisStep, step_id).delivered_at = work.now
    work.emit(CrisisPaged(row.org_id, row.id, person_id, rung))
    for channel in channels:
        step_id = step(work, row, "paged", person_id, rung, channel)
        work.due("crisis.page", work.now, {"step_id": step_id, "org_id": row.org_id}, dedupe_key=f"page:{step_id}")


def call_now(work: UnitOfWork, crisis_id: str) -> None:
    """A supervisor says that they are calling now; the climb waits a while for "we spoke"."""
    row = _open(work, crisis_id)
    row.calling_by, row.calling_at = work.actor.person_id, work.now
    step(work, row, "calling", work.actor.person_id)
    _say(work, row, "calling")


def spoke(work: UnitOfWork, crisis_id: str) -> None:
    """The supervisee says that they and a supervisor spoke."""
    row = _open(work, crisis_id)
    if row.raised_by != work.actor.person_id:
        raise Refused("Only who asked for help says that you spoke.")
    row.spoke_at = work.now
    step(work, row, "spoke", work.actor.person_id)
    _say(work, row, "spoke")


def hand_over(work: UnitOfWork, crisis_id: str, person_id: str, channels: Iterable[str]) -> None:
    """Let someone else answer in the actor's place; they are paged at once."""
    row = _open(work, crisis_id)
    if row.calling_by == work.actor.person_id and row.spoke_at is None:
        row.calling_by, row.calling_at = None, None  # who said it is gone: the climb goes on
    step(work, row, "handed_over", person_id)
    page(work, row, person_id, "on_call", channels)


def not_reached(work: UnitOfWork, row: Crisis) -> None:
    """Nobody spoke although someone said they were calling: that word counts no more."""
    step(work, row, "not_reached", row.calling_by)
    row.calling_by, row.calling_at = None, None


def name_client(work: UnitOfWork, crisis_id: str, client_id: str) -> Crisis:
    """Say of which client it is; where a crisis of that client is open, this one goes on there. Return which."""
    row = _open(work, crisis_id)
    if row.client_id == client_id:
        return row
    key = f"{row.org_id}:{client_id}"
    other = work.session.scalars(select(Crisis).where(Crisis.open_key == key).with_for_update()).first()
    if other is None:
        row.client_id, row.open_key = client_id, key
        _say(work, row, "named")
        return row
    row.joined_to, row.open_key, row.closed_at, row.closed_by = other.id, None, work.now, work.actor.person_id
    step(work, other, "joined", row.raised_by)
    other.level = "red" if "red" in (row.level, other.level) else other.level
    _say(work, row, "joined")
    return other


def close_crisis(
    work: UnitOfWork, crisis_id: str, done: Iterable[str], told: Iterable[str], next_contact_at: datetime
) -> None:
    """Close a crisis with what was done, who was told, and the next contact with the client.

    Raises Refused before someone called and both spoke, Invalid for what is missing.
    """
    row = _open(work, crisis_id)
    if not (row.calling_at and row.spoke_at):
        raise Refused('It is closed once a supervisor said "calling now" and who asked said "we spoke".')
    row.done, row.told = [one for one in DONE if one in {*done}], [one for one in TOLD if one in {*told}]
    if not row.done:
        raise Invalid("Say what was done.", "done")
    if not row.told:
        raise Invalid("Say who was told.", "told")
    if next_contact_at <= work.now:
        raise Invalid("The next contact lies ahead.", "next_contact")
    row.next_contact_at, row.closed_by, row.closed_at = next_contact_at, work.actor.person_id, work.now
    row.open_key = None
    step(work, row, "closed", work.actor.person_id)
    _say(work, row, "closed")


def take_rung(
    work: UnitOfWork, rung: str, person_id: str, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> OnCall:
    """Put a person on a rung of the rota, from now where nothing else is said. Raises Invalid."""
    starts = starts_at or work.now
    if rung not in RUNGS:
        raise Invalid("Choose on call, backup or clinical lead.", "rung")
    if ends_at is not None and ends_at <= starts:
        raise Invalid("The end lies before the beginning.", "ends_at")
    row = OnCall(
        org_id=work.actor.org_id, rung=rung, person_id=person_id, starts_at=starts, ends_at=ends_at,
        set_by=work.actor.person_id,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    work.emit(RotaChanged(row.org_id, row.id, rung, person_id))
    return row


def sent(work: UnitOfWork, step_id: str, error: str = "") -> CrisisStep:
    """Note that a page went out, or that its channel failed and why; return the step."""
    row = work.session.get_one(CrisisStep, step_id)
    if error:
        row.failed_at, row.error = work.now, error[:60]
    else:
        row.delivered_at = work.now
    return row


def ask_drill(work: UnitOfWork) -> Drill:
    """Have the actor's own phone paged as a test."""
    row = Drill(org_id=work.actor.org_id, person_id=work.actor.person_id, asked_at=work.now)
    work.session.add(row)
    work.session.flush()
    work.due("crisis.drill", work.now, {"drill_id": row.id, "org_id": row.org_id}, dedupe_key=f"drill:{row.id}")
    work.emit(DrillChanged(row.org_id, row.id, "asked"))
    return row


def drilled(work: UnitOfWork, drill_id: str, *, delivered: bool) -> None:
    """Note that a test page went out, or failed."""
    row = work.session.get_one(Drill, drill_id)
    if delivered:
        row.delivered_at = work.now
    else:
        row.failed_at = work.now


def woke(work: UnitOfWork, drill_id: str) -> None:
    """The person says that the test page woke their phone. Raises Refused where it never went out."""
    row = work.session.get(Drill, drill_id)
    if row is None or row.person_id != work.actor.person_id:
        raise NotFound()
    if row.delivered_at is None:
        raise Refused("This test page has not gone out.")
    row.woke_at = work.now
    work.emit(DrillChanged(row.org_id, row.id, "woke"))


def _open(work: UnitOfWork, crisis_id: str) -> Crisis:
    row = locked(work, crisis_id)
    if row.joined_to is not None:
        raise Refused("This goes on in the other crisis of the same client.")
    if row.closed_at is not None:
        raise Refused("This is closed already. Ask for help again if it is needed.")
    return row


def _say(work: UnitOfWork, row: Crisis, change: str) -> None:
    work.emit(CrisisChanged(row.org_id, row.id, change, row.level))

"""Handing over: being on call and the crises that are open move together to whoever covers."""

from datetime import datetime

from supervise.accounts.queries import members, person
from supervise.core.actor import Actor, Role
from supervise.core.errors import Invalid
from supervise.core.uow import unit_of_work
from supervise.flows.page_crisis import channels
from supervise.safety import queries, service


def cover_me(actor: Actor, person_id: str, until: datetime | None = None) -> str:
    """Let ``person_id`` stand in for the actor from now on; return in a sentence what moved. Raises Invalid.

    Every rung that the actor stands on and every open crisis for which they were paged or are calling moves at once;
    whoever covers is paged for each.
    """
    with unit_of_work(actor) as work:
        session = work.session
        if person_id == actor.person_id:
            raise Invalid("Choose someone else.", "person_id")
        if person_id not in {one.id for one in members(session, actor.org_id, Role.SUPERVISOR, Role.ADMIN)}:
            raise Invalid("A supervisor or administrator covers you.", "person_id")
        held = [r for r, row in queries.on_call_now(session, actor.org_id, work.now).items()
                if row.person_id == actor.person_id]  # fmt: skip
        for rung in held:
            service.take_rung(work, rung, person_id, None, until)
        moved = 0
        for row in queries.open_for(session, actor):
            if row.raised_by in (actor.person_id, person_id) or not queries.was_called(session, row, actor.person_id):
                continue
            service.hand_over(work, row.id, person_id, channels())
            moved += 1
        name = person(session, person_id).name
    rungs = f"{len(held)} place{'' if len(held) == 1 else 's'} on the rota"
    return f"{name} covers you: {rungs} and {moved} open {'crisis' if moved == 1 else 'crises'} moved."

"""Who is on call, by name and number, and what keeps a page from arriving."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from supervise.accounts.models import Person
from supervise.accounts.queries import members, people
from supervise.core import due
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.installation import installation
from supervise.notifications.pager import topic
from supervise.notifications.rules import is_worker_silent
from supervise.safety import queries
from supervise.safety.models import Drill, OnCall
from supervise.safety.rules import RUNG_WORDS, RUNGS

FAILED_SEEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A rung of the rota with who stands on it now."""

    rung: str
    words: str
    person: Person | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OnCallPage:
    """All that the page of the rota shows. ``topic``: where the actor's phone listens at an ntfy server."""

    now: list[Standing]
    later: list[tuple[OnCall, str]]
    mine: list[str]
    members: list[Person]
    warnings: list[str]
    drill: Drill | None
    topic: str
    shape: str


def on_call_page(actor: Actor, session: Session) -> OnCallPage:
    """Gather the rota of the actor's organisation and the actor's own drill."""
    at = now()
    settings = installation().settings
    rows = queries.rota(session, actor.org_id, at)
    names = people(session, {row.person_id for row in rows})
    standing = queries.on_call_now(session, actor.org_id, at)
    return OnCallPage(
        now=[_standing(rung, standing.get(rung), names) for rung in RUNGS],
        later=[(row, names[row.person_id].name) for row in rows if row.starts_at > at],
        mine=[rung for rung, row in standing.items() if row.person_id == actor.person_id],
        members=members(session, actor.org_id),
        warnings=warnings(session, actor.org_id),
        drill=queries.last_drill(session, actor.person_id),
        topic=topic(installation().keyring, actor.person_id) if settings.pager_shape == "ntfy" else "",
        shape=settings.pager_shape if settings.pager_url else "",
    )


def _standing(rung: str, row: OnCall | None, names: dict[str, Person]) -> Standing:
    return Standing(rung, RUNG_WORDS[rung], names[row.person_id] if row else None, row.ends_at if row else None)


def warnings(session: Session, org_id: str) -> list[str]:
    """Return in sentences what keeps a page from arriving, the gravest first."""
    at, settings = now(), installation().settings
    said = []
    if is_worker_silent(due.health(session, at, limit=1).last_done_at, at):
        said.append("Nothing pages by itself now: the worker is silent. Call.")
    failed = queries.failed_pages(session, org_id, at - FAILED_SEEN)
    if failed:
        channels = " and ".join(sorted({row.channel for row in failed}))
        said.append(f"Pages by {channels} failed in the last day ({len(failed)}). Whoever runs the installation looks.")
    if not settings.pager_url:
        said.append("No channel here wakes a phone: pages are in the application and by mail only.")
    standing = queries.on_call_now(session, org_id, at)
    names = people(session, {row.person_id for row in standing.values()})
    for rung in RUNGS:
        if rung not in standing:
            said.append(f"Nobody is {RUNG_WORDS[rung]}.")
            continue
        who = names[standing[rung].person_id]
        woken = queries.woken_at(session, who.id)
        if not who.phone:
            said.append(f"{who.name} ({RUNG_WORDS[rung]}) has no telephone number.")
        if settings.pager_url and (woken is None or woken < at - timedelta(days=settings.drill_days)):
            said.append(f"No drill woke the phone of {who.name} in the last {settings.drill_days} days.")
    return said

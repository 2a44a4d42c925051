"""Reading of notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from supervise.accounts.models import Person, SignIn
from supervise.accounts.queries import membership, people, person
from supervise.core.actor import Actor
from supervise.core.clock import local
from supervise.core.db import db
from supervise.core.errors import NotFound
from supervise.core.sanitize import plain
from supervise.notifications.models import MailChoice, Notice
from supervise.notifications.rules import SAYINGS, sentence
from supervise.policy import OwnFacts

PAGE = 30
_WAITS = [kind for kind, saying in SAYINGS.items() if saying.waits]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words, for its person."""

    id: str
    says: str
    at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail about a notice says, and to whom. ``look``: the path it leads to; ``more``: what follows."""

    notice_id: str
    to: str
    name: str
    says: str
    look: str
    sign_in: bool
    more: str = ""


def notice(session: Session, notice_id: str) -> Notice:
    """Return one notice; raise NotFound."""
    found = session.get(Notice, notice_id)
    if found is None:
        raise NotFound()
    return found


def notice_facts(_actor: Actor, notice_id: str) -> OwnFacts:
    """Load whose notice it is; raise NotFound."""
    return OwnFacts(notice(db.session(), notice_id).person_id)


def notices(session: Session, actor: Actor, before: str = "") -> tuple[list[Told], str]:
    """Return the actor's notices in their organisation, latest first, and the id to go on ``before`` (or nothing)."""
    wanted = select(Notice).where(Notice.person_id == actor.person_id, Notice.org_id == actor.org_id)
    if before:
        last = notice(session, before)
        wanted = wanted.where(tuple_(Notice.created_at, Notice.id) < tuple_(last.created_at, last.id))
    rows = session.scalars(wanted.order_by(Notice.created_at.desc(), Notice.id.desc()).limit(PAGE + 1)).all()
    return _told(session, rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else ""


def news(session: Session, actor: Actor, limit: int = 6) -> tuple[list[Told], int]:
    """Return what the actor has not read, latest first, and how many more there are.

    What waits in the inbox by itself is left out.
    """
    rows = session.execute(
        select(Notice, func.count().over())
        .where(
            Notice.person_id == actor.person_id,
            Notice.org_id == actor.org_id,
            Notice.read_at.is_(None),
            Notice.kind.not_in(_WAITS),
        )
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(limit)
    ).all()
    return _told(session, [row[0] for row in rows]), rows[0][1] - len(rows) if rows else 0


def _told(session: Session, rows: Sequence[Notice]) -> list[Told]:
    who = people(session, {row.actor_id for row in rows if row.actor_id})
    names = {person_id: plain(one.name) for person_id, one in who.items()}
    return [
        Told(row.id, sentence(row.kind, names.get(row.actor_id or "", "")), row.created_at, row.read_at is not None)
        for row in rows
    ]


def wants_mail(session: Session, person_id: str) -> bool:
    """Tell whether a person wants notices by mail; until they say otherwise they do."""
    choice = session.get(MailChoice, person_id)
    return choice is None or choice.by_mail


def letter(session: Session, notice_id: str) -> Letter | None:
    """Return the mail of a notice; None when it was read or mailed, or its person wants none or has left.

    Neither reading nor the choice keeps a mail back that is about how the person signs in.
    """
    row = session.get(Notice, notice_id)
    if row is None or row.mailed_at is not None:
        return None
    sign_in = SAYINGS[row.kind].sign_in
    if row.read_at is not None and not sign_in:
        return None
    to = person(session, row.person_id)
    belongs = to.disabled_at is None and membership(session, to.id, row.org_id) is not None
    if not belongs or not (sign_in or wants_mail(session, to.id)):
        return None
    (told,) = _told(session, [row])
    if row.object_type == "sign_in":
        return Letter(row.id, to.email, to.name, told.says, "/account/sessions", sign_in, _from_where(session, row, to))
    return Letter(row.id, to.email, to.name, told.says, f"/notices/{row.id}", sign_in)


def _from_where(session: Session, row: Notice, to: Person) -> str:
    """Return when someone signed in and with what kind of browser; no more is known of a device."""
    opened = session.get(SignIn, row.object_id)
    family = opened.device.partition(" on ")[0] if opened else "A browser"
    there = local(row.created_at, to.zone)
    return f"{family}, {there:%a} {there.day} {there:%b %Y}, {there:%H:%M} ({to.zone})."

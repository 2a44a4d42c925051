"""Consent recorded, revoked or ended: who reads the client's cases follows at the next request.

The supervisor of record stays, since responsibility does not end with a consent; peers and groups read only while one
is live.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from supervise.access import service as access
from supervise.access.queries import reader_ids
from supervise.accounts.queries import person
from supervise.cases import queries as cases
from supervise.cases import service
from supervise.cases.models import Case
from supervise.consents import queries as consents
from supervise.consents import service as verbs
from supervise.consents.models import Consent
from supervise.consents.rules import ends_at
from supervise.core.actor import Actor
from supervise.core.clock import local_day
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.policy import Basis
from supervise.supervision.queries import groups_of

WHY = "consent"
GROUNDS = {"group": (Basis.GROUP,), "peers": (Basis.PEER,)}


@dataclass(frozen=True, slots=True)
class Effect:
    """What revoking a consent would do: how many cases, and how many people who would stop reading."""

    cases: int
    people: int


def record_consent(
    actor: Actor,
    client_id: str,
    *,
    scope: str,
    obtained_how: str,
    obtained_on: date,
    group_id: str | None = None,
    expires_on: date | None = None,
) -> str:
    """Record a consent, let readers who wait for it read again, and return its id."""
    with unit_of_work(actor) as work:
        own = {group.id for group in groups_of(work.session, actor.person_id, actor.org_id)}
        if group_id is not None and group_id not in own:
            raise Invalid("Choose one of your groups.", "group_id")
        consent = verbs.record(
            work,
            client_id,
            scope=scope,
            obtained_how=obtained_how,
            obtained_on=obtained_on,
            group_id=group_id,
            expires_on=expires_on,
        )
        _follow(work, consent)
        return consent.id


def revoke_consent(actor: Actor, consent_id: str) -> None:
    """End a consent now; peers and groups under it cannot read at their next request."""
    with unit_of_work(actor) as work:
        _follow(work, verbs.revoke(work, consent_id))


def scopes_offered(actor: Actor) -> list[tuple[str, str]]:
    """Return for whom a consent can be recorded: (``supervisor``, ``peers`` or ``group:<id>``, words)."""
    groups = groups_of(db.session(), actor.person_id, actor.org_id)
    return [
        ("supervisor", "My supervisor of record"),
        *((f"group:{group.id}", group.name) for group in groups),
        ("peers", "Colleagues I choose for a consultation"),
    ]


def cases_of_client(client_id: str) -> list[tuple[Case, str]]:
    """Return the released cases about a client with their titles, newest first; for the client's owner."""
    session = db.session()
    found = cases.of_client(session, client_id)
    titles = cases.titles(session, [case.id for case in found])
    return [(case, titles[case.id]) for case in sorted(found, key=lambda case: case.id, reverse=True)]


def effect_of_revoking(consent_id: str) -> Effect:
    """Return what revoking would do, for the page that asks."""
    session = db.session()
    consent = consents.consent(session, consent_id)
    touched = _cases_under(session, consent)
    grounds = GROUNDS.get(consent.scope, ())
    readers = {person_id for case in touched for person_id in reader_ids(session, case.id, grounds)}
    return Effect(len(touched), len(readers))


def expire_consent(actor: Actor, consent_id: str) -> None:
    """``expired`` in a unit of work of its own."""
    with unit_of_work(actor) as work:
        expired(work, consent_id)


def expired(work: UnitOfWork, consent_id: str) -> None:
    """Follow the end of a consent by date. Reading ended at that instant already; this sets the flag and tells."""
    consent = consents.consent(work.session, consent_id)
    zone = _zone(work.session, consent)
    if consent.expires_on is None or consent.revoked_at is not None:
        return
    if work.now < (end := ends_at(consent.expires_on, zone)):  # its owner has moved to another zone meanwhile
        verbs.end_later(work, consent, end)
        return
    verbs.expired(work, consent)
    _follow(work, consent)


def _follow(work: UnitOfWork, consent: Consent) -> None:
    """Bring access to every case under this scope in line with the consent that is live now, if one is."""
    grounds = GROUNDS.get(consent.scope)
    if grounds is None:
        return
    zone = _zone(work.session, consent)
    today = local_day(work.now, zone)
    work.session.flush()
    live = consents.live_consent(work.session, consent.client_id, consent.scope, consent.group_id, today)
    until = ends_at(live.expires_on, zone) if live and live.expires_on else None
    for case in _cases_under(work.session, consent):
        access.suspend(work, case.id, WHY, grounds)
        if live is not None:
            access.resume(work, case.id, WHY, grounds, until)
        service.set_consent_lapsed(work, case.id, live is None)


def _cases_under(session: Session, consent: Consent) -> list[Case]:
    return [
        case
        for case in cases.of_client(session, consent.client_id)
        if case.audience == consent.scope and case.group_id == consent.group_id
    ]


def _zone(session: Session, consent: Consent) -> str:
    return person(session, consents.client(session, consent.client_id).owner_id).zone

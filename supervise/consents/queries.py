"""Reading of client references and consents."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from supervise.consents.models import Client, Consent
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import NotFound
from supervise.policy import ClientFacts


def client_facts(actor: Actor, client_id: str) -> ClientFacts:
    """Load what policy needs to know about a client reference; NotFound where there is none in the organisation."""
    client = db.session.get(Client, client_id)
    if client is None or client.org_id != actor.org_id:
        raise NotFound
    return ClientFacts(client.org_id, client.owner_id)


def consent_facts(actor: Actor, consent_id: str) -> ClientFacts:
    """Load the facts of the client reference that a consent belongs to."""
    found = db.session.get(Consent, consent_id)
    if found is None:
        raise NotFound
    return client_facts(actor, found.client_id)


def client(session: Session, client_id: str) -> Client:
    """Return the client reference."""
    found = session.get(Client, client_id)
    if found is None:
        raise NotFound
    return found


def consent(session: Session, consent_id: str) -> Consent:
    """Return the consent."""
    found = session.get(Consent, consent_id)
    if found is None:
        raise NotFound
    return found


def clients_of(session: Session, person_id: str, org_id: str) -> list[Client]:
    """Return a person's client references in an organisation, newest first."""
    return list(
        session.scalars(
            select(Client)
            .where(Client.owner_id == person_id, Client.org_id == org_id, Client.archived_at.is_(None))
            .order_by(Client.id.desc())
        )
    )


def consents_of(session: Session, client_id: str) -> list[Consent]:
    """Return everything recorded about a client, newest first, ended records included."""
    return list(
        session.scalars(
            select(Consent)
            .where(Consent.client_id == client_id)
            .order_by(Consent.obtained_on.desc(), Consent.id.desc())
        )
    )


def live_consent(session: Session, client_id: str, scope: str, group_id: str | None, on: date) -> Consent | None:
    """Return the consent of this scope that holds on a day and lasts longest, if there is one."""
    rows = session.scalars(
        select(Consent).where(
            Consent.client_id == client_id,
            Consent.scope == scope,
            Consent.group_id.is_(None) if group_id is None else Consent.group_id == group_id,
            Consent.revoked_at.is_(None),
            Consent.obtained_on <= on,
            or_(Consent.expires_on.is_(None), Consent.expires_on > on),
        )
    )
    return max(rows, key=lambda row: row.expires_on or date.max, default=None)


def disclosed(session: Session, client_ids: Iterable[str], on: date) -> dict[str, date]:
    """Return, by client, the day of the disclosure at intake that covers the supervisor of record."""
    rows = session.execute(
        select(Consent.client_id, Consent.obtained_on).where(
            Consent.client_id.in_(list(client_ids)),
            Consent.scope == "supervisor",
            Consent.revoked_at.is_(None),
            Consent.obtained_on <= on,
            or_(Consent.expires_on.is_(None), Consent.expires_on > on),
        )
    )
    return {row.client_id: row.obtained_on for row in rows}


def code_taken(session: Session, org_id: str, code: str) -> bool:
    """Tell whether a client reference of the organisation has this code."""
    return session.scalars(select(Client.id).where(Client.org_id == org_id, Client.code == code)).first() is not None


def ending(session: Session, person_id: str, org_id: str, since: date, until: date) -> list[tuple[Consent, str]]:
    """Return the consents of a person's clients that end in a span of days, with the client's code, first to end first.

    One that a later record of the same scope takes over is left out.
    """
    longer = aliased(Consent)
    taken_over = exists().where(
        longer.client_id == Consent.client_id,
        longer.scope == Consent.scope,
        longer.group_id.is_not_distinct_from(Consent.group_id),
        longer.revoked_at.is_(None),
        or_(longer.expires_on.is_(None), longer.expires_on > Consent.expires_on),
    )
    rows = session.execute(
        select(Consent, Client.code)
        .join(Client, Client.id == Consent.client_id)
        .where(
            Client.owner_id == person_id,
            Client.org_id == org_id,
            Client.archived_at.is_(None),
            Consent.revoked_at.is_(None),
            Consent.expires_on.between(since, until),
            ~taken_over,
        )
        .order_by(Consent.expires_on, Consent.id)
    )
    return [(consent, code) for consent, code in rows]

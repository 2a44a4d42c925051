"""The verbs of client references and consents. What they do to open cases is ``flows/revoke_consent.py``."""

from datetime import date, datetime

from supervise.consents import queries
from supervise.consents.models import Client, Consent
from supervise.consents.rules import check, ends_at
from supervise.core.clock import local_day
from supervise.core.errors import Invalid, Refused
from supervise.core.ids import new_code
from supervise.core.uow import UnitOfWork
from supervise.events import ClientStarted, ConsentExpired, ConsentRecorded, ConsentRevoked


def start_client(work: UnitOfWork, jurisdiction: str) -> Client:
    """Make a code that stands for a client of the actor. Nothing about the client is stored."""
    if not jurisdiction:
        raise Invalid("Choose the state where the client is.", "jurisdiction")
    code = new_code()
    while queries.code_taken(work.session, work.actor.org_id, code):
        code = new_code()
    client = Client(
        org_id=work.actor.org_id,
        owner_id=work.actor.person_id,
        code=code,
        jurisdiction=jurisdiction,
        created_at=work.now,
    )
    work.session.add(client)
    work.session.flush()
    work.emit(ClientStarted(client.org_id, client.id))
    return client


def record(
    work: UnitOfWork,
    client_id: str,
    *,
    scope: str,
    obtained_how: str,
    obtained_on: date,
    group_id: str | None = None,
    expires_on: date | None = None,
) -> Consent:
    """Record what a client agreed to. Raises Invalid at the field that cannot be used."""
    client = queries.client(work.session, client_id)
    zone = work.actor.zone
    check(scope, group_id, obtained_how, obtained_on, expires_on, local_day(work.now, zone))
    consent = Consent(
        org_id=client.org_id,
        client_id=client.id,
        scope=scope,
        group_id=group_id,
        obtained_how=obtained_how,
        obtained_on=obtained_on,
        expires_on=expires_on,
        recorded_by=work.actor.person_id,
        recorded_at=work.now,
    )
    work.session.add(consent)
    work.session.flush()
    if expires_on is not None:
        end_later(work, consent, ends_at(expires_on, zone))
    work.emit(ConsentRecorded(client.org_id, consent.id, client.id, scope))
    return consent


def disclose(work: UnitOfWork, client_id: str, obtained_on: date | None) -> Consent:
    """Record the one tick "disclosed at intake"; where it is recorded already, that record stands."""
    today = local_day(work.now, work.actor.zone)
    known = queries.live_consent(work.session, client_id, "supervisor", None, today)
    if known is not None:
        return known
    if obtained_on is None:
        raise Invalid("Give the day of the disclosure.", "disclosed_on")
    try:
        return record(work, client_id, scope="supervisor", obtained_how="intake", obtained_on=obtained_on)
    except Invalid as error:
        raise Invalid(str(error), "disclosed_on") from error


def revoke(work: UnitOfWork, consent_id: str) -> Consent:
    """End a consent now. Refused where it has ended already."""
    consent = queries.consent(work.session, consent_id)
    if consent.revoked_at is not None:
        raise Refused("This consent was revoked already.")
    consent.revoked_at = work.now
    work.emit(ConsentRevoked(consent.org_id, consent.id, consent.client_id, consent.scope))
    return consent


def end_later(work: UnitOfWork, consent: Consent, at: datetime) -> None:
    """Have the end of a consent followed at an instant."""
    key = f"consent.expire:{consent.id}:{at:%Y%m%dT%H%M}"
    work.due("consent.expire", at, {"consent_id": consent.id, "org_id": consent.org_id}, key)


def expired(work: UnitOfWork, consent: Consent) -> None:
    """Say that a consent has come to its end."""
    owner_id = queries.client(work.session, consent.client_id).owner_id
    work.emit(ConsentExpired(consent.org_id, consent.id, consent.client_id, owner_id))

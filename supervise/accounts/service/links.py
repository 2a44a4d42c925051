"""Links that are used once: invitations and resets. The database keeps a hash; a mail that waits, a sealed copy."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervise.accounts import queries
from supervise.accounts.models import Invitation, Membership, PasswordReset, Person
from supervise.accounts.rules import roles_problem
from supervise.accounts.service import passwords, throttle
from supervise.accounts.service.sign_ins import hash_of
from supervise.core.actor import Role, system
from supervise.core.errors import Invalid, NotFound, Refused
from supervise.core.ids import new_secret
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.events import InvitationRevoked, PasswordResetAsked, PersonInvited, PersonJoined, RolesChanged

INVITATION_DAYS = 7
RESET_MINUTES = 60
_SPENT = "This link was used, was taken back, or is too old. Ask for a new one."


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail with a one-time link needs to say. ``path`` is to be put behind the public address."""

    to: str
    name: str
    path: str
    organisation: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What someone typed to join by an invitation; ``hashed`` is made by ``hash_password``."""

    email: str
    name: str
    zone: str
    credential: str = ""
    hashed: str = ""


def invite(work: UnitOfWork, org_id: str, email: str, name: str, roles: list[str]) -> str:
    """Invite someone and return the path of the link. Mailed too, where mail is configured and an address given."""
    email = email.strip().lower()
    if problem := roles_problem(roles):
        raise Invalid(problem, "roles")
    if email and queries.is_member(work.session, org_id, email):
        raise Invalid("This person is a member already; change the roles in the list.", "email")
    for earlier in open_invitations(work.session, org_id, work.now):
        if email and earlier.email == email:
            revoke_invitation(work, org_id, earlier.id)
    token, mailed = new_secret(), bool(email) and installation().settings.mail_configured
    invited_by = work.actor.person_id if work.actor.person_id != "system" else None
    row = Invitation(
        org_id=org_id, email=email, name=name.strip(), roles=sorted(roles), token_hash=hash_of(token),
        invited_by=invited_by, created_at=work.now, expires_at=work.now + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    if mailed:
        row.token_sealed = _seal(token, f"invitations:{row.id}:token")
        work.due("mail.invitation", work.now, {"invitation_id": row.id})
    work.emit(PersonInvited(org_id, row.id, " ".join(row.roles)))
    return f"/invitations/{token}"


def first_administrator_link(work: UnitOfWork, org_id: str) -> str:
    """Return the path of a link by which the first administrator joins an organisation, good once."""
    return invite(work, org_id, "", "", [Role.ADMIN.value])


def open_invitations(session: Session, org_id: str, at: datetime) -> list[Invitation]:
    """Return invitations that can still be accepted, the latest first."""
    rows = session.scalars(
        select(Invitation)
        .where(
            Invitation.org_id == org_id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > at,
        )
        .order_by(Invitation.created_at.desc())
    )
    return list(rows)


def revoke_invitation(work: UnitOfWork, org_id: str, invitation_id: str) -> None:
    """Take an invitation back; its link opens nothing any more."""
    row = work.session.get(Invitation, invitation_id)
    if row is None or row.org_id != org_id or row.used_at is not None or row.revoked_at is not None:
        raise NotFound()
    row.revoked_at, row.token_sealed, row.answer_sealed = work.now, None, None
    work.emit(InvitationRevoked(org_id, row.id))


def invitation(session: Session, token: str, at: datetime) -> Invitation:
    """Return the invitation that a link names; raise NotFound when it is used, taken back or too old."""
    row = session.scalars(select(Invitation).where(Invitation.token_hash == hash_of(token))).first()
    if row is None or row.used_at or row.revoked_at or row.expires_at <= at:
        raise NotFound(_SPENT)
    return row


def answer_invitation(work: UnitOfWork, token: str, answer: Answer) -> None:
    """Keep what was typed to join until its author signs in.

    Whether anybody has the address is not looked up: the answer, and the work it costs, are the same for every address.
    """
    row = invitation(work.session, token, work.now)
    said = replace(answer, email=(row.email or answer.email).strip().lower())
    row.answer_sealed = _seal(json.dumps(asdict(said)), f"invitations:{row.id}:answer")


def answered(session: Session, token: str, at: datetime) -> Answer | None:
    """Return what was typed to join by this invitation; None before, NotFound as ``invitation``."""
    row = invitation(session, token, at)
    if row.answer_sealed is None:
        return None
    return Answer(**json.loads(_unseal(row.answer_sealed, f"invitations:{row.id}:answer")))


def accept_invitation(work: UnitOfWork, token: str, answer: Answer) -> Person:
    """Make the account and membership of someone new."""
    row = _use_invitation(work, token)
    person = Person(
        email=(row.email or answer.email).strip().lower(), name=answer.name.strip(), zone=answer.zone,
        credential=answer.credential.strip(), password_hash=answer.hashed, created_at=work.now,
    )  # fmt: skip
    try:
        with work.session.begin_nested():
            work.session.add(person)
    except IntegrityError as error:
        raise Invalid(passwords.NO_MATCH, "password") from error  # someone made an account with it meanwhile
    _join(work, row, person.id)
    return person


def accept_as(work: UnitOfWork, token: str, person_id: str) -> str:
    """Add the membership to an account that exists, and return the organisation's id. An invitation is personal."""
    row = _use_invitation(work, token)
    person = queries.person(work.session, person_id)
    if row.email and row.email != person.email:
        raise Refused("This invitation is for another address. Sign out, then open the link again.")
    _join(work, row, person_id)
    return row.org_id


def _use_invitation(work: UnitOfWork, token: str) -> Invitation:
    row = invitation(work.session, token, work.now)
    used = work.session.execute(
        update(Invitation)
        .where(Invitation.id == row.id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
        .values(used_at=work.now, token_sealed=None, answer_sealed=None)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        raise NotFound(_SPENT)
    return row


def _join(work: UnitOfWork, row: Invitation, person_id: str) -> None:
    roles = list(row.roles)
    ended = work.session.scalars(
        select(Membership).where(Membership.org_id == row.org_id, Membership.person_id == person_id)
    ).first()
    if ended is None:
        work.session.add(Membership(org_id=row.org_id, person_id=person_id, roles=roles, created_at=work.now))
        work.emit(PersonJoined(row.org_id, person_id, " ".join(roles)))
        return
    came_back = ended.ended_at is not None
    ended.roles, ended.ended_at = roles if came_back else sorted({*ended.roles, *roles}), None
    if came_back:
        ended.created_at = work.now  # what was shared with them before is not shared again by coming back
    event = PersonJoined if came_back else RolesChanged
    work.emit(event(row.org_id, person_id, " ".join(ended.roles)))


def ask_reset(email: str, network: str) -> None:
    """Note that someone with this address wants a reset link. Whether anybody has it is looked up by the worker alone.

    So the answer, and the time it takes, are the same for every address. Nobody's id is known here; the sealed address
    stands in for it.
    """
    with unit_of_work(system()) as work:
        throttle.enter(work, *throttle.reset_keys(email, network))
        sealed = _seal(email.strip().lower(), "due_work:mail.reset_asked")
        until = work.now + timedelta(minutes=RESET_MINUTES)
        work.due("mail.reset_asked", work.now, {"address_sealed": sealed, "until": until.isoformat()})


def answer_reset(work: UnitOfWork, address_sealed: str, until: str) -> None:
    """Make the reset that was asked for, and the mail it is sent by, if someone has the address and it is in time."""
    person = queries.by_email(work.session, _unseal(address_sealed, "due_work:mail.reset_asked"))
    if person and person.disabled_at is None and work.now < datetime.fromisoformat(until):
        row, token = _new_reset(work, person.id)
        row.token_sealed = _seal(token, f"password_resets:{row.id}:token")
        work.due("mail.reset", work.now, {"reset_id": row.id})


def reset_link(work: UnitOfWork, person_id: str) -> str:
    """Return the path of a reset link to hand over, for installations without mail."""
    row, token = _new_reset(work, person_id)
    row.made_by = work.actor.person_id
    return f"/reset/{token}"


def _new_reset(work: UnitOfWork, person_id: str) -> tuple[PasswordReset, str]:
    work.session.execute(
        update(PasswordReset)
        .where(PasswordReset.person_id == person_id, PasswordReset.used_at.is_(None))
        .values(used_at=work.now, token_sealed=None)
    )
    token = new_secret()
    row = PasswordReset(
        person_id=person_id, token_hash=hash_of(token), created_at=work.now,
        expires_at=work.now + timedelta(minutes=RESET_MINUTES),
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    for place, _org in queries.places_of(work.session, person_id):
        work.emit(PasswordResetAsked(place.org_id, person_id, row.id))
    return row, token


def reset(session: Session, token: str, at: datetime) -> PasswordReset:
    """Return the reset that a link names; raise NotFound when it is used or too old."""
    row = session.scalars(select(PasswordReset).where(PasswordReset.token_hash == hash_of(token))).first()
    if row is None or row.used_at or row.expires_at <= at:
        raise NotFound(_SPENT)
    return row


def use_reset(work: UnitOfWork, token: str, hashed: str) -> None:
    """Set the new password and end every session. The second factor stays as it is."""
    row = reset(work.session, token, work.now)
    used = work.session.execute(
        update(PasswordReset)
        .where(PasswordReset.id == row.id, PasswordReset.used_at.is_(None))
        .values(used_at=work.now, token_sealed=None)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        raise NotFound(_SPENT)
    passwords.set_password(work, row.person_id, hashed, "reset")


def invitation_letter(session: Session, invitation_id: str, at: datetime) -> Letter | None:
    """Return the mail of an invitation for the worker; None when it was used or taken back meanwhile."""
    row = session.get(Invitation, invitation_id)
    if row is None or not row.token_sealed or row.used_at or row.revoked_at or row.expires_at <= at:
        return None
    token = _unseal(row.token_sealed, f"invitations:{row.id}:token")
    org = queries.organisation(session, row.org_id)
    return Letter(row.email, row.name, f"/invitations/{token}", org.name, row.expires_at)


def reset_letter(session: Session, reset_id: str, at: datetime) -> Letter | None:
    """Return the mail of a reset for the worker; None when it was used or is too old."""
    row = session.get(PasswordReset, reset_id)
    if row is None or not row.token_sealed or row.used_at or row.expires_at <= at:
        return None
    token = _unseal(row.token_sealed, f"password_resets:{row.id}:token")
    person = queries.person(session, row.person_id)
    return Letter(person.email, person.name, f"/reset/{token}", "", row.expires_at)


def _seal(secret: str, bound_to: str) -> str:
    return installation().keyring.seal(secret.encode(), bound_to)


def _unseal(sealed: str, bound_to: str) -> str:
    return installation().keyring.unseal(sealed, bound_to).decode()


def link_mailed(work: UnitOfWork, row_id: str) -> None:
    """Forget the sealed copy of a link once its mail was handed over, or is not to be sent any more."""
    for kind in (Invitation, PasswordReset):
        work.session.execute(update(kind).where(kind.id == row_id).values(token_sealed=None))

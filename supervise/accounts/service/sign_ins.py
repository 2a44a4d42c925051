"""Sessions: rows on the server, opened by a secret that only the browser holds."""

import hashlib
from datetime import timedelta

from sqlalchemy import select, update

from supervise.accounts import queries
from supervise.accounts.models import SignIn
from supervise.accounts.rules import HALF_SESSION
from supervise.core.errors import NotFound
from supervise.core.ids import new_secret
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork
from supervise.events import SessionLocked, SessionRevoked, SessionUnlocked, SignedIn, SignedOut


def hash_of(secret: str) -> str:
    """Return what the database keeps of a secret of 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def second_factor_required() -> bool:
    """Tell whether nobody works without a second factor here: everywhere but in a demo, whatever else is set."""
    return not installation().settings.demo


def open_session(
    work: UnitOfWork,
    person_id: str,
    org_id: str | None,
    device: str,
    second_factor: bool,
    *,
    new_device: bool = False,
) -> str:
    """Start a session after a right password and return its secret; without the second factor it is half a session.

    Of a sign-in from a ``new_device`` the person is told, once it is a whole one.
    """
    person = queries.person(work.session, person_id)
    half = not second_factor and (second_factor_required() or person.totp_confirmed_at is not None)
    secret = new_secret()
    row = SignIn(
        token_hash=hash_of(secret), person_id=person_id, org_id=org_id, device=device[:120], created_at=work.now,
        last_seen_at=work.now, expires_at=work.now + (HALF_SESSION if half else _session_time()),
        password_at=work.now, second_factor_at=work.now if second_factor else None,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    if not half:
        work.emit(SignedIn(org_id or "", person_id, row.id if new_device else ""))
    return secret


def complete(work: UnitOfWork, sign_in_id: str, *, new_device: bool = False) -> str:
    """Make a half session a whole one after its second factor; the secret changes with the rights."""
    row = _live(work, sign_in_id)
    row.second_factor_at, row.expires_at = work.now, work.now + _session_time()
    work.emit(SignedIn(row.org_id or "", row.person_id, row.id if new_device else ""))
    return _renew(work, row)


def lock(work: UnitOfWork, sign_in_id: str) -> None:
    """Lock a session until its person gives the password again."""
    row = _live(work, sign_in_id)
    if row.locked_at is None:
        row.locked_at = work.now
        work.emit(SessionLocked(row.org_id or "", row.person_id))


def unlock(work: UnitOfWork, sign_in_id: str) -> str:
    """Unlock after the password was checked; the secret changes."""
    row = _live(work, sign_in_id)
    row.locked_at, row.password_at = None, work.now
    work.emit(SessionUnlocked(row.org_id or "", row.person_id))
    return _renew(work, row)


def touch(work: UnitOfWork, sign_in_id: str) -> None:
    """Note that the person is there."""
    work.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=work.now))


def sign_out(work: UnitOfWork, sign_in_id: str) -> None:
    """End a session for good; its cookie opens nothing any more."""
    row = _live(work, sign_in_id)
    row.revoked_at = work.now
    work.emit(SignedOut(row.org_id or "", row.person_id))


def revoke(work: UnitOfWork, person_id: str, sign_in_id: str) -> None:
    """End one of a person's own sessions; raise NotFound for anyone else's."""
    row = work.session.get(SignIn, sign_in_id)
    if row is None or row.person_id != person_id or row.revoked_at is not None:
        raise NotFound()
    row.revoked_at = work.now
    work.emit(SessionRevoked(row.org_id or "", person_id, row.id))


def revoke_all(work: UnitOfWork, person_id: str, but: str | None = None) -> int:
    """End all sessions of a person, except ``but``; return how many."""
    rows = work.session.scalars(select(SignIn).where(SignIn.person_id == person_id, SignIn.revoked_at.is_(None)))
    ended = [row for row in rows if row.id != but]
    for row in ended:
        row.revoked_at = work.now
        if row.expires_at > work.now:
            work.emit(SessionRevoked(row.org_id or "", person_id, row.id))
    return len(ended)


def revoke_everyones(work: UnitOfWork) -> None:
    """End every session there is: what an older state of the database holds may have been ended since."""
    work.session.execute(update(SignIn).where(SignIn.revoked_at.is_(None)).values(revoked_at=work.now))


def move_to(work: UnitOfWork, sign_in_id: str, org_id: str) -> None:
    """Make another of the person's organisations the active one; raise NotFound where they are no member."""
    row = _live(work, sign_in_id)
    if queries.membership(work.session, row.person_id, org_id) is None:
        raise NotFound()
    row.org_id = org_id
    work.emit(SignedIn(org_id, row.person_id))


def renew(work: UnitOfWork, sign_in_id: str) -> str:
    """Change the secret of a session, after its person has shown again who they are."""
    return _renew(work, _live(work, sign_in_id))


def _renew(work: UnitOfWork, row: SignIn) -> str:
    secret = new_secret()
    row.token_hash, row.last_seen_at = hash_of(secret), work.now
    return secret


def _live(work: UnitOfWork, sign_in_id: str) -> SignIn:
    row = work.session.get(SignIn, sign_in_id)
    if row is None or row.revoked_at is not None:
        raise NotFound("That session has ended. Sign in again.")
    return row


def _session_time() -> timedelta:
    return timedelta(hours=installation().settings.session_hours)

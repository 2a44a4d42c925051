"""The second factor: codes of an authenticator app (TOTP), each good once, and ten recovery codes."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

import pyotp
import segno
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from supervise.accounts import queries
from supervise.accounts.models import Person, RecoveryCode
from supervise.accounts.service import sign_ins, throttle
from supervise.core.actor import Actor
from supervise.core.errors import Invalid, Refused
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.events import SecondFactorChanged

RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_WRONG = "That code does not fit. Codes change every 30 seconds and each works once; wait for the next one."


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: the seed as text, and as a QR code (``path`` and ``size`` of an SVG)."""

    seed: str
    path: str
    size: int


def offer(person: Person, sign_in_id: str) -> Enrolment:
    """Return the seed that this session would set up. It is derived, not stored, so looking at it changes nothing."""
    seed = _offered_seed(person.id, sign_in_id)
    address = pyotp.TOTP(seed).provisioning_uri(name=person.email, issuer_name="Supervise")
    code = segno.make(address, error="m", micro=False)
    runs = "".join(
        f"M{x + 4} {y + 4}h1v1h-1z" for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark
    )
    return Enrolment(seed, runs, len(code.matrix) + 8)


def enrol(work: UnitOfWork, person_id: str, sign_in_id: str, code: str) -> list[str]:
    """Set up the seed that ``offer`` showed, proved by a code; return the new recovery codes, shown this once."""
    person = queries.person(work.session, person_id)
    if person.totp_confirmed_at is not None:
        raise Refused("A second factor is set up already. Remove it first, or ask an administrator to.")
    seed = _offered_seed(person_id, sign_in_id)
    step = _step_of(seed, code, work)
    if step is None:
        raise Invalid(_WRONG, "code")
    person.totp_sealed = installation().keyring.seal(seed.encode(), f"people:{person_id}:totp")
    person.totp_last_step, person.totp_confirmed_at = step, work.now
    person.totp_removed_by = None
    sign_ins.revoke_all(work, person_id, but=sign_in_id)
    _tell(work, person_id, "set up")
    return new_recovery_codes(work, person_id)


def check_code(session: Session, actor: Actor, code: str) -> None:
    """Use up a code of the app, or a recovery code; raise Invalid at ``code``, or TooManyTries."""
    person_id, key = actor.person_id, f"code:{actor.person_id}"
    with unit_of_work(actor) as work:
        throttle.enter(work, key)
    with unit_of_work(actor) as work:
        if not (_use_totp(work, person_id, code) or _use_recovery(work, person_id, code)):
            raise Invalid(_WRONG, "code")
        throttle.clear(work, key)


def new_recovery_codes(work: UnitOfWork, person_id: str) -> list[str]:
    """Replace a person's recovery codes and return the new ones."""
    codes = ["-".join(_four_letters() for _ in range(3)) for _ in range(RECOVERY_CODES)]
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    work.session.add_all(RecoveryCode(person_id=person_id, code_hash=_recovery_hash(person_id, code)) for code in codes)
    _tell(work, person_id, "recovery codes made")
    return codes


def _four_letters() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(4))


def recovery_codes_left(session: Session, person_id: str) -> int:
    """Return how many recovery codes are unused."""
    unused = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def remove(work: UnitOfWork, person_id: str, how: str = "removed") -> None:
    """Take the second factor away and end every session, so that the next sign-in sets up a new one."""
    person = queries.person(work.session, person_id)
    person.totp_sealed = person.totp_confirmed_at = None
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    person.totp_removed_by = None if work.actor.person_id == person_id else work.actor.person_id
    sign_ins.revoke_all(work, person_id)
    _tell(work, person_id, how)


def _offered_seed(person_id: str, sign_in_id: str) -> str:
    key = installation().keyring.derive("second factor on offer")
    seed = hmac.new(key, f"{person_id}|{sign_in_id}".encode(), hashlib.sha256).digest()
    return base64.b32encode(seed[:20]).decode()


def _step_of(seed: str, code: str, work: UnitOfWork) -> int | None:
    """Return the time step whose code this is: now, the one before or the one after."""
    digits = "".join(code.split())
    totp, now_step = pyotp.TOTP(seed), int(work.now.timestamp()) // 30
    steps = (now_step, now_step - 1, now_step + 1)
    return next((step for step in steps if hmac.compare_digest(totp.at(step * 30).encode(), digits.encode())), None)


def _use_totp(work: UnitOfWork, person_id: str, code: str) -> bool:
    person = queries.person(work.session, person_id)
    if not person.totp_sealed:
        return False
    seed = installation().keyring.unseal(person.totp_sealed, f"people:{person_id}:totp").decode()
    step = _step_of(seed, code, work)
    if step is None:
        return False
    used = work.session.execute(  # one statement, so that of two who come with the same code one is refused
        update(Person).where(Person.id == person_id, Person.totp_last_step < step).values(totp_last_step=step)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]


def _use_recovery(work: UnitOfWork, person_id: str, code: str) -> bool:
    used = work.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == _recovery_hash(person_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=work.now)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        return False
    _tell(work, person_id, "recovery code used")
    return True


def _recovery_hash(person_id: str, code: str) -> str:
    """Hash under a key of the keyring: the database alone does not let anyone try codes."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    key = installation().keyring.derive("recovery codes")
    return hmac.new(key, f"{person_id}|{plain}".encode(), hashlib.sha256).hexdigest()


def _tell(work: UnitOfWork, person_id: str, how: str) -> None:
    for place, _org in queries.places_of(work.session, person_id):
        work.emit(SecondFactorChanged(place.org_id, person_id, how))

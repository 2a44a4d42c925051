"""Passwords: Argon2id, slow on purpose, so never inside a unit of work and never many at once."""

import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from supervise.accounts import queries
from supervise.accounts.models import Person
from supervise.accounts.rules import PASSWORD_MOST, password_problem
from supervise.accounts.service import sign_ins, throttle
from supervise.core.actor import Actor, system
from supervise.core.errors import Invalid, Unavailable
from supervise.core.ids import new_secret
from supervise.core.resources import folder
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.events import PasswordChanged, SignInFailed

_hasher = PasswordHasher()  # RFC 9106, the low-memory choice: 64 MiB a hash
_at_once = BoundedSemaphore(2)
_PATIENCE_SECONDS = 20

NO_MATCH = "E-mail and password do not match. Check caps lock and the address."


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, in its own notation."""
    with _turn():
        return _hasher.hash(_plain(password))


def matches(stored: str | None, password: str) -> bool:
    """Tell whether a password is the one that was hashed; takes as long where nothing is stored."""
    nobodys = _nobodys_hash()  # asked for in any case, so that its making delays no one in particular
    with _turn():
        try:
            right = _hasher.verify(stored or nobodys, _plain(password[: PASSWORD_MOST + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def check_new_password(password: str, *own_words: str, field: str = "password") -> None:
    """Raise Invalid, naming ``field``, for a password that is too short, too long or guessed first."""
    problem = password_problem(_plain(password), _known_words(), own_words)
    if problem:
        raise Invalid(problem, field)


def authenticate(session: Session, email: str, password: str, network: str, browser: str = "") -> Person:
    """Return whose e-mail and password these are; raise Invalid or TooManyTries alike for known and unknown addresses.

    Opens units of work of its own, so it is called outside of one.
    """
    found = recognise(session, email, password, network, browser, newcomer=None)
    if found is None:
        raise Invalid(NO_MATCH, "password")
    return found


def recognise(
    session: Session, email: str, password: str, network: str, browser: str, *, newcomer: str | None
) -> Person | None:
    """Do as ``authenticate``, for someone who may be new: None where nobody has the address and the password is theirs.

    ``newcomer``: the hash of the password that they chose.
    """
    keys = throttle.sign_in_keys(email, network, browser)
    _count_try(session, *keys)
    found = queries.by_email(session, email)
    right = matches(found.password_hash if found else newcomer, password)
    if not right or (found is not None and found.disabled_at is not None):
        person_id = found.id if found else "unknown"
        places = queries.places_of(session, person_id)  # asked for an unknown one too: the same is done for both
        org_id = places[0][0].org_id if places else ""
        with unit_of_work(Actor("unknown", org_id)) as work:
            work.emit(SignInFailed(org_id, person_id, "disabled" if right else "password"))
        raise Invalid(NO_MATCH, "password")
    if found is None:
        with unit_of_work(system()) as work:
            throttle.clear(work, *keys)
        return None
    _succeeded(found, password, *keys)
    return queries.person(session, found.id)


def check_password(session: Session, person_id: str, password: str, field: str = "password") -> None:
    """Raise Invalid at ``field``, or TooManyTries, unless this is the person's password.

    Opens units of work of its own, so it is called outside of one.
    """
    key = f"password:{person_id}"
    _count_try(session, key)
    person = queries.person(session, person_id)
    if not matches(person.password_hash, password):
        raise Invalid("That is not your password. Check caps lock.", field)
    _succeeded(person, password, key)


def set_password(work: UnitOfWork, person_id: str, hashed: str, how: str, keep: str | None = None) -> None:
    """Store a hash made by ``hash_password`` and end every session but ``keep``. ``how``: changed, reset, joined."""
    person = queries.person(work.session, person_id)
    person.password_hash = hashed
    sign_ins.revoke_all(work, person_id, but=keep)
    for place, _org in queries.places_of(work.session, person_id):
        work.emit(PasswordChanged(place.org_id, person_id, how))


def _count_try(session: Session, *keys: str) -> None:
    if session.info.get("in_unit_of_work"):
        raise RuntimeError("check the password before the unit of work is opened: it is slow, and failures must count")
    with unit_of_work(system()) as work:
        throttle.enter(work, *keys)


def _succeeded(person: Person, password: str, *keys: str) -> None:
    person_id = person.id
    weak = _hasher.check_needs_rehash(person.password_hash or "")
    rehashed = hash_password(password) if weak else None
    with unit_of_work(system()) as work:
        throttle.clear(work, *keys)
        if rehashed:
            work.session.execute(update(Person).where(Person.id == person_id).values(password_hash=rehashed))


def _plain(password: str) -> str:
    """Bring the same characters typed on different keyboards to the same code points."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(new_secret())


@cache
def _known_words() -> frozenset[str]:
    lines = (folder("config") / "common_passwords.txt").read_text().splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


class _turn:  # noqa: N801 - reads as a word in a with statement
    """Wait for one of the places at the hasher; each takes 64 MiB."""

    def __enter__(self) -> None:
        if not _at_once.acquire(timeout=_PATIENCE_SECONDS):
            raise Unavailable("Too many people are signing in at once. Try again in a moment.")

    def __exit__(self, *_error: object) -> None:
        _at_once.release()

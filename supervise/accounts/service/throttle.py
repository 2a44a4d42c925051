"""Slowing down guesses, without letting anyone lock somebody else out.

A try is counted before it is judged, so that many at once are no way around; a success takes the count back. A browser
that its owner signed in with before carries a signed cookie and has a count of its own: whoever hammers the account
from elsewhere, or the clinic's network from within, does not use up its tries.
"""

import hashlib
import hmac
import secrets
from contextlib import suppress
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from supervise.accounts.models import Attempt
from supervise.accounts.rules import LIMITS, pause_after, wait_words
from supervise.core.errors import SuperviseError
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork


class TooManyTries(SuperviseError):
    """Too many tries in a row; the sentence says how long to wait."""

    status = 429


def sign_in_keys(email: str, network: str, browser: str) -> tuple[str, ...]:
    """Return the counts that a try to sign in adds to; ``browser`` is what the browser's own cookie says."""
    name = hashlib.sha256(email.strip().lower().encode()).hexdigest()[:40]
    if known := known_browser(email, browser):
        return (f"browser:{name}:{known}",)
    return f"account:{name}", f"network:{network}"


def reset_keys(email: str, network: str) -> tuple[str, ...]:
    """Return the counts that asking for a reset adds to."""
    return f"reset:{hashlib.sha256(email.strip().lower().encode()).hexdigest()[:40]}", f"reset-network:{network}"


def enter(work: UnitOfWork, *keys: str) -> None:
    """Count a try under each key; raise TooManyTries, counting nothing, while one of them is paused."""
    rows = [_row(work, key) for key in sorted(keys)]
    waits = [row.blocked_until for row in rows if row.blocked_until and row.blocked_until > work.now]
    if waits:
        pause = wait_words((max(waits) - work.now).total_seconds())
        raise TooManyTries(f"Too many tries in a row. Wait {pause}, then try again; what you typed elsewhere is kept.")
    for row in rows:
        limit = LIMITS[row.key.partition(":")[0]]
        if work.now - max(row.since, row.blocked_until or row.since) > limit.forgotten_after:
            row.count = 0
        if row.count == 0:
            row.since = work.now
        row.count += 1
        pause_length = pause_after(limit, row.count)
        row.blocked_until = work.now + pause_length if pause_length else None


def clear(work: UnitOfWork, *keys: str) -> None:
    """Forget the tries under these keys, after a success. A network's count stays: one account is not all of it."""
    own = [key for key in keys if not key.startswith(("network:", "reset-network:"))]
    # the row stays for others who come at the same moment; ``forget`` removes it in time
    work.session.execute(update(Attempt).where(Attempt.key.in_(own)).values(count=0, blocked_until=None))
    for key in {*keys} - {*own}:
        row = _row(work, key)
        row.count, row.blocked_until = max(0, row.count - 1), None


def forget(work: UnitOfWork, before: datetime) -> None:
    """Remove counts that nobody has added to since ``before``."""
    work.session.execute(
        delete(Attempt).where(
            Attempt.since < before, Attempt.blocked_until.is_(None) | (Attempt.blocked_until < before)
        )
    )


def _row(work: UnitOfWork, key: str) -> Attempt:
    wanted = select(Attempt).where(Attempt.key == key).with_for_update()
    while (found := work.session.scalars(wanted).first()) is None:
        with suppress(IntegrityError), work.session.begin_nested():  # someone else's try may make it in between
            work.session.add(Attempt(key=key, count=0, since=work.now))
    return found


def browser_cookie(email: str) -> str:
    """Return what a browser keeps after a sign-in: a random number, bound to the account, saying nothing about it."""
    number = secrets.token_urlsafe(16)
    return f"{number}.{_signed(email, number)}"


def known_browser(email: str, cookie: str) -> str:
    """Return the number of a browser that signed in to this account before, or nothing."""
    number, _, signature = cookie.partition(".")
    return number if signature and hmac.compare_digest(signature, _signed(email, number)) else ""


def _signed(email: str, number: str) -> str:
    key = installation().keyring.derive("known browser")
    return hmac.new(key, f"{email.strip().lower()}|{number}".encode(), hashlib.sha256).hexdigest()

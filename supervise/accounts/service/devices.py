"""Telling a browser in which someone has signed in before from one not seen yet: by a signed mark that it keeps.

Nothing is read off the browser. A mark is given only after the second factor, so that a password alone earns none, and
each person has one of their own, since clinics share computers.
"""

import hashlib
import hmac
import secrets
from datetime import date, timedelta

from supervise.core.installation import installation

KEPT_DAYS = 400
"""How long a browser keeps a mark after the last sign-in; browsers keep no cookie longer."""


def name_of(person_id: str) -> str:
    """Return the end of the name of a person's cookie, which does not tell who it is."""
    return _keyed(f"name|{person_id}")[:12]


def mark(person_id: str, today: date) -> str:
    """Return what a browser keeps: a day and a random number, bound to the person."""
    said = f"{today.isoformat()}.{secrets.token_hex(8)}"
    return f"{said}.{_keyed(f'mark|{person_id}|{said}')}"


def is_known(person_id: str, kept: str, today: date) -> bool:
    """Tell whether ``kept`` is a mark of this person that is not too old."""
    said, _, signature = kept.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _keyed(f"mark|{person_id}|{said}").encode()):
        return False
    return today - date.fromisoformat(said.partition(".")[0]) <= timedelta(days=KEPT_DAYS)


def _keyed(text: str) -> str:
    key = installation().keyring.derive("known device")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

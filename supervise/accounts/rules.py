"""Rules of accounts: pure, so that each can be read and tested by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from math import ceil
from urllib.parse import urlsplit

from supervise.core.actor import Role

HALF_SESSION = timedelta(minutes=15)
TYPED_KEPT = timedelta(hours=24)
"""How long a right password waits for its second factor."""


class SessionState(StrEnum):
    """What a session lets its person do."""

    NONE = "none"
    ENDED = "ended"
    CODE = "code"  # the password was right; the second factor is still asked for
    ENROL = "enrol"  # the password was right; a second factor has to be set up first
    LOCKED = "locked"
    NO_PLACE = "no-place"  # signed in, but a member of no organisation
    OPEN = "open"


def session_state(
    *,
    now: datetime,
    ended: bool,
    expires_at: datetime,
    locked: bool,
    last_seen_at: datetime,
    idle: timedelta,
    second_factor_given: bool,
    has_second_factor: bool,
    second_factor_required: bool,
    is_member: bool,
) -> SessionState:
    """Return the state of a session that exists; ``ended`` covers log-out, revocation and a disabled person."""
    if ended or now >= expires_at:
        return SessionState.ENDED
    if not second_factor_given and has_second_factor:
        return SessionState.CODE
    if not second_factor_given and second_factor_required:
        return SessionState.ENROL
    if locked or now - last_seen_at >= idle:
        return SessionState.LOCKED
    return SessionState.OPEN if is_member else SessionState.NO_PLACE


def own_path(address: str | None) -> str:
    """Return path and query of an address on this site, or nothing: a link must not lead a person elsewhere."""
    if not address or len(address) > 500 or any(ord(c) < 32 for c in address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or address.startswith(("//", "/\\")):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def network_of(address: str | None) -> str:
    """Return the /24 or /64 that an address belongs to: what one attacker commonly holds."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return "unknown"
    if ip.version == 6 and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ip_network((ip, 24 if ip.version == 4 else 64), strict=False))


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def device_name(user_agent: str) -> str:
    """Return ``Firefox on Linux`` from what a browser says about itself; the list of sessions shows it."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "A browser")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser


PASSWORD_LEAST, PASSWORD_MOST = 12, 256
_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_MAX_KNOWN_WORDS = 2
_MIN_OWN_LETTERS = 4
_MIN_DIFFERENT = 5


def password_problem(password: str, known_words: frozenset[str], own_words: Iterable[str]) -> str | None:
    """Return why a password cannot be used, as a sentence, or None.

    Length and guessability only; which kinds of characters it has is the person's business. ``known_words`` is the
    list of what people build passwords from; ``own_words`` are the person's name and address.
    """
    if len(password) < PASSWORD_LEAST:
        return f"Use at least {PASSWORD_LEAST} characters; four words in a row are easy to keep in mind."
    if len(password) > PASSWORD_MOST:
        return f"Use at most {PASSWORD_MOST} characters."
    if len(set(password.lower())) < _MIN_DIFFERENT:
        return "This repeats a few characters, so it is guessed first. Use several words that do not belong together."
    own = frozenset(word for part in own_words for word in _words(part) if len(word) > 2)
    readings = (password.lower(), password.lower().translate(_LEET))
    if any(_is_guessable(reading, known_words, own) for reading in readings):
        return "This is built from words that are guessed first. Use several words that do not belong together."
    return None


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()


def _is_guessable(password: str, known_words: frozenset[str], own_words: frozenset[str]) -> bool:
    """Take away own words, at most two different known ones, digits and signs; tell whether too little is left."""
    left = password
    for word in sorted(own_words, key=len, reverse=True):
        left = left.replace(word, " ")
    found = [word for word in sorted(known_words, key=len, reverse=True) if word in left]
    for word in found[:_MAX_KNOWN_WORDS]:
        left = left.replace(word, " ")
    return len({c for c in left if not c.isascii() or c.isalpha()}) < _MIN_OWN_LETTERS


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries in a row are free, and how the pause after them grows: twice as long with each further try."""

    free: int
    first_pause: timedelta
    longest_pause: timedelta
    forgotten_after: timedelta


LIMITS = {
    # One browser that its owner signed in with before: nobody else can use up its tries.
    "browser": Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1)),
    # One account from all browsers that never signed in to it.
    "account": Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1)),
    # One network, whatever the account; a clinic shares one, so it is wider.
    "network": Limit(30, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1)),
    "code": Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1)),
    "password": Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1)),
    "reset": Limit(3, timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6)),
    "reset-network": Limit(20, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=6)),
}


def pause_after(limit: Limit, tries: int) -> timedelta:
    """Return how long to wait after ``tries`` tries without success."""
    over = tries - limit.free
    if over < 0:
        return timedelta(0)
    return min(limit.longest_pause, limit.first_pause * (1 << min(over, 20)))


def wait_words(seconds: float) -> str:
    """Return a pause in words: ``30 seconds``, ``4 minutes``."""
    if seconds <= 90:
        return f"{max(1, ceil(seconds))} seconds"
    return f"{ceil(seconds / 60)} minutes"


_SECRET_PARTS = frozenset({"password", "csrf", "code", "token", "signature", "parked"})


def worth_keeping(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the fields of a form that may be kept for later: everything but passwords, codes and signatures."""
    return [
        (name, value) for name, value in fields if _SECRET_PARTS.isdisjoint(name.lower().replace("-", "_").split("_"))
    ]


MIRRORED = {
    "employer": "employee",
    "employee": "employer",
    "past_therapist": "past_client",
    "past_client": "past_therapist",
}
"""The other's word for the same relationship, where it is another one."""


@dataclass(frozen=True, slots=True)
class RelationshipRule:
    """What a jurisdiction's board does not allow between supervisee and supervisor, with where it says so."""

    id: str
    jurisdiction: str
    forbids: frozenset[str]
    because: str
    citation: str
    url: str
    effective_from: date
    verified: bool
    note: str


def forbidding(
    rules: Iterable[RelationshipRule], jurisdiction: str, kinds: Iterable[str], on: date
) -> RelationshipRule | None:
    """Return the rule in force on a day that forbids one of these relationships, or None."""
    declared = {*kinds}
    return next(
        (
            rule
            for rule in rules
            if rule.jurisdiction == jurisdiction and rule.effective_from <= on and rule.forbids & declared
        ),
        None,
    )


def roles_problem(roles: Iterable[str]) -> str | None:
    """Return why these roles cannot be given, as a sentence, or None."""
    chosen = {*roles}
    if not chosen:
        return "Choose at least one role."
    if chosen - {role.value for role in Role}:
        return "There is no such role."
    if Role.AUDITOR.value in chosen and len(chosen - {Role.AUDITOR.value, Role.ADMIN.value}) > 0:
        return "An auditor never reads case text, so this role does not go with roles that work with cases."
    return None

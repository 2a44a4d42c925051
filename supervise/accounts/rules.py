"""Rules of accounts: pure, so that each can be read and tested by itself."""

from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

HALF_SESSION = timedelta(minutes=15)
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

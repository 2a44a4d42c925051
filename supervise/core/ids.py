"""Opaque identifiers for rows and URLs."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_CODE = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # read aloud and copied by hand


def new_id() -> str:
    """Return 26 characters that sort by the millisecond of their making and carry 80 random bits."""
    value = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def new_code() -> str:
    """Return a code that a person copies by hand, such as ``K7Q-2MX``; it says nothing about anyone."""
    letters = [secrets.choice(_CODE) for _ in range(6)]
    return "".join(letters[:3]) + "-" + "".join(letters[3:])


def new_secret() -> str:
    """Return a URL-safe secret of 256 bits for links that are used once."""
    return secrets.token_urlsafe(32)

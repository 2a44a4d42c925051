"""How a row of the chain is hashed. A change here breaks every chain that exists; the test pins a known hash."""

import hashlib
import json
from datetime import UTC, datetime

START = "0" * 64
"""What the first row of a chain names as the hash before it."""


def row_hash(
    *,
    org_id: str,
    seq: int,
    at: datetime,
    actor_id: str,
    session_id: str | None,
    action: str,
    object_type: str,
    object_id: str,
    details: dict[str, str],
    previous: str,
) -> str:
    """Return SHA-256 in hex over the canonical JSON of a row followed by the hash before it."""
    row = {
        "org_id": org_id,
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_id": actor_id,
        "session_id": session_id,
        "action": action,
        "object_type": object_type,
        "object_id": object_id,
        "details": details,
    }
    return hashlib.sha256(canonical(row) + previous.encode()).hexdigest()


def canonical(value: object) -> bytes:
    """Return JSON with sorted keys and nothing optional, so that equal values have equal bytes."""
    return _ENCODER.encode(value).encode()


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)

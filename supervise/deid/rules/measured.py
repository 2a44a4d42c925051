"""How often something identifying was left after the engine's step, as it was measured last."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from supervise.core.resources import folder


@dataclass(frozen=True, slots=True)
class Measured:
    """Of ``texts`` with identifiers in them, ``leaking`` kept at least one, before any author had looked."""

    on: date
    texts: int
    leaking: int


@lru_cache(maxsize=1)
def measured() -> Measured | None:
    """Return the last measurement; None when there is none, which the page then says."""
    try:
        data = tomllib.loads((folder("config") / "deid" / "measured.toml").read_text("utf-8"))
        return Measured(
            date.fromisoformat(data["measured_on"]), int(data["texts_with_identifiers"]), int(data["texts_leaking"])
        )
    except (OSError, ValueError, KeyError):
        return None

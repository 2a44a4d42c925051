"""Who acts. Read from the session once at the edge, then passed as an argument everywhere."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a membership in an organisation lets a person be; one person may hold several."""

    SUPERVISEE = "supervisee"
    CLINICIAN = "clinician"  # a licensed peer
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"  # hours and audit, never case text


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in one organisation, or the system itself when due work runs."""

    person_id: str
    org_id: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    name: str = ""
    zone: str = "UTC"
    session_id: str | None = None

    def has(self, *roles: Role) -> bool:
        """Tell whether the actor holds any of ``roles``."""
        return not self.roles.isdisjoint(roles)


def system(org_id: str = "") -> Actor:
    """Return the actor of due work and commands."""
    return Actor(person_id="system", org_id=org_id, name="Supervise")

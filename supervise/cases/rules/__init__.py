"""What holds for cases whatever the database says: states, audiences, dilemmas, versions side by side, documents."""

from supervise.cases.rules.states import (
    AUDIENCES,
    KINDS,
    STAGES,
    TABLE,
    URGENCIES,
    Change,
    next_state,
    scopes_needed,
)

__all__ = ["AUDIENCES", "KINDS", "STAGES", "TABLE", "URGENCIES", "Change", "next_state", "scopes_needed"]

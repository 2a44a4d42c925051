"""What happens when a reader sees an identifier."""

from dataclasses import dataclass

from supervise.events.base import Event


@dataclass(frozen=True, slots=True)
class IdentifierSeen(Event):
    """A reader saw an identifier in what others can read; it is hidden in the same transaction."""

    incident_id: str
    case: str


@dataclass(frozen=True, slots=True)
class IncidentChanged(Event):
    """``change``: withdrawn (the mark), disputed, kept (hidden after all), cleared, repaired."""

    incident_id: str
    case: str
    change: str


@dataclass(frozen=True, slots=True)
class PatternsChosen(Event):
    """``to``: on or off, whether the shape of what readers saw is kept for tests of the engine."""

    to: str

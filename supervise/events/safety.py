"""What happens in a crisis, on the rota and in drills."""

from dataclasses import dataclass

from supervise.events.base import Event


@dataclass(frozen=True, slots=True)
class CrisisChanged(Event):
    """``change``: red, amber, calling, spoke, named, joined, closed."""

    crisis_id: str
    change: str
    level: str


@dataclass(frozen=True, slots=True)
class CrisisPaged(Event):
    """Someone is called to a crisis, on a rung of the rota."""

    crisis_id: str
    person: str
    rung: str


@dataclass(frozen=True, slots=True)
class RotaChanged(Event):
    on_call_id: str
    rung: str
    person: str


@dataclass(frozen=True, slots=True)
class DrillChanged(Event):
    """``change``: asked, woke."""

    drill_id: str
    change: str

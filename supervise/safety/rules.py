"""What a crisis waits for, and what can be said at its end. Times are defaults of ours; no rule or law sets them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RUNGS = ("on_call", "backup", "lead")
"""Who is paged, in this order, then round again."""

RUNG_WORDS = {"on_call": "on call", "backup": "backup", "lead": "clinical lead"}
LEVELS = ("red", "amber")

DONE = {
    "client_spoken": "The clinician spoke with the client",
    "assessed": "Risk was assessed",
    "plan": "A crisis plan was made or looked at again",
    "means": "Means were put out of reach",
    "emergency": "Emergency services were called",
    "hospital": "The client went to a hospital or emergency department",
    "seen_sooner": "The next session was brought forward",
    "report": "A report to an agency was made or decided on",
    "nothing": "Nothing more was needed",
}
TOLD = {
    "client": "The client knows who was told",
    "supervisor": "The supervisor of record",
    "contact": "The client's emergency contact",
    "guardian": "A parent or guardian",
    "prescriber": "Another clinician of the client",
    "services": "Emergency services or a crisis line",
    "agency": "An agency or the police",
    "person": "Someone who was threatened",
    "nobody": "Nobody else",
}


class Next(StrEnum):
    """What the clock of a crisis does when it runs out."""

    STOP = "stop"
    WAIT = "wait"
    CLIMB = "climb"


@dataclass(frozen=True, slots=True)
class Timers:
    """How long each step waits before the next person is paged."""

    red: timedelta
    amber: timedelta
    spoke: timedelta

    def step(self, level: str) -> timedelta:
        return self.red if level == "red" else self.amber


@dataclass(frozen=True, slots=True)
class Stand:
    """How a crisis stands: when a supervisor said "calling now", when the supervisee said "we spoke"."""

    level: str
    closed: bool
    calling_at: datetime | None
    spoke_at: datetime | None


def what_next(stand: Stand, at: datetime, timers: Timers) -> tuple[Next, datetime]:
    """Return what is to be done at ``at``, and when to look again.

    Only "calling now" and "we spoke" together stop the climb. "Calling now" alone holds it for a while.
    """
    if stand.closed or (stand.calling_at and stand.spoke_at):
        return Next.STOP, at
    if stand.calling_at and at < stand.calling_at + timers.spoke:
        return Next.WAIT, stand.calling_at + timers.spoke
    return Next.CLIMB, at + timers.step(stand.level)


def dialled(number: str) -> str:
    """Return a telephone number with nothing but digits and a leading plus."""
    digits = "".join(c for c in number if c.isdecimal())
    return f"+{digits}" if number.strip().startswith("+") else digits

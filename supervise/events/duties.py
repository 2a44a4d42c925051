"""What happens on a duty to report or to protect."""

from dataclasses import dataclass

from supervise.events.base import Event


@dataclass(frozen=True, slots=True)
class DutyChanged(Event):
    """``change``: opened, checked, told, decided, closed, reopened."""

    duty_record_id: str
    case: str
    change: str


@dataclass(frozen=True, slots=True)
class DutyRowConfirmed(Event):
    """``row``: which row of law; ``change``: confirmed, taken back."""

    confirmation_id: str
    row: str
    change: str

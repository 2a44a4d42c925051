"""What happens to an installation as a whole; its own chain records it, and there the last of each is looked up."""

from dataclasses import dataclass

from supervise.events.base import Event


@dataclass(frozen=True, slots=True)
class BackupMade(Event):
    backup_id: str
    rows: str


@dataclass(frozen=True, slots=True)
class BackupRestored(Event):
    """Ends every session: one that was ended after the backup must not open again."""

    backup_id: str


@dataclass(frozen=True, slots=True)
class BackupDrilled(Event):
    """The backup was restored onto an empty place and everything in it was found whole."""

    backup_id: str


@dataclass(frozen=True, slots=True)
class KeysTurned(Event):
    """Everything is sealed under a new master key."""

    key_id: str


@dataclass(frozen=True, slots=True)
class KeyForgotten(Event):
    key_id: str

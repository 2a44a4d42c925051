"""The desk of the hours, with a group and a second licensee under another board."""

from tests.rooms.hours.conftest import at

__all__ = ["at"]

"""Where each character of a rewritten text came from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Offsets:
    """Maps places of a rewritten text back to its source: character ``i`` stands for ``source[starts[i]:ends[i]]``.

    A character that was written in between (the blank line between two paragraphs) stands for an empty range.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    source_length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the source range that became ``text[start:end]``."""
        if start >= end:
            point = self.starts[start] if start < len(self.starts) else self.source_length
            return point, point
        return min(self.starts[start:end]), max(self.ends[start:end])

    def after(self, earlier: Self) -> "Offsets":
        """Return the map to the source of ``earlier``, of which this is the next step."""
        pairs = [earlier.span(a, b) for a, b in zip(self.starts, self.ends, strict=True)]
        return Offsets(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), earlier.source_length)

    def as_dict(self) -> dict[str, Any]:
        """Return runs of consecutive characters, which keeps the record of a long text short."""
        runs: list[list[int]] = []
        for start, end in zip(self.starts, self.ends, strict=True):
            width = end - start
            if runs and runs[-1][2] == width and runs[-1][0] + runs[-1][1] * runs[-1][2] == start and width:
                runs[-1][1] += 1
            else:
                runs.append([start, 1, width])
        return {"runs": runs, "source_length": self.source_length}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Offsets":
        """Inverse of :meth:`as_dict`."""
        starts: list[int] = []
        ends: list[int] = []
        for start, count, width in data["runs"]:
            for i in range(count):
                starts.append(start + i * width)
                ends.append(start + (i + 1) * width)
        return cls(tuple(starts), tuple(ends), data["source_length"])


@dataclass(slots=True)
class Writer:
    """Collects rewritten characters together with where each came from."""

    chars: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def put(self, text: str, start: int, end: int) -> None:
        """Write ``text`` in which every character stands for the whole source range."""
        for char in text:
            self.chars.append(char)
            self.starts.append(start)
            self.ends.append(end)

    def copy(self, items: Iterable[tuple[str, int, int]]) -> None:
        """Write characters that bring their ranges along."""
        for char, start, end in items:
            self.chars.append(char)
            self.starts.append(start)
            self.ends.append(end)

    def done(self, source_length: int) -> tuple[str, Offsets]:
        """Return the text and its map."""
        return "".join(self.chars), Offsets(tuple(self.starts), tuple(self.ends), source_length)

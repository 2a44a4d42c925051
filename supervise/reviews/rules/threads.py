"""How the posts of a case are arranged: beside the passage they are about, numbered, with their replies below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from supervise.reviews.rules.anchors import Anchor, Place, locate


@dataclass(frozen=True, slots=True)
class Entry:
    """What arranging needs to know of a published post; no ``anchor``: it is about the case as a whole."""

    id: str
    parent_id: str | None
    anchor: Anchor | None
    at: datetime


@dataclass(slots=True)
class Note:
    """A post with its replies; ``number`` and ``place`` for one that stands beside a passage."""

    id: str
    replies: list["Note"] = field(default_factory=list)
    number: int = 0
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """``beside``: notes by paragraph, in the order of their numbers; ``older``: their words are gone from the version
    that is shown; ``whole``: about the case as a whole."""

    beside: dict[int, list[Note]]
    older: list[Note]
    whole: list[Note]


def arrange(entries: Iterable[Entry], paragraphs: Sequence[str]) -> Thread:
    """Arrange published posts around the paragraphs of the version that is shown (text as readers see it)."""
    by_age = sorted(entries, key=lambda entry: (entry.at, entry.id))
    notes = {entry.id: Note(entry.id) for entry in by_age}
    older: list[Note] = []
    whole: list[Note] = []
    placed: list[tuple[Place, Note]] = []
    for entry in by_age:
        note, parent = notes[entry.id], notes.get(entry.parent_id or "")
        if parent is not None:
            parent.replies.append(note)
        elif entry.anchor is None:
            whole.append(note)
        elif (place := locate(paragraphs, entry.anchor)) is None:
            older.append(note)
        else:
            note.place = place
            placed.append((place, note))
    placed.sort(key=lambda pair: (pair[0].paragraph, pair[0].end, pair[0].start))
    beside: dict[int, list[Note]] = {}
    for number, (place, note) in enumerate(placed, 1):
        note.number = number
        beside.setdefault(place.paragraph, []).append(note)
    return Thread(beside, older, whole)

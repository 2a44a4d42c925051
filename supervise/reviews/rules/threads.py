"""How the posts of a case are arranged: beside the passage they are about, numbered, with their replies below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from supervise.reviews.rules.anchors import Anchor, Place, locate


class Entry(Protocol):
    """What arranging needs to know of a published post."""

    @property
    def id(self) -> str: ...
    @property
    def parent_id(self) -> str | None: ...
    @property
    def paragraph(self) -> int | None: ...
    @property
    def anchor_quote(self) -> str: ...
    @property
    def anchor_prefix(self) -> str: ...
    @property
    def anchor_suffix(self) -> str: ...
    @property
    def version_number(self) -> int: ...
    @property
    def published_at(self) -> datetime | None: ...


P = TypeVar("P", bound=Entry)


@dataclass(slots=True)
class Note(Generic[P]):
    """A post with its replies; ``number`` and ``place`` for one that stands beside a passage."""

    post: P
    replies: list["Note[P]"] = field(default_factory=list)
    number: int = 0
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Thread(Generic[P]):
    """``beside``: notes by paragraph, in the order of their numbers; ``older``: their words are gone; ``whole``: about
    the case as a whole."""

    beside: dict[int, list[Note[P]]]
    older: list[Note[P]]
    whole: list[Note[P]]


def arrange(posts: Iterable[P], paragraphs: Sequence[str]) -> Thread[P]:
    """Arrange published posts around the paragraphs of the version that is shown (text as readers see it)."""
    notes = {post.id: Note(post) for post in sorted(posts, key=_age)}
    top: list[Note[P]] = []
    for note in notes.values():
        parent = notes.get(note.post.parent_id or "")
        (parent.replies if parent else top).append(note)
    older: list[Note[P]] = []
    whole: list[Note[P]] = []
    placed: list[Note[P]] = []
    for note in top:
        anchor = anchor_of(note.post)
        note.place = locate(paragraphs, anchor) if anchor else None
        (placed if note.place else older if anchor else whole).append(note)
    placed.sort(key=lambda note: (_place(note), _age(note.post)))
    beside: dict[int, list[Note[P]]] = {}
    for number, note in enumerate(placed, 1):
        note.number = number
        beside.setdefault(_place(note)[0], []).append(note)
    return Thread(beside, older, whole)


def anchor_of(post: Entry) -> Anchor | None:
    """Return the anchor of a post, or None where it is about the case as a whole."""
    if post.paragraph is None or not post.anchor_quote:
        return None
    return Anchor(post.paragraph, post.anchor_quote, post.anchor_prefix, post.anchor_suffix)


def _age(post: Entry) -> tuple[float, str]:
    return (post.published_at.timestamp() if post.published_at else 0.0, post.id)


def _place(note: Note[P]) -> tuple[int, int, int]:
    place = note.place
    return (place.paragraph, place.end, place.start) if place else (0, 0, 0)

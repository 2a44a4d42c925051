"""Everything that others can read on a case, text by text: versions, posts with their history, decisions, rulings.

What is still being written is its author's alone and not here; the passage that a post quotes is the vignette's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from supervise.cases import queries as cases
from supervise.cases.service import TEXTS, subject_of
from supervise.reviews import queries as reviews
from supervise.reviews.models import Decision
from supervise.reviews.service import OPTION_WORDS

QUOTE = "anchor_quote"


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of one text: ``subject`` is ``kind:id``, ``since`` when others could first read these words."""

    subject: str
    field: str
    words: str
    author_id: str
    since: datetime


def texts_of_case(session: Session, case_id: str) -> list[Shown]:
    """Return all texts that have words in them, the vignette as it stands first."""
    return [shown for shown in _texts(session, case_id) if shown.words.strip()]


def _texts(session: Session, case_id: str) -> Iterator[Shown]:
    case = cases.get(session, case_id)
    for version in reversed(cases.versions(session, case_id)):
        for name in TEXTS:
            since = version.released_at or version.created_at
            yield Shown(subject_of(version), name, getattr(version, name), case.author_id, since)
    for post in reviews.posts(session, case_id):
        since = post.edited_at or post.published_at or post.created_at
        yield Shown(f"post:{post.id}", "body", post.body, post.author_id, since)
        yield Shown(f"post:{post.id}", "because", post.because, post.author_id, since)
        for row in reviews.revisions(session, post.id):
            first = post.published_at or post.created_at
            yield Shown(f"revision:{row.id}", "body", row.body, post.author_id, first)
            yield Shown(f"revision:{row.id}", "because", row.because, post.author_id, first)
    standing = reviews.current_decision(session, case_id)
    for decision in [*([standing] if standing else []), *reviews.superseded_decisions(session, case_id)]:
        yield from _decision(decision)
    for ruling in reviews.rulings(session, case_id):
        yield Shown(f"ruling:{ruling.id}", "reason", ruling.reason, ruling.by_id, ruling.published_at or ruling.made_at)
    for post in reviews.anchored(session, case_id):
        yield Shown(f"post:{post.id}", QUOTE, post.anchor_quote, case.author_id, post.created_at)


def _decision(row: Decision) -> Iterator[Shown]:
    since = row.published_at or row.created_at
    yield Shown(f"decision:{row.id}", "body", row.body, row.author_id, since)
    yield Shown(f"decision:{row.id}", "follow_up_note", row.follow_up_note, row.author_id, since)
    for number, option in enumerate(row.options):
        for word in OPTION_WORDS:
            yield Shown(f"decision:{row.id}", f"{word}_{number}", str(option.get(word, "")), row.author_id, since)

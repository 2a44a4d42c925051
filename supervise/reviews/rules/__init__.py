"""Pure rules of reviews: what a post needs, where it stands beside a vignette, and how that is marked."""

from supervise.reviews.rules.anchors import Anchor, Place, locate, make_anchor, sentences
from supervise.reviews.rules.kinds import (
    KINDS,
    MAX_OPTIONS,
    NEEDS_REASON,
    OUTCOMES,
    check_decision,
    check_post,
    check_reason,
    take_mentions,
)
from supervise.reviews.rules.marking import Mark, mark, text_of
from supervise.reviews.rules.threads import Entry, Note, Thread, arrange

__all__ = [
    "KINDS", "MAX_OPTIONS", "NEEDS_REASON", "OUTCOMES", "Anchor", "Entry", "Mark", "Note", "Place", "Thread",
    "arrange", "check_decision", "check_post", "check_reason", "locate", "make_anchor", "mark",
    "sentences", "take_mentions", "text_of",
]  # fmt: skip

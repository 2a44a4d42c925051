"""Threads of guidance, decisions and what was said on them."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified, Versioned


class Post(Identified, Versioned, Base):
    """A contribution of a kind, nested under ``parent_id``, anchored to a passage of a version.

    ``kind``: question, observation, answer, recommendation, concern, must_do, decline. ``state``: draft, screening,
    published. ``body`` and ``because`` are empty until published; before that the text is an original
    (subject ``post:<id>``). ``edit_pending``: the author has written new words for a published post, which nobody else
    sees before they are screened. ``saved_at`` makes ``version`` grow with each save of an original.
    """

    __tablename__ = "posts"
    __table_args__ = (Index(None, "case_id", "state", "id"), Index(None, "author_id", "state"))

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("posts.id"))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    version_number: Mapped[int]
    paragraph: Mapped[int | None]
    anchor_quote: Mapped[str] = mapped_column(Text, default="")
    anchor_prefix: Mapped[str] = mapped_column(String(80), default="")
    anchor_suffix: Mapped[str] = mapped_column(String(80), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    because: Mapped[str] = mapped_column(Text, default="")
    cites: Mapped[list[str]] = mapped_column(JSON, default=list)
    competency: Mapped[str | None] = mapped_column(String(40))
    mentions: Mapped[list[str]] = mapped_column(JSON, default=list)
    due_on: Mapped[date | None]
    acknowledged_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    edit_pending: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]


class PostRevision(Identified, Base):
    """What a post said before it was edited."""

    __tablename__ = "post_revisions"

    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    because: Mapped[str] = mapped_column(Text, default="")
    replaced_at: Mapped[datetime]


class Decision(Identified, Versioned, Base):
    """The author's decision with its reasoning, and what came of it. ``options``: ``[{option, for, against, chosen}]``.

    ``state``: draft, screening, published, superseded. Unpublished text, that of the options included, is an original
    (subject ``decision:<id>``); until then ``options`` only says how many there are and which was chosen.
    """

    __tablename__ = "decisions"

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(20))
    options: Mapped[list[dict[str, str | bool]]] = mapped_column(JSON, default=list)
    body: Mapped[str] = mapped_column(Text, default="")
    cites: Mapped[list[str]] = mapped_column(JSON, default=list)
    follow_up_on: Mapped[date | None]
    followed_up_at: Mapped[datetime | None]
    follow_up_note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class Ruling(Identified, Versioned, Base):
    """A word on a case that changes its state: signed_off, sent_back, closed, reopened, withdrawn.

    ``state``: screening or published; the reason is an original (subject ``ruling:<id>``) until published.
    """

    __tablename__ = "rulings"

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decisions.id"))
    by_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

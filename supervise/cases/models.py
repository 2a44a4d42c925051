"""Vignettes in versions, and the state of each case."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified, Versioned


class Case(Identified, Versioned, Base):
    """A case. ``kind`` (supervision or consultation) is chosen at the start; each change in a draft is an event.

    ``audience``: ``supervisor``, ``group`` (in supervision with the supervisor of record) or ``peers``. A draft may
    lack its client, jurisdiction or readers; nothing is screened or released before they are there.
    ``state``: draft, proposed, confirmed, open, decided, closed, withdrawn. The booleans are flags beside the state.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("org_id", "code"),
        Index(None, "org_id", "state", "id"),
        Index(None, "author_id", "state"),
    )

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    code: Mapped[str] = mapped_column(String(10))
    author_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    audience: Mapped[str] = mapped_column(String(20))
    supervisor_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"))
    peer_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(20))
    urgency: Mapped[str] = mapped_column(String(20), default="routine")
    jurisdiction: Mapped[str] = mapped_column(String(10))
    dilemmas: Mapped[list[str]] = mapped_column(JSON, default=list)
    held: Mapped[bool] = mapped_column(default=False)
    consent_lapsed: Mapped[bool] = mapped_column(default=False)
    red: Mapped[bool] = mapped_column(default=False)
    legal_hold: Mapped[bool] = mapped_column(default=False)
    current_version: Mapped[int] = mapped_column(default=0)
    reviewed_at: Mapped[datetime | None]
    next_look_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class CaseVersion(Identified, Versioned, Base):
    """One version of a vignette. Title, question and body are empty until release; before that they are an original.

    The subject of its original and screening is ``case_version:<id>``. ``stage``: draft, proposed, confirmed, released;
    a case that was never released has the state of its first version's stage. ``saved_at`` makes ``version`` grow with
    each save of the original, so that a second window cannot overwrite the first.
    """

    __tablename__ = "case_versions"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    number: Mapped[int]
    stage: Mapped[str] = mapped_column(String(20), default="draft")
    title: Mapped[str] = mapped_column(Text, default="")
    question: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

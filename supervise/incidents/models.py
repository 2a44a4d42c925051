"""Identifiers that readers saw: who, when, where by id and place, and how it ended. Never the words themselves."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified, Versioned


class Incident(Identified, Versioned, Base):
    """One mark of one reader; what it covers is hidden from the transaction that writes this row.

    ``subject`` and ``field`` say in which text it was seen, ``author_id`` whose words those are, ``shown_since`` since
    when others could read them. ``state``: hidden, disputed (the author says that it identifies nobody), then repaired,
    cleared (agreed that it is none) or withdrawn (by who marked it).
    ``places``: ``[subject, field, start, end, digest of the field]`` wherever the words stand in the case; none are
    left when it has ended. ``prints``: keyed fingerprints by which new texts of the case are screened for the same
    words. ``reason``: why it identifies nobody, screened. ``pattern``: the shape of the words, if it is kept.
    """

    __tablename__ = "incidents"
    __table_args__ = (Index(None, "case_id", "state"), Index(None, "org_id", "seen_at"))

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    subject: Mapped[str] = mapped_column(String(60))
    field: Mapped[str] = mapped_column(String(30))
    author_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    marker_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    label: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))
    places: Mapped[list[list[str | int]]] = mapped_column(JSON, default=list)
    prints: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    pattern: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")
    shown_since: Mapped[datetime]
    seen_at: Mapped[datetime]
    disputed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))


class PatternChoice(Base):
    """Whether an organisation keeps the shape of what its readers saw, for tests of the engine; without a row not."""

    __tablename__ = "pattern_choices"

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    kept: Mapped[bool]
    changed_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]

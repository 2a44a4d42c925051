"""The consultation ledger, never mixed with supervision, and evidence of competence."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified


class ConsultationEntry(Identified, Base):
    """Minutes of consultation on a case that one participant confirmed, and whether they count as CE and why.

    One for each time the case was closed (``closed_at``): what was confirmed once is not confirmed again.
    """

    __tablename__ = "consultation_entries"
    __table_args__ = (UniqueConstraint("case_id", "person_id", "closed_at"), Index(None, "person_id", "day"))

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    part: Mapped[str] = mapped_column(String(20))
    suggested: Mapped[int]
    minutes: Mapped[int]
    day: Mapped[date]
    zone: Mapped[str] = mapped_column(String(60))
    competencies: Mapped[list[str]] = mapped_column(JSON, default=list)
    ce_minutes: Mapped[int] = mapped_column(default=0)
    ce_because: Mapped[str] = mapped_column(Text, default="")
    ce_citation: Mapped[str] = mapped_column(String(200), default="")
    closed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]


class CompetencyEvidence(Identified, Base):
    """That a person showed a competency in a post, a decision or a case."""

    __tablename__ = "competency_evidence"
    __table_args__ = (Index(None, "person_id", "competency"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    competency: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("posts.id"))
    at: Mapped[datetime]

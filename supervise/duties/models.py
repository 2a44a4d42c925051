"""Records of how someone went through a duty to report or to protect, and who verified which row of law."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified, Versioned


class DutyRecord(Identified, Versioned, Base):
    """One duty of one person, with a case or without. What the person states, never what a machine suspected.

    ``duty``: a file of ``config/duties``. ``client_place``, ``event_place``: jurisdictions, empty where not known.
    ``known_at``: when the clock began. ``answers``: item of the checklist to yes, no or unsure. ``clocks``: deadlines
    of verified rows, kept once shown. ``next_at``: the earliest of them that is not met, else ``known_at``.
    ``rejected``: ``[{option, because}]``. All words are screened before they are kept.
    """

    __tablename__ = "duty_records"
    __table_args__ = (Index(None, "owner_id", "state"), Index(None, "case_id"))

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))
    owner_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    duty: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="open")
    client_place: Mapped[str] = mapped_column(String(10), default="")
    event_place: Mapped[str] = mapped_column(String(10), default="")
    zone: Mapped[str] = mapped_column(String(60))
    known_at: Mapped[datetime]
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    clocks: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    next_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    decision: Mapped[str] = mapped_column(Text, default="")
    rejected: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    follow_up_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class DutyStep(Identified, Base):
    """Who was told, how and when. Never changed: what was wrong is said in a further step."""

    __tablename__ = "duty_steps"

    record_id: Mapped[str] = mapped_column(ForeignKey("duty_records.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(30))
    how: Mapped[str] = mapped_column(String(20))
    meets: Mapped[str] = mapped_column(String(20), default="")
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime]


class DutyConfirmation(Identified, Base):
    """One person's word that a row, exactly as its digest has it, says what the law says. Two make it verified."""

    __tablename__ = "duty_confirmations"
    __table_args__ = (Index(None, "org_id", "row_key"),)

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    row_key: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(32))
    by_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    read: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

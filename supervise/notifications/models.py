"""Notices: that something waits for a person. They carry ids; words are made when they are shown."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified


class Notice(Identified, Base):
    """One notice to one person. ``kind`` names the sentence, ``object_type`` and ``object_id`` what it is about."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "person_id", "read_at", "id"),)

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(40))
    object_type: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[str | None] = mapped_column(String(26))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class MailChoice(Base):
    """Whether a person wants notices by mail as well; without a row they do. Of signing in they are always mailed."""

    __tablename__ = "mail_choices"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    by_mail: Mapped[bool]
    changed_at: Mapped[datetime]

"""Agreements between supervisor and supervisee, groups, and meetings."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified, Versioned


class Agreement(Identified, Versioned, Base):
    """Supervision of one person by another in one setting. It holds from ``starts_on`` once both have signed."""

    __tablename__ = "agreements"
    __table_args__ = (Index(None, "supervisee_id"), Index(None, "supervisor_id"))

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    supervisee_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    supervisor_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    setting_id: Mapped[str] = mapped_column(ForeignKey("settings.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    terms: Mapped[str] = mapped_column(Text, default="")
    proposed_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    supervisee_signed_at: Mapped[datetime | None]
    supervisor_signed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Group(Identified, Versioned, Base):
    """A supervision or consultation group with a leader. ``kind``: supervision or consultation."""

    __tablename__ = "groups"

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    leader_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class GroupMember(Identified, Base):
    """A person in a group, from ``joined_at`` until ``left_at``."""

    __tablename__ = "group_members"
    __table_args__ = (UniqueConstraint("group_id", "person_id"), Index(None, "person_id"))

    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Covenant(Identified, Base):
    """A member's signature under the covenant of a group; it holds for a year and for that ``text`` version."""

    __tablename__ = "covenants"
    __table_args__ = (Index(None, "group_id", "person_id"),)

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    text: Mapped[str] = mapped_column(String(20))
    signed_at: Mapped[datetime]


class Meeting(Identified, Versioned, Base):
    """A supervision meeting that took place. ``notes`` are screened text (subject ``meeting:<id>`` until published).

    ``notes_state``: published, or screening while words of their author wait, be they the first or new ones for notes
    that stand there; ``notes_saved_at`` makes ``version`` grow with each save of them. ``others``: supervisees who were
    present and keep no hours here; they count for the kind of supervision.
    """

    __tablename__ = "meetings"
    __table_args__ = (Index(None, "supervisor_id", "starts_at"),)

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    supervisor_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(60))
    mode: Mapped[str] = mapped_column(String(20))
    others: Mapped[int] = mapped_column(default=0)
    notes: Mapped[str] = mapped_column(Text, default="")
    notes_state: Mapped[str] = mapped_column(String(20), default="published")
    notes_saved_at: Mapped[datetime | None]
    notes_edited_at: Mapped[datetime | None]
    case_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class NotesRevision(Identified, Base):
    """What the notes of a meeting said before they were edited."""

    __tablename__ = "notes_revisions"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), index=True)
    notes: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class Attendance(Identified, Base):
    """A supervisee who came to a meeting, in which setting, and what kind of supervision it was under that board."""

    __tablename__ = "attendances"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"), Index(None, "person_id"))

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    setting_id: Mapped[str] = mapped_column(ForeignKey("settings.id"))
    kind: Mapped[str | None] = mapped_column(String(20))

"""The ledger of hours: rows are never changed, a correction is a reversal with a reason."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified, Versioned


class HourEntry(Identified, Base):
    """Minutes of one category on one local day. A reversal has negative minutes, ``reverses_id`` and a ``reason``.

    ``source``: typed, meeting, import. ``category`` as in ``hours.rules``. Rows of a draft day may still be replaced;
    from submission on they stand.
    """

    __tablename__ = "hour_entries"
    __table_args__ = (Index(None, "person_id", "day"), Index(None, "meeting_id"), Index(None, "import_id"))

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    setting_id: Mapped[str] = mapped_column(ForeignKey("settings.id"))
    supervisor_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    day: Mapped[date]
    zone: Mapped[str] = mapped_column(String(60))
    starts: Mapped[str] = mapped_column(String(5), default="")
    minutes: Mapped[int]
    category: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(20), default="in_person")
    attendees: Mapped[int | None]
    degree: Mapped[str] = mapped_column(String(4))
    pay: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(10))
    meeting_id: Mapped[str | None] = mapped_column(ForeignKey("meetings.id"))
    import_id: Mapped[str | None] = mapped_column(ForeignKey("hour_imports.id"))
    reverses_id: Mapped[str | None] = mapped_column(ForeignKey("hour_entries.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime]


class HourImport(Identified, Base):
    """A file of hours that was imported in one go: its name, and what it held. The file itself is not kept."""

    __tablename__ = "hour_imports"
    __table_args__ = (Index(None, "person_id"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    setting_id: Mapped[str] = mapped_column(ForeignKey("settings.id"))
    name: Mapped[str] = mapped_column(String(120))
    entries: Mapped[int]
    minutes: Mapped[int]
    imported_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class DayRecord(Identified, Versioned, Base):
    """The state of one day in one setting: draft, submitted, returned, attested, locked. A week is a view of days.

    ``returned``: a part of the day is signed and stands, the rest was sent back; where nothing is signed it is a draft.
    ``changed_at`` moves with every row of the day, and the version with it: whoever signs or saves a day that someone
    else has just written to gets a Conflict.
    """

    __tablename__ = "day_records"
    __table_args__ = (UniqueConstraint("person_id", "setting_id", "day"), Index(None, "supervisor_id", "state", "day"))

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    setting_id: Mapped[str] = mapped_column(ForeignKey("settings.id"))
    supervisor_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    day: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    changed_at: Mapped[datetime]
    sent_back_reason: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime | None]
    attested_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]


class Attestation(Identified, Base):
    """A supervisor's signature over exactly the rows that were shown; ``rows_hash`` covers them."""

    __tablename__ = "attestations"
    __table_args__ = (Index(None, "person_id"), Index(None, "supervisor_id"))

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    supervisor_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    setting_id: Mapped[str] = mapped_column(ForeignKey("settings.id"))
    days: Mapped[list[str]] = mapped_column(JSON)
    rows_hash: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime]


class AttestedRow(Base):
    """That a row is under a signature; a row is signed at most once."""

    __tablename__ = "attested_rows"

    entry_id: Mapped[str] = mapped_column(ForeignKey("hour_entries.id"), primary_key=True)
    attestation_id: Mapped[str] = mapped_column(ForeignKey("attestations.id"), index=True)

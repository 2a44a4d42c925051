"""Client references, which say nothing about anyone, and what each client agreed to."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified, Versioned


class Client(Identified, Versioned, Base):
    """A code made by the system that stands for a client of ``owner_id``. Who it is stands in the chart, never here."""

    __tablename__ = "clients"
    __table_args__ = (UniqueConstraint("org_id", "code"), Index(None, "owner_id"))

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    owner_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    code: Mapped[str] = mapped_column(String(10))
    jurisdiction: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class Consent(Identified, Versioned, Base):
    """One client's agreement that a scope of people may read de-identified text.

    ``scope``: ``supervisor`` (told at intake; one tick and a date), ``group`` (with ``group_id``) or ``peers``.
    """

    __tablename__ = "consents"
    __table_args__ = (Index(None, "client_id", "scope"),)

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    scope: Mapped[str] = mapped_column(String(20))
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"))
    obtained_how: Mapped[str] = mapped_column(String(30))
    obtained_on: Mapped[date]
    expires_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

"""Originals, which only their author reads, and the screening that turns them into text for others."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified, Versioned


class Original(Identified, Versioned, Base):
    """The encrypted original of a subject: a JSON object of named fields (``title``, ``question``, ``body`` …).

    ``kid`` names the weekly key. ``subject`` is ``kind:id`` of what it belongs to, with ``@instant``
    behind it for an earlier original that a legal hold keeps beside the present one.
    """

    __tablename__ = "originals"
    __table_args__ = (UniqueConstraint("subject"), Index(None, "destroy_at"))

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    subject: Mapped[str] = mapped_column(String(60))
    kid: Mapped[str] = mapped_column(String(40))
    sealed: Mapped[str | None] = mapped_column(Text)
    saved_at: Mapped[datetime]
    destroy_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]

    @property
    def held(self) -> bool:
        """Whether a legal hold keeps it; the name of its key says so."""
        return self.kid.startswith("hold-")


class Screening(Identified, Versioned, Base):
    """The engine's proposal for one original and the author's choices on it.

    ``work_sealed`` holds proposal, choices, history and result as JSON, encrypted under the original's key, since it
    quotes the original. ``state``: proposed, confirmed, released, void (the original was edited since). ``result_hash``
    binds what was confirmed.
    """

    __tablename__ = "screenings"
    __table_args__ = (UniqueConstraint("subject"),)

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    subject: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))
    engine_version: Mapped[str] = mapped_column(String(120))
    kid: Mapped[str] = mapped_column(String(40))
    work_sealed: Mapped[str | None] = mapped_column(Text)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    result_hash: Mapped[str | None] = mapped_column(String(64))
    proposed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

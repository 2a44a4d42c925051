"""Crises, every step taken in them, who is on call, and drills. No row holds a word about a client."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified


class Crisis(Identified, Base):
    """Someone needs help now. ``level``: red or amber; ``turn`` counts who was paged, so that a stale clock is seen,
    from ``first_turn``, at which its level began.

    ``open_key`` is there while the crisis is open: the client, or who raised it where no client is named. A second
    one cannot be opened beside it. ``joined_to``: the crisis of the same client in which this one goes on.
    """

    __tablename__ = "crises"
    __table_args__ = (Index(None, "org_id", "closed_at"),)

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    raised_by: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id"))
    level: Mapped[str] = mapped_column(String(5))
    raised_at: Mapped[datetime]
    turn: Mapped[int] = mapped_column(default=0)
    first_turn: Mapped[int] = mapped_column(default=0)
    open_key: Mapped[str | None] = mapped_column(String(60), unique=True)
    calling_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    calling_at: Mapped[datetime | None]
    spoke_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]
    done: Mapped[list[str]] = mapped_column(JSON, default=list)
    told: Mapped[list[str]] = mapped_column(JSON, default=list)
    next_contact_at: Mapped[datetime | None]
    joined_to: Mapped[str | None] = mapped_column(ForeignKey("crises.id"))


class CrisisStep(Identified, Base):
    """One step: raised, joined, paged, calling, not_reached, spoke, handed_over, closed.

    A page has a ``channel`` (in_app, mail, pager) and says when it was delivered or failed, and why.
    """

    __tablename__ = "crisis_steps"

    crisis_id: Mapped[str] = mapped_column(ForeignKey("crises.id"), index=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    rung: Mapped[str] = mapped_column(String(10), default="")
    channel: Mapped[str] = mapped_column(String(10), default="")
    turn: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(60), default="")


class OnCall(Identified, Base):
    """A person on a rung of the rota, from ``starts_at`` until ``ends_at`` or until someone follows."""

    __tablename__ = "on_call"
    __table_args__ = (Index(None, "org_id", "rung", "starts_at"),)

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    rung: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    set_by: Mapped[str] = mapped_column(ForeignKey("people.id"))


class Drill(Identified, Base):
    """A test page to one's own phone; ``woke_at``: the person said that it woke them."""

    __tablename__ = "drills"
    __table_args__ = (Index(None, "person_id", "asked_at"),)

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    woke_at: Mapped[datetime | None]

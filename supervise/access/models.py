"""Who may read which case, on what basis, until when. Every list of cases joins this table."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified


class CaseAccess(Identified, Base):
    """One basis on which one person may read one case; written in the transaction of the change that causes it.

    ``basis`` is a value of ``policy.Basis``. ``suspended`` names why reading is off for now (``consent``, ``held``);
    ``covenant_until``: until when the group's covenant that its reader signed holds; nobody reads through a group
    without one. ``until`` ends it at an instant (a consent that expires); ``ended_at`` ends it for good.
    """

    __tablename__ = "case_access"
    __table_args__ = (
        UniqueConstraint("case_id", "person_id", "basis"),
        Index(None, "person_id", "org_id", "case_id"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    basis: Mapped[str] = mapped_column(String(30))
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"))
    granted_at: Mapped[datetime]
    until: Mapped[datetime | None]
    covenant_until: Mapped[datetime | None]
    suspended: Mapped[str | None] = mapped_column(String(30))
    ended_at: Mapped[datetime | None]

"""The audit chain, one per organisation. Rows hold ids and words from fixed lists, never text."""

from datetime import datetime

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base


class AuditRow(Base):
    """One thing that happened; ``hash`` covers the row and the hash before it."""

    __tablename__ = "audit_rows"
    __table_args__ = (UniqueConstraint("org_id", "seq"), Index(None, "org_id", "object_id"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    org_id: Mapped[str] = mapped_column(String(26))
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[str] = mapped_column(String(26))
    session_id: Mapped[str | None] = mapped_column(String(26))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, str]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

"""Reports as they were issued, byte for byte."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified


class IssuedReport(Identified, Base):
    """A sealed report. ``number`` is printed on it; ``code`` opens the page that shows only what the paper shows."""

    __tablename__ = "issued_reports"

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    supervisor_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    setting_id: Mapped[str | None] = mapped_column(ForeignKey("settings.id"))
    kind: Mapped[str] = mapped_column(String(20))
    board: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(20), unique=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    period_from: Mapped[date]
    period_to: Mapped[date]
    fingerprint: Mapped[str] = mapped_column(String(64))
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    csv: Mapped[bytes] = mapped_column(LargeBinary)
    csv_seal: Mapped[bytes] = mapped_column(LargeBinary)
    minutes: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[datetime]

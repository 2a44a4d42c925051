"""Reading of issued reports."""

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import NotFound
from supervise.policy import ReportFacts
from supervise.reports.models import IssuedReport

LIGHT = (defer(IssuedReport.pdf), defer(IssuedReport.csv), defer(IssuedReport.csv_seal))


def report(session: Session, report_id: str) -> IssuedReport:
    """Return one report with its bytes; raise NotFound."""
    found = session.get(IssuedReport, report_id)
    if found is None:
        raise NotFound()
    return found


def report_facts(_actor: Actor, report_id: str) -> ReportFacts:
    """Return what policy needs to know about a report."""
    row = report(db.session(), report_id)
    return ReportFacts(row.org_id, row.person_id, row.supervisor_id)


def by_code(session: Session, code: str) -> IssuedReport | None:
    """Return the report with a public code, however it was typed."""
    wanted = "".join(c for c in code.upper() if c.isalnum())
    if len(wanted) != 12:
        return None
    shaped = "-".join(wanted[i : i + 4] for i in range(0, 12, 4))
    return session.scalars(select(IssuedReport).where(IssuedReport.code == shaped).options(*LIGHT)).first()


def reports_of(session: Session, person_id: str) -> list[IssuedReport]:
    """Return the reports about a person, the latest first, without their bytes."""
    rows = session.scalars(
        select(IssuedReport).where(IssuedReport.person_id == person_id).options(*LIGHT).order_by(IssuedReport.id.desc())
    )
    return list(rows)

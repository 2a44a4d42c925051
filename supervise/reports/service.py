"""Issuing: a report is sealed, kept byte for byte, and never changed."""

import secrets
from dataclasses import dataclass
from datetime import date

from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork
from supervise.events import ReportIssued
from supervise.reports.models import IssuedReport
from supervise.reports.seal import SealIdentity, fingerprint_of

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def new_number() -> str:
    """Return the number printed on a report, such as ``R-7K2M9Q4D``."""
    return "R-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


def new_code() -> str:
    """Return the public code of a report, such as ``7K2M-9Q4D-HX3T``: 58 random bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def seal_identity() -> SealIdentity:
    """Return the installation's seal."""
    keyring = installation().keyring
    certificate = keyring.item("seal-certificate")
    return SealIdentity(keyring.item("seal-key"), certificate, fingerprint_of(certificate))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A report ready to be kept."""

    person_id: str
    supervisor_id: str
    setting_id: str
    board: str
    number: str
    code: str
    period_from: date
    period_to: date
    minutes: int
    fingerprint: str
    pdf: bytes
    csv: bytes
    csv_seal: bytes


def keep(work: UnitOfWork, sealed: Sealed) -> IssuedReport:
    """Keep a sealed packet as it was issued."""
    row = IssuedReport(
        org_id=work.actor.org_id,
        kind="packet",
        issued_at=work.now,
        **{name: getattr(sealed, name) for name in Sealed.__dataclass_fields__},
    )
    work.session.add(row)
    work.session.flush()
    work.emit(ReportIssued(row.org_id, row.id, row.kind))
    return row

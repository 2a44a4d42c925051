"""A packet and a workbook to print; the people in them are invented."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from supervise.reports.rules import (
    Attestation,
    Column,
    Packet,
    PacketRow,
    Party,
    Reason,
    Requirement,
    Setting,
    Workbook,
    WorkbookEntry,
)

START = date(2025, 1, 6)
MADE = datetime(2026, 3, 9, 23, 25, tzinfo=UTC)


def _row(week: int) -> PacketRow:
    return PacketRow(
        week_of=START + timedelta(weeks=week),
        minutes={"direct": 900 + 15 * (week % 7), "family": 120, "other": 240},
        supervision={"individual": 60, "group": 120 * (week % 2)},
        attested_by="Dr. Ruth Abernathy" if week else "Leon Petrosyan",
        attested_on=START + timedelta(weeks=week, days=8),
        fingerprint=f"{week + 1:064x}",
    )


@pytest.fixture
def attestation() -> Attestation:
    return Attestation(
        name="Dr. Ruth Abernathy",
        statement="I supervised this experience and attest that the hours listed are accurate.",
        signed_at=MADE,
        fingerprint="cd" * 32,
        strokes="M10 60 C 30 10, 50 10, 55 60 L 120 70 Q 150 20 170 60",
        width=300,
        height=100,
    )


@pytest.fixture
def make_packet(attestation: Attestation) -> Callable[..., Packet]:
    def make(weeks: int = 60, **changes: Any) -> Packet:
        packet = Packet(
            organisation="Harbor Street Training Institute",
            board_title="California Board of Behavioral Sciences",
            credential="AMFT to LMFT",
            jurisdiction="California",
            licensee=Party(name="Maya Quill", licence="AMFT", licence_number="112233"),
            supervisor=Party(
                name="Dr. Ruth Abernathy", licence="LMFT", licence_number="44556", contact="ruth@demo.example"
            ),
            setting=Setting(name="Harbor Street Counseling Center", address="12 Harbor Street", pay="Employee (W-2)"),
            degree="post",
            period_from=START,
            period_to=START + timedelta(weeks=60),
            categories=(
                Column(id="direct", title="Direct counseling"),
                Column(id="family", title="couples, families, children", within="direct"),
                Column(id="other", title="Non-clinical"),
            ),
            supervision_kinds=(Column(id="individual", title="Individual"), Column(id="group", title="Group")),
            rows=tuple(_row(week) for week in range(weeks)),
            signatures=(attestation,),
            number="P-2026-0042",
            code="7QKM-2HXD",
            made_at=MADE,
        )
        return replace(packet, **changes)

    return make


@pytest.fixture
def make_workbook() -> Callable[..., Workbook]:
    def make(**changes: Any) -> Workbook:
        late = Reason(
            rule="rolling",
            minutes=30,
            text="More than 40 hours within seven consecutive days.",
            citation="Cal. BPC 4980.43(c)",
            verified=True,
        )
        unsure = replace(late, rule="owed", minutes=45, text="A unit is missing.", verified=False, board_decides=True)
        entry = WorkbookEntry(
            entry_id="e1",
            day=START,
            category="Individual counseling",
            setting="Harbor Street",
            recorded=120,
            counted=120,
            answer="counts",
        )
        workbook = Workbook(
            board_title="California Board of Behavioral Sciences",
            credential="AMFT to LMFT",
            jurisdiction="California",
            licensee=Party(name="Maya Quill", licence="AMFT", licence_number="112233"),
            period_from=START,
            period_to=START + timedelta(weeks=60),
            requirements=(
                Requirement(
                    id="total",
                    title="Supervised experience",
                    unit="minutes",
                    recorded=360,
                    valid=285,
                    needed=180000,
                    verified=True,
                    citation="Cal. BPC 4980.43",
                ),
                Requirement(
                    id="weeks",
                    title="Weeks of supervision",
                    unit="weeks",
                    recorded=3,
                    valid=2,
                    needed=104,
                    verified=False,
                    citation="",
                    note="The current text was not read.",
                ),
            ),
            entries=(
                entry,
                replace(entry, entry_id="e2", counted=90, answer="partly", reasons=(late,)),
                replace(entry, entry_id="e3", counted=75, answer="board_decides", reasons=(unsure,)),
            ),
            rules_checked_on=date(2026, 2, 1),
            number="W-2026-0042",
            made_at=MADE,
        )
        return replace(workbook, **changes)

    return make

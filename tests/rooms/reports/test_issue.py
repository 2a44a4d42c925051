"""A packet as it is issued from signed hours, and the page on which it is made."""

import csv
import io
import re
from datetime import timedelta

import pypdf

from supervise.accounts.models import Setting
from supervise.core.db import db
from supervise.core.installation import installation
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import attest_days
from supervise.flows.board_report import issue_packet, ready
from supervise.reports.queries import report
from supervise.reports.seal import make_seal_identity
from tests.rooms.hours.conftest import at
from tests.rooms.hours.desk import DRAWING, FRIDAY, NOW, Desk

__all__ = ["at"]


def sign(at: Desk, signature: str) -> None:
    attest_days(at.boss, at.me.person_id, at.make.password(at.boss), signature, at.seen())


def two_weeks(at: Desk) -> None:
    """One week signed with a drawing, one with a typed name."""
    at.make.licence(at.me)
    for weeks_ago, signature in ((1, DRAWING), (0, "typed:I. Valcourt")):
        at.make.meeting(at.boss, {at.me: at.place}, NOW - timedelta(weeks=weeks_ago, hours=9))
        at.submit(FRIDAY - timedelta(weeks=weeks_ago))
        sign(at, signature)


def paper(at: Desk) -> str:
    identity, keyring = make_seal_identity(at.org.name), installation().keyring
    keyring.put_item("seal-key", identity.key_pem)
    keyring.put_item("seal-certificate", identity.certificate_pem)
    (choice,) = ready(at.me).choices
    pdf = report(db.session(), issue_packet(at.me, choice.key)).pdf
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(re.sub("[\u2066-\u2069]", "", text).split())


def test_the_packet_prints_the_signatures_that_were_given_and_the_address(at: Desk) -> None:
    two_weeks(at)
    with unit_of_work(at.me) as work:
        work.session.get_one(Setting, at.place.id).address = "12 Alder Court, Fresno"
    text = paper(at)
    assert text.count("I was the supervisor of record of Jonah Oyelaran at Alder Court on") == 2
    assert "I. Valcourt" in text
    assert text.count("name typed as signature") == 1
    assert text.count("signed Nov 20, 2026, 18:00 PST") == 2
    assert "Address 12 Alder Court, Fresno" in text
    assert "This board asks for a signature in ink: form 37A-301A (not verified)." in text
    assert "Signature of Ines Valcourt" in text


def test_a_board_that_asks_for_no_ink_gets_no_empty_line(at: Desk) -> None:
    with unit_of_work(at.me) as work:
        work.session.get_one(Setting, at.place.id).board = "tx-lpca"
    at.make.licence(at.me, "US-TX")
    at.make.meeting(at.boss, {at.me: at.place}, NOW - timedelta(hours=9))
    at.submit()
    sign(at, DRAWING)
    text = paper(at)
    assert "Signature of" not in text
    assert "in ink" not in text


def test_the_button_that_seals_stands_in_no_table(at: Desk) -> None:
    two_weeks(at)
    page = at.make.client(at.me).get("/reports").text
    before = page[: page.index('name="packet"')]
    assert before.count("<table") == before.count("</table")
    assert "Ines Valcourt, Alder Court" in page


def test_the_requirements_are_a_sheet_of_their_own(at: Desk) -> None:
    two_weeks(at)
    client = at.make.client(at.me)
    assert "/workbook-requirements.csv" in client.get("/workbook").text
    answer = client.get("/workbook-requirements.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="requirements.csv"'
    rows = [*csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))]
    assert {row["Unit"] for row in rows} >= {"minutes", "weeks"}
    assert any(row["Recorded"] == "300" for row in rows)

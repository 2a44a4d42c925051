"""A year of hours from a file: at most four screens and twelve taps, then out again."""

import csv
import io
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from supervise.core.db import db
from supervise.hours.queries import entries
from tests.journeys.conftest import OpenPage, axe
from tests.journeys.hand import Hand
from tests.journeys.test_hours import Stage, stage

pytestmark = pytest.mark.browser
__all__ = ["stage"]


def test_a_year_from_a_file(stage: Stage, browser_page: OpenPage) -> None:
    held = io.StringIO()
    sheet = csv.writer(held)
    sheet.writerow(["Date", "Client", "Service", "Hours"])
    for week in range(8, 60):
        day = stage.today - timedelta(weeks=week)
        sheet.writerow([day.strftime("%m/%d/%Y"), "K.", "Individual session", "4.5"])
        sheet.writerow([day.strftime("%m/%d/%Y"), "L.", "Couples", "1:30"])
    sheet.writerow(["soon", "", "Couples", "1"])
    page = browser_page(stage.me, width=390, height=844)
    hand = Hand(page)
    page.goto("/hours/imports")
    hand.tap(page.get_by_label("CSV or XLSX file"))
    page.get_by_label("CSV or XLSX file").set_input_files(
        {"name": "year.csv", "mimeType": "text/csv", "buffer": held.getvalue().encode()}
    )
    hand.press("Read the file")
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible()
    assert not axe(page)
    expect(page.get_by_text("312:00 hours")).to_be_visible()
    expect(page.get_by_text("The day is missing or not a day")).to_be_visible()
    hand.press("Import 104 rows")
    expect(page.get_by_text("Imported as drafts: 104 rows. Lines that stayed out: 1.")).to_be_visible()
    assert hand.screens <= 4
    assert hand.taps <= 12
    db.session.rollback()
    imported = [row for row in entries(db.session(), stage.me.person_id) if row.source == "import"]
    assert sum(row.minutes for row in imported) == 312 * 60
    hand.press("Undo")
    expect(page.get_by_text("Undone: 104 rows were taken out.")).to_be_visible()
    db.session.rollback()
    assert not [row for row in entries(db.session(), stage.me.person_id) if row.source == "import"]

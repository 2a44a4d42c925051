"""A place with signed hours keeps its board and does not leave them outside its dates."""

from datetime import date, timedelta

import pytest
from werkzeug.test import TestResponse

from supervise.accounts.models import Setting
from supervise.core.db import db
from tests.rooms.hours.desk import FRIDAY, Desk


def place(at: Desk) -> Setting:
    db.session.expire_all()
    found = db.session.get(Setting, at.place.id)
    assert found
    return found


def save(at: Desk, **changes: str) -> TestResponse:
    row = place(at)
    form = {
        "name": row.name, "address": row.address, "board": row.board, "pay": row.pay, "degree": row.degree,
        "starts_on": str(row.starts_on), "ends_on": str(row.ends_on or ""), "version": str(row.version),
    }  # fmt: skip
    return at.make.client(at.me).post(f"/account/settings/{at.place.id}", data=form | changes)


OUTSIDE = [
    ({"board": "tx-lpca"}, "Record another place for the new board."),
    ({"starts_on": str(FRIDAY + timedelta(days=1))}, "Hours of 20 November 2026 are signed; the place cannot begin"),
    ({"ends_on": str(FRIDAY - timedelta(days=1))}, "Hours of 20 November 2026 are signed; the place cannot end"),
]


@pytest.mark.parametrize(("changes", "says"), OUTSIDE)
def test_what_is_signed_holds_board_and_dates(at: Desk, changes: dict[str, str], says: str) -> None:
    at.submit()
    at.sign()
    page = save(at, **changes)
    assert page.status_code == 422
    assert says in page.text
    assert (place(at).board, place(at).starts_on, place(at).ends_on) == ("ca-amft", date(2025, 1, 1), None)


@pytest.mark.parametrize(("changes", "says"), OUTSIDE)
def test_what_is_not_signed_holds_nothing(at: Desk, changes: dict[str, str], says: str) -> None:
    at.submit()
    assert save(at, **changes).status_code == 303


def test_the_rest_of_a_place_is_mended_at_any_time(at: Desk) -> None:
    at.submit()
    at.sign()
    assert save(at, name="Alder Court East", address="12 Alder Court, Fresno", ends_on=str(FRIDAY)).status_code == 303
    assert (place(at).name, place(at).address, place(at).ends_on) == (
        "Alder Court East", "12 Alder Court, Fresno", FRIDAY,
    )  # fmt: skip


def test_a_signed_row_that_was_taken_out_holds_no_date(at: Desk) -> None:
    at.submit()
    at.sign()
    at.correct(at.row("individual"), 0, "It was another day.")
    at.sign()
    assert save(at, ends_on=str(FRIDAY - timedelta(days=1))).status_code == 303

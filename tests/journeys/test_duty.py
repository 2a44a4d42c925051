"""A duty gone through on a case, from the suspicion to the printed record, on a phone and on a desk."""

import pytest
from playwright.sync_api import expect

from supervise.core.uow import unit_of_work
from supervise.duties import queries, service
from tests.journeys.conftest import OpenPage, axe
from tests.rooms.reviews.conftest import Room
from tests.rooms.reviews.conftest import room as room

pytestmark = pytest.mark.browser

KEY = "child US-CA"


@pytest.mark.parametrize("width", [390, 1280])
def test_from_the_suspicion_to_the_record(room: Room, browser_page: OpenPage, width: int) -> None:
    room.release()
    with unit_of_work(room.supervisor) as work:
        service.confirm_row(work, KEY, queries.book().rows[KEY].digest, "the law on an official site")
    second = browser_page(room.peer, width=width)
    second.goto("/duties/rows?place=US-CA")
    child = second.get_by_role("region", name="Abuse or neglect of a child")
    expect(child).to_contain_text("1 of 2 people")
    assert not axe(second)
    child.get_by_role("button", name="The row says what the law says").click()
    expect(child).to_contain_text("2 of 2 people")

    page = browser_page(room.author, width=width)
    page.goto(f"/cases/{room.case_id}")
    page.get_by_role("link", name="A duty to report or to protect").click()
    page.get_by_label("Abuse or neglect of a child").check()
    assert page.get_by_label("Where the client is now").input_value() == "US-CA"
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Telling your supervisor does not discharge a duty that is yours")).to_be_visible()
    clocks = page.get_by_role("region", name="Clocks")
    expect(clocks).to_contain_text("First report, California: at once")
    expect(clocks).to_contain_text("Written report, California: by")
    assert not axe(page)

    page.get_by_role("group", name="I know, or have reason to suspect").get_by_label("Yes").check()
    page.get_by_role("button", name="Keep my answers").click()
    told = page.get_by_role("region", name="Who was told")
    for meets in ("first", "written"):
        told.get_by_label("Who was told").select_option("agency")
        told.get_by_label("This was").select_option(meets)
        told.get_by_label("What was said").fill("What I saw and heard, and how old the child is.")
        told.get_by_role("button", name="Record it").click()
    expect(told.get_by_role("row")).to_have_count(3)

    page.goto("/inbox")
    expect(page.get_by_role("region", name="With a clock")).to_contain_text("Abuse or neglect of a child")
    page.get_by_role("link", name="Abuse or neglect of a child", exact=True).click()
    page.get_by_label("I acted: reported").check()
    page.get_by_label("Why", exact=True).fill("Margaret Holloway told me about it.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Margaret Holloway")
    expect(page.get_by_label("Why", exact=True)).to_have_value("Margaret Holloway told me about it.")
    page.get_by_label("Why", exact=True).fill("The account does not explain the marks.")
    page.get_by_role("button", name="Record the decision").click()
    page.get_by_role("button", name="Close this record").click()
    expect(page.get_by_text("Closed. You can print the record")).to_be_visible()
    page.get_by_role("link", name="Print the record").click()
    expect(page.get_by_text("The account does not explain the marks.")).to_be_visible()
    expect(page.get_by_text("not recorded as met")).to_have_count(0)
    page.goto("/inbox")
    expect(page.get_by_role("region", name="With a clock")).to_have_count(0)

"""Posting a case: from a blank page to readers, with a crash, a second window and a file on the way."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from supervise.cases.models import Case
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.flows.start_case import saved_texts
from tests.factories import Factory
from tests.journeys.conftest import OpenPage, axe
from tests.rooms.cases.stage import BODY, NAMED, TITLE, Stage, stage

pytestmark = pytest.mark.browser


@pytest.fixture
def at(app: Flask, make: Factory) -> Stage:
    return stage(make)


def count_screens(page: Page) -> list[str]:
    """Collect the addresses of the pages that are opened from now on."""
    seen: list[str] = []
    page.on("domcontentloaded", lambda now: seen.append(now.url))
    return seen


def only_case() -> Case:
    db.session.expire_all()
    return db.session.query(Case).one()


def write(page: Page, body: str) -> None:
    """Fill the three fields, moving from one to the next by keyboard as one does."""
    page.get_by_label("Title", exact=True).fill(TITLE)
    page.get_by_label("Your question").fill("May I go on visiting?")
    page.get_by_label("What happened", exact=True).fill(body)


def reading(at: Stage, actor: Actor, browser_page: OpenPage) -> Page:
    page = browser_page(actor)
    page.goto(f"/cases/{only_case().id}")
    return page


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (390, True), (1280, False)])
def test_a_case_is_posted_on_three_screens(at: Stage, browser_page: OpenPage, width: int, scripts: bool) -> None:
    page = browser_page(at.author, width=width, scripts=scripts)
    screens, taps = count_screens(page), 0
    page.goto("/cases/new")
    write(page, f"{NAMED}\n\n{BODY}")
    taps += 3  # one into each field
    page.get_by_label("Client", exact=True).select_option(at.client_id)
    page.get_by_text("Disclosed at intake: the client knows").click()
    page.get_by_label("Day", exact=True).fill("2026-01-05")
    taps += 4  # open the list, choose; tick; the date
    page.get_by_role("button", name="Continue").click()
    taps += 1
    rest = page.get_by_role("button", name="Accept the rest")
    if rest.count():
        rest.first.click()
        taps += 1
    expect(rest).to_have_count(0)
    page.wait_for_load_state("networkidle")
    page.get_by_label(re.compile("I have read")).check()
    page.get_by_role("button", name="Confirm this text").click()
    taps += 2
    expect(page.get_by_role("heading", name="Release this case")).to_be_visible()
    assert "Milica" not in page.content()
    expect(page.get_by_text("Ines Valcourt")).to_be_visible()
    shown = list(dict.fromkeys(screens))
    page.get_by_role("button", name="Release", exact=True).click()
    taps += 1
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    assert len(shown) <= 3, shown
    assert taps <= 15
    assert only_case().state == "open"
    supervisor = reading(at, at.supervisor, browser_page)
    expect(supervisor.get_by_role("heading", name=TITLE)).to_be_visible()
    assert "Milica" not in supervisor.content()


def test_what_was_typed_outlives_a_crash(at: Stage, browser_page: OpenPage) -> None:
    page = browser_page(at.author)
    page.goto("/cases/new")
    page.get_by_label("What happened", exact=True).fill("She laughed.")
    expect(page.locator("[data-autosave-says]")).to_have_text(re.compile(r"saved \d\d:\d\d"), timeout=8_000)
    page.get_by_label("What happened", exact=True).press_sequentially(" Then she wept.")
    expect(page).to_have_url(re.compile(r"/cases/\w{26}/edit$"))
    page.wait_for_timeout(3_500)
    address = page.url
    page.context.close()  # the browser is gone
    again = browser_page(at.author)
    again.goto(address)
    expect(again.get_by_label("What happened", exact=True)).to_have_value("She laughed. Then she wept.")
    expect(again.get_by_text(re.compile("saved today"))).to_be_visible()


def test_the_second_window_is_told_while_typing_and_shown_both(at: Stage, browser_page: OpenPage) -> None:
    case_id = at.start()
    first, second = browser_page(at.author), browser_page(at.author)
    for page in (first, second):
        page.goto(f"/cases/{case_id}/edit")
    first.get_by_label("What happened", exact=True).fill("From the first window.")
    first.get_by_role("button", name="Save draft").click()
    expect(first.get_by_text("Draft saved.")).to_be_visible()
    second.get_by_label("What happened", exact=True).fill("From the second window.")
    expect(second.locator("[data-autosave-says]")).to_contain_text("Another window saved", timeout=8_000)
    second.get_by_role("button", name="Save draft").click()
    expect(second.get_by_label("What happened, as it was saved")).to_have_value("From the first window.")
    expect(second.get_by_label("What happened", exact=True)).to_have_value("From the second window.")
    assert axe(second) == []
    second.get_by_role("button", name="Save draft").click()
    expect(second.get_by_text("Draft saved.")).to_be_visible()
    assert saved_texts(at.author, case_id)["body"] == "From the second window."


def test_the_client_brings_state_and_disclosure_along(at: Stage, browser_page: OpenPage) -> None:
    at.disclose()
    page = browser_page(at.author)
    page.goto("/cases/new")
    page.get_by_label("Client", exact=True).select_option(at.client_id)
    expect(page.get_by_label("State whose law applies")).to_have_value("US-CA")
    expect(page.get_by_text("Disclosed at intake: the client knows")).to_be_hidden()
    expect(page.locator("[data-disclosed-says]")).to_be_visible()
    page.get_by_text("Colleagues I choose").click()
    expect(page.locator("[data-disclosed-says]")).to_be_hidden()
    expect(page.get_by_text("Lucjan Wierzbicki")).to_be_visible()
    page.get_by_label("What happened", exact=True).fill("He gave me a bracelet as a gift.")
    expect(page.locator("label", has_text="Gifts and exchange").get_by_text("suggested")).to_be_visible()


def test_a_key_in_a_field_never_presses_another_button(at: Stage, browser_page: OpenPage) -> None:
    page = browser_page(at.author)
    page.goto("/cases/new")
    page.get_by_label("Title", exact=True).fill("A title")
    page.get_by_label("Title", exact=True).press("Enter")
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    assert only_case().client_id is None

"""Answering a colleague: from the link in a mail, about a passage chosen by hand or by keys, kept while typing."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from supervise.accounts.models import Organisation
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.flows import rule_on_case as ruling
from supervise.flows.decide_case import decide_case, deciding
from tests.factories import Factory
from tests.journeys.conftest import OpenPage, axe
from tests.rooms.reviews.conftest import Room

pytestmark = pytest.mark.browser

SELECT = """([from, to]) => {
  const words = document.querySelector('[data-para="2"]');
  const text = [...words.childNodes].find((node) => node.nodeType === 3);
  const range = document.createRange();
  range.setStart(text, from);
  range.setEnd(text, to);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.fixture
def room(app: Flask, make: Factory) -> Room:
    """A supervision case that is open, with its readers."""
    org = make.organisation()

    def person(role: Role, name: str) -> Actor:
        return make.person(db.session.get_one(Organisation, org.id), role, name=name)

    found = Room(
        make=make,
        author=person(Role.SUPERVISEE, "Annika Solheim"),
        supervisor=person(Role.SUPERVISOR, "Ines Valcourt"),
        peer=person(Role.CLINICIAN, "Desmond Achebe"),
        peer2=person(Role.CLINICIAN, "Priya Raghunathan"),
        stranger=person(Role.CLINICIAN, "Noor Haddad"),
        foreigner=make.person(make.organisation("Elsewhere"), Role.CLINICIAN),
    )
    found.release()
    return found


def count_screens(page: Page) -> list[str]:
    """Collect the addresses of the pages that are opened from now on."""
    seen: list[str] = []
    page.on("domcontentloaded", lambda now: seen.append(now.url))
    return seen


@pytest.mark.parametrize("scripts", [True, False])
def test_answering_from_the_mail_takes_three_screens(room: Room, browser_page: OpenPage, scripts: bool) -> None:
    asked = room.post(room.peer, "What did she do with her hands?", "question", paragraph=1, quote="I said at once")
    page = browser_page(room.author, width=390, height=844, scripts=scripts)
    screens, taps = count_screens(page), 0
    page.goto(f"/posts/{asked.row_id}")  # where a notice leads
    page.get_by_role("link", name="Reply to Desmond Achebe").tap()
    taps += 1
    words = page.get_by_label("Your words")
    if not scripts:
        words.tap()
        taps += 1
    else:
        expect(words).to_be_focused()
    words.fill("She put the envelope under the bread.")
    page.get_by_role("button", name="Post", exact=True).tap()
    taps += 1
    expect(page.locator(".reply", has_text="under the bread")).to_be_visible()
    assert page.locator(".reply .kind").inner_text() == "Answer"
    assert len(screens) <= 3, screens
    assert taps <= 6


def test_words_that_are_selected_become_the_passage(room: Room, browser_page: OpenPage) -> None:
    page = browser_page(room.peer)
    page.goto(f"/cases/{room.case_id}")
    page.evaluate(SELECT, [0, 33])
    page.get_by_role("button", name="Write about these words").click()
    assert page.get_by_label("About", exact=True).input_value() == "The lawyer has already filed it."
    page.get_by_label("Your words").fill("Then the letter comes late.")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("#a1")).to_contain_text("The lawyer has already filed it.")
    page.locator("#a1").click()
    assert page.url.endswith("#n1")
    page.get_by_role("link", name="1, to its passage").click()
    assert page.url.endswith("#a1")


def test_a_passage_is_chosen_by_keys_alone(room: Room, browser_page: OpenPage) -> None:
    page = browser_page(room.peer2, scripts=False)
    page.goto(f"/cases/{room.case_id}")
    page.get_by_role("link", name="Write about paragraph 2").focus()
    page.keyboard.press("Enter")
    page.get_by_label("About", exact=True).focus()
    page.keyboard.type("I believe")
    page.get_by_label("Your words").fill("On what grounds?")
    page.get_by_role("button", name="Post", exact=True).press("Enter")
    expect(page.locator("#a1")).to_contain_text("I believe that she can decide.")


def test_what_is_typed_is_kept_while_typing(room: Room, browser_page: OpenPage) -> None:
    page = browser_page(room.peer)
    page.goto(f"/cases/{room.case_id}?para=3#write")
    page.get_by_label("Your words").press_sequentially("Half a thought")
    expect(page.locator("[data-autosave-says]")).to_have_text(re.compile(r"saved \d\d:\d\d"))
    again = browser_page(room.peer)
    again.goto(f"/cases/{room.case_id}")
    again.get_by_role("link", name="Observation on paragraph 3").click()
    expect(again.get_by_label("Your words")).to_have_value("Half a thought")


def test_no_barrier_is_found_on_the_page_in_any_state(room: Room, browser_page: OpenPage) -> None:
    room.post(room.peer, "Stay, with a witness.", "recommendation", because="a witness protects both.", paragraph=2)
    room.post(room.supervisor, "Think of Wednesday.", paragraph=1, quote="I said at once", competency="ethics_law")
    look(room, browser_page, room.supervisor, "?para=2#write")
    options = [
        {"option": "Stay", "for": "care goes on", "against": "the will stands", "chosen": True},
        {"option": "Leave", "for": "no interest", "against": "care ends", "chosen": False},
    ]
    decide_case(room.author, room.case_id, deciding(options, "I stay.", (), None), 0)  # type: ignore[arg-type]
    look(room, browser_page, room.supervisor)
    ruling.rule_on_case(room.supervisor, room.case_id, "signed_off", "", room.case.version)
    look(room, browser_page, room.peer)


def look(room: Room, browser_page: OpenPage, actor: Actor, query: str = "") -> None:
    for width in (320, 1280):
        for dark in (False, True):
            page = browser_page(actor, width=width, dark=dark)
            page.goto(f"/cases/{room.case_id}{query}")
            for more in page.locator("details").all():
                more.evaluate("part => { part.open = true }")
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in axe(page)] == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

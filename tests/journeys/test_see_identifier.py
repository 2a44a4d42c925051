"""A reader sees an identifier: one tap hides it, its author mends it, and nobody reads it meanwhile."""

import pytest
from playwright.sync_api import Locator, Page, expect

from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.incidents import queries
from tests.journeys.conftest import OpenPage, axe
from tests.journeys.test_answer import room as room
from tests.rooms.incidents.conftest import SLIPPED, TEXTS
from tests.rooms.reviews.conftest import Room

pytestmark = pytest.mark.browser

SELECT = """(element, words) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + words.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return;
  }
  throw new Error("these words do not stand there");
}"""


@pytest.fixture
def slipped(room: Room) -> Room:
    """A case whose vignette, and a post beside it, say something that should have been taken out."""
    room.release(texts=TEXTS)
    room.post(room.peer2, "I would ask the woman with the parrots who feeds them.", "question", paragraph=1)
    return room


def select(where: Locator, words: str) -> None:
    where.evaluate(SELECT, words)


def reads(room: Room, browser_page: OpenPage, actor: Actor) -> Page:
    page = browser_page(actor)
    page.goto(f"/cases/{room.case_id}")
    return page


def see(page: Page) -> Locator:
    return page.get_by_role("button", name="I see an identifier")


def hide(page: Page) -> None:
    see(page).click()
    expect(page.get_by_text("Hidden from everyone but its author, who is told.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_one_tap_hides_it_and_one_press_takes_it_back(slipped: Room, browser_page: OpenPage, width: int) -> None:
    page = browser_page(slipped.peer, width=width, height=844)
    page.goto(f"/cases/{slipped.case_id}")
    expect(see(page)).to_be_hidden()
    select(page.locator('[data-para="1"]'), SLIPPED)
    expect(page.locator("[data-chosen]")).to_have_text(f"“{SLIPPED}”")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    see(page).tap() if width < 600 else see(page).click()
    expect(page.get_by_text("Hidden from everyone but its author, who is told.")).to_be_visible()
    expect(page.locator('[data-para="1"]')).to_contain_text("Everyone calls her [hidden].")
    assert SLIPPED not in page.content()
    other = reads(slipped, browser_page, slipped.supervisor)
    assert SLIPPED not in other.content()
    expect(other.get_by_text("nothing more is posted, until its author has mended it")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator('[data-para="1"]')).to_contain_text(SLIPPED)
    assert SLIPPED in reads(slipped, browser_page, slipped.supervisor).content()


def test_the_label_can_be_said_and_a_post_can_be_marked(slipped: Room, browser_page: OpenPage) -> None:
    page = reads(slipped, browser_page, slipped.author)
    select(page.locator(".said"), "who feeds them")
    expect(page.get_by_role("button", name="Write about these words")).to_be_hidden()
    page.get_by_label("It is", exact=True).select_option("something recognisable")
    see(page).click()
    expect(page.locator(".said")).to_contain_text("[hidden]")
    (row,) = queries.open_in(db.session(), slipped.case_id)
    assert (row.label, row.author_id) == ("QUASI", slipped.peer2.person_id)


def test_without_scripts_and_by_keyboard_it_takes_a_page_of_its_own(slipped: Room, browser_page: OpenPage) -> None:
    page = browser_page(slipped.peer, width=390, scripts=False)
    page.goto(f"/cases/{slipped.case_id}")
    page.get_by_role("link", name="I see an identifier").focus()
    page.keyboard.press("Enter")
    page.get_by_label("The words, as they stand in the case").fill("no such words")
    page.keyboard.press("Enter")
    expect(page.get_by_text("These words do not stand in the case.").first).to_be_visible()
    words = page.get_by_label("The words, as they stand in the case")
    expect(words).to_have_value("no such words")
    words.fill("The Woman with the parrots")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Hide it now")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    assert SLIPPED not in page.content()


def test_selecting_by_keyboard_offers_the_same(slipped: Room, browser_page: OpenPage) -> None:
    """With caret browsing, Shift and the arrow keys select; the bar is the next thing that Tab reaches in it."""
    page = reads(slipped, browser_page, slipped.peer)
    select(page.locator('[data-para="1"]'), SLIPPED)
    see(page).focus()
    expect(see(page)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()


def test_its_author_is_told_and_replaces_it(slipped: Room, browser_page: OpenPage) -> None:
    page = reads(slipped, browser_page, slipped.peer)
    select(page.locator('[data-para="1"]'), SLIPPED)
    page.get_by_label("It is", exact=True).select_option("a name")
    hide(page)
    author = browser_page(slipped.author, width=390, height=844)
    author.goto("/inbox")
    waits = author.get_by_role("listitem").filter(has_text="Someone saw an identifier in what you wrote.")
    waits.get_by_role("link", name=slipped.case.code, exact=True).click()
    expect(author.locator(".seen-mark")).to_have_text(SLIPPED)
    stand_in = author.get_by_label("Put in its place").input_value()
    author.get_by_role("button", name="Replace it everywhere").click()
    expect(author.locator('[data-para="1"]')).to_contain_text(f"Everyone calls her {stand_in}.")
    for reader in (slipped.peer, slipped.peer2, slipped.supervisor):
        page = reads(slipped, browser_page, reader)
        assert "parrots" not in page.content()
        expect(page.locator('[data-para="1"]')).to_contain_text(stand_in)
        expect(page.locator("#write")).to_be_attached()


def test_its_author_says_why_it_is_none_and_the_supervisor_agrees(slipped: Room, browser_page: OpenPage) -> None:
    page = reads(slipped, browser_page, slipped.peer)
    select(page.locator('[data-para="1"]'), SLIPPED)
    hide(page)
    author = reads(slipped, browser_page, slipped.author)
    author.get_by_role("link", name="Mend it").click()
    author.get_by_text("It identifies nobody", exact=True).click()
    author.get_by_label("Why it identifies nobody").fill("She is called so on her own posters.")
    author.get_by_role("button", name="Ask for agreement").click()
    expect(author.get_by_text("It stays hidden until somebody else agrees")).to_be_visible()
    assert SLIPPED not in reads(slipped, browser_page, slipped.peer2).locator('[data-para="1"]').inner_text()
    supervisor = reads(slipped, browser_page, slipped.supervisor)
    supervisor.get_by_role("link", name="Look at it").click()
    expect(supervisor.locator(".seen-mark")).to_have_text(SLIPPED)
    supervisor.get_by_role("button", name="It identifies nobody").click()
    expect(supervisor.locator('[data-para="1"]')).to_contain_text(SLIPPED)
    expect(reads(slipped, browser_page, slipped.peer2).locator('[data-para="1"]')).to_contain_text(SLIPPED)


def test_no_barrier_is_found_on_the_pages(slipped: Room, browser_page: OpenPage) -> None:
    page = reads(slipped, browser_page, slipped.peer)
    select(page.locator('[data-para="1"]'), SLIPPED)
    assert axe(page) == []
    hide(page)
    (row,) = queries.open_in(db.session(), slipped.case_id)
    for actor in (slipped.author, slipped.peer, slipped.supervisor):
        for width, dark in ((390, True), (1280, False)):
            page = browser_page(actor, width=width, dark=dark)
            for path in (f"/cases/{slipped.case_id}", f"/cases/{slipped.case_id}/seen", f"/incidents/{row.id}"):
                page.goto(path)
                page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true })")
                assert [one["id"] for one in axe(page)] == [], path
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path

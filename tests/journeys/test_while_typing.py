"""What would be found is underlined while a text is typed: soon after a pause, without a touch of the text itself."""

import re
import time

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from supervise.cases.models import CaseVersion
from supervise.core.db import db
from supervise.deid.models import Screening
from tests.factories import Factory
from tests.journeys.conftest import OpenPage, axe
from tests.journeys.test_answer import room as room
from tests.rooms.cases.stage import Stage, stage
from tests.rooms.reviews.conftest import Room

pytestmark = pytest.mark.browser

PAUSE = 150
"""What the page waits after the last key, in milliseconds."""
GENEROUS = 4
"""How much slower than the promise a loaded machine may be."""

SENTENCE = (
    "She has been coming on Tuesdays since the spring and speaks of the house by the river. I notice that I look at "
    "the clock less than I used to, and that she brings something small each time, a pear or a postcard. "
)
NAMED = "Milica Jovanović called me from (559) 555-0123 on March 3, 2025."

WATCH = """(last) => new Promise((done) => {
  const area = document.querySelector("#body");
  const layer = area.parentElement.querySelector(".look");
  let typed = 0;
  area.addEventListener("input", () => { typed = performance.now(); });
  const seen = () => [...layer.querySelectorAll("mark")].some((mark) => mark.textContent.includes(last));
  new MutationObserver((_, observer) => {
    if (!seen()) return;
    observer.disconnect();
    done(performance.now() - typed);
  }).observe(layer, { childList: true, subtree: true });
})"""

KEEP = "(ms) => { document.body.dataset.waited = ms; }"


@pytest.fixture
def at(app: Flask, make: Factory) -> Stage:
    return stage(make)


def body(page: Page) -> str:
    return page.get_by_label("What happened", exact=True).input_value()


def marked(page: Page, field: str = "body") -> list[str]:
    return page.locator(f"#{field}").locator("xpath=..").locator(".look mark").all_inner_texts()


def test_a_vignette_is_underlined_soon_after_a_pause(at: Stage, browser_page: OpenPage) -> None:
    page = browser_page(at.author)
    page.goto("/cases/new")
    words = page.get_by_label("What happened", exact=True)
    long = (SENTENCE * 11)[: 400 * 5].rstrip() + " " + NAMED
    assert 380 < len(long.split()) < 430
    words.fill(long)
    layer = page.locator("#body").locator("xpath=..").locator(".look")
    expect(layer.locator("mark", has_text="Milica")).to_be_visible()
    figures = []
    for name in ("Thandiwe", "Bartholomew", "Oksana"):
        page.evaluate(f"document.body.dataset.waited = ''; ({WATCH})({name!r}).then({KEEP}); 0")
        words.press("End")
        words.press_sequentially(f" Her cousin {name} came along.", delay=15)
        expect(page.locator("body")).to_have_attribute("data-waited", re.compile(r"\d"))
        figures.append(float(page.locator("body").get_attribute("data-waited") or 0))
    best = min(figures)
    waits = f"{best:.0f} ms from the last key to the underline, {PAUSE} of them waiting for the pause"
    print(f"{len(body(page).split())} words: {waits}")  # noqa: T201
    assert best - PAUSE < 300 * GENEROUS, figures
    assert marked(page)[-1].startswith("Oksana")


def test_nothing_is_kept_of_it_and_the_caret_stays(at: Stage, browser_page: OpenPage) -> None:
    page = browser_page(at.author)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "while-typing" in request.url else None)
    page.goto("/cases/new")
    words = page.get_by_label("What happened", exact=True)
    words.fill(f"Before {NAMED} After")
    words.evaluate("area => area.setSelectionRange(3, 3)")
    expect(page.locator(".look mark", has_text="Milica")).to_be_visible()
    assert words.evaluate("area => [area.selectionStart, area.value]") == [3, f"Before {NAMED} After"]
    expect(page.locator(".look-says", has_text="3 places are underlined so far.")).to_be_visible()
    assert page.locator(".look-says").last.get_attribute("role") == "status"
    assert "Milica" not in "".join(page.locator(".look-says").all_inner_texts())
    assert asked
    db.session.expire_all()
    assert db.session.query(CaseVersion).count() == db.session.query(Screening).count() == 0


def test_underlines_move_with_the_words_before_the_next_answer(at: Stage, browser_page: OpenPage) -> None:
    page = browser_page(at.author)
    page.goto("/cases/new")
    words = page.get_by_label("What happened", exact=True)
    words.fill(NAMED)
    expect(page.locator(".look mark", has_text="Milica Jovanović")).to_be_visible()
    page.route("**/while-typing", lambda route: route.abort())
    words.evaluate("area => area.setSelectionRange(0, 0)")
    page.keyboard.insert_text("😀 Then ")  # as pasted, with a character that counts twice
    assert "Milica Jovanović" in marked(page)
    words.evaluate("area => area.setSelectionRange(12, 12)")
    page.keyboard.type("x")
    assert not [word for word in marked(page) if "Milica" in word or "Jov" in word], "it was typed into"


def test_an_input_method_is_left_alone_until_it_is_done(at: Stage, browser_page: OpenPage) -> None:
    page = browser_page(at.author)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "while-typing" in request.url else None)
    page.goto("/cases/new")
    words = page.get_by_label("What happened", exact=True)
    words.focus()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "Milica Jovanović ", "selectionStart": 17, "selectionEnd": 17})
    page.wait_for_timeout(2 * PAUSE)
    assert not asked
    session.send("Input.insertText", {"text": "Milica Jovanović called."})
    expect(page.locator(".look mark", has_text="Milica")).to_be_visible()
    assert body(page) == "Milica Jovanović called."


@pytest.mark.parametrize("dark", [False, True])
def test_both_layers_lie_upon_each_other(at: Stage, browser_page: OpenPage, dark: bool) -> None:
    for width in (390, 1280):
        page = browser_page(at.author, width=width, dark=dark)
        page.goto("/cases/new")
        words = page.get_by_label("What happened", exact=True)
        words.fill(f"{SENTENCE * 12}\n\n{NAMED}\n")
        expect(page.locator(".look mark", has_text="Milica")).to_be_attached()
        sizes = words.evaluate(
            "area => [area.scrollHeight, area.previousElementSibling.scrollHeight, area.clientWidth, "
            "area.previousElementSibling.clientWidth]"
        )
        assert abs(sizes[0] - sizes[1]) <= 1, sizes
        assert sizes[2] == sizes[3]
        words.evaluate("area => { area.scrollTop = 200; }")
        page.wait_for_timeout(100)
        assert words.evaluate("area => area.previousElementSibling.scrollTop") == 200
        assert [one["id"] for one in axe(page)] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_post_is_underlined_and_readers_are_not(room: Room, browser_page: OpenPage) -> None:
    page = browser_page(room.peer, width=390)
    page.goto(f"/cases/{room.case_id}?para=2#write")
    words = page.get_by_label("Your words")
    expect(words).to_be_focused()
    words.press_sequentially("Ask Ines Valcourt whether Milica Jovanović agrees.")
    expect(page.locator(".look mark", has_text="Milica")).to_be_visible()
    assert not [word for word in marked(page) if "Valcourt" in word]


def test_without_scripts_or_engine_everything_works_as_before(
    app: Flask, at: Stage, browser_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser_page(at.author, scripts=False)
    page.goto("/cases/new")
    page.get_by_label("What happened", exact=True).fill(NAMED)
    assert page.locator(".look").count() == 0

    def gone() -> None:
        raise RuntimeError("no model")

    monkeypatch.setattr(app.extensions["supervise"], "load_engine", gone)
    monkeypatch.setattr(app.extensions["supervise"], "_engine", None)
    page = browser_page(at.author, refusals=(503,))
    page.goto("/cases/new")
    with page.expect_response("**/while-typing") as answered:
        page.get_by_label("What happened", exact=True).fill(NAMED)
    assert answered.value.status == 503
    time.sleep(0.1)
    assert marked(page) == []
    assert body(page) == NAMED

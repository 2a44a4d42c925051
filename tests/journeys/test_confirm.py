"""The heart of the product: an author brings a vignette from findings to a confirmed text."""

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from supervise.accounts.models import Organisation
from supervise.cases import queries as cases
from supervise.cases import service
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.text import OriginalText
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from tests.factories import Factory
from tests.journeys.conftest import OpenPage, axe

pytestmark = pytest.mark.browser

TEXTS = {
    "title": "Tavian's father asks for the drawings",
    "question": "May I offer a summary instead of the drawings?",
    "body": (
        "Tavian Brandvold, 9, was brought to Harbor Lantern Family Center on October 14, 2025 by his mother, "
        "Lucía Brandvold, two weeks after the separation. The SCARED was 31 at intake.\n\n"
        "His father, Willem Brandvold, called twice from (707) 555-0147. He has joint custody, docket 25-DR-30418, and "
        "asks for every note. People in Crescent City know him: he is the only harbor pilot in the county.\n\n"
        "Lucía wrote the same evening (lucia.b@tidewater.example): if I release anything, she ends treatment. Abuela "
        "Pilar, 91, drives Tavian on Wednesdays. Their counselor Ottoline Farquhar at Franklin Elementary wrote on "
        "November 3, 2025, and her office is at 418 Alder Lane, 95531.\n\n"
        "I read B.5.b as asking me to respect both parents. Do I tell Tavian first?"
    ),
}
SECRETS = ("Tavian", "Brandvold", "Lucía", "555-0147", "30418", "tidewater", "Pilar", "Farquhar", "Alder Lane")


@pytest.fixture
def author(make: Factory) -> Actor:
    return make.person(make.organisation(), Role.CLINICIAN, name="Jonah Oyelaran")


@pytest.fixture
def screening(make: Factory, author: Actor) -> str:
    """A vignette with some fifteen findings, screened; return the address of its confirm page."""
    peer = make.person(db.session.get_one(Organisation, author.org_id), Role.CLINICIAN)
    brief = service.Brief(kind="consultation", audience="peers", peer_ids=(peer.person_id,), jurisdiction="US-CA")
    with unit_of_work(author) as work:
        case_id = service.start(work, brief, TEXTS).id
    prepared = deid.prepare(TEXTS, frozenset())
    with unit_of_work(author) as work:
        draft = cases.draft(work.session, case_id)
        assert draft is not None
        stored = deid.store(work, service.subject_of(draft), prepared)
        service.screened(work, case_id)
        return f"/screenings/{stored.id}"


def released(author: Actor, address: str) -> dict[str, str]:
    """Return the text that the author confirmed, by releasing it."""
    db.session.expire_all()
    found, _ = deid.work_on(db.session(), address.rpartition("/")[2], author)
    assert found.state == "confirmed"
    with unit_of_work(author) as unit:
        return {name: str(text) for name, text in deid.release(unit, found.subject).items()}


def test_fifteen_findings_are_confirmed_on_one_screen_with_eight_keys(
    author: Actor, screening: str, browser_page: OpenPage
) -> None:
    page = browser_page(author)
    page.goto(screening)
    assert page.locator("[data-item]").count() >= 15
    keys = 0
    rest = page.get_by_role("button", name="Accept the rest")
    while rest.count() and keys < 4:  # some by hand, as one would; the rest at once
        page.keyboard.press("Enter")
        keys += 1
        settle(page)
    if rest.count():
        rest.click()
        keys += 1
    expect(page.get_by_label("I have read the text above to its end.")).to_be_visible()
    page.get_by_label("I have read the text above to its end.").check()
    page.get_by_role("button", name="Confirm this text").click()
    keys += 2
    page.wait_for_url(re.compile("/release$"))
    assert keys <= 8
    text = released(author, screening)
    assert not any(secret in whole for secret in SECRETS for whole in text.values())
    assert "B.5.b" in text["body"]


def test_everything_is_done_by_keyboard(author: Actor, screening: str, browser_page: OpenPage) -> None:
    page = browser_page(author)
    page.goto(screening)
    first = page.locator('[data-item][aria-current="true"]')
    expect(first).to_have_count(1)
    before = first.get_attribute("data-item")
    page.keyboard.press("j")
    assert page.locator('[data-item][aria-current="true"]').get_attribute("data-item") != before
    page.keyboard.press("k")
    assert page.locator('[data-item][aria-current="true"]').get_attribute("data-item") == before
    page.keyboard.press("n")
    page.keyboard.type("separation")
    page.keyboard.press("Enter")
    expect(page.locator(".res").filter(has_text="separation")).to_have_count(0)
    page.locator("body").press("u")
    expect(page.locator(".res").filter(has_text="separation")).to_have_count(1)
    while page.get_by_role("button", name="Accept the rest").count():
        page.keyboard.press("Enter")
        settle(page)
    expect(page.locator("#h-final")).to_be_focused()
    page.get_by_label("I have read the text above to its end.").press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/release$"))


def test_x_leaves_a_doubtful_finding_readable(author: Actor, screening: str, browser_page: OpenPage) -> None:
    page = browser_page(author)
    page.goto(screening)
    current = page.locator('[data-item][aria-current="true"]')
    key, words = current.get_attribute("data-item"), current.locator("mark").inner_text()
    page.keyboard.press("x")
    settle(page)
    expect(page.locator(f'[data-item="{key}"] [value^="keep:"]:checked')).to_have_count(1)
    assert any(words in text for text in page.locator(".res").all_inner_texts())


def test_a_tapped_or_selected_word_is_taken_out_everywhere(
    author: Actor, screening: str, browser_page: OpenPage
) -> None:
    page = browser_page(author, width=390, height=844)
    page.goto(screening)
    page.get_by_role("radio", name="Original").check()
    spot = (
        page.locator(".orig")
        .filter(has_text="ends treatment")
        .evaluate(
            """(p) => {
          for (const node of p.childNodes) {
            const at = node.nodeType === 3 ? node.data.indexOf("treatment") : -1;
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at + 2); range.setEnd(node, at + 4);
            p.scrollIntoView({ block: "center" });
            const box = range.getBoundingClientRect();
            return [box.x + 1, box.y + box.height / 2];
          }
        }"""
        )
    )
    page.mouse.click(*spot)
    expect(page.get_by_label("Mark another word or phrase")).to_have_value("treatment")
    page.get_by_role("button", name="Take it out").click()
    expect(page.locator("#mark-fields .error")).to_have_count(0)
    expect(page.locator(".orig mark").filter(has_text="treatment")).to_have_count(1)
    expect(page.get_by_role("radio", name="Original")).to_be_checked()


def test_only_reasons_that_can_hold_are_offered_and_no_other_is_taken(
    make: Factory, author: Actor, screening: str, browser_page: OpenPage
) -> None:
    page = browser_page(author)
    page.goto(screening)
    phone = page.locator("[data-item]").filter(has_text="555-0147")
    expect(phone).to_contain_text("always goes")
    key, version = phone.get_attribute("data-item"), page.locator("#choices [name=version]").input_value()
    forged = {"version": version, f"choice-{key}": "keep:emergency_line", "do": "save"}
    response = make.client(author).post(f"{screening}/choose", data=forged)
    assert response.status_code == 422
    page.reload()
    assert not any("555-0147" in text for text in page.locator(".res").all_inner_texts())


def test_a_name_is_kept_for_a_reason_and_taken_out_again(author: Actor, screening: str, browser_page: OpenPage) -> None:
    page = browser_page(author)
    page.goto(screening)
    item = page.locator("[data-item]").filter(has_text="Pilar")
    item.locator("summary").click()
    item.get_by_label("A public figure, author or theorist").check()
    expect(page.locator(".res").filter(has_text="Pilar")).to_have_count(1)
    expect(item).to_contain_text("Stays readable")
    item.get_by_label("Take it out").check()
    expect(page.locator(".res").filter(has_text="Pilar")).to_have_count(0)


def test_a_relation_is_picked_once_for_every_place(author: Actor, screening: str, browser_page: OpenPage) -> None:
    page = browser_page(author)
    page.goto(screening)
    page.locator("[data-item]").filter(has_text="Lucía").locator("select").first.select_option("[Client's mother]")
    expect(page.locator(".res").filter(has_text="[Client's mother]").first).to_be_visible()
    settle(page)
    assert sum(text.count("[Client's mother]") for text in page.locator(".res").all_inner_texts()) >= 2


def test_the_story_is_kept_while_people_days_and_rarities_go(
    author: Actor, screening: str, browser_page: OpenPage
) -> None:
    page = browser_page(author)
    page.goto(screening)
    rare = page.locator("[data-item]").filter(has_text="the only harbor pilot in the county")
    expect(rare).to_contain_text("One of a kind. The words themselves say that there is nobody else.")
    expect(rare).to_contain_text("Say instead: someone who works in aviation or shipping")
    rare.get_by_label("Own words …").check()
    expect(rare).to_contain_text("Leave out rather than change")
    rare.get_by_label("Own words for").fill("someone like Willem")
    page.keyboard.press("Tab")
    expect(rare.locator(".error")).to_contain_text("was found in this text, so it cannot come back")
    rare.get_by_label("Own words for").fill("someone whose work is well known")
    page.keyboard.press("Tab")
    expect(page.locator(".res").filter(has_text="he is someone whose work is well known")).to_have_count(1)
    counselor = page.locator("[data-item]").filter(has_text="Ottoline Farquhar").locator("select").first
    expect(counselor).to_have_value("[Client's counselor]")
    counselor.select_option("[Client's teacher]")
    settle(page)
    page.get_by_role("button", name="Accept the rest").click()
    expect(page.get_by_role("heading", name="Could someone who knows you recognise this client?")).to_be_visible()
    expect(page.locator(".checklist li")).to_have_count(5)
    page.get_by_label("I have read the text above to its end.").check()
    page.get_by_role("button", name="Confirm this text").click()
    page.wait_for_url(re.compile("/release$"))
    text = released(author, screening)
    assert text["title"] == "[Client]'s father asks for the drawings"
    assert "on [day 0] by his mother, [Client's mother], two weeks after the separation" in text["body"]
    assert "His father, [Client's father], called twice" in text["body"]
    assert "[Client's grandmother], [90+], drives [Client] on Wednesdays" in text["body"]
    assert "Their counselor [Client's teacher] at" in text["body"]
    assert "wrote on [20 days later]" in text["body"]


def test_it_works_without_scripts(author: Actor, screening: str, browser_page: OpenPage) -> None:
    page = browser_page(author, scripts=False)
    page.goto(screening)
    page.get_by_label("Mark another word or phrase").fill("separation")
    page.get_by_role("button", name="Take it out").click()
    expect(page.locator(".orig mark").filter(has_text="separation")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".orig mark").filter(has_text="separation")).to_have_count(0)
    page.get_by_role("button", name="Accept the rest").click()
    page.get_by_role("button", name="Confirm this text").click()
    assert "/release" not in page.url, "the browser asks for the tick first"
    page.get_by_label("I have read the text above to its end.").check()
    page.get_by_role("button", name="Confirm this text").click()
    page.wait_for_url(re.compile("/release$"))
    text = released(author, screening)
    assert not any(secret in whole for secret in SECRETS for whole in text.values())


def test_keys_can_be_switched_off(app: Flask, author: Actor, screening: str, browser_page: OpenPage) -> None:
    page = browser_page(author)
    page.goto(screening)
    page.evaluate("document.body.dataset.shortcutsOff = ''")
    page.keyboard.press("Enter")
    page.keyboard.press("x")
    settle(page)
    assert page.locator(".asked").count() == 0


def test_two_windows_do_not_overwrite_each_other(author: Actor, screening: str, browser_page: OpenPage) -> None:
    first, second = browser_page(author), browser_page(author)
    first.goto(screening)
    second.goto(screening)
    first.keyboard.press("Enter")
    settle(first)
    second.keyboard.press("Enter")
    settle(second)
    expect(second.locator(".banner-red")).to_contain_text("another window")
    assert second.locator(".asked").count() == first.locator(".asked").count()


def test_an_original_is_nobody_elses(make: Factory, author: Actor, screening: str, browser_page: OpenPage) -> None:
    other = make.person(db.session.get_one(Organisation, author.org_id), Role.SUPERVISOR, Role.ADMIN)
    response = make.client(other).get(screening)
    assert response.status_code == 404
    assert not any(secret.encode() in response.data for secret in SECRETS)
    for verb in ("choose", "add", "undo", "confirm"):
        assert make.client(other).post(f"{screening}/{verb}", data={}).status_code == 404
    with pytest.raises(TypeError):
        f"{OriginalText('Tavian')}"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_barrier_and_nothing_wider_than_the_screen(
    author: Actor, screening: str, browser_page: OpenPage, tmp_path: Path, width: int, dark: bool
) -> None:
    page = browser_page(author, width=width, height=844 if width < 600 else 900, dark=dark)
    page.goto(screening)
    look(page, tmp_path / f"confirm-{width}-{'dark' if dark else 'light'}.png")
    page.get_by_role("button", name="Accept the rest").click()
    expect(page.get_by_role("button", name="Confirm this text")).to_be_attached()
    look(page, tmp_path / f"confirm-read-{width}-{'dark' if dark else 'light'}.png")


def look(page: Page, path: Path) -> None:
    page.screenshot(path=path, caret="initial")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def settle(page: Page) -> None:
    """Wait until no answer is under way."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(150)

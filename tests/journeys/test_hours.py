"""Hours from the tap to the board: a day logged, a week submitted, six weeks signed, the numbers in progress.

Screens are addresses that were opened or led to; taps count each press of a button, box, field or the signature. Typing
itself is free.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from supervise.accounts.models import Organisation, Setting
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import attest_days, weeks_to_sign
from supervise.hours.models import Attestation
from supervise.hours.queries import day_record, entries, standing
from supervise.supervision.models import Meeting
from tests.factories import Factory
from tests.journeys.conftest import OpenPage, axe

pytestmark = pytest.mark.browser

LA = ZoneInfo("America/Los_Angeles")


@dataclass
class Hand:
    """A hand on a page that counts what it does."""

    page: Page
    taps: int = 0

    def tap(self, what: Locator) -> None:
        what.click()
        self.taps += 1

    def type(self, what: Locator, text: str) -> None:
        self.tap(what)
        what.fill(text)

    def draw(self) -> None:
        """One stroke of the pen."""
        pad = self.page.locator(".signpad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        mouse.move(box["x"] + 40, box["y"] + 50)
        mouse.down()
        for step in range(1, 12):
            mouse.move(box["x"] + 40 + step * 15, box["y"] + 50 + (-1) ** step * 18)
        mouse.up()
        self.taps += 1


@dataclass
class Stage:
    me: Actor
    boss: Actor
    place: Setting
    today: date


@pytest.fixture
def stage(app: Flask, make: Factory) -> Stage:
    """A supervisee whose last six weeks hold work and supervision; their days of the last five wait to be signed."""
    org = make.organisation()
    me = make.person(org, Role.SUPERVISEE, name="Jonah Oyelaran")
    boss = make.person(org, Role.SUPERVISOR, name="Ines Valcourt")
    place = make.setting(me, "Alder Court")
    make.agreement(me, boss, place)
    today = local_day(now(), me.zone)
    for week in range(1, 7):
        day = today - timedelta(weeks=week)
        make.meeting(boss, {me: place}, datetime.combine(day, time(8), LA))
        make.day(me, place, day, submit=week > 1, individual=150, couple_family=50, documentation=60)
    db.session.refresh(place)
    db.session.expunge(place)
    return Stage(me, boss, place, today)


def test_a_day_is_logged_on_one_screen_with_eight_taps(stage: Stage, browser_page: OpenPage) -> None:
    page = browser_page(stage.me, width=390, height=844)
    page.goto("/hours")
    hand, weekday = Hand(page), f"{stage.today:%A}"
    expect(page.get_by_label("Individual", exact=True)).to_have_value("150")
    hand.type(page.get_by_label("Individual", exact=True), "200")
    hand.tap(page.get_by_role("button", name="+ 10 minutes, Notes and reports"))
    hand.tap(page.get_by_text("Group, Crisis"))
    hand.type(page.get_by_label("Group", exact=True), "90")
    expect(page.locator("[data-sum=clients]")).to_have_text("5:40")
    expect(page.locator("[data-sum=day]")).to_have_text("6:50")
    address = page.url
    hand.tap(page.get_by_role("button", name=f"Submit {weekday}"))
    expect(page.get_by_text(f"{weekday} is submitted.")).to_be_visible()
    assert page.url.partition("?")[0] == address.partition("?")[0]  # the same screen
    assert hand.taps <= 8, hand.taps
    db.session.rollback()
    found = {
        row.category: row.minutes for row in standing(entries(db.session(), stage.me.person_id, since=stage.today))
    }
    assert found == {"individual": 200, "couple_family": 50, "group": 90, "documentation": 70}


def test_a_wrong_number_in_the_browser_stays_and_the_pattern_comes_back_with_one_press(
    stage: Stage, browser_page: OpenPage
) -> None:
    page = browser_page(stage.me)
    page.goto("/hours")
    page.get_by_label("Couples and families", exact=True).fill("75.5")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("Whole minutes, please: 75 or 76? Nothing else is lost.")).to_be_visible()
    expect(page.get_by_label("Couples and families", exact=False)).to_have_value("75.5")
    page.get_by_role("button", name=re.compile("Same as last")).click()
    expect(page.get_by_label("Couples and families", exact=False)).to_have_value("50")
    expect(page.locator("[data-sum=day]")).to_have_text("4:20")
    assert axe(page) == []


def test_it_all_works_without_scripts(stage: Stage, browser_page: OpenPage) -> None:
    page = browser_page(stage.me, scripts=False)
    page.goto("/hours")
    page.get_by_label("Individual", exact=True).fill("30")
    page.get_by_role("button", name=re.compile("^Submit")).click()
    expect(page.get_by_text("is submitted.")).to_be_visible()


def test_a_week_is_submitted_and_six_weeks_are_signed_on_two_screens_with_eight_taps(
    make: Factory, stage: Stage, browser_page: OpenPage
) -> None:
    password = make.password(stage.boss)
    mine = browser_page(stage.me)
    mine.goto(f"/hours/weeks/{stage.today - timedelta(weeks=1)}")
    mine.get_by_role("button", name=re.compile("^Submit")).click()
    expect(mine.get_by_text("is submitted.")).to_be_visible()
    mine.goto("/hours/progress")
    # five hours and twenty minutes a week: 150 + 50 + 60 of work and an hour of supervision
    expect(mine.get_by_text("32 of the hours that count are not signed yet.")).to_be_visible()

    page = browser_page(stage.boss)
    page.goto("/hours/attest")
    screens, hand = [page.url], Hand(page)
    hand.tap(page.get_by_role("link", name=re.compile("Read and sign")))
    page.wait_for_url("**/hours/attest/*")
    screens.append(page.url)
    assert page.locator(".signweek").count() == 6
    assert page.locator(".signweek input:checked").count() == 6
    hand.draw()
    hand.type(page.get_by_label("Your password, once more"), password)
    hand.tap(page.get_by_role("button", name="Attest what is ticked"))
    expect(page.get_by_text("Signed: 6 weeks.")).to_be_visible()
    assert len(screens) <= 2
    assert hand.taps <= 8, hand.taps

    db.session.rollback()
    signatures = db.session.query(Attestation).all()
    assert len(signatures) == 6
    assert all(re.fullmatch(r"M[\d. ]+(L[\d. ]+)+", signed.signature) for signed in signatures)
    record = day_record(db.session(), stage.me.person_id, stage.place.id, stage.today - timedelta(weeks=1))
    assert record is not None
    assert record.state == "attested"
    mine.reload()
    expect(mine.get_by_text("not signed yet")).to_have_count(0)
    expect(mine.get_by_role("heading", level=1)).to_have_text("2,968 hours to go")


def test_a_wrong_password_leaves_the_drawing_where_it_was(make: Factory, stage: Stage, browser_page: OpenPage) -> None:
    make.password(stage.boss)
    page = browser_page(stage.boss)
    page.goto(f"/hours/attest/{stage.me.person_id}")
    Hand(page).draw()
    drawn = page.locator("input[name=signature_path]").input_value()
    assert drawn.startswith("M")
    page.get_by_label("Your password, once more").fill("something else entirely")
    page.get_by_role("button", name="Attest what is ticked").click()
    expect(page.get_by_text("That is not your password").first).to_be_visible()
    assert page.locator("input[name=signature_path]").input_value() == drawn
    assert page.locator(".signpad path").get_attribute("d") == drawn
    assert db.session.query(Attestation).count() == 0


def test_a_meeting_is_ticked_by_its_group_shown_and_recorded(
    make: Factory, stage: Stage, browser_page: OpenPage
) -> None:
    make.group(stage.boss, stage.me, name="Friday circle")
    page = browser_page(stage.boss)
    page.goto("/meetings/new")
    page.get_by_label("Day", exact=True).fill(str(stage.today - timedelta(days=1)))
    page.get_by_label("Start", exact=True).fill("10:00")
    page.get_by_label("End", exact=True).fill("11:00")
    page.get_by_role("button", name="All of Friday circle").click()
    expect(page.get_by_label("Jonah Oyelaran", exact=True)).to_be_checked()
    expect(page.get_by_label("Start", exact=True)).to_have_value("10:00")
    page.get_by_role("button", name="See what it counts as").click()
    expect(page.get_by_text("Individual supervision")).to_be_visible()
    page.get_by_role("button", name="Record the meeting").click()
    expect(page.get_by_text("Recorded. It stands in the hours of everyone who came.")).to_be_visible()


def test_the_button_that_seals_is_within_reach_on_a_phone(make: Factory, stage: Stage, browser_page: OpenPage) -> None:
    with unit_of_work(stage.me) as work:
        work.session.get_one(Setting, stage.place.id).name = "W" * 120
    seen = {w.key: w.rows_hash for w in weeks_to_sign(stage.boss, stage.me.person_id).weeks}
    attest_days(stage.boss, stage.me.person_id, make.password(stage.boss), "typed:I. Valcourt", seen)
    page = browser_page(stage.me, width=390)
    page.goto("/reports")
    button = page.get_by_role("button", name=re.compile("Make and seal"))
    box = button.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    inside = "e => { for (let p = e; p; p = p.parentElement) if (p.scrollWidth > p.clientWidth + 1 && p.clientWidth)"
    assert not button.evaluate(inside + " return p.className || p.tagName; return '' }")
    assert axe(page) == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_on_any_page_of_hours(
    make: Factory, stage: Stage, browser_page: OpenPage, width: int, dark: bool
) -> None:
    group = make.group(stage.boss, stage.me)
    auditor = make.person(db.session.get_one(Organisation, stage.boss.org_id), Role.AUDITOR)
    meeting = db.session.query(Meeting).first()
    assert meeting is not None
    last = stage.today - timedelta(weeks=2)
    row = next(r for r in entries(db.session(), stage.me.person_id, since=last, until=last) if r.source == "typed").id
    pages = {
        stage.me: [
            "/hours", f"/hours/weeks/{last}", f"/hours/entries/{row}/correct", f"/hours/days/{last}/add",
            "/agreements", "/agreements/new",
            "/hours/progress?board=ca-amft&hours=2&category=couple_family", "/groups",
            f"/groups/{group.id}", "/meetings", f"/meetings/{meeting.id}",
        ],
        stage.boss: [
            "/hours/attest", f"/hours/attest/{stage.me.person_id}", "/meetings/new", "/groups/new",
            f"/hours/people/{stage.me.person_id}/weeks/{last}", f"/hours/people/{stage.me.person_id}/progress",
        ],
        auditor: ["/hours/people"],
    }  # fmt: skip
    for actor, addresses in pages.items():
        page = browser_page(actor, width=width, dark=dark)
        for address in addresses:
            page.goto(address)
            assert axe(page) == [], address
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (address, wide)

"""The crisis page: for everyone, at once, whatever else is broken."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.serving import make_server

from supervise.accounts.models import Person
from supervise.accounts.session import cookie_name
from supervise.app import create_app
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from tests.factories import Factory

LINES = ('href="tel:988"', 'href="tel:911"', 'href="sms:988"', 'href="sms:741741?body=HOME"')


def give_number(actor: Actor, number: str) -> None:
    with unit_of_work(system()) as work:
        work.session.get_one(Person, actor.person_id).phone = number


@pytest.fixture
def pair(make: Factory) -> tuple[Actor, Actor]:
    org = make.organisation()
    supervisee = make.person(org, Role.SUPERVISEE)
    supervisor = make.person(org, Role.SUPERVISOR, name="Ines Valcourt")
    make.agreement(supervisee, supervisor, make.setting(supervisee))
    give_number(supervisor, "+1 (559) 555-0142")
    return supervisee, supervisor


def test_it_is_there_for_someone_signed_out(app: Flask) -> None:
    page = app.test_client().get("/crisis")
    assert page.status_code == 200
    assert all(line in page.text for line in LINES)
    assert "<form" not in page.text


def test_a_supervisee_sees_their_supervisor_first(make: Factory, pair: tuple[Actor, Actor]) -> None:
    text = make.client(pair[0]).get("/crisis").text
    assert 'href="tel:+15595550142"' in text
    assert text.index("Ines Valcourt") < text.index('href="tel:911"')
    assert all(line in text for line in LINES)
    assert "Ines Valcourt" not in make.client(pair[1]).get("/crisis").text


def test_a_supervision_that_ended_gives_no_number(make: Factory) -> None:
    org = make.organisation()
    supervisee, supervisor = make.person(org, Role.SUPERVISEE), make.person(org, Role.SUPERVISOR, name="Ines Valcourt")
    yesterday = local_day(now(), "UTC") - timedelta(days=2)
    make.agreement(supervisee, supervisor, make.setting(supervisee), ends=yesterday)
    give_number(supervisor, "559 555 0142")
    assert "Ines Valcourt" not in make.client(supervisee).get("/crisis").text


@contextmanager
def failing(after: int = 0, only: str = "") -> Iterator[None]:
    """Let the database fail at every statement, or at those that begin with a word, after the first few of them."""
    left = [after]

    def refuse(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(only):
            left[0] -= 1
            if left[0] < 0:
                raise OperationalError(statement, {}, Exception("gone"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_it_needs_no_database(make: Factory, pair: tuple[Actor, Actor], after: int) -> None:
    browser = make.client(pair[0])
    with failing(after):
        page = browser.get("/crisis")
        assert page.status_code == 200
        assert all(line in page.text for line in LINES)
        assert browser.get("/inbox").status_code == 503  # while everything else says that it cannot


def test_a_database_that_takes_no_writes_still_gives_the_numbers(make: Factory, pair: tuple[Actor, Actor]) -> None:
    browser = make.client(pair[0])
    with time_machine.travel(now() + timedelta(minutes=3)), failing(only="UPDATE"):
        page = browser.get("/crisis")  # the touch of the session cannot be written down
    assert page.status_code == 200
    assert "Ines Valcourt" in page.text


def test_it_opens_when_there_is_no_database_at_all(app: Flask, make: Factory, settings: Settings) -> None:
    browser = make.client(make.person(make.organisation(), Role.SUPERVISEE))
    db.session.remove()
    db.engine.dispose()
    gone = create_app(settings.model_copy(update={"database_url": f"sqlite:///{settings.data_dir}/no/such/file"}))
    secret = browser.get_cookie(cookie_name())
    assert secret is not None
    lost = gone.test_client()
    lost.set_cookie(cookie_name(), secret.value)
    assert lost.get("/crisis").status_code == 200
    assert lost.get("/inbox").status_code == 503


# In a browser ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/crisis"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    return chromium


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(address: str, browser: Browser, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.browser
def test_it_works_without_script_and_prints_its_numbers(address: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator("a.call").count() == 4
    assert page.locator("[data-print]").is_hidden()
    page.emulate_media(media="print")
    for number in ("988", "741741", "911"):
        assert page.locator(".givecard", has_text=number).is_visible()
    context.close()

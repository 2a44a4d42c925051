"""A served application and a real browser for the journeys.

Whatever a page says to the console as an error, a violation of the content security policy, or a request to anyone
else fails the test that opened it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shutil import copy, copytree
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request
from werkzeug.serving import make_server

from supervise.accounts.service import open_session
from supervise.accounts.session import cookie_name
from supervise.app import create_app
from supervise.cli.demo.cases import load_cases
from supervise.cli.demo.hours import load_hours
from supervise.cli.demo.people import load_people
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.resources import folder
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.deid.engine import Engine, load_engine
from supervise.flows.board_report import issue_packet, ready
from supervise.reports.seal import make_seal_identity

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load_engine(data=folder("config") / "deid")


@pytest.fixture(autouse=True)
def shared_engine(app: Flask, engine: Engine) -> None:
    """Loading takes seconds; the engine keeps nothing between texts, so tests may share it."""
    app.extensions["supervise"].load_engine = lambda: engine


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """Serve ``app`` on a free port of this machine; return its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture
def browser_page(app: Flask, live: str, chromium: Browser) -> Iterator[OpenPage]:
    """Return ``open(actor=None, width=1280, height=900, dark=False, scripts=True)``: a page in a browser of its own.

    Signed in as ``actor`` through a session cookie. Addresses such as ``/inbox`` are relative to what is served.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(
        actor: Actor | None = None, *, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True,
        refusals: tuple[int, ...] = (422, 409),
    ) -> Page:  # fmt: skip
        context = chromium.new_context(
            base_url=live,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            has_touch=width < 600,
        )
        contexts.append(context)
        if actor is not None:
            with unit_of_work(actor) as work:
                secret = open_session(work, actor.person_id, actor.org_id, "A browser test", second_factor=True)
            context.add_cookies([{"name": cookie_name(), "value": secret, "url": live}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: _listen(message, refusals, wrong))
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        page.on("request", lambda request: _stay_home(request, live, wrong))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong, wrong


def _listen(message: ConsoleMessage, refusals: tuple[int, ...], wrong: list[str]) -> None:
    # A refusal that a test provokes is logged by the browser as a failed load; anything else is a fault.
    refused = "Failed to load resource" in message.text and any(str(code) in message.text for code in refusals)
    if message.type == "error" and not refused:
        wrong.append(f"console: {message.text}")


def _stay_home(request: Request, live: str, wrong: list[str]) -> None:
    if not request.url.startswith((live, "data:")):
        wrong.append(f"request to a third party: {request.url}")


def press(page: Page, *keys: str) -> int:
    """Press keys one after the other, waiting for each answer; return how many."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_load_state("networkidle")
    return len(keys)


def axe(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds wrong with the page as it stands."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    return list(found.response["violations"])


@dataclass(frozen=True)
class Demo:
    """The demo, loaded: the application that shows it, and its people by their keys."""

    app: Flask
    people: dict[str, Actor]


@pytest.fixture(scope="session")
def demo(
    tmp_path_factory: pytest.TempPathFactory, template_database: Path, template_keys: Path, engine: Engine
) -> Demo:
    """Load the demo once, with a packet made. Tests look at it and change nothing."""
    data = tmp_path_factory.mktemp("demo")
    copytree(template_keys, data / "keys")
    copy(template_database, data / "supervise.sqlite")
    app = create_app(Settings(data_dir=data, demo=True))
    app.extensions["supervise"].load_engine = lambda: engine
    identity, keyring = make_seal_identity("Cedar Street"), app.extensions["supervise"].keyring
    keyring.put_item("seal-key", identity.key_pem)
    keyring.put_item("seal-certificate", identity.certificate_pem)
    with ThreadPoolExecutor(1) as apart:  # sealing needs an event loop; a browser opened before keeps this thread's
        return Demo(app, apart.submit(_loaded, app).result())


def _loaded(app: Flask) -> dict[str, Actor]:
    with app.app_context():
        people = load_people()
        load_hours(people)
        load_cases(people)
        author = people.actors["supervisee"]
        issue_packet(author, ready(author).choices[0].key)
        db.session.remove()
        db.engine.dispose()
    return people.actors

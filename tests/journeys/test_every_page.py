"""Every page that somebody can reach: no barrier, nothing wider than a phone, light in weight, and quiet."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, request
from playwright.sync_api import Page, Response
from werkzeug.exceptions import RequestEntityTooLarge

from supervise.accounts.models import Person
from supervise.accounts.service import open_session
from supervise.accounts.service.links import Answer, answer_invitation, invite, reset_link
from supervise.accounts.service.parking import park
from supervise.accounts.session import cookie_name
from supervise.core.db import db
from supervise.core.errors import Conflict, Forbidden, NotFound, Unavailable
from supervise.core.uow import unit_of_work
from supervise.flows.page_crisis import ask_for_help
from supervise.web.guard import public
from tests.factories import Factory
from tests.journeys.conftest import Demo, OpenPage, axe
from tests.journeys.pages import Found, pages_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

READERS = ("supervisee", "supervisor", "peer", "admin", "auditor", "")
MAIN = (
    "/inbox", "/cases", "/cases/new", "/hours", "/hours/progress", "/meetings/new", "/consultation", "/crisis", "/more",
    "/account",
)  # fmt: skip
"""Looked at in every way; the others on a dark phone, in each of their states, and on a light desk."""
PHONE, DESK = (320, True), (1280, False)
ALL_WAYS = (PHONE, DESK, (320, False), (1280, True))
HEAVIEST = 100_000


@pytest.fixture
def app(demo: Demo) -> Iterator[Flask]:
    with demo.app.app_context():
        yield demo.app
        db.session.remove()


@pytest.fixture(scope="module")
def addresses(demo: Demo) -> dict[str, list[Found]]:
    """Return by reader the pages to look at."""
    known: dict[str, set[str]] = {}
    make = Factory(demo.app)
    with demo.app.app_context():
        tokens = _links(demo)
        found = {who: pages_of(demo.app, make.client(demo.people[who]), known, tokens) for who in READERS if who}
        found[""] = pages_of(demo.app, demo.app.test_client(), known, tokens)
        shown = {endpoint for endpoint, kinds in known.items() if kinds}
        db.session.remove()
    views = {rule.endpoint for rule in demo.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert views - shown - NO_PAGES == set(), "pages that nobody was found to reach"
    return found


NO_PAGES = {
    "static", "web.alive", "safety.worker", "reports.pdf", "reports.csv", "reports.csv_seal",
    "reports.workbook_as_pdf", "reports.workbook_as_csv", "reports.requirements_as_csv", "reports.boards_as_csv",
    "incidents.export",  # lines of JSON
    "notifications.show_notice",  # leads on
    "reviews.show",  # leads on
    "hours.index",  # leads to the week
    "accounts.unlock", "accounts.enrol", "accounts.code",  # below, in the states of a session that they belong to
}  # fmt: skip


def _links(demo: Demo) -> dict[str, str]:
    """Make the links that are handed over, and something that was being typed; return the tokens by endpoint."""
    ask_for_help(demo.people["supervisee"], "red")
    admin = demo.people["admin"]
    with unit_of_work(admin) as work:
        invitation = invite(work, admin.org_id, "new@demo.example", "", ["clinician"]).rpartition("/")[2]
        other = invite(work, admin.org_id, "newer@demo.example", "", ["clinician"]).rpartition("/")[2]
        answer_invitation(work, other, Answer("newer@demo.example", "Tomás Quiroga", "UTC"))
        reset = reset_link(work, demo.people["peer"].person_id).rpartition("/")[2]
        park(work, demo.people["supervisee"].person_id, "/meetings/new", [("notes", "Half a sentence")])
    return {"accounts.join": invitation, "accounts.join_sign_in": other, "accounts.reset": reset}


@pytest.mark.parametrize("who", READERS, ids=lambda who: who or "nobody")
def test_every_page(demo: Demo, addresses: dict[str, list[Found]], browser_page: OpenPage, who: str) -> None:
    actor = demo.people[who] if who else None
    wrong: list[str] = []
    for width, dark in ALL_WAYS:
        page = browser_page(actor, width=width, height=844 if width < 600 else 900, dark=dark)
        sizes = Sizes(page)
        for found in addresses[who]:
            if (width, dark) == PHONE or found.address in MAIN or ((width, dark) == DESK and found.first):
                said = _look(page, found.address, sizes, open_all=width < 600)
                wrong += [f"{found.address} {width}{' dark' if dark else ''}: {one}" for one in said]
        page.close()
    assert not wrong, "\n".join(wrong)


def test_the_pages_between_outside_and_inside(
    app: Flask, demo: Demo, browser_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unlocking, and the second factor as an installation demands it that is no demo."""
    about = app.extensions["supervise"]
    strict = about.settings.model_copy(update={"demo": False, "second_factor": "required"})
    monkeypatch.setitem(app.extensions, "supervise", replace(about, settings=strict))
    with unit_of_work(demo.people["peer2"]) as work:
        work.session.get_one(Person, work.actor.person_id).totp_confirmed_at = work.now
    wrong: list[str] = []
    for width, dark in ALL_WAYS:
        locked = browser_page(demo.people["supervisor2"], width=width, dark=dark)
        locked.goto("/more")
        locked.get_by_role("button", name="Lock now").last.click()
        half = {"/sign-in/second-factor": "supervisee2", "/sign-in/code": "peer2"}
        pages = {"/unlock": locked, **{path: browser_page(width=width, dark=dark) for path in half}}
        for path, who in half.items():
            with unit_of_work(demo.people[who]) as work:
                secret = open_session(work, work.actor.person_id, work.actor.org_id, "A browser", second_factor=False)
            pages[path].context.add_cookies([{"name": cookie_name(), "value": secret, "url": locked.url}])
        for path, page in pages.items():
            wrong += [f"{path} {width}: {one}" for one in _look(page, path, Sizes(page), open_all=True)]
    assert not wrong, "\n".join(wrong)


FAILURES: dict[int, Exception] = {
    403: Forbidden("Only the author of a case does this."),
    404: NotFound(),
    409: Conflict("Someone saved before you."),
    413: RequestEntityTooLarge(),
    500: RuntimeError("a surprise"),
    503: Unavailable("The engine is not available. Your text is kept."),
}


@pytest.mark.parametrize("who", ["supervisee", ""], ids=["someone signed in", "nobody"])
def test_the_pages_of_failure(
    app: Flask, demo: Demo, browser_page: OpenPage, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Each page that says what went wrong, with what was typed on it, has no barrier either."""

    @public("a view of this test")
    def fails() -> None:
        raise FAILURES[int(request.args["status"])]

    monkeypatch.setattr(app, "testing", False)  # a surprise shows its page, not its traceback
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(app.view_functions, "accounts.ask_reset", fails)
    wrong: list[str] = []
    for width, dark in ALL_WAYS:
        page = browser_page(demo.people[who] if who else None, width=width, dark=dark, refusals=tuple(FAILURES))
        for status in FAILURES:
            page.goto("/help")
            with page.expect_navigation() as arriving:
                page.evaluate(SEND, [f"/reset?status={status}", "Four lines that took an hour to write. " * 9])
            assert arriving.value.status == status
            assert "Four lines that took an hour" in page.locator("main textarea").input_value() or status == 413
            wrong += [f"{status} {width}{' dark' if dark else ''}: {one}" for one in _barriers(page)]
        page.close()
    assert not wrong, "\n".join(wrong)


SEND = """([action, text]) => {
  const form = document.createElement("form"), field = document.createElement("textarea");
  Object.assign(form, { method: "post", action });
  Object.assign(field, { name: "body", value: text });
  form.append(field); document.body.append(form); form.submit();
}"""


class Sizes:
    """What each address weighs on the wire, fonts apart."""

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, int] = {}
        self.responses: list[Response] = []
        page.on("response", lambda response: self.responses.append(response))

    def of(self, page: Page) -> int:
        """Return the compressed bytes of a page and everything it loaded."""
        for response in self.responses:
            if response.ok and response.request.resource_type != "font" and response.url not in self.bytes:
                self.bytes[response.url] = len(gzip.compress(response.body(), 6))
        self.responses.clear()
        loaded: list[str] = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
        return sum(self.bytes.get(url, 0) for url in {page.url.partition("#")[0], *loaded})


def _look(page: Page, address: str, sizes: Sizes, *, open_all: bool) -> Iterator[str]:
    """Open a page and say what is wrong with it."""
    page.goto(address)
    if open_all:
        page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true })")
    yield from _barriers(page)
    if kept := page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]"):
        yield f"kept in the browser: {kept}"
    weight = sizes.of(page)
    if not 1_000 < weight < HEAVIEST:
        yield f"weighs {weight} bytes"
    if urlsplit(page.url).path != urlsplit(address).path:
        yield f"led to {page.url}"


def _barriers(page: Page) -> Iterator[str]:
    """Say what keeps someone from using the page as it stands."""
    for found in axe(page):
        nodes = [f"{node['html'][:160]} {node.get('failureSummary', '')[:200]}" for node in found["nodes"][:3]]
        yield f"{found['id']}: {nodes}"
    wide = page.evaluate(WIDER_THAN_THE_SCREEN)
    if wide:
        yield f"scrolls sideways: {wide}"
    heads = page.locator("h1").all()
    words = [_words(head.inner_text()) for head in heads]
    if len(words) != 1 or not _words(page.title()).lower().startswith(words[0].lower()):
        yield f"title {page.title()!r}, h1 {words}"


WIDER_THAN_THE_SCREEN = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  return [...document.querySelectorAll("main *")]
    .filter((part) => part.getBoundingClientRect().right > innerWidth + 1 && !part.closest(".scroll"))
    .slice(0, 4).map((part) => `${part.tagName}.${part.className}`);
}"""


def _words(text: Any) -> str:
    return re.sub(r"\s+", " ", str(text).replace("\u00ad", "")).strip()

"""The scripts of every page, in a browser, under the content policy that the product sends."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, jsonify, render_template_string, request
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from supervise.web.current import Current, set_current

pytestmark = pytest.mark.browser

PAGE = """
{% extends "layouts/base.html" %}
{% from "ui/form.html" import csrf, button %}
{% from "ui/saving.html" import saved_line %}
{% from "ui/signpad.html" import signpad %}
{% from "ui/stepper.html" import stepper %}
{% from "ui/settings.html" import theme_choice %}
{% block title %}Try{% endblock %}
{% block main %}<h1>Try</h1>
<form id="words" method="post" action="/words" data-keep{% if autosave %} data-autosave-url="/save"{% endif %}>
{{ csrf() }}<input type="hidden" name="version" value="1"><input type="hidden" name="password" value="never parked">
<label for="text">Text</label><textarea id="text" name="text"></textarea>
{{ stepper("minutes", "Individual", "150") }}{{ signpad("signature") }}{{ button("Send") }}{{ saved_line() }}</form>
<button class="btn" type="button" hx-post="/part" hx-target="#part">Fetch</button><div id="part"></div>
{{ theme_choice("/theme") }}
{% endblock %}
"""


class Served:
    """The bare application on a port, what it was asked, and how it shall answer an autosave."""

    def __init__(self, app: Flask) -> None:
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.answer: tuple[dict[str, Any], int] = ({"saved": "10:42", "version": 2}, 200)
        self.lock_minutes: Any = 15  # a fraction here, to see the lock without waiting
        app.before_request(self.note)
        app.add_url_rule("/try", "try", lambda: render_template_string(PAGE, autosave="bare" not in request.args))
        app.add_url_rule("/save", "save", lambda: (jsonify(self.answer[0]), self.answer[1]), methods=["POST"])
        app.add_url_rule("/part", "part", lambda: render_template_string(PART), methods=["POST"])
        for path in ("/lock", "/words", "/theme", "/here"):
            app.add_url_rule(path, path[1:], lambda: "<p>done</p>", methods=["POST"])
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def note(self) -> None:
        facts: Any = {"signed_in": True, "person_name": "A B", "roles": frozenset({"supervisee"})}
        set_current(None, Current(**facts, lock_minutes=self.lock_minutes))
        if request.method == "POST":
            self.asked.append((request.path, dict(request.headers), dict(request.form)))

    def times(self, path: str) -> int:
        return sum(asked[0] == path for asked in self.asked)


PART = '{% from "ui/state.html" import state_case %}<p id="arrived">{{ state_case("closed") }}</p>'


@pytest.fixture
def served(bare: Flask) -> Iterator[Served]:
    served = Served(bare)
    thread = threading.Thread(target=served.server.serve_forever, daemon=True)
    thread.start()
    yield served
    served.server.shutdown()
    served.server.server_close()
    thread.join()


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    return chromium


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[Callable[[str], Page]]:
    """Open an address of the server; a word in the console about the content policy fails the test."""
    context = browser.new_context()
    complaints: list[str] = []

    def visit(path: str) -> Page:
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(served.url + path, wait_until="networkidle")
        return page

    yield visit
    context.close()
    assert complaints == []


Visit = Callable[[str], Page]


def test_words_are_saved_three_seconds_after_the_last_key(open_page: Visit, served: Served) -> None:
    page = open_page("/try")
    page.get_by_label("Text").fill("half a thought")
    assert served.times("/save") == 0
    expect(page.locator("[data-autosave-says]")).to_have_text("saved 10:42")
    _, headers, fields = served.asked[-1]
    assert fields["text"] == "half a thought"
    assert headers["X-Autosave"] == "1"
    assert headers["X-Csrftoken"]
    assert page.locator("[name=version]").input_value() == "2"
    assert page.locator("form[data-unsaved]").count() == 0


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (423, {}, "Not saved: this page is locked. Your words stay here."),
        (401, {}, "Not saved: this page is locked. Your words stay here."),
        (409, {"says": "Saved elsewhere at 10:40."}, "Saved elsewhere at 10:40."),
        (503, {}, "Not saved. Your words stay here; trying again."),
    ],
)
def test_what_the_server_refuses_stays_in_the_page(
    open_page: Visit, served: Served, status: int, body: dict[str, str], says: str
) -> None:
    served.answer = (body, status)
    page = open_page("/try")
    page.get_by_label("Text").fill("kept")
    expect(page.locator("[data-autosave-says]")).to_contain_text(says)
    assert page.get_by_label("Text").input_value() == "kept"
    assert page.locator("form[data-unsaved]").count() == 1
    served.answer = ({"saved": "10:45"}, 200)
    page.get_by_label("Text").fill("kept and more")
    if status == 409:
        page.wait_for_timeout(3500)
        assert served.times("/save") == 1  # it does not write over the other version by itself
    else:
        expect(page.locator("[data-autosave-says]")).to_have_text("saved 10:45")


def test_leaving_with_unsaved_words_asks_first(open_page: Visit) -> None:
    page = open_page("/try?bare=1")
    page.get_by_label("Text").press_sequentially("unsaved")
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.evaluate("location.assign('/web.help')")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/try?bare=1")


def test_help_in_a_crisis_waits_for_no_question(open_page: Visit) -> None:
    page = open_page("/try?bare=1")
    page.get_by_label("Text").press_sequentially("unsaved")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Crisis").click()
    assert opened.value.url.endswith("/safety.crisis")
    assert asked == []
    assert page.get_by_label("Text").input_value() == "unsaved"


def test_the_lock_warns_then_saves_and_covers_the_screen(open_page: Visit, served: Served) -> None:
    served.lock_minutes = 0.04  # 2.4 seconds, less than an autosave waits
    page = open_page("/try")
    page.get_by_label("Text").press_sequentially("last words")
    expect(page.locator("[data-lock-says]")).to_have_text("Locks in one minute. What you typed is kept.")
    page.wait_for_url("**/lock")
    assert [(path, fields.get("text")) for path, _, fields in served.asked if path == "/save"] == [
        ("/save", "last words")
    ]
    assert served.asked[-1][2]["typed"] == ""
    assert served.asked[-1][2]["next"] == "/try"


def test_the_lock_takes_along_what_nothing_else_saves(open_page: Visit, served: Served) -> None:
    page = open_page("/try?bare=1")
    page.get_by_label("Text").press_sequentially("last words")
    page.evaluate("document.querySelector('form[data-lock]').requestSubmit()")
    page.wait_for_url("**/lock")
    typed = served.asked[-1][2]["typed"]
    assert '"path":"/words"' in typed
    assert '["text","last words"]' in typed
    assert "never parked" not in typed


def test_a_touch_takes_the_warning_back(open_page: Visit, served: Served) -> None:
    served.lock_minutes = 1
    page = open_page("/try")
    warning = page.locator("form[data-lock]")
    expect(warning).to_be_visible()
    before = served.times("/here")
    page.get_by_role("button", name="Stay").click()
    assert warning.is_hidden()
    page.wait_for_timeout(300)
    assert served.times("/here") == before + 1


def test_a_signature_is_drawn_or_typed(open_page: Visit) -> None:
    page = open_page("/try")
    pad, path = page.locator(".signpad"), page.locator("[name=signature_path]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 80, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=3)
    page.mouse.up()
    page.mouse.move(box["x"] + 200, box["y"] + 10)
    assert path.input_value().count("L") == 4
    assert set(path.input_value()) <= set("ML0123456789. ")
    page.get_by_role("button", name="Draw again").click()
    assert path.input_value() == ""
    page.get_by_label("Your name, typed").fill("A B")
    expect(page.locator(".sign-typed")).to_have_text("A B")


def test_minutes_go_up_and_down_by_button_and_key(open_page: Visit) -> None:
    page = open_page("/try")
    field = page.get_by_label("Individual")
    page.get_by_role("button", name="+ 10 minutes, Individual").click()
    assert field.input_value() == "160"
    field.press("ArrowDown")
    field.press("ArrowDown")
    assert field.input_value() == "140"
    field.fill("75.5")
    field.press("ArrowUp")
    assert field.input_value() == "75.5"


def test_single_keys_follow_links_but_never_while_typing(open_page: Visit) -> None:
    page = open_page("/try")
    page.get_by_label("Individual").press("?")
    page.wait_for_timeout(200)
    assert page.url.endswith("/try")
    page.get_by_role("heading", name="Try").click()
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/hours.index")


def test_a_part_is_fetched_with_the_token_under_the_policy(open_page: Visit, served: Served) -> None:
    page = open_page("/try")
    page.get_by_role("button", name="Fetch").click()
    expect(page.locator("#arrived .state")).to_have_text("Closed")
    assert page.locator("#arrived use").count() == 0
    assert served.asked[-1][1]["X-Csrftoken"]


def test_colours_change_at_once_and_are_sent(open_page: Visit, served: Served) -> None:
    page = open_page("/try")
    page.get_by_text("Dark", exact=True).click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    expect(page.locator("[data-theme-form] [role=status]")).to_have_text("kept")
    assert served.asked[-1][2]["theme"] == "dark"

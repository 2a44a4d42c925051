"""Pages of failure say what to do and give back what was typed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from supervise.accounts.models import Person
from supervise.core.actor import Role
from supervise.core.errors import Conflict, Forbidden, NotFound, Refused, Unavailable
from supervise.core.uow import unit_of_work
from supervise.web.guard import public
from tests.factories import Factory

TEXT = "Four lines of a vignette\nthat took an hour <to> write"
ERRORS: dict[str, Exception] = {
    "refused": Refused("The case is closed. Reopen it with a reason."),
    "conflict": Conflict("Someone saved before you."),
    "forbidden": Forbidden("Only the author does this."),
    "missing": NotFound(),
    "unavailable": Unavailable("The engine is not available."),
    "database": OperationalError("SELECT secret", {}, Exception("a name")),
}
STATUS = {
    "refused": 422,
    "conflict": 409,
    "forbidden": 403,
    "missing": 404,
    "unavailable": 503,
    "database": 503,
}


@pytest.fixture
def app(app: Flask) -> Flask:
    @app.post("/fails/<how>")
    @public("a view of this test")
    def fails(how: str) -> Any:
        raise ERRORS[how]

    @app.post("/surprises")
    @public("a view of this test")
    def surprises() -> Any:
        raise RuntimeError("Jordan Lee, born 4 May")

    return app


@pytest.mark.parametrize("how", ERRORS)
def test_what_was_typed_is_on_the_page(app: Flask, make: Factory, how: str) -> None:
    client = make.client(make.person(make.organisation(), Role.SUPERVISEE))
    typed = {
        "body": TEXT,
        "minutes": "45",
        "version": "7001",
        "password": "a password that nobody may see again",
        "signature_path": "M0 0 L10 10 L20 20 L30",
        "came_01hzzzzzzzzzzzzzzzzzzzzzzz": "1",
        "setting": "01hzzzzzzzzzzzzzzzzzzzzzzz",
    }
    answer = client.post(f"/fails/{how}", data=typed)
    assert answer.status_code == STATUS.get(how, 503)
    assert "Four lines of a vignette\nthat took an hour &lt;to&gt; write" in answer.text
    assert 'value="45" readonly' in answer.text, "short words as well"
    assert 'data-copy-from="typed-1"' in answer.text
    assert "Perhaps it is not saved" in answer.text, "nobody knows here what was"
    assert "01hzzz" not in answer.text
    assert "7001" not in answer.text
    assert "nobody may see again" not in answer.text
    assert "M0 0 L10" not in answer.text
    assert "SELECT" not in answer.text


def test_of_two_savers_the_second_is_told_and_keeps_even_short_words(app: Flask, make: Factory) -> None:
    someone = make.person(make.organisation(), Role.SUPERVISEE)

    @app.post("/people/here/name")
    @public("a view of this test")
    def rename() -> Any:
        with unit_of_work(someone) as work:
            row = work.session.get_one(Person, someone.person_id)
            work.session.execute(text("UPDATE people SET version = version + 1"))
            row.name = "Ann"
        return ""

    answer = make.client(someone).post("/people/here/name", data={"name": "Ann"})
    assert answer.status_code == 409
    assert "while you were writing" in answer.text
    assert 'value="Ann" readonly' in answer.text
    assert make.get(Person, someone.person_id).name == someone.name  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "back"), [("/cases/x/edit", "/cases/x/edit"), ("/cases/x/screen", "/cases/x"), ("/fails/x", "")]
)
def test_a_failed_form_leads_back_to_its_page(app: Flask, make: Factory, path: str, back: str) -> None:
    app.view_functions[app.url_map.bind("").match(path, method="POST")[0]] = lambda **_: _fail()
    answer = make.client(make.person(make.organisation(), Role.SUPERVISEE)).post(path, data={"body": TEXT})
    assert answer.status_code == 503
    assert ("Back to where you wrote" in answer.text) == bool(back)
    assert not back or f'href="{back}"' in answer.text


def _fail() -> Any:
    raise Unavailable("The engine is not available.")


def test_an_expired_form_gives_the_words_back(app: Flask, make: Factory) -> None:
    client = make.client(make.person(make.organisation(), Role.SUPERVISEE), csrf=True)
    answer = client.post("/fails/refused", data={"body": TEXT})
    assert answer.status_code == 400
    assert "that took an hour" in answer.text


def test_a_surprise_tells_a_reference_and_nothing_else(
    app: Flask, make: Factory, capfd: pytest.CaptureFixture[str]
) -> None:
    client = make.client(make.person(make.organisation(), Role.SUPERVISEE))
    app.testing = False
    answer = client.post("/surprises", data={"body": TEXT})
    assert answer.status_code == 500
    assert "Reference" in answer.text
    assert "What you asked for is perhaps not done" in answer.text, "it may have failed after its work"
    assert "that took an hour" in answer.text
    assert "Jordan" not in answer.text + capfd.readouterr().err


def test_a_page_that_does_not_exist_says_so_to_anyone(app: Flask, make: Factory) -> None:
    assert app.test_client().get("/no/such/page").status_code == 404
    assert make.client(make.person(make.organisation(), Role.ADMIN)).get("/no/such/page").status_code == 404


def test_every_answer_carries_its_headers(app: Flask, make: Factory) -> None:
    for path in ("/sign-in", "/no/such/page", "/static/css/base.css", "/account", "/alive"):
        with app.test_client().get(path) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';"), path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path


def test_a_page_that_could_not_be_shown_can_be_asked_for_again(app: Flask, make: Factory) -> None:
    app.view_functions["cases.index"] = lambda **_: _fail()
    answer = make.client(make.person(make.organisation(), Role.SUPERVISEE)).get("/cases?state=open")
    assert answer.status_code == 503
    assert 'href="/cases?state=open">Try again</a>' in answer.text

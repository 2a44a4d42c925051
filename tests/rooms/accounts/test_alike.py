"""Whoever has no account here is answered like whoever has one: in words, in hashes and in statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from supervise.accounts.models import Person
from supervise.core.actor import Actor, Role, system
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.jobs.handlers import HANDLERS
from supervise.jobs.worker import run_due
from tests.factories import Factory
from tests.rooms.accounts.conftest import PASSWORD, is_in, join, link_in

Open = Callable[[], FlaskClient]
Address = Callable[[Actor], str]
NOBODY = "nobody@test.example"
WARM = "warm@test.example"
JOIN = {
    "name": "Tomás Quiroga",
    "zone": "America/Denver",
    "credential": "LPC",
    "password": "violet ladder compass reed",
}


@dataclass
class Done:
    """What a request made the house do: the calls of the hasher, and each statement as the database got it."""

    hashes: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A demo with mail, so that a reset can be asked for."""
    return settings.model_copy(update={"mail_server": "127.0.0.1"})


@pytest.fixture
def work_done(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Count what is done in a ``with`` block, on the real hasher and the real database."""
    seen = Done()
    for name in ("hash", "verify"):
        real = getattr(PasswordHasher, name)

        def counted(*args: Any, _real: Any = real, _name: str = name, **kwargs: Any) -> Any:
            seen.hashes.append(_name)
            return _real(*args, **kwargs)

        monkeypatch.setattr(PasswordHasher, name, counted)
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: seen.statements.append(statement))

    @contextmanager
    def counting() -> Iterator[Done]:
        done = Done()
        seen.hashes, seen.statements = done.hashes, done.statements
        yield done

    return counting


@pytest.fixture
def known(make: Factory, with_password: Address) -> str:
    """The address of someone who has an account."""
    return with_password(make.person(make.organisation("Elsewhere"), Role.SUPERVISOR))


def alike(
    ask: Callable[[str], TestResponse], known: str, counting: Callable[[], Any], paths: dict[str, str] | None = None
) -> tuple[Done, TestResponse]:
    """Ask for both; compare answers and work; return what was done and answered. ``paths``: links by address."""
    ask(WARM)  # what only the very first request of a process or a network does
    answers, done = [], []
    for email in (known, NOBODY):
        with counting() as seen:
            answers.append(ask(email))
        done.append(seen)
    texts = [
        answer.text.replace((paths or {}).get(email, email), "PATH").replace(email, "X")
        for answer, email in zip(answers, (known, NOBODY), strict=True)
    ]
    assert texts[0] == texts[1]
    assert answers[0].status_code == answers[1].status_code
    assert sorted(answers[0].headers.keys()) == sorted(answers[1].headers.keys())
    assert done[0].hashes == done[1].hashes
    assert done[0].statements == done[1].statements
    return done[0], answers[0]


def test_signing_in(browser: Open, known: str, work_done: Callable[[], Any]) -> None:
    def ask(email: str) -> TestResponse:
        return browser().post("/sign-in", data={"email": email, "password": "not the password"})

    done, answer = alike(ask, known, work_done)
    assert done.hashes == ["verify"]
    assert answer.status_code == 422


def test_signing_in_to_a_disabled_account(browser: Open, known: str, work_done: Callable[[], Any]) -> None:
    """Not even the right password tells that there is such an account."""
    with unit_of_work(system()) as work:
        work.session.scalars(select(Person).where(Person.email == known)).one().disabled_at = work.now

    def ask(email: str) -> TestResponse:
        return browser().post("/sign-in", data={"email": email, "password": PASSWORD})

    done, answer = alike(ask, known, work_done)
    assert done.hashes == ["verify"]
    assert answer.status_code == 422


def test_signing_in_too_often(browser: Open, known: str, work_done: Callable[[], Any]) -> None:
    def ask(email: str) -> TestResponse:
        for _ in range(6):
            answer = browser().post("/sign-in", data={"email": email, "password": "wrong"})
        return answer

    _done, answer = alike(ask, known, work_done)
    assert answer.status_code == 429


def test_asking_for_a_reset(browser: Open, known: str, work_done: Callable[[], Any]) -> None:
    done, answer = alike(lambda email: browser().post("/reset", data={"email": email}), known, work_done)
    assert done.hashes == []
    assert not [statement for statement in done.statements if "people" in statement.lower()], "nobody is looked up"
    assert answer.status_code == 200


def test_what_waits_for_the_worker_does_not_name_the_address(browser: Open, known: str) -> None:
    for email in (known, NOBODY):
        browser().post("/reset", data={"email": email})
    rows = db.session.scalars(select(DueWork)).all()
    assert len(rows) == 2
    assert {row.kind for row in rows} == {"mail.reset_asked"}
    assert "test.example" not in str([row.ids for row in rows])
    only_asked = {"mail.reset_asked": HANDLERS["mail.reset_asked"]}
    assert run_due(only_asked) == 2
    db.session.expire_all()
    kinds = sorted(db.session.scalars(select(DueWork.kind)))
    assert kinds == ["mail.reset", "mail.reset_asked", "mail.reset_asked"]


def test_inviting(browser: Open, make: Factory, known: str, work_done: Callable[[], Any]) -> None:
    """An administrator does not learn who has an account in another organisation."""
    client = make.client(make.person(make.organisation("Tern Street"), Role.ADMIN))

    paths: dict[str, str] = {}

    def ask(email: str) -> TestResponse:
        answer = client.post("/people/invite", data={"email": email, "name": "", "roles": ["clinician"]})
        paths[email] = link_in(answer.text, "/invitations")
        return answer

    _done, answer = alike(ask, known, work_done, paths)
    assert answer.status_code == 200


@pytest.mark.parametrize("signed_in", [False, True], ids=["nobody", "the administrator"])
def test_opening_an_invitation(
    browser: Open, make: Factory, known: str, work_done: Callable[[], Any], signed_in: bool
) -> None:
    """Nor by opening the link, which the administrator sees as well, nor by sending a form that is refused."""
    chief = make.client(make.person(make.organisation("Tern Street"), Role.ADMIN))
    paths = {
        email: link_in(
            chief.post("/people/invite", data={"email": email, "name": "", "roles": ["clinician"]}).text,
            "/invitations",
        )
        for email in (WARM, known, NOBODY)
    }

    def opened(email: str) -> TestResponse:
        return (chief if signed_in else browser()).get(paths[email])

    def refused(email: str) -> TestResponse:
        return (chief if signed_in else browser()).post(paths[email], data=JOIN | {"password": "short"})

    _done, answer = alike(opened, known, work_done, paths)
    assert answer.status_code == 200
    _done, answer = alike(refused, known, work_done, paths)
    assert answer.status_code == 422


def test_joining(browser: Open, make: Factory, known: str, work_done: Callable[[], Any]) -> None:
    """Nor by answering it: one hash, the same words kept, and the same sign-in for someone new and someone known."""
    chief = make.client(make.person(make.organisation("Tern Street"), Role.ADMIN))
    paths = {
        email: link_in(
            chief.post("/people/invite", data={"email": email, "name": "", "roles": ["clinician"]}).text,
            "/invitations",
        )
        for email in (WARM, known, NOBODY)
    }
    clients = {email: browser() for email in paths}

    def answered(email: str) -> TestResponse:
        answer = clients[email].post(paths[email], data=JOIN)
        assert answer.headers["Location"] == f"{paths[email]}/sign-in"
        return answer

    def asked(email: str) -> TestResponse:
        return clients[email].get(f"{paths[email]}/sign-in")

    def refused(email: str) -> TestResponse:
        return clients[email].post(f"{paths[email]}/sign-in", data={"email": email, "password": "not the password"})

    done, answer = alike(answered, known, work_done, paths)
    assert (done.hashes, answer.status_code) == (["hash"], 303)
    assert not [one for one in done.statements if "people.email = " in one], "nobody is looked up"
    _done, answer = alike(asked, known, work_done, paths)
    assert answer.status_code == 200
    done, answer = alike(refused, known, work_done, paths)
    assert (done.hashes, answer.status_code) == (["verify"], 422)
    assert "do not match" in answer.text


def test_joining_as_someone_who_has_an_account(
    browser: Open, make: Factory, known: str, work_done: Callable[[], Any]
) -> None:
    """The password just typed opens nothing, and leaves the invitation for its owner."""
    chief = make.client(make.person(make.organisation("Tern Street"), Role.ADMIN))
    form = {"email": known, "name": "", "roles": ["clinician"]}
    path = link_in(chief.post("/people/invite", data=form).text, "/invitations")
    client = browser()
    assert join(client, path, JOIN).status_code == 422
    assert not is_in(client)
    owner = browser()
    owner.post("/sign-in", data={"email": known, "password": PASSWORD})
    assert owner.post(path).status_code == 303

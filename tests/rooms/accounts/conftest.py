"""A person with a password, and browsers of their own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from supervise.accounts.models import Person
from supervise.accounts.service import hash_password
from supervise.core.actor import Actor, system
from supervise.core.db import db
from supervise.core.uow import unit_of_work

PASSWORD = "gravel teapot lantern moss"


@pytest.fixture(scope="session")
def hashed() -> str:
    """Hashing is slow on purpose, so the tests share one hash."""
    return hash_password(PASSWORD)


@pytest.fixture
def with_password(app: Flask, hashed: str) -> Callable[[Actor], str]:
    """Give an actor the password of the tests; return the address to sign in with."""

    def give(actor: Actor) -> str:
        with unit_of_work(system()) as work:
            person = work.session.get_one(Person, actor.person_id)
            person.password_hash = hashed
            return person.email

    return give


@pytest.fixture
def browser(app: Flask) -> Callable[[], FlaskClient]:
    """Return fresh browsers that send no form tokens."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client


@pytest.fixture
def sign_in(
    browser: Callable[[], FlaskClient], with_password: Callable[[Actor], str]
) -> Callable[[Actor], FlaskClient]:
    """Sign an actor in through the door."""

    def enter(actor: Actor) -> FlaskClient:
        client = browser()
        answer = client.post("/sign-in", data={"email": with_password(actor), "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return enter


def cookie(client: FlaskClient) -> str:
    """Return the secret of the session in a browser."""
    found = client.get_cookie("supervise")
    assert found is not None
    return found.value


def is_in(client: FlaskClient) -> bool:
    """Tell whether the browser is signed in."""
    return client.get("/account").status_code == 200


def link_in(page: str, before: str) -> str:
    """Return the path of the one-time link that a page shows."""
    found = re.search(rf"https?://[^\s\"<]+({before}/[\w-]+)", page)
    assert found, page
    return found.group(1)


def join(client: FlaskClient, path: str, data: dict[str, str]) -> TestResponse:
    """Answer an invitation as someone new: say who one is, then sign in. Return the answer that opened or refused."""
    answer = client.post(path, data=data)
    if answer.status_code != 303:
        return answer
    assert answer.headers["Location"] == f"{path}/sign-in"
    return client.post(f"{path}/sign-in", data={"email": "is fixed", "password": data["password"]})


def fresh(kind: type[Any], key: str) -> Any:
    """Return a row as it is in the database now."""
    db.session.rollback()
    return db.session.get_one(kind, key)

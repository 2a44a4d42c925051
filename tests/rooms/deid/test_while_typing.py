"""Looking over what is typed: places alone, nothing kept, nothing logged, no more than a person needs."""

from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from supervise.core.db import db
from supervise.core.pace import Pace
from supervise.deid.rules.typing import REFUSED
from supervise.flows import look_while_typing as looking
from tests.factories import Factory
from tests.rooms.deid.conftest import BODY, SECRETS, Author

PATH = "/screenings/while-typing"


def places(answer: object) -> list[tuple[int, int, str]]:
    return [tuple(place) for place in answer.get_json()["places"]]  # type: ignore[attr-defined]


def contents() -> dict[str, int]:
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}  # noqa: S608


def test_places_are_those_of_the_text_as_it_was_typed(make: Factory, author: Author) -> None:
    typed = f"😀 **Lucía**   Brandvold wrote.\n\n{BODY}"
    found = places(make.client(author.actor).post(PATH, data={"text": typed}))
    units = typed.encode("utf-16-le")
    words = [(units[2 * start : 2 * end].decode("utf-16-le"), label) for start, end, label in found]
    assert words[0] == ("Lucía**   Brandvold", "NAME")
    assert ("(707) 555-0147", "PHONE") in words
    assert all(first[1] <= second[0] for first, second in pairwise(found))


def test_a_disguise_is_pointed_at(make: Factory, author: Author) -> None:
    found = places(make.client(author.actor).post(PATH, data={"text": "She said M\u0430ria came."}))
    assert [label for _, _, label in found] in ([REFUSED], ["NAME"])


def test_nothing_is_written_and_no_word_is_answered_or_logged(
    make: Factory, author: Author, capfd: pytest.CaptureFixture[str]
) -> None:
    client = make.client(author.actor)
    before = contents()
    answer = client.post(PATH, data={"text": BODY}, headers={"X-Autosave": "1"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    said = answer.get_data(as_text=True) + "".join(capfd.readouterr())
    assert not [word for word in SECRETS if word in said]
    assert contents() == before


def test_a_failing_engine_says_nothing_of_the_text(
    app: Flask, make: Factory, author: Author, capfd: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        def propose(self, canonical: object, allowed: object) -> None:
            raise ValueError(BODY)

    app.extensions["supervise"]._engine = Broken()
    answer = make.client(author.actor).post(PATH, data={"text": "Lucía came."})
    assert answer.status_code == 503
    said = answer.get_data(as_text=True) + "".join(capfd.readouterr())
    assert "Brandvold" not in said


def test_it_needs_its_token_and_a_person_who_writes(make: Factory, author: Author) -> None:
    assert make.client(author.actor, csrf=True).post(PATH, data={"text": "Lucía"}).status_code == 400
    assert make.app.test_client().post(PATH, data={"text": "Lucía"}, headers={"X-CSRFToken": "x"}).status_code >= 400


def test_one_person_cannot_ask_too_much(make: Factory, author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make.client(author.actor)
    assert client.post(PATH, data={"text": "a " * (looking.MOST // 2 + 1)}).status_code == 422
    clock = [0.0]
    monkeypatch.setattr(looking, "_pace", Pace(most=5_000, per_second=1_000, clock=lambda: clock[0]))
    assert client.post(PATH, data={"text": "She came."}).status_code == 200
    assert client.post(PATH, data={"text": "She came."}).status_code == 200
    refused = client.post(PATH, data={"text": "She came."})
    assert (refused.status_code, refused.get_json(), refused.headers["Retry-After"]) == (429, {"places": []}, "2")
    clock[0] = 1.1
    assert client.post(PATH, data={"text": "She came."}).status_code == 200


def test_a_pace_grows_back_and_forgets_whoever_is_at_rest() -> None:
    clock = [0.0]
    pace = Pace(most=10, per_second=1, clock=lambda: clock[0])
    assert pace.take("a", 8) == 0
    assert pace.take("a", 8) == pytest.approx(6)
    assert pace.take("b", 8) == 0, "everyone has a budget of their own"
    clock[0] = 6.0
    assert pace.take("a", 8) == 0
    assert pace.take("a", 40) == pytest.approx(10), "more than the most waits until it is full, and is still refused"

"""Moving to another database: every row, equal by count and hash, and again as often as one likes."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from supervise.accounts.models import Person
from supervise.app import create_app
from supervise.audit.service import verify
from supervise.core import rows
from supervise.core.actor import system
from supervise.core.db import db, prepare_engine
from supervise.core.errors import Conflict, Refused
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.events import SignedOut
from supervise.flows import move_database
from supervise.flows.move_database import move
from tests.world import World

Full = tuple[Flask, World]


@pytest.fixture
def target(elsewhere: Settings) -> Iterator[Engine]:
    engine = create_engine(elsewhere.database)
    prepare_engine(engine)
    yield engine
    engine.dispose()


def test_everything_is_there_and_people_go_on(full: Full, target: Engine, elsewhere: Settings) -> None:
    db.session.remove()
    sums = move(db.engine, target)
    assert sums == rows.sums_of(db.engine, rows.columns())
    assert sum(one.count for one in sums.values()) > 500
    assert sums["posts"].count > 0
    assert rows.problems_of(target) == []
    person = full[1].people["author"]
    again = create_app(elsewhere)
    with again.app_context():
        assert db.session.get_one(Person, person.person_id).name == person.name
        before = len(verify(db.session()))
        with unit_of_work(system()) as work:  # numbers that the database gives out go on
            work.emit(SignedOut("", "after"))
        assert (before, len(verify(db.session()))) == (0, 0)
        with pytest.raises(Exception, match=r"audit rows are n(ot|either)"), db.engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_rows"))
        db.session.remove()
        db.engine.dispose()
    db.session.remove()
    with pytest.raises(Refused, match="people work there"):
        move(db.engine, target, replace=True)


def test_it_can_be_repeated(full: Full, target: Engine) -> None:
    db.session.remove()
    first = move(db.engine, target)
    with pytest.raises(Refused, match="--replace"):
        move(db.engine, target)
    with unit_of_work(system()) as work:
        work.emit(SignedOut("", "meanwhile"))
    db.session.remove()
    second = move(db.engine, target, replace=True)
    assert second["audit_rows"].count == first["audit_rows"].count + 1
    assert {name for name in first if first[name] != second[name]} == {"audit_rows"}


def test_what_is_written_meanwhile_is_said(full: Full, target: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_then_compare(engine: Engine, shape: dict[str, list[str]]) -> rows.Sums:
        if engine is target:
            with unit_of_work(system()) as work:
                work.emit(SignedOut("", "late"))
            db.session.remove()
        return sums_of(engine, shape)

    sums_of = rows.sums_of
    monkeypatch.setattr(move_database.rows, "sums_of", write_then_compare)
    db.session.remove()
    with pytest.raises(Conflict, match="audit_rows"):
        move(db.engine, target)


def test_a_move_that_is_cut_off_leaves_nothing(full: Full, target: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*arguments: object) -> object:
        for number, row in enumerate(read(*arguments)):
            if number == 300:
                raise ConnectionError("cut off")
            yield row

    read = rows.read
    monkeypatch.setattr(move_database.rows, "read", breaks)
    db.session.remove()
    with pytest.raises(ConnectionError):
        move(db.engine, target)
    assert rows.is_empty(target)
    monkeypatch.setattr(move_database.rows, "read", read)
    move(db.engine, target)


@pytest.mark.postgres
def test_sqlite_to_postgres_and_back(
    full: Full, target: Engine, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With ``--store=postgres``: a file as the place between two servers."""
    between = create_engine(f"sqlite:///{tmp_path_factory.mktemp('between') / 'moved.sqlite'}")
    prepare_engine(between)
    db.session.remove()
    assert db.engine.dialect.name == target.dialect.name == "postgresql", postgres_url
    assert move(db.engine, between) == move(between, target) == rows.sums_of(db.engine, rows.columns())
    assert rows.problems_of(between) == []
    between.dispose()

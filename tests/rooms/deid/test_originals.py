"""Originals at rest: unreadable in the database, bound to their row, and gone when their time has come."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine, text

from supervise.core.actor import system
from supervise.core.crypto import Keyring, Tampered, WeeklyKeys, decrypt
from supervise.core.db import db
from supervise.core.errors import Refused, Unavailable
from supervise.core.ids import new_id
from supervise.core.installation import installation
from supervise.core.uow import unit_of_work
from supervise.deid import originals, queries, service
from supervise.deid.rules.weeks import ends, is_over, key_name, week
from tests.rooms.deid.conftest import FIELDS, SECRETS, Author

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as travel:
        yield travel


def destroy() -> int:
    """Run the hourly work twice, as the worker does: what one run frees, the next destroys."""
    done = 0
    for _ in range(2):
        with unit_of_work(system()) as work:
            done += service.destroy_due(work)
    return done


def test_no_identifier_lies_in_the_database_in_clear(app: Flask, author: Author) -> None:
    if db.engine.dialect.name != "sqlite":
        with db.engine.connect() as connection:
            for query in ("SELECT * FROM originals", "SELECT * FROM screenings"):
                rows = str(connection.execute(text(query)).all())
                assert not any(secret in rows for secret in SECRETS)
        return
    screening_id = author.screened()
    author.add(screening_id, "volcanoes")
    author.accept_rest(screening_id)
    folder = installation().settings.data_dir
    files = [path for path in folder.glob("supervise.sqlite*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    for path in files:
        data = path.read_bytes()
        for secret in (*SECRETS, "volcanoes"):
            assert secret.encode() not in data, (path.name, secret)


def test_swapped_rows_do_not_open(author: Author) -> None:
    first = author.subject
    author.save()
    author.subject = f"post:{new_id()}"
    author.save({"body": "Another one"})
    a, b = (queries.original_of(db.session(), subject) for subject in (first, author.subject))
    assert a is not None
    assert b is not None
    a.sealed, b.sealed = b.sealed, a.sealed
    for row in (a, b):
        with pytest.raises(Tampered):
            originals.unseal(row)
    db.session.rollback()


def test_a_changed_subject_or_key_name_does_not_open(author: Author) -> None:
    author.save()
    row = queries.original_of(db.session(), author.subject)
    assert row is not None
    assert row.sealed is not None
    row.sealed = row.sealed.replace(row.kid, row.kid.replace("draft", "until"))
    with pytest.raises(Tampered):
        originals.unseal(row)
    db.session.rollback()


def test_a_backup_from_before_cannot_be_opened_after(
    tmp_path: Path, author: Author, clock: time_machine.Traveller
) -> None:
    """A backup holds the database and the keyring without the weekly keys; what is left are the keys that remain."""
    subject = author.subject
    author.confirmed()
    author.release()
    keys = installation().settings.keys
    backup = tmp_path / "backup"
    shutil.copytree(keys, backup / "keys", ignore=shutil.ignore_patterns("weekly"))
    if db.engine.dialect.name == "sqlite":
        copy_database(backup / "copy.sqlite")
    row = queries.original_of(db.session(), subject)
    assert row is not None
    sealed, kid, place = str(row.sealed), row.kid, f"originals|{row.id}|{row.subject}"
    assert b"Tavian" in decrypt(installation().weekly.get(kid), sealed, place)
    db.session.rollback()

    clock.move_to(MONDAY + timedelta(days=7, minutes=1))
    assert destroy() == 1
    assert kid in installation().weekly.names(), "its week is not over yet"
    clock.move_to(MONDAY + timedelta(days=14))
    destroy()
    assert kid not in installation().weekly.names()

    remaining = [*Keyring.open(backup / "keys").keys.values(), *Keyring.open(keys).keys.values()]
    weekly = WeeklyKeys(keys / "weekly")
    remaining += [weekly.get(name) for name in weekly.names()]
    for key in remaining:
        with pytest.raises(Tampered):
            decrypt(key, sealed, place)
    if db.engine.dialect.name == "sqlite":
        stored = create_engine(f"sqlite:///{backup / 'copy.sqlite'}")
        with stored.connect() as connection:
            assert connection.execute(text("SELECT sealed FROM originals")).scalar_one() == sealed
        stored.dispose()


def copy_database(path: Path) -> None:
    with closing(sqlite3.connect(str(db.engine.url.database))) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))


def test_the_key_of_a_draft_goes_once_it_is_released(author: Author, clock: time_machine.Traveller) -> None:
    author.confirmed()
    assert installation().weekly.names() == ["draft-2026-W47"]
    author.release()
    assert sorted(installation().weekly.names()) == ["draft-2026-W47", "until-2026-W48"]
    clock.move_to(MONDAY + timedelta(days=7))
    destroy()
    assert installation().weekly.names() == ["until-2026-W48"]


def test_screening_work_lives_and_dies_with_its_original(author: Author, clock: time_machine.Traveller) -> None:
    screening_id = author.confirmed()
    author.release()
    assert author.row(screening_id).kid == "until-2026-W48"
    clock.move_to(MONDAY + timedelta(days=8))
    destroy()
    assert author.row(screening_id).work_sealed is None
    with pytest.raises(Unavailable):
        author.work(screening_id)
    assert service.read_original(db.session(), author.subject, author.actor) == {}


def test_an_old_draft_moves_to_a_new_key_and_stays_readable(author: Author, clock: time_machine.Traveller) -> None:
    screening_id = author.screened()
    clock.move_to(MONDAY + timedelta(days=30))
    destroy()
    assert installation().weekly.names() == [f"draft-{week(MONDAY + timedelta(days=30))}"]
    found = service.read_original(db.session(), author.subject, author.actor)
    assert service.reveal(found["body"], author.actor, author.actor.person_id) == FIELDS["body"]
    author.accept_rest(screening_id)
    author.confirm(screening_id)
    author.release()


def test_a_legal_hold_stops_destruction_and_lifting_it_ends_it(author: Author, clock: time_machine.Traveller) -> None:
    screening_id = author.confirmed()
    author.release()
    with unit_of_work(system()) as work:
        service.hold(work, author.subject, True)
    clock.move_to(MONDAY + timedelta(days=60))
    assert destroy() == 0
    assert installation().weekly.names() == ["hold-2026-W47"]
    assert author.work(screening_id)
    with pytest.raises(Refused), unit_of_work(author.actor) as work:
        service.discard(work, author.subject)
    with unit_of_work(system()) as work:
        service.hold(work, author.subject, False)
    assert destroy() == 1
    clock.move_to(MONDAY + timedelta(days=70))
    destroy()
    assert installation().weekly.names() == []


def test_a_row_that_cannot_be_opened_keeps_nothing_else_alive(author: Author, clock: time_machine.Traveller) -> None:
    author.save()
    broken = author.subject
    author.subject = f"post:{new_id()}"
    author.confirmed()
    author.release()
    with unit_of_work(system()) as work:
        row = queries.original_of(work.session, broken)
        assert row is not None
        row.sealed = f"{row.sealed}x"
    clock.move_to(MONDAY + timedelta(days=8))
    assert destroy() == 1


def test_text_can_be_written_again_after_its_key_was_lost(author: Author) -> None:
    screening_id = author.screened()
    for name in installation().weekly.names():
        installation().weekly.destroy(name)
    author.save(FIELDS)
    assert service.read_original(db.session(), author.subject, author.actor)
    assert author.row(screening_id).state == "void"
    assert author.screened() == screening_id


def test_a_transaction_rolled_back_loses_no_key(author: Author, clock: time_machine.Traveller) -> None:
    author.save()
    clock.move_to(MONDAY + timedelta(days=20))

    def fail() -> None:
        with unit_of_work(system()) as work:
            service.destroy_due(work)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert service.read_original(db.session(), author.subject, author.actor)


def test_weeks_have_names_and_ends() -> None:
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    assert week(new_year) == "2026-W53"
    assert key_name(new_year, None, held=False) == "draft-2026-W53"
    assert key_name(new_year, new_year + timedelta(days=7), held=False) == "until-2027-W01"
    assert key_name(new_year, new_year - timedelta(days=70), held=False) == "until-2026-W53"
    assert key_name(new_year, new_year, held=True) == "hold-2026-W53"
    assert ends("draft-2026-W53") == datetime(2027, 1, 4, 1, tzinfo=UTC)
    assert not is_over("draft-2026-W53", datetime(2027, 1, 4, tzinfo=UTC))

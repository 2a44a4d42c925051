"""Backups: whole while people write, unreadable without the keyring, and restored onto an empty place."""

import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine, select, text

from supervise.accounts.models import Person, SignIn
from supervise.app import create_app
from supervise.audit.service import verify, write_head
from supervise.cli.backup import restore_and_check
from supervise.core import archive, rows
from supervise.core.actor import system
from supervise.core.archive import BrokenArchive
from supervise.core.clock import now
from supervise.core.crypto import KeyDestroyed, Keyring, KeyringMissing, Tampered, WeeklyKeys, decrypt
from supervise.core.db import db, prepare_engine
from supervise.core.installation import installation
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.deid.models import Original
from supervise.deid.service import destroy_due
from supervise.events import SignedOut
from supervise.flows.back_up import Backup, NotEmpty, back_up, check, restore
from tests.factories import Factory
from tests.world import CANARY, WORDS, World

Full = tuple[Flask, World]


def made(full: Full, target: Path) -> Backup:
    settings = full[0].extensions["supervise"].settings
    db.session.remove()
    write_head(db.session(), settings.data_dir / "audit-heads", installation().keyring)
    db.session.remove()
    return back_up(db.engine, settings.data_dir / "audit-heads", Keyring.open(settings.keys), target)


def test_the_drill(full: Full, tmp_path: Path, elsewhere: Settings) -> None:
    """Empty place: rows, pages, foreign keys, audit and heads, an original opened, a person signed in."""
    app, world = full
    person = world.people["author"]
    password = Factory(app).password(person)
    Factory(app).client(person)
    backup = made(full, tmp_path / "b.supervise")
    assert backup.count > 500
    restored, problems = restore_and_check(tmp_path / "b.supervise", elsewhere)
    assert problems == []
    assert restored.sums == backup.sums
    again = create_app(elsewhere)
    with again.app_context():
        assert not db.session.scalars(select(SignIn).where(SignIn.revoked_at.is_(None))).all()
        heads = elsewhere.data_dir / "audit-heads"
        assert sorted(path.name for path in heads.iterdir())
        assert verify(db.session(), heads, Keyring.open(elsewhere.keys)) == []
        row = db.session.scalars(select(Original).where(Original.sealed.is_not(None))).first()
        assert row is not None
        key = installation().weekly.get(row.kid)
        assert decrypt(key, str(row.sealed), f"originals|{row.id}|{row.subject}")
        email = db.session.get_one(Person, person.person_id).email
        again.config["WTF_CSRF_ENABLED"] = False
        db.session.remove()
        answer = again.test_client().post("/sign-in", data={"email": email, "password": password})
        assert answer.status_code == 303, answer.text
        db.session.remove()
        db.engine.dispose()


def test_whole_while_people_write(full: Full, tmp_path: Path, elsewhere: Settings) -> None:
    """Each unit of work writes rows to several tables; a backup has all of one or none of it."""
    app, _ = full
    stop, written = threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                with unit_of_work(system()) as work:
                    work.due("test.nothing", work.now, {}, dedupe_key=f"both@{len(written)}")
                    work.emit(SignedOut("", f"both{len(written)}"))
                written.append(1)
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backups = [made(full, tmp_path / f"{number}.supervise") for number in range(4)]
    finally:
        stop.set()
        writer.join()
    assert written
    assert backups[-1].sums["due_work"].count > backups[0].sums["due_work"].count
    _, problems = restore_and_check(tmp_path / "3.supervise", elsewhere)
    assert problems == []
    engine = create_engine(elsewhere.database)
    with engine.connect() as connection:
        due = connection.execute(text("SELECT count(*) FROM due_work WHERE kind = 'test.nothing'")).scalar_one()
        said = connection.execute(text("SELECT count(*) FROM audit_rows WHERE object_id LIKE 'both%'")).scalar_one()
    engine.dispose()
    assert due == said > 0


def test_nothing_can_be_read_without_the_keyring(full: Full, tmp_path: Path, elsewhere: Settings) -> None:
    path = tmp_path / "b.supervise"
    made(full, path)
    assert path.stat().st_mode & 0o077 == 0
    data = path.read_bytes().decode("latin-1").lower()
    assert not CANARY.search(data)
    assert not [word for word in (*WORDS, "cedar", "@test.example") if word in data]
    with pytest.raises(KeyringMissing, match="No usable keyring"):
        Keyring.open(tmp_path / "lost")
    (tmp_path / "other").mkdir()
    other = Keyring.create(tmp_path / "other")
    with pytest.raises(BrokenArchive, match="another key"):
        check(path, other)
    named = other.folder / "keyring.json"
    named.write_text(named.read_text().replace('"m1"', '"m7"'))
    engine = create_engine(elsewhere.database)
    prepare_engine(engine)
    with pytest.raises(KeyringMissing, match="'m1'"):
        restore(path, Keyring.open(other.folder), engine, tmp_path / "heads")
    assert rows.is_empty(engine)
    engine.dispose()


def test_a_changed_or_cut_backup_is_refused_and_leaves_nothing(
    full: Full, tmp_path: Path, elsewhere: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "PIECE", 4096)  # several pieces, so that a cut between two is one too
    path = tmp_path / "b.supervise"
    made(full, path)
    keyring, data = installation().keyring, path.read_bytes()
    assert check(path, keyring).count > 500
    begins = len(archive.MAGIC) + data[len(archive.MAGIC) :].index(b"\n") + 1
    piece = 4 + int.from_bytes(data[begins : begins + 4], "big")
    bent = {
        "bit": data[: begins + 100] + bytes([data[begins + 100] ^ 1]) + data[begins + 101 :],
        "cut within": data[:-100],
        "cut between": data[: begins + piece],
        "swapped": data[:begins]
        + data[begins + piece : begins + 2 * piece]
        + data[begins : begins + piece]
        + data[begins + 2 * piece :],
        "header": data.replace(b'"key": "m1"', b'"key": "m1","x":"y"', 1),
        "empty": b"",
    }
    engine = create_engine(elsewhere.database)
    prepare_engine(engine)
    for name, content in bent.items():
        path.write_bytes(content)
        with pytest.raises(BrokenArchive):
            restore(path, keyring, engine, tmp_path / "heads")
        assert rows.is_empty(engine), name
    engine.dispose()


def test_nothing_is_overwritten(full: Full, tmp_path: Path) -> None:
    path = tmp_path / "b.supervise"
    made(full, path)
    with pytest.raises(FileExistsError):
        made(full, path)
    with pytest.raises(NotEmpty):
        restore(path, installation().keyring, db.engine, tmp_path / "heads")


def test_what_was_destroyed_stays_destroyed_in_a_backup_from_before(
    full: Full, tmp_path: Path, elsewhere: Settings
) -> None:
    """With every key that a backup may contain, and with every key that is left afterwards."""
    keys = installation().settings.keys
    live = [row for row in db.session.scalars(select(Original).where(Original.sealed.is_not(None))) if not row.held]
    doomed = next(row for row in live if row.destroy_at is not None)
    doomed_id, kid, place = doomed.id, doomed.kid, f"originals|{doomed.id}|{doomed.subject}"
    made(full, tmp_path / "before.supervise")
    shutil.copytree(keys, tmp_path / "kept", ignore=shutil.ignore_patterns("weekly"))
    with time_machine.travel(now() + timedelta(days=60)):
        for _ in range(2):  # what one run frees, the next destroys
            with unit_of_work(system()) as work:
                destroy_due(work)
    assert kid not in installation().weekly.names()
    _, problems = restore_and_check(tmp_path / "before.supervise", elsewhere)
    assert problems == []
    engine = create_engine(elsewhere.database)
    with engine.connect() as connection:
        query = text("SELECT sealed FROM originals WHERE id = :id")
        sealed = connection.execute(query, {"id": doomed_id}).scalar_one()
    engine.dispose()
    weekly = WeeklyKeys(keys / "weekly")
    with pytest.raises(KeyDestroyed):
        weekly.get(kid)
    left = [*Keyring.open(tmp_path / "kept").keys.values(), *Keyring.open(keys).keys.values()]
    left += [weekly.get(name) for name in weekly.names()]
    left += [path.read_bytes()[:32].ljust(32) for path in (tmp_path / "kept").glob("*.sealed")]
    assert len(left) > 2
    for key in left:
        with pytest.raises(Tampered):
            decrypt(key, sealed, place)

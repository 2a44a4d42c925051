"""Each attack on the chain is done for real, with the rights of someone who has the database; the row is named."""
# ruff: noqa: S608 - the SQL is an attacker's

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from supervise.audit.models import AuditRow
from supervise.audit.rules import START, canonical, row_hash
from supervise.audit.service import record_read, verify, write_head
from supervise.core.actor import Actor, Role, system
from supervise.core.crypto import Keyring
from supervise.core.db import WRITES, db, prepare_engine
from supervise.core.installation import installation
from supervise.core.uow import unit_of_work
from supervise.events import CaseRead, CaseReleased, RolesChanged
from supervise.schema import upgrade
from tests.factories import Factory

Raw = Callable[..., None]


@pytest.fixture
def actor(make: Factory) -> Actor:
    return make.person(make.organisation(), Role.SUPERVISOR)


@pytest.fixture
def chain(actor: Actor) -> Actor:
    """Ten rows in the chain of the actor's organisation."""
    for number in range(10):
        record_read(actor, CaseRead(actor.org_id, f"case{number}", "group"))
    return actor


@pytest.fixture
def raw(app: Flask) -> Raw:
    """Run SQL as an attacker does who has the database: the triggers are dropped first."""

    def run(*statements: str, **values: object) -> None:
        db.session.rollback()
        with db.engine.connect().execution_options(**WRITES) as connection, connection.begin():
            if db.engine.dialect.name == "sqlite":
                connection.execute(text("DROP TRIGGER IF EXISTS audit_rows_no_update"))
                connection.execute(text("DROP TRIGGER IF EXISTS audit_rows_no_delete"))
            else:
                connection.execute(text("ALTER TABLE audit_rows DISABLE TRIGGER USER"))
            for statement in statements:
                connection.execute(text(statement), values)
            if db.engine.dialect.name != "sqlite":
                connection.execute(text("ALTER TABLE audit_rows ENABLE TRIGGER USER"))

    return run


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    return tmp_path / "audit-heads"


def first_bad(org_id: str, **kwargs: object) -> tuple[int, str]:
    db.session.rollback()
    problems = [problem for problem in verify(db.session(), **kwargs) if problem.org_id == org_id]  # type: ignore[arg-type]
    assert problems, "nothing was noticed"
    return problems[0].seq, problems[0].what


def keyring() -> Keyring:
    return installation().keyring


def test_an_untouched_chain_is_whole(chain: Actor) -> None:
    rows = db.session.scalars(select(AuditRow).where(AuditRow.org_id == chain.org_id).order_by(AuditRow.seq)).all()
    assert [row.seq for row in rows] == list(range(1, 11))
    assert rows[0].previous == START
    assert (rows[3].action, rows[3].object_type, rows[3].object_id) == ("CaseRead", "case", "case3")
    assert (rows[3].actor_id, rows[3].details) == (chain.person_id, {"basis": "group"})
    assert verify(db.session()) == []


def test_the_hash_of_a_row_never_changes() -> None:
    """Pinned: another way of hashing would make every chain in the world look forged."""
    made = row_hash(
        org_id="o", seq=1, at=datetime(2026, 1, 5, 12, tzinfo=UTC), actor_id="p", session_id=None, action="CaseRead",
        object_type="case", object_id="c", details={"basis": "gruppe ü"}, previous=START,
    )  # fmt: skip
    assert made == "e9b64518f84a60d5cb8411dc10314c23bf8268fb73e2d60d38f4475eed874a6d"


def test_each_organisation_has_a_chain_of_its_own(chain: Actor, make: Factory) -> None:
    other = make.person(make.organisation(), Role.SUPERVISOR)
    record_read(other, CaseRead(other.org_id, "case0", "peer"))
    assert db.session.scalars(select(AuditRow.seq).where(AuditRow.org_id == other.org_id)).all() == [1]
    assert verify(db.session()) == []


def test_a_change_that_fails_leaves_no_row(chain: Actor) -> None:
    def fail() -> None:
        with unit_of_work(chain) as work:
            work.emit(CaseReleased(chain.org_id, "case1", "1"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(db.session.scalars(select(AuditRow)).all()) == 10


def test_several_events_of_one_change_follow_each_other(chain: Actor) -> None:
    with unit_of_work(chain) as work:
        for number in range(3):
            work.emit(RolesChanged(chain.org_id, f"person{number}", "clinician"))
    assert verify(db.session()) == []


def test_only_events_of_the_catalogue_are_recorded(actor: Actor) -> None:
    with pytest.raises(TypeError), unit_of_work(actor) as work:
        work.emit("something happened")


@pytest.mark.parametrize("statement", ["UPDATE audit_rows SET actor_id = 'x'", "DELETE FROM audit_rows"])
def test_the_database_refuses_to_change_rows(chain: Actor, statement: str) -> None:
    db.session.rollback()
    with pytest.raises(DBAPIError), db.engine.connect().execution_options(**WRITES) as connection, connection.begin():
        connection.execute(text(statement))
    assert verify(db.session()) == []


def test_a_database_made_by_the_migrations_refuses_too(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.sqlite'}")
    prepare_engine(engine)
    upgrade(engine)
    with engine.connect() as connection:
        triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    engine.dispose()
    assert {"audit_rows_no_update", "audit_rows_no_delete"} <= {*triggers}


@pytest.mark.parametrize(
    "change",
    ["actor_id = 'someone'", "action = 'CaseReleased'", "object_id = 'case9'", "object_type = 'post'",
     "session_id = 's'",
     "details = '{\"basis\": \"supervisor\"}'", "at = '2020-01-01 00:00:00.000000'", "hash = previous"],
)  # fmt: skip
def test_an_edited_row_is_named(chain: Actor, raw: Raw, change: str) -> None:
    raw(f"UPDATE audit_rows SET {change} WHERE seq = 4 AND org_id = :org", org=chain.org_id)
    assert first_bad(chain.org_id)[0] == 4


def test_a_deleted_row_is_named(chain: Actor, raw: Raw) -> None:
    raw("DELETE FROM audit_rows WHERE seq = 4 AND org_id = :org", org=chain.org_id)
    seq, what = first_bad(chain.org_id)
    assert seq == 4
    assert "missing" in what


def test_a_deleted_row_is_named_when_the_others_move_up(chain: Actor, raw: Raw) -> None:
    raw(
        "DELETE FROM audit_rows WHERE seq = 4 AND org_id = :org",
        *(f"UPDATE audit_rows SET seq = {n - 1} WHERE seq = {n} AND org_id = :org" for n in range(5, 11)),
        org=chain.org_id,
    )
    assert first_bad(chain.org_id)[0] == 4


def test_an_inserted_row_is_named(chain: Actor, raw: Raw) -> None:
    columns = "org_id, seq, at, actor_id, session_id, action, object_type, object_id, details, previous, hash"
    raw(
        *(f"UPDATE audit_rows SET seq = {n + 1} WHERE seq = {n} AND org_id = :org" for n in range(10, 3, -1)),
        f"INSERT INTO audit_rows ({columns}) SELECT org_id, 4, at, actor_id, session_id, action, object_type, 'case77',"
        " details, hash, hash FROM audit_rows WHERE seq = 3 AND org_id = :org",
        org=chain.org_id,
    )
    assert first_bad(chain.org_id)[0] == 4


def test_two_rows_that_changed_places_are_named(chain: Actor, raw: Raw) -> None:
    raw(
        "UPDATE audit_rows SET seq = 999 WHERE seq = 4 AND org_id = :org",
        "UPDATE audit_rows SET seq = 4 WHERE seq = 7 AND org_id = :org",
        "UPDATE audit_rows SET seq = 7 WHERE seq = 999 AND org_id = :org",
        org=chain.org_id,
    )
    assert first_bad(chain.org_id)[0] == 4


def test_a_row_moved_to_another_organisation_is_named(chain: Actor, make: Factory, raw: Raw) -> None:
    other = make.organisation()
    raw(
        "UPDATE audit_rows SET org_id = :other, seq = 1 WHERE seq = 10 AND org_id = :org",
        org=chain.org_id,
        other=other.id,
    )
    assert first_bad(other.id)[0] == 1


def test_heads_are_written_when_a_chain_has_grown(chain: Actor, heads: Path) -> None:
    assert write_head(db.session(), heads, keyring()) == 1
    assert write_head(db.session(), heads, keyring()) == 0
    record_read(chain, CaseRead(chain.org_id, "case1", "group"))
    assert write_head(db.session(), heads, keyring()) == 1
    path = heads / f"{chain.org_id}.jsonl"
    assert [json.loads(line)["seq"] for line in path.read_text().splitlines()] == [10, 11]
    assert path.stat().st_mode & 0o077 == 0
    assert verify(db.session(), heads, keyring()) == []


def test_a_cut_tail_is_noticed_by_the_head_alone(chain: Actor, heads: Path, raw: Raw) -> None:
    write_head(db.session(), heads, keyring())
    raw("DELETE FROM audit_rows WHERE seq > 7 AND org_id = :org", org=chain.org_id)
    db.session.rollback()
    assert verify(db.session()) == []
    seq, what = first_bad(chain.org_id, folder=heads, keyring=keyring())
    assert seq == 7
    assert "row 10 was signed" in what


def test_a_chain_whose_rows_are_all_gone_is_noticed(chain: Actor, heads: Path, raw: Raw) -> None:
    write_head(db.session(), heads, keyring())
    raw("DELETE FROM audit_rows")
    assert first_bad(chain.org_id, folder=heads, keyring=keyring())[0] == 0


def test_an_older_database_put_back_is_noticed_also_after_new_rows(chain: Actor, heads: Path, raw: Raw) -> None:
    write_head(db.session(), heads, keyring())
    raw("DELETE FROM audit_rows WHERE seq > 7 AND org_id = :org", org=chain.org_id)  # what a backup of then holds
    for number in range(5):
        record_read(chain, CaseRead(chain.org_id, f"other{number}", "group"))
    assert verify(db.session()) == []
    seq, what = first_bad(chain.org_id, folder=heads, keyring=keyring())
    assert seq == 10
    assert "not the one that was signed" in what


def rewrite(org_id: str, raw: Raw) -> None:
    """Change row 4 and compute every hash after it anew, as someone does who has read our source."""
    rows = db.session.scalars(select(AuditRow).where(AuditRow.org_id == org_id).order_by(AuditRow.seq)).all()
    previous, changes = START, []
    for row in rows:
        actor_id = "someone" if row.seq == 4 else row.actor_id
        new = row_hash(
            org_id=row.org_id, seq=row.seq, at=row.at, actor_id=actor_id, session_id=row.session_id, action=row.action,
            object_type=row.object_type, object_id=row.object_id, details=row.details, previous=previous,
        )  # fmt: skip
        changes.append(
            f"UPDATE audit_rows SET actor_id = '{actor_id}', previous = '{previous}', hash = '{new}' "
            f"WHERE id = {row.id}"
        )
        previous = new
    raw(*changes)


def test_a_chain_written_anew_is_noticed_by_the_head(chain: Actor, heads: Path, raw: Raw) -> None:
    write_head(db.session(), heads, keyring())
    rewrite(chain.org_id, raw)
    assert verify(db.session()) == []
    assert first_bad(chain.org_id, folder=heads, keyring=keyring())[0] == 10


def test_a_forged_head_is_noticed(chain: Actor, heads: Path, raw: Raw, tmp_path: Path) -> None:
    write_head(db.session(), heads, keyring())
    path = heads / f"{chain.org_id}.jsonl"
    rewrite(chain.org_id, raw)
    db.session.rollback()
    said = json.loads(path.read_text())
    said["hash"] = db.session.scalar(select(AuditRow.hash).where(AuditRow.seq == 10, AuditRow.org_id == chain.org_id))
    path.write_text(json.dumps(said) + "\n")
    assert "line 1" in first_bad(chain.org_id, folder=heads, keyring=keyring())[1]
    signature = said.pop("signature")
    other = Keyring.create(tmp_path / "other-keys").signing_key().sign(canonical(said)).hex()
    assert other != signature
    path.write_text(json.dumps({**said, "signature": other}) + "\n")
    assert "not signed by this installation" in first_bad(chain.org_id, folder=heads, keyring=keyring())[1]


@pytest.mark.parametrize("line", ["nonsense", "{}", "[]", '{"signature": "zz"}', "null"])
def test_a_line_that_is_no_head_is_noticed(chain: Actor, heads: Path, line: str) -> None:
    write_head(db.session(), heads, keyring())
    with (heads / f"{chain.org_id}.jsonl").open("a") as file:
        file.write(line + "\n")
    assert "line 2" in first_bad(chain.org_id, folder=heads, keyring=keyring())[1]


def test_a_line_torn_by_a_crash_is_replaced(chain: Actor, heads: Path) -> None:
    write_head(db.session(), heads, keyring())
    path = heads / f"{chain.org_id}.jsonl"
    with path.open("a") as file:
        file.write('{"org_id": "half')
    assert verify(db.session(), heads, keyring()) == []
    record_read(chain, CaseRead(chain.org_id, "case1", "group"))
    write_head(db.session(), heads, keyring())
    assert len(path.read_text().splitlines()) == 2
    assert verify(db.session(), heads, keyring()) == []


def test_a_removed_file_of_heads_is_noticed(make: Factory, heads: Path) -> None:
    with time_machine.travel(datetime(2026, 1, 5, 12, tzinfo=UTC), tick=False) as clock:
        actor = make.person(make.organisation(), Role.SUPERVISOR)
        record_read(actor, CaseRead(actor.org_id, "case1", "group"))
        assert verify(db.session(), heads, keyring()) == []
        clock.shift(timedelta(minutes=11))
        record_read(actor, CaseRead(actor.org_id, "case1", "group"))
        assert "no signed head" in first_bad(actor.org_id, folder=heads, keyring=keyring())[1]


def test_the_installation_has_a_chain_too(app: Flask, heads: Path) -> None:
    with unit_of_work(system()) as work:
        work.emit(RolesChanged("", "person", "admin"))
    write_head(db.session(), heads, keyring())
    assert (heads / "installation.jsonl").exists()
    assert verify(db.session(), heads, keyring()) == []

"""The doctor and the health page: each thing that goes wrong is said, and said to be mended by what mends it."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from supervise.audit.service import write_head
from supervise.cli import commands
from supervise.core import due
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import service as deid
from supervise.deid.models import Original
from supervise.events import BackupDrilled, BackupMade
from supervise.flows.check_installation import Check, State, check_installation
from tests.factories import Factory
from tests.rooms.keeping.conftest import stamp


@pytest.fixture
def admin(app: Flask, make: Factory) -> Actor:
    """An installation in order, and its administrator."""
    actor = make.person(make.organisation(), Role.ADMIN)
    with unit_of_work(system()) as work:
        worked(work)
        work.emit(BackupMade("", "b", "10"))
        work.emit(BackupDrilled("", "b"))
    write_head(db.session(), installation().settings.data_dir / "audit-heads", installation().keyring)
    db.session.rollback()
    return actor


def worked(work: UnitOfWork) -> None:
    work.session.add(
        DueWork(kind="audit.head", ids={}, due_at=work.now, created_at=work.now, attempts=1, done_at=work.now)
    )


def looked(actor: Actor, what: str, **mail: object) -> Check:
    place = installation()
    if mail:
        place = replace(place, settings=place.settings.model_copy(update=mail))
    found = {one.what: one for one in check_installation(db.session(), place, [actor.org_id])}
    db.session.rollback()
    return found[what]


def test_in_order(admin: Actor) -> None:
    found = {one.what: one for one in check_installation(db.session(), installation(), [admin.org_id])}
    assert {name for name, one in found.items() if one.state is not State.FINE} <= {"Mail", "Disk"}
    assert all(one.found and bool(one.mend) == (one.state is not State.FINE) for one in found.values())


@pytest.mark.parametrize(
    ("what", "later", "state"),
    [
        ("Due work", timedelta(minutes=6), State.NOW),
        ("Backup", timedelta(hours=27), State.NOW),
        ("Drill", timedelta(days=32), State.SOON),
        ("Keys", timedelta(days=401), State.SOON),
    ],
)
def test_what_grows_old(admin: Actor, what: str, later: timedelta, state: State) -> None:
    assert looked(admin, what).state is State.FINE
    with time_machine.travel(now() + later, tick=False):
        assert looked(admin, what).state is state


def test_an_end_that_is_not_signed(admin: Actor) -> None:
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        with unit_of_work(system()) as work:
            worked(work)
            work.emit(BackupMade("", "c", "1"))
        with time_machine.travel(now() + timedelta(minutes=11), tick=False):
            assert looked(admin, "Audit").state is State.NOW
    for path in (installation().settings.data_dir / "audit-heads").iterdir():
        path.unlink()
    with time_machine.travel(now() + timedelta(hours=2), tick=False):
        assert "never signed" in looked(admin, "Audit").found


def test_an_original_that_is_kept_too_long(admin: Actor, make: Factory) -> None:
    with unit_of_work(admin) as work:
        deid.save_original(work, "case_version:x", {"body": "words"})
    with unit_of_work(system()) as work:
        work.session.scalars(select(Original)).one().destroy_at = work.now - timedelta(hours=4)
    assert looked(admin, "Originals").state is State.NOW


def test_a_turn_that_was_cut_off(admin: Actor) -> None:
    installation().keyring.make_key(now())
    assert looked(admin, "Keys").state is State.NOW


def test_mails_that_wait_and_work_that_was_given_up(admin: Actor) -> None:
    assert looked(admin, "Mail", mail_server="127.0.0.1").state is State.FINE
    with unit_of_work(system()) as work:
        work.due("mail.notice", work.now, {})
    assert looked(admin, "Mail", mail_server="127.0.0.1").state is State.SOON
    with unit_of_work(system()) as work:
        row = work.session.scalars(select(DueWork).where(DueWork.kind == "mail.notice")).one()
        row.gave_up_at = work.now
    assert due.count_given_up(db.session()) == 1
    assert "1 piece of work given up" in looked(admin, "Due work").found


def test_a_full_disk(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"total": 100 * 2**30, "used": 0, "free": 2**30})
    monkeypatch.setattr("supervise.flows.check_installation.shutil.disk_usage", lambda _: usage)
    assert looked(admin, "Disk").state is State.NOW


def test_a_supervisee_with_nobody_to_call(admin: Actor, make: Factory) -> None:
    assert looked(admin, "Whom to call").state is State.FINE
    org = make.organisation("Another")
    person = make.person(org, Role.SUPERVISEE)
    assert looked(replace(admin, org_id=person.org_id), "Whom to call").state is State.SOON
    assert person.name not in looked(replace(admin, org_id=person.org_id), "Whom to call").found


def test_the_page_says_it(admin: Actor, make: Factory) -> None:
    page = make.client(admin).get("/health")
    assert page.status_code == 200
    for what in ("Backup", "Drill", "Audit", "Keys", "Disk", "Mail", "Whom to call"):
        assert f'<th scope="row">{what}</th>' in page.text


@pytest.fixture
def doctor(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[int, str]]:
    settings = installation().settings
    for name in [name for name in os.environ if name.startswith("SUPERVISE_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SUPERVISE_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("SUPERVISE_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("SUPERVISE_DEMO", "1")
    monkeypatch.setenv("SUPERVISE_DATABASE_URL", settings.database_url)
    stamp()

    def run() -> tuple[int, str]:
        db.session.remove()
        done = CliRunner().invoke(commands, ["doctor"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


def test_the_doctor_finds_a_changed_head(admin: Actor, doctor: Callable[[], tuple[int, str]]) -> None:
    code, said = doctor()
    assert "NOW" not in said, said
    assert code == 0
    heads: Path = installation().settings.data_dir / "audit-heads"
    (path,) = [path for path in heads.iterdir() if path.stem == "installation"]
    head = json.loads(path.read_text())
    path.write_text(json.dumps(head | {"count": head["count"] - 1}) + "\n")
    code, said = doctor()
    assert code == 1
    assert "NOW   Chain: Chain of the installation" in said

"""What the worker does when it falls due, by the rooms' own rows."""

from collections.abc import Callable
from datetime import date, timedelta

from flask import Flask

from supervise.accounts.models import Licence, ParkedForm
from supervise.accounts.service.parking import park
from supervise.consents import service as consents
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.deid.models import Original
from supervise.hours.models import DayRecord
from supervise.jobs.handlers import HANDLERS
from supervise.jobs.routine import ensure_routine
from supervise.jobs.worker import run_due
from supervise.notifications.models import Notice
from tests.factories import Factory
from tests.rooms.jobs.conftest import rows

Later = Callable[[float], None]
DAY = 24 * 3600


def routine() -> None:
    """Let the worker do everything that is due, its routines among it."""
    with unit_of_work(system()) as work:
        ensure_routine(work)
    run_due(HANDLERS)
    failed = [(row.kind, row.last_error) for row in rows() if row.last_error]
    assert failed == []


def person(make: Factory, *roles: Role) -> Actor:
    return make.person(make.organisation(), *(roles or (Role.SUPERVISEE,)))


def test_a_fresh_installation_has_nothing_that_fails(app: Flask) -> None:
    routine()
    assert all(row.done_at for row in rows())


def test_the_audit_is_signed_outside_the_database(make: Factory, settings: Settings) -> None:
    actor = person(make)
    make.licence(actor)
    with unit_of_work(actor) as work:
        consents.start_client(work, "US-CA")
    routine()
    heads = settings.data_dir / "audit-heads" / f"{actor.org_id}.jsonl"
    assert heads.read_text().count("\n") == 1


def test_a_consent_is_followed_at_its_end_and_not_before(make: Factory, later: Later) -> None:
    actor = person(make)
    day = local_day(now(), actor.zone)
    with unit_of_work(actor) as work:
        client = consents.start_client(work, "US-CA")
        consents.record(
            work, client.id, scope="peers", obtained_how="signed_form", obtained_on=day,
            expires_on=day + timedelta(days=2),
        )  # fmt: skip
    routine()
    assert db.session.query(Notice).count() == 0
    later(4 * DAY)
    routine()
    routine()
    told = db.session.query(Notice).one()
    assert (told.kind, told.person_id) == ("consent_lapsed", actor.person_id)


def test_originals_are_destroyed_when_their_time_has_come(make: Factory, later: Later) -> None:
    actor = person(make)
    with unit_of_work(actor) as work:
        deid.save_original(work, "post:one", {"body": "to be destroyed"})
        work.session.query(Original).one().destroy_at = work.now + timedelta(days=1)
    routine()
    assert db.session.query(Original).one().sealed is not None
    later(2 * DAY)
    routine()
    assert db.session.query(Original).one().sealed is None


def test_signed_days_are_locked_a_week_later(make: Factory, later: Later) -> None:
    actor = person(make)
    setting = make.setting(actor)
    make.day(actor, setting, local_day(now(), actor.zone), individual=60)
    with unit_of_work(actor) as work:
        record = work.session.query(DayRecord).one()
        record.state, record.attested_at = "attested", work.now
    later(6 * DAY)
    routine()
    assert db.session.query(DayRecord).one().state == "attested"
    later(2 * DAY)
    routine()
    assert db.session.query(DayRecord).one().state == "locked"


def test_a_licence_that_ends_is_spoken_of_three_times(make: Factory, later: Later) -> None:
    actor = person(make)
    licence = make.licence(actor)  # ends in 400 days
    said = []
    for days in (1, 320, 1, 50, 1, 25, 1):  # days from one look to the next
        later(days * DAY)
        routine()
        said.append(db.session.query(Notice).count())
    assert said == [0, 1, 1, 2, 2, 3, 3]
    kinds = [row.kind for row in db.session.query(Notice).order_by(Notice.created_at)]
    assert kinds == ["licence_90", "licence_30", "licence_7"]
    with unit_of_work(actor) as work:  # renewed on the same record
        row = work.session.get_one(Licence, licence.id)
        assert isinstance(row.expires_on, date)
        row.expires_on += timedelta(days=730)
    routine()
    assert db.session.query(Notice).count() == 3
    later(700 * DAY)
    routine()
    assert db.session.query(Notice).count() == 4


def test_nobody_is_reminded_of_a_licence_that_was_renewed(make: Factory, later: Later) -> None:
    actor = person(make)
    make.licence(actor)
    later(200 * DAY)
    make.licence(actor)
    later(150 * DAY)
    routine()
    assert db.session.query(Notice).count() == 0


def test_what_was_typed_and_never_sent_is_gone_after_a_day(make: Factory, later: Later) -> None:
    actor = person(make)
    with unit_of_work(actor) as work:
        park(work, actor.person_id, "/cases/new", [("body", "words")])
    routine()
    assert db.session.query(ParkedForm).count() == 1
    later(DAY + 60)
    routine()
    assert db.session.query(ParkedForm).count() == 0


def test_the_records_of_work_do_not_grow_for_ever(app: Flask, later: Later) -> None:
    with unit_of_work(system()) as work:
        work.session.add(DueWork(kind="mail.reset", ids={}, due_at=now(), created_at=now(), done_at=now()))
    for _ in range(6):
        routine()
        later(7 * DAY)
    kept = rows()
    assert "mail.reset" not in {row.kind for row in kept}
    assert len(kept) <= 14

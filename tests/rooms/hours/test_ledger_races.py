"""Two people press at the same moment. Whatever happens, nothing is signed twice, lost, or signed unseen."""

from collections.abc import Callable
from contextvars import copy_context
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from supervise.core.db import db
from supervise.core.errors import Conflict, SuperviseError
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import attest_days
from supervise.hours import queries, service
from supervise.hours.models import Attestation, AttestedRow, DayRecord
from tests.rooms.hours.desk import DRAWING, FRIDAY, Desk

Outcome = list[object]


def at_once(app: Flask, *deeds: Callable[[], object]) -> Outcome:
    """Do each deed in a thread of its own, started together; return what each returned or raised."""
    outcome: Outcome = [None] * len(deeds)
    start = Barrier(len(deeds))

    def run(number: int, deed: Callable[[], object]) -> None:
        with app.app_context():
            start.wait(10)
            try:
                outcome[number] = deed()
            except Exception as error:
                outcome[number] = error
            finally:
                db.session.remove()

    # Each thread sees the time of the test, so each gets a copy of its context.
    threads = [Thread(target=copy_context().run, args=(run, n, deed)) for n, deed in enumerate(deeds)]
    db.session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcome


def signed_rows() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(AttestedRow)) or 0


@pytest.mark.parametrize("_round", range(3))
def test_two_signatures_at_once_make_one(app: Flask, at: Desk, _round: int) -> None:
    at.submit(individual=150, documentation=60)
    password, shown = at.make.password(at.boss), at.seen()

    def sign() -> int:
        return attest_days(at.boss, at.me.person_id, password, DRAWING, shown)

    outcome = at_once(app, sign, sign)
    assert sorted(str(type(o).__name__) for o in outcome) == ["Conflict", "int"], outcome
    assert signed_rows() == 2
    assert len(db.session.scalars(select(Attestation)).all()) == 1
    assert at.state() == "attested"


@pytest.mark.parametrize("_round", range(3))
def test_a_correction_during_a_signature_is_never_left_unsigned_on_a_signed_day(
    app: Flask, at: Desk, _round: int
) -> None:
    at.submit()
    password, shown, row = at.make.password(at.boss), at.seen(), at.row("individual")
    outcome = at_once(
        app,
        lambda: attest_days(at.boss, at.me.person_id, password, DRAWING, shown),
        lambda: at.correct(row, 90),
    )
    failed = [o for o in outcome if isinstance(o, Exception)]
    assert all(isinstance(o, Conflict) for o in failed), outcome
    rows = at.rows()
    unsigned = {r.id for r in rows} - queries.signed_ids(db.session(), [r.id for r in rows])
    assert at.state() == ("submitted" if unsigned else "attested")
    assert sum(r.minutes for r in rows) == (150 if len(rows) == 1 else 90)


@pytest.mark.parametrize("_round", range(3))
def test_a_day_is_either_signed_or_taken_back(app: Flask, at: Desk, _round: int) -> None:
    at.submit()
    password, shown = at.make.password(at.boss), at.seen()

    def recall() -> None:
        with unit_of_work(at.me) as work:
            service.recall_day(work, at.place.id, FRIDAY)

    outcome = at_once(app, lambda: attest_days(at.boss, at.me.person_id, password, DRAWING, shown), recall)
    won = [not isinstance(o, Exception) for o in outcome]
    assert sorted(won) == [False, True], outcome
    assert all(isinstance(o, SuperviseError) for o in outcome if isinstance(o, Exception))
    assert at.state() == ("attested" if won[0] else "draft")
    assert signed_rows() == (1 if won[0] else 0)


@pytest.mark.parametrize("_round", range(5))
def test_two_windows_write_a_new_day_once(app: Flask, at: Desk, _round: int) -> None:
    def save(minutes: int) -> Callable[[], object]:
        def deed() -> object:
            with unit_of_work(at.me) as work:
                return service.save_day(work, at.place.id, FRIDAY, {"individual": minutes}, seen=0).state

        return deed

    outcome = at_once(app, save(50), save(60))
    assert sorted(type(o).__name__ for o in outcome) == ["Conflict", "str"], outcome
    assert list(at.standing().values()) in ([50], [60])
    assert len(db.session.scalars(select(DayRecord)).all()) == 1


def test_a_row_is_corrected_once(app: Flask, at: Desk) -> None:
    at.submit()
    at.sign()
    row = at.row("individual")
    outcome = at_once(app, lambda: at.correct(row, 90), lambda: at.correct(row, 80))
    failed = [o for o in outcome if isinstance(o, Exception)]
    assert len(failed) == 1, outcome
    assert isinstance(failed[0], Conflict)
    assert len(at.rows()) == 3

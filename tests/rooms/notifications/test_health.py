"""How due work stands, for administrators: what failed, why, and once more."""

from supervise.core.actor import system
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.uow import unit_of_work
from tests.rooms.notifications.conftest import Clinic


def given_up() -> str:
    with unit_of_work(system()) as work:
        row = DueWork(
            kind="mail.notice", ids={"notice_id": "SECRET-ID"}, due_at=work.now, created_at=work.now, attempts=12,
            gave_up_at=work.now, last_error="SMTPServerDisconnected at notifications/mail.py:40",
        )  # fmt: skip
        work.session.add(row)
        work.session.flush()
        return row.id


def test_failed_work_is_shown_and_tried_again(clinic: Clinic) -> None:
    work_id = given_up()
    browser = clinic.make.client(clinic.admin)
    page = browser.get("/health")
    assert page.status_code == 200
    assert "1 piece of work failed" in page.text
    assert "SMTPServerDisconnected at notifications/mail.py:40" in page.text
    assert "SECRET-ID" not in page.text
    assert browser.post(f"/health/{work_id}/again").status_code == 303
    db.session.expire_all()
    row = db.session.get_one(DueWork, work_id)
    assert (row.gave_up_at, row.attempts) == (None, 0)
    page = browser.get("/health")
    assert "Nothing has failed" in page.text
    assert "A mail with a notice" in page.text  # it waits now
    assert browser.post(f"/health/{work_id}/again").status_code == 409
    assert browser.post("/health/nothing/again").status_code == 409


def test_a_worker_that_does_not_run_is_said(clinic: Clinic) -> None:
    browser = clinic.make.client(clinic.admin)
    assert "No worker seems to run" in browser.get("/health").text
    with unit_of_work(system()) as work:
        work.session.add(
            DueWork(kind="audit.head", ids={}, due_at=work.now, created_at=work.now, attempts=1, done_at=work.now)
        )
    assert "No worker seems to run" not in browser.get("/health").text


def test_only_administrators_look(clinic: Clinic) -> None:
    work_id = given_up()
    for actor in (clinic.author, clinic.supervisor, clinic.peer, clinic.auditor):
        browser = clinic.make.client(actor)
        assert browser.get("/health").status_code == 403
        assert browser.post(f"/health/{work_id}/again").status_code == 403
    assert clinic.make.client(clinic.admin, csrf=True).post(f"/health/{work_id}/again").status_code == 400

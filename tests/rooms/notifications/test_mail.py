"""Mail through a real SMTP server: a sentence and a link, at least once, under one Message-ID."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from supervise.accounts.models import Invitation, Membership, PasswordReset, Person
from supervise.accounts.service import ask_reset, invite
from supervise.cases.queries import get
from supervise.core.actor import system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.events import CaseReleased, GuidancePosted
from supervise.jobs.handlers import HANDLERS
from supervise.jobs.worker import run_due
from supervise.notifications.models import Notice
from supervise.notifications.service import choose_mail, mark_read
from tests.rooms.notifications.conftest import Clinic, PostOffice

ROOT = Path(__file__).parents[3]
MAILS = {kind: do for kind, do in HANDLERS.items() if kind.startswith("mail.")}


def release(clinic: Clinic, title: str = "PLANTED TITLE") -> str:
    """Say that a case was released, as its flow does; the supervisor is told."""
    case_id = clinic.case(title)
    with unit_of_work(clinic.author) as work:
        work.emit(CaseReleased(clinic.org_id, case_id, "1"))
    return case_id


def notices() -> list[Notice]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.query(Notice).order_by(Notice.id))


def test_a_mail_says_who_asks_and_where_to_look(clinic: Clinic, post: PostOffice) -> None:
    release(clinic)
    assert run_due(MAILS) == 1
    (mail,), (notice,) = post.arrived, notices()
    assert mail["Subject"] == "Annika Solheim asks for guidance on a case."
    assert mail["To"].addresses[0].display_name == "Ines Valcourt"
    assert post.recipients == [[mail["To"].addresses[0].addr_spec]]
    assert f"http://127.0.0.1:8000/notices/{notice.id}" in mail.get_content()
    assert mail["Message-ID"] == f"<{notice.id}@127.0.0.1>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert notice.mailed_at is not None
    assert run_due(MAILS) == 0
    assert len(post.arrived) == 1


def test_no_mail_holds_anything_of_the_case(clinic: Clinic, post: PostOffice) -> None:
    case_id = release(clinic)
    post_id = clinic.post(case_id, clinic.supervisor, body="PLANTED BODY", because="PLANTED BECAUSE")
    with unit_of_work(clinic.supervisor) as work:
        work.emit(GuidancePosted(clinic.org_id, post_id, case_id, "answer"))
    code = get(db.session(), case_id).code
    assert run_due(MAILS) == 2
    assert len(post.arrived) == 2
    for mail in post.arrived:
        whole = mail.as_string()
        assert "PLANTED" not in whole
        assert code not in whole
        assert case_id not in whole
        assert post_id not in whole


def test_a_refused_mail_is_tried_again_later(clinic: Clinic, post: PostOffice) -> None:
    post.refuse = 2
    release(clinic)
    assert run_due(MAILS) == 1
    assert run_due(MAILS) == 0  # not before its time
    with time_machine.travel(now().timestamp() + 6):
        assert run_due(MAILS) == 1
        assert run_due(MAILS) == 0
    assert post.arrived == []
    assert notices()[0].mailed_at is None
    with time_machine.travel(now().timestamp() + 30):
        assert run_due(MAILS) == 1
    assert (post.refused, len(post.arrived)) == (2, 1)
    assert notices()[0].mailed_at is not None


def test_names_cannot_write_headers(clinic: Clinic, post: PostOffice) -> None:
    with unit_of_work(system()) as work:
        for actor in (clinic.author, clinic.supervisor):
            person = work.session.get_one(Person, actor.person_id)
            person.name = 'Mal"ory\r\nBcc: everyone@else.example\r\n\r\nHello {actor}'
    release(clinic)
    assert run_due(MAILS) == 1
    (mail,) = post.arrived
    assert mail["Bcc"] is None
    assert len(mail["To"].addresses) == 1
    assert post.recipients == [[mail["To"].addresses[0].addr_spec]]
    assert mail["Subject"].strip().startswith('Mal"ory Bcc: everyone@else.example Hello {actor} asks')
    assert "\nBcc:" not in mail.get_content()


@pytest.mark.parametrize("name", ["Zoë Đặng", "王小明", "Ольга <x@y.example>, Inc.", "A" * 120, ""])
def test_every_name_makes_a_mail(clinic: Clinic, post: PostOffice, name: str) -> None:
    with unit_of_work(system()) as work:
        work.session.get_one(Person, clinic.supervisor.person_id).name = name
    release(clinic)
    assert run_due(MAILS) == 1
    assert post.arrived[0]["To"].addresses[0].display_name == name


def test_killed_after_sending_means_a_second_copy_under_the_same_id(
    app: Flask, clinic: Clinic, post: PostOffice, settings: Settings
) -> None:
    release(clinic)
    given = settings.model_dump_json(exclude={"demo_password", "mail_password"})
    command = [sys.executable, "-m", "tests.rooms.jobs.worker_process", given, "dies"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert len(post.arrived) == 1
    assert notices()[0].mailed_at is None
    with time_machine.travel(now().timestamp() + 2):
        assert run_due(MAILS) == 1
    one, two = post.arrived
    assert one["Message-ID"] == two["Message-ID"]
    assert notices()[0].mailed_at is not None


def test_what_was_read_or_is_not_wanted_is_not_mailed(clinic: Clinic, post: PostOffice) -> None:
    release(clinic)
    with unit_of_work(clinic.supervisor) as work:
        mark_read(work)
    assert run_due(MAILS) == 1
    with unit_of_work(clinic.supervisor) as work:
        choose_mail(work, by_mail=False)
    release(clinic)
    assert run_due(MAILS) == 1
    assert post.arrived == []
    with unit_of_work(clinic.supervisor) as work:
        choose_mail(work, by_mail=True)
    release(clinic)
    run_due(MAILS)
    assert len(post.arrived) == 1


def test_who_has_left_gets_no_mail(clinic: Clinic, post: PostOffice) -> None:
    release(clinic)
    with unit_of_work(system()) as work:
        row = work.session.query(Membership).filter_by(person_id=clinic.supervisor.person_id).one()
        row.ended_at = work.now
    run_due(MAILS)
    assert post.arrived == []


def test_nobody_is_mailed_about_what_they_did(clinic: Clinic, post: PostOffice) -> None:
    release(clinic)
    run_due(MAILS)
    sent_to = [address for to in post.recipients for address in to]
    author = clinic.make.get(Person, clinic.author.person_id)
    assert author.email not in sent_to  # type: ignore[attr-defined]


def link(mail: object) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", mail.get_content())  # type: ignore[attr-defined]
    assert found
    return found.group(1)


def test_an_invitation_comes_by_mail_once_and_its_link_opens(app: Flask, clinic: Clinic, post: PostOffice) -> None:
    with unit_of_work(clinic.admin) as work:
        path = invite(work, clinic.org_id, "new@else.example", "Noor Haddad", ["clinician"])
    assert run_due(MAILS) == 1
    (mail,) = post.arrived
    assert link(mail) == path
    assert "Cedar Street Counseling" in mail.get_content()
    assert app.test_client().get(path).status_code == 200
    db.session.rollback()
    assert db.session.query(Invitation).filter_by(email="new@else.example").one().token_sealed is None
    assert run_due(MAILS) == 0


def test_a_reset_comes_by_mail_and_its_link_opens(app: Flask, clinic: Clinic, post: PostOffice) -> None:
    person = clinic.make.get(Person, clinic.author.person_id)
    ask_reset(person.email, "127.0.0.1")  # type: ignore[attr-defined]
    assert run_due(MAILS) == 2  # looked up, then mailed
    (mail,) = post.arrived
    assert "password" in mail["Subject"]
    assert app.test_client().get(link(mail)).status_code == 200
    db.session.rollback()
    assert db.session.query(PasswordReset).one().token_sealed is None


def test_a_reset_that_is_too_old_is_not_mailed(clinic: Clinic, post: PostOffice) -> None:
    person = clinic.make.get(Person, clinic.author.person_id)
    for looked_up in (False, True):
        ask_reset(person.email, "127.0.0.1")  # type: ignore[attr-defined]
        if looked_up:
            assert run_due({"mail.reset_asked": MAILS["mail.reset_asked"]}) == 1
        with time_machine.travel(now().timestamp() + 2 * 3600):
            assert run_due(MAILS) == 1
    assert post.arrived == []

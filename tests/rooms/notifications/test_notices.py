"""Notices: listed, opened, read, and reached from a mail by someone who is signed out."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supervise.accounts.models import Membership, Person
from supervise.core.actor import system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.events import ConsentExpired, DaysSubmitted, GroupChanged
from supervise.jobs.handlers import HANDLERS
from supervise.notifications.models import Notice
from supervise.notifications.queries import PAGE, wants_mail
from supervise.notifications.rules import KIND_WORDS, SAYINGS, place_of, sentence
from tests.factories import Factory
from tests.rooms.notifications.conftest import Clinic


def tell(
    clinic: Clinic, kind: str = "guidance", object_type: str = "case", object_id: str = "", hours_ago: float = 0
) -> str:
    with unit_of_work(clinic.author) as work:
        row = Notice(
            org_id=clinic.org_id, person_id=clinic.supervisor.person_id, kind=kind, object_type=object_type,
            object_id=object_id, actor_id=clinic.author.person_id, created_at=now() - timedelta(hours=hours_ago),
        )  # fmt: skip
        work.session.add(row)
        work.session.flush()
        return row.id


def is_read(notice_id: str) -> bool:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Notice, notice_id).read_at is not None


@pytest.fixture
def browser(clinic: Clinic) -> FlaskClient:
    return clinic.make.client(clinic.supervisor)


def test_a_notice_opens_what_it_is_about_and_is_read(clinic: Clinic, browser: FlaskClient) -> None:
    case_id = clinic.case()
    notice_id = tell(clinic, object_id=case_id)
    answer = browser.post(f"/notices/{notice_id}/open")
    assert (answer.status_code, answer.location) == (303, f"/cases/{case_id}")
    assert is_read(notice_id)


def test_a_get_leads_there_and_changes_nothing(clinic: Clinic, browser: FlaskClient) -> None:
    """A scanner of mails may open every link in them."""
    case_id = clinic.case()
    notice_id = tell(clinic, object_id=case_id)
    answer = browser.get(f"/notices/{notice_id}")
    assert (answer.status_code, answer.location) == (302, f"/cases/{case_id}")
    assert not is_read(notice_id)


def test_the_link_of_a_mail_survives_signing_in(app: Flask, clinic: Clinic, make: Factory) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    case_id = clinic.case()
    notice_id = tell(clinic, object_id=case_id)
    password = make.password(clinic.supervisor)
    email = db.session.get_one(Person, clinic.supervisor.person_id).email
    fresh = app.test_client()
    door = fresh.get(f"/notices/{notice_id}")
    assert door.location.startswith("/sign-in?next=")
    entered = fresh.post(door.location, data={"email": email, "password": password})
    assert entered.status_code == 303, entered.text
    assert entered.location.endswith(f"/notices/{notice_id}")
    assert fresh.get(entered.location).location == f"/cases/{case_id}"


def test_somebody_elses_notice_does_not_exist(clinic: Clinic) -> None:
    notice_id = tell(clinic, object_id=clinic.case())
    other = clinic.make.client(clinic.peer)
    assert other.get(f"/notices/{notice_id}").status_code == 404
    assert other.post(f"/notices/{notice_id}/open").status_code == 404
    assert not is_read(notice_id)
    assert other.get("/notices/nothing").status_code == 404


def test_a_notice_of_another_organisation_says_where_to_go(clinic: Clinic, make: Factory) -> None:
    elsewhere = make.organisation("Elsewhere")
    with unit_of_work(system()) as work:
        work.session.add(
            Membership(
                org_id=elsewhere.id, person_id=clinic.supervisor.person_id, roles=["supervisor"], created_at=work.now
            )
        )
    notice_id = tell(clinic, object_id=clinic.case())
    with unit_of_work(system()) as work:
        work.session.get_one(Notice, notice_id).org_id = elsewhere.id
    answer = clinic.make.client(clinic.supervisor).get(f"/notices/{notice_id}")
    assert answer.status_code == 422
    assert "another organisation of yours" in answer.text


def test_all_notices_are_listed_page_by_page_by_when_they_happened(clinic: Clinic, browser: FlaskClient) -> None:
    case_id = clinic.case()
    # written in another order than they happened, as a replayed past is
    ids = {hours: tell(clinic, object_id=case_id, hours_ago=hours) for hours in [*range(10, 40), *range(10)]}
    first = browser.get("/notices").text
    assert [first.count(f"/notices/{ids[h]}/open") for h in range(PAGE)] == [1] * PAGE
    assert f"/notices/{ids[PAGE]}/open" not in first
    second = browser.get(f"/notices?before={ids[PAGE - 1]}").text
    assert second.count("/open") == 40 - PAGE
    assert "Earlier notices" not in second
    assert browser.get("/notices?before=nonsense").status_code == 404


def test_mark_all_as_read(clinic: Clinic, browser: FlaskClient) -> None:
    ids = [tell(clinic, object_id=clinic.case()) for _ in range(2)]
    assert "Annika Solheim wrote on your case." in browser.get("/inbox").text
    assert browser.post("/notices/read").location == "/inbox"
    assert all(is_read(one) for one in ids)
    assert "wrote on your case" not in browser.get("/inbox").text


def test_news_leaves_out_what_waits_by_itself(clinic: Clinic, browser: FlaskClient) -> None:
    case_id = clinic.case("A house in a will")
    tell(clinic, "case_released", object_id=case_id)
    text = browser.get("/inbox").text
    assert "asks for guidance" not in text
    assert text.count("A house in a will</a>") == 1
    assert "asks for guidance" in browser.get("/notices").text


def test_posts_need_their_token(clinic: Clinic) -> None:
    notice_id = tell(clinic, object_id=clinic.case())
    strict = clinic.make.client(clinic.supervisor, csrf=True)
    assert strict.post(f"/notices/{notice_id}/open").status_code == 400
    assert strict.post("/notices/read").status_code == 400
    assert strict.post("/notices", data={"mail": "none"}).status_code in {400, 422}
    assert not is_read(notice_id)


def test_each_person_chooses_mail(clinic: Clinic, browser: FlaskClient) -> None:
    assert wants_mail(db.session(), clinic.supervisor.person_id)
    for choice, wants in (("none", False), ("none", False), ("at_once", True)):
        assert browser.post("/notices", data={"mail": choice}).status_code == 303
        db.session.rollback()
        db.session.expire_all()
        assert wants_mail(db.session(), clinic.supervisor.person_id) is wants
    refused = browser.post("/notices", data={"mail": "sometimes"})
    assert refused.status_code == 422
    assert "One thing needs mending" in refused.text


@pytest.mark.parametrize("kind", SAYINGS)
def test_every_notice_can_be_said_and_opened(app: Flask, kind: str) -> None:
    says = sentence(kind, "Annika {actor} Solheim")
    assert says.endswith(".")
    assert "{actor}" not in says.replace("Annika {actor} Solheim", "")
    for object_type in ("case", "post", "agreement", "group", "meeting", "client", "licence", "hours", "account"):
        endpoint, values = place_of(kind, object_type, "x")
        with app.test_request_context():
            assert app.url_for(endpoint, **values).startswith("/")


def test_every_kind_of_work_has_a_handler_and_words() -> None:
    assert set(KIND_WORDS) == set(HANDLERS)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (lambda c: DaysSubmitted(c.org_id, c.author.person_id, "", "", c.supervisor.person_id), "days_submitted"),
        (lambda c: ConsentExpired(c.org_id, "consent", "client", c.supervisor.person_id), "consent_lapsed"),
        (lambda c: GroupChanged(c.org_id, "group", "joined", c.supervisor.person_id), "group_joined"),
    ],
)  # fmt: skip
def test_events_become_notices_in_their_transaction(clinic: Clinic, event: object, kind: str) -> None:
    with unit_of_work(clinic.author) as work:
        work.emit(event(clinic))  # type: ignore[operator]
        work.emit(event(clinic))  # type: ignore[operator]
    found = db.session.query(Notice).filter_by(person_id=clinic.supervisor.person_id).all()
    assert [row.kind for row in found] == [kind, kind]

    def fails() -> None:
        with unit_of_work(clinic.author) as work:
            work.emit(event(clinic))  # type: ignore[operator]
            work.session.flush()
            work.emit(object())  # the audit refuses what is not in the catalogue

    with pytest.raises(TypeError):
        fails()
    assert db.session.query(Notice).count() == 2

"""One-time links: invitations and resets."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supervise.accounts import queries
from supervise.accounts.models import Invitation, Organisation, PasswordReset, Person
from supervise.accounts.service import (
    Answer,
    accept_invitation,
    first_administrator_link,
    invitation_letter,
    reset_letter,
)
from supervise.core.actor import Actor, Role, system
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.errors import NotFound
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.jobs.handlers import HANDLERS
from supervise.jobs.worker import run_due
from tests.factories import Factory
from tests.rooms.accounts.conftest import PASSWORD, fresh, is_in, join, link_in

Open = Callable[[], FlaskClient]
Enter = Callable[[Actor], FlaskClient]
Address = Callable[[Actor], str]
NEW = "violet ladder compass reed"
LOOKING_UP = {"mail.reset_asked": HANDLERS["mail.reset_asked"]}
JOIN = {"name": "Tomás Quiroga", "zone": "America/Denver", "credential": "LPC", "password": NEW}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A demo with mail, so that letters are due."""
    return settings.model_copy(update={"mail_server": "127.0.0.1"})


@pytest.fixture
def org(make: Factory) -> Organisation:
    return make.organisation("Tern Street")


@pytest.fixture
def admin(make: Factory, org: Organisation) -> Actor:
    return make.person(org, Role.ADMIN)


def invite(make: Factory, admin: Actor, email: str = "new@test.example", *roles: str) -> str:
    page = make.client(admin).post(
        "/people/invite", data={"email": email, "name": "Tomás", "roles": [*(roles or ("clinician",))]}
    )
    assert page.status_code == 200, page.text
    return link_in(page.text, "/invitations")


def test_someone_new_joins_by_invitation(make: Factory, admin: Actor, browser: Open) -> None:
    path = invite(make, admin, " New@Test.example ", "clinician", "supervisor")
    client = browser()
    page = client.get(path)
    assert "new@test.example" in page.text
    assert "Tern Street" in page.text
    answer = join(client, path, JOIN | {"email": "attacker@test.example"})
    assert answer.status_code == 303, answer.text
    assert is_in(client)
    person = db.session.scalars(select(Person).where(Person.email == "new@test.example")).one()
    assert (person.name, person.zone) == ("Tomás Quiroga", "America/Denver")
    assert queries.roles_of(db.session(), person.id, admin.org_id) == {Role.CLINICIAN, Role.SUPERVISOR}
    assert client.get(path).status_code == 404


def test_mistakes_keep_what_was_typed(make: Factory, admin: Actor, browser: Open) -> None:
    path = invite(make, admin)
    for wrong, says in (("short", "at least 12"), ("Password2026!!", "guessed first"), ("", "missing")):
        answer = join(browser(), path, JOIN | {"password": wrong})
        assert answer.status_code == 422
        assert says in answer.text
        assert "Tomás Quiroga" in answer.text
    assert browser().get(path).status_code == 200


def test_the_token_is_nowhere_in_the_database(make: Factory, admin: Actor) -> None:
    token = invite(make, admin).rpartition("/")[2]
    row = db.session.scalars(select(Invitation)).one()
    work = db.session.scalars(select(DueWork)).one()
    assert (work.kind, work.ids) == ("mail.invitation", {"invitation_id": row.id})
    assert token not in f"{row.token_hash} {row.token_sealed} {work.ids}"
    letter = invitation_letter(db.session(), row.id, row.created_at)
    assert letter is not None
    assert (letter.to, letter.path, letter.organisation) == ("new@test.example", f"/invitations/{token}", "Tern Street")


def test_an_invitation_is_used_once_also_by_two_at_once(app: Flask, org: Organisation) -> None:
    with unit_of_work(system()) as work:
        token = first_administrator_link(work, org.id).rpartition("/")[2]

    def use(number: int) -> bool:
        with app.app_context():
            try:
                with unit_of_work(system()) as work:
                    accept_invitation(work, token, Answer(f"a{number}@test.example", "A", "UTC", hashed="x"))
            except NotFound:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [False, False, False, True]


def test_the_first_administrator_gives_an_address(app: Flask, org: Organisation, browser: Open) -> None:
    with unit_of_work(system()) as work:
        path = first_administrator_link(work, org.id)
    client = browser()
    assert client.post(path, data=JOIN).status_code == 422
    assert join(client, path, JOIN | {"email": "first@test.example"}).status_code == 303
    assert client.get("/people").status_code == 200


def test_links_end_by_time_and_by_hand(make: Factory, admin: Actor, browser: Open) -> None:
    path = invite(make, admin)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, minutes=1), tick=False):
        assert browser().get(path).status_code == 404
    row = db.session.scalars(select(Invitation)).one()
    assert make.client(admin).post(f"/people/invitations/{row.id}/revoke").status_code == 303
    assert browser().get(path).status_code == 404
    stranger = make.person(make.organisation(), Role.ADMIN)
    second = invite(make, admin, "other@test.example")
    other = db.session.scalars(select(Invitation).where(Invitation.email == "other@test.example")).one()
    assert make.client(stranger).post(f"/people/invitations/{other.id}/revoke").status_code == 404
    assert browser().get(second).status_code == 200


def test_inviting_again_replaces_the_first_link(make: Factory, admin: Actor, browser: Open) -> None:
    first, second = invite(make, admin), invite(make, admin)
    assert browser().get(first).status_code == 404
    assert browser().get(second).status_code == 200


def test_members_are_not_invited_again(make: Factory, admin: Actor, org: Organisation) -> None:
    email = fresh(Person, make.person(org, Role.CLINICIAN).person_id).email
    page = make.client(admin).post("/people/invite", data={"email": email, "name": "", "roles": ["supervisor"]})
    assert page.status_code == 422
    assert "a member already" in page.text
    assert email in page.text


def test_someone_with_an_account_adds_the_membership_after_signing_in(
    make: Factory, admin: Actor, sign_in: Enter, browser: Open, with_password: Address
) -> None:
    elsewhere = make.person(make.organisation("Elsewhere"), Role.SUPERVISEE)
    email = with_password(elsewhere)
    path = invite(make, admin, email, "supervisee")
    page = browser().get(path)
    assert f'href="/sign-in?next={path}"' in page.text
    assert join(browser(), path, JOIN).status_code == 422
    assert queries.roles_of(db.session(), elsewhere.person_id, admin.org_id) == frozenset()
    client = sign_in(elsewhere)
    assert "You are signed in as" in client.get(path).text
    assert client.post(path).status_code == 303
    assert queries.roles_of(db.session(), elsewhere.person_id, admin.org_id) == {Role.SUPERVISEE}
    account = client.get("/account").text
    assert "Elsewhere" in account
    assert "Tern Street" in account


def test_what_was_typed_to_join_waits_sealed_and_can_be_changed(make: Factory, admin: Actor, browser: Open) -> None:
    path, client = invite(make, admin), browser()
    assert client.get(f"{path}/sign-in").headers["Location"] == path
    client.post(path, data=JOIN)
    row = db.session.scalars(select(Invitation)).one()
    assert row.answer_sealed
    assert "Quiroga" not in row.answer_sealed
    assert client.get(path).headers["Location"] == f"{path}/sign-in"
    again = client.get(f"{path}?again=1").text
    assert "Tomás Quiroga" in again
    assert NEW not in again
    assert join(client, path, JOIN | {"name": "Tomás Q. Quiroga"}).status_code == 303
    person = db.session.scalars(select(Person).where(Person.email == "new@test.example")).one()
    assert person.name == "Tomás Q. Quiroga"
    assert fresh(Invitation, row.id).answer_sealed is None


def test_someone_with_an_account_signs_in_on_the_way_and_joins(
    make: Factory, admin: Actor, browser: Open, with_password: Address
) -> None:
    elsewhere = make.person(make.organisation("Elsewhere"), Role.SUPERVISEE)
    path, client = invite(make, admin, with_password(elsewhere), "supervisee"), browser()
    client.post(path, data=JOIN)
    answer = client.post(f"{path}/sign-in", data={"email": "x", "password": PASSWORD})
    assert answer.headers["Location"] == path
    assert "You are signed in as" in client.get(path).text
    assert client.get(f"{path}/sign-in").headers["Location"] == path
    assert client.post(path).status_code == 303
    assert queries.roles_of(db.session(), elsewhere.person_id, admin.org_id) == {Role.SUPERVISEE}
    kept = fresh(Person, elsewhere.person_id)
    assert kept.name == elsewhere.name, "nothing of the account is changed"
    assert fresh(Invitation, db.session.scalars(select(Invitation.id)).one()).answer_sealed is None


def test_an_invitation_is_for_one_address(make: Factory, admin: Actor, sign_in: Enter) -> None:
    path = invite(make, admin, "someone.else@test.example")
    client = sign_in(make.person(make.organisation(), Role.SUPERVISEE))
    answer = client.post(path)
    assert answer.status_code == 422
    assert "for another address" in answer.text


def test_a_reset_by_mail_sets_the_password_and_ends_every_session(
    make: Factory, org: Organisation, sign_in: Enter, browser: Open
) -> None:
    person = make.person(org, Role.SUPERVISOR)
    inside = sign_in(person)
    email = fresh(Person, person.person_id).email
    asked = browser().post("/reset", data={"email": email})
    nobody = browser().post("/reset", data={"email": "nobody@test.example"})
    assert asked.text.replace(email, "X") == nobody.text.replace("nobody@test.example", "X")
    assert asked.status_code == nobody.status_code == 200
    assert run_due(LOOKING_UP) == 2
    work = db.session.scalars(select(DueWork).where(DueWork.kind == "mail.reset")).one()
    row = db.session.scalars(select(PasswordReset)).one()
    assert (work.kind, work.ids) == ("mail.reset", {"reset_id": row.id})
    letter = reset_letter(db.session(), row.id, row.created_at)
    assert letter is not None
    assert letter.path.rpartition("/")[2] not in f"{row.token_hash} {row.token_sealed}"
    assert browser().post(letter.path, data={"password": "short"}).status_code == 422
    assert browser().post(letter.path, data={"password": NEW}).status_code == 303
    assert not is_in(inside)
    assert browser().post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 422
    assert browser().post("/sign-in", data={"email": email, "password": NEW}).status_code == 303
    assert browser().get(letter.path).status_code == 404
    assert reset_letter(db.session(), row.id, row.created_at) is None


def test_asking_again_spends_the_earlier_link_and_too_often_waits(
    make: Factory, org: Organisation, browser: Open, with_password: Address
) -> None:
    email = with_password(make.person(org, Role.SUPERVISOR))
    for status in (200, 200, 200, 429):
        assert browser().post("/reset", data={"email": email}).status_code == status
    assert run_due(LOOKING_UP) == 3
    rows = db.session.scalars(select(PasswordReset).order_by(PasswordReset.created_at)).all()
    assert [row.used_at is None for row in rows] == [False, False, True]


def test_a_reset_does_not_pass_the_second_factor(make: Factory, org: Organisation, browser: Open) -> None:
    person = make.person(org, Role.SUPERVISOR)
    with unit_of_work(system()) as work:
        row = work.session.get_one(Person, person.person_id)
        row.totp_sealed, row.totp_confirmed_at = "set up", work.now
    email = fresh(Person, person.person_id).email
    browser().post("/reset", data={"email": email})
    run_due(LOOKING_UP)
    reset_id = db.session.scalars(select(PasswordReset.id)).one()
    letter = reset_letter(db.session(), reset_id, datetime.now(UTC))
    assert letter is not None
    browser().post(letter.path, data={"password": NEW})
    client = browser()
    answer = client.post("/sign-in", data={"email": email, "password": NEW})
    assert answer.headers["Location"] == "/sign-in/code"
    assert not is_in(client)


def test_links_carry_the_configured_address_not_the_hosts(make: Factory, admin: Actor) -> None:
    client = make.client(admin)
    data = {"email": "new@test.example", "name": "", "roles": ["clinician"]}
    page = client.post("/people/invite", data=data, headers={"X-Forwarded-Host": "elsewhere.example"})
    assert "http://127.0.0.1:8000/invitations/" in page.text
    assert client.post("/people/invite", data=data, base_url="http://elsewhere.example").status_code == 400

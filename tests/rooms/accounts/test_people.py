"""Members of an organisation: roles act at the next request, and the last administrator stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supervise.accounts import queries
from supervise.accounts.models import Membership, Organisation, Person
from supervise.accounts.service import change_roles, end_membership, members, second_factor
from supervise.core.actor import Actor, Role, system
from supervise.core.db import db
from supervise.core.errors import Refused
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from tests.factories import Factory
from tests.rooms.accounts.conftest import fresh, is_in, link_in

Enter = Callable[[Actor], FlaskClient]


@pytest.fixture
def org(make: Factory) -> Organisation:
    return make.organisation("Tern Street")


@pytest.fixture
def admin(make: Factory, org: Organisation) -> Actor:
    return make.person(org, Role.ADMIN, name="Odile Prudhomme")


def roles_form(actor: Actor, *roles: str) -> dict[str, object]:
    row = queries.membership(db.session(), actor.person_id, actor.org_id)
    assert row is not None
    return {"roles": [*roles], "version": row.version}


def test_changed_roles_act_at_the_next_request(make: Factory, org: Organisation, admin: Actor) -> None:
    person = make.person(org, Role.SUPERVISOR)
    client, chief = make.client(person), make.client(admin)
    assert client.get("/people").status_code == 403
    path = f"/people/{person.person_id}"
    assert chief.post(path, data=roles_form(person, "supervisor", "admin")).status_code == 303
    assert client.get("/people").status_code == 200
    assert chief.post(path, data=roles_form(person, "supervisor")).status_code == 303
    assert client.get("/people").status_code == 403


def test_mistaken_roles_are_refused_and_stay_chosen(make: Factory, org: Organisation, admin: Actor) -> None:
    person, chief = make.person(org, Role.SUPERVISOR), make.client(admin)
    path = f"/people/{person.person_id}"
    for wrong in ((), ("auditor", "supervisor"), ("owner",)):
        answer = chief.post(path, data=roles_form(person, *wrong))
        assert answer.status_code == 422, wrong
    stale = roles_form(person, "clinician")
    chief.post(path, data=stale)
    late = chief.post(path, data=stale | {"roles": ["supervisee"]})
    assert late.status_code == 409
    assert queries.roles_of(db.session(), person.person_id, org.id) == {Role.CLINICIAN}


def test_an_ended_membership_turns_away_at_the_next_request(
    make: Factory, org: Organisation, admin: Actor, sign_in: Enter
) -> None:
    person = make.person(org, Role.SUPERVISOR)
    client = sign_in(person)
    assert make.client(admin).post(f"/people/{person.person_id}/end").status_code == 303
    answer = client.get("/account")
    assert answer.status_code == 403
    assert "belongs to no organisation" in answer.text
    assert make.client(admin).get(f"/people/{person.person_id}").status_code == 404


def test_administrators_see_their_own_organisation_only(make: Factory, admin: Actor) -> None:
    foreign = make.person(make.organisation("Elsewhere"), Role.ADMIN)
    client = make.client(admin)
    for path in ("", "/end", "/second-factor", "/reset"):
        assert client.post(f"/people/{foreign.person_id}{path}", data={"roles": ["supervisee"]}).status_code == 404
    assert foreign.name not in client.get("/people").text


def test_nobody_else_manages_people(make: Factory, org: Organisation, admin: Actor) -> None:
    for role in (Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR, Role.AUDITOR):
        client = make.client(make.person(org, role))
        assert client.get("/people").status_code == 403
        assert client.post("/people/invite", data={"email": "x@test.example", "roles": ["admin"]}).status_code == 403
        assert client.post(f"/people/{admin.person_id}/end").status_code == 403


def test_the_last_administrator_stays(make: Factory, org: Organisation, admin: Actor) -> None:
    client, path = make.client(admin), f"/people/{admin.person_id}"
    demoted = client.post(path, data=roles_form(admin, "supervisor"))
    assert demoted.status_code == 422
    assert "last administrator" in demoted.text
    assert client.post(f"{path}/end").status_code == 422
    disabled = make.person(org, Role.ADMIN)
    with unit_of_work(system()) as work:
        work.session.get_one(Person, disabled.person_id).disabled_at = work.now
    assert client.post(f"{path}/end").status_code == 422


def test_two_administrators_who_remove_each_other_at_once_leave_one(
    app: Flask, make: Factory, org: Organisation, admin: Actor
) -> None:
    other = make.person(org, Role.ADMIN)
    versions = {actor.person_id: int(str(roles_form(actor)["version"])) for actor in (admin, other)}

    def demote(actor: Actor) -> bool:
        with app.app_context():
            try:
                with unit_of_work(system(org.id)) as work:
                    change_roles(work, org.id, actor.person_id, ["supervisor"], versions[actor.person_id])
            except Refused:
                return False
            return True

    def end(actor: Actor) -> bool:
        with app.app_context():
            try:
                with unit_of_work(system(org.id)) as work:
                    end_membership(work, org.id, actor.person_id)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        outcomes = [pool.submit(demote, admin), pool.submit(end, other)]
        assert sorted(outcome.result() for outcome in outcomes) == [False, True]
    db.session.rollback()
    left = [row for row in queries.memberships(db.session(), org.id) if "admin" in row.roles]
    assert len(left) == 1


def test_a_lost_second_factor_is_taken_away(make: Factory, org: Organisation, admin: Actor) -> None:
    person = make.person(org, Role.SUPERVISOR)
    with unit_of_work(system()) as work:
        row = work.session.get_one(Person, person.person_id)
        row.totp_sealed, row.totp_confirmed_at = "sealed", work.now
    client = make.client(person)
    assert is_in(client)
    assert make.client(admin).post(f"/people/{person.person_id}/second-factor").status_code == 303
    assert fresh(Person, person.person_id).totp_confirmed_at is None
    assert not is_in(client)
    assert make.client(admin).post(f"/people/{admin.person_id}/second-factor").status_code == 422


def test_no_administrator_reaches_into_another_organisation(make: Factory, org: Organisation, admin: Actor) -> None:
    person, other = make.person(org, Role.SUPERVISOR), make.organisation("Elsewhere")
    with unit_of_work(system(other.id)) as work:
        work.session.add(
            Membership(org_id=other.id, person_id=person.person_id, roles=["supervisor"], created_at=work.now)
        )
    client = make.client(admin)
    for path in ("second-factor", "reset"):
        answer = client.post(f"/people/{person.person_id}/{path}")
        assert answer.status_code == 422
        assert "other organisations" in answer.text


def test_without_mail_a_reset_link_is_handed_over(make: Factory, org: Organisation, admin: Actor) -> None:
    person = make.person(org, Role.SUPERVISOR)
    client = make.client(admin)
    assert "Make a reset link" in client.get(f"/people/{person.person_id}").text
    page = client.post(f"/people/{person.person_id}/reset").text
    path = link_in(page, "/reset")
    assert client.get(path).status_code == 200
    assert "sends no mail" in client.get("/reset").text


class TestNoAdministratorAloneTakesAnAccountOver:
    """With a new password and no second factor whoever holds the link would be in, so it takes two."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"demo": False})

    @pytest.fixture
    def person(self, make: Factory, org: Organisation) -> Actor:
        one = make.person(org, Role.SUPERVISOR)
        with unit_of_work(system()) as work:
            queries.person(work.session, one.person_id).totp_confirmed_at = work.now
        return one

    def removes(self, who: Actor, person: Actor) -> None:
        with unit_of_work(who) as work:
            members.reset_second_factor(work, who.org_id, person.person_id)

    def links(self, who: Actor, person: Actor) -> str:
        with unit_of_work(who) as work:
            return members.hand_over_reset(work, who.org_id, person.person_id)

    def test_not_by_first_the_factor_then_the_link(
        self, make: Factory, org: Organisation, admin: Actor, person: Actor
    ) -> None:
        self.removes(admin, person)
        with pytest.raises(Refused, match="You took this person's second factor away"):
            self.links(admin, person)
        assert self.links(make.person(org, Role.ADMIN), person)

    def test_not_by_first_the_link_then_the_factor(
        self, make: Factory, org: Organisation, admin: Actor, person: Actor
    ) -> None:
        assert self.links(admin, person)
        with pytest.raises(Refused, match="You made this person's last reset link"):
            self.removes(admin, person)
        self.removes(make.person(org, Role.ADMIN), person)

    def test_not_before_the_first_factor_is_set_up(self, make: Factory, org: Organisation, admin: Actor) -> None:
        new = make.person(org, Role.SUPERVISOR)
        with pytest.raises(Refused, match="no second factor yet"):
            self.links(admin, new)
        self.removes(make.person(org, Role.ADMIN), new)
        assert self.links(admin, new)

    def test_nor_after_the_person_took_it_away(self, admin: Actor, person: Actor) -> None:
        with unit_of_work(person) as work:
            second_factor.remove(work, person.person_id)
        with pytest.raises(Refused):
            self.links(admin, person)

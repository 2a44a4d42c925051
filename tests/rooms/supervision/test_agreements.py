"""Agreements: proposed by one, in force when both have signed, ended with a day."""

from datetime import date, timedelta

import pytest

from supervise.core.actor import Role
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused
from supervise.core.uow import unit_of_work
from supervise.supervision import queries, service
from supervise.supervision.models import Agreement
from tests.rooms.hours.desk import FRIDAY, Desk


def held(at: Desk) -> Agreement:
    db.session.expire_all()
    return db.session.query(Agreement).filter_by(setting_id=at.place.id).one()


def test_it_is_in_force_from_its_day_once_both_have_signed(at: Desk) -> None:
    place = at.make.setting(at.me, "Coldwater")
    row = at.make.agreement(at.me, at.boss, place, starts=FRIDAY, signed=False)
    session = db.session
    for actor, signed in ((at.me, 1), (at.boss, 2)):
        assert queries.agreement_on(session(), at.me.person_id, place.id, FRIDAY) == []
        with unit_of_work(actor) as work:
            service.sign_agreement(work, row.id)
        assert sum(p is not None for p in (row.supervisee_signed_at, row.supervisor_signed_at)) == signed
    assert [a.id for a in queries.agreement_on(session(), at.me.person_id, place.id, FRIDAY)] == [row.id]
    assert queries.agreement_on(session(), at.me.person_id, place.id, FRIDAY - timedelta(days=1)) == []


def test_each_signs_once_and_nobody_for_another(at: Desk) -> None:
    for actor in (at.me, at.boss, at.make.person(at.org, Role.SUPERVISOR)):
        with pytest.raises(Refused), unit_of_work(actor) as work:
            service.sign_agreement(work, held(at).id)


def test_what_cannot_be_agreed_names_its_field(at: Desk) -> None:
    mine, boss, place = at.me.person_id, at.boss.person_id, at.place.id
    outsider = at.make.person(at.make.organisation("Elsewhere"), Role.SUPERVISOR).person_id
    theirs = at.make.setting(at.make.person(at.org, Role.SUPERVISEE)).id
    cases = [
        (service.Terms(mine, mine, place, FRIDAY, None, ""), "other_id"),
        (service.Terms(mine, outsider, place, FRIDAY, None, ""), "other_id"),
        (service.Terms(mine, boss, theirs, FRIDAY, None, ""), "setting_id"),
        (service.Terms(mine, boss, place, FRIDAY, FRIDAY - timedelta(days=1), ""), "ends_on"),
    ]
    for terms, field in cases:
        with pytest.raises(Invalid) as caught, unit_of_work(at.me) as work:
            service.propose_agreement(work, terms)
        assert caught.value.field == field
    with pytest.raises(Refused), unit_of_work(at.me) as work:
        service.propose_agreement(work, service.Terms(boss, outsider, place, FRIDAY, None, ""))


def test_it_ends_with_a_day_that_is_not_past_and_is_over_after_it(at: Desk) -> None:
    with pytest.raises(Invalid, match="lies in the past"), unit_of_work(at.boss) as work:
        service.end_agreement(work, held(at).id, FRIDAY - timedelta(days=1))
    with unit_of_work(at.boss) as work:
        service.end_agreement(work, held(at).id, FRIDAY)
    assert queries.agreement_on(db.session(), at.me.person_id, at.place.id, FRIDAY)
    assert not queries.agreement_on(db.session(), at.me.person_id, at.place.id, FRIDAY + timedelta(days=1))


def test_the_pages_from_proposal_to_the_last_day(at: Desk) -> None:
    at.make.setting(at.me, "Coldwater")
    place = at.make.setting(at.me, "Lantern Bay")
    client = at.make.client(at.me)
    wrong = client.post(
        "/agreements/new",
        data={"other_id": at.boss.person_id, "setting_id": "", "starts_on": "2026-11-01", "terms": "T"},
    )
    assert wrong.status_code == 422
    assert "Choose a place of work." in wrong.text
    assert 'value="2026-11-01"' in wrong.text
    made = client.post(
        "/agreements/new",
        data={"other_id": at.boss.person_id, "setting_id": place.id, "starts_on": "2026-11-01", "terms": "Weekly."},
    )
    assert made.status_code == 303
    path, password = made.location, at.make.password(at.me)
    refused = client.post(f"{path}/sign", data={"sign-password": "not it"})
    assert refused.status_code == 422
    assert "not your password" in refused.text
    assert client.post(f"{path}/sign", data={"sign-password": password}).status_code == 303
    boss, password = at.make.client(at.boss), at.make.password(at.boss)
    assert boss.post(f"{path}/sign", data={"sign-password": password}).status_code == 303
    assert "in force" in boss.get("/agreements").text
    past = boss.post(f"{path}/end", data={"end-ends_on": "2026-11-19"})
    assert past.status_code == 422
    assert "lies in the past" in past.text
    assert boss.post(f"{path}/end", data={"end-ends_on": "2026-11-30"}).status_code == 303


def test_others_do_not_see_it(at: Desk) -> None:
    path = f"/agreements/{held(at).id}"
    assert at.make.client(at.make.person(at.org, Role.SUPERVISOR)).get(path).status_code == 404
    assert at.make.client(at.make.person(at.org, Role.AUDITOR)).get(path).status_code == 200
    elsewhere = at.make.person(at.make.organisation("Elsewhere"), Role.ADMIN)
    assert at.make.client(elsewhere).get(path).status_code == 404
    assert held(at).starts_on == date(2025, 1, 1)

"""A licence that has expired, as recorded: new supervision stops at that day and both sides hear of it at once."""

from datetime import date, timedelta

import pytest

from supervise.accounts.models import Licence, Organisation, Setting
from supervise.accounts.queries import lapsed_since
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import weeks_to_sign
from supervise.flows.record_meeting import Plan, preview
from supervise.notifications.service import tell_of_lapsed
from tests.factories import Factory

TODAY = now().date()


@pytest.fixture
def org(make: Factory) -> Organisation:
    return make.organisation()


@pytest.fixture
def licensee(make: Factory, org: Organisation) -> Actor:
    return make.person(org, Role.SUPERVISEE)


@pytest.fixture
def boss(make: Factory, org: Organisation) -> Actor:
    return make.person(org, Role.SUPERVISOR)


def expires(make: Factory, who: Actor, day: date | None) -> str:
    licence = make.licence(who)
    with unit_of_work(who) as work:
        work.session.get_one(Licence, licence.id).expires_on = day
    return licence.id


def plan(who: Actor, licensee: Actor, setting: Setting) -> Plan:
    ends = now() - timedelta(hours=1)
    attendees = {licensee.person_id: setting.id}
    return Plan(ends - timedelta(hours=1), ends, who.zone, "in_person", None, attendees, (), notes="")


@pytest.mark.parametrize(
    ("ends", "lapsed"),
    [
        ([], False),
        ([None], False),
        ([TODAY], False),
        ([TODAY - timedelta(days=1)], True),
        ([TODAY - timedelta(days=1), TODAY + timedelta(days=300)], False),
        ([TODAY - timedelta(days=1), None], False),
    ],
)
def test_only_what_is_recorded_and_over_has_lapsed(
    make: Factory, boss: Actor, ends: list[date | None], lapsed: bool
) -> None:
    for day in ends:
        expires(make, boss, day)
    found = lapsed_since(db.session(), boss.person_id, "US-CA", TODAY)
    assert found == (TODAY - timedelta(days=1) if lapsed else None)
    assert lapsed_since(db.session(), boss.person_id, "US-TX", TODAY) is None


def test_no_agreement_and_no_meeting_after_the_last_day(make: Factory, licensee: Actor, boss: Actor) -> None:
    setting = make.setting(licensee)
    make.agreement(licensee, boss, setting)
    assert preview(boss, plan(boss, licensee, setting))
    licence = expires(make, boss, local_day(now(), boss.zone) - timedelta(days=5))
    with pytest.raises(Invalid, match="ended on"):
        preview(boss, plan(boss, licensee, setting))
    with pytest.raises(Invalid, match="expired on"):
        make.agreement(licensee, boss, make.setting(licensee, name="Another place"))
    with unit_of_work(boss) as work:
        work.session.get_one(Licence, licence).expires_on = local_day(work.now, boss.zone) + timedelta(days=400)
    assert preview(boss, plan(boss, licensee, setting))


def test_hours_after_it_are_an_exception_where_they_are_signed(make: Factory, licensee: Actor, boss: Actor) -> None:
    setting = make.setting(licensee)
    make.agreement(licensee, boss, setting)
    day = local_day(now(), licensee.zone) - timedelta(days=1)
    make.day(licensee, setting, day, submit=True, individual=60)
    assert not any(
        "expired" in one for week in weeks_to_sign(boss, licensee.person_id).weeks for one in week.exceptions
    )
    expires(make, boss, day - timedelta(days=3))
    (week,) = weeks_to_sign(boss, licensee.person_id).weeks
    assert any("Your licence there, as recorded, expired" in one for one in week.exceptions)


def test_both_sides_are_told_once(make: Factory, licensee: Actor, boss: Actor) -> None:
    make.agreement(licensee, boss, make.setting(licensee))
    expires(make, boss, now().date() - timedelta(days=2))
    with unit_of_work(system()) as work:
        assert tell_of_lapsed(work) == 2
    with unit_of_work(system()) as work:
        assert tell_of_lapsed(work) == 0
    assert "New supervision under it stops" in make.client(boss).get("/notices").text
    page = make.client(licensee).get("/notices").text
    assert "has expired as recorded" in page
    assert boss.name not in page.partition("has expired as recorded")[0][-200:]

"""A supervisee with a place and a supervisor on a Friday evening, and short ways to ask about their days."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from supervise.accounts.models import Organisation, Setting
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import attest_days, weeks_to_sign
from supervise.hours import queries, service
from supervise.hours.models import DayRecord, HourEntry
from tests.factories import Factory

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # Friday 20 November, 18:00 in Los Angeles
FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 16)
DRAWING = "M22 62L30 20Q44 40 60 50"


@dataclass
class Desk:
    """``me`` works at ``place`` under ``boss``."""

    make: Factory
    org: Organisation
    me: Actor
    boss: Actor
    place: Setting

    def rows(self, day: date = FRIDAY) -> list[HourEntry]:
        db.session.expire_all()
        return queries.entries(db.session(), self.me.person_id, since=day, until=day)

    def standing(self, day: date = FRIDAY) -> dict[str, int]:
        return {row.category: row.minutes for row in queries.standing(self.rows(day))}

    def record(self, day: date = FRIDAY) -> DayRecord:
        db.session.expire_all()
        found = queries.day_record(db.session(), self.me.person_id, self.place.id, day)
        assert found is not None
        return found

    def state(self, day: date = FRIDAY) -> str:
        return self.record(day).state

    def row(self, category: str, day: date = FRIDAY) -> str:
        """Return the id of the row of a category that stands."""
        return next(row.id for row in queries.standing(self.rows(day)) if row.category == category)

    def submit(self, day: date = FRIDAY, **minutes: int) -> None:
        self.make.day(self.me, self.place, day, submit=True, **(minutes or {"individual": 150}))

    def seen(self) -> dict[str, str]:
        """Return what the signing page shows: week key → fingerprint."""
        db.session.expire_all()
        return {w.key: w.rows_hash for w in weeks_to_sign(self.boss, self.me.person_id).weeks}

    def sign(self) -> int:
        return attest_days(self.boss, self.me.person_id, self.make.password(self.boss), DRAWING, self.seen())

    def correct(self, row_id: str, minutes: int, reason: str = "I mistyped it.") -> None:
        with unit_of_work(self.me) as work:
            service.correct_entry(work, row_id, minutes, reason)


def desk(make: Factory) -> Desk:
    org = make.organisation()
    me = make.person(org, Role.SUPERVISEE, name="Jonah Oyelaran")
    boss = make.person(org, Role.SUPERVISOR, name="Ines Valcourt")
    place = make.setting(me, "Alder Court")
    make.agreement(me, boss, place)
    for row in (org, place):  # kept as they are, so that any thread may ask for their ids
        db.session.refresh(row)
        db.session.expunge(row)
    return Desk(make, org, me, boss, place)

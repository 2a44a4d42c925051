"""People and things for tests, made in one call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import count

from flask import Flask
from flask.testing import FlaskClient

from supervise.accounts.models import Licence, Membership, Organisation, Person, Setting
from supervise.accounts.service import hash_password, open_session
from supervise.accounts.session import cookie_name
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.flows.record_meeting import Plan, record_meeting
from supervise.flows.submit_days import submit_days
from supervise.hours import service as hours
from supervise.supervision import service as supervision
from supervise.supervision.models import Agreement, Group

PASSWORD = "gravel teapot lantern moss"
_numbers = count(1)


@cache
def _hashed() -> str:
    """Hashing is slow on purpose, so the tests share one hash."""
    return hash_password(PASSWORD)


@dataclass
class Factory:
    """Each method writes to the database of ``app`` and returns what it made."""

    app: Flask

    def organisation(self, name: str = "Cedar Street Counseling") -> Organisation:
        with unit_of_work(system()) as work:
            org = Organisation(name=name, zone="America/Los_Angeles", created_at=work.now, is_demo=True)
            work.session.add(org)
        return org

    def person(self, org: Organisation, *roles: Role, name: str = "", zone: str = "America/Los_Angeles") -> Actor:
        """Return the actor of a new member of ``org``."""
        number = next(_numbers)
        with unit_of_work(system(org.id)) as work:
            person = Person(
                email=f"person{number}@test.example", name=name or f"Person Number{number}", zone=zone,
                credential="AMFT" if Role.SUPERVISEE in roles else "LMFT", created_at=work.now,
            )  # fmt: skip
            work.session.add(person)
            work.session.flush()
            work.session.add(
                Membership(
                    org_id=org.id,
                    person_id=person.id,
                    roles=[role.value for role in roles],
                    created_at=work.now - timedelta(days=2000),  # tests date back what these people do
                )
            )
        return Actor(person.id, org.id, frozenset(roles), person.name, person.zone)

    def licence(self, actor: Actor, jurisdiction: str = "US-CA", title: str = "LMFT") -> Licence:
        with unit_of_work(actor) as work:
            licence = Licence(
                person_id=actor.person_id, jurisdiction=jurisdiction, profession="marriage_family_therapy", title=title,
                number=f"{next(_numbers):06d}", issued_on=date(2015, 1, 1),
                expires_on=now().date() + timedelta(days=400), created_at=work.now,
            )  # fmt: skip
            work.session.add(licence)
        return licence

    def setting(self, actor: Actor, name: str = "Cedar Street", board: str = "ca-amft", pay: str = "w2") -> Setting:
        with unit_of_work(actor) as work:
            setting = Setting(
                person_id=actor.person_id, name=name, pay=pay, board=board, degree="post",
                starts_on=date(2025, 1, 1), created_at=work.now,
            )  # fmt: skip
            work.session.add(setting)
        return setting

    def client(self, actor: Actor, csrf: bool = False) -> FlaskClient:
        """Return a browser in which ``actor`` is signed in. With ``csrf`` posts need their token, as in real life."""
        self.app.config["WTF_CSRF_ENABLED"] = csrf
        with unit_of_work(actor) as work:
            secret = open_session(work, actor.person_id, actor.org_id, "A test", second_factor=True)
        client = self.app.test_client()
        client.set_cookie(cookie_name(), secret)
        return client

    def get(self, kind: type, key: str) -> object:
        """Return the row fresh from the database."""
        db.session.expire_all()
        return db.session.get(kind, key)

    def password(self, actor: Actor) -> str:
        """Give the actor the password of the tests and return it."""
        with unit_of_work(system()) as work:
            work.session.get_one(Person, actor.person_id).password_hash = _hashed()
        return PASSWORD

    def agreement(
        self, supervisee: Actor, supervisor: Actor, setting: Setting, *, starts: date = date(2025, 1, 1),
        ends: date | None = None, signed: bool = True,
    ) -> Agreement:  # fmt: skip
        """Return an agreement, signed by both unless ``signed`` is False."""
        terms = supervision.Terms(supervisee.person_id, supervisor.person_id, setting.id, starts, ends, "Weekly.")
        with unit_of_work(supervisee) as work:
            row = supervision.propose_agreement(work, terms)
        for actor in (supervisee, supervisor) if signed else ():
            with unit_of_work(actor) as work:
                supervision.sign_agreement(work, row.id)
        return row

    def group(self, leader: Actor, *members: Actor, name: str = "Tuesday group", kind: str = "supervision") -> Group:
        with unit_of_work(leader) as work:
            row = supervision.start_group(work, name, kind)
            for member in members:
                supervision.join_group(work, row.id, member.person_id)
        for actor in (leader, *members):
            with unit_of_work(actor) as work:
                supervision.sign_covenant(work, row.id)
        return row

    def meeting(
        self, supervisor: Actor, came: Mapping[Actor, Setting], starts: datetime, *, minutes: int = 60,
        mode: str = "in_person",
    ) -> str:  # fmt: skip
        """Record a meeting without notes under agreements that exist; return its id."""
        attendees = {actor.person_id: setting.id for actor, setting in came.items()}
        ends = starts + timedelta(minutes=minutes)
        meeting_id, _ = record_meeting(
            supervisor, Plan(starts, ends, supervisor.zone, mode, None, attendees, (), notes="")
        )
        return meeting_id

    def day(self, actor: Actor, setting: Setting, on: date, *, submit: bool = False, **minutes: int) -> None:
        """Log a day's minutes by category, and hand the day in where ``submit`` says so."""
        with unit_of_work(actor) as work:
            hours.save_day(work, setting.id, on, minutes)
        if submit:
            submit_days(actor, setting.id, [on])

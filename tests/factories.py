"""People and things for tests, made in one call."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from flask import Flask
from flask.testing import FlaskClient

from supervise.accounts.models import Licence, Membership, Organisation, Person, Setting
from supervise.accounts.service import open_session
from supervise.accounts.session import cookie_name
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import unit_of_work

_numbers = count(1)


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
                    org_id=org.id, person_id=person.id, roles=[role.value for role in roles], created_at=work.now
                )
            )
        return Actor(person.id, org.id, frozenset(roles), person.name, person.zone)

    def licence(self, actor: Actor, jurisdiction: str = "US-CA", title: str = "LMFT") -> Licence:
        with unit_of_work(actor) as work:
            licence = Licence(
                person_id=actor.person_id, jurisdiction=jurisdiction, profession="marriage_family_therapy", title=title,
                number=f"{next(_numbers):06d}", issued_on=date(2015, 1, 1), expires_on=now().date() + timedelta(days=400),
                created_at=work.now,
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

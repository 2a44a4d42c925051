"""An author with a draft, and the real engine, loaded once for the session."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from supervise.accounts.models import Organisation
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.ids import new_id
from supervise.core.resources import folder
from supervise.core.uow import unit_of_work
from supervise.deid import queries, service
from supervise.deid.engine import Choice, Engine, load_engine
from supervise.deid.models import Screening
from supervise.deid.rules.work import Work
from tests.factories import Factory

TITLE = "Tavian's father wants the drawings"
BODY = (
    "Tavian Brandvold, 9, was brought to Harbor Lantern Family Center on October 14, 2025 by his mother, "
    "Lucía Brandvold. She is the only nurse in the valley. Tavian draws volcanoes; the SCARED was 31 at intake.\n\n"
    "His father called from (707) 555-0147 and wrote from will.b@tidewater.example about docket 25-DR-30418. "
    "He lives in Crescent City. Abuela Pilar, 91, drives Tavian on Wednesdays.\n\n"
    "May I offer a summary, and do I tell Tavian first?"
)
FIELDS = {"title": TITLE, "body": BODY}
SECRETS = ("Tavian", "Brandvold", "Lucía", "Harbor Lantern", "555-0147", "tidewater", "30418", "Crescent City", "Pilar")


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load_engine(data=folder("config") / "deid")


@pytest.fixture(autouse=True)
def shared_engine(app: Flask, engine: Engine) -> None:
    """Loading takes seconds; the engine keeps nothing between texts, so tests may share it."""
    app.extensions["supervise"].load_engine = lambda: engine


@dataclass
class Author:
    """Someone with a text; ``screened`` brings it to the confirm page."""

    actor: Actor
    subject: str

    def save(self, fields: dict[str, str] = FIELDS) -> None:
        with unit_of_work(self.actor) as work:
            service.save_original(work, self.subject, fields)

    def screened(self, fields: dict[str, str] = FIELDS, allowed: frozenset[str] = frozenset()) -> str:
        self.save(fields)
        prepared = service.prepare(fields, allowed)
        with unit_of_work(self.actor) as work:
            return service.store(work, self.subject, prepared).id

    def row(self, screening_id: str) -> Screening:
        db.session.expire_all()
        return queries.screening(db.session(), screening_id)

    def work(self, screening_id: str) -> Work:
        db.session.expire_all()
        return service.work_on(db.session(), screening_id, self.actor)[1]

    def choose(self, screening_id: str, changes: dict[str, Choice | None]) -> None:
        version = self.row(screening_id).version
        with unit_of_work(self.actor) as work:
            service.choose(work, screening_id, version, changes)

    def accept_rest(self, screening_id: str) -> None:
        version = self.row(screening_id).version
        with unit_of_work(self.actor) as work:
            service.accept_rest(work, screening_id, version)

    def add(self, screening_id: str, passage: str, label: str = "NAME") -> None:
        version = self.row(screening_id).version
        with unit_of_work(self.actor) as work:
            service.add(work, screening_id, version, passage, label)

    def undo(self, screening_id: str) -> None:
        version = self.row(screening_id).version
        with unit_of_work(self.actor) as work:
            service.undo(work, screening_id, version)

    def confirm(self, screening_id: str) -> None:
        shown = self.work(screening_id).hash()
        with unit_of_work(self.actor) as work:
            service.confirm(work, screening_id, shown)

    def release(self) -> dict[str, str]:
        with unit_of_work(self.actor) as work:
            return {name: str(text) for name, text in service.release(work, self.subject).items()}

    def confirmed(self) -> str:
        screening_id = self.screened()
        self.accept_rest(screening_id)
        self.confirm(screening_id)
        return screening_id


@pytest.fixture
def author(make: Factory) -> Author:
    return Author(make.person(make.organisation(), Role.SUPERVISEE), f"case_version:{new_id()}")


@pytest.fixture
def colleague(make: Factory, author: Author) -> Callable[[], Actor]:
    """Make someone else in the author's organisation."""

    def someone() -> Actor:
        return make.person(_organisation(author), Role.SUPERVISOR, Role.ADMIN)

    return someone


def _organisation(author: Author) -> Organisation:
    return db.session.get_one(Organisation, author.actor.org_id)

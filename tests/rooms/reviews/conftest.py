"""A released case with its readers, made by the rooms' own verbs, and the real engine, loaded once."""

from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supervise.access import service as access
from supervise.cases import queries as case_queries
from supervise.cases import service as cases
from supervise.cases.models import Case
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.ids import new_id
from supervise.core.resources import folder
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.deid.engine import Engine, load_engine
from supervise.flows.post_guidance import Posted, Typed, post_guidance
from supervise.policy import Basis
from tests.factories import Factory

BODY = (
    "She has changed her will and the house goes to me. I said at once that I could not accept it. She laughed.\n\n"
    "The lawyer has already filed it. I believe that she can decide. I am less sure that she is free of fear.\n\n"
    "My question: does declining end the conflict?"
)
TEXTS = {"title": "A house in a will", "question": "May I go on visiting?", "body": BODY}


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load_engine(data=folder("config") / "deid")


@pytest.fixture(autouse=True)
def shared_engine(app: Flask, engine: Engine) -> None:
    """Loading takes seconds; the engine keeps nothing between texts, so tests may share it."""
    app.extensions["supervise"].load_engine = lambda: engine


@dataclass
class Room:
    """An organisation with a case: its author, the supervisor of record, two peers, and someone who reads nothing."""

    make: Factory
    author: Actor
    supervisor: Actor
    peer: Actor
    peer2: Actor
    stranger: Actor
    foreigner: Actor
    case_id: str = ""
    kind: str = "supervision"
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        db.session.expire_all()
        return case_queries.get(db.session(), self.case_id)

    def browser(self, actor: Actor) -> FlaskClient:
        if actor.person_id not in self.clients:
            self.clients[actor.person_id] = self.make.client(actor)
        return self.clients[actor.person_id]

    def page(self, actor: Actor, query: str = "") -> str:
        answer = self.browser(actor).get(f"/cases/{self.case_id}{query}")
        assert answer.status_code == 200, answer.status
        return answer.get_data(as_text=True)

    def release(self, kind: str = "supervision", texts: dict[str, str] = TEXTS) -> str:
        """Start a case and release it to its readers."""
        supervised = kind == "supervision"
        brief = cases.Brief(
            kind=kind, audience="supervisor" if supervised else "peers", jurisdiction="US-CA", dilemmas=("gifts",),
            supervisor_id=self.supervisor.person_id if supervised else None,
        )  # fmt: skip
        with unit_of_work(self.author) as work:
            self.case_id = cases.start(work, brief, texts).id
        self.kind = kind
        self.confirm_and_release(texts)
        grounds = [(self.peer, Basis.PEER), (self.peer2, Basis.PEER)]
        grounds += [(self.supervisor, Basis.SUPERVISOR)] if supervised else []
        with unit_of_work(self.author) as work:
            for reader, basis in grounds:
                access.grant(
                    work, case_id=self.case_id, org_id=self.author.org_id, person_id=reader.person_id, basis=basis
                )
        return self.case_id

    def confirm_and_release(self, texts: dict[str, str]) -> None:
        prepared = deid.prepare(texts, frozenset())
        assert prepared.clean, "the text of this test should need no decisions"
        with unit_of_work(self.author) as work:
            draft = case_queries.draft(work.session, self.case_id)
            assert draft is not None
            cases.screened(work, self.case_id)
            cases.confirmed(work, draft.id)
            cases.release_version(work, self.case_id, deid.clean_release(work, prepared))

    def new_version(self, body: str) -> None:
        texts = {**TEXTS, "body": body}
        with unit_of_work(self.author) as work:
            cases.save(work, self.case_id, 0, None, texts)
        self.confirm_and_release(texts)

    def post(self, actor: Actor, body: str, kind: str = "observation", **more: object) -> Posted:
        """Hand a post in through the flow."""
        return post_guidance(actor, self.case_id, new_id(), Typed(kind=kind, body=body, **more), 0)  # type: ignore[arg-type]

    def send(self, actor: Actor, body: str, **more: object) -> object:
        """Hand a post in through the form of the page."""
        data = {"post_id": new_id(), "version": "0", "kind": "observation", "body": body, "do": "publish", **more}
        return self.browser(actor).post(f"/cases/{self.case_id}/posts", data=data)


@pytest.fixture
def room(app: Flask, make: Factory) -> Room:
    org, other = make.organisation(), make.organisation("Elsewhere")
    return Room(
        make=make,
        author=make.person(org, Role.SUPERVISEE, name="Annika Solheim"),
        supervisor=make.person(org, Role.SUPERVISOR, name="Ines Valcourt"),
        peer=make.person(org, Role.CLINICIAN, name="Desmond Achebe"),
        peer2=make.person(org, Role.CLINICIAN, name="Priya Raghunathan"),
        stranger=make.person(org, Role.CLINICIAN, name="Noor Haddad"),
        foreigner=make.person(other, Role.CLINICIAN, name="Someone Else"),
    )


@pytest.fixture
def thread(room: Room) -> Room:
    """A supervision case that is open."""
    room.release()
    return room


@pytest.fixture
def consultation(room: Room) -> Room:
    """A consultation case that is open."""
    room.release("consultation")
    return room

"""A clinic with a rota, a mail server, and a receiver of pages on loopback."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from supervise.accounts.models import Person
from supervise.core.actor import Actor, Role, system
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.safety.models import Crisis, CrisisStep
from supervise.safety.service import take_rung
from tests.factories import Factory
from tests.rooms.jobs.conftest import later as later
from tests.rooms.notifications.conftest import PostOffice
from tests.rooms.notifications.conftest import post as post


@dataclass
class Phones:
    """A receiver of pages: what was posted, with its headers. While ``refuses`` is set, it answers 503."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refuses: bool = False

    def bodies(self) -> list[dict[str, object]]:
        return [json.loads(body) for _headers, body in self.got]

    def forms(self) -> list[dict[str, list[str]]]:
        return [parse_qs(body.decode()) for _headers, body in self.got]


@pytest.fixture
def phones() -> Iterator[Phones]:
    there = Phones()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if not there.refuses:
                there.got.append((dict(self.headers), body))
            self.send_response(503 if there.refuses else 200)
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the heartbeat

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    there.url = f"http://127.0.0.1:{server.server_port}/pages"
    yield there
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    if request.node.get_closest_marker("browser"):
        return settings  # nothing is sent there, and a mail server cannot begin beside a browser's loop
    post: PostOffice = request.getfixturevalue("post")
    phones: Phones = request.getfixturevalue("phones")
    mail = {"mail_server": "127.0.0.1", "mail_port": post.port, "mail_security": "none"}
    return settings.model_copy(update={**mail, "mail_from": "supervise@clinic.example", "pager_url": phones.url})


@dataclass
class Rota:
    """Who is who: ``asker`` is supervised by ``boss``, who is not on call."""

    asker: Actor
    boss: Actor
    on_call: Actor
    backup: Actor
    lead: Actor
    client_id: str = ""


@pytest.fixture
def people(make: Factory) -> Rota:
    """The people, before anybody is on call."""
    org = make.organisation()
    asker = make.person(org, Role.SUPERVISEE, name="Annika Solheim")
    boss, first, second, third = (
        make.person(org, Role.SUPERVISOR, name=name)
        for name in ("Ines Valcourt", "Oluwaseun Brandt", "Petra Lindqvist", "Hal Whitcomb")
    )
    make.agreement(asker, boss, make.setting(asker))
    with unit_of_work(system()) as work:
        for number, one in enumerate((asker, boss, first, second, third)):
            work.session.get_one(Person, one.person_id).phone = f"+1 559 555 01{number:02d}"
    return Rota(asker, boss, first, second, third)


@pytest.fixture
def rota(people: Rota) -> Rota:
    """The same, with someone on each rung."""
    for rung, who in (("on_call", people.on_call), ("backup", people.backup), ("lead", people.lead)):
        with unit_of_work(people.boss) as work:
            take_rung(work, rung, who.person_id)
    return people


def crisis(crisis_id: str) -> Crisis:
    """Return a crisis as it is in the database now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Crisis, crisis_id)


def paged(crisis_id: str, channel: str = "in_app") -> list[str]:
    """Return who was paged through a channel, the first first."""
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.query(CrisisStep).filter_by(crisis_id=crisis_id, kind="paged", channel=channel)
    return [str(row.person_id) for row in rows.order_by(CrisisStep.at, CrisisStep.id)]

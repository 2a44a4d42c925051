"""A small clinic, cases without the way through the engine, and a mail server on loopback."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from supervise.access.models import CaseAccess
from supervise.cases.models import Case, CaseVersion
from supervise.core.actor import Actor, Role
from supervise.core.clock import now
from supervise.core.ids import new_code
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.policy import Basis
from supervise.reviews.models import Decision, Post, Ruling
from tests.factories import Factory


@dataclass
class PostOffice:
    """What arrived. The next ``refuse`` messages are turned away with a temporary failure."""

    port: int
    arrived: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuse: int = 0
    refused: int = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse > 0:
            self.refuse, self.refused = self.refuse - 1, self.refused + 1
            return "451 4.3.0 not now"
        content = envelope.original_content
        assert content is not None
        self.arrived.append(message_from_bytes(content, policy=policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def post() -> Iterator[PostOffice]:
    office = PostOffice(free_port())
    server = Controller(office, hostname="127.0.0.1", port=office.port)
    server.start()
    yield office
    server.stop()


@pytest.fixture
def settings(settings: Settings, post: PostOffice) -> Settings:
    mail = {"mail_server": "127.0.0.1", "mail_port": post.port, "mail_security": "none"}
    return settings.model_copy(update={**mail, "mail_from": "supervise@clinic.example"})


@dataclass
class Clinic:
    """The people, and rows as the rooms write them, put in place directly so that fifty cost no time."""

    make: Factory
    org_id: str
    author: Actor
    supervisor: Actor
    peer: Actor
    admin: Actor
    auditor: Actor

    def case(
        self, title: str = "A house in a will", *, state: str = "open", kind: str = "supervision", days_ago: float = 1,
        author: Actor | None = None, readers: tuple[Actor, ...] = (), **changes: object,
    ) -> str:  # fmt: skip
        """Write a released case (a draft where ``state`` says so) that the supervisor and ``readers`` may read."""
        author, at = author or self.author, now() - timedelta(days=days_ago)
        released = state not in {"draft", "proposed", "confirmed"}
        with unit_of_work(author) as work:
            case = Case(
                org_id=self.org_id, code=new_code(), author_id=author.person_id, kind=kind, audience="supervisor",
                supervisor_id=self.supervisor.person_id if kind == "supervision" else None, state=state,
                jurisdiction="US-CA", current_version=int(released), created_at=at, changed_at=at,
                released_at=at if released else None, decided_at=at if state in {"decided", "closed"} else None,
                closed_at=at if state == "closed" else None,
            )  # fmt: skip
            for name, value in changes.items():
                setattr(case, name, value)
            work.session.add(case)
            work.session.flush()
            work.session.add(
                CaseVersion(
                    case_id=case.id, org_id=self.org_id, number=1, stage="released" if released else state,
                    title=title if released else "", question="", body="", created_at=at, saved_at=at,
                    released_at=at if released else None,
                )
            )  # fmt: skip
            grounds = [(author, Basis.AUTHOR), *((reader, Basis.PEER) for reader in readers)]
            if kind == "supervision":
                grounds.append((self.supervisor, Basis.SUPERVISOR))
            for reader, basis in grounds:
                work.session.add(
                    CaseAccess(
                        case_id=case.id, org_id=self.org_id, person_id=reader.person_id, basis=basis, granted_at=at
                    )
                )
            return case.id

    def post(self, case_id: str, by: Actor, kind: str = "answer", *, days_ago: float = 0, **changes: object) -> str:
        at = now() - timedelta(days=days_ago)
        with unit_of_work(by) as work:
            row = Post(
                org_id=self.org_id, case_id=case_id, author_id=by.person_id, kind=kind, state="published",
                version_number=1, body="WORDS OF A POST", created_at=at, saved_at=at, published_at=at,
            )  # fmt: skip
            for name, value in changes.items():
                setattr(row, name, value)
            work.session.add(row)
            work.session.flush()
            return row.id

    def decision(self, case_id: str, *, state: str = "published", at: datetime | None = None, **changes: object) -> str:
        at = at or now()
        with unit_of_work(self.author) as work:
            row = Decision(
                org_id=self.org_id, case_id=case_id, author_id=self.author.person_id, state=state, created_at=at,
                saved_at=at, published_at=at if state == "published" else None,
            )  # fmt: skip
            for name, value in changes.items():
                setattr(row, name, value)
            work.session.add(row)
            work.session.flush()
            return row.id

    def send_back(self, case_id: str, decision_id: str) -> None:
        with unit_of_work(self.supervisor) as work:
            work.session.add(
                Ruling(
                    org_id=self.org_id, case_id=case_id, decision_id=decision_id, by_id=self.supervisor.person_id,
                    outcome="sent_back", state="published", reason="WHY", made_at=work.now, published_at=work.now,
                )
            )  # fmt: skip


@pytest.fixture
def clinic(make: Factory) -> Clinic:
    org = make.organisation()
    author = make.person(org, Role.SUPERVISEE, name="Annika Solheim")
    supervisor = make.person(org, Role.SUPERVISOR, name="Ines Valcourt")
    return Clinic(
        make, org.id, author, supervisor,
        peer=make.person(org, Role.CLINICIAN, name="Lucjan Wierzbicki"),
        admin=make.person(org, Role.ADMIN, name="Hal Whitcomb"),
        auditor=make.person(org, Role.AUDITOR, name="Ruth Okafor-Stein"),
    )  # fmt: skip

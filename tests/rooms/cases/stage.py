"""An author with a supervisor of record, a group, colleagues and a client; and the way of a case in a few calls."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from supervise.cases import queries, service
from supervise.cases.models import Case, CaseVersion
from supervise.consents import service as consents
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.ids import new_id
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.deid.queries import screening_of
from supervise.flows.publish import publish_confirmed
from supervise.flows.release_case import release_case, release_plan
from supervise.flows.revoke_consent import record_consent
from supervise.flows.start_case import Draft, save_draft, screen_draft
from tests.factories import Factory

TITLE = "A house in a will"
BODY = (
    "She has changed her will and the house goes to me. I said at once that I could not accept it. She laughed.\n\n"
    "The lawyer has already filed it. I believe that she can decide. I am less sure that she is free of fear."
)
NAMED = "Milica Jovanović laughed. Milica lives at 14 Cedar Street in Fresno and her number is (559) 555-0123."


@dataclass
class Stage:
    """The people of a small clinic, and verbs that bring a case from draft to release as the pages do."""

    make: Factory
    author: Actor
    supervisor: Actor
    member: Actor
    leader: Actor
    peer: Actor
    stranger: Actor
    foreigner: Actor
    auditor: Actor
    group_id: str
    client_id: str
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return local_day(now(), self.author.zone)

    @property
    def supervised(self) -> str:
        return f"supervision:{self.supervisor.person_id}:"

    @property
    def supervised_group(self) -> str:
        return f"supervision:{self.supervisor.person_id}:{self.group_id}"

    @property
    def with_group(self) -> str:
        return f"consultation::{self.group_id}"

    def draft(self, **changes: object) -> Draft:
        values: dict[str, object] = {
            "title": TITLE, "question": "May I go on visiting?", "body": BODY, "way": self.supervised,
            "client_id": self.client_id, "jurisdiction": "US-CA",
        }  # fmt: skip
        return Draft(**{**values, **changes})  # type: ignore[arg-type]

    def start(self, **changes: object) -> str:
        case_id = new_id()
        save_draft(self.author, case_id, 0, self.draft(**changes), new=True)
        return case_id

    def confirm(self, case_id: str) -> None:
        """Screen the draft, accept everything, and confirm the result."""
        screening_id = screen_draft(self.author, case_id)
        _, work = deid.work_on(db.session(), screening_id, self.author)
        if not work.is_complete:
            with unit_of_work(self.author) as unit:
                found = screening_of(unit.session, service.subject_of(self.unreleased(case_id)))
                assert found is not None
                deid.accept_rest(unit, screening_id, found.version)
        shown = deid.work_on(db.session(), screening_id, self.author)[1].hash()
        publish_confirmed(self.author, screening_id, shown)

    def confirmed(self, **changes: object) -> str:
        case_id = self.start(**changes)
        self.confirm(case_id)
        return case_id

    def release(self, case_id: str) -> int:
        """Release to the readers that the release page shows now."""
        return release_case(self.author, case_id, release_plan(self.author, case_id).fingerprint)

    def press_release(self, case_id: str, seen: str | None = None) -> TestResponse:
        """Press the button of the release page; ``seen`` is the list of readers on it, as it is now by default."""
        seen = release_plan(self.author, case_id).fingerprint if seen is None else seen
        return self.browser(self.author).post(f"/cases/{case_id}/release", data={"seen": seen})

    def released(self, **changes: object) -> str:
        case_id = self.confirmed(**changes)
        self.release(case_id)
        return case_id

    def revise(self, case_id: str, body: str) -> None:
        """Release a new version of an open case."""
        save_draft(self.author, case_id, 0, self.draft(body=body))
        self.confirm(case_id)
        self.release(case_id)

    def disclose(self) -> str:
        with unit_of_work(self.author) as work:
            return consents.disclose(work, self.client_id, self.today).id

    def consent(self, scope: str = "group", expires_in: int | None = None) -> str:
        return record_consent(
            self.author, self.client_id, scope=scope, group_id=self.group_id if scope == "group" else None,
            obtained_how="signed_form", obtained_on=self.today,
            expires_on=None if expires_in is None else self.today + timedelta(days=expires_in),
        )  # fmt: skip

    def case(self, case_id: str) -> Case:
        db.session.expire_all()
        return queries.get(db.session(), case_id)

    def unreleased(self, case_id: str) -> CaseVersion:
        db.session.expire_all()
        found = queries.draft(db.session(), case_id)
        assert found is not None
        return found

    def browser(self, actor: Actor) -> FlaskClient:
        if actor.person_id not in self.browsers:
            self.browsers[actor.person_id] = self.make.client(actor)
        return self.browsers[actor.person_id]

    def reads(self, actor: Actor, case_id: str) -> bool:
        answer = self.browser(actor).get(f"/cases/{case_id}/versions/1")
        assert answer.status_code in {200, 404}, answer.status
        return answer.status_code == 200

    def form(self, **changes: object) -> dict[str, object]:
        """Return what the editor posts."""
        values: dict[str, object] = {
            "version": "0", "title": TITLE, "question": "May I go on visiting?", "body": BODY, "way": self.supervised,
            "client_id": self.client_id, "jurisdiction": "US-CA", "urgency": "routine",
        }  # fmt: skip
        return {**values, **changes}

    def post(self, path: str, **changes: object) -> TestResponse:
        data = self.form(**changes)
        return self.browser(self.author).post(path, data=data, content_type="multipart/form-data")


def stage(make: Factory) -> Stage:
    """Set the stage; nothing is consented to yet."""
    org, other = make.organisation(), make.organisation("Elsewhere")
    author = make.person(org, Role.SUPERVISEE, name="Annika Solheim")
    supervisor = make.person(org, Role.SUPERVISOR, name="Ines Valcourt")
    leader = make.person(org, Role.CLINICIAN, name="Desmond Achebe")
    member = make.person(org, Role.CLINICIAN, name="Priya Raghunathan")
    make.agreement(author, supervisor, make.setting(author))
    group = make.group(leader, author, member)
    with unit_of_work(author) as work:
        client_id = consents.start_client(work, "US-CA").id
    return Stage(
        make=make, author=author, supervisor=supervisor, member=member, leader=leader,
        peer=make.person(org, Role.CLINICIAN, name="Lucjan Wierzbicki"),
        stranger=make.person(org, Role.SUPERVISOR, name="Noor Haddad"),
        foreigner=make.person(other, Role.CLINICIAN, name="Someone Else"),
        auditor=make.person(org, Role.AUDITOR, name="Benedikt Aronsson"),
        group_id=group.id, client_id=client_id,
    )  # fmt: skip

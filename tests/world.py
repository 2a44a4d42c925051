"""A small world for tests that look at everything: people in every relation to things of every kind.

Each text that somebody typed carries a *canary*, an e-mail address that its author takes out before anyone else reads.
What remains for readers carries *plain words*, ordinary ones that no page of ours uses, so that a page which shows
anything of a thing to the wrong person is recognised by its words.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from supervise.access import service as access
from supervise.accounts import queries as accounts
from supervise.accounts.models import Membership, Organisation, SignIn
from supervise.accounts.service.links import invite, reset_link
from supervise.accounts.service.members import end_membership
from supervise.accounts.service.parking import park
from supervise.accounts.service.relationships import declare
from supervise.accounts.session import cookie_name
from supervise.audit.models import AuditRow
from supervise.cases import queries as case_queries
from supervise.cases.service import set_legal_hold
from supervise.consents import service as consents
from supervise.core import due
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import local_day, now, replaying
from supervise.core.db import db
from supervise.core.ids import new_id
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.duties.service import Opening
from supervise.flows.attest_days import attest_days, weeks_to_sign
from supervise.flows.board_report import issue_packet, ready
from supervise.flows.decide_case import decide_case, deciding, save_decision
from supervise.flows.follow_duty import open_duty
from supervise.flows.page_crisis import ask_for_help
from supervise.flows.post_guidance import Typed, edit_post, post_guidance
from supervise.flows.post_guidance import save_draft as save_post
from supervise.flows.publish import publish_confirmed
from supervise.flows.record_meeting import Plan, record_meeting
from supervise.flows.release_case import release_case, release_plan
from supervise.flows.revoke_consent import record_consent, revoke_consent
from supervise.flows.rule_on_case import rule_on_case
from supervise.flows.see_identifier import see_identifier
from supervise.flows.start_case import PEERS, Draft, save_draft, screen_draft
from supervise.flows.submit_days import submit_days
from supervise.hours import service as hours
from supervise.hours.queries import entries
from supervise.hours.rules import ImportRow
from supervise.notifications.models import Notice
from supervise.policy import Basis
from supervise.reports.queries import report
from supervise.reports.seal import make_seal_identity
from supervise.reviews.queries import post
from tests.factories import Factory

WORDS = ("walnut", "orchard", "accordion", "pelican", "tangerine", "thimble", "velvet", "foxglove", "gherkin")
"""Words of titles, texts, terms, notes and places; no template has them."""

CANARY = re.compile(r"canary\d+x", re.IGNORECASE)
DRAWING = "M12 62 Q30 10 44 40 Q52 66 66 44 Q84 18 96 48"


@dataclass
class World:
    """People by their part, ids of things by kind and name, and who planted which canary."""

    make: Factory
    people: dict[str, Actor] = field(default_factory=dict)
    things: dict[str, dict[str, str]] = field(default_factory=dict)
    planted: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    def canary(self, author: str) -> str:
        """Return a new address that only ``author`` may ever see."""
        token = f"canary{next(self._numbers):02d}x"
        self.planted[token] = author
        return f"{token}@hidden.example"

    def keep(self, kind: str, name: str, row_id: str) -> str:
        self.things.setdefault(kind, {})[name] = row_id
        return row_id

    def browser(self, who: str) -> FlaskClient:
        """Return a new browser in which someone is signed in; ``anonymous`` is not."""
        browser = self.make.app.test_client()
        if who in self.secrets:
            browser.set_cookie(cookie_name(), self.secrets[who])
        return browser

    def finish(self, author: str, screening_id: str | None) -> None:
        """Accept what was found, and confirm."""
        if screening_id is None:
            return
        actor = self.people[author]
        screening, work = deid.work_on(db.session(), screening_id, actor)
        if not work.is_complete:
            with unit_of_work(actor) as unit:
                deid.accept_rest(unit, screening_id, screening.version)
        publish_confirmed(actor, screening_id, deid.work_on(db.session(), screening_id, actor)[1].hash())


def build(make: Factory) -> World:
    """Build the world in the database of ``make``'s application, through the verbs that pages use."""
    world = World(make)
    identity = make_seal_identity("Cedar Street Counseling")
    keyring = make.app.extensions["supervise"].keyring
    keyring.put_item("seal-key", identity.key_pem)
    keyring.put_item("seal-certificate", identity.certificate_pem)
    _people(world)
    _places(world)
    _cases(world)
    _threads(world)
    _supervision(world)
    _hours(world)
    _odds_and_ends(world)
    for name, actor in world.people.items():
        cookie = make.client(actor).get_cookie(cookie_name())
        assert cookie
        world.secrets[name] = cookie.value
    for name in ("author", "abroad"):
        session = db.session().query(SignIn).filter_by(person_id=world.people[name].person_id).first()
        world.keep("sign_in_id", name, session.id)
    with unit_of_work(world.people["admin"]) as work:
        end_membership(work, work.actor.org_id, world.people["removed"].person_id)
    return world


def _people(world: World) -> None:
    make = world.make
    here, there = make.organisation("Cedar Street Counseling"), make.organisation("Harbor Lane Practice")
    for name, role in {
        "author": Role.SUPERVISEE, "fellow": Role.SUPERVISEE, "supervisor": Role.SUPERVISOR,
        "other_supervisor": Role.SUPERVISOR, "former": Role.SUPERVISOR, "leader": Role.CLINICIAN,
        "member": Role.CLINICIAN, "peer": Role.CLINICIAN, "stranger": Role.CLINICIAN, "removed": Role.CLINICIAN,
        "admin": Role.ADMIN, "auditor": Role.AUDITOR,
    }.items():  # fmt: skip
        world.people[name] = make.person(here, role, name=f"{name.replace('_', ' ').title()} Person")
    world.people["abroad"] = make.person(there, *Role, name="Abroad Person")
    for name in ("author", "supervisor"):
        world.people[f"{name}_abroad"] = _also_in(world.people[name], there, *Role)
    world.keep("person_id", "author", world.people["author"].person_id)
    world.keep("person_id", "abroad", world.people["abroad"].person_id)
    world.keep("colleague", "member", world.people["member"].person_id)
    world.keep("org_id", "abroad", there.id)


def _also_in(actor: Actor, org: Organisation, *roles: Role) -> Actor:
    """Make someone a member of a second organisation, where they hold every role."""
    with unit_of_work(system(org.id)) as work:
        work.session.add(
            Membership(
                org_id=org.id, person_id=actor.person_id, roles=[role.value for role in roles], created_at=work.now
            )
        )
    return Actor(actor.person_id, org.id, frozenset(roles), actor.name, actor.zone)


def _places(world: World) -> None:
    make, people = world.make, world.people
    author = people["author"]
    with replaying(now() - timedelta(days=60)):
        for name, boss in (("author", "supervisor"), ("fellow", "other_supervisor"), ("abroad", "supervisor_abroad")):
            setting = make.setting(people[name], name=f"Foxglove {name}")
            world.keep("setting_id", name, setting.id)
            agreement = make.agreement(people[name], people[boss], setting, signed=name != "fellow")
            world.keep("agreement_id", name, agreement.id)
            world.keep("licence_id", name, make.licence(people[name]).id)
            world.keep("relationship_id", name, _relationship(world, name))
        for name in ("author", "abroad"):
            row = ImportRow(2, _day(world, name), "", 5, "other", None)
            with unit_of_work(people[name]) as work:
                made = hours.import_rows(work, world.things["setting_id"][name], "log.csv", [row])
            world.keep("import_id", name, made.id)
        for name in ("supervisor", "supervisor_abroad"):
            make.licence(people[name])
        # once supervised the author, and does not any more
        past = {"starts": date(2025, 1, 1), "ends": _day(world, "author", -30)}
        row = make.agreement(author, people["former"], _setting(world, "author"), **past)
        world.keep("agreement_id", "past", row.id)
    group = make.group(people["leader"], author, people["member"], people["removed"], name="Thimble group")
    world.keep("group_id", "here", group.id)
    abroad = make.group(people["abroad"], people["supervisor_abroad"], name="Thimble group abroad")
    world.keep("group_id", "abroad", abroad.id)
    for name in ("author", "abroad"):
        with unit_of_work(people[name]) as work:
            client_id = world.keep("client_id", name, consents.start_client(work, "US-CA").id)
            consents.disclose(work, client_id, local_day(now(), work.actor.zone))
        consent_id = record_consent(
            people[name], client_id, scope="group", obtained_how="signed_form", expires_on=_day(world, name, 20),
            group_id=world.things["group_id"]["here" if name == "author" else "abroad"], obtained_on=_day(world, name),
        )  # fmt: skip
        world.keep("consent_id", name, consent_id)
        record_consent(
            people[name], client_id, scope="peers", obtained_how="signed_form", obtained_on=_day(world, name)
        )


def _relationship(world: World, name: str) -> str:
    other = world.people["author_abroad" if name == "abroad" else "stranger"]
    with unit_of_work(world.people[name]) as work:
        return declare(work, other.person_id, "friend").id


def _day(world: World, name: str, days: int = 0) -> Any:
    return local_day(now(), world.people[name].zone) + timedelta(days=days)


def _texts(world: World, author: str, name: str) -> dict[str, str]:
    return {
        "title": f"A walnut orchard {name}, write to {world.canary(author)}",
        "question": f"May I keep the accordion? The owner is {world.canary(author)}.",
        "body": (
            f"She gave me a pelican and a tangerine. Her address is {world.canary(author)}.\n\n"
            "I said at once that I could not accept it. She laughed."
        ),
    }


def _draft(world: World, author: str, name: str, way: str, **more: Any) -> str:
    case_id = world.keep("case_id", name, new_id())
    client = world.things["client_id"].get(author) or more.pop("client_id")
    draft = Draft(**_texts(world, author, name), way=way, client_id=client, jurisdiction="US-CA", **more)
    save_draft(world.people[author], case_id, 0, draft, new=True)
    return case_id


def _release(world: World, author: str, name: str, way: str, **more: Any) -> str:
    case_id = _draft(world, author, name, way, **more)
    world.finish(author, screen_draft(world.people[author], case_id))
    who = world.people[author]
    release_case(who, case_id, release_plan(who, case_id).fingerprint)
    return case_id


def _cases(world: World) -> None:
    """A case in each state, read by the supervisor of record, the group and one peer; and one of other people."""
    people, group_id = world.people, world.things["group_id"]["here"]
    author = people["author"]
    way = f"supervision:{people['supervisor'].person_id}:{group_id}"
    _draft(world, "author", "draft", way)
    screening_id = screen_draft(author, _draft(world, "author", "proposed", way))
    world.keep("screening_id", "vignette", screening_id)
    world.finish("author", screen_draft(author, _draft(world, "author", "confirmed", way)))
    for name in ("open", "decided", "closed", "withdrawn", "held"):
        _release(world, "author", name, way)
        with unit_of_work(author) as work:
            access.grant(
                work, case_id=world.things["case_id"][name], org_id=author.org_id,
                person_id=people["peer"].person_id, basis=Basis.PEER,
            )  # fmt: skip
    peers = (people["peer"].person_id, people["removed"].person_id)
    _release(world, "author", "peers", PEERS, peer_ids=peers)
    _release(world, "abroad", "abroad", f"consultation::{world.things['group_id']['abroad']}")
    with unit_of_work(author) as work:
        set_legal_hold(work, world.things["case_id"]["held"], True)
    seen = see_identifier(people["member"], world.things["case_id"]["held"], "tangerine")
    world.keep("incident_id", "held", seen)
    _lapse(world, way)
    for name, case_id in (("author", world.things["case_id"]["open"]), ("abroad", None)):
        opening = Opening("child", now(), people[name].zone, "US-CA", case_id=case_id)
        world.keep("record_id", name, open_duty(people[name], opening))
    save_draft(author, world.things["case_id"]["open"], 0, Draft(**_texts(world, "author", "again")))
    world.finish("author", screen_draft(author, world.things["case_id"]["open"]))
    opened = world.things["case_id"]["open"]
    release_case(author, opened, release_plan(author, opened).fingerprint)


def _lapse(world: World, way: str) -> None:
    """A case of a second client, whose consent for the group was taken back."""
    author = world.people["author"]
    with unit_of_work(author) as work:
        client_id = world.keep("client_id", "lapsed", consents.start_client(work, "US-CA").id)
        consents.disclose(work, client_id, _day(world, "author"))
    consent_id = record_consent(
        author, client_id, scope="group", obtained_how="signed_form", obtained_on=_day(world, "author"),
        group_id=world.things["group_id"]["here"],
    )  # fmt: skip
    own = world.things["client_id"].pop("author")
    world.things["client_id"]["author"] = client_id
    _release(world, "author", "lapsed", way)
    world.things["client_id"]["author"] = own
    revoke_consent(author, consent_id)


def _threads(world: World) -> None:
    """Posts of every state in the open case, decisions and rulings in those that went on."""
    open_case = world.things["case_id"]["open"]
    _post(world, "published", "member", open_case, finish=True)
    _post(world, "waiting", "peer", open_case)
    _post(world, "must_do", "supervisor", open_case, finish=True, kind="must_do", due_on=_day(world, "author", 5))
    _post(world, "own", "author", open_case, finish=True)
    _post(world, "abroad", "abroad", world.things["case_id"]["abroad"], finish=True)
    post_id = world.keep("post_id", "draft", new_id())
    save_post(world.people["member"], open_case, post_id, Typed(body=f"Ask {world.canary('member')}, velvet"), 0)
    words = f"Ask {world.canary('member')}."
    edited = edit_post(world.people["member"], world.things["post_id"]["published"], words, "", _seen(world))
    world.keep("screening_id", "edit", edited.screening_id or "")
    for name in ("decided", "closed"):
        case_id = world.things["case_id"][name]
        _post(world, f"in_{name}", "member", case_id, finish=True)
        posted = decide_case(world.people["author"], case_id, _decision(world), 0)
        world.finish("author", posted.screening_id)
    save_decision(world.people["author"], open_case, _decision(world), 0)
    _rule(world, "supervisor", "closed", "signed_off", finish=True)
    _rule(world, "author", "withdrawn", "withdrawn", finish=True)
    _rule(world, "supervisor", "decided", "sent_back")


def _seen(world: World) -> int:
    return post(db.session(), world.things["post_id"]["published"]).version


def _post(world: World, name: str, who: str, case_id: str, *, finish: bool = False, **more: Any) -> None:
    body = f"I would ask about the velvet gherkin. The owner is {world.canary(who)}."
    posted = post_guidance(world.people[who], case_id, new_id(), Typed(body=body, **more), 0)
    world.keep("post_id", name, posted.row_id)
    assert posted.screening_id
    world.keep("screening_id", name, posted.screening_id)
    if finish:
        world.finish(who, posted.screening_id)


def _decision(world: World) -> Any:
    options: list[dict[str, str | bool]] = [
        {"option": "Give the velvet back", "for": "It is clear.", "against": world.canary("author"), "chosen": True},
        {"option": "Keep the velvet", "for": "It is easy.", "against": "It binds.", "chosen": False},
    ]
    return deciding(options, f"I give the gherkin back and write to {world.canary('author')}.", (), None)


def _rule(world: World, who: str, name: str, outcome: str, *, finish: bool = False) -> None:
    case_id = world.things["case_id"][name]
    seen = case_queries.get(db.session(), case_id).version
    reason = f"The velvet is settled with {world.canary(who)}."
    posted = rule_on_case(world.people[who], case_id, outcome, reason, seen)
    if finish:
        world.finish(who, posted.screening_id)
    else:
        assert posted.screening_id
        world.keep("screening_id", "ruling", posted.screening_id)


def _supervision(world: World) -> None:
    """A meeting here with notes that wait for their author, and one elsewhere whose notes are published."""
    for name, boss, days in (("author", "supervisor", 9), ("abroad", "supervisor_abroad", 8)):
        starts = datetime.combine(_day(world, name, -days), time(20), UTC)  # noon there, on a day with hours
        plan = Plan(
            starts, starts + timedelta(minutes=60), world.people[boss].zone, "in_person", None,
            {world.people[name].person_id: world.things["setting_id"][name]}, (),
            notes=f"We spoke about a gherkin. {world.canary(boss)} was named.",
        )  # fmt: skip
        meeting_id, outcome = record_meeting(world.people[boss], plan)
        world.keep("meeting_id", name, meeting_id)
        assert outcome.screening_id, outcome.problem
        if name == "abroad":
            world.finish(boss, outcome.screening_id)
        else:
            world.keep("screening_id", "notes", outcome.screening_id)


def _hours(world: World) -> None:
    """Two signed days, one that waits, one that is being written; a packet of the signed ones."""
    make, setting = world.make, world.things["setting_id"]
    for name, boss in (("author", "supervisor"), ("abroad", "supervisor_abroad")):
        actor = world.people[name]
        row = db.session().get(type(make.licence(actor)), world.things["licence_id"][name])
        assert row
        for days in (8, 9, 1):
            make.day(actor, _setting(world, name), _day(world, name, -days), individual=120, documentation=30)
        submit_days(actor, setting[name], [_day(world, name, -9), _day(world, name, -8)])
        password = make.password(world.people[boss])
        seen = {w.key: w.rows_hash for w in weeks_to_sign(world.people[boss], actor.person_id).weeks}
        attest_days(world.people[boss], actor.person_id, password, DRAWING, seen)
        world.keep("report_id", name, issue_packet(actor, ready(actor).choices[0].key))
        world.keep("code", name, report(db.session(), world.things["report_id"][name]).code)
        submit_days(actor, setting[name], [_day(world, name, -1)])
        make.day(actor, _setting(world, name), _day(world, name), individual=60)
        signed = [row for row in entries(db.session(), actor.person_id) if row.source == "typed"]
        world.keep("entry_id", name, signed[0].id)


def _setting(world: World, name: str) -> Any:
    found = {row.id: row for row in accounts.settings_of(db.session(), world.people[name].person_id)}
    return found[world.things["setting_id"][name]]


def _odds_and_ends(world: World) -> None:
    people = world.people
    for name, boss in (("abroad", "supervisor_abroad"), ("author", "admin")):
        with unit_of_work(people[boss]) as work:
            path = invite(work, work.actor.org_id, f"foxglove-{name}@test.example", "", ["clinician"])
            world.keep("token", "invitation", path.rpartition("/")[2])
            parked = park(
                work, people[name].person_id, "/account", [("body", f"pelican {world.canary(name)}, more words")]
            )
            world.keep("parked_id", name, str(parked))
    with unit_of_work(system(people["author"].org_id)) as work:
        world.keep("token", "reset", reset_link(work, people["fellow"].person_id).rpartition("/")[2])
        stuck = due.DueWork(
            kind="mail.notice", ids={"notice_id": "0"}, due_at=work.now, created_at=work.now, attempts=12,
            gave_up_at=work.now, last_error="SMTPServerDisconnected",
        )  # fmt: skip
        work.session.add(stuck)
        work.session.flush()
        world.keep("work_id", "stuck", stuck.id)
    world.keep("crisis_id", "red", ask_for_help(people["author"], "red"))
    session = db.session()
    for name in ("author", "abroad"):
        mine = {"person_id": people[name].person_id, "org_id": people[name].org_id}
        world.keep("notice_id", name, session.query(Notice).filter_by(**mine).first().id)
    rows = session.query(AuditRow).filter_by(action="PersonInvited").all()
    for row in rows:
        name = "author" if row.org_id == people["author"].org_id else "abroad"
        world.keep("invitation_id", name, row.object_id)

"""The people of the demo: organisation, members, licences, places of work, agreements, groups."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from supervise.accounts.models import Membership, Organisation, Person
from supervise.accounts.service import record_licence, record_setting
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import local_day, now, replaying
from supervise.core.resources import folder
from supervise.core.uow import unit_of_work
from supervise.events import PersonJoined
from supervise.supervision.service import (
    Terms,
    join_group,
    propose_agreement,
    sign_agreement,
    sign_covenant,
    start_group,
)

ACCOUNTS = {
    "supervisee": "associate in California, writes cases and hours",
    "supervisee2": "associate in Texas",
    "supervisor": "supervisor in California",
    "supervisor2": "supervisor in Texas and California",
    "peer": "licensed peer",
    "admin": "administrator: people, health, audit",
    "auditor": "auditor: hours and audit, never case text",
    "supervisee3": "associate social worker in California",
    "peer2": "licensed peer in Washington",
}
BOARDS = {"US-CA": "ca-amft", "US-TX": "tx-lpca"}


def data() -> Path:
    """Return the folder of the demo's data."""
    return folder("config") / "demo"


def read(name: str) -> dict[str, Any]:
    """Return one file of the demo's data."""
    return tomllib.loads((data() / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class People:
    """Who was made, by the keys of the data. ``settings``: (person, place) → id."""

    actors: dict[str, Actor]
    settings: dict[tuple[str, str], str]
    groups: dict[str, str]
    record: dict[str, str]


def at(day: date, clock: str, zone: str) -> datetime:
    """Return the instant of a wall-clock time, never one that lies ahead of now."""
    there = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))
    return min(there, now() - timedelta(minutes=1))


def load_people() -> People:
    """Make everyone, as of the day on which the demo's past begins."""
    known = read("people.toml")
    zone = known["organisation"]["zone"]
    today = local_day(now(), zone)
    with replaying(at(today - timedelta(days=470), "09:00", zone)):
        org_id = _organisation(known["organisation"])
        actors = {key: _person(org_id, row, today) for key, row in known["people"].items()}
    groups = {
        row["key"]: _group(actors, row, at(today - timedelta(days=460), "10:00", zone)) for row in known["groups"]
    }
    settings = _settings(actors, today)
    record: dict[str, str] = {}
    for row in known["agreements"]:
        record.setdefault(row["supervisee"], row["supervisor"])
        for place in [key for key in settings if key[0] == row["supervisee"]]:
            _agree(actors, row, settings[place], today)
    return People(actors, settings, groups, record)


def _organisation(row: dict[str, Any]) -> str:
    with unit_of_work(system()) as work:
        org = Organisation(name=row["name"], zone=row["zone"], phone="555 0100", is_demo=True, created_at=work.now)
        work.session.add(org)
        work.session.flush()
        return org.id


def _person(org_id: str, row: dict[str, Any], today: date) -> Actor:
    licences = row.get("licences", [])
    with unit_of_work(system(org_id)) as work:
        person = Person(
            email=row["email"],
            name=row["name"],
            zone=row["zone"],
            credential=licences[0]["credential"] if licences else "",
            phone=row.get("phone", ""),
            created_at=work.now,
        )
        work.session.add(person)
        work.session.flush()
        work.session.add(Membership(org_id=org_id, person_id=person.id, roles=list(row["roles"]), created_at=work.now))
        work.emit(PersonJoined(org_id, person.id, " ".join(row["roles"])))
        actor = Actor(person.id, org_id, frozenset(Role(r) for r in row["roles"]), person.name, person.zone)
    with unit_of_work(actor) as work:
        for licence in licences:
            record_licence(
                work, actor.person_id, None, 0,
                jurisdiction=licence["jurisdiction"], profession=licence["profession"], title=licence["credential"],
                number=licence["number"], issued_on=today - timedelta(days=licence["issued_days_ago"]),
                expires_on=today + timedelta(days=licence["expires_in_days"]),
            )  # fmt: skip
    return actor


def _group(actors: dict[str, Actor], row: dict[str, Any], when: datetime) -> str:
    with replaying(when), unit_of_work(actors[row["leader"]]) as work:
        group_id = start_group(work, row["name"], "supervision").id
        for member in row["members"]:
            join_group(work, group_id, actors[member].person_id)
    for member in (row["leader"], *row["members"]):
        for signed in (when, now()):  # the year of the first signature may be over
            with replaying(signed), unit_of_work(actors[member]) as work:
                sign_covenant(work, group_id)
    return group_id


def _settings(actors: dict[str, Actor], today: date) -> dict[tuple[str, str], str]:
    made = {}
    for key, person in read("hours.toml")["people"].items():
        actor = actors[key]
        for row in person["settings"]:
            starts = today - timedelta(days=today.weekday()) - timedelta(weeks=row["first_weeks_ago"])
            with replaying(at(starts - timedelta(days=3), "09:00", actor.zone)), unit_of_work(actor) as work:
                made[key, row["key"]] = record_setting(
                    work, actor.person_id, None, 0, name=row["name"], pay=row["pay"],
                    board=BOARDS[row["jurisdiction"]], degree=row["degree"], starts_on=starts, ends_on=None,
                ).id  # fmt: skip
    return made


def _agree(actors: dict[str, Actor], row: dict[str, Any], setting_id: str, today: date) -> None:
    supervisee, supervisor = actors[row["supervisee"]], actors[row["supervisor"]]
    starts = today - timedelta(days=row["started_days_ago"])
    terms = Terms(
        supervisee.person_id, supervisor.person_id, setting_id, starts, None,
        "We meet every week for at least an hour. Recordings are heard together once a month. Either of us can be "
        "reached by telephone in an emergency; a substitute is named before any absence. Evaluation in writing twice a "
        "year. Either side ends it with four weeks' notice, and signed hours stay signed.",
    )  # fmt: skip
    with replaying(at(starts - timedelta(days=1), "12:00", supervisor.zone)):
        with unit_of_work(supervisor) as work:
            agreement_id = propose_agreement(work, terms).id
            sign_agreement(work, agreement_id)
        with unit_of_work(supervisee) as work:
            sign_agreement(work, agreement_id)

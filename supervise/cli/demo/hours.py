"""Fourteen months of hours, the same on every load: typed days, meetings, submissions and signatures."""

from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from typing import Any

from supervise.accounts.models import Setting
from supervise.cli.demo.people import People, at, read
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now, replaying
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.hours import service as hours
from supervise.hours.queries import boards, entries, monday_of, rows_hash, week
from supervise.hours.rules import meeting_kind
from supervise.hours.waiting import rows_waiting
from supervise.supervision import service as supervision

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SIGNATURE = "M12 62 Q30 10 44 40 Q52 66 66 44 Q84 18 96 48 Q110 70 132 40 Q160 20 182 52 Q214 68 300 36"
Grid = defaultdict[date, defaultdict[str, defaultdict[str, int]]]


def load_hours(people: People) -> None:
    """Make days and meetings in order of time, then submit and sign them as the data says."""
    data = read("hours.toml")
    away = {key: _days_off(data, key, people.actors[key]) for key in data["people"]}
    for key in data["people"]:
        _type_days(people, data, key)
    for key in data["meetings"]:
        _hold_meetings(people, key, data, away)
    for key in data["people"]:
        _submit_and_sign(people, data["states"], key)


def _monday(actor: Actor, weeks_ago: int) -> date:
    return monday_of(local_day(now(), actor.zone)) - timedelta(weeks=weeks_ago)


def _closed(data: dict[str, Any], day: date) -> bool:
    return f"{day:%m-%d}" in data["closed_days"]["all"]


def _days_off(data: dict[str, Any], key: str, actor: Actor) -> set[date]:
    return {
        _monday(actor, row["weeks_ago"]) + timedelta(days=WEEKDAYS.index(name))
        for row in data["people"][key].get("exceptions", [])
        for name in row.get("off", [])
    }


def grid_of(data: dict[str, Any], key: str, actor: Actor) -> Grid:
    """Return a person's typed minutes: day → place → category → minutes."""
    person = data["people"][key]
    grid: Grid = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for row in person["pattern"]:
        for weeks_ago in range(row["last_weeks_ago"], row["first_weeks_ago"] + 1):
            for number, name in enumerate(WEEKDAYS):
                day = _monday(actor, weeks_ago) + timedelta(days=number)
                for category, minutes in row.get(name, {}).items():
                    grid[day][row["setting"]][category] += minutes
    for row in person.get("rhythm", []):
        for weeks_ago in range(data["weeks"] + 1):
            day = _monday(actor, weeks_ago) + timedelta(days=WEEKDAYS.index(row["day"]))
            if weeks_ago % row["every"] == row["offset"] and row["setting"] in grid[day]:
                place = grid[day][row["setting"]]
                place[row["category"]] = max(0, place[row["category"]] + row["minutes"])
    for row in person.get("exceptions", []):
        for more in row.get("add", []):
            for number, name in enumerate(WEEKDAYS):
                day = _monday(actor, row["weeks_ago"]) + timedelta(days=number)
                for category, minutes in more.get(name, {}).items():
                    grid[day][more["setting"]][category] += minutes
    return grid


def _type_days(people: People, data: dict[str, Any], key: str) -> None:
    actor = people.actors[key]
    today, off = local_day(now(), actor.zone), _days_off(data, key, actor)
    for day, places in sorted(grid_of(data, key, actor).items()):
        if day > today or day in off or _closed(data, day):
            continue
        with replaying(at(day, "18:30", actor.zone)), unit_of_work(actor) as work:
            for place, minutes in places.items():
                typed = {category: value for category, value in minutes.items() if value}
                if typed:
                    hours.save_day(work, people.settings[key, place], day, typed)


def _hold_meetings(people: People, row: dict[str, Any], data: dict[str, Any], away: dict[str, set[date]]) -> None:
    for weeks_ago in range(row["first_weeks_ago"], row["last_weeks_ago"] - 1, -1):
        if weeks_ago % row["every"] != row["offset"]:
            continue
        cover = next((c for c in row.get("covered", []) if c["weeks_ago"] == weeks_ago), None)
        leader = people.actors[cover["by"] if cover else row["supervisor"]]
        day = _monday(leader, weeks_ago) + timedelta(days=WEEKDAYS.index(row["weekday"]))
        came = {
            key: place
            for key, place in row["attendees"].items()
            if day not in away[key]
            and not _missed(data, key, row["key"], weeks_ago)
            and hours.works_there(db.session.get_one(Setting, people.settings[key, place]), day)
        }
        starts = at(day, row["start"], row["zone"])
        over = starts + timedelta(minutes=row["minutes"]) > now()
        if came and not over and not _closed(data, day) and day <= local_day(now(), row["zone"]):
            notes = cover["note"] if cover else row["notes"][weeks_ago % len(row["notes"])]
            _meet(people, row, cover["mode"] if cover else row["mode"], leader, day, came, notes)


def _missed(data: dict[str, Any], key: str, meeting: str, weeks_ago: int) -> bool:
    skipped = [
        row
        for person in data["people"].values()
        for row in person.get("exceptions", [])
        if row["weeks_ago"] == weeks_ago and meeting in row.get("skip_meetings", [])
    ]
    absent = [
        row
        for row in data["people"][key].get("exceptions", [])
        if row["weeks_ago"] == weeks_ago and meeting in row.get("absent", [])
    ]
    return bool(skipped or absent)


def _meet(
    people: People, row: dict[str, Any], mode: str, leader: Actor, day: date, came: dict[str, str], notes: str
) -> None:
    starts = at(day, row["start"], row["zone"])
    settings = {key: db.session.get_one(Setting, people.settings[key, place]) for key, place in came.items()}
    kinds = {
        people.actors[key].person_id: (setting.id, meeting_kind(boards()[setting.board], len(came)))
        for key, setting in settings.items()
    }
    ends = starts + timedelta(minutes=row["minutes"])
    record = supervision.Record(starts, ends, row["zone"], mode, None, (), kinds)
    with replaying(ends + timedelta(minutes=20)), unit_of_work(leader) as work:
        meeting = supervision.record_meeting(work, record)
        screened = _screened(notes)
        if screened.clean:
            supervision.publish_notes(work, meeting.id, deid.clean_release(work, screened))
        for setting in settings.values():
            hours.book_supervision(
                work, setting=setting, supervisor_id=leader.person_id, starts_at=starts, zone=row["zone"],
                minutes=row["minutes"], mode=mode, attendees=len(came), meeting_id=meeting.id,
            )  # fmt: skip


@cache
def _screened(notes: str) -> deid.Prepared:
    return deid.prepare({"notes": notes}, frozenset())


def _submit_and_sign(people: People, states: dict[str, Any], key: str) -> None:
    actor = people.actors[key]
    supervisor = people.actors[people.record[key]]
    newest = max(states["draft_weeks_ago"]) + 1
    oldest = 70
    for weeks_ago in range(oldest, newest - 1, -1):
        monday = _monday(actor, weeks_ago)
        sunday = monday + timedelta(days=6)
        for (owner, _), setting_id in people.settings.items():
            if owner != key:
                continue
            days = _draft_days(actor, setting_id, monday, sunday)
            if not days:
                continue
            with replaying(at(sunday, "19:00", actor.zone)), unit_of_work(actor) as work:
                hours.submit_days(work, setting_id, dict.fromkeys(days, supervisor.person_id))
            if weeks_ago not in states["submitted_weeks_ago"]:
                locked = weeks_ago >= states["locked_from_weeks_ago"]
                for signer in (supervisor, *_stood_in(people, actor, monday, sunday, supervisor)):
                    _sign(signer, actor, setting_id, sunday, locked)


def _stood_in(people: People, actor: Actor, monday: date, sunday: date, supervisor: Actor) -> list[Actor]:
    """Return who led a meeting of the week instead of the supervisor: they sign its row themselves."""
    rows = entries(db.session(), actor.person_id, since=monday, until=sunday)
    led = {row.supervisor_id for row in rows} - {None, supervisor.person_id}
    return [other for other in people.actors.values() if other.person_id in led]


def _draft_days(actor: Actor, setting_id: str, monday: date, sunday: date) -> list[date]:
    days = week(db.session(), actor.person_id, setting_id, monday)
    return [view.day for view in days if view.state == "draft" and view.rows and view.day <= sunday]


def _sign(supervisor: Actor, actor: Actor, setting_id: str, sunday: date, locked: bool) -> None:
    when = at(sunday + timedelta(days=3), "08:40", supervisor.zone)
    with replaying(when), unit_of_work(supervisor) as work:
        waiting = rows_waiting(work.session, supervisor.person_id, actor.person_id)
        rows = [row for row, record in waiting if record.setting_id == setting_id]
        records = dict.fromkeys(record for _, record in waiting if record.setting_id == setting_id)
        if not rows:
            return
        name = db.session.get_one(Setting, setting_id).name
        statement = f"I supervised {actor.name} at {name} on these days. The rows shown agree with what I know."
        hours.attest(
            work,
            hours.Signature(
                actor.person_id, setting_id, tuple(r.id for r in records), rows_hash(rows), statement, SIGNATURE
            ),
        )
        if locked:
            hours.lock_days(work, work.now, actor.person_id)

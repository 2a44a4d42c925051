"""What the week's page shows: the days of one place, what is owed, who signs, and what the same weekday held before."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from supervise.accounts.models import Person, Setting
from supervise.accounts.queries import people, person
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.flows.find_signers import waits_for
from supervise.flows.hours_facts import supervisors_on
from supervise.flows.show_progress import owed_in_week, places_of
from supervise.hours.models import Attestation, DayRecord, HourEntry
from supervise.hours.queries import (
    DayView,
    as_rule_entries,
    boards,
    day_records,
    entries,
    monday_of,
    signature_of,
    standing,
    week,
)
from supervise.hours.rules import Flag, Owed, flags

WEEKS_LOOKED_BACK = 5


@dataclass(frozen=True, slots=True)
class WeekPage:
    """A week of one person in one place.

    ``like`` is the latest earlier day of the same weekday with typed minutes, ``pattern`` those minutes by category.
    ``elsewhere`` are the minutes of the day in other places; ``signatures`` those over the week's rows, by row.
    ``waits``: of the day's unsigned rows, who may sign each, by name; an empty list where nobody here can.
    ``flags``: what in the week looks wrong, over all places; it is said and never changed.
    """

    settings: list[Setting]
    setting: Setting
    board_title: str
    monday: date
    day: DayView
    days: list[DayView]
    like: date | None
    pattern: dict[str, int]
    elsewhere: dict[str, int]
    owed: list[Owed]
    signatures: dict[str, Attestation]
    names: dict[str, Person]
    waits: dict[str, list[str]]
    flags: list[Flag]

    def total(self, name: str) -> int:
        """Return the week's minutes of ``with_clients``, ``other``, ``supervision``, ``total`` or of a category."""
        return sum(getattr(d, name, d.minutes.get(name, 0)) for d in self.days)

    @property
    def drafts(self) -> list[DayView]:
        """The draft days with something to submit."""
        return [d for d in self.days if d.state == "draft" and standing(d.rows)]


@dataclass(frozen=True, slots=True)
class Signers:
    """Who may sign a day of the actor's, and who is proposed: whoever the last day in this place went to."""

    people: list[Person]
    proposed: str


def show_week(person_id: str, day: date, setting_id: str = "", org_id: str = "") -> WeekPage | None:
    """Return the week in which ``day`` lies; None when the person has no place of work yet.

    With ``org_id`` only the places that have rows in that organisation, which are all that its auditors see.
    """
    session = db.session()
    today = local_day(now(), person(session, person_id).zone)
    settings = places_of(session, person_id, org_id)
    if not settings:
        return None
    before = entries(session, person_id, since=day - timedelta(weeks=WEEKS_LOOKED_BACK), until=day, org_id=org_id)
    setting = next((s for s in settings if s.id == setting_id), None) or _likely(settings, before, day)
    monday = monday_of(day)
    days = week(session, person_id, setting.id, monday, org_id)
    board = boards().get(setting.board)
    like, pattern = _same_weekday([row for row in before if row.setting_id == setting.id], day)
    signatures = signature_of(session, [row.id for view in days for row in view.rows])
    shown = days[day.weekday()]
    leaders = {row.supervisor_id for view in days for row in view.rows if row.supervisor_id}
    return WeekPage(
        settings=settings,
        setting=setting,
        board_title=board.title if board else setting.board,
        monday=monday,
        day=shown,
        days=days,
        like=like,
        pattern=pattern,
        elsewhere=_elsewhere(settings, before, setting, day),
        owed=_telling(owed_in_week(session, setting, monday, org_id)),
        signatures=signatures,
        names=people(session, leaders | {s.supervisor_id for s in signatures.values()}),
        waits=_waits(session, shown, today),
        flags=_flags(session, person_id, monday, today, org_id),
    )


def _flags(session: Session, person_id: str, monday: date, today: date, org_id: str) -> list[Flag]:
    """Return what looks wrong in the week; the evening before it is read for work that ran past midnight."""
    since, until = monday - timedelta(days=1), monday + timedelta(days=6)
    rows = entries(session, person_id, since=since, until=until, org_id=org_id)
    return [flag for flag in flags(as_rule_entries(rows), today) if flag.day >= monday]


def _waits(session: Session, day: DayView, today: date) -> dict[str, list[str]]:
    if day.record is None or day.record.state != "submitted":
        return {}
    found = waits_for(session, day.record, day.rows, today)
    return {row_id: [who.name for who in could] for row_id, could in found.items()}


def signers(actor: Actor, setting_id: str, day: date) -> Signers:
    """Return who may sign a day; more than one where supervisors share the place."""
    session = db.session()
    ids = supervisors_on(actor, setting_id, day)
    found = people(session, ids)
    last = _last_signer(session, actor.person_id, setting_id, day)
    return Signers([found[i] for i in ids], last if last in ids else "")


def _telling(owed: list[Owed]) -> list[Owed]:
    """Return what is owed and lacking; where nothing is, the strictest of each window."""
    lacking = [o for o in owed if not o.enough]
    strictest = {(o.setting, o.window): o for o in sorted(owed, key=lambda o: o.units_needed)}
    return lacking or [*strictest.values()]


def _last_signer(session: Session, person_id: str, setting_id: str, day: date) -> str:
    records = day_records(session, person_id, setting_id, day - timedelta(weeks=13), day)
    sent: list[DayRecord] = [r for r in records.values() if r.supervisor_id]
    return max(sent, key=lambda r: r.day).supervisor_id or "" if sent else ""


def _likely(settings: list[Setting], before: list[HourEntry], day: date) -> Setting:
    """Return the place that a person most likely means: where they last worked on this weekday, else at all."""
    open_then = [s for s in settings if s.starts_on <= day and (s.ends_on is None or day <= s.ends_on)]
    worked = [row for row in reversed(standing(before)) if any(s.id == row.setting_id for s in open_then)]
    here = next((r for r in worked if r.day == day), None)
    same = next((r for r in worked if r.day.weekday() == day.weekday()), None)
    found = here or same or (worked[0] if worked else None)
    return next((s for s in open_then if found and s.id == found.setting_id), (open_then or settings)[0])


def _same_weekday(before: list[HourEntry], day: date) -> tuple[date | None, dict[str, int]]:
    typed = [r for r in standing(before) if r.source == "typed" and r.day < day and r.day.weekday() == day.weekday()]
    if not typed:
        return None, {}
    like = max(row.day for row in typed)
    pattern: dict[str, int] = {}
    for row in typed:
        if row.day == like:
            pattern[row.category] = pattern.get(row.category, 0) + row.minutes
    return like, pattern


def _elsewhere(settings: list[Setting], before: list[HourEntry], here: Setting, day: date) -> dict[str, int]:
    found: dict[str, int] = {}
    for place in settings:
        minutes = sum(r.minutes for r in standing(before) if r.day == day and r.setting_id == place.id)
        if minutes and place.id != here.id:
            found[place.name] = minutes
    return found

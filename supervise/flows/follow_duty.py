"""A duty to report or to protect, gone through step by step: which law applies, what it says, what was done.

Nothing here contacts anyone. The clinician decides and reports; the record holds what they state, screened like every
text, so that nobody is named in it: the report itself is written on the agency's form.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from supervise.accounts.choices import jurisdictions
from supervise.accounts.queries import licences_of, people
from supervise.cases import queries as cases
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Invalid, NotFound, Refused
from supervise.core.text import ReleasedText
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import service as deid
from supervise.duties import queries, service
from supervise.duties.models import DutyRecord
from supervise.duties.rules import clocks as ticking
from supervise.duties.rules.guide import (
    OUTCOMES,
    WHICH,
    WORDS,
    Clock,
    Place,
    Shown,
    clocks,
    keep,
    met,
    offered,
    reasons_asked,
    show,
)
from supervise.duties.service import Opening, Telling
from supervise.flows.name_readers import names_of
from supervise.flows.start_case import clean
from supervise.policy import Action, Basis, DutyFacts, decide
from supervise.supervision.queries import supervisors_of

MAX_TEXT = 2000
REJECTED = 3
Text = Mapping[str, str]


def duty_facts(actor: Actor, record_id: str) -> DutyFacts:
    """Load whose record it is and who reads it beside them; NotFound where it belongs to another organisation."""
    row = queries.record(db.session(), record_id)
    if row.org_id != actor.org_id:
        raise NotFound
    if row.case_id is None or actor.person_id == row.owner_id:
        return DutyFacts(row.owner_id, None)
    case = cases.case_facts(actor, row.case_id)
    reads = decide(actor, Action.READ_CASE, case).allowed and Basis.SUPERVISOR in case.bases
    return DutyFacts(row.owner_id, actor.person_id if reads and case.author_id == row.owner_id else None)


def open_duty(actor: Actor, opening: Opening) -> str:
    """Begin a record and return its id. Raises Invalid at the field that cannot be used."""
    known = jurisdictions()
    if opening.duty not in queries.book().duties:
        raise Invalid("Choose which duty it is about.", "duty")
    for name, place in (("client_place", opening.client_place), ("event_place", opening.event_place)):
        if place and place not in known:
            raise Invalid("Choose a place from the list.", name)
    with unit_of_work(actor) as work:
        row = service.open_record(work, opening, [])
        _keep(work, row)
        return row.id


def answer(actor: Actor, record_id: str, version: int, answers: Mapping[str, str]) -> None:
    """Keep the answers to the checklist."""
    with unit_of_work(actor) as work:
        _keep(work, service.answer(work, record_id, version, answers))


def tell(actor: Actor, record_id: str, telling: Telling, note: str) -> None:
    """Record who was told, among those whom the page offers now; ``note`` is screened."""
    row = queries.record(db.session(), record_id)
    if telling.recipient not in offered(_shown(db.session(), row)).words:
        raise Invalid("Choose one of those offered here; the verified law names no others.", "recipient")
    if telling.meets not in {"", *WHICH}:
        raise Invalid("Choose from the list.", "meets")
    note = clean(note).strip()
    if telling.recipient == "advised" and not note:
        raise Invalid("Say in general words who advised it: the insurer's line, a lawyer.", "note")
    text = _screened(actor, {"note": note})
    with unit_of_work(actor) as work:
        released = _released(work, text)
        _keep(work, service.tell(work, record_id, telling, released.get("note")))


def decide_duty(
    actor: Actor, record_id: str, version: int, outcome: str, typed: Text, follow_up_on: date | None
) -> None:
    """Record the decision with its reasons. ``typed``: decision, option_0 to option_2 and because_0 to because_2."""
    row = queries.record(db.session(), record_id)
    fields = {name: clean(words).strip() for name, words in typed.items()}
    if outcome not in OUTCOMES:
        raise Invalid("Choose what you decided.", "outcome")
    if not fields.get("decision"):
        raise Invalid("Say why. A reader in three years should understand it.", "decision")
    if outcome == "watch" and follow_up_on is None:
        raise Invalid("Give the day on which you look again.", "follow_up_on")
    if follow_up_on is not None and follow_up_on < local_day(now(), actor.zone):
        raise Invalid("This day is over.", "follow_up_on")
    _check_rejected(fields, reasons_asked(_shown(db.session(), row)))
    text = _screened(actor, fields)
    with unit_of_work(actor) as work:
        _keep(work, service.decide(work, record_id, version, outcome, _released(work, text), follow_up_on))


def close(actor: Actor, record_id: str) -> None:
    """Close a record; its clock leaves the inbox."""
    with unit_of_work(actor) as work:
        _keep(work, queries.record(work.session, record_id))
        service.close(work, record_id)


def duty_page(actor: Actor, record_id: str) -> dict[str, Any]:
    """Return what the page and the printed record of a duty show."""
    session = db.session()
    row = queries.record(session, record_id)
    shown = _shown(session, row)
    steps = queries.steps_of(session, record_id)
    told = [step.meets for step in steps]
    duty = queries.book().duties.get(row.duty)
    names = {one.code: one.name for one in jurisdictions().values()}
    return {
        "row": row,
        "duty": duty,
        "shown": shown,
        "clocks": [(one, _lapsed(one, shown), met(one, told)) for one in _clocks(row, shown)],
        "names": names,
        "offered": offered(shown),
        "asked_by": _asked_by(shown),
        "reasons_asked": reasons_asked(shown),
        "steps": steps,
        "words": WORDS,
        "which": WHICH,
        "outcomes": OUTCOMES,
        "owner": people(session, {row.owner_id})[row.owner_id].name,
        "mine": row.owner_id == actor.person_id,
        "case": cases.find(session, row.case_id) if row.case_id else None,
        "set_back": ticking.set_back(now(), row.opened_at, *(step.recorded_at for step in steps)),
    }


def duties_on_case(actor: Actor, case_id: str) -> list[DutyRecord]:
    """Return the records on a case that the actor may read."""
    rows = queries.on_case(db.session(), case_id)
    return [row for row in rows if decide(actor, Action.READ_DUTY, duty_facts(actor, row.id)).allowed]


def _keep(work: UnitOfWork, row: DutyRecord) -> None:
    service.keep_clocks(work, row, _clocks(row, _shown(work.session, row)))


def _clocks(row: DutyRecord, shown: list[Shown]) -> list[Clock]:
    return keep(queries.clocks_of(row), clocks(row.known_at, shown))


def _lapsed(clock: Clock, shown: list[Shown]) -> bool:
    """Tell whether the row of a clock was changed, or is verified no more, since the clock was first shown."""
    return not any(one.verified and one.row and one.row.digest == clock.digest for one in shown)


def _asked_by(shown: list[Shown]) -> dict[str, list[str]]:
    """Return by item of the checklist the places whose verified trigger needs it."""
    found: dict[str, list[str]] = {}
    for one in shown:
        for item in one.row.asks if one.verified and one.row else ():
            found.setdefault(item, []).append(one.place.name)
    return found


def _shown(session: Session, row: DutyRecord) -> list[Shown]:
    confirmed = queries.confirmations(session, row.org_id)
    book = queries.book()
    return [
        show(book, row.duty, place, confirmed.get(f"{row.duty} {place.code}", ())) for place in _places(session, row)
    ]


def _places(session: Session, row: DutyRecord) -> list[Place]:
    """Return every jurisdiction that applies, once each, with all the reasons why."""
    why: dict[str, list[str]] = {row.client_place: ["where the client is"]}
    if row.event_place:
        why.setdefault(row.event_place, []).append("where it happened")
    today = local_day(now(), row.zone)
    for person_id, reason in _licensed(session, row, today):
        for licence in licences_of(session, person_id):
            if licence.expires_on is None or licence.expires_on >= today:
                reasons = why.setdefault(licence.jurisdiction, [])
                reasons += [reason] if reason not in reasons else []
    return [_place(row, code, tuple(reasons)) for code, reasons in why.items()]


def _licensed(session: Session, row: DutyRecord, today: date) -> list[tuple[str, str]]:
    case = cases.find(session, row.case_id) if row.case_id else None
    supervisors = {one.supervisor_id for one in supervisors_of(session, row.owner_id, row.org_id, today)}
    if case is not None and case.author_id == row.owner_id and case.supervisor_id:
        supervisors.add(case.supervisor_id)
    return [(row.owner_id, "licence of the clinician"), *((one, "licence of the supervisor") for one in supervisors)]


def _place(row: DutyRecord, code: str, why: tuple[str, ...]) -> Place:
    found = jurisdictions().get(code)
    if found is None:
        return Place(code, "A place that is not known, or outside the United States", why)
    return Place(code, found.name, why, (row.zone,) if row.zone in found.zones else found.zones)


def _check_rejected(fields: Text, asked: list[str]) -> None:
    pairs = [(n, fields.get(f"option_{n}", ""), fields.get(f"because_{n}", "")) for n in range(REJECTED)]
    for n, option, because in pairs:
        if bool(option) != bool(because):
            raise Invalid("Give the option and the reason against it, or neither.", f"because_{n}")
    if asked and not any(option for _n, option, _because in pairs):
        raise Invalid(f"The law of {asked[0]} asks for the reasons against the options you did not take.", "option_0")


def _screened(actor: Actor, fields: Text) -> deid.Prepared | None:
    """Screen what was typed; None for nothing. Raises Invalid at the field in which something was found."""
    typed = {name: words for name, words in fields.items() if words}
    for name, words in typed.items():
        if len(words) > MAX_TEXT:
            raise Invalid(f"This has {len(words)} characters; the most is {MAX_TEXT}. Nothing was cut.", name)
    if not typed:
        return None
    prepared = deid.prepare(typed, names_of(db.session(), {actor.person_id}))
    if not prepared.clean:
        raise _found(actor, typed)
    return prepared


def _found(actor: Actor, typed: Text) -> Invalid:
    allowed = names_of(db.session(), {actor.person_id})
    for name, words in typed.items():
        alone = deid.prepare({name: words}, allowed)
        if forms := [form for group in alone.work.proposal.groups for form in group.forms]:
            listed = ", ".join(f"“{form}”" for form in dict.fromkeys(forms))
            return Invalid(f"This may identify someone: {listed}. The record names nobody; say it without.", name)
    return Invalid("Together these words may identify someone. Say it in more general words.", next(iter(typed)))


def _released(work: UnitOfWork, prepared: deid.Prepared | None) -> dict[str, ReleasedText]:
    if prepared is None:
        return {}
    if not prepared.clean:
        raise Refused("This was not screened.")
    return deid.clean_release(work, prepared)


def place_of_case(case_id: str) -> str:
    """Return the jurisdiction of a case, with which the form begins."""
    return cases.get(db.session(), case_id).jurisdiction

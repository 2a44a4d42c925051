"""The verbs of duties. Which law applies and whom it names is found by the flow that calls them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from supervise.core.errors import Conflict, Invalid, Refused
from supervise.core.text import ReleasedText
from supervise.core.uow import UnitOfWork
from supervise.duties import queries
from supervise.duties.models import DutyConfirmation, DutyRecord, DutyStep
from supervise.duties.rules.guide import Clock, met
from supervise.events import DutyChanged, DutyRowConfirmed

ANSWERS = frozenset({"yes", "no", "unsure"})


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known when someone begins: the duty, where the client is, where it happened, since when."""

    duty: str
    known_at: datetime
    zone: str
    client_place: str = ""
    event_place: str = ""
    case_id: str | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """Who was told, how and when; ``meets``: which report it was, or empty."""

    recipient: str
    how: str
    at: datetime
    meets: str = ""


def open_record(work: UnitOfWork, opening: Opening, clocks: Sequence[Clock]) -> DutyRecord:
    """Begin a record; its clock stands in its owner's inbox until it is closed."""
    if opening.known_at > work.now:
        raise Invalid("This is in the future.", "known_at")
    row = DutyRecord(
        org_id=work.actor.org_id, owner_id=work.actor.person_id, case_id=opening.case_id, duty=opening.duty,
        state="open", client_place=opening.client_place, event_place=opening.event_place, zone=opening.zone,
        known_at=opening.known_at, opened_at=work.now, next_at=opening.known_at, answers={}, rejected=[], clocks=[],
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    keep_clocks(work, row, clocks)
    _changed(work, row, "opened")
    return row


def keep_clocks(work: UnitOfWork, row: DutyRecord, clocks: Iterable[Clock]) -> None:
    """Keep the deadlines as they are shown; the next one is what is not met yet."""
    told = [step.meets for step in queries.steps_of(work.session, row.id)]
    listed = list(clocks)
    row.clocks = [
        {"key": one.key, "digest": one.digest, "which": one.which, "at": one.at.isoformat(), "why": one.why}
        for one in listed
    ]
    row.next_at = min((one.at for one in listed if not met(one, told)), default=row.known_at)


def answer(work: UnitOfWork, record_id: str, version: int, answers: Mapping[str, str]) -> DutyRecord:
    """Keep what the person answered to the checklist: yes, no or unsure; nothing for what they left open."""
    row = _open(work, record_id, version)
    items = queries.book().duties[row.duty].checklist if row.duty in queries.book().duties else {}
    row.answers = {key: value for key, value in answers.items() if key in items and value in ANSWERS}
    _changed(work, row, "checked")
    return row


def tell(work: UnitOfWork, record_id: str, telling: Telling, note: ReleasedText | None) -> DutyRecord:
    """Record who was told. Steps are only ever added."""
    row = _open(work, record_id)
    if telling.at > work.now:
        raise Invalid("This is in the future. Record it when it has happened.", "at")
    step = DutyStep(
        record_id=row.id, recipient=telling.recipient, how=telling.how, meets=telling.meets, at=telling.at,
        note=str(note) if note else "", recorded_at=work.now,
    )  # fmt: skip
    work.session.add(step)
    work.session.flush()
    _changed(work, row, "told")
    return row


def decide(
    work: UnitOfWork,
    record_id: str,
    version: int,
    outcome: str,
    text: Mapping[str, ReleasedText],
    follow_up_on: date | None,
) -> DutyRecord:
    """Record what was decided and why, and the options that were not taken; ``text``: as the flow screened it."""
    row = _open(work, record_id, version)
    row.outcome, row.decision, row.follow_up_on = outcome, str(text["decision"]), follow_up_on
    row.rejected = [
        {"option": str(text[f"option_{n}"]), "because": str(text[f"because_{n}"])}
        for n in range(3)
        if f"option_{n}" in text
    ]
    row.decided_at = work.now
    _changed(work, row, "decided")
    return row


def close(work: UnitOfWork, record_id: str) -> DutyRecord:
    """Close a record: decided, and where the person acted, every deadline of a verified row met."""
    row = _open(work, record_id)
    if not row.outcome:
        raise Refused("Record first what you decided, and why.")
    told = [step.meets for step in queries.steps_of(work.session, row.id)]
    if row.outcome == "act" and any(not met(clock, told) for clock in queries.clocks_of(row)):
        raise Refused("A report with a deadline is not recorded yet. Record it, or decide anew and say why not.")
    row.state, row.closed_at = "closed", work.now
    _changed(work, row, "closed")
    return row


def reopen(work: UnitOfWork, record_id: str) -> DutyRecord:
    """Open a closed record again; its clocks are as they were."""
    row = queries.record(work.session, record_id)
    if row.state != "closed":
        raise Conflict("This record is open already.")
    row.state, row.closed_at = "open", None
    _changed(work, row, "reopened")
    return row


def confirm_row(work: UnitOfWork, key: str, digest: str, read: str) -> None:
    """One person of the organisation says that the row, as shown, says what the law says; a second one is needed."""
    known = queries.book().rows.get(key)
    if known is None or known.digest != digest:
        raise Conflict("The row was changed while you were reading it. Read it as it is now.")
    for one in queries.live_confirmations(work.session, work.actor.org_id):
        if (one.row_key, one.digest, one.by_id) == (key, digest, work.actor.person_id):
            raise Conflict("You have verified this row. A second person is needed.")
    row = DutyConfirmation(
        org_id=work.actor.org_id, row_key=key, digest=digest, by_id=work.actor.person_id, read=read, at=work.now,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    work.emit(DutyRowConfirmed(work.actor.org_id, row.id, key, "confirmed"))


def take_back(work: UnitOfWork, key: str) -> None:
    """Take one's own confirmation of a row back; it is unverified from now on."""
    mine = [
        one
        for one in queries.live_confirmations(work.session, work.actor.org_id)
        if one.row_key == key and one.by_id == work.actor.person_id
    ]
    if not mine:
        raise Conflict("You have not verified this row.")
    for one in mine:
        one.withdrawn_at = work.now
    work.emit(DutyRowConfirmed(work.actor.org_id, mine[-1].id, key, "taken back"))


def _open(work: UnitOfWork, record_id: str, version: int | None = None) -> DutyRecord:
    row = queries.record(work.session, record_id)
    if row.state != "open":
        raise Conflict("This record is closed. Open it again first.")
    if version is not None and row.version != version:
        raise Conflict("It was changed in another window. Nothing was overwritten; look at it first.")
    return row


def _changed(work: UnitOfWork, row: DutyRecord, change: str) -> None:
    work.emit(DutyChanged(row.org_id, row.id, row.case_id or "", change))

"""The board's packet and the licensee's workbook.

The packet holds only what the board asks for: counted and signed hours of one supervisor in one place, before or after
the degree. What does not count, and why, stands in the workbook, which is the licensee's own.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from supervise.accounts.models import Licence, Person, Setting
from supervise.accounts.queries import licences_of, organisation, people, person, settings_of
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Refused
from supervise.core.installation import installation
from supervise.core.uow import unit_of_work
from supervise.flows.show_progress import boards_of, show_progress
from supervise.hours import service as hours
from supervise.hours.models import Attestation, HourEntry
from supervise.hours.queries import (
    CATEGORY_WORDS,
    WITH_CLIENTS,
    as_rule_entries,
    boards,
    entries,
    monday_of,
    signature_of,
    standing,
)
from supervise.hours.rules import Board, evaluate, meeting_kind
from supervise.reports import rules, service
from supervise.reports.seal import seal, seal_sheet
from supervise.reports.sheets import packet_csv
from supervise.reports.typeset import packet_pdf

CATEGORIES = (
    rules.Column(id="direct", title="Direct counseling"),
    rules.Column(id="couples", title="Couples, families and children", within="direct"),
    rules.Column(id="other", title="Other experience"),
)
KINDS = (
    rules.Column(id="individual", title="Individual"),
    rules.Column(id="triadic", title="Triadic"),
    rules.Column(id="group", title="Group"),
)
BOX = (320, 88)  # in which a signature is drawn
PAY_WORDS = {"w2": "paid, W-2", "volunteer": "volunteer", "1099": "1099", "self_employed": "self-employed"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One packet that could be issued, or why it cannot."""

    supervisor: Person
    setting: Setting
    degree: str
    board: Board
    rows: list[HourEntry]
    counted: Mapping[str, int]
    signatures: Mapping[str, Attestation]

    @property
    def key(self) -> str:
        return f"{self.supervisor.id}_{self.setting.id}_{self.degree}"

    @property
    def minutes(self) -> int:
        return sum(self.counted.get(row.id, 0) for row in self.rows)

    @property
    def period(self) -> tuple[date, date]:
        return self.rows[0].day, self.rows[-1].day


@dataclass(frozen=True, slots=True)
class Ready:
    """What the page of packets shows: the packets, and what is still missing."""

    choices: list[Choice]
    unsigned_minutes: int
    missing: list[str]


def ready(actor: Actor) -> Ready:
    """Return the packets that the actor's signed hours make, per supervisor, place and degree."""
    session = db.session()
    choices: list[Choice] = []
    unsigned = 0
    for board_id in boards_of(session, actor.person_id):
        places = {s.id: s for s in settings_of(session, actor.person_id) if s.board == board_id}
        today = local_day(now(), actor.zone)
        rows = [r for r in standing(entries(session, actor.person_id, until=today)) if r.setting_id in places]
        signatures = signature_of(session, [row.id for row in rows])
        unsigned += sum(row.minutes for row in rows if row.id not in signatures)
        signed = [row for row in rows if row.id in signatures]
        judged = evaluate(boards()[board_id], as_rule_entries(signed), today)
        counted = {answer.entry_id: answer.counted for answer in judged.entries}
        choices += _grouped(session, boards()[board_id], places, signed, counted, signatures)
    return Ready(choices, unsigned, _missing(session, actor))


def _grouped(
    session: Session,
    board: Board,
    places: Mapping[str, Setting],
    rows: list[HourEntry],
    counted: Mapping[str, int],
    signatures: Mapping[str, Attestation],
) -> list[Choice]:
    groups: dict[tuple[str, str, str], list[HourEntry]] = defaultdict(list)
    for row in rows:
        if counted.get(row.id):
            groups[signatures[row.id].supervisor_id, row.setting_id, row.degree].append(row)
    signers = people(session, {supervisor_id for supervisor_id, _, _ in groups})
    return [
        Choice(signers[supervisor_id], places[setting_id], degree, board, found, counted, signatures)
        for (supervisor_id, setting_id, degree), found in sorted(groups.items())
    ]


def _missing(session: Session, actor: Actor) -> list[str]:
    missing = []
    if not licences_of(session, actor.person_id):
        missing.append("Your registration number: add it under Account, licences.")
    return missing


def issue_packet(actor: Actor, key: str) -> str:
    """Typeset, seal and keep one packet; lock the days it holds. Returns its id."""
    found = ready(actor)
    choice = next((c for c in found.choices if c.key == key), None)
    if choice is None:
        raise Refused("These hours are not there any more, or none of them counts. Look again.")
    if found.missing:
        raise Refused(" ".join(found.missing))
    identity = service.seal_identity()
    packet = _packet(actor, choice)
    pdf = seal(packet_pdf(packet, seal_fingerprint=identity.fingerprint), identity)
    csv = packet_csv(packet)
    sealed = service.Sealed(
        person_id=actor.person_id,
        supervisor_id=choice.supervisor.id,
        setting_id=choice.setting.id,
        board=choice.board.id,
        number=packet.number,
        code=packet.code,
        period_from=packet.period_from,
        period_to=packet.period_to,
        minutes=choice.minutes,
        fingerprint=sha256(pdf).hexdigest(),
        pdf=pdf,
        csv=csv,
        csv_seal=seal_sheet(csv, identity),
    )
    with unit_of_work(actor) as work:
        report_id = service.keep(work, sealed).id
        hours.lock_days(work, work.now, actor.person_id)
    return report_id


def _packet(actor: Actor, choice: Choice) -> rules.Packet:
    session = db.session()
    licensee = person(session, actor.person_id)
    first, last = choice.period
    return rules.Packet(
        organisation=organisation(session, actor.org_id).name,
        board_title=choice.board.title,
        credential=choice.board.credential,
        jurisdiction=choice.board.jurisdiction,
        licensee=_party(licensee, licences_of(session, licensee.id), choice.board.jurisdiction),
        supervisor=_party(choice.supervisor, licences_of(session, choice.supervisor.id), choice.board.jurisdiction),
        setting=rules.Setting(name=choice.setting.name, address=choice.setting.address, pay=_pay(choice)),
        degree="pre" if choice.degree == "pre" else "post",
        period_from=first,
        period_to=last,
        categories=CATEGORIES,
        supervision_kinds=KINDS,
        rows=_weeks(choice),
        signatures=_signatures(choice),
        ink=choice.board.ink,
        number=service.new_number(),
        code=service.new_code(),
        made_at=now(),
        check_at=f"{installation().settings.public_url}/verify",
    )


def _signatures(choice: Choice) -> tuple[rules.Attestation, ...]:
    """Return the signatures under which the counted rows stand, as they were given, in the order of their weeks."""
    given = {choice.signatures[row.id].id: choice.signatures[row.id] for row in choice.rows}
    return tuple(
        rules.Attestation(
            name=choice.supervisor.name,
            statement=each.statement,
            signed_at=each.signed_at.astimezone(ZoneInfo(choice.supervisor.zone)),
            fingerprint=each.rows_hash,
            **_drawn(each.signature),
        )
        for each in given.values()
    )


def _drawn(signature: str) -> dict[str, Any]:
    if signature.startswith("typed:"):
        return {"typed": signature.removeprefix("typed:")}
    return {"strokes": signature, "width": BOX[0], "height": BOX[1]}


def _pay(choice: Choice) -> str:
    """Return how the signed rows were paid, whatever the place says today."""
    return ", ".join(dict.fromkeys(PAY_WORDS[row.pay] for row in choice.rows))


def _party(whose: Person, licences: list[Licence], jurisdiction: str) -> rules.Party:
    there = [licence for licence in licences if licence.jurisdiction == jurisdiction] or licences
    licence = there[0] if there else None
    return rules.Party(
        name=whose.name,
        licence=licence.title if licence else "",
        licence_number=licence.number if licence else "",
        jurisdiction=licence.jurisdiction if licence else "",
        contact=", ".join(part for part in (whose.email, whose.phone) if part),
    )


def _weeks(choice: Choice) -> tuple[rules.PacketRow, ...]:
    """Return one line a week and signature: a week that two signatures cover stands in two lines."""
    lines: dict[tuple[date, str], list[HourEntry]] = defaultdict(list)
    for row in choice.rows:
        lines[monday_of(row.day), choice.signatures[row.id].id].append(row)
    made = []
    for (monday, _), rows in sorted(lines.items(), key=lambda item: item[0]):
        signature = choice.signatures[rows[0].id]
        minutes: dict[str, int] = defaultdict(int)
        supervision: dict[str, int] = defaultdict(int)
        for row in rows:
            value = choice.counted[row.id]
            if row.category == "supervision":
                supervision[meeting_kind(choice.board, row.attendees or 0) or "group"] += value
            elif row.category in WITH_CLIENTS:
                minutes["direct"] += value
                minutes["couples"] += value if row.category in ("couple_family", "child") else 0
            else:
                minutes["other"] += value
        made.append(
            rules.PacketRow(
                week_of=monday,
                minutes=dict(minutes),
                supervision=dict(supervision),
                attested_by=choice.supervisor.name,
                attested_on=signature.signed_at.date(),
                fingerprint=signature.rows_hash,
            )
        )
    return tuple(made)


def workbook(actor: Actor, board_id: str) -> rules.Workbook:
    """Return the licensee's own account of every row under a board, with the rule of each uncounted minute."""
    session = db.session()
    today = local_day(now(), actor.zone)
    shown = show_progress(actor.person_id, board_id, today)
    rows = {entry.id: entry for entry in shown.entries}
    days = [entry.day for entry in shown.entries] or [today]
    licensee = person(session, actor.person_id)
    return rules.Workbook(
        board_title=shown.board.title,
        credential=shown.board.credential,
        jurisdiction=shown.board.jurisdiction,
        licensee=_party(licensee, licences_of(session, licensee.id), shown.board.jurisdiction),
        period_from=min(days),
        period_to=max(days),
        requirements=tuple(
            rules.Requirement(
                id=r.id, title=r.title, unit=r.unit, recorded=r.recorded, valid=r.valid, needed=r.needed,
                verified=r.verified, citation=r.citation,
                kind="maximum" if r.kind == "maximum" else "tally" if r.kind == "tally" else "minimum", note=r.note,
            )
            for r in shown.evaluation.requirements
        ),
        entries=tuple(
            rules.WorkbookEntry(
                entry_id=answer.entry_id,
                day=rows[answer.entry_id].day,
                category=CATEGORY_WORDS[rows[answer.entry_id].category],
                setting=shown.settings[rows[answer.entry_id].setting].name,
                recorded=answer.recorded,
                counted=answer.counted,
                answer=answer.answer,  # type: ignore[arg-type]
                reasons=tuple(
                    rules.Reason(
                        rule=reason.rule, minutes=reason.minutes, text=reason.text, citation=reason.citation,
                        verified=reason.verified, board_decides=reason.board_decides,
                    )
                    for reason in answer.reasons
                ),
            )
            for answer in shown.evaluation.entries
        ),
        rules_checked_on=shown.board.checked_on,
        number=service.new_number(),
        made_at=now(),
    )  # fmt: skip

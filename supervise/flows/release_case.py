"""Release: the confirmed text becomes readable for named people, on live consent, in one unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from supervise.access import service as access
from supervise.access.queries import reader_ids
from supervise.accounts.models import Person
from supervise.accounts.queries import members, people
from supervise.cases import queries as cases
from supervise.cases import service
from supervise.cases.models import Case
from supervise.cases.rules import scopes_needed
from supervise.consents import queries as consents
from supervise.consents.models import Consent
from supervise.consents.rules import HOW, ends_at
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Conflict, Refused
from supervise.core.text import digest
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import service as deid
from supervise.policy import Basis
from supervise.supervision.queries import covenants_until, group, group_members, groups_of, supervisors_of

_NAMES = {"supervisor": "the supervisor of record", "peers": "colleagues you choose"}


@dataclass(frozen=True, slots=True)
class Footing:
    """One scope of consent that the release needs, and the consent found for it, if any. ``words`` name the scope."""

    scope: str
    group_id: str | None
    words: str
    consent: Consent | None

    @property
    def how(self) -> str:
        return HOW[self.consent.obtained_how] if self.consent else ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone who will read the case."""

    person: Person
    basis: Basis


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release would do now: who would read, on which consents, and why it cannot be done, if so.

    ``unsigned``: members of the group who read once they have signed its covenant, and not before.
    """

    readers: Sequence[Reader]
    footings: Sequence[Footing]
    refusals: Sequence[str]
    unsigned: frozenset[str] = frozenset()

    @property
    def missing(self) -> list[Footing]:
        return [footing for footing in self.footings if footing.consent is None]

    @property
    def fingerprint(self) -> str:
        """What tells whether those who would read, and on what ground, are still the ones that were shown."""
        return digest(*sorted(f"{reader.person.id}|{reader.basis.value}" for reader in self.readers))

    @property
    def ready(self) -> bool:
        return not self.missing and not self.refusals


def release_plan(actor: Actor, case_id: str) -> Plan:
    """Return what releasing the case would do now."""
    return _plan(db.session(), actor, cases.get(db.session(), case_id), now())


def release_case(actor: Actor, case_id: str, seen: str) -> int:
    """Release the confirmed version and return its number. ``seen`` is the fingerprint of the readers on the page.

    Raises Conflict when others would read than were shown, and Refused, naming what is missing: consent, a reader who
    has left, confirmation, or a version still unreleased.
    """
    with unit_of_work(actor) as work:
        case = cases.get(work.session, case_id)
        draft = cases.draft(work.session, case_id)
        if draft is None:
            raise Refused("This version was released already.")
        if draft.stage != "confirmed":
            raise Refused("Only text that its author has confirmed is released. Screen and confirm it first.")
        plan = _plan(work.session, actor, case, work.now)
        if plan.fingerprint != seen:
            raise Conflict(
                "Who would read it changed after this page was shown. Nothing was released. Look at the readers as "
                "they are now, then release."
            )
        if plan.missing:
            raise Refused(
                f"There is no live consent for {' and '.join(f.words for f in plan.missing)}. Nothing was released."
            )
        if plan.refusals:
            raise Refused(plan.refusals[0])
        first = case.current_version == 0
        text = deid.release(work, service.subject_of(draft))
        if first:  # before the release is announced, so that its readers are told
            _grant(work, case, plan)
        return service.release_version(work, case_id, text).number


def consent_end(case: Case, footings: Sequence[Footing], zone: str) -> datetime | None:
    """Return when the consent of the case's group or peers ends, in the zone of its author."""
    for footing in footings:
        if footing.scope == case.audience and footing.consent and footing.consent.expires_on:
            return ends_at(footing.consent.expires_on, zone)
    return None


def _plan(session: Session, actor: Actor, case: Case, at: datetime) -> Plan:
    if case.current_version:
        readers = _readers_now(session, case)
        return Plan(readers, _footings(session, actor, case, at), ())
    readers, refusals = _readers_to_be(session, actor, case, at)
    return Plan(readers, _footings(session, actor, case, at), refusals, _unsigned(session, case, readers, at))


def _unsigned(session: Session, case: Case, readers: Sequence[Reader], at: datetime) -> frozenset[str]:
    signed = covenants_until(session, case.group_id) if case.group_id else {}
    members = {reader.person.id for reader in readers if reader.basis is Basis.GROUP}
    return frozenset(one for one in members if one not in signed or signed[one] <= at)


def _footings(session: Session, actor: Actor, case: Case, at: datetime) -> list[Footing]:
    scopes = scopes_needed(case.kind, case.audience)
    if case.current_version and case.kind == "supervision" and not reader_ids(session, case.id, (Basis.GROUP,)):
        scopes = ("supervisor",)  # the group no longer reads, so its consent is not needed for a new version
    today = local_day(at, actor.zone)
    found = []
    for scope in scopes:
        group_id = case.group_id if scope == "group" else None
        words = _NAMES.get(scope) or group(session, str(group_id)).name
        consent = consents.live_consent(session, case.client_id or "", scope, group_id, today)
        found.append(Footing(scope, group_id, words, consent))
    return found


def _readers_now(session: Session, case: Case) -> list[Reader]:
    found: dict[str, Reader] = {}
    for basis in (Basis.SUPERVISOR, Basis.GROUP, Basis.PEER):
        named = people(session, reader_ids(session, case.id, (basis,)))
        for person_id, person in named.items():
            found.setdefault(person_id, Reader(person, basis))
    return list(found.values())


def _readers_to_be(session: Session, actor: Actor, case: Case, at: datetime) -> tuple[list[Reader], list[str]]:
    here = {person.id: person for person in members(session, case.org_id)}
    refusals: list[str] = []
    wanted: list[tuple[str, Basis]] = []
    if case.kind == "supervision":
        in_force = supervisors_of(session, case.author_id, case.org_id, local_day(at, actor.zone))
        if case.supervisor_id not in {agreement.supervisor_id for agreement in in_force}:
            refusals.append("Your agreement with this supervisor is not in force. Choose again who reads it.")
        wanted.append((str(case.supervisor_id), Basis.SUPERVISOR))
    if case.audience == "group":
        if case.group_id not in {row.id for row in groups_of(session, case.author_id, case.org_id)}:
            refusals.append("You do not belong to this group any more, or it has ended. Choose again who reads it.")
        else:
            wanted += [(person_id, Basis.GROUP) for person_id in group_members(session, str(case.group_id))]
    wanted += [(person_id, Basis.PEER) for person_id in case.peer_ids if case.audience == "peers"]
    chosen = [(who, basis) for who, basis in wanted if who != case.author_id]
    gone = [who for who, basis in chosen if who not in here and basis is not Basis.GROUP]
    if gone:
        names = ", ".join(sorted(person.name for person in people(session, gone).values()))
        refusals.append(f"No longer a member here: {names}. Choose again who reads it.")
    readers: dict[str, Reader] = {}
    for who, basis in chosen:
        if who in here:
            readers.setdefault(who, Reader(here[who], basis))
    if not readers and not refusals:
        refusals.append("Nobody would read it. Choose again who reads it.")
    return list(readers.values()), refusals


def _grant(work: UnitOfWork, case: Case, plan: Plan) -> None:
    until = consent_end(case, plan.footings, work.actor.zone)
    signed = covenants_until(work.session, str(case.group_id)) if case.group_id else {}
    for reader in plan.readers:
        of_group = reader.basis is Basis.GROUP
        access.grant(
            work,
            case_id=case.id,
            org_id=case.org_id,
            person_id=reader.person.id,
            basis=reader.basis,
            group_id=case.group_id if of_group else None,
            until=None if reader.basis is Basis.SUPERVISOR else until,
            covenant_until=signed.get(reader.person.id) if of_group else None,
        )

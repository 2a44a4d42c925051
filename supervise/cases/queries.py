"""Reading of cases: always through access, never through a bare table."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, case, cast, func, select, tuple_
from sqlalchemy.orm import Session

from supervise.access.models import CaseAccess
from supervise.access.queries import bases, live, readable_ids
from supervise.accounts.models import Membership
from supervise.cases.models import Case, CaseVersion
from supervise.core.actor import Actor, Role
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import NotFound
from supervise.policy import Basis, CaseFacts
from supervise.policy.rules import VISIBLE_TO_READERS

PAGE = 25
STATES_OF_OTHERS = ("open", "decided", "closed", "withdrawn")
NEEDS_CONSENT = frozenset({Basis.GROUP, Basis.PEER})
DANGER = "risk"
"""The kind of dilemma, of ``config/dilemmas.toml``, that is about danger to the client or to others."""


def case_facts(actor: Actor, case_id: str) -> CaseFacts:
    """Load what policy needs to know about a case; NotFound where it is not there or belongs to others.

    ``took_part`` and ``minutes_confirmed`` are not known here; who rules on minutes adds them.
    """
    case = db.session.get(Case, case_id)
    if case is None or case.org_id != actor.org_id:
        raise NotFound
    grounds = bases(db.session(), case.id, actor.person_id, actor.org_id)
    if case.consent_lapsed:
        grounds -= NEEDS_CONSENT  # access is suspended as well; this holds should a later change forget it
    return CaseFacts(
        case_id=case.id,
        org_id=case.org_id,
        author_id=case.author_id,
        supervisor_id=case.supervisor_id,
        kind=case.kind,
        state=case.state,
        bases=grounds,
        held=case.held,
        red=case.red,
        legal_hold=case.legal_hold,
    )


def get(session: Session, case_id: str) -> Case:
    """Return the case; whether the actor may read it was decided by the guard."""
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound
    return case


def find(session: Session, case_id: str) -> Case | None:
    """Return the case if there is one with this id."""
    return session.get(Case, case_id)


def version(session: Session, case_id: str, number: int | None = None) -> CaseVersion:
    """Return a released version, the current one by default; NotFound where nothing was released."""
    wanted = select(CaseVersion).where(CaseVersion.case_id == case_id, CaseVersion.released_at.is_not(None))
    if number is not None:
        wanted = wanted.where(CaseVersion.number == number)
    found = session.scalars(wanted.order_by(CaseVersion.number.desc()).limit(1)).first()
    if found is None:
        raise NotFound
    return found


def versions(session: Session, case_id: str) -> list[CaseVersion]:
    """Return all released versions, oldest first."""
    rows = session.scalars(
        select(CaseVersion)
        .where(CaseVersion.case_id == case_id, CaseVersion.released_at.is_not(None))
        .order_by(CaseVersion.number)
    )
    return list(rows)


def draft(session: Session, case_id: str) -> CaseVersion | None:
    """Return the version that is being written, if there is one; at most one is."""
    return session.scalars(
        select(CaseVersion).where(CaseVersion.case_id == case_id, CaseVersion.released_at.is_(None))
    ).first()


def draft_by_id(session: Session, version_id: str) -> CaseVersion:
    """Return the unreleased version with this id; NotFound where there is none."""
    found = session.get(CaseVersion, version_id)
    if found is None or found.released_at is not None:
        raise NotFound
    return found


def titles(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return the released title by case id; the code where it was never released, or is held for what someone saw."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    rows = session.execute(
        select(Case.id, Case.code, Case.held, CaseVersion.title)
        .outerjoin(CaseVersion, (CaseVersion.case_id == Case.id) & (CaseVersion.number == Case.current_version))
        .where(Case.id.in_(wanted))
    )
    return {row.id: row.code if row.held or not row.title else row.title for row in rows}


def of_client(session: Session, client_id: str, states: Collection[str] = STATES_OF_OTHERS) -> list[Case]:
    """Return the cases about a client that are in one of ``states``."""
    return list(session.scalars(select(Case).where(Case.client_id == client_id, Case.state.in_(states))))


def closed_of(session: Session, actor: Actor, ids: Collection[str]) -> list[Case]:
    """Return the closed cases that the actor reads and wrote, or that are among ``ids``; closed longest ago first."""
    rows = session.scalars(
        select(Case)
        .where(
            Case.state == "closed",
            (Case.author_id == actor.person_id) | Case.id.in_(ids),
            Case.id.in_(readable_ids(actor.person_id, actor.org_id)),
        )
        .order_by(Case.closed_at, Case.id)
    )
    return list(rows)


def last_of(session: Session, person_id: str, org_id: str) -> Case | None:
    """Return the case that the person started last, whose choices a new one begins with."""
    return session.scalars(
        select(Case).where(Case.author_id == person_id, Case.org_id == org_id).order_by(Case.id.desc()).limit(1)
    ).first()


def code_taken(session: Session, org_id: str, code: str) -> bool:
    """Tell whether a case of the organisation has this code."""
    return session.scalars(select(Case.id).where(Case.org_id == org_id, Case.code == code)).first() is not None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of cases is narrowed to; an empty word means everything."""

    state: str = ""
    whose: str = ""  # mine, others
    kind: str = ""
    dilemma: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A case as lists show it: by its code while somebody has seen an identifier in it."""

    case: Case
    title: str


def _listed(case: Case, title: str) -> Listed:
    return Listed(case, case.code if case.held else title)


def listing(
    session: Session, actor: Actor, filters: Filters, after: str = "", limit: int = PAGE
) -> tuple[list[Listed], str]:
    """Return released cases that the actor may read, newest first, and the id to continue ``after`` (or nothing)."""
    wanted = _readable(actor).where(Case.current_version > 0)
    if filters.state:
        wanted = wanted.where(Case.state == filters.state)
    if filters.whose == "mine":
        wanted = wanted.where(Case.author_id == actor.person_id)
    elif filters.whose == "others":
        wanted = wanted.where(Case.author_id != actor.person_id)
    if filters.kind:
        wanted = wanted.where(Case.kind == filters.kind)
    if filters.dilemma:
        wanted = wanted.where(_about(filters.dilemma))
    for word in filters.words.split():
        wanted = wanted.where(CaseVersion.title.icontains(word, autoescape=True), Case.held.is_(False))
    if after:
        wanted = wanted.where(Case.id < after)
    rows = session.execute(wanted.order_by(Case.id.desc()).limit(limit + 1)).all()
    shown = [_listed(row.Case, row.title) for row in rows[:limit]]
    return shown, (shown[-1].case.id if len(rows) > limit else "")


def drafts(session: Session, actor: Actor) -> list[tuple[Case, CaseVersion]]:
    """Return what the actor is writing, new versions beside released ones included; last saved first."""
    rows = session.execute(
        select(Case, CaseVersion)
        .join(CaseVersion, CaseVersion.case_id == Case.id)
        .where(
            Case.author_id == actor.person_id,
            Case.org_id == actor.org_id,
            Case.id.in_(readable_ids(actor.person_id, actor.org_id, [Basis.AUTHOR])),
            CaseVersion.released_at.is_(None),
            Case.state != "withdrawn",
        )
        .order_by(CaseVersion.saved_at.desc())
    )
    return [(case, row) for case, row in rows]


def _about(dilemma: str) -> ColumnElement[bool]:
    # Identifiers of dilemmas have letters and underscores only, so the JSON text of the list can be searched.
    return cast(Case.dilemmas, String).contains(f'"{dilemma}"', autoescape=True)


def _readable(actor: Actor) -> Select[Case, str]:
    """Return the released cases that ``policy`` lets the actor read: the same rule, for all of them at once."""

    def on(*grounds: Basis) -> ColumnElement[bool]:
        return Case.id.in_(readable_ids(actor.person_id, actor.org_id, grounds))

    return (
        select(Case, CaseVersion.title)
        .join(CaseVersion, (CaseVersion.case_id == Case.id) & (CaseVersion.number == Case.current_version))
        .where(
            Case.org_id == actor.org_id,
            on(Basis.AUTHOR)
            | (on(Basis.SUPERVISOR) & Case.state.in_(STATES_OF_OTHERS))
            | (on(*NEEDS_CONSENT) & Case.state.in_(VISIBLE_TO_READERS) & Case.consent_lapsed.is_(False)),
        )
    )


# What the inbox asks --------------------------------------------------------------------------------------------------


def released_ids(actor: Actor, *states: str) -> Select[str]:
    """Return a select of the ids of released cases in ``states`` that the actor may read; join it into lists."""
    return _readable(actor).with_only_columns(Case.id).where(Case.state.in_(states))


def written_ids(actor: Actor, *states: str) -> Select[str]:
    """Return a select of the ids of released cases in ``states`` that the actor wrote."""
    return released_ids(actor, *states).where(Case.author_id == actor.person_id)


def supervised_ids(actor: Actor) -> Select[str]:
    """Return a select of the ids of released cases that the actor reads as the supervisor of record."""
    return released_ids(actor, *STATES_OF_OTHERS).where(
        Case.kind == "supervision", Case.supervisor_id == actor.person_id
    )


def asking(
    session: Session, actor: Actor, answered: Select[str], at: datetime, limit: int = PAGE
) -> tuple[list[Listed], int]:
    """Return open cases of others that wait for a word of the actor, and how many there are in all.

    What is among ``answered`` waits again when its next look has come. Danger and the urgent first, however soon its
    author asked for an answer, then the oldest question.
    """
    urgency = case((_about(DANGER) | (Case.urgency == "urgent"), 0), (Case.urgency == "soon", 1), else_=2)
    look_is_due = (Case.supervisor_id == actor.person_id) & (Case.next_look_at <= at)
    rows = session.execute(
        _readable(actor)
        .add_columns(func.count().over())
        .where(Case.state == "open", Case.author_id != actor.person_id, Case.id.not_in(answered) | look_is_due)
        .order_by(urgency, Case.released_at, Case.id)
        .limit(limit)
    ).all()
    return [_listed(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def waiting_for_sign_off(session: Session, actor: Actor) -> list[Listed]:
    """Return decided supervision cases whose supervisor of record is the actor, decided longest ago first."""
    rows = session.execute(
        _readable(actor)
        .where(Case.state == "decided", Case.kind == "supervision", Case.supervisor_id == actor.person_id)
        .order_by(Case.decided_at, Case.id)
    )
    return [_listed(row[0], row[1]) for row in rows]


def closed_without(session: Session, actor: Actor, took_part: Select[str], done: Select[str, datetime]) -> list[Listed]:
    """Return closed cases that the actor wrote or ``took_part`` in, oldest first.

    Left out are those in ``done``: pairs of a case's id and the instant at which it was closed.
    """
    rows = session.execute(
        _readable(actor)
        .where(
            Case.state == "closed",
            (Case.author_id == actor.person_id) | Case.id.in_(took_part),
            tuple_(Case.id, Case.closed_at).not_in(done),
        )
        .order_by(Case.closed_at, Case.id)
    )
    return [_listed(row[0], row[1]) for row in rows]


def unsupervised(session: Session, org_id: str, author_id: str = "") -> list[Case]:
    """Return running supervision cases that their supervisor of record cannot sign off now, oldest first.

    The supervisor does not read them, or supervises here no more. All of an organisation, or those of one author.
    """
    signs = (
        select(CaseAccess.id)
        .join(
            Membership,
            (Membership.person_id == CaseAccess.person_id) & (Membership.org_id == CaseAccess.org_id),
        )
        .where(
            CaseAccess.case_id == Case.id,
            CaseAccess.person_id == Case.supervisor_id,
            CaseAccess.basis == Basis.SUPERVISOR,
            live(now()),
            cast(Membership.roles, String).contains(f'"{Role.SUPERVISOR.value}"'),
        )
        .exists()
    )
    wanted = select(Case).where(
        Case.org_id == org_id, Case.kind == "supervision", Case.state.in_(("open", "decided")), ~signs
    )
    if author_id:
        wanted = wanted.where(Case.author_id == author_id)
    return list(session.scalars(wanted.order_by(Case.released_at, Case.id)))


def listed(session: Session, actor: Actor, ids: Iterable[str]) -> dict[str, Listed]:
    """Return those of the cases that were released and that the actor may read, by id."""
    wanted = {*ids}
    if not wanted:
        return {}
    rows = session.execute(_readable(actor).where(Case.id.in_(wanted)))
    return {row[0].id: _listed(row[0], row[1]) for row in rows}

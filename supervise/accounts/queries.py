"""Reading of accounts: people, their places, licences and sessions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from supervise.accounts.models import (
    Licence,
    Membership,
    Organisation,
    ParkedForm,
    PasswordReset,
    Person,
    Relationship,
    Setting,
    SignIn,
)
from supervise.accounts.rules import MIRRORED, TYPED_KEPT
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.errors import NotFound
from supervise.policy import OwnFacts


def person(session: Session, person_id: str) -> Person:
    """Return one person; raise NotFound."""
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound()
    return found


def people(session: Session, ids: Iterable[str]) -> dict[str, Person]:
    """Return the people with these ids, by id; ids of nobody are left out."""
    wanted = {*ids}
    if not wanted:
        return {}
    return {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(wanted)))}


def by_email(session: Session, email: str) -> Person | None:
    """Return the person with this address, if there is one."""
    return session.scalars(select(Person).where(Person.email == email.strip().lower())).first()


def organisation(session: Session, org_id: str) -> Organisation:
    """Return one organisation; raise NotFound."""
    found = session.get(Organisation, org_id)
    if found is None:
        raise NotFound()
    return found


def memberships(session: Session, org_id: str) -> list[Membership]:
    """Return the memberships of an organisation that have not ended."""
    rows = session.scalars(select(Membership).where(Membership.org_id == org_id, Membership.ended_at.is_(None)))
    return list(rows)


def places_of(session: Session, person_id: str) -> list[tuple[Membership, Organisation]]:
    """Return where a person is a member now, the oldest membership first."""
    rows = session.execute(
        select(Membership, Organisation)
        .join(Organisation, Organisation.id == Membership.org_id)
        .where(Membership.person_id == person_id, Membership.ended_at.is_(None))
        .order_by(Membership.created_at, Membership.id)
    )
    return [(membership, org) for membership, org in rows]


def members(session: Session, org_id: str, *roles: Role) -> list[Person]:
    """Return the members of an organisation who hold any of ``roles`` (all members without), by name."""
    wanted = {role.value for role in roles}
    ids = [m.person_id for m in memberships(session, org_id) if not wanted or wanted & {*m.roles}]
    rows = session.scalars(
        select(Person).where(Person.id.in_(ids), Person.disabled_at.is_(None)).order_by(Person.name, Person.id)
    )
    return list(rows)


def membership(session: Session, person_id: str, org_id: str) -> Membership | None:
    """Return a person's membership that has not ended, or None."""
    return session.scalars(
        select(Membership).where(
            Membership.person_id == person_id, Membership.org_id == org_id, Membership.ended_at.is_(None)
        )
    ).first()


def is_member(session: Session, org_id: str, email: str) -> bool:
    """Tell whether someone with this address is a member now; of accounts elsewhere it tells nothing."""
    found = select(Membership.id).join(Person, Person.id == Membership.person_id)
    wanted = found.where(Membership.org_id == org_id, Membership.ended_at.is_(None), Person.email == email)
    return session.scalars(wanted.limit(1)).first() is not None


def roles_of(session: Session, person_id: str, org_id: str) -> frozenset[Role]:
    """Return the roles a person holds in an organisation now; empty for someone who is no member."""
    found = membership(session, person_id, org_id)
    return frozenset(Role(role) for role in found.roles) if found else frozenset()


def member_names(session: Session, org_id: str) -> frozenset[str]:
    """Return the names of all members: the engine leaves them in texts, since they are readers, not clients."""
    return frozenset(person.name for person in members(session, org_id))


def settings_of(session: Session, person_id: str) -> list[Setting]:
    """Return a person's places of work, the latest first."""
    rows = session.scalars(
        select(Setting).where(Setting.person_id == person_id).order_by(Setting.starts_on.desc(), Setting.id)
    )
    return list(rows)


def licences_of(session: Session, person_id: str) -> list[Licence]:
    """Return a person's licences and registrations, the latest first."""
    rows = session.scalars(
        select(Licence).where(Licence.person_id == person_id).order_by(Licence.issued_on.desc(), Licence.id)
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session and what a request needs to know about whose it is, read in one query."""

    id: str
    person_id: str
    org_id: str
    expires_at: datetime
    last_seen_at: datetime
    locked_at: datetime | None
    ended_at: datetime | None
    second_factor_given: bool
    has_second_factor: bool
    name: str
    zone: str
    theme: str
    shortcuts: bool
    organisation_name: str
    is_demo: bool
    roles: frozenset[Role]


def signed_in(session: Session, token_hash: str) -> SignedIn | None:
    """Return the session whose secret has this hash, ended or not; None if there never was one."""
    found = session.execute(
        select(SignIn, Person, Organisation, Membership)
        .join(Person, Person.id == SignIn.person_id)
        .outerjoin(Organisation, Organisation.id == SignIn.org_id)
        .outerjoin(
            Membership,
            (Membership.org_id == SignIn.org_id)
            & (Membership.person_id == SignIn.person_id)
            & Membership.ended_at.is_(None),
        )
        .where(SignIn.token_hash == token_hash)
    ).first()
    if found is None:
        return None
    row, whose, org, place = found
    return SignedIn(
        id=row.id,
        person_id=whose.id,
        org_id=row.org_id or "",
        expires_at=row.expires_at,
        last_seen_at=row.last_seen_at,
        locked_at=row.locked_at,
        ended_at=row.revoked_at or whose.disabled_at,
        second_factor_given=row.second_factor_at is not None,
        has_second_factor=whose.totp_confirmed_at is not None,
        name=whose.name,
        zone=whose.zone,
        theme=whose.theme,
        shortcuts=whose.shortcuts,
        organisation_name=org.name if org else "",
        is_demo=org.is_demo if org else False,
        roles=frozenset(Role(role) for role in place.roles) if place else frozenset(),
    )


def sign_ins_of(session: Session, person_id: str, at: datetime) -> list[SignIn]:
    """Return a person's live sessions, the latest used first."""
    rows = session.scalars(
        select(SignIn)
        .where(SignIn.person_id == person_id, SignIn.revoked_at.is_(None), SignIn.expires_at > at)
        .order_by(SignIn.last_seen_at.desc(), SignIn.id)
    )
    return list(rows)


def relationships_of(session: Session, person_id: str, org_id: str) -> list[Relationship]:
    """Return what holds between a person and other members, whoever of the two declared it, the latest first."""
    rows = session.scalars(
        select(Relationship)
        .where(
            Relationship.org_id == org_id,
            Relationship.ended_at.is_(None),
            or_(Relationship.declared_by == person_id, Relationship.other_id == person_id),
        )
        .order_by(Relationship.id.desc())
    )
    return list(rows)


def relationships_to(session: Session, person_id: str, other_id: str, org_id: str) -> set[str]:
    """Return what one member is to another by what either declared: the person's words for the other."""
    return {
        row.kind if row.declared_by == person_id else MIRRORED.get(row.kind, row.kind)
        for row in relationships_of(session, person_id, org_id)
        if other_id in (row.declared_by, row.other_id)
    }


def relationship_facts(actor: Actor, relationship_id: str) -> OwnFacts:
    """Load who declared it, in the actor's organisation; raise NotFound."""
    row = db.session.get(Relationship, relationship_id)
    if row is None or row.org_id != actor.org_id:
        raise NotFound()
    return OwnFacts(row.declared_by)


def maker_of_reset(session: Session, person_id: str) -> str | None:
    """Return which administrator made a person's last reset link; None where it was mailed or there is none."""
    last = select(PasswordReset.made_by).where(PasswordReset.person_id == person_id)
    return session.scalars(last.order_by(PasswordReset.created_at.desc(), PasswordReset.id.desc())).first()


def kept_typed(session: Session, person_id: str, at: datetime) -> list[ParkedForm]:
    """Return what a person typed that could not be taken and is not sent yet, the latest first."""
    rows = session.scalars(
        select(ParkedForm)
        .where(ParkedForm.person_id == person_id, ParkedForm.created_at > at - TYPED_KEPT)
        .order_by(ParkedForm.id.desc())
    )
    return list(rows)


def home_of(session: Session, person_id: str) -> str:
    """Return the organisation where a person worked last, among those they belong to; empty if they belong to none."""
    here = [membership.org_id for membership, _org in places_of(session, person_id)]
    last = select(SignIn.org_id).where(SignIn.person_id == person_id, SignIn.org_id.in_(here))
    return session.scalars(last.order_by(SignIn.created_at.desc())).first() or (here[0] if here else "")


def only_organisation(session: Session) -> str:
    """Return the name of the installation's one organisation, or nothing where there are several."""
    names = session.scalars(select(Organisation.name).limit(2)).all()
    return names[0] if len(names) == 1 else ""


def sign_in_facts(_actor: Actor, sign_in_id: str) -> OwnFacts:
    """Load whose session it is; raise NotFound."""
    return _owner(SignIn, sign_in_id)


def parked_facts(_actor: Actor, parked_id: str) -> OwnFacts:
    """Load whose words they are; raise NotFound."""
    return _owner(ParkedForm, parked_id)


def licence_facts(_actor: Actor, licence_id: str) -> OwnFacts:
    """Load whose licence it is; raise NotFound."""
    return _owner(Licence, licence_id)


def setting_facts(_actor: Actor, setting_id: str) -> OwnFacts:
    """Load whose place of work it is; raise NotFound."""
    return _owner(Setting, setting_id)


def _owner(kind: type[Any], row_id: str) -> OwnFacts:
    row = db.session.get(kind, row_id)
    if row is None:
        raise NotFound()
    return OwnFacts(row.person_id)


def member_facts(actor: Actor, person_id: str) -> str:
    """Return the id of a member of the actor's organisation; raise NotFound for everyone else."""
    if membership(db.session(), person_id, actor.org_id) is None:
        raise NotFound()
    return person_id


def settings_of_people(session: Session, person_ids: Iterable[str]) -> dict[str, Setting]:
    """Return the places of work of several people, by the place's id."""
    rows = session.scalars(select(Setting).where(Setting.person_id.in_([*person_ids])))
    return {row.id: row for row in rows}


def lapsed_since(session: Session, person_id: str, jurisdiction: str, on: date) -> date | None:
    """Return the last day of a person's licences in a jurisdiction where none of those recorded holds on a day.

    None where one holds, and where none is recorded: what is not recorded is not known to have lapsed.
    """
    there = [row for row in licences_of(session, person_id) if row.jurisdiction == jurisdiction and row.issued_on <= on]
    ends = [row.expires_on for row in there]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) and max(known) < on else None


def licences_ending(session: Session, since: date, until: date, person_id: str | None = None) -> list[Licence]:
    """Return licences that end in a span of days, of everyone or of one person, first to end first.

    One that a later licence of the same title and place takes over is left out.
    """
    renewal = aliased(Licence)
    renewed = exists().where(
        renewal.person_id == Licence.person_id,
        renewal.jurisdiction == Licence.jurisdiction,
        renewal.title == Licence.title,
        or_(renewal.expires_on.is_(None), renewal.expires_on > Licence.expires_on),
    )
    wanted = select(Licence).where(Licence.expires_on.between(since, until), ~renewed)
    if person_id is not None:
        wanted = wanted.where(Licence.person_id == person_id)
    return list(session.scalars(wanted.order_by(Licence.expires_on, Licence.id)))

"""Who belongs to an organisation and as what. An organisation never loses its last administrator."""

from supervise.accounts import queries
from supervise.accounts.models import Membership, Organisation, Person
from supervise.accounts.rules import roles_problem
from supervise.accounts.service import links, second_factor
from supervise.accounts.service.sign_ins import second_factor_required
from supervise.core.actor import Role
from supervise.core.errors import Conflict, Invalid, NotFound, Refused
from supervise.core.uow import UnitOfWork
from supervise.events import MembershipEnded, RolesChanged

_TWO = (
    "One administrator alone never gets both: whoever holds the link and sets up a new factor would "
    "be in. Another administrator can do this, or whoever runs this installation: supervise recover."
)


def change_roles(work: UnitOfWork, org_id: str, person_id: str, roles: list[str], version: int) -> None:
    """Give a member other roles; they act at the person's next request."""
    if problem := roles_problem(roles):
        raise Invalid(problem, "roles")
    row = _locked(work, org_id, person_id)
    if row.version != version:
        raise Conflict("Someone changed this person's roles meanwhile. Look at them again, then choose.")
    if Role.ADMIN.value not in roles:
        _keep_an_administrator(work, org_id, row)
    if sorted(roles) != sorted(row.roles):
        row.roles = sorted(roles)
        work.emit(RolesChanged(org_id, person_id, " ".join(row.roles)))


def end_membership(work: UnitOfWork, org_id: str, person_id: str) -> None:
    """End a membership; the person's next request here is turned away."""
    row = _locked(work, org_id, person_id)
    _keep_an_administrator(work, org_id, row)
    row.ended_at = work.now
    work.emit(MembershipEnded(org_id, person_id))


def reset_second_factor(work: UnitOfWork, org_id: str, person_id: str) -> None:
    """Take away a lost second factor, so that the person sets up a new one at the next sign-in."""
    _only_here(work, org_id, person_id)
    if queries.maker_of_reset(work.session, person_id) == work.actor.person_id:
        raise Refused(f"You made this person's last reset link. {_TWO}")
    second_factor.remove(work, person_id, "reset by an administrator")


def hand_over_reset(work: UnitOfWork, org_id: str, person_id: str) -> str:
    """Return the path of a reset link for an administrator to hand over where there is no mail."""
    _only_here(work, org_id, person_id)
    person = queries.person(work.session, person_id)
    if second_factor_required() and person.totp_confirmed_at is None:
        if person.totp_removed_by is None:
            raise Refused(f"This person has no second factor yet: have another administrator remove it first. {_TWO}")
        if person.totp_removed_by == work.actor.person_id:
            raise Refused(f"You took this person's second factor away. {_TWO}")
    return links.reset_link(work, person_id)


def recover(work: UnitOfWork, email: str, *, second_factor_too: bool) -> str:
    """Return the path of a reset link for whoever runs the installation; raise NotFound for an unknown address."""
    person = queries.by_email(work.session, email.strip().lower())
    if person is None or person.disabled_at is not None:
        raise NotFound("Nobody here signs in with this address.")
    if second_factor_too:
        second_factor.remove(work, person.id, "reset by an administrator")
    return links.reset_link(work, person.id)


def _only_here(work: UnitOfWork, org_id: str, person_id: str) -> None:
    """Refuse where the account opens other organisations too: no administrator reaches into those."""
    _locked(work, org_id, person_id)
    if person_id == work.actor.person_id:
        raise Refused("Change your own sign-in under your account.")
    if len(queries.places_of(work.session, person_id)) > 1:
        raise Refused(
            "This person belongs to other organisations too, so no single administrator resets the sign-in. Whoever "
            "runs this installation can: supervise recover."
        )


def _locked(work: UnitOfWork, org_id: str, person_id: str) -> Membership:
    """Return the membership, after every other change of this organisation's members is through."""
    work.session.get(Organisation, org_id, with_for_update=True)
    row = queries.membership(work.session, person_id, org_id)
    if row is None:
        raise NotFound()
    return row


def _keep_an_administrator(work: UnitOfWork, org_id: str, leaving: Membership) -> None:
    if Role.ADMIN.value not in leaving.roles:
        return
    others = [
        row for row in queries.memberships(work.session, org_id) if Role.ADMIN.value in row.roles and row is not leaving
    ]
    able = [row for row in others if (who := work.session.get(Person, row.person_id)) and who.disabled_at is None]
    if not able:
        raise Refused("This is the last administrator here. Make someone else an administrator first.")

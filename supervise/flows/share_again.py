"""A supervisor of record who cannot sign off: gone, or come back and not reading what was shared before.

Nothing opens by itself. The author sees at the case what stands in the way, and shares it again.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from supervise.access import service as access
from supervise.access.queries import reader_ids
from supervise.accounts.queries import people, person
from supervise.cases import queries as cases
from supervise.cases.models import Case
from supervise.consents.queries import live_consent
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Refused
from supervise.core.uow import unit_of_work
from supervise.events import CaseSharedAgain
from supervise.policy import Basis
from supervise.supervision.queries import still_supervises, supervisors_of


@dataclass(frozen=True, slots=True)
class Away:
    """Why the supervisor of record cannot sign off. ``do``: gone, agreement, consent, or share where the author may."""

    name: str
    says: str
    do: str


@dataclass(frozen=True, slots=True)
class Left:
    """Running cases of one author that one supervisor of record cannot sign off, as an administrator sees them."""

    author: str
    supervisor: str
    cases: int
    gone: bool


def away_for(actor: Actor, case_id: str) -> Away | None:
    """Return what keeps the supervisor of record of an author's own case from signing off; None for anybody else."""
    case = cases.get(db.session(), case_id)
    mine = case.author_id == actor.person_id
    return supervisor_away(db.session(), case, local_day(now(), actor.zone)) if mine else None


def supervisor_away(session: Session, case: Case, today: date) -> Away | None:
    """Return what keeps the supervisor of record from signing off, and what the author can do about it.

    None where nothing does, or where nothing waits for a supervisor.
    """
    if case.supervisor_id is None or case.kind != "supervision" or case.state not in ("open", "decided", "closed"):
        return None
    supervises = still_supervises(session, case.supervisor_id, case.org_id)
    if supervises and case.supervisor_id in reader_ids(session, case.id, (Basis.SUPERVISOR,)):
        return None
    name = person(session, case.supervisor_id).name
    if not supervises:
        return _gone(case, name)
    came_back = f"{name} left, came back, and does not read this case."
    agreements = supervisors_of(session, case.author_id, case.org_id, today)
    if case.supervisor_id not in {row.supervisor_id for row in agreements}:
        return Away(name, f"{came_back} No agreement between you is in force; sign one first.", "agreement")
    if live_consent(session, case.client_id or "", "supervisor", None, today) is None:
        return Away(name, f"{came_back} Record first that the client knows of the supervision.", "consent")
    return Away(name, f"{came_back} You decide whether to share it again.", "share")


def _gone(case: Case, name: str) -> Away | None:
    if case.state == "closed":
        return None
    says = f"{name}, the supervisor of record, supervises here no more, so nobody can sign this case off."
    back = f"ask an administrator to take {name} in again; then you share it once more."
    if case.state == "open":
        return Away(name, f"{says} Withdraw it and bring it to whoever supervises you now, or {back}", "gone")
    return Away(name, f"{says} {back[0].upper()}{back[1:]}", "gone")


def share_again(actor: Actor, case_id: str) -> str:
    """Let the supervisor of record read a case of the actor's again; return the supervisor's name.

    Raises Refused with what stands in the way.
    """
    with unit_of_work(actor) as work:
        case = cases.get(work.session, case_id)
        away = supervisor_away(work.session, case, local_day(work.now, actor.zone))
        if away is None or case.supervisor_id is None:
            raise Refused("The supervisor of record reads this case already.")
        if away.do != "share":
            raise Refused(away.says)
        access.grant(
            work, case_id=case_id, org_id=case.org_id, person_id=case.supervisor_id, basis=Basis.SUPERVISOR
        )  # fmt: skip
        work.emit(CaseSharedAgain(case.org_id, case_id, case.supervisor_id))
        return away.name


def left_without(actor: Actor) -> list[Left]:
    """Return who has running cases that nobody can sign off in the actor's organisation; nothing of the cases."""
    session = db.session()
    found = Counter((row.author_id, row.supervisor_id or "") for row in cases.unsupervised(session, actor.org_id))
    names = people(session, {one for pair in found for one in pair})
    return sorted(
        (
            Left(names[author].name, names[boss].name, count, not still_supervises(session, boss, actor.org_id))
            for (author, boss), count in found.items()
        ),
        key=lambda left: (left.supervisor, left.author),
    )

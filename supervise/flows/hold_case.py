"""A legal hold keeps every original of a case: of its versions, of what was said on it, and of notes of meetings."""

from collections.abc import Iterable

from supervise.cases import queries as cases
from supervise.cases.service import set_legal_hold
from supervise.core.actor import Actor
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import service as deid
from supervise.reviews.queries import subjects_of
from supervise.supervision.queries import meetings_about


def hold_case(actor: Actor, case_id: str, on: bool) -> None:
    """Place a legal hold on a case, or lift it. Notes of a meeting stay while any case it discussed is on hold."""
    with unit_of_work(actor) as work:
        set_legal_hold(work, case_id, on)
        for subject in subjects_of(work.session, case_id):
            deid.hold(work, subject, on)
        for meeting in meetings_about(work.session, case_id):
            deid.hold(work, f"meeting:{meeting.id}", on or _any_held(work, meeting.case_ids))


def keep_while_held(work: UnitOfWork, case_ids: Iterable[str], subject: str) -> None:
    """Put an original that was just saved under the hold of the cases it belongs to, if there is one."""
    if _any_held(work, case_ids):
        deid.hold(work, subject, True)


def _any_held(work: UnitOfWork, case_ids: Iterable[str]) -> bool:
    return any(cases.get(work.session, case_id).legal_hold for case_id in case_ids)

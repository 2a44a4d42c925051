"""A place of work is recorded or mended; what was signed there stays under its board and within its dates."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from supervise.accounts.models import Setting
from supervise.accounts.service import record_setting
from supervise.core.actor import Actor
from supervise.core.errors import Invalid
from supervise.core.uow import unit_of_work
from supervise.hours.queries import entries, signed_ids, standing


def record_place(actor: Actor, setting_id: str | None, version: int, **fields: Any) -> None:
    """Add or change a place of work of the actor.

    Raises Invalid where signed rows were judged under another board, or where signed days would lie outside the dates.
    """
    with unit_of_work(actor) as work:
        before = work.session.get(Setting, setting_id) if setting_id else None
        if before is not None and before.person_id == actor.person_id:
            _refuse_for_signed(work.session, before, fields)
        record_setting(work, actor.person_id, setting_id, version, **fields)


def _refuse_for_signed(session: Session, place: Setting, fields: dict[str, Any]) -> None:
    rows = entries(session, place.person_id, setting_id=place.id)
    signed = signed_ids(session, [row.id for row in rows])
    if signed and fields["board"] != place.board:
        raise Invalid(
            "Hours at this place are signed for the board that stands here. Record another place for the new board.",
            "board",
        )
    days = sorted(row.day for row in standing(rows) if row.id in signed)
    if days and fields["starts_on"] > days[0]:
        raise Invalid(f"Hours of {_day(days[0])} are signed; the place cannot begin later.", "starts_on")
    if days and fields["ends_on"] is not None and fields["ends_on"] < days[-1]:
        raise Invalid(f"Hours of {_day(days[-1])} are signed; the place cannot end earlier.", "ends_on")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

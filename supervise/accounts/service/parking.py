"""What was being typed when a session locked or ended: kept encrypted for its person, given back, then gone."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from supervise.accounts.models import ParkedForm
from supervise.accounts.rules import TYPED_KEPT, worth_keeping
from supervise.accounts.service import throttle
from supervise.core.errors import NotFound
from supervise.core.ids import new_id
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork

MOST = 20

Fields = list[tuple[str, str]]


def park(work: UnitOfWork, person_id: str, path: str, fields: Sequence[tuple[str, str]]) -> str | None:
    """Keep the fields of a form that could not be taken now; return the id, or None when nothing was typed."""
    worth = worth_keeping(fields)
    if not any(value.strip() for _name, value in worth):
        return None
    parked_id = new_id()
    sealed = installation().keyring.seal(json.dumps(worth).encode(), f"parked_forms:{parked_id}:fields")
    work.session.add(
        ParkedForm(id=parked_id, person_id=person_id, path=path, fields_sealed=sealed, created_at=work.now)
    )
    work.session.flush()
    older = select(ParkedForm.id).where(ParkedForm.person_id == person_id).order_by(ParkedForm.id.desc()).offset(MOST)
    for extra in work.session.scalars(older).all():
        forget(work, person_id, extra)
    return parked_id


def parked(session: Session, person_id: str, parked_id: str, at: datetime) -> tuple[ParkedForm, Fields]:
    """Return what was kept, to its person alone; raise NotFound."""
    row = session.get(ParkedForm, parked_id)
    if row is None or row.person_id != person_id or row.created_at <= at - TYPED_KEPT:
        raise NotFound("There is nothing kept here any more. What was sent is where you sent it.")
    plain = installation().keyring.unseal(row.fields_sealed, f"parked_forms:{row.id}:fields")
    return row, [(name, value) for name, value in json.loads(plain)]


def forget(work: UnitOfWork, person_id: str, parked_id: str) -> None:
    """Remove what was kept, after it was sent or thrown away."""
    work.session.execute(delete(ParkedForm).where(ParkedForm.id == parked_id, ParkedForm.person_id == person_id))


def forget_old(work: UnitOfWork) -> int:
    """Remove what was kept longer than a day, and old counts of tries; return how many texts went. For the worker."""
    throttle.forget(work, work.now - TYPED_KEPT)
    gone = work.session.execute(delete(ParkedForm).where(ParkedForm.created_at <= work.now - TYPED_KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]

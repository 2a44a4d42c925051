"""The only door to an original: sealing and opening rows under weekly keys, and destroying both.

Imported by ``deid.service`` alone. A key outlives neither its week nor the last row under it, and no backup holds it,
so what was destroyed here cannot be opened from a copy of the database made before.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervise.core.crypto import KeyDestroyed, Tampered, decrypt, encrypt
from supervise.core.errors import Unavailable
from supervise.core.ids import new_id
from supervise.core.installation import installation
from supervise.deid import queries
from supervise.deid.models import Original, Screening
from supervise.deid.rules.weeks import is_over, key_name, week


def seal(row: Original, fields: Mapping[str, str], at: datetime, *, held: bool) -> None:
    """Encrypt the fields into their row, under the key that its state asks for at ``at``."""
    row.kid = key_name(at, row.destroy_at, held=held)
    row.sealed = _seal(row.kid, dict(fields), _place(row))


def unseal(row: Original) -> dict[str, str]:
    """Return the fields; raise Unavailable when text or key are gone, Tampered when they are not this row's."""
    fields: dict[str, str] = _unseal(row.kid, row.sealed, _place(row))
    return fields


def holds(row: Original, fields: Mapping[str, str]) -> bool:
    """Tell whether the row holds exactly these fields; what cannot be opened holds nothing."""
    try:
        return row.sealed is not None and unseal(row) == dict(fields)
    except (Tampered, Unavailable):
        return False


def seal_work(screening: Screening, kid: str, data: Mapping[str, Any]) -> None:
    """Encrypt the work on a screening, which quotes the original, under the original's key."""
    screening.kid = kid
    screening.work_sealed = _seal(kid, dict(data), _place(screening))


def unseal_work(screening: Screening) -> dict[str, Any]:
    """Return the work on a screening; raises like :func:`unseal`."""
    data: dict[str, Any] = _unseal(screening.kid, screening.work_sealed, _place(screening))
    return data


def kept_work(screening: Screening) -> dict[str, Any] | None:
    """Return the work on a screening, or None when there is none that can be opened."""
    try:
        return unseal_work(screening)
    except (Tampered, Unavailable):
        return None


def follow(screening: Screening, kid: str) -> None:
    """Put the work on a screening under its original's new key; work that cannot be opened is dropped."""
    if screening.work_sealed is None or screening.kid == kid:
        return
    data = kept_work(screening)
    if data is None:
        screening.work_sealed = None
    else:
        seal_work(screening, kid, data)


def latest_opens(session: Session) -> bool | None:
    """Tell whether the original that was saved last can be opened; None when there is none whose key still exists."""
    kept = select(Original).where(Original.sealed.is_not(None), Original.kid.in_(installation().weekly.names()))
    row = session.scalars(kept.order_by(Original.saved_at.desc()).limit(1)).first()
    if row is None:
        return None
    try:
        return bool(unseal(row))
    except Tampered:
        return False


def rewrap(session: Session, row: Original, at: datetime, *, held: bool) -> None:
    """Seal an original and the work on it again, under the key that their state asks for now."""
    if row.sealed is None:
        return
    fields = unseal(row)
    screening = queries.screening_of(session, row.subject)
    seal(row, fields, at, held=held)
    if screening is not None:
        follow(screening, row.kid)


def set_aside(session: Session, row: Original, at: datetime) -> None:
    """Keep what a held row says before it says something else: as a row of its own under ``subject@instant``."""
    kept = Original(
        id=new_id(), org_id=row.org_id, author_id=row.author_id, subject=f"{row.subject}@{at:%Y%m%dT%H%M%S%f}",
        saved_at=row.saved_at, destroy_at=row.destroy_at,
    )  # fmt: skip
    seal(kept, unseal(row), at, held=True)
    session.add(kept)


def destroy(session: Session, row: Original, at: datetime) -> None:
    """Remove the ciphertext of an original and of the work on it. The key goes when its week is over."""
    row.sealed, row.destroyed_at = None, at
    screening = queries.screening_of(session, row.subject)
    if screening is not None:
        screening.work_sealed = None


def rewrap_old_drafts(session: Session, at: datetime) -> None:
    """Seal every draft of an earlier week under the key of this week, so that the old key can go."""
    rows = session.scalars(
        select(Original).where(
            Original.sealed.is_not(None), Original.kid.like("draft-%"), Original.kid != f"draft-{week(at)}"
        )
    )
    for row in rows:
        with suppress(Tampered, Unavailable):  # one broken row must not keep all others from being destroyed
            rewrap(session, row, at, held=False)


def destroy_keys(session: Session, at: datetime) -> int:
    """Destroy every key whose week is over and under which nothing committed lies; return how many.

    Call it before anything is changed in the transaction: what the session reads must be what is committed, since a
    destroyed key does not come back when a transaction is rolled back.
    """
    keys = installation().weekly
    used = {
        *session.scalars(select(Original.kid).where(Original.sealed.is_not(None))),
        *session.scalars(select(Screening.kid).where(Screening.work_sealed.is_not(None))),
    }
    gone = [name for name in keys.names() if name not in used and is_over(name, at)]
    for name in gone:
        keys.destroy(name)
    return len(gone)


def _place(row: Original | Screening) -> str:
    return f"{row.__tablename__}|{row.id}|{row.subject}"


def _seal(kid: str, data: dict[str, Any], place: str) -> str:
    key = installation().weekly.get_or_make(kid)
    return encrypt(key, kid, json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), place)


def _unseal(kid: str, token: str | None, place: str) -> Any:
    if token is None:
        raise Unavailable("The original was destroyed as planned; what was released is what remains.")
    try:
        key = installation().weekly.get(kid)
    except KeyDestroyed as error:
        raise Unavailable("The key of this original was destroyed; what was released is what remains.") from error
    return json.loads(decrypt(key, token, place))

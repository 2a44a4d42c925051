"""What people say about themselves: name and zone, licences, places of work."""

from typing import Any

from supervise.accounts import queries
from supervise.accounts.models import Licence, Person, Setting
from supervise.core.errors import Conflict, Invalid, NotFound
from supervise.core.uow import UnitOfWork
from supervise.events import LicenceRecorded, SettingRecorded

_CHANGED = "This was changed in another window. Look at it again; what you typed is still here."


def change_profile(work: UnitOfWork, person_id: str, version: int, **fields: Any) -> None:
    """Change name, credential, phone, zone or shortcuts of a person."""
    _change(queries.person(work.session, person_id), version, fields)


def change_theme(work: UnitOfWork, person_id: str, theme: str) -> None:
    """Keep the colours that a person chose: ``light``, ``dark`` or nothing."""
    if theme not in {"", "light", "dark"}:
        raise Invalid("Choose light, dark, or as this device.", "theme")
    queries.person(work.session, person_id).theme = theme


def change_shortcuts(work: UnitOfWork, person_id: str, on: bool) -> None:
    """Switch single-key shortcuts on or off for a person."""
    queries.person(work.session, person_id).shortcuts = on


def record_licence(work: UnitOfWork, person_id: str, licence_id: str | None, version: int, **fields: Any) -> Licence:
    """Add or change a licence of a person; raises Conflict where someone else changed it meanwhile."""
    if fields["expires_on"] and fields["expires_on"] <= fields["issued_on"]:
        raise Invalid("A licence expires after the day it was issued.", "expires_on")
    row: Licence | None = _own(work, Licence, licence_id, person_id)
    if row is None:
        row = Licence(person_id=person_id, created_at=work.now, **fields)
        work.session.add(row)
        work.session.flush()
    else:
        _change(row, version, fields)
    work.emit(LicenceRecorded(work.actor.org_id, row.id))
    return row


def record_setting(work: UnitOfWork, person_id: str, setting_id: str | None, version: int, **fields: Any) -> Setting:
    """Add or change a place of work of a person; raises Conflict where someone else changed it meanwhile."""
    if fields["ends_on"] and fields["ends_on"] < fields["starts_on"]:
        raise Invalid("It cannot end before it starts.", "ends_on")
    row: Setting | None = _own(work, Setting, setting_id, person_id)
    if row is None:
        row = Setting(person_id=person_id, created_at=work.now, **fields)
        work.session.add(row)
        work.session.flush()
    else:
        _change(row, version, fields)
    work.emit(SettingRecorded(work.actor.org_id, row.id))
    return row


def _own(work: UnitOfWork, kind: type[Any], row_id: str | None, person_id: str) -> Any:
    if row_id is None:
        return None
    row = work.session.get(kind, row_id)
    if row is None or row.person_id != person_id:
        raise NotFound()
    return row


def _change(row: Person | Licence | Setting, version: int, fields: dict[str, Any]) -> None:
    if row.version != version:
        raise Conflict(_CHANGED)
    for name, value in fields.items():
        setattr(row, name, value)

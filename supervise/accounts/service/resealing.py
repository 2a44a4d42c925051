"""Putting what is sealed under the master keys under a new one, some rows at a time."""

from collections.abc import Collection

from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from supervise.accounts.models import Invitation, ParkedForm, PasswordReset, Person
from supervise.core.crypto import Keyring, KeyringMissing, Tampered
from supervise.core.due import DueWork
from supervise.core.uow import UnitOfWork

SEALED: tuple[tuple[InstrumentedAttribute[str], InstrumentedAttribute[str | None], str], ...] = (
    (Person.id, Person.totp_sealed, "people:{}:totp"),
    (Invitation.id, Invitation.token_sealed, "invitations:{}:token"),
    (Invitation.id, Invitation.answer_sealed, "invitations:{}:answer"),
    (PasswordReset.id, PasswordReset.token_sealed, "password_resets:{}:token"),
    (ParkedForm.id, ParkedForm.fields_sealed, "parked_forms:{}:fields"),
)
"""Key of the row, sealed column, and what its text is bound to; a test asks for every sealed column there is."""

ASKED = "mail.reset_asked"
"""Due work whose ids hold a sealed address, since nobody may tell from a row whether an account has it."""


def reseal(work: UnitOfWork, keyring: Keyring, most: int, broken: Collection[str] = ()) -> tuple[int, list[str]]:
    """Seal up to ``most`` texts of each column anew; return how many, and what cannot be opened, as column and row.

    What is named in ``broken`` was tried before and is left alone.
    """
    done, found = 0, []
    for key, column, place in SEALED:
        name = f"{column.class_.__tablename__}.{column.key}"
        skip = [one.rpartition(" ")[2] for one in broken if one.startswith(f"{name} ")]
        waiting = (
            select(key, column)
            .where(column.is_not(None), ~column.startswith(f"{keyring.current}."), key.not_in(skip))
            .limit(most)
        )
        for row_id, sealed in work.session.execute(waiting.with_for_update()).all():
            try:
                anew = keyring.seal(keyring.unseal(str(sealed), place.format(row_id)), place.format(row_id))
            except (Tampered, KeyringMissing):
                found.append(f"{name} {row_id}")
                continue
            work.session.execute(update(column.class_).where(key == row_id).values({column.key: anew}))
            done += 1
    return done + _reseal_asked(work, keyring, most), found


def sealed_under(session: Session, kid: str) -> int:
    """Return how many texts lie under one master key."""
    columns = [select(func.count()).where(column.startswith(f"{kid}.")) for _, column, _ in SEALED]
    return sum(session.scalar(one) or 0 for one in columns) + len(_asked(session, kid))


def _asked(session: Session, kid: str = "", but: str = "") -> list[DueWork]:
    rows = session.scalars(select(DueWork).where(DueWork.kind == ASKED))
    found = [(row, row.ids.get("address_sealed", "").partition(".")[0]) for row in rows]
    return [row for row, under in found if under and (under == kid or (but and under != but))]


def _reseal_asked(work: UnitOfWork, keyring: Keyring, most: int) -> int:
    """Seal asked addresses anew; one that cannot be opened is taken out, since it answers nobody."""
    rows = _asked(work.session, but=keyring.current)[:most]
    for row in rows:
        try:
            address = keyring.seal(keyring.unseal(row.ids["address_sealed"], f"due_work:{ASKED}"), f"due_work:{ASKED}")
        except (Tampered, KeyringMissing):
            address = ""
        row.ids = row.ids | {"address_sealed": address}
    return len(rows)

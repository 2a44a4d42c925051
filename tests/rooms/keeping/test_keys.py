"""Master keys: turned while people work, killed and resumed, forgotten only when nothing lies under them."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from supervise.accounts.models import ParkedForm, Person
from supervise.accounts.service.resealing import SEALED
from supervise.core.actor import Role, system
from supervise.core.crypto import Keyring, KeyringBusy, KeyringMissing, Tampered
from supervise.core.db import Base, db
from supervise.core.due import DueWork
from supervise.core.errors import Refused
from supervise.core.ids import new_id
from supervise.core.installation import installation
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.flows.turn_keys import forget_key, lies_under, turn_keys
from tests.factories import Factory

TEXTS = 60
UNDER_OTHER_KEYS = {"originals.sealed", "screenings.work_sealed"}
"""Sealed under the weekly keys, which are made and destroyed by the calendar."""


@pytest.fixture
def sealed(app: Flask, make: Factory) -> dict[str, str]:
    """Something sealed in every column that has it; returns what each text says, by what it is bound to."""
    ring, said = installation().keyring, {}
    org = make.organisation()
    author = make.person(org, Role.CLINICIAN)
    with unit_of_work(system()) as work:
        for number in range(TEXTS):
            key, words = new_id(), f"words {number}"
            said |= {f"parked_forms:{key}:fields": words}
            place = f"parked_forms:{key}:fields"
            work.session.add(
                ParkedForm(
                    id=key, person_id=author.person_id, path="/cases", fields_sealed=ring.seal(words.encode(), place),
                    created_at=work.now,
                )
            )  # fmt: skip
        seed = ring.seal(b"seed", f"people:{author.person_id}:totp")
        work.session.execute(update(Person).where(Person.id == author.person_id).values(totp_sealed=seed))
        address = ring.seal(b"a@b.example", "due_work:mail.reset_asked")
        work.due("mail.reset_asked", work.now + timedelta(days=1), {"address_sealed": address, "until": "x"})
    ring.put_item("a-thing", b"kept")
    return said | {f"people:{author.person_id}:totp": "seed", "due_work:mail.reset_asked": "a@b.example"}


def found(ring: Keyring) -> dict[str, str]:
    """Open everything there is."""
    db.session.rollback()
    texts = {
        place.format(row_id): ring.unseal(text, place.format(row_id)).decode()
        for key, column, place in SEALED
        for row_id, text in db.session.execute(select(key, column).where(column.is_not(None)))
    }
    for row in db.session.scalars(select(DueWork).where(DueWork.kind == "mail.reset_asked")):
        place = "due_work:mail.reset_asked"
        texts[place] = ring.unseal(row.ids["address_sealed"], place).decode()
    db.session.rollback()
    return texts


def test_every_sealed_column_is_turned(app: Flask) -> None:
    there = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if "sealed" in column.name
    }
    named = {f"{column.class_.__tablename__}.{column.key}" for _, column, _ in SEALED}
    assert there - UNDER_OTHER_KEYS == named


def test_a_turn_seals_everything_anew(sealed: dict[str, str]) -> None:
    running, root = installation().keyring, installation().keyring.derive("csrf")
    old = Keyring.open(running.folder)
    assert lies_under(old, "m1") == len(sealed) + 1
    assert turn_keys(Keyring.open(running.folder)) == []
    ring = Keyring.open(running.folder)
    assert (ring.current, ring.turning) == ("m2", False)
    assert (lies_under(ring, "m1"), lies_under(ring, "m2")) == (0, len(sealed) + 1)
    assert found(ring) == sealed
    assert found(running) == sealed, "a process that runs reads the keyring again"
    assert running.seal(b"x", "y").startswith("m2.")
    assert ring.item("a-thing") == b"kept"
    assert ring.derive("csrf") == root, "open forms and known devices outlive a turn"


def test_killed_at_any_point_it_resumes(sealed: dict[str, str]) -> None:
    settings: Settings = installation().settings
    command = [sys.executable, "-m", "tests.rooms.keeping.turn_process", settings.model_dump_json()]
    folder = settings.keys
    for dies_at in (2, 5, 13, 31):
        ended = subprocess.run([*command, str(dies_at)], capture_output=True, text=True)
        assert ended.returncode == -signal.SIGKILL, ended.stdout + ended.stderr
        assert found(Keyring.open(folder)) == sealed
        assert Keyring.open(folder).item("a-thing") == b"kept"
    ring = Keyring.open(folder)
    was = (ring.current, ring.turning)
    assert turn_keys(ring) == []
    assert not was[1] or ring.current == was[0], "a turn that was cut off is resumed, not begun again"
    assert found(ring) == sealed
    assert sum(lies_under(ring, kid) for kid in ring.keys if kid != ring.current) == 0


def test_texts_of_two_rows_do_not_change_places(sealed: dict[str, str]) -> None:
    ring = installation().keyring
    a, b = db.session.execute(select(ParkedForm.id, ParkedForm.fields_sealed).limit(2)).all()
    for row_id, text in ((a[0], b[1]), (b[0], a[1])):
        with pytest.raises(Tampered):
            ring.unseal(text, f"parked_forms:{row_id}:fields")


def test_what_cannot_be_opened_is_named_and_left(sealed: dict[str, str]) -> None:
    ring = Keyring.open(installation().keyring.folder)
    with unit_of_work(system()) as work:
        row = work.session.scalars(select(ParkedForm).limit(1)).one()
        row.fields_sealed, broken = f"{row.fields_sealed}x", row.id
    assert turn_keys(ring, at_once=7) == [f"parked_forms.fields_sealed {broken}"]
    assert lies_under(ring, "m1") == 1
    with pytest.raises(Refused, match="1 texts still lie under m1"):
        forget_key(ring, "m1")


def test_a_key_is_forgotten_when_nothing_lies_under_it(sealed: dict[str, str]) -> None:
    ring = Keyring.open(installation().keyring.folder)
    left = ring.seal(b"old", "somewhere")
    for kid in ("m1", "m9"):
        with pytest.raises(Refused):
            forget_key(ring, kid)
    turn_keys(ring)
    forget_key(ring, "m1")
    again = Keyring.open(ring.folder)
    assert [*again.keys] == ["m2"]
    assert found(again) == sealed
    with pytest.raises(KeyringMissing):
        again.unseal(left, "somewhere")


def test_two_turns_do_not_run_beside_each_other(app: Flask) -> None:
    ring = installation().keyring
    with Keyring.open(ring.folder).alone(), pytest.raises(KeyringBusy):
        turn_keys(Keyring.open(ring.folder))

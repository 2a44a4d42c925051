"""A process is killed (-9) at points drawn by lot while it writes. No acknowledged write is lost; nothing is half done.

``SUPERVISE_TRUST_KILLS`` says how often; `make trust` asks for many.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import select, text

from supervise.audit.models import AuditRow
from supervise.audit.service import verify, write_head
from supervise.cases.models import Case, CaseVersion
from supervise.core import rows
from supervise.core.crypto import Keyring
from supervise.core.db import db
from supervise.core.installation import installation
from supervise.flows.turn_keys import turn_keys
from supervise.hours.models import AttestedRow, DayRecord, HourEntry
from tests.rooms.keeping.conftest import full as full  # the same installation, and a world in it
from tests.world import World

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("SUPERVISE_TRUST_KILLS", "3"))
STEPS = 1200
"""More than one round of the victim takes, so that the first cut comes after everything was done once."""
SIGNED = ("attested", "locked")


def told(world: World, number: int) -> str:
    people = {name: (who.person_id, who.org_id) for name, who in world.people.items()}
    return json.dumps({"people": people, "things": world.things, "round": number})


def killed(settings: str, known: str, dies_at: int) -> list[tuple[str, str]]:
    """Let the victim write until its n-th step, at which it dies, and return what it had been told was done."""
    command = [sys.executable, "-m", "tests.trust.victim", settings, known, str(dies_at)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]
    return [(what, which) for what, which in (line.split() for line in ended.stdout.splitlines())]


def test_acknowledged_writes_outlive_kill_9(
    full: tuple[Flask, World], record_property: Callable[[str, object], None]
) -> None:
    app, world = full
    settings = app.extensions["supervise"].settings
    chance, said = random.Random(os.environ.get("SUPERVISE_TRUST_SEED", "20261124")), []
    told_of = settings.model_dump_json(exclude={"demo_password", "mail_password"})
    for number in range(KILLS):
        db.session.remove()
        dies_at = chance.randint(1, STEPS) if number else STEPS
        said += killed(told_of, told(world, number), dies_at)
        assert missing(said) == []
        assert halves() == []
    assert rows.problems_of(db.engine) == []
    write_head(db.session(), settings.data_dir / "audit-heads", installation().keyring)
    assert verify(db.session(), settings.data_dir / "audit-heads", installation().keyring) == []
    db.session.remove()
    assert turn_keys(Keyring.open(settings.keys)) == []
    assert {what for what, _ in said} == {"released", "logged", "submitted", "attested", "turned"}, said
    record_property("kills", KILLS)
    record_property("acknowledged writes", len(said))


def missing(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what was acknowledged and is not there."""
    db.session.remove()
    cases = {case.id: case.state for case in db.session.scalars(select(Case))}
    days = {str(row.day): row.state for row in db.session.scalars(select(DayRecord))}
    there = {
        "released": lambda which: cases.get(which) == "open",
        "logged": lambda which: which in days,
        "submitted": lambda which: all(days[day] in ("submitted", *SIGNED) for day in which.split(",")),
        "attested": lambda which: all(days[day] in SIGNED for day in which.split(",")),
        "turned": lambda which: which in Keyring.open(installation().settings.keys).keys,
    }
    return [(what, which) for what, which in said if not there[what](which)]


def halves() -> list[str]:
    """Return what was done in part: a release without its version, readers or audit, a signature over part of a day."""
    found = []
    released = set(db.session.scalars(select(AuditRow.object_id).where(AuditRow.action == "CaseReleased")))
    for case in db.session.scalars(select(Case)):
        out = case.state not in ("draft", "proposed", "confirmed")
        version = db.session.scalars(
            select(CaseVersion.id).where(CaseVersion.case_id == case.id, CaseVersion.released_at.is_not(None))
        ).first()
        readers = db.session.execute(text("SELECT 1 FROM case_access WHERE case_id = :id"), {"id": case.id}).first()
        if not (out == (case.id in released) == (version is not None)) or (out and readers is None):
            found.append(f"case {case.id} {case.state}")
    signed = set(db.session.scalars(select(AttestedRow.entry_id)))
    for record in db.session.scalars(select(DayRecord)):
        of_day = select(HourEntry.id).where(HourEntry.day == record.day, HourEntry.person_id == record.person_id)
        entries = set(db.session.scalars(of_day.where(HourEntry.setting_id == record.setting_id)))
        covered = entries & signed
        if not entries or (record.state in SIGNED and not covered) or (record.state == "submitted" and covered):
            found.append(f"day {record.day} {record.state}")
    db.session.remove()
    return found

"""Writes, says what was acknowledged, and kills itself at its n-th step: cases, days, signatures, keys."""

import json
import os
import signal
import sys
from datetime import date, timedelta
from itertools import count

from sqlalchemy import event

from supervise.accounts.models import Setting
from supervise.accounts.queries import roles_of
from supervise.app import create_app
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.crypto import Keyring
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.flows.attest_days import attest_days, weeks_to_sign
from supervise.flows.submit_days import submit_days
from supervise.flows.turn_keys import turn_keys
from supervise.hours.queries import day_record
from tests.factories import PASSWORD, Factory
from tests.world import DRAWING, World, _release


def say(what: str, which: str) -> None:
    print(f"{what} {which}", flush=True)  # noqa: T201


def die_at(step: int) -> None:
    """Let the process kill itself before its n-th statement, commit or renaming of a file, counted from now."""
    steps = count(1)

    def before(*_: object) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "commit", before)
    sys.addaudithook(lambda name, _: before() if name == "os.rename" else None)


def actor(person_id: str, org_id: str) -> Actor:
    return Actor(person_id, org_id, roles_of(db.session(), person_id, org_id), "Someone", "America/Los_Angeles")


def free_days(author: Actor, setting_id: str) -> list[date]:
    """Return two days of the past on which nothing was logged."""
    today, found = local_day(now(), author.zone), []
    for back in count(10):
        day = today - timedelta(days=back)
        if day_record(db.session(), author.person_id, setting_id, day) is None:
            found.append(day)
        if len(found) == 2:
            return found
    raise AssertionError


def once(world: World, setting: Setting, keyring: Keyring, name: str) -> None:
    author, boss = world.people["author"], world.people["supervisor"]
    way = f"supervision:{boss.person_id}:{world.things['group_id']['here']}"
    say("released", _release(world, "author", name, way))
    days = free_days(author, setting.id)
    for day in days:
        world.make.day(author, setting, day, individual=60)
        say("logged", str(day))
    submit_days(author, setting.id, days)
    say("submitted", ",".join(map(str, days)))
    seen = {week.key: week.rows_hash for week in weeks_to_sign(boss, author.person_id).weeks}
    attest_days(boss, author.person_id, PASSWORD, DRAWING, seen)
    say("attested", ",".join(map(str, days)))
    turn_keys(keyring, at_once=2)
    say("turned", keyring.current)


def main(settings: str, told: str, dies_at: str) -> None:
    chosen, known = Settings.model_validate_json(settings), json.loads(told)
    app = create_app(chosen)
    with app.app_context():
        app.extensions["supervise"].engine()
        world = World(Factory(app), things=known["things"])
        world.people = {name: actor(*ids) for name, ids in known["people"].items()}
        setting = db.session.get_one(Setting, known["things"]["setting_id"]["author"])
        die_at(int(dies_at))
        for number in count():
            once(world, setting, Keyring.open(chosen.keys), f"{known['round']}-{number}")


if __name__ == "__main__":
    main(*sys.argv[1:])

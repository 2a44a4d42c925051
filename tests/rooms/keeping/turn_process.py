"""Turns the keys in a process of its own, which kills itself before its n-th statement to the database."""

import os
import signal
import sys

from sqlalchemy import event

from supervise.app import create_app
from supervise.core.crypto import Keyring
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.flows.turn_keys import turn_keys


def main(settings: str, dies_at: str) -> None:
    chosen = Settings.model_validate_json(settings)
    left = int(dies_at)

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with create_app(chosen).app_context():
        event.listen(db.engine, "before_cursor_execute", count)
        event.listen(db.engine, "commit", count)
        turn_keys(Keyring.open(chosen.keys), at_once=3)
    print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Turns the keys in a process of its own, which a test kills."""

import sys

from supervise.app import create_app
from supervise.core.crypto import Keyring
from supervise.core.settings import Settings
from supervise.flows.turn_keys import turn_keys


def main(settings: str) -> None:
    chosen = Settings.model_validate_json(settings)
    with create_app(chosen).app_context():
        print("begun", flush=True)  # noqa: T201
        turn_keys(Keyring.open(chosen.keys), at_once=3)
    print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A worker that is killed at one step of the red path: ``python -m tests.rooms.safety.red_process SETTINGS STEP``.

``STEP``: ``climb`` before the effect of the clock is committed, ``page`` before a page is sent, ``sent`` after it was
sent and before that is written down; ``none`` works until it is stopped.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from supervise.app import create_app
from supervise.core.settings import Settings
from supervise.jobs import crisis
from supervise.jobs.worker import run_forever

WHERE = {"climb": (crisis, "time_is_up"), "page": (crisis, "_send"), "sent": (crisis.service, "sent")}


def dying(verb: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """Return the verb, at whose beginning or end the system kills this process."""

    def dies(*args: Any) -> None:
        if after:
            verb(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    return dies


def main(settings: str, step: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if step in WHERE:
        module, name = WHERE[step]
        setattr(module, name, dying(getattr(module, name), after=step == "climb"))
    app = create_app(Settings.model_validate_json(settings))
    print("ready", flush=True)  # noqa: T201
    run_forever(app, stop, crisis.CRISIS_HANDLERS, lease=timedelta(seconds=1))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A worker in a process of its own: ``python -m tests.rooms.jobs.worker_process SETTINGS HOW``.

``HOW``: ``notes`` does the tests' work; ``hangs`` begins it, says so on standard output, and never ends; ``dies`` runs
the product's handlers and is killed by the system after a mail was handed over and before that is written down.
"""

import os
import signal
import sys
import threading
import time
from datetime import timedelta

from supervise.app import create_app
from supervise.core.settings import Settings
from supervise.core.uow import UnitOfWork
from supervise.jobs import handlers
from supervise.jobs.worker import Job, run_forever
from tests.rooms.jobs.conftest import done_once, note


def hangs(job: Job) -> None:
    with job.finishing() as work:
        note(work, job)
        work.session.flush()
        print("begun", flush=True)  # noqa: T201
        time.sleep(600)


def dies(_work: UnitOfWork, _notice_id: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(settings: str, how: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    work = {"notes": {"test.note": done_once}, "hangs": {"test.note": hangs}, "dies": dict(handlers.HANDLERS)}[how]
    if how == "dies":
        handlers.mailed = dies
    app = create_app(Settings.model_validate_json(settings))
    print("ready", flush=True)  # noqa: T201
    run_forever(app, stop, work, lease=timedelta(seconds=1))


if __name__ == "__main__":
    main(*sys.argv[1:])

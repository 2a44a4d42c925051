"""Running: web server and worker."""

import signal
import threading
from datetime import timedelta
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from supervise.app import create_app
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.jobs.crisis import CRISIS_HANDLERS
from supervise.jobs.handlers import HANDLERS
from supervise.jobs.worker import run_forever
from supervise.schema import is_current

RED_LEASE = timedelta(seconds=20)
"""How long a page that a worker took and did not finish waits for another worker."""


def ready_app(settings: Settings) -> Flask:
    """Return the application on a database of this release, with no connection open that could cross a fork."""
    app = create_app(settings)
    with app.app_context():
        if not is_current(db.engine):
            raise click.ClickException("The database is not at the schema of this release: run `supervise db upgrade`.")
        db.session.remove()
        db.engine.dispose()
    return app


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def serve_app(app: Flask, settings: Settings) -> None:
    """Serve a ready application until it is told to stop."""
    engine = app.extensions["supervise"].engine()  # loaded before the fork, so that all workers share its memory
    options = {
        "bind": settings.bind,
        "workers": settings.web_workers,
        "threads": settings.web_threads,
        "worker_class": "gthread",
        "preload_app": True,
        "post_worker_init": lambda _worker: engine.wake(),
        "timeout": 60,
        "graceful_timeout": 20,
        "forwarded_allow_ips": "127.0.0.1,::1" if settings.trusted_proxies else "",
        "control_socket_disable": True,
        "proc_name": "supervise",
        "loglevel": "warning",
    }
    click.echo(f"Serving {settings.public_url} (Ctrl-C stops)")
    _Server(app, options).run()


def work_until_stopped(app: Flask) -> None:
    """Do due work until SIGTERM or SIGINT; what is under way is finished."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    urgent = threading.Thread(target=_red_lane, args=(app, stop), name="red path")
    urgent.start()
    run_forever(app, stop, {kind: do for kind, do in HANDLERS.items() if kind not in CRISIS_HANDLERS})
    stop.set()
    urgent.join()


def _red_lane(app: Flask, stop: threading.Event) -> None:
    """Do the work of crises beside all other: no slow mail stands before it. If it ends, the whole worker ends."""
    try:
        run_forever(app, stop, CRISIS_HANDLERS, lease=RED_LEASE)
    finally:
        stop.set()


@click.command()
def serve() -> None:
    """Serve over HTTP; TLS is the reverse proxy's part (docs/install.md)."""
    settings = Settings()
    serve_app(ready_app(settings), settings)


@click.command()
def worker() -> None:
    """Do due work: mails, destruction of originals, expiries. Any number may run."""
    work_until_stopped(ready_app(Settings()))

"""Running: web server and worker."""

import signal
import threading
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from supervise.app import create_app
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.jobs.handlers import HANDLERS
from supervise.jobs.worker import run_forever
from supervise.schema import is_current


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
    run_forever(app, stop, HANDLERS)


@click.command()
def serve() -> None:
    """Serve over HTTP; TLS is the reverse proxy's part (docs/install.md)."""
    settings = Settings()
    serve_app(ready_app(settings), settings)


@click.command()
def worker() -> None:
    """Do due work: mails, destruction of originals, expiries. Any number may run."""
    work_until_stopped(ready_app(Settings()))

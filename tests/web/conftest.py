"""Two things to look at: templates and scripts on a bare application, and the whole application in a built world."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from flask import Flask
from flask_wtf import CSRFProtect
from jinja2 import FileSystemLoader, StrictUndefined
from sqlalchemy import event

from supervise.app import create_app
from supervise.core import log, resources
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.deid.engine import load_engine
from supervise.web import filters, headers, icons
from tests.factories import Factory
from tests.web.walk import Site, Visit, walk
from tests.world import build

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"


@pytest.fixture
def bare() -> Flask:
    """An application without rooms; the addresses that layouts link to exist and answer with nothing."""
    app = Flask("specimen", template_folder=str(TEMPLATES), static_folder=str(ROOT / "supervise" / "static"))
    app.config.update(SECRET_KEY="only here", TESTING=True)
    app.jinja_env.loader = FileSystemLoader([str(TEMPLATES), str(Path(__file__).parent)])
    app.jinja_env.undefined = StrictUndefined
    CSRFProtect(app)
    filters.register(app)
    icons.register(app)
    headers.register(app, https=False)
    sources = "".join(path.read_text() for path in (TEMPLATES / "layouts").glob("*.html"))
    for endpoint in sorted(set(re.findall(r"url_for\([\"']([a-z_]+\.[a-z_]+)", sources))):
        app.add_url_rule(f"/{endpoint}", endpoint, view_func=lambda: "")
    return app


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, template_database: Path, template_keys: Path) -> Iterator[Site]:
    """The world of ``tests.world`` on SQLite, built once."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(template_keys, folder / "keys")
    shutil.copy(template_database, folder / "supervise.sqlite")
    mail = {"mail_server": "127.0.0.1", "mail_port": 9, "mail_security": "none"}  # mails are written, none is sent
    app = create_app(Settings(data_dir=folder, demo=True, **mail))
    app.testing = True
    engine = load_engine(data=resources.folder("config") / "deid")
    app.extensions["supervise"].load_engine = lambda: engine
    with app.app_context():
        event.listen(db.engine, "connect", _without_waiting_for_the_disk)
        db.engine.dispose()
        world = build(Factory(app))
        db.session.remove()
        with sqlite3.connect(folder / "supervise.sqlite") as here, sqlite3.connect(folder / "saved.sqlite") as saved:
            here.backup(saved)
        here.close()
        saved.close()
        yield Site(app, world, folder / "supervise.sqlite", folder / "saved.sqlite")
        db.session.remove()
        db.engine.dispose()


def _without_waiting_for_the_disk(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(scope="session")
def visits(site: Site) -> list[Visit]:
    """Every page as everyone; what was logged meanwhile is in ``site.log``."""
    site.before = site.contents()
    with site.log.open("w", encoding="utf-8") as file, redirect_stderr(file):
        log.configure()
        found = walk(site, "GET")
    site.after = site.contents()
    log.configure()
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the whole site go to one process, which builds and walks it once, and go first: they are the longest."""
    whole = [item for item in items if "site" in getattr(item, "fixturenames", ())]
    for item in whole:
        item.add_marker(pytest.mark.xdist_group("site"))
    items.sort(key=lambda item: item not in whole)

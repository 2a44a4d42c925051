"""Fixtures that every kind of test shares: an installation of its own on SQLite or PostgreSQL, and clients for it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import NullPool, create_engine, text

from supervise.app import create_app
from supervise.core.crypto import Keyring
from supervise.core.db import Base, db, prepare_engine
from supervise.core.settings import Settings
from tests.factories import Factory


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=["sqlite", "postgres"], default="sqlite", help="database of the store tests")


CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's browser, one for all tests of a process: Playwright's own loop cannot be started twice in it."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing; `make test` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*QUIET])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> str:
    """The URL of an empty database of this worker's own, in the cluster that `make test` started."""
    server = os.environ.get("SUPERVISE_TEST_POSTGRES")
    if not server:
        pytest.fail("SUPERVISE_TEST_POSTGRES is not set: run through `make test-postgres`, which starts a cluster")
    name = f"supervise_{worker_id}"
    with create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    return f"{server.rpartition('/')[0]}/{name}"


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with an empty schema, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def template_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys") / "keys"
    Keyring.create(folder)
    return folder


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, template_database: Path, template_keys: Path) -> Settings:
    """Settings of an installation of this test's own."""
    shutil.copytree(template_keys, tmp_path / "keys")
    if request.config.getoption("--store") == "postgres":
        return Settings(data_dir=tmp_path, demo=True, database_url=request.getfixturevalue("postgres_url"))
    shutil.copy(template_database, tmp_path / "supervise.sqlite")
    return Settings(data_dir=tmp_path, demo=True)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on an empty database, inside an application context."""
    app = create_app(settings)
    app.testing = True
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            Base.metadata.create_all(db.engine)
            names = ", ".join(f'"{name}"' for name in Base.metadata.tables)
            with db.engine.begin() as connection:
                connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def make(app: Flask) -> Factory:
    """Make people, organisations and what belongs to them, through the rooms' own verbs where there are any."""
    return Factory(app)

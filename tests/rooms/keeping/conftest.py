"""An installation with something of everything in it, built once, and empty places beside it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import NullPool, create_engine, text

from supervise.app import create_app
from supervise.core import resources
from supervise.core.db import Base, db
from supervise.core.settings import Settings
from supervise.deid.engine import load_engine
from supervise.schema import config, upgrade
from tests.factories import Factory
from tests.world import World, build


@pytest.fixture(scope="module")
def full(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, template_keys: Path
) -> Iterator[tuple[Flask, World]]:
    """The world of ``tests.world`` on a database that migrations made."""
    folder = tmp_path_factory.mktemp("full")
    shutil.copytree(template_keys, folder / "keys")
    url = ""
    if request.config.getoption("--store") == "postgres":
        url = request.getfixturevalue("postgres_url")
        empty_schema(url)
    app = create_app(Settings(data_dir=folder, demo=True, database_url=url))
    app.testing = True
    engine = load_engine(data=resources.folder("config") / "deid")
    app.extensions["supervise"].load_engine = lambda: engine
    with app.app_context():
        upgrade(db.engine)
        yield app, build(Factory(app))
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, full: tuple[Flask, World]) -> Settings:
    """Settings of an empty place: its own folder and database, the keyring of the installation."""
    keys = full[0].extensions["supervise"].settings.keys
    url = f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    if request.config.getoption("--store") == "postgres":
        server = request.getfixturevalue("postgres_url")
        name = f"{server.rpartition('/')[2]}_elsewhere"
        with create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = f"{server.rpartition('/')[0]}/{name}"
    return Settings(data_dir=tmp_path, keys_dir=keys, demo=True, database_url=url)


def empty_schema(url: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def stamp() -> None:
    """Say that a database that the models made is at the schema of this release, which it is."""
    alembic = config()
    with db.engine.connect() as connection:
        alembic.attributes["connection"] = connection
        command.stamp(alembic, "head")


def rows_of_everything() -> int:
    with db.engine.connect() as connection:
        return sum(
            connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - our own tables
            for name in Base.metadata.tables
        )

"""The stage of these tests, with the real engine, loaded once."""

import pytest
from flask import Flask

from supervise.core.resources import folder
from supervise.deid.engine import Engine, load_engine
from tests.factories import Factory
from tests.rooms.cases.stage import Stage, stage


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load_engine(data=folder("config") / "deid")


@pytest.fixture(autouse=True)
def shared_engine(app: Flask, engine: Engine) -> None:
    """Loading takes seconds; the engine keeps nothing between texts, so tests may share it."""
    app.extensions["supervise"].load_engine = lambda: engine


@pytest.fixture
def at(app: Flask, make: Factory) -> Stage:
    return stage(make)

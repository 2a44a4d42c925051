"""The desk of these tests, at its own time; the real engine, loaded once and only when a text is screened."""

from collections.abc import Iterator
from functools import cache

import pytest
from flask import Flask

from supervise.core.clock import replaying
from supervise.core.resources import folder
from supervise.deid.engine import Engine, load_engine
from tests.factories import Factory
from tests.rooms.hours.desk import NOW, Desk, desk


@cache
def engine() -> Engine:
    return load_engine(data=folder("config") / "deid")


@pytest.fixture
def at(app: Flask, make: Factory) -> Iterator[Desk]:
    app.extensions["supervise"].load_engine = engine
    with replaying(NOW):
        yield desk(make)

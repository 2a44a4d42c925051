"""One engine for all tests of the room: loading it takes longer than most of them."""

from collections.abc import Callable

import pytest

from supervise.deid.engine import Engine, Proposal, canonicalise, load_engine


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load_engine()


@pytest.fixture(scope="session")
def propose(engine: Engine) -> Callable[[str], Proposal]:
    return lambda text: engine.propose(canonicalise(text))

"""A migration that is killed half-way leaves a database on which it can be run again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, text

from supervise.core.db import Base, prepare_engine
from supervise.schema import is_current, load_all_models, upgrade

KILLED = """
import os, signal, sys
from sqlalchemy import create_engine, event
from supervise.core.db import prepare_engine
from supervise.schema import upgrade

engine, left = create_engine(sys.argv[1]), [int(sys.argv[2])]
prepare_engine(engine)

@event.listens_for(engine, "before_cursor_execute")
def stop(conn, cursor, statement, parameters, context, executemany):
    if statement.lstrip().upper().startswith(("CREATE", "INSERT", "UPDATE")):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

upgrade(engine)
"""


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    load_all_models()
    if request.config.getoption("--store") == "sqlite":
        yield f"sqlite:///{tmp_path / 'migrated.sqlite'}"
        return
    found: str = request.getfixturevalue("postgres_url")
    engine = create_engine(found, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    yield found


@pytest.mark.parametrize("after", [1, 2, 20, 55, 75])
def test_killed_half_way_and_run_again(url: str, after: int) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(after)], env=os.environ, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    engine = create_engine(url, poolclass=NullPool)
    prepare_engine(engine)
    assert not is_current(engine)
    upgrade(engine)
    assert is_current(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()

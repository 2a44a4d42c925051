"""Each revision with data, up and down, on SQLite and PostgreSQL; and the schema it leads to is the models'."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from supervise.core.db import Base, prepare_engine
from supervise.schema import downgrade, is_current, load_all_models, upgrade

ORGANISATION = "01hzzzzzzzzzzzzzzzzzzzzzzz"


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty database."""
    load_all_models()
    if request.config.getoption("--store") == "postgres":
        engine = create_engine(request.getfixturevalue("postgres_url"), poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    else:
        engine = create_engine(f"sqlite:///{tmp_path / 'migrated.sqlite'}")
        prepare_engine(engine)
    yield engine
    engine.dispose()


def _seed(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organisations (id, name, zone, phone, is_demo, created_at, version) "
                "VALUES (:id, 'Cedar Street', 'UTC', '', false, '2026-01-01 00:00:00', 1)"
            ),
            {"id": ORGANISATION},
        )
        connection.execute(
            text(
                "INSERT INTO audit_rows (org_id, seq, at, actor_id, action, object_type, object_id, details, previous, "
                "hash) VALUES (:id, 1, '2026-01-01 00:00:00', 'system', 'SignedIn', 'person', 'x', '{}', '', 'h')"
            ),
            {"id": ORGANISATION},
        )


def test_the_migrated_schema_is_the_models(engine: Engine) -> None:
    upgrade(engine)
    assert is_current(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_up_again_changes_nothing_and_keeps_rows(engine: Engine) -> None:
    upgrade(engine)
    _seed(engine)
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM organisations")).scalar_one() == 1


def test_down_and_up_with_rows(engine: Engine) -> None:
    upgrade(engine)
    _seed(engine)
    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    _seed(engine)


@pytest.mark.parametrize("change", ["UPDATE audit_rows SET actor_id = 'me'", "DELETE FROM audit_rows"])
def test_a_migrated_database_refuses_changes_of_the_audit(engine: Engine, change: str) -> None:
    upgrade(engine)
    _seed(engine)
    with pytest.raises(DBAPIError, match="audit"), engine.begin() as connection:
        connection.execute(text(change))

"""Alembic's environment: runs inside a connection that the application hands over, or makes one from the settings."""

from alembic import context
from sqlalchemy import Connection, create_engine, text

from supervise.core.db import Base, UtcDateTime
from supervise.core.settings import Settings
from supervise.schema import load_all_models

load_all_models()


def _as_plain_type(kind: str, item: object, _context: object) -> str | bool:
    """Write our instants as the plain column type, so that a migration needs nothing of today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run(connection: Connection) -> None:
    """Migrate over ``connection``. On SQLite with foreign keys off: rebuilding a table would delete its children."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        compare_type=True,
        render_item=_as_plain_type,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if sqlite:
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RuntimeError(f"the migration left {len(broken)} rows without their parents")
        connection.commit()
        connection.execute(text("PRAGMA foreign_keys=ON"))


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    engine = create_engine(Settings().database)
    with engine.connect() as own:
        run(own)

"""The schema as a whole: all tables known, and the database brought to the revision that this release needs."""

import importlib

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from supervise.core.db import Base
from supervise.core.resources import folder

ROOMS_WITH_TABLES = (
    "core.due", "accounts.models", "access.models", "audit.models", "cases.models", "consents.models", "deid.models",
    "duties.models",
    "hours.models", "incidents.models", "learning.models", "notifications.models", "reports.models", "reviews.models",
    "safety.models", "supervision.models",
)  # fmt: skip


def load_all_models() -> None:
    """Import every room's tables, so that ``Base.metadata`` is whole."""
    for name in ROOMS_WITH_TABLES:
        importlib.import_module(f"supervise.{name}")
    if not Base.metadata.tables:
        raise RuntimeError("no tables are known")


def config() -> Config:
    """Return Alembic's configuration for the shipped migrations."""
    settings = Config()
    settings.set_main_option("script_location", str(folder("migrations")))
    return settings


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to ``revision``; safe to run again after it was interrupted."""
    alembic = config()
    with engine.connect() as connection:
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to ``revision``."""
    alembic = config()
    with engine.connect() as connection:
        alembic.attributes["connection"] = connection
        command.downgrade(alembic, revision)


def revision_of(engine: Engine) -> str | None:
    """Return the revision of the database, or None when it has no schema yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the revision that this release needs."""
    return revision_of(engine) == ScriptDirectory.from_config(config()).get_current_head()

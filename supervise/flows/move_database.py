"""The whole database brought to another one, SQLite to PostgreSQL or back, and both compared row by row."""

from sqlalchemy import Engine, text

from supervise.core import rows
from supervise.core.errors import Conflict, Refused
from supervise.schema import downgrade, is_current, revision_of, upgrade


def move(source: Engine, target: Engine, *, replace: bool = False) -> rows.Sums:
    """Copy all rows as of one moment; return the sums of the tables, equal on both sides.

    The target gets all rows or none, so that a move which was cut off is simply run again. Raises Refused when the
    target holds rows and ``replace`` was not asked for, or when people have worked there since; Conflict when rows were
    written to the source meanwhile: what was copied is whole, but no longer the latest.
    """
    if not is_current(source):
        raise Refused("The database is not at the schema of this release: run `supervise db upgrade`.")
    _make_room(source, target, replace=replace)
    shape = rows.columns()
    with rows.one_moment(source) as connection:
        rows.write(target, rows.read(connection, shape, rows.reflected(connection, shape)), shape)
    found, meant = rows.sums_of(target, shape), rows.sums_of(source, shape)
    different = sorted(name for name in shape if found[name] != meant[name])
    if different:
        raise Conflict(
            f"Rows were written to {', '.join(different)} while the database was moved. Stop `supervise serve` and "
            "`supervise worker`, then move again with --replace."
        )
    return found


def _make_room(source: Engine, target: Engine, *, replace: bool) -> None:
    if not rows.is_empty(target):
        if not replace:
            raise Refused("The database to move to holds rows. With --replace they are removed first.")
        if _audited(target) > _audited(source):
            raise Refused("More has happened in the database to move to than in this one: people work there.")
        downgrade(target, "base")
    elif revision_of(target) is not None and not is_current(target):
        downgrade(target, "base")
    upgrade(target)


def _audited(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM audit_rows")).scalar_one())

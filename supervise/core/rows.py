"""All rows of a database, as of one moment, in a form that SQLite and PostgreSQL both give and take.

A backup, a restore and a move between databases are the same thing seen from three sides: rows read in one transaction,
rows written in one transaction, and a sum of each table that must come out equal.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    event,
    func,
    inspect,
    select,
    text,
)

from supervise.core.db import WRITES, Base, UtcDateTime

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and a sum of their hashes that does not hang on their order."""

    count: int = 0
    digest: int = 0

    def with_row(self, line: bytes) -> "Sum":
        """Return the sum with one row more."""
        hashed = int.from_bytes(hashlib.sha256(line).digest(), "big")
        return Sum(self.count + 1, (self.digest + hashed) % (1 << 256))


Sums = dict[str, Sum]


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """Open a connection that sees one moment, however much is written meanwhile."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def columns() -> dict[str, list[str]]:
    """Return the columns of every table of this release, parents first."""
    return {table.name: [column.name for column in table.columns] for table in Base.metadata.sorted_tables}


def read(connection: Connection, shape: Mapping[str, list[str]], tables: Mapping[str, Table]) -> Iterator[
    tuple[str, list[Any]]
]:  # fmt: skip
    """Yield (table, values) of every row; values are what JSON knows, in the order of ``shape``."""
    for name, wanted in shape.items():
        table = tables[name]
        plain = [_plain(table.c[column].type) for column in wanted]
        found = connection.execution_options(yield_per=_AT_ONCE).execute(select(*(table.c[c] for c in wanted)))
        with found:
            for row in found:
                yield name, [give(value) if value is not None else None for give, value in zip(plain, row, strict=True)]


def line_of(name: str, values: list[Any]) -> bytes:
    """Return one row as a line of JSON."""
    return json.dumps([name, values], ensure_ascii=False, separators=(",", ":")).encode()


def sums_of(engine: Engine, shape: Mapping[str, list[str]]) -> Sums:
    """Return the sums of all tables as they are now."""
    sums: Sums = dict.fromkeys(shape, Sum())
    with one_moment(engine) as connection:
        for name, values in read(connection, shape, reflected(connection, shape)):
            sums[name] = sums[name].with_row(line_of(name, values))
    return sums


def write(engine: Engine, rows: Iterable[tuple[str, list[Any]]], shape: Mapping[str, list[str]]) -> None:
    """Write rows into empty tables, all of them or none. Foreign keys are checked once all rows are there."""
    with engine.connect() as connection, connection.execution_options(**WRITES).begin():
        tables = reflected(connection, shape)
        with _constraints_last(connection):
            waiting: list[dict[str, Any]] = []
            at = ""
            for name, values in rows:
                if waiting and (name != at or len(waiting) >= _AT_ONCE):
                    connection.execute(tables[at].insert(), waiting)
                    waiting = []
                at = name
                rich = (_rich(tables[name].c[column].type) for column in shape[name])
                given = zip(shape[name], rich, values, strict=True)
                waiting.append({c: None if value is None else take(value) for c, take, value in given})
            if waiting:
                connection.execute(tables[at].insert(), waiting)
        _set_counters(connection, tables)


def is_empty(engine: Engine) -> bool:
    """Tell whether no table of ours holds a row; tables that do not exist hold none."""
    with engine.connect() as connection:
        there = [name for name in inspect(connection).get_table_names() if name in Base.metadata.tables]
        return not any(connection.execute(select(Base.metadata.tables[name]).limit(1)).first() for name in there)


def problems_of(engine: Engine) -> list[str]:
    """Return what the database itself finds wrong: its pages, and rows without their parents."""
    found = []
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            said = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
            found += [f"integrity: {what}" for what in said if what != "ok"]
            orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
            found += [f"{row[0]}: a row without its {row[2]}" for row in orphans]
        else:
            unchecked = text("SELECT conname FROM pg_constraint WHERE contype = 'f' AND NOT convalidated")
            found += [f"foreign key {row[0]} was never checked" for row in connection.execute(unchecked)]
    return found


def reflected(connection: Connection, names: Iterable[str]) -> dict[str, Table]:
    """Return tables as the database has them, which may be those of an earlier release."""
    metadata = MetaData()

    @event.listens_for(metadata, "column_reflect")
    def _zoned(_inspector: object, _table: object, column: dict[str, Any]) -> None:
        if isinstance(column["type"], DateTime):
            column["type"] = UtcDateTime()
        elif isinstance(column["type"], JSON):
            column["type"] = JSON(none_as_null=bool(column["nullable"]))

    metadata.reflect(connection, only=[*names])
    return dict(metadata.tables)


@contextmanager
def _constraints_last(connection: Connection) -> Iterator[None]:
    """Check foreign keys at the end: a row may name one of its own table that comes later."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        yield
        return
    quote = connection.dialect.identifier_preparer.quote
    inspector = inspect(connection)
    keys = [
        f"ALTER TABLE {quote(table)} ALTER CONSTRAINT {quote(str(key['name']))}"
        for table in inspector.get_table_names()
        for key in inspector.get_foreign_keys(table)
    ]
    for key in keys:
        connection.execute(text(f"{key} DEFERRABLE INITIALLY DEFERRED"))
    yield
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for key in keys:
        connection.execute(text(f"{key} NOT DEFERRABLE"))


def _set_counters(connection: Connection, tables: Mapping[str, Table]) -> None:
    """Let numbers that PostgreSQL gives out go on after the highest there is; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables.values():
        for column in table.primary_key:
            if isinstance(column.type, Integer) and column.server_default is not None:
                highest = connection.scalar(select(func.max(column))) or 0
                counter = func.pg_get_serial_sequence(table.name, column.name)
                connection.execute(select(func.setval(counter, max(highest, 1), highest > 0)))


def _plain(kind: object) -> Callable[[Any], Any]:
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64encode(value).decode()
    if isinstance(kind, Date | DateTime | UtcDateTime):
        return lambda value: value.isoformat()
    return lambda value: value


def _rich(kind: object) -> Callable[[Any], Any]:
    if isinstance(kind, LargeBinary):
        return base64.b64decode
    if isinstance(kind, DateTime | UtcDateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    return lambda value: value

"""The audit chain, one per organisation. Rows hold ids and words from fixed lists, never text."""

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, Index, String, Table, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import ExecutableDDLElement

from supervise.core.db import Base


class AuditRow(Base):
    """One thing that happened; ``hash`` covers the row and the hash before it."""

    __tablename__ = "audit_rows"
    __table_args__ = (UniqueConstraint("org_id", "seq"), Index(None, "org_id", "object_id"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    org_id: Mapped[str] = mapped_column(String(26))
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[str] = mapped_column(String(26))
    session_id: Mapped[str | None] = mapped_column(String(26))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, str]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


_SQLITE = "CREATE TRIGGER audit_rows_no_{0} BEFORE {1} ON audit_rows BEGIN SELECT RAISE(ABORT, '{2}'); END"

REFUSE_CHANGES = {
    "sqlite": (
        _SQLITE.format("update", "UPDATE", "audit rows are not changed"),
        _SQLITE.format("delete", "DELETE", "audit rows are not deleted"),
    ),
    "postgresql": (
        """
        CREATE OR REPLACE FUNCTION audit_rows_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'audit rows are neither changed nor deleted'; END $$
        """,
        """
        CREATE TRIGGER audit_rows_no_change BEFORE UPDATE OR DELETE ON audit_rows
        FOR EACH ROW EXECUTE FUNCTION audit_rows_refuse()
        """,
    ),
}
"""Statements that make a database refuse changes to the chain."""


def _is_the_chain(ddl: object, target: object, *rest: Any, **more: Any) -> bool:
    return isinstance(target, Table) and target.name == AuditRow.__tablename__


# Heard on every table, since a migration makes the chain from a description of its own, not from the model.
for _dialect, _statements in REFUSE_CHANGES.items():
    for _statement in _statements:
        _refusal: ExecutableDDLElement = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(Table, "after_create", _refusal.execute_if(dialect=_dialect, callable_=_is_the_chain))

"""A backup of the installation, taken while people write, encrypted under the keyring; and what reads it back.

A backup holds all rows as of one moment and the signed heads of the audit. It holds no key: not the keyring, which is
kept apart, and never the weekly keys of originals, whose destruction reaches every backup ever taken.
"""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from supervise.core import archive, rows
from supervise.core.archive import BrokenArchive
from supervise.core.clock import now
from supervise.core.crypto import Keyring
from supervise.core.ids import new_id
from supervise.schema import revision_of, upgrade


class NotEmpty(Exception):
    """A backup is restored onto an empty place only; nothing there is overwritten."""


@dataclass
class Backup:
    """What a backup says of itself."""

    backup_id: str
    made_at: datetime
    revision: str
    shape: dict[str, list[str]]
    sums: rows.Sums = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many rows it holds."""
        return sum(one.count for one in self.sums.values())


def back_up(engine: Engine, heads: Path, keyring: Keyring, target: Path) -> Backup:
    """Write a backup to ``target``, which must not exist; a backup that was cut off leaves no file of that name."""
    if target.exists():
        raise FileExistsError(f"{target} exists; a backup is never overwritten")
    made = Backup(new_id(), now(), revision_of(engine) or "", rows.columns())
    header = {"backup": made.backup_id, "key": keyring.current, "made_at": made.made_at.isoformat()}
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            key = keyring.archive_key(keyring.current, made.backup_id)
            archive.write(file, _lines(engine, heads, made), key, header)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, target)  # unlike a rename it refuses to replace a file that came meanwhile
    finally:
        unfinished.unlink(missing_ok=True)
    return made


def check(source: Path, keyring: Keyring) -> Backup:
    """Read a backup to its end and return what it says of itself; raise BrokenArchive or KeyringMissing."""
    with source.open("rb") as file, closing(archive.read(file, _key_from(keyring))) as lines:
        backup = _opening(source, keyring, lines)
        for _row in _rows(lines, backup):
            pass
    return backup


def restore(source: Path, keyring: Keyring, engine: Engine, heads: Path) -> Backup:
    """Bring a backup onto an empty database and put the audit's heads beside it, all of it or none.

    Raises NotEmpty, BrokenArchive, or KeyringMissing when the keyring does not hold the key of the backup.
    """
    if not rows.is_empty(engine):
        raise NotEmpty("The database holds rows already. Restore onto an empty one; nothing was changed.")
    with source.open("rb") as file, closing(archive.read(file, _key_from(keyring))) as lines:
        backup = _opening(source, keyring, lines)
        there = revision_of(engine)
        if there not in (None, backup.revision):
            raise NotEmpty(f"The database is at schema {there}, the backup at {backup.revision}. Use a new database.")
        upgrade(engine, backup.revision)
        rows.write(engine, _rows(lines, backup), backup.shape)
    if rows.sums_of(engine, backup.shape) != backup.sums:
        raise BrokenArchive("the rows that were written are not those of the backup")
    upgrade(engine)
    _put_heads(backup, heads)
    return backup


def _lines(engine: Engine, heads: Path, made: Backup) -> Iterator[bytes]:
    yield _json({"revision": made.revision, "made_at": made.made_at.isoformat(), "shape": made.shape})
    # The heads are read before the rows, so that no head is later than the last row.
    made.heads = {path.name: path.read_text() for path in sorted(heads.glob("*.jsonl"))}
    made.sums = dict.fromkeys(made.shape, rows.Sum())
    with rows.one_moment(engine) as connection:
        for name, values in rows.read(connection, made.shape, rows.reflected(connection, made.shape)):
            line = rows.line_of(name, values)
            made.sums[name] = made.sums[name].with_row(line)
            yield line
    sums = {name: [one.count, f"{one.digest:064x}"] for name, one in made.sums.items()}
    yield _json({"heads": made.heads, "sums": sums})


def _opening(source: Path, keyring: Keyring, lines: Iterator[bytes]) -> Backup:
    with source.open("rb") as file:
        header = archive.header_of(file)
    first = json.loads(next(lines))
    made_at = datetime.fromisoformat(first["made_at"])
    return Backup(header.get("backup", ""), made_at, first["revision"], first["shape"])


def _rows(lines: Iterator[bytes], backup: Backup) -> Iterator[tuple[str, list[Any]]]:
    """Yield the rows; at the end, fill in sums and heads. Raises BrokenArchive when the sums do not fit."""
    found = dict.fromkeys(backup.shape, rows.Sum())
    said = None
    for line in lines:
        one = json.loads(line)
        if isinstance(one, dict):
            said = one
            continue
        name, values = one
        found[name] = found[name].with_row(line)
        yield name, values
    if said is None:
        raise BrokenArchive("it has no end")
    backup.sums = {name: rows.Sum(count, int(digest, 16)) for name, (count, digest) in said["sums"].items()}
    backup.heads = said["heads"]
    if found != backup.sums:
        raise BrokenArchive("its rows are not those that were counted when it was made")


def _put_heads(backup: Backup, folder: Path) -> None:
    """Write the heads where there are none; heads that are there know more than the backup and stay."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in backup.heads.items():
        path = folder / Path(name).name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(content)


def _key_from(keyring: Keyring) -> Any:
    return lambda header: keyring.archive_key(header.get("key", ""), header.get("backup", ""))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

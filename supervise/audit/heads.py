"""Signed heads: where each chain ended at which minute, kept outside the database.

One file an organisation, one JSON object a line, appended and never rewritten. A head says: at this instant the chain
had ``count`` rows and its last one had this hash. Whoever cuts the chain, rewrites it or puts an older database back
cannot make the signature. Copy the files off the machine to catch someone who removes both.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervise.audit.models import AuditRow
from supervise.audit.rules import canonical
from supervise.core.clock import now
from supervise.core.crypto import Keyring

_INSTALLATION = "installation"
"""The file of the chain that belongs to no organisation."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ended."""

    org_id: str
    seq: int
    hash: str
    count: int
    at: datetime


class ForgedHead(Exception):
    """A line of a file of heads was not written by this installation."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"line {line} of {path.name} was not signed by this installation")
        self.line = line


def write_head(session: Session, folder: Path, keyring: Keyring) -> int:
    """Sign the end of every chain that has grown since its last head; return how many were signed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    at, written = now(), 0
    counted = select(AuditRow.org_id, func.count(), func.max(AuditRow.seq)).group_by(AuditRow.org_id)
    for org_id, count, seq in session.execute(counted).all():
        path = _path(folder, org_id)
        _drop_torn_line(path)
        if _last_seq(path) == seq:
            continue
        ends_with = session.scalar(select(AuditRow.hash).where(AuditRow.org_id == org_id, AuditRow.seq == seq))
        said = {"org_id": org_id, "seq": seq, "hash": ends_with, "count": count, "at": at.isoformat()}
        line = json.dumps({**said, "signature": keyring.signing_key().sign(canonical(said)).hex()})
        with os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "w") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        written += 1
    return written


def read(folder: Path, org_id: str, keyring: Keyring) -> list[Head]:
    """Return the heads of a chain; raise ForgedHead at the first line whose signature does not fit."""
    path = _path(folder, org_id)
    if not path.exists():
        return []
    public, heads = keyring.signing_key().public_key(), []
    with path.open() as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                break  # a crash tore it; the next head takes its place
            try:
                said = json.loads(line)
                signature = bytes.fromhex(said.pop("signature"))
                public.verify(signature, canonical(said))
                if said["org_id"] != org_id:
                    raise ValueError("a head of another chain")
                at = datetime.fromisoformat(said["at"])
                heads.append(Head(org_id, int(said["seq"]), said["hash"], int(said["count"]), at))
            except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as error:
                raise ForgedHead(path, number) from error
    return heads


def organisations(folder: Path) -> set[str]:
    """Return the chains for which there are heads, those included whose rows are all gone."""
    names = {path.stem for path in folder.glob("*.jsonl")} if folder.exists() else set()
    return {"" if name == _INSTALLATION else name for name in names}


def last_head_at(folder: Path) -> datetime | None:
    """Return when a head was last written, by the clock of the file system; None if there is none."""
    written = [path.stat().st_mtime for path in folder.glob("*.jsonl")] if folder.exists() else []
    return datetime.fromtimestamp(max(written), UTC) if written else None


def _path(folder: Path, org_id: str) -> Path:
    if not (org_id or _INSTALLATION).isalnum():
        raise ValueError("an organisation's id has letters and digits only")
    return folder / f"{org_id or _INSTALLATION}.jsonl"


def _last_seq(path: Path) -> int:
    """Return the ``seq`` of the last head, or 0."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        lines = file.read().splitlines()
    try:
        return int(json.loads(lines[-1])["seq"])
    except (IndexError, ValueError, KeyError):
        return 0


def _drop_torn_line(path: Path) -> None:
    """Remove the beginning of a line that a crash left at the end of the file."""
    if not path.exists():
        return
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 4096))
        tail = file.read()
    torn = len(tail) - (tail.rfind(b"\n") + 1)
    if torn:
        os.truncate(path, size - torn)

"""Keys and authenticated encryption.

The keyring (one folder, mode 0700) holds ``keyring.json`` with the master keys, which an operator backs up apart from
the data, and ``weekly/`` with the keys of originals, which no backup may contain: destroying a weekly key destroys
every original under it, in every backup ever taken.
"""

import base64
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FILE = "keyring.json"


class KeyringMissing(Exception):
    """There is no usable keyring; nothing starts without one."""


class KeyringBusy(Exception):
    """Another process is changing the keyring."""


class KeyDestroyed(Exception):
    """The key was destroyed, and with it everything under it, as intended."""


class Tampered(Exception):
    """The ciphertext does not belong to this row, or was changed."""


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _write_private(path: Path, data: bytes, *, exclusive: bool = False) -> None:
    """Write ``data`` with mode 0600 so that a crash leaves either the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        if exclusive:
            os.link(temporary, path)  # fails if another process was first
        else:
            temporary.replace(path)
            return
    finally:
        temporary.unlink(missing_ok=True)


def encrypt(key: bytes, kid: str, plaintext: bytes, bound_to: str) -> str:
    """Return ``kid.nonce.ciphertext``; AES-256-GCM, bound to the row named by ``bound_to`` and to the key's id."""
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, plaintext, f"{bound_to}|{kid}".encode())
    return f"{kid}.{_encode(nonce)}.{_encode(sealed)}"


def decrypt(key: bytes, token: str, bound_to: str) -> bytes:
    """Undo ``encrypt``; raise Tampered when row, key id or any bit differs."""
    try:
        kid, nonce, sealed = token.split(".")
        return AESGCM(key).decrypt(_decode(nonce), _decode(sealed), f"{bound_to}|{kid}".encode())
    except (InvalidTag, ValueError) as error:
        raise Tampered("the stored text does not belong to this row or was changed") from error


@dataclass
class Keyring:
    """The master keys. Named private material such as the report seal lies beside them, encrypted.

    The file may change while processes run, when a key is made or forgotten; it is read again when that happened.
    """

    folder: Path
    keys: dict[str, bytes]
    current: str
    made: dict[str, str]
    """When each key was made, ISO, as far as that is known."""
    turning: bool
    """A new key was made and not everything is sealed under it yet."""
    root: bytes
    signing_pem: str
    _seen: tuple[int, int] = (0, 0)

    @classmethod
    def create(cls, folder: Path, at: datetime | None = None) -> "Keyring":
        """Make a new keyring; refuse to replace one, since that would destroy everything under it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        (folder / "weekly").mkdir(exist_ok=True, mode=0o700)
        path = folder / _FILE
        if path.exists():
            raise FileExistsError(f"{path} exists; a keyring is never replaced")
        data = {
            "current": "m1",
            "keys": {"m1": _encode(secrets.token_bytes(32))},
            "made": {"m1": (at or datetime.now(UTC)).isoformat()},
            "root": _encode(secrets.token_bytes(32)),
            "signing": _encode(Ed25519PrivateKey.generate().private_bytes_raw()),
        }
        _write_private(path, json.dumps(data, indent=1).encode(), exclusive=True)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> "Keyring":
        """Read the keyring; raise KeyringMissing when it is absent, unreadable or open to others."""
        path = folder / _FILE
        try:
            found = path.stat()
            data = json.loads(path.read_text())
            keys = {kid: _decode(key) for kid, key in data["keys"].items()}
            root = _decode(data["root"]) if "root" in data else keys["m1"]
            ring = cls(
                folder, keys, data["current"], data.get("made", {}), bool(data.get("turning")), root, data["signing"],
                (found.st_mtime_ns, found.st_ino),
            )  # fmt: skip
            ring.signing_key()
        except (OSError, ValueError, KeyError) as error:
            raise KeyringMissing(
                f"No usable keyring at {path}. `supervise init` makes one; after a loss, restore it from where it was "
                "kept apart from the data. Without it nothing that was encrypted can be read."
            ) from error
        if found.st_mode & 0o077:
            raise KeyringMissing(f"{path} can be read by others; run: chmod 600 {path}")
        return ring

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else change the keyring meanwhile; raise KeyringBusy when someone does."""
        with (self.folder / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise KeyringBusy("Another command is changing the keyring; wait until it is done.") from error
            self._read_again()
            yield

    def make_key(self, at: datetime) -> None:
        """Make a new master key the current one; what is sealed stays under the old ones until it is sealed again."""
        kid = f"m{max(int(name[1:]) for name in self.keys) + 1}"
        self.keys, self.current, self.turning = self.keys | {kid: secrets.token_bytes(32)}, kid, True
        self.made = self.made | {kid: at.isoformat()}
        self._save()

    def turned(self) -> None:
        """Note that everything is sealed under the current key."""
        self.turning = False
        self._save()

    def forget(self, kid: str) -> None:
        """Destroy an old master key and with it whatever is still sealed under it, backups of its time included."""
        if kid == self.current:
            raise ValueError("the current key is in use")
        self.keys = {name: key for name, key in self.keys.items() if name != kid}
        self._save()

    def seal(self, plaintext: bytes, bound_to: str) -> str:
        """Encrypt under the current master key, bound to ``bound_to`` (``table:row:column``)."""
        self._read_again()
        return encrypt(self.keys[self.current], self.current, plaintext, bound_to)

    def unseal(self, token: str, bound_to: str) -> bytes:
        """Decrypt what ``seal`` made; raise Tampered or KeyringMissing."""
        kid = token.partition(".")[0]
        if kid not in self.keys:
            self._read_again()
        key = self.keys.get(kid)
        if key is None:
            raise KeyringMissing("this was encrypted under a key that the keyring does not hold")
        return decrypt(key, token, bound_to)

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for ``purpose``, the same for the life of the installation."""
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(self.root)

    def archive_key(self, kid: str, salt: str) -> bytes:
        """Return the key of one backup, derived from a master key; raise KeyringMissing when that key is not held."""
        if kid not in self.keys:
            raise KeyringMissing(
                f"The backup was made under the key {kid!r}, which the keyring at {self.folder} does not hold. Put "
                "back the keyring of that time; without it nobody can read the backup."
            )
        key = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt.encode(), info=b"backup")
        return key.derive(self.keys[kid])

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the key that signs the head of the audit chain."""
        return Ed25519PrivateKey.from_private_bytes(_decode(self.signing_pem))

    def items(self) -> list[str]:
        """Return the names of what ``put_item`` kept."""
        return sorted(path.stem for path in self.folder.glob("*.sealed"))

    def items_under(self, kid: str) -> list[str]:
        """Return the names of what is kept under one master key."""
        return [name for name in self.items() if self._item_path(name).read_text().startswith(f"{kid}.")]

    def put_item(self, name: str, data: bytes) -> None:
        """Keep private material beside the keyring, encrypted."""
        _write_private(self._item_path(name), self.seal(data, f"item:{name}").encode())

    def item(self, name: str) -> bytes:
        """Return what ``put_item`` kept; raise KeyringMissing when there is none."""
        try:
            return self.unseal(self._item_path(name).read_text(), f"item:{name}")
        except FileNotFoundError as error:
            raise KeyringMissing(f"the keyring holds no {name}") from error

    def _item_path(self, name: str) -> Path:
        return self.folder / f"{name}.sealed"

    def _read_again(self) -> None:
        """Take over what another process wrote, if it wrote something."""
        try:
            found = (self.folder / _FILE).stat()
        except FileNotFoundError:
            return  # what is in memory still serves; the next start refuses
        if self._seen != (found.st_mtime_ns, found.st_ino):
            self.__dict__.update(Keyring.open(self.folder).__dict__)

    def _save(self) -> None:
        data = {
            "current": self.current,
            "keys": {kid: _encode(key) for kid, key in self.keys.items()},
            "made": {kid: at for kid, at in self.made.items() if kid in self.keys},
            "turning": self.turning,
            "root": _encode(self.root),
            "signing": self.signing_pem,
        }
        _write_private(self.folder / _FILE, json.dumps(data, indent=1).encode())
        self._read_again()


@dataclass(frozen=True)
class WeeklyKeys:
    """Keys of originals, one file a name such as ``draft-2026-W47`` or ``until-2026-W48``; made when first used."""

    folder: Path

    def get_or_make(self, kid: str) -> bytes:
        """Return the key, making it if need be. Two processes that come at once get the same key."""
        path = self._path(kid)
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileExistsError):  # the other process was first; its key is the one
                _write_private(path, _encode(secrets.token_bytes(32)).encode(), exclusive=True)
        return self.get(kid)

    def get(self, kid: str) -> bytes:
        """Return the key; raise KeyDestroyed when there is none any more."""
        try:
            return _decode(self._path(kid).read_text())
        except FileNotFoundError as error:
            raise KeyDestroyed(f"the key {kid} was destroyed") from error

    def destroy(self, kid: str) -> None:
        """Overwrite and remove the key; what it encrypted can never be read again."""
        path = self._path(kid)
        if path.exists():
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()

    def names(self) -> list[str]:
        """Return the ids of all keys that still exist."""
        return sorted(path.stem for path in self.folder.glob("*.key")) if self.folder.exists() else []

    def _path(self, kid: str) -> Path:
        if not kid.replace("-", "").isalnum():
            raise ValueError("a key id has letters, digits and hyphens only")
        return self.folder / f"{kid}.key"

"""An encrypted file: written in one pass, read in one pass, and refused when a byte was changed or the end is missing.

Layout: a line that names the format, a line of JSON (key id, salt), then pieces of AES-256-GCM, each led by its length
in four bytes. Every file has a key of its own, derived from a master key and the salt. The nonce of a piece is its
number and whether it is the last, so that pieces cannot be dropped, repeated, put in another order or cut off.
"""

import json
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"SUPERVISE-ARCHIVE 1\n"
PIECE = 1 << 20
_LONGEST_HEADER = 4096


class BrokenArchive(Exception):
    """The file is no archive of ours, was changed, or is cut off."""


def write(file: BinaryIO, lines: Iterable[bytes], key: bytes, header: dict[str, str]) -> None:
    """Write ``lines`` (without line breaks), compressed and encrypted under ``key``; ``header`` stands in clear."""
    head = json.dumps(header, sort_keys=True).encode() + b"\n"
    file.write(MAGIC + head)
    cipher, number, waiting = AESGCM(key), 0, bytearray()
    for data in _compressed(lines):
        waiting += data
        while len(waiting) > PIECE:  # more than one piece: what is left at the end is the last
            _put(file, cipher, number, bytes(waiting[:PIECE]), head, last=False)
            del waiting[:PIECE]
            number += 1
    _put(file, cipher, number, bytes(waiting), head, last=True)


def read(file: BinaryIO, key_for: Callable[[dict[str, str]], bytes]) -> Generator[bytes, None, None]:
    """Yield the lines of an archive; ``key_for`` gets the header. Raises BrokenArchive, at the latest at the end."""
    rest = b""
    decompressor = zlib.decompressobj()
    for data in _pieces(file, key_for):
        try:
            rest += decompressor.decompress(data)
        except zlib.error as error:
            raise BrokenArchive("what was encrypted is no archive") from error
        *whole, rest = rest.split(b"\n")
        yield from whole
    if rest or not decompressor.eof:
        raise BrokenArchive("it ends in the middle of a line")


def header_of(file: BinaryIO) -> dict[str, str]:
    """Return the header and leave the file after it."""
    return _header(file)[0]


def _compressed(lines: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(6)
    for line in lines:
        if data := compressor.compress(line + b"\n"):
            yield data
    yield compressor.flush()


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _put(file: BinaryIO, cipher: AESGCM, number: int, data: bytes, head: bytes, *, last: bool) -> None:
    sealed = cipher.encrypt(_nonce(number, last=last), data, head)
    file.write(len(sealed).to_bytes(4, "big") + sealed)


def _header(file: BinaryIO) -> tuple[dict[str, str], bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise BrokenArchive("it is no archive of Supervise")
    head = file.readline(_LONGEST_HEADER)
    try:
        found = json.loads(head)
        return {str(name): str(value) for name, value in found.items()}, head
    except (ValueError, AttributeError) as error:
        raise BrokenArchive("its header cannot be read") from error


def _pieces(file: BinaryIO, key_for: Callable[[dict[str, str]], bytes]) -> Iterator[bytes]:
    header, head = _header(file)
    cipher, number = AESGCM(key_for(header)), 0
    length = file.read(4)
    while True:
        if len(length) != 4 or (size := int.from_bytes(length, "big")) > PIECE + 16:
            raise BrokenArchive("it was cut off or changed")
        sealed = file.read(size)
        length = file.read(4)
        try:
            yield cipher.decrypt(_nonce(number, last=not length), sealed, head)
        except InvalidTag as error:
            raise BrokenArchive("it was cut off or changed, or made under another key") from error
        if not length:
            return
        number += 1

"""Two kinds of text that the type checker keeps apart: what only the author may read, and what others may."""

import hashlib
from typing import NewType, NoReturn

SafeHtml = NewType("SafeHtml", str)


class OriginalText:
    """A clinician's own words with identifiers in them. It refuses to become a string by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal_to_author(self) -> str:
        """Return the text. Only the author's editor, the confirm page and the engine may ask."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def _refuse(self, *_args: object) -> NoReturn:
        raise TypeError("an original is not shown; use the function made for it")

    __str__ = __repr__ = __format__ = __html__ = __iter__ = __reduce__ = _refuse


class ReleasedText(str):
    """Text that was screened and confirmed by its author. Only ``deid.service`` makes one."""

    __slots__ = ()


def digest(*parts: str) -> str:
    """Return the SHA-256 in hex over ``parts``, length-prefixed so that no two lists of parts collide."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode()
        whole.update(len(data).to_bytes(8, "big"))
        whole.update(data)
    return whole.hexdigest()

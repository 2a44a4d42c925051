"""Regular expressions that run in linear time, whatever the text."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import re2

from supervise.deid.engine.findings import Span

_MEMORY: Final = 64 << 20  # letters of every script make large automata


class Pattern:
    """A google-re2 expression; what it finds is its group ``v`` (or ``w``), or the whole match."""

    def __init__(self, expression: str) -> None:
        options = re2.Options()
        options.max_mem = _MEMORY
        self._compiled: Any = re2.compile(expression, options)
        groups = self._compiled.groupindex
        self._group: int = groups.get("v", 0)
        self._second: int = groups.get("w", 0)

    def spans(self, text: str) -> Iterator[Span]:
        """Yield the range of every match."""
        for match in self._compiled.finditer(text):
            span = match.span(self._group)
            yield span if span[0] >= 0 else match.span(self._second)


@lru_cache(maxsize=512)
def compiled(expression: str) -> Pattern:
    """Return the compiled pattern of a rule."""
    return Pattern(expression)

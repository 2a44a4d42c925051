"""Explicit words: where a sentence says plainly what is the matter and nothing in it takes that back.

The network decides; these words only lower the share at which it is believed, so that it errs towards a question.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import re2

FILE: Final = "terms.toml"


class Terms:
    """The explicit words of each category, and the words that take back what is said."""

    def __init__(self, path: Path) -> None:
        """Read ``path``; raise ValueError for an expression that cannot be read."""
        read = tomllib.loads(path.read_text("utf-8"))
        try:
            self._taken_back = _expression(read["taken_back"])
            self._explicit = {category: _expression(read["explicit"][category]) for category in read["explicit"]}
        except (KeyError, re2.error) as error:
            raise ValueError(f"{path}: {error}") from error

    def explicit(self, sentence: str) -> Iterator[str]:
        """Yield each category of which a sentence speaks plainly, unless it is taken back."""
        if self._taken_back.search(sentence):
            return
        for category, expression in self._explicit.items():
            if expression.search(sentence):
                yield category


def _expression(parts: list[str]) -> "re2._Regexp[str]":
    return re2.compile(r"(?i)(?:" + "|".join(parts) + ")")

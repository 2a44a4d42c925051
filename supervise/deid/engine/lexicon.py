"""The engine's word lists, read from ``config/deid/*.toml``, and which words are ordinary ones."""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from supervise.deid.engine.errors import EngineUnavailable
from supervise.deid.engine.phrases import Phrases

FILES: Final = (
    "names.toml", "places.toml", "protected.toml", "cues.toml", "times.toml", "numbers.toml", "quasi.toml",
    "relations.toml",
)  # fmt: skip
_PACKAGE = Path(__file__).resolve().parents[2]


def data_folder() -> Path:
    """Return ``config/deid`` inside the installed package or beside the checkout; raise :class:`EngineUnavailable`."""
    for place in (_PACKAGE / "_shipped" / "config" / "deid", _PACKAGE.parent / "config" / "deid"):
        if place.is_dir():
            return place
    raise EngineUnavailable("The word lists of the de-identification step are missing.")


@dataclass(frozen=True)
class Lexicon:
    """Word lists, all case-folded, and rules by kind; ``digest`` names their contents."""

    digest: str
    lists: Mapping[str, frozenset[str]]
    phrases: Mapping[str, Phrases]
    rules: Mapping[str, tuple[Mapping[str, Any], ...]]
    parts: Mapping[str, str]

    def __getitem__(self, name: str) -> frozenset[str]:
        return self.lists[name]

    def is_name(self, low: str) -> bool:
        """Tell whether a case-folded word is a known given name or surname."""
        return low in self.lists["given"] or low in self.lists["surnames"]


@lru_cache(maxsize=4)
def lexicon(data: Path | None = None) -> Lexicon:
    """Read the lists of a folder (the shipped one by default); raise :class:`EngineUnavailable` when one is missing."""
    folder = data or data_folder()
    sha = hashlib.sha256()
    tables: dict[str, dict[str, Any]] = {"words": {}, "phrases": {}, "parts": {}}
    rules: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for name in FILES:
        try:
            raw = (folder / name).read_bytes()
            content = tomllib.loads(raw.decode())
            for table in tables:
                tables[table] |= content.pop(table, {})
            for kind, rows in content.items():
                rules[kind] = tuple(_row(row, tables["parts"]) for row in rows)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise EngineUnavailable(f"The word list {name} is missing or damaged.") from error
        sha.update(raw)
    lists = {name: _words(text) for name, text in tables["words"].items()}
    missing = {
        "function",
        "given",
        "surnames",
        "name_words",
        "ordinary_terms",
        "titles",
        "kinship",
        "roles",
    } - lists.keys()
    if missing or not {"number", "quasi", "kind", "relation"} <= rules.keys():
        raise EngineUnavailable("The word lists of the de-identification step are not complete.")
    lists["ordinary_terms"] = _with_parts(lists["ordinary_terms"]) | lists["function"]
    phrases = {name: Phrases(_lines(text)) for name, text in tables["phrases"].items()}
    return Lexicon(sha.hexdigest(), lists, phrases, rules, tables["parts"])


def _row(row: Mapping[str, Any], parts: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a rule with the named parts in its pattern, if it has one."""
    if "pattern" not in row:
        return row
    pattern = row["pattern"]
    for name, part in parts.items():
        pattern = pattern.replace(f"{{{name}}}", part)
    return {**row, "pattern": pattern}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


def _with_parts(words: frozenset[str]) -> frozenset[str]:
    """Add the parts of words with a hyphen or apostrophe, which a text's words do not hold."""
    return words | {
        part for word in words for part in word.replace("-", " ").replace("'", " ").split() if len(part) > 1
    }


def _lines(text: str) -> Iterable[str]:
    return (part.strip() for line in text.splitlines() for part in line.split(";") if part.strip())

"""Reading of the codes of ethics that are shipped as data."""

from collections.abc import Iterable
from functools import cache

from supervise.core.resources import folder
from supervise.ethics.rules import Codes, Row, load_codes


@cache
def codes() -> Codes:
    """Return every code with its rows and the kinds of dilemma that lead to them; read once."""
    return load_codes(folder("config") / "codes")


def rows_of(citations: Iterable[str]) -> list[Row]:
    """Return the rows that are cited, in that order; what no code has any more is left out."""
    return [row for citation in citations if (row := codes().row(citation))]


def dilemma_titles(ids: Iterable[str]) -> list[str]:
    """Return the titles of kinds of dilemma; of one that is no longer on the list, its id in words."""
    known = codes().dilemmas
    return [known[one].title if one in known else one.replace("_", " ") for one in ids]

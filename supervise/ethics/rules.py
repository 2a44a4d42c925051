"""Pure rules about codes of ethics: which rows to look at. Numbers and topics in our own words, never code text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from supervise.core.rulefile import Table, read, read_folder

TAGS = (
    "boundaries",
    "colleagues",
    "competence",
    "confidentiality",
    "consent",
    "consultation",
    "couples",
    "culture",
    "decision",
    "duty",
    "gatekeeping",
    "gifts",
    "minors",
    "records",
    "risk",
    "supervision",
    "technology",
    "termination",
    "wellbeing",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One section of a code. `verified` is True only where number and topic were seen in the code or a copy of it."""

    code: str
    section: str
    topic: str
    tags: tuple[str, ...]
    source: str
    checked_on: date
    verified: bool

    @property
    def citation(self) -> str:
        """How a post cites it: "ACA 2014, B.7.b"."""
        return f"{self.code}, {self.section}"


@dataclass(frozen=True, slots=True)
class Dilemma:
    """A kind of dilemma, the tags of the rows it leads to, and the beginnings of words that suggest it."""

    id: str
    title: str
    about: str
    tags: tuple[str, ...]
    words: tuple[str, ...]

    def suggested_by(self, text: str) -> bool:
        """Whether a word in `text` speaks for this kind. A suggestion only: the author decides."""
        lower = text.casefold()
        return any(re.search(rf"\b{re.escape(word)}", lower) for word in self.words)


@dataclass(frozen=True, slots=True)
class Code:
    """One code of ethics: name, where to read it, and the words that tell the professions it is for."""

    name: str
    title: str
    url: str
    note: str
    professions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Codes:
    """All rows of all codes, in the order of the files, with the kinds of dilemma that lead to them."""

    codes: Mapping[str, Code]
    rows: tuple[Row, ...]
    dilemmas: Mapping[str, Dilemma]

    def row(self, citation: str) -> Row | None:
        """The row with this citation, or None."""
        return next((row for row in self.rows if row.citation == citation), None)

    def codes_for(self, profession: str) -> list[Code]:
        """The codes whose words for a profession stand in `profession`: "LMFT, Licensed Marriage …"."""
        said = profession.casefold()
        return [
            code
            for code in self.codes.values()
            if any(re.search(rf"\b{re.escape(word)}\b", said) for word in code.professions)
        ]

    def _own_first(self, rows: Iterable[Row], profession: str) -> list[Row]:
        own = {code.name for code in self.codes_for(profession)}
        return sorted(rows, key=lambda row: row.code not in own)

    def suggested_by(self, text: str) -> list[str]:
        """The kinds of dilemma for which words in `text` speak, in the order of the file."""
        return [kind.id for kind in self.dilemmas.values() if kind.suggested_by(text)]

    def find(self, words: str, profession: str = "") -> list[Row]:
        """Rows in which every word begins a word of code, section, topic or tags; the profession's own code first.

        No words: every row.
        """
        wanted = words.casefold().split()
        found = []
        for row in self.rows:
            text = f"{row.code} {row.section} {row.topic} {' '.join(row.tags)}".casefold()
            if all(re.search(rf"(?:^|[\s,]){re.escape(word)}", text) for word in wanted):
                found.append(row)
        return self._own_first(found, profession)

    def suggest(self, dilemmas: Iterable[str], profession: str = "", limit: int = 8) -> list[Row]:
        """Rows for kinds of dilemma: the profession's own code first, and in it those that meet more of the tags.

        Raises KeyError for an unknown kind.
        """
        tags = {tag for dilemma in dilemmas for tag in self.dilemmas[dilemma].tags}
        met = [row for row in self.rows if tags & set(row.tags)]
        return self._own_first(sorted(met, key=lambda row: -len(tags & set(row.tags))), profession)[:limit]


def _row(row: Table, code: str, source: str, checked_on: date) -> Row:
    verified = row.truth("verified")
    found = Row(
        code=code,
        section=row.text("section"),
        topic=row.text("topic"),
        tags=row.texts("tags", TAGS),
        source=row.text("source") if verified else row.text("source", source),
        checked_on=checked_on,
        verified=verified,
    )
    row.done()
    return found


def _code(path: Path, head: Table) -> tuple[Code, list[Row]]:
    if head.identifier("id") != path.stem:
        raise head.fail("id", f"must be {path.stem}, as the file is called")
    code = Code(head.text("code"), head.text("title"), head.text("url"), head.text("note"), head.texts("professions"))
    source, checked_on, verified = head.text("source"), head.day("checked_on"), head.truth("verified")
    rows = [_row(row, code.name, source, checked_on) for row in head.tables("row")]
    head.done()
    sections = [row.section for row in rows]
    if len(set(sections)) != len(sections):
        raise head.fail("row", "a section stands twice")
    if verified and not all(row.verified for row in rows):
        raise head.fail("verified", "must be false while a row is not verified")
    return code, rows


def load_dilemmas(path: Path) -> dict[str, Dilemma]:
    """Every kind of dilemma by id, in the order of the file. Raises RuleFileError naming row and key."""
    head = read(path)
    head.text("source"), head.day("checked_on"), head.truth("verified"), head.text("note")
    found: dict[str, Dilemma] = {}
    for row in head.tables("dilemma"):
        kind = Dilemma(
            row.identifier("id"), row.text("title"), row.text("about"), row.texts("tags", TAGS), row.texts("words")
        )
        row.done()
        if kind.id in found:
            raise row.fail("id", f"{kind.id} stands twice")
        found[kind.id] = kind
    head.done()
    return found


def load_codes(folder: Path) -> Codes:
    """Every code of `folder`, with the kinds of dilemma from `dilemmas.toml` beside it.

    Raises RuleFileError naming file, row and key.
    """
    codes: dict[str, Code] = {}
    rows: list[Row] = []
    for path, head in read_folder(folder):
        code, own = _code(path, head)
        codes[code.name] = code
        rows += own
    return Codes(codes, tuple(rows), load_dilemmas(folder.parent / "dilemmas.toml"))

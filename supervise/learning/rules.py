"""Pure rules about learning: whether consultation counts as continuing education, and frameworks of competence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from pathlib import Path

from supervise.core.rulefile import Table, read_folder

NO_RULE = "No rule on file for this jurisdiction and profession; ask your board. Until then it does not count."


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationRule:
    """Whether case consultation counts for some professions of one jurisdiction, up to `cap` minutes a period."""

    id: str
    jurisdiction: str
    board: str
    professions: tuple[str, ...]
    counts: bool
    cap: int | None
    because: str
    citation: str
    url: str
    text_date: date | None
    verified: bool
    note: str


@dataclass(frozen=True, slots=True)
class CeRules:
    """The rules about consultation as continuing education, in the order of their files."""

    consultation: tuple[ConsultationRule, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether consultation counts, for how many `minutes`, under what `cap` (minutes a period; None: none known)."""

    counts: bool
    minutes: int
    cap: int | None
    because: str
    citation: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Competency:
    """One competency; `anchors` describe it at each level of its framework, lowest first."""

    id: str
    title: str
    about: str
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework of competence. "Not observed" is always an answer and is no level."""

    id: str
    title: str
    source: str
    checked_on: date
    verified: bool
    note: str
    levels: tuple[str, ...]
    competencies: tuple[Competency, ...]


def _consultation(row: Table, jurisdiction: str, board: str) -> ConsultationRule:
    counts, verified = row.truth("counts"), row.truth("verified")
    rule = ConsultationRule(
        id=row.identifier("id"),
        jurisdiction=jurisdiction,
        board=board,
        professions=row.texts("professions"),
        counts=counts,
        cap=row.whole("cap_hours", least=1) * 60 if row.has("cap_hours") else None,
        because=row.text("because"),
        citation=row.text("citation"),
        url=row.text("url"),
        text_date=row.day_or_none("text_date"),
        verified=verified,
        note=row.text("note", "") if verified else row.text("note"),
    )
    row.done()
    if verified and rule.text_date is None:
        raise row.fail("text_date", "is missing, and a verified rule needs the date of the text that was read")
    if rule.cap is not None and not counts:
        raise row.fail("cap_hours", "has no place where consultation does not count")
    return rule


def _ce_file(stem: str, head: Table) -> tuple[ConsultationRule, ...]:
    if head.identifier("id") != stem:
        raise head.fail("id", f"must be {stem}, as the file is called")
    jurisdiction, title = head.text("jurisdiction"), head.text("title")
    head.text("source"), head.day("checked_on"), head.text("note")
    verified = head.truth("verified")
    rules = tuple(_consultation(row, jurisdiction, title) for row in head.tables("consultation"))
    head.done()
    if verified and not all(rule.verified for rule in rules):
        raise head.fail("verified", "must be false while a rule is not verified")
    return rules


def load_ce(folder: Path) -> CeRules:
    """Every file of `folder`. Raises RuleFileError naming file, row and key."""
    return CeRules(tuple(rule for path, head in read_folder(folder) for rule in _ce_file(path.stem, head)))


def _names(phrase: str, profession: str) -> bool:
    return re.search(rf"\b{re.escape(phrase.casefold())}\b", profession.casefold()) is not None


def consultation_counts(
    rules: CeRules, jurisdiction: str, profession: str, minutes_this_period: int, *, earlier: int = 0
) -> Answer:
    """Whether `minutes_this_period` of consultation count as continuing education in one renewal period.

    `profession` is a licence's profession or title as people write it ("Licensed Mental Health Counselor", "LMHC").
    `earlier` are minutes of the same period that were answered before: the answer is then about the new ones alone.
    Raises ValueError for negative minutes.
    """
    if minutes_this_period < 0 or earlier < 0:
        raise ValueError("minutes must not be negative")
    for rule in rules.consultation:
        if rule.jurisdiction == jurisdiction and any(_names(phrase, profession) for phrase in rule.professions):
            room = minutes_this_period if rule.cap is None else max(0, rule.cap - earlier)
            minutes = min(minutes_this_period, room) if rule.counts else 0
            full = rule.counts and minutes == 0 < minutes_this_period
            because = f"{rule.because} That limit is reached." if full else rule.because
            return Answer(rule.counts and not full, minutes, rule.cap, because, rule.citation, rule.verified)
    return Answer(counts=False, minutes=0, cap=None, because=NO_RULE, citation="", verified=False)


def _competencies(rows: Iterable[Table], levels: int) -> tuple[Competency, ...]:
    found: dict[str, Competency] = {}
    for row in rows:
        one = Competency(row.identifier("id"), row.text("title"), row.text("about"), row.texts("anchors"))
        row.done()
        if len(one.anchors) != levels:
            raise row.fail("anchors", f"must be {levels}, one for each level")
        if one.id in found:
            raise row.fail("id", f"{one.id} stands twice")
        found[one.id] = one
    return tuple(found.values())


def load_competencies(folder: Path) -> dict[str, Framework]:
    """Every framework of `folder` by id. Raises RuleFileError naming file, row and key."""
    found: dict[str, Framework] = {}
    for path, head in read_folder(folder):
        levels = head.texts("levels")
        framework = Framework(
            id=head.identifier("id"),
            title=head.text("title"),
            source=head.text("source"),
            checked_on=head.day("checked_on"),
            verified=head.truth("verified"),
            note=head.text("note"),
            levels=levels,
            competencies=_competencies(head.tables("competency"), len(levels)),
        )
        head.done()
        if framework.id != path.stem:
            raise head.fail("id", f"must be {path.stem}, as the file is called")
        found[framework.id] = framework
    return found


READ_A_MINUTE = 200
WRITTEN_A_MINUTE = 15


def suggest_minutes(words_read: int, words_written: int) -> int:
    """Return minutes to begin with: reading at 200 words a minute, writing at 15, rounded up to five minutes.

    The figures are our own guess and no evidence; whoever confirms minutes says how many there were.
    """
    exact = Fraction(words_read, READ_A_MINUTE) + Fraction(words_written, WRITTEN_A_MINUTE)
    return max(5, 5 * ceil(exact / 5))


def period_start(day: date, expires_on: date | None) -> date:
    """Return the first day of the reporting period that ``day`` lies in, two years being the usual length.

    With a known expiry the period ends there. Without one it is the two years before ``day``, which counts rather too
    few minutes than too many.
    """
    end = expires_on if expires_on is not None and expires_on >= day else day
    while (start := _two_years_before(end)) > day:
        end = start
    return start


def _two_years_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 2)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 2, day=28)

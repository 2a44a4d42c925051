"""What the columns of somebody's own log mean, guessed first and then said by them; every mistake named by line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from supervise.hours.rules.entry import CATEGORIES, MINUTES_A_DAY
from supervise.hours.rules.table import Table

PLAIN = ("day", "start", "amount", "kind", "attendees")
UNITS, ORDERS = ("minutes", "hours"), ("mdy", "dmy")
_HINTS = {
    "day": r"date|day|datum|fecha",
    "start": r"start|begin|from|time in",
    "kind": r"category|type|kind|activity|service|what",
    "attendees": r"attendees|present|group size",
    "amount": r"minutes|hours|duration|length|time|total",
}
_KINDS = {
    "couple_family": r"coupl|famil|relational",
    "child": r"child|minor|play",
    "supervision": r"supervis",
    "group": r"group",
    "crisis": r"crisis|emergenc",
    "assessment": r"assess|test|intake|evaluat",
    "documentation": r"note|document|report|paperwork|record",
    "advocacy": r"advoca|case manag",
    "training": r"train|workshop|seminar|course|conference",
    "individual": r"individual|adult|one.?to.?one|1:1|counsel|therapy|client|direct|session",
    "other": r"other|admin|meeting|indirect",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What each column means: one of `PLAIN`, a category (it then holds that category's time), or "" (not read).

    `unit`: what a bare number of time is. `order`: of month and day where a day is written with strokes. `kinds`: the
    category of each word in the column of kinds; "" leaves its rows out.
    """

    columns: tuple[str, ...]
    unit: str = "minutes"
    order: str = "mdy"
    kinds: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row as it would be written. `line`: where it stands in the file."""

    line: int
    day: date
    start: str
    minutes: int
    category: str
    attendees: int | None


def kind_of(word: str) -> str:
    """Guess the category that a word means; "" where nothing is like it."""
    plain = word.casefold().replace("_", " ")
    if plain.replace(" ", "_") in CATEGORIES:
        return plain.replace(" ", "_")
    return next((category for category, hint in _KINDS.items() if re.search(hint, plain)), "")


def words_of(table: Table, columns: Iterable[str]) -> list[str]:
    """Return the different words in the column of kinds, in the order in which they appear."""
    meant = [*columns]
    if "kind" not in meant:
        return []
    at = meant.index("kind")
    return list(dict.fromkeys(row[at] for row in table.rows if row[at]))


def guess(table: Table) -> Plan:
    """Guess what the columns mean: one day, one kind; categories by their names where there is no column of kinds."""
    meant = ["" for _ in table.heads]
    for name, hint in _HINTS.items():
        for at, head in enumerate(table.heads):
            if not meant[at] and re.search(rf"\b({hint})", head.casefold()) and not kind_of_head(name, head):
                meant[at] = name
                break
    if "kind" not in meant:
        for at, head in enumerate(table.heads):
            category = kind_of(head)
            if category and meant[at] in ("", "amount") and category not in meant:
                meant[at] = category
        if any(one in CATEGORIES for one in meant):
            meant = ["" if one == "amount" else one for one in meant]
    amounts = [row[at] for at, one in enumerate(meant) if one == "amount" or one in CATEGORIES for row in table.rows]
    hours = any(re.search(r"hours?\b|hrs?\b", head.casefold()) for head in table.heads) or any(
        re.fullmatch(r"\d{1,2}[.,]\d+", cell) for cell in amounts
    )
    days = [row[at] for at, one in enumerate(meant) if one == "day" for row in table.rows]
    strokes = [found for cell in days if (found := re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d", cell))]
    day_first = sum(int(found[1]) > 12 for found in strokes) > sum(int(found[2]) > 12 for found in strokes)
    return Plan(
        tuple(meant),
        "hours" if hours else "minutes",
        "dmy" if day_first else "mdy",
        {word: kind_of(word) for word in words_of(table, meant)},
    )


def kind_of_head(name: str, head: str) -> bool:
    """Tell whether a head that could be a time is rather the time of a category, as "Individual hours"."""
    return name == "amount" and kind_of(re.sub(_HINTS["amount"], "", head.casefold())) != ""


def faults(plan: Plan) -> list[str]:
    """Say what a plan lacks before any row can be read."""
    said = []
    for name, word in (("day", "day"), ("start", "start"), ("amount", "length"), ("kind", "kind of work")):
        if plan.columns.count(name) > 1:
            said.append(f"More than one column is the {word}.")
    if "day" not in plan.columns:
        said.append("Say which column holds the day.")
    own = [one for one in plan.columns if one in CATEGORIES]
    if own and ("amount" in plan.columns or "kind" in plan.columns):
        said.append("Either a column for the length and one for the kind of work, or a column for each kind; not both.")
    if not own and "amount" not in plan.columns:
        said.append("Say which column holds how long it took, or which columns hold the time of each kind of work.")
    if not own and "kind" not in plan.columns:
        said.append("Say which column holds the kind of work.")
    return said


def read_rows(table: Table, plan: Plan) -> tuple[list[ImportRow], dict[int, list[str]]]:
    """Return the rows as they would be written, and by line what is wrong with others. Nothing is rounded."""
    found: list[ImportRow] = []
    wrong: dict[int, list[str]] = {}
    for line, cells in zip(table.lines, table.rows, strict=True):
        try:
            found += _row(line, cells, plan)
        except ValueError as error:
            wrong.setdefault(line, []).append(str(error))
    return found, wrong


def _row(line: int, cells: tuple[str, ...], plan: Plan) -> list[ImportRow]:
    at = {name: cells[place] for place, name in enumerate(plan.columns) if name in PLAIN}
    if "kind" in at:
        category = (plan.kinds or {}).get(at["kind"], "")
        parts = [(category, at.get("amount", ""))] if category else []
        if not at["kind"]:
            raise ValueError("The kind of work is missing.")
    else:
        parts = [(name, cells[place]) for place, name in enumerate(plan.columns) if name in CATEGORIES]
        parts = [(name, cell) for name, cell in parts if cell not in ("", "0", "-", "–")]
    if not parts:
        return []
    day, start = read_day(at.get("day", ""), plan.order), _start(at.get("start", ""))
    attendees = _attendees(at.get("attendees", ""))
    return [
        ImportRow(line, day, start, read_minutes(cell, plan.unit), name, attendees if name == "supervision" else None)
        for name, cell in parts
    ]


def read_day(text: str, order: str) -> date:
    """Read `2026-03-31`, `3/31/2026`, `31.3.26`. Raises ValueError with a sentence."""
    text = re.sub(r"[T ]\d{1,2}:\d\d.*$", "", text)
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    strokes = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})", text)
    if not iso and not strokes:
        raise ValueError(f"The day is missing or not a day: {text!r}.")
    if iso:
        year, month, day = int(iso[1]), int(iso[2]), int(iso[3])
    else:
        assert strokes is not None
        first, second, year = int(strokes[1]), int(strokes[2]), int(strokes[3])
        month, day = (first, second) if order == "mdy" else (second, first)
        year += 2000 if year < 100 else 0
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"There is no such day: {text!r}.") from None


def read_minutes(text: str, unit: str) -> int:
    """Read `90`, `1.5`, `1:30`; a bare number in `unit`. Raises ValueError where it is no whole number of minutes."""
    clock = re.fullmatch(r"(\d{1,2}):([0-5]\d)(:00)?", text)
    if clock:
        minutes = Decimal(int(clock[1]) * 60 + int(clock[2]))
    else:
        bare = re.sub(r"\s*(minutes|mins?|m|hours?|hrs?|h)\.?$", "", text.casefold())
        named = text.casefold()[len(bare) :].strip()
        per = 60 if named.startswith("h") or (not named and unit == "hours") else 1
        try:
            minutes = Decimal(bare.replace(",", ".")) * per
        except InvalidOperation:
            raise ValueError(f"The length is missing or not a time: {text!r}.") from None
    if not minutes.is_finite() or minutes != minutes.to_integral_value():
        raise ValueError(f"{text!r} is not a whole number of minutes; say which it is.")
    if not 1 <= minutes <= MINUTES_A_DAY:
        raise ValueError(f"{text!r} is not from 1 minute to 24 hours.")
    return int(minutes)


def _start(text: str) -> str:
    if not text:
        return ""
    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::\d\d)?\s*([ap])?\.?m?\.?", text.casefold())
    if not found or int(found[1]) > (12 if found[3] else 23):
        raise ValueError(f"The start is not a time of day: {text!r}.")
    hour = int(found[1]) % 12 + (12 if found[3] == "p" else 0) if found[3] else int(found[1])
    return f"{hour:02}:{found[2]}"


def _attendees(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise ValueError(f"How many were present is not a number: {text!r}.")
    return int(text)

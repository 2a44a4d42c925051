"""Board files to boards. What a rule means is said in `board`; every mistake names file, line, row and key."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from supervise.core.rulefile import RuleFileError, Table, read_folder
from supervise.hours.rules import board as b
from supervise.hours.rules.calendar import FORTNIGHT, WINDOWS
from supervise.hours.rules.entry import CATEGORIES, DEGREES, KINDS, MODES, PAYS

_ALL = frozenset(CATEGORIES)
_SUPERVISION = frozenset({"supervision"})
_SHORTFALLS = ("excess", "void")
_BEGINNINGS = ("experience", "client")

Groups = Mapping[str, frozenset[str]]


def _group(row: Table, key: str, groups: Groups) -> frozenset[str]:
    return groups[row.choice(key, groups)]


def _degree(row: Table) -> str | None:
    return row.choice("degree", DEGREES) if row.has("degree") else None


def _window(row: Table) -> str | None:
    return row.choice("window", WINDOWS) if row.has("window") else None


def _kinds(row: Table) -> frozenset[str]:
    return frozenset(row.texts("kinds", KINDS)) if row.has("kinds") else frozenset()


def _percent(row: Table) -> int:
    percent = row.whole("percent", least=1)
    if percent > 99:
        raise row.fail("percent", "must be below 100")
    return percent


def _hours(row: Table, key: str = "hours", least: int = 1) -> int:
    return row.whole(key, least=least) * 60


def _accept(row: Table, groups: Groups) -> dict[str, Any]:
    return {"categories": _group(row, "of", groups)}


def _pay(row: Table, groups: Groups) -> dict[str, Any]:
    return {"accepted": frozenset(row.texts("accepted", PAYS))}


def _degrees(row: Table, groups: Groups) -> dict[str, Any]:
    return {"accepted": frozenset(row.texts("accepted", DEGREES))}


def _mode(row: Table, groups: Groups) -> dict[str, Any]:
    of = _group(row, "of", groups) if row.has("of") else _SUPERVISION
    return {"of": of, "accepted": frozenset(row.texts("accepted", MODES))}


def _size(row: Table, groups: Groups) -> dict[str, Any]:
    sizes: dict[str, tuple[int, int]] = {}
    most_before = 0
    for kind in KINDS:
        if not row.has(kind):
            continue
        part = row.table(kind)
        fewest, most = part.whole("fewest", least=1), part.whole("most", least=1, default=b.NO_LIMIT)
        part.done()
        if fewest != most_before + 1 or most < fewest:
            raise row.fail(kind, f"must begin at {most_before + 1} and not end before it begins")
        sizes[kind], most_before = (fewest, most), most
    if not sizes:
        raise row.fail("individual", "is missing")
    return {"sizes": sizes}


def _unit(row: Table, groups: Groups) -> dict[str, Any]:
    part = row.table("minutes")
    minutes = {kind: part.whole(kind, least=1) for kind in KINDS if part.has(kind)}
    part.done()
    if not minutes:
        raise row.fail("minutes", "must not be empty")
    return {"minutes": minutes}


def _segment(row: Table, groups: Groups) -> dict[str, Any]:
    return {"kinds": frozenset(row.texts("kinds", KINDS)), "minutes": row.whole("minutes", least=1)}


def _minimum(row: Table, groups: Groups) -> dict[str, Any]:
    found = {"of": _group(row, "of", groups), "degree": _degree(row), "minutes": _hours(row), "kinds": _kinds(row)}
    if found["kinds"] and found["of"] != _SUPERVISION:
        raise row.fail("kinds", "can be asked of supervision alone")
    hour_from, parts = row.whole("hour_from", least=1, default=60), row.whole("parts", least=1, default=1)
    if hour_from > 60 or parts > hour_from:
        raise row.fail("hour_from", "must be 60 or less, and parts not more than it")
    return found | {"hour_from": hour_from, "parts": parts}


def _alternate(row: Table, groups: Groups) -> dict[str, Any]:
    return {"kinds": frozenset(row.texts("kinds", KINDS)), "minutes": row.whole("minutes", least=1)}


def _pace(row: Table, groups: Groups) -> dict[str, Any]:
    return {
        "of": _SUPERVISION,
        "kinds": frozenset(row.texts("kinds", KINDS)),
        "minutes": row.whole("minutes", least=1),
        "work": _group(row, "work", groups),
    }


def _portion(row: Table, groups: Groups) -> dict[str, Any]:
    of, among = _group(row, "of", groups), _group(row, "among", groups)
    if not of < among:
        raise row.fail("among", "must hold all categories of `of` and more")
    return {"of": of, "among": among, "percent": _percent(row)}


def _within(row: Table, groups: Groups) -> dict[str, Any]:
    return {"months": row.whole("months", least=1)}


def _floor(row: Table, groups: Groups) -> dict[str, Any]:
    return {"of": _group(row, "of", groups), "window": row.choice("window", WINDOWS), "minutes": _hours(row)}


def _concurrent(row: Table, groups: Groups) -> dict[str, Any]:
    return {"window": row.choice("window", WINDOWS), "most": row.whole("most", least=1)}


def _maximum(row: Table, groups: Groups) -> dict[str, Any]:
    minutes = _hours(row, least=0)
    return {"of": _group(row, "of", groups), "degree": _degree(row), "minutes": minutes, "window": _window(row)}


def _tally(row: Table, groups: Groups) -> dict[str, Any]:
    return {"of": _group(row, "of", groups)}


def _rolling(row: Table, groups: Groups) -> dict[str, Any]:
    return {"of": _group(row, "of", groups), "days": row.whole("days", least=2), "minutes": _hours(row)}


def _age(row: Table, groups: Groups) -> dict[str, Any]:
    years = row.whole("years", least=1)
    if not row.has("except_of"):
        return {"years": years, "except_of": frozenset(), "except_degree": None, "except_minutes": 0}
    degree = row.choice("except_degree", DEGREES) if row.has("except_degree") else None
    return {
        "years": years,
        "except_of": _group(row, "except_of", groups),
        "except_degree": degree,
        "except_minutes": _hours(row, "except_hours"),
    }


def _distinct(row: Table, groups: Groups) -> dict[str, Any]:
    counted = {"window": row.choice("window", WINDOWS), "count": row.whole("count", least=1)}
    if row.has("of"):
        of = _group(row, "of", groups)
        return counted | {"of": of, "kinds": frozenset(), "units": 0, "per_setting": False}
    return counted | {
        "of": frozenset(),
        "kinds": frozenset(row.texts("kinds", KINDS)),
        "units": row.whole("units", least=1),
        "per_setting": row.truth("per_setting"),
    }


def _span(row: Table, groups: Groups) -> dict[str, Any]:
    return {"of": _group(row, "of", groups), "months": row.whole("months", least=1)}


def _owed(row: Table, groups: Groups) -> dict[str, Any]:
    return {
        "window": row.choice("window", (*WINDOWS, FORTNIGHT)),
        "per_setting": row.truth("per_setting"),
        "degree": _degree(row),
        "client": _group(row, "client", groups),
        "over_minutes": _hours(row, "over_hours", least=0),
        "units": row.halves("units"),
        "kinds": _kinds(row),
        "weeks": row.whole("weeks", least=1, default=0),
        "when": row.choice("when", _BEGINNINGS),
        "void": row.choice("shortfall", _SHORTFALLS) == "void",
        "exempt": frozenset(row.texts("exempt", CATEGORIES, empty=True)),
    }


def _average(row: Table, groups: Groups) -> dict[str, Any]:
    return {
        "window": _window(row),
        "per_setting": row.truth("per_setting"),
        "degree": _degree(row),
        "client": _group(row, "client", groups),
        "minutes_per_unit": _hours(row, "hours_per_unit"),
    }


def _share(row: Table, groups: Groups) -> dict[str, Any]:
    return {"kinds": frozenset(row.texts("kinds", KINDS)), "percent": _percent(row)}


_PRIMITIVES: dict[str, tuple[type[b.Rule], Callable[[Table, Groups], dict[str, Any]]]] = {
    "accept": (b.Accept, _accept),
    "pay": (b.Pay, _pay),
    "degree": (b.Degree, _degrees),
    "mode": (b.Mode, _mode),
    "size": (b.Size, _size),
    "unit": (b.Unit, _unit),
    "segment": (b.Segment, _segment),
    "minimum": (b.Minimum, _minimum),
    "maximum": (b.Maximum, _maximum),
    "tally": (b.Tally, _tally),
    "rolling": (b.Rolling, _rolling),
    "age": (b.Age, _age),
    "distinct": (b.Distinct, _distinct),
    "span": (b.Span, _span),
    "owed": (b.Owed, _owed),
    "average": (b.Average, _average),
    "share": (b.Share, _share),
    "alternate": (b.Alternate, _alternate),
    "pace": (b.Pace, _pace),
    "portion": (b.Portion, _portion),
    "within": (b.Within, _within),
    "floor": (b.Floor, _floor),
    "concurrent": (b.Concurrent, _concurrent),
}
_ONCE: tuple[type[b.Rule], ...] = (b.Accept, b.Pay, b.Degree, b.Size, b.Unit, b.Within)
_NEEDED: tuple[type[b.Rule], ...] = (b.Size, b.Unit)


def _rule(row: Table, groups: Groups) -> b.Rule:
    shape, read = _PRIMITIVES[row.choice("kind", _PRIMITIVES)]
    verified = row.truth("verified")
    text_date = row.day_or_none("text_date")
    if verified and text_date is None:
        raise row.fail("text_date", "is missing, and a verified rule needs the date of the text that was read")
    note = row.text("note", "") if verified else row.text("note")
    rule = shape(
        id=row.identifier("id"),
        title=row.text("title"),
        citation=row.text("citation"),
        url=row.text("url"),
        text_date=text_date,
        verified=verified,
        note=note,
        because=row.text("because", ""),
        decides=row.truth("board_decides") if row.has("board_decides") else False,
        **read(row, groups),
    )
    if not rule.url.startswith("https://"):
        raise row.fail("url", "must begin with https://")
    restricts = not isinstance(rule, b.Minimum | b.Tally | b.Distinct | b.Span | b.Unit | b.Pace | b.Portion)
    if restricts != bool(rule.because):
        raise row.fail("because", "is missing" if restricts else "is not a key of this kind")
    row.done()
    return rule


def _groups(head: Table) -> dict[str, frozenset[str]]:
    table = head.table("groups")
    groups = {name: frozenset(table.texts(name, CATEGORIES)) for name in table.keys()}  # noqa: SIM118 - not a dict
    if "all" in groups:
        raise table.fail("all", "always means every category and cannot be named")
    return {"all": _ALL, **groups}


def _check_whole(head: Table, rules: tuple[b.Rule, ...]) -> None:
    ids = [rule.id for rule in rules]
    for twice in {i for i in ids if ids.count(i) > 1}:
        raise head.fail("rule", f"two rules are called {twice}")
    for shape in _ONCE:
        if sum(isinstance(rule, shape) for rule in rules) > 1:
            raise head.fail("rule", f"more than one rule of kind {shape.__name__.lower()}")
    for shape in _NEEDED:
        if not any(isinstance(rule, shape) for rule in rules):
            raise head.fail("rule", f"no rule of kind {shape.__name__.lower()}")
    if not any(isinstance(rule, b.Minimum | b.Pace | b.Portion) for rule in rules):
        raise head.fail("rule", "none of them is a minimum, a pace or a portion")
    shown = frozenset[str]().union(*(rule.of for rule in rules if isinstance(rule, b.Minimum | b.Tally)))
    accepted = next((rule.categories for rule in rules if isinstance(rule, b.Accept)), _ALL)
    if not accepted <= shown:
        raise head.fail("rule", f"accepted but in no minimum or tally: {', '.join(sorted(accepted - shown))}")
    sizes = next(rule.sizes for rule in rules if isinstance(rule, b.Size))
    units = next(rule.minutes for rule in rules if isinstance(rule, b.Unit))
    if set(sizes) != set(units):
        raise head.fail("rule", "size and unit must name the same kinds of meeting")


def _ink(head: Table) -> str:
    if not head.has("ink"):
        return ""
    row = head.table("ink")
    citation, verified = row.text("citation"), row.truth("verified")
    row.text("note", "") if verified else row.text("note")
    row.done()
    return f"{citation} ({'verified' if verified else 'not verified'})"


def _board(path: Path, head: Table) -> b.Board:
    groups = _groups(head)
    rules = tuple(_rule(row, groups) for row in head.tables("rule"))
    _check_whole(head, rules)
    board = b.Board(
        id=head.identifier("id"),
        title=head.text("title"),
        jurisdiction=head.text("jurisdiction"),
        credential=head.text("credential"),
        effective_from=head.day("effective_from"),
        effective_to=head.day_or_none("effective_to"),
        source=head.text("source"),
        checked_on=head.day("checked_on"),
        verified=head.truth("verified"),
        note=head.text("note"),
        not_checked=head.texts("not_checked"),
        groups=groups,
        first=tuple(groups[name] for name in head.texts("first", groups)),
        rules=rules,
        ink=_ink(head),
        first_degree=head.choice("first_degree", DEGREES) if head.has("first_degree") else None,
    )
    head.done()
    if board.id != path.stem:
        raise head.fail("id", f"must be {path.stem}, as the file is called")
    if board.effective_to is not None and board.effective_to < board.effective_from:
        raise head.fail("effective_to", "is before effective_from")
    if board.verified and not all(rule.verified for rule in rules):
        raise head.fail("verified", "must be false while a rule is not verified")
    return board


def load_boards(folder: Path) -> dict[str, b.Board]:
    """Every board file of `folder` by id. Raises RuleFileError naming file, line, row and key."""
    return {board.id: board for board in (_board(path, head) for path, head in read_folder(folder))}


__all__ = ["RuleFileError", "load_boards"]

"""The page that lists every board's rules, made from the data: what docs/boards.md holds."""

from collections.abc import Iterable, Mapping

from supervise.hours.rules import board as b
from supervise.hours.rules.caps import plain

_HEAD = """# Boards

Made from `config/boards` by `supervise hours boards`; a test holds it current. **Nothing here is legal advice: ask your
supervisor or the board before you rely on a figure.** A rule is *verified* where its own text was read, on the date
given; everything else is *unverified*, with what is not known, and says so in the workbook too.

What follows from a rule is said in its row: minutes *do not count*, or *wait for the board* where the text does not say
what follows (the supervisor's note is then needed). `supervise hours evaluate` and the pages of hours both read these
files.
"""


def _among(names: Iterable[str]) -> str:
    return ", ".join(sorted(name.replace("_", " ") for name in names))


def _hours(minutes: int) -> str:
    return f"{minutes // 60:,} h" if minutes % 60 == 0 else f"{minutes} min"


def _degree(degree: str | None) -> str:
    return {None: "", "pre": ", before the degree", "post": ", after the degree"}[degree]


def _each(window: str | None) -> str:
    return f" in a {window}" if window else ""


def _size(rule: b.Size) -> str:
    return "; ".join(
        f"{kind} {fewest}" + ("" if fewest == most else " or more" if most == b.NO_LIMIT else f" to {most}")
        for kind, (fewest, most) in rule.sizes.items()
    )


def _owed(rule: b.Owed) -> str:
    kinds = f" ({_among(rule.kinds)})" if rule.kinds else ""
    weeks = f", in at least {rule.weeks} different weeks" if rule.weeks else ""
    above = f" once {_among(rule.client)} go over {_hours(rule.over_minutes)}" if rule.over_minutes else ""
    lost = "the whole window" if rule.void else "what is above it" if rule.over_minutes else "the window's hours"
    where = " in each setting" if rule.per_setting else ""
    units = f"{plain(rule.units)} unit{'' if rule.units == 1 else 's'}"
    return f"{units} of supervision{kinds} a {rule.window}{where}{weeks}{above}{_degree(rule.degree)}; else {lost}"


def _minimum(rule: b.Minimum) -> str:
    kinds = f" in meetings that are {_among(rule.kinds)}" if rule.kinds else ""
    credit = f"; {rule.hour_from} minutes of one contact are an hour" if rule.hour_from != 60 else ""
    return f"at least {_hours(rule.minutes)}{_degree(rule.degree)}{kinds}: {_among(rule.of)}{credit}"


def _distinct(rule: b.Distinct) -> str:
    what = f"counted work ({_among(rule.of)})" if rule.of else f"supervision ({_among(rule.kinds)})"
    return f"at least {rule.count} different {rule.window}s with {what}"


def _asks(rule: b.Rule) -> str:
    """What a person works towards, in figures; empty for limits."""
    match rule:
        case b.Minimum():
            return _minimum(rule)
        case b.Tally(of=of):
            return f"shown without a figure: {_among(of)}"
        case b.Distinct():
            return _distinct(rule)
        case b.Span(months=months):
            return f"first to last day at least {months} months apart"
        case b.Pace(kinds=kinds, minutes=minutes):
            return f"on average {minutes} minutes of supervision ({_among(kinds)}) for every week with counted work"
        case b.Portion(of=of, percent=percent):
            return f"at least {percent} percent: {_among(of)}"
        case b.Unit(minutes=worth):
            return "; ".join(f"{kind}: {minutes} minutes" for kind, minutes in worth.items())
    return ""


def _alone(rule: b.Rule) -> str:
    """What an entry must be by itself; empty for other rules."""
    match rule:
        case b.Accept(categories=categories):
            return _among(categories)
        case b.Pay(accepted=accepted) | b.Degree(accepted=accepted):
            return f"only {_among(accepted)}"
        case b.Mode(of=of, accepted=accepted):
            return f"{_among(of)} only {_among(accepted)}"
        case b.Size():
            return _size(rule)
        case b.Segment(kinds=kinds, minutes=minutes):
            return f"{_among(kinds)}: pieces of at least {minutes} minutes"
        case b.Alternate(kinds=kinds, minutes=minutes):
            return f"{_among(kinds)}: at most {minutes} minutes, then as much of another kind"
    return ""


def _limits(rule: b.Rule) -> str:
    match rule:
        case b.Maximum(of=of, degree=degree, minutes=minutes, window=window):
            return f"at most {_hours(minutes)}{_each(window)}{_degree(degree)}: {_among(of)}"
        case b.Rolling(days=days, minutes=minutes):
            return f"at most {_hours(minutes)} in any {days} consecutive days"
        case b.Age(years=years, except_minutes=spared):
            but = f", but for {_hours(spared)}" if spared else ""
            return f"at most {years} years old at the application{but}"
        case b.Owed():
            return _owed(rule)
        case b.Average(window=window, per_setting=per_setting, minutes_per_unit=minutes):
            where = " in each setting" if per_setting else ""
            return f"one unit of supervision for {_hours(minutes)} on average{_each(window)}{where}"
        case b.Share(kinds=kinds, percent=percent):
            return f"{_among(kinds)}: at most {percent} percent of supervision"
        case b.Within(months=months):
            return f"all within {months} months"
        case b.Floor(window=window, minutes=minutes):
            return f"at least {_hours(minutes)} in a {window}, else none of it"
        case b.Concurrent(window=window, most=most):
            return f"at most {most} supervisors in a {window}"
    raise TypeError(f"{type(rule).__name__} has no words")


def _row(rule: b.Rule) -> str:
    said = _asks(rule) or _alone(rule) or _limits(rule)
    follows = "" if not rule.because else "waits for the board" if rule.decides else "does not count"
    text = f", text of {rule.text_date}" if rule.text_date else ""
    state = "verified" if rule.verified else "**unverified**"
    note = f": {rule.note}" if rule.note else ""
    cells = f"`{rule.id}`", rule.title, said, follows, f"[{rule.citation}]({rule.url}){text}", state + note
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _board(board: b.Board) -> list[str]:
    until = f" to {board.effective_to}" if board.effective_to else ""
    read = sum(rule.verified for rule in board.rules)
    head = f"`{board.id}`, in effect from {board.effective_from}{until}, checked on {board.checked_on}."
    return [
        f"## {board.title}", "",
        f"{head} {read} of {len(board.rules)} rules verified.", "",
        f"Source: {board.source}. {board.note}", "",
        "| rule | title | figures | else | source | state |", "| --- | --- | --- | --- | --- | --- |",
        *(_row(rule) for rule in board.rules), "",
        "Left to people:", "", *(f"- {what}" for what in board.not_checked), "",
    ]  # fmt: skip


def boards_page(boards: Mapping[str, b.Board]) -> str:
    """The whole page in Markdown, boards in the order given."""
    table = ["| board | rules verified | checked on |", "| --- | ---: | --- |"]
    for board in boards.values():
        read = sum(rule.verified for rule in board.rules)
        table.append(f"| {board.title} (`{board.id}`) | {read} of {len(board.rules)} | {board.checked_on} |")
    lines = [_HEAD, *table, "", *(line for board in boards.values() for line in _board(board))]
    return "\n".join(lines).rstrip() + "\n"

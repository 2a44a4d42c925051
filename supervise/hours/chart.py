"""The geometry of the burn-up chart: pure, from days and minutes to the dict that ``ui/chart.html`` draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

YEARS_AHEAD = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement over time. ``months``: (month, recorded minutes, counted minutes) added in that month."""

    label: str
    needed: int
    months: Sequence[tuple[date, int, int]]
    reached_on: date | None


def _at(day: date) -> float:
    return day.year * 12 + day.month - 1 + (day.day - 1) / 31


def _word(day: date) -> str:
    return f"{day:%B %Y}"


def _hours(minutes: int) -> str:
    return f"{minutes // 60:,}"


def _cumulated(line: Line, today: date) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    recorded, counted, sum_recorded, sum_counted = [], [], 0, 0
    for month, added, valid in line.months:
        recorded.append((_at(month), sum_recorded / 60))
        counted.append((_at(month), sum_counted / 60))
        sum_recorded, sum_counted = sum_recorded + added, sum_counted + valid
    recorded.append((_at(today), sum_recorded / 60))
    counted.append((_at(today), sum_counted / 60))
    return recorded, counted


def _grid(goal: float) -> list[int]:
    step = next(s for s in (10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000) if goal / s <= 4)
    return list(range(0, int(goal), step))


def _panel(line: Line, today: date) -> dict[str, Any]:
    recorded, counted = _cumulated(line, today)
    goal = line.needed / 60
    ahead = line.reached_on
    near = ahead is not None and ahead > today and ahead.year - today.year <= YEARS_AHEAD
    total = sum(valid for _, _, valid in line.months)
    return {
        "label": line.label,
        "goal": int(goal),
        "grid": _grid(goal),
        "valid": counted,
        "recorded": recorded,
        "ahead": _at(ahead) if ahead and near else None,
        "ahead_label": _word(ahead) if ahead and near else "",
        "ahead_short": f"{ahead:%b %Y}" if ahead and near else "",
        "now_label": f"{_hours(total)} counted today",
        "now_short": f"{_hours(total)} today",
        "recorded_label": f"{_hours(sum(added for _, added, _ in line.months))} recorded",
    }


def _ticks(start: float, end: float) -> list[dict[str, Any]]:
    months = int(end - start) + 1
    every = next(n for n in (1, 2, 3, 6, 12, 24, 60) if months / n <= 7)
    ticks = []
    for at in range(int(start) + 1, int(end) + 1):
        if at % every:
            continue
        day = date(at // 12, at % 12 + 1, 1)
        january = day.month == 1
        ticks.append(
            {"at": at, "label": f"{day:%b %Y}" if january else f"{day:%b}", "short": str(day.year) if january else ""}
        )
    return ticks


def burn_up(title: str, lines: Sequence[Line], today: date) -> dict[str, Any]:
    """Return the chart of one or two requirements: what was recorded and counted, and where the pace leads."""
    first = min((line.months[0][0] for line in lines if line.months), default=today.replace(day=1))
    panels = [_panel(line, today) for line in lines]
    reached = [panel["ahead"] for panel in panels if panel["ahead"] is not None]
    start, end = _at(first.replace(day=1)), max([_at(today) + 1, *reached]) + 0.5
    said = [
        f"{panel['label']}: {panel['now_label']} of {panel['goal']:,}"
        + (f", reached in {panel['ahead_label']} at this pace" if panel["ahead_label"] else "")
        for panel in panels
    ]
    return {
        "id": "burn",
        "title": title,
        "desc": ". ".join(said) + ". The table below has every month.",
        "start": start,
        "end": end,
        "today": _at(today),
        "ticks": _ticks(start, end),
        "panels": panels,
    }

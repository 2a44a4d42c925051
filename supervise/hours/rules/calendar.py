"""Calendar windows that boards count in. Weeks run from Monday to Sunday, whatever year they touch."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WINDOWS = ("week", "month", "year")
FORTNIGHT = "fortnight"


def window_start(day: date, window: str) -> date:
    """First day of the week, month or year that holds `day`; fortnights are told by their weeks."""
    if window in ("week", FORTNIGHT):
        return day - timedelta(days=day.weekday())
    if window == "month":
        return day.replace(day=1)
    if window == "year":
        return day.replace(month=1, day=1)
    raise ValueError(f"no such window: {window}")


def window_label(start: date, window: str) -> str:
    """How a window is written in an explanation: "week of 2025-12-29", "2025-12", "2025"."""
    named = f"week of {start}"
    return {
        "week": named,
        FORTNIGHT: f"{named} and the one beside it",
        "month": f"{start:%Y-%m}",
        "year": f"{start:%Y}",
    }[window]


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def whole_months(first: date, last: date) -> int:
    """Completed months from `first` to `last`, never below 0."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return max(0, months - (add_months(first, months) > last))


def minutes_in(day: date, zone: str) -> int:
    """How many minutes a day has in an IANA zone: 1,440, or an hour less or more where the clocks change."""
    place = ZoneInfo(zone)
    first, last = (datetime.combine(d, time(), place).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    return int((last - first).total_seconds()) // 60

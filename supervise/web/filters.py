"""How times and minutes are written: always in the reader's zone, always exact."""

from datetime import date, datetime

from flask import Flask

from supervise.core.clock import local, now
from supervise.core.sanitize import paragraphs, render
from supervise.web.current import current


def minutes(value: int) -> str:
    """Return minutes as hours and minutes: 75 → ``1:15``."""
    sign, value = ("−", -value) if value < 0 else ("", value)
    return f"{sign}{value // 60}:{value % 60:02d}"


def day(value: date | datetime) -> str:
    """Return ``Mon 5 Jan 2026``; an instant is put into the reader's zone first."""
    if isinstance(value, datetime):
        value = local(value, current().zone).date()
    return f"{value:%a} {value.day} {value:%b %Y}"


def clock(value: datetime) -> str:
    """Return the time of day in the reader's zone: ``22:41``."""
    return f"{local(value, current().zone):%H:%M}"


def when(value: datetime) -> str:
    """Return day and time in the reader's zone; today only the time."""
    there = local(value, current().zone)
    if there.date() == local(now(), current().zone).date():
        return f"today {there:%H:%M}"
    return f"{day(value)}, {there:%H:%M}"


def register(app: Flask) -> None:
    """Make the filters known to templates: hm, local_date, local_time, local_when, render, paragraphs."""
    app.jinja_env.filters.update(
        hm=minutes, local_date=day, local_time=clock, local_when=when, render=render, paragraphs=paragraphs
    )
    app.jinja_env.globals.update(current=LocalCurrent(), now=now)


class LocalCurrent:
    """``current`` in templates: attribute access to the request's context."""

    def __getattr__(self, name: str) -> object:
        return getattr(current(), name)

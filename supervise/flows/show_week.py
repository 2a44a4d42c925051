"""What the week's page shows: the days of one place, what is owed, and what the same weekday held last week."""

from dataclasses import dataclass
from datetime import date, timedelta

from supervise.accounts.models import Setting
from supervise.accounts.queries import settings_of
from supervise.core.db import db
from supervise.flows.show_progress import owed_in_week
from supervise.hours.queries import DayView, boards, monday_of, week
from supervise.hours.rules import Owed


@dataclass(frozen=True, slots=True)
class WeekPage:
    """A week of one person in one place. ``before`` is the same weekday a week earlier."""

    settings: list[Setting]
    setting: Setting
    board_title: str
    monday: date
    day: DayView
    before: DayView
    days: list[DayView]
    owed: list[Owed]

    def total(self, name: str) -> int:
        """Return the week's minutes of ``with_clients``, ``other``, ``supervision``, ``total`` or of a category."""
        return sum(getattr(d, name, d.minutes.get(name, 0)) for d in self.days)


def show_week(person_id: str, day: date, setting_id: str = "") -> WeekPage | None:
    """Return the week in which ``day`` lies; None when the person has no place of work yet."""
    session = db.session()
    settings = settings_of(session, person_id)
    if not settings:
        return None
    setting = next((s for s in settings if s.id == setting_id), settings[0])
    monday = monday_of(day)
    days = week(session, person_id, setting.id, monday)
    earlier = week(session, person_id, setting.id, monday - timedelta(days=7))
    board = boards().get(setting.board)
    return WeekPage(
        settings=settings,
        setting=setting,
        board_title=board.title if board else setting.board,
        monday=monday,
        day=days[day.weekday()],
        before=earlier[day.weekday()],
        days=days,
        owed=owed_in_week(session, person_id, setting, monday),
    )

"""The last year of a licensee's hours by week: what counted, and how much supervision stood beside client work."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from supervise.flows.show_progress import Progress
from supervise.hours.queries import WITH_CLIENTS, monday_of
from supervise.hours.rules.board import Alternate, Average, Owed, Share

WEEKS = 52
LEVELS = (1, 10 * 60, 20 * 60, 30 * 60)
_ABOUT_SUPERVISION = (Alternate, Average, Owed, Share)


@dataclass(frozen=True, slots=True)
class Week:
    """One week, in minutes. ``lost``: recorded and not counted for want of supervision."""

    monday: date
    recorded: int
    counted: int
    clients: int
    supervision: int
    lost: int

    @property
    def level(self) -> int:
        """How dark the week is drawn, from 0 (nothing counted) to 4 (30 hours or more)."""
        return sum(self.counted >= least for least in LEVELS)

    @property
    def per_hour(self) -> int | None:
        """Minutes of supervision for each ten hours with clients, rounded down; None in a week without clients."""
        return self.supervision * 600 // self.clients if self.clients else None


def weeks_of(progress: Progress) -> list[Week]:
    """Return the 52 weeks that end with the one of the evaluation, weeks without work included."""
    days = {entry.id: entry for entry in progress.entries}
    about = {rule.id for rule in progress.board.rules if isinstance(rule, _ABOUT_SUPERVISION)}
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for answer in progress.evaluation.entries:
        entry = days[answer.entry_id]
        week = sums[monday_of(entry.day)]
        week[0] += answer.recorded
        week[1] += answer.counted
        week[2] += answer.recorded if entry.category in WITH_CLIENTS else 0
        week[3] += answer.recorded if entry.is_supervision else 0
        week[4] += sum(reason.minutes for reason in answer.reasons if reason.rule in about)
    last = monday_of(progress.as_of)
    mondays = [last - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    return [Week(monday, *sums[monday]) for monday in mondays]

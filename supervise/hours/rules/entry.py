"""One row of the ledger as the rules see it."""

from dataclasses import dataclass
from datetime import date, time

CATEGORIES = (
    "individual",
    "couple_family",
    "child",
    "group",
    "crisis",
    "assessment",
    "documentation",
    "advocacy",
    "training",
    "other",
    "supervision",
)
MODES = ("in_person", "live_video", "phone", "async")
DEGREES = ("pre", "post")
PAYS = ("w2", "volunteer", "1099", "self_employed")
KINDS = ("individual", "triadic", "group")
MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Minutes of one category on one local day, net of reversals.

    `start` is local wall time and only orders entries of a day. `attendees` counts the supervisees present at a
    supervision meeting; `segment_minutes` are its uninterrupted pieces (empty: the meeting was one piece). `setting`
    and `supervisor` are keys: hours are grouped by them. Raises ValueError for values that no ledger row can have.
    """

    id: str
    day: date
    minutes: int
    category: str
    setting: str
    degree: str
    pay: str
    start: time | None = None
    supervisor: str = ""
    mode: str = "in_person"
    attendees: int | None = None
    segment_minutes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name, value, known in (
            ("category", self.category, CATEGORIES),
            ("mode", self.mode, MODES),
            ("degree", self.degree, DEGREES),
            ("pay", self.pay, PAYS),
        ):
            if value not in known:
                raise ValueError(f"entry {self.id}: {name} {value!r} is not one of {', '.join(known)}")
        if not 1 <= self.minutes <= MINUTES_A_DAY:
            raise ValueError(f"entry {self.id}: minutes must be from 1 to {MINUTES_A_DAY}, not {self.minutes}")
        if self.attendees is not None and self.attendees < 1:
            raise ValueError(f"entry {self.id}: attendees must be 1 or more, not {self.attendees}")
        if self.segment_minutes and (min(self.segment_minutes) < 1 or sum(self.segment_minutes) != self.minutes):
            raise ValueError(f"entry {self.id}: the segments must be positive and add up to {self.minutes} minutes")

    @property
    def segments(self) -> tuple[int, ...]:
        """The uninterrupted pieces, at least one."""
        return self.segment_minutes or (self.minutes,)

    @property
    def is_supervision(self) -> bool:
        """Whether this is contact with a supervisor."""
        return self.category == "supervision"

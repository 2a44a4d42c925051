"""A board's rule set in memory: one class per primitive of the rule language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule carries. `because` is the sentence shown beside minutes that it does not let count.

    `verified` is True only where the rule's own text was read (`text_date`: of when); `note` tells what is not known.
    `decides` is True where the text does not say what follows: the minutes then wait for the board.
    """

    id: str
    title: str
    citation: str
    url: str
    text_date: date | None
    verified: bool
    note: str
    because: str
    decides: bool = False


R = TypeVar("R", bound=Rule)
NO_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Rule):
    """Only these categories are experience for this board."""

    categories: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Rule):
    """Only these pay statuses are accepted."""

    accepted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Degree(Rule):
    """Only hours of these times count: before the degree, after it."""

    accepted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode(Rule):
    """Work of these categories counts only in these modes."""

    of: frozenset[str]
    accepted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size(Rule):
    """Kind of meeting by how many supervisees came: kind -> (fewest, most). `NO_LIMIT` where no most is stated."""

    sizes: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit(Rule):
    """Minutes of each kind of meeting that make one unit of supervision."""

    minutes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Rule):
    """Meetings of these kinds count only in uninterrupted pieces of at least `minutes`."""

    kinds: frozenset[str]
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate(Rule):
    """Meetings of `kinds` count only in turn with other meetings: at most `minutes`, then as much of another kind."""

    kinds: frozenset[str]
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum(Rule):
    """At least `minutes` of these categories, before or after the degree where `degree` says so.

    `kinds`: only meetings of these kinds (empty: whatever it is). With `hour_from` 45 and `parts` 15, contacts are
    credited in hours as some boards do: 45 to 59 minutes are an hour, what is shorter counts in whole parts.
    """

    of: frozenset[str]
    degree: str | None
    minutes: int
    kinds: frozenset[str] = frozenset()
    hour_from: int = 60
    parts: int = 1

    def credit(self, minutes: int) -> int:
        """What `minutes` of one contact are worth here, in minutes."""
        hours, rest = divmod(minutes, 60)
        return hours * 60 + (60 if rest >= self.hour_from else rest // self.parts * self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum(Rule):
    """At most `minutes` of these categories: over all time, or in every calendar `window`."""

    of: frozenset[str]
    degree: str | None
    minutes: int
    window: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally(Rule):
    """Minutes shown on their own: no minimum is stated and they are not part of another total."""

    of: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling(Rule):
    """At most `minutes` of these categories in any `days` consecutive days."""

    of: frozenset[str]
    days: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Age(Rule):
    """Nothing older than `years` at the application, except `except_minutes` of some categories before the degree."""

    years: int
    except_of: frozenset[str]
    except_degree: str | None
    except_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct(Rule):
    """At least `count` different weeks or months, each with counted work of these categories or with supervision.

    Where `of` is empty, a window needs `units` of supervision of these kinds (`per_setting`: in one setting).
    """

    window: str
    count: int
    of: frozenset[str]
    kinds: frozenset[str]
    units: int
    per_setting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(Rule):
    """The counted minutes of these categories stretch over at least `months` from first day to last."""

    of: frozenset[str]
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace(Rule):
    """On average `minutes` of these kinds of meeting for every week in which some of `work` counts."""

    of: frozenset[str]
    kinds: frozenset[str]
    minutes: int
    work: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion(Rule):
    """At least `percent` of the counted minutes of `among` are of these categories."""

    of: frozenset[str]
    among: frozenset[str]
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(Rule):
    """Everything lies within `months`; where it does not, the months that hold most of it are taken."""

    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor(Rule):
    """A calendar window counts only with at least `minutes` of these categories."""

    of: frozenset[str]
    window: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrent(Rule):
    """At most `most` supervisors in a calendar window; those with the most minutes in it are taken."""

    window: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed(Rule):
    """`units` of supervision owed in a window (per setting, or over all) once work goes over `over_minutes`.

    `client` are the categories whose minutes are compared with `over_minutes`. With `over_minutes` 0, `when` says what
    starts the duty: any experience, or client work. Only meetings of `kinds` are counted (empty: all), and they lie in
    at least `weeks` different weeks. A fortnight is any two calendar weeks in a row that hold the day. `void`: a
    shortfall voids the whole window; otherwise only client minutes above `over_minutes` are lost. `exempt` categories
    need no supervision.
    """

    window: str
    per_setting: bool
    degree: str | None
    client: frozenset[str]
    over_minutes: int
    units: Fraction
    kinds: frozenset[str]
    weeks: int
    when: str
    void: bool
    exempt: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Average(Rule):
    """On average one unit of supervision per `minutes_per_unit` of client work.

    The average is taken over the whole time or over every calendar `window`, in each setting or over all.
    """

    window: str | None
    per_setting: bool
    degree: str | None
    client: frozenset[str]
    minutes_per_unit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Rule):
    """Meetings of `kinds` are at most `percent` of all supervision."""

    kinds: frozenset[str]
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One jurisdiction's rules for one credential, as of the dates it carries.

    `groups` name sets of categories; `first` is the order in which minutes are admitted where a cap binds (the group
    that is hardest to earn first), and within a group hours of `first_degree` come before others. `verified` is True
    only if every rule is. `not_checked` lists what the rule set leaves to people. `ink` cites where the board asks for
    a signature in ink, with whether that was read; else empty. `requirements` are the rules that a person works towards
    or is limited by over all time, in the order of the file.
    """

    id: str
    title: str
    jurisdiction: str
    credential: str
    effective_from: date
    effective_to: date | None
    source: str
    checked_on: date
    verified: bool
    note: str
    not_checked: tuple[str, ...]
    groups: Mapping[str, frozenset[str]]
    first: tuple[frozenset[str], ...]
    rules: tuple[Rule, ...]
    ink: str = ""
    first_degree: str | None = None
    requirements: tuple[Rule, ...] = field(init=False, compare=False, repr=False)
    _by_kind: Mapping[type[Rule], tuple[Rule, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        kinds = {type(rule) for rule in self.rules}
        by_kind = {kind: tuple(rule for rule in self.rules if type(rule) is kind) for kind in kinds}
        # every entry of a ledger asks for these, so they are sorted out once
        object.__setattr__(self, "_by_kind", by_kind)
        wanted = (Minimum, Tally, Distinct, Span, Pace, Portion)
        asked = (r for r in self.rules if isinstance(r, wanted) or (isinstance(r, Maximum) and r.window is None))
        object.__setattr__(self, "requirements", tuple(asked))

    def only(self, kind: type[R]) -> tuple[R, ...]:
        """The rules of one primitive, in the order of the file."""
        return self._by_kind.get(kind, ())  # type: ignore[return-value]

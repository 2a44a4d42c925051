"""What an evaluation says."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some minutes of an entry do not count. `board_decides`: they wait for the board and are not refused."""

    rule: str
    minutes: int
    text: str
    citation: str
    url: str
    verified: bool
    board_decides: bool = False


@dataclass(frozen=True, slots=True)
class EntryResult:
    """One entry's answer: `counts`, `partly`, `refused` or `board_decides`.

    `recorded` = `counted` + the minutes of all reasons. `toward` names the requirements that the counted minutes enter.
    """

    entry_id: str
    recorded: int
    counted: int
    answer: str
    reasons: tuple[Reason, ...]
    toward: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """One requirement. `unit`: minutes, weeks, months.

    `kind`: minimum (reach `needed`), pace (the same, but `needed` grows with the work), maximum (stay within), tally.

    `recorded` is what was entered, `valid` what the rules let count. `qualified` holds the first days of the windows
    that count, where different weeks or months are counted; for a span, its first and last counted day.
    """

    id: str
    title: str
    unit: str
    recorded: int
    valid: int
    needed: int
    verified: bool
    citation: str
    url: str
    note: str
    kind: str
    qualified: tuple[date, ...] = ()
    is_span: bool = False

    @property
    def met(self) -> bool:
        """Whether a minimum is reached. Maxima and tallies are never in the way."""
        return self.kind not in ("minimum", "pace") or self.valid >= self.needed

    @property
    def missing(self) -> int:
        """What a minimum still lacks, in its unit."""
        return 0 if self.met else self.needed - self.valid


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All answers for one board on one day, entries in the order in which they happened."""

    board: str
    as_of: date
    requirements: tuple[RequirementResult, ...]
    entries: tuple[EntryResult, ...]

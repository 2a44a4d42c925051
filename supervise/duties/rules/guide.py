"""What a page says of the law: words that bind only where two people of the organisation verified the row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from supervise.duties.rules.clocks import deadline
from supervise.duties.rules.rows import RECIPIENTS, Book, Period, Row

NEEDED = 2
"""How many people of an organisation verify a row: the owner's brief asks for two."""

ASK = "Nobody here has verified this row. Ask your supervisor, insurer or board."
UNKNOWN = "No row is recorded for this place. Nothing is guessed: follow the general steps, and ask."
BROKEN = "The row for this place could not be read, so nothing of it is shown. Follow the general steps, and ask."

LAW = {
    "mandatory": "Whoever it covers must act once its trigger is met.",
    "permissive": "Whoever it covers may disclose to those it names; it sets no duty to.",
    "case_law": "Courts here have held that a duty exists; no statute sets it out in full. Ask before you rely on it.",
    "none_found": "No general duty is found: by this law you need not disclose. Your code of ethics still applies.",
    "not_recorded": "Only a number is recorded.",
}

ADVISERS = {
    "emergency": "911, emergency services",
    "adviser_supervisor": "my supervisor",
    "adviser_insurer": "my insurer's advice line",
    "adviser_board": "my board, asking for advice",
    "adviser_lawyer": "a lawyer",
    "hotline": "the report line or agency shown here",
}
ADVISED = "advised"
WORDS: Mapping[str, str] = {
    **RECIPIENTS,
    **ADVISERS,
    ADVISED: "someone else, as I was advised (say by whom)",
}
"""Everyone who can stand in a record."""

FIRST, WRITTEN = "first", "written"
WHICH = {FIRST: "First report", WRITTEN: "Written report"}
OUTCOMES = {
    "act": "I acted: reported, warned, or protected in another way",
    "no_duty": "After advice I find that no duty arises here",
    "watch": "I disclose nothing now, go on assessing, and look again",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction that applies, and why. An empty ``code``: where the client is was not known."""

    code: str
    name: str
    why: tuple[str, ...]
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Someone of the organisation who read the law and found that a row says the same."""

    name: str
    at: datetime
    read: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One jurisdiction as the page shows it. Only where ``verified`` are stance, trigger, recipients and times said."""

    place: Place
    row: Row | None
    confirmed: tuple[Confirmed, ...] = ()
    says: str = ""

    @property
    def verified(self) -> bool:
        return self.row is not None and len(self.confirmed) >= NEEDED


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline from a verified row. ``key``: the row; ``digest``: what it said then; ``why``: see clocks.Deadline."""

    key: str
    digest: str
    which: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """Whom a record can name now. ``left_out``: recipients of one place that another verified row does not name."""

    words: Mapping[str, str]
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())


def show(book: Book, duty: str, place: Place, confirmed: Sequence[Confirmed]) -> Shown:
    """Return how one jurisdiction is shown; nothing is guessed where no row can be read."""
    row = book.row(duty, place.code)
    if row is None:
        broken = any(p.duty in (duty, "") and p.jurisdiction in (place.code, "") for p in book.problems)
        return Shown(place, None, (), BROKEN if broken and place.code else UNKNOWN)
    shown = Shown(place, row, tuple(confirmed))
    return Shown(place, row, shown.confirmed, LAW[row.stance] if shown.verified else ASK)


def clocks(started: datetime, shown: Iterable[Shown]) -> list[Clock]:
    """Return the deadlines of all verified rows, what ends first at the top."""
    found = []
    for one in shown:
        if not one.verified or one.row is None:
            continue
        for which, period in ((FIRST, one.row.first), (WRITTEN, one.row.written)):
            if isinstance(period, Period):
                ends = deadline(started, period, one.place.zones or ("UTC",))
                found.append(Clock(one.row.key, one.row.digest, which, ends.at, ends.why))
    return sorted(found, key=lambda clock: clock.at)


def keep(before: Iterable[Clock], now: Iterable[Clock]) -> list[Clock]:
    """Return the clocks of a record: a clock once shown stays, and where a row changed the earlier deadline counts."""
    kept = {(clock.key, clock.which): clock for clock in before}
    for clock in now:
        old = kept.get((clock.key, clock.which))
        if old is None or clock.at <= old.at:
            kept[clock.key, clock.which] = clock
    return sorted(kept.values(), key=lambda clock: clock.at)


def offered(shown: Sequence[Shown]) -> Offered:
    """Return whom the page offers: advisers, and outside them only those whom every verified row permits.

    Where a row is not verified or missing, nobody is named by it; what was done on advice can still be recorded.
    """
    laws = [one for one in shown if one.verified and one.row and one.row.recipients]
    named = list(dict.fromkeys(who for one in laws if one.row for who in one.row.recipients))
    lacking = {who: tuple(one.place.name for one in laws if one.row and who not in one.row.recipients) for who in named}
    words = dict(ADVISERS)
    if not any(one.row and one.row.hotline for one in shown):
        del words["hotline"]
    words |= {who: RECIPIENTS[who] for who in named if not lacking[who]}
    if any(not one.verified for one in shown):
        words[ADVISED] = WORDS[ADVISED]
    return Offered(words, tuple((RECIPIENTS[who], places) for who, places in lacking.items() if places))


def reasons_asked(shown: Iterable[Shown]) -> list[str]:
    """Return the places whose verified law asks for the reasons against the options that were not taken."""
    return [one.place.name for one in shown if one.verified and one.row and one.row.reasons_asked]


def met(clock: Clock, told: Iterable[str]) -> bool:
    """Tell whether a clock has been met; ``told``: which reports were recorded, of ``WHICH``."""
    return clock.which in set(told)

"""What a board makes of one supervision meeting: its kind, whether it counts, how many units it is worth."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import islice

from supervise.hours.rules.board import Alternate, Board, Mode, Rule, Segment, Size, Unit
from supervise.hours.rules.entry import MODES, Entry


def meeting_kind(board: Board, attendees: int) -> str | None:
    """Individual, triadic or group by how many supervisees came; None where the board has no place for so many."""
    for kind, (fewest, most) in board.only(Size)[0].sizes.items():
        if fewest <= attendees <= most:
            return kind
    return None


def refusals(board: Board, entry: Entry) -> list[tuple[Rule, int]]:
    """The rules of meeting validity that refuse a supervision entry, each with the minutes it takes away."""
    kind = None if entry.attendees is None else meeting_kind(board, entry.attendees)
    if kind is None:
        return [(board.only(Size)[0], entry.minutes)]
    short = ((s, sum(m for m in entry.segments if m < s.minutes)) for s in board.only(Segment) if kind in s.kinds)
    return [(rule, minutes) for rule, minutes in short if minutes]


def alternation(board: Board, ordered: Iterable[tuple[Entry, int]]) -> dict[str, tuple[Rule, int]]:
    """Minutes by id of meetings that were not in turn with another kind, given in the order in which they were held."""
    found: dict[str, tuple[Rule, int]] = {}
    for rule in board.only(Alternate):
        room = rule.minutes
        for entry, minutes in ordered:
            if kind_of(board, entry) not in rule.kinds:
                room = min(rule.minutes, room + minutes) if entry.is_supervision else room
                continue
            if minutes > room:
                found[entry.id] = rule, minutes - room
            room -= min(room, minutes)
    return found


def kind_of(board: Board, entry: Entry) -> str | None:
    """The kind of a supervision entry; None for other work and for meetings without a kind."""
    if not entry.is_supervision or entry.attendees is None:
        return None
    return meeting_kind(board, entry.attendees)


def units(board: Board, meetings: Iterable[tuple[Entry, int]]) -> Fraction:
    """Units of supervision in meetings, given with their valid minutes. Exact: two hours of group may be one unit."""
    worth = board.only(Unit)[0].minutes
    total = Fraction(0)
    for entry, minutes in meetings:
        kind = kind_of(board, entry)
        if kind is not None:
            total += Fraction(minutes, worth[kind])
    return total


def meeting_warnings(board: Board, attendees: int, minutes: int, mode: str, segments: Sequence[int] = ()) -> list[str]:
    """What to tell a supervisor before a meeting is saved: one sentence for each way in which its time would be lost.

    `segments` are the uninterrupted pieces of the meeting (empty: one piece). Raises ValueError for an unknown mode.
    """
    if mode not in MODES:
        raise ValueError(f"mode {mode!r} is not one of {', '.join(MODES)}")
    said: list[str] = []
    kind = meeting_kind(board, attendees)
    if kind is None:
        most = max(most for _, most in board.only(Size)[0].sizes.values())
        said.append(
            f"{board.title}: no supervisee is recorded, so the meeting counts for nobody."
            if attendees < 1
            else f"{board.title}: {attendees} supervisees came and at most {most} are allowed, so it counts for nobody."
        )
    refused = (rule for rule in board.only(Mode) if "supervision" in rule.of and mode not in rule.accepted)
    said += [f"{board.title}: {rule.because}" for rule in islice(refused, 1)]
    for rule in board.only(Segment):
        lost = sum(piece for piece in (segments or (minutes,)) if piece < rule.minutes)
        if kind in rule.kinds and lost:
            said.append(f"{board.title}: {rule.because} ({lost} minutes would not count.)")
    return said

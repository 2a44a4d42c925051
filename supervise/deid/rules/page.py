"""What the confirm page shows: findings to decide, original beside result, and the final reading."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from supervise.deid.engine.choices import KEEP_REASONS, RELATIONS, Choice, allowed_reasons, check
from supervise.deid.engine.errors import ChoiceRefused
from supervise.deid.engine.findings import Group
from supervise.deid.engine.plan import action_on, stand_in_of
from supervise.deid.engine.quasi import checklist
from supervise.deid.engine.standins import NOTHING
from supervise.deid.engine.survivors import Survivor, survivors
from supervise.deid.rules.work import BETWEEN, Piece, Work

_AROUND = 48
OPEN = "[to decide]"
_KINDS = {
    "NAME": ("People", ("[Person]", *(f"[{relation}]" for relation in RELATIONS))),
    "ORG": (
        "Organisations",
        ("[Clinic]", "[Hospital]", "[School]", "[University]", "[Place of worship]", "[Shelter]", "[Agency]",
         "[Employer]", "[Organisation]"),
    ),
    "LOCATION": ("Places", ("[Town]", "[Neighborhood]", "[County]", "[address]", "[Place]")),
    "DATE": (
        "Dates",
        ("[date]", "[before treatment]", "[early in treatment]", "[later in treatment]", "[holiday]", "[time of year]"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a paragraph. ``kind``: text, break, finding, standin, open, capital, number."""

    kind: str
    text: str
    label: str = ""
    doubt: bool = False
    key: str = ""


@dataclass(slots=True)
class Row:
    """One paragraph: as written, as it becomes, as it is read for the last time. ``heading``: a field begins here."""

    heading: str
    original: list[Part] = field(default_factory=list)
    result: list[Part] = field(default_factory=list)
    final: list[Part] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Item:
    """One finding with what can be done about it. ``chosen`` is the value of the option that holds now, if any."""

    key: str
    label: str
    forms: tuple[str, ...]
    count: int
    why: str
    before: str
    after: str
    paragraph: int
    chosen: str
    stand_in: str
    stand_ins: tuple[tuple[str, tuple[str, ...]], ...]
    suggestion: str | None
    wording: str
    reasons: tuple[tuple[str, str], ...]

    @property
    def is_kept(self) -> bool:
        return self.chosen.startswith("keep:")


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows of the work; it quotes the original and is for its author alone."""

    rows: list[Row]
    asked: list[Item]
    found: list[Item]
    undecided: int
    places: int
    labels: list[str]
    stays: list[tuple[str, str, list[str]]]
    checklist: Sequence[str]
    can_undo: bool
    hash: str


def confirm_page(work: Work, original: str) -> Page:
    """Return the page for a work and the text of its original, which the author's route has revealed."""
    result = work.pieces()
    final = BETWEEN.join("".join(piece.text for piece in pieces) for pieces in result.values())
    stays = _stays(work, final)
    rows = list(_rows(work, original, result, stays))
    numbers = _paragraph_numbers(work, original)
    asked = [_item(work, original, group, numbers) for group in work.asked]
    asked_keys = {group.key for group in work.asked}
    found = [_item(work, original, group, numbers) for group in work.proposal.groups if group.key not in asked_keys]
    return Page(
        rows=rows,
        asked=asked,
        found=found,
        undecided=len(work.undecided),
        places=sum(item.count for item in found),
        labels=list(dict.fromkeys(group.label for group in work.proposal.groups)),
        stays=_table(final, stays),
        checklist=checklist(),
        can_undo=bool(work.history),
        hash=work.hash(),
    )


def value_of(choice: Choice | None, group: Group) -> str:
    """Return the form value of a choice: remove, suggest, own, keep:<reason>, or nothing."""
    if choice is None:
        return ""
    if choice.action == "keep":
        return f"keep:{choice.reason}"
    if choice.action == "generalise":
        return "suggest" if choice.wording == group.suggestion else "own"
    return "remove"


def _item(work: Work, text: str, group: Group, numbers: Mapping[int, int]) -> Item:
    choice = work.choices.get(group.key)
    start, end = group.places[0]
    first, last = next((a, b) for _, a, b in work.edges if a <= start < b)
    before, after = text[max(first, start - _AROUND) : start], text[end : min(last, end + _AROUND)]
    stand_in = (choice.stand_in if choice else None) or group.stand_in
    wording = (choice.wording if choice else None) or ""
    return Item(
        key=group.key,
        label=group.label,
        forms=group.forms,
        count=len(group.places),
        why=group.why,
        before=_from_word(before, start - _AROUND > first),
        after=_to_word(after, end + _AROUND < last),
        paragraph=numbers[start],
        chosen=value_of(choice, group),
        stand_in=stand_in,
        stand_ins=stand_ins_of(group, stand_in, work),
        suggestion=group.suggestion,
        wording=wording,
        reasons=tuple(
            (reason, KEEP_REASONS[reason]) for reason in allowed_reasons(group.label) if _holds(group, reason)
        ),
    )


def stand_ins_of(group: Group, chosen: str, work: Work) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return headed lists of stand-ins, the proposed one first: a person taken for a town is mended by picking.

    Those that stand for others of the text are in it, for two names of one person; so is the next number of each, for
    two people of one relation.
    """
    if group.label not in _KINDS:
        return ()
    heading, own = _KINDS[group.label]
    others = [kind for label, kind in _KINDS.items() if label != group.label]
    known = {one for _, ones in others for one in ones}
    used = {
        stand_in_of(other, work.choices)
        for other in work.proposal.groups
        if other.key != group.key and other.label == group.label and action_on(other, work.choices) == "remove"
    } - {NOTHING}
    first = [group.stand_in, chosen, *sorted(used), *own]
    numbered = [_next(one, used) if one in used else one for one in own]
    offered = dict.fromkeys(one for one in (*first, *numbered) if one not in known)
    return ((heading, tuple(offered)), *others)


def _next(stand_in: str, used: Collection[str]) -> str:
    """Return a stand-in with the first number that nobody has yet."""
    return next(one for number in count(2) if (one := f"{stand_in[:-1]} {number}]") not in used)


def _holds(group: Group, reason: str) -> bool:
    """Tell whether the reason can be true of this finding; one that cannot is not offered."""
    try:
        check(group, Choice("keep", reason=reason), frozenset())
    except ChoiceRefused:
        return False
    return True


def _from_word(words: str, cut: bool) -> str:
    """Return the end of a line of context, from a whole word and from the last paragraph on."""
    line = words.rpartition("\n")[2]
    return "… " + line.partition(" ")[2] if cut and line == words else line


def _to_word(words: str, cut: bool) -> str:
    line = words.partition("\n")[0]
    return line.rpartition(" ")[0] + " …" if cut and line == words else line


def _paragraph_numbers(work: Work, text: str) -> dict[int, int]:
    """Return for the first place of each finding the number of its paragraph on the page, from 1."""
    starts = [group.places[0][0] for group in work.proposal.groups]
    return {start: 1 + text.count(BETWEEN, 0, start) for start in starts}


def _rows(work: Work, text: str, result: Mapping[str, list[Piece]], stays: list[Survivor]) -> Iterator[Row]:
    open_keys = set(work.undecided)
    said = {key for key, choice in work.choices.items() if choice.action == "generalise"}
    at = 0  # where the field begins in the final text
    for name, first, last in work.edges:
        pieces = _placed(result[name], at)
        at += sum(len(piece.text) for piece, _ in pieces) + len(BETWEEN)
        heading = name
        for start, end in _blocks(text, first, last, [p for p, _ in pieces]):
            row = Row(heading)
            row.original = list(_original(work, text, start, end))
            for piece, where in pieces:
                if piece.start < end and piece.end > start:
                    part, here = _clip(piece, where, start, end)
                    row.result += _shown(part, here, [], open_keys)
                    row.final += _shown(part, here, stays, set(), said)
            yield row
            heading = ""


def _placed(pieces: list[Piece], at: int) -> list[tuple[Piece, int]]:
    """Return the pieces of a field with where each begins in the final text."""
    out = []
    for piece in pieces:
        out.append((piece, at))
        at += len(piece.text)
    return out


def _blocks(text: str, first: int, last: int, pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs of a field; a break inside something that is taken out does not count."""
    inside = [(piece.start, piece.end) for piece in pieces if piece.key is not None]
    start = at = first
    while (at := text.find(BETWEEN, at, last)) >= 0:
        end = at + len(BETWEEN)
        if not any(a < end and at < b for a, b in inside):
            if at > start:
                yield start, at
            start = end
        at = end
    if start < last:
        yield start, last


def _clip(piece: Piece, where: int, start: int, end: int) -> tuple[Piece, int]:
    if piece.key is not None:
        return piece, where
    a, b = max(piece.start, start), min(piece.end, end)
    return Piece(piece.text[a - piece.start : b - piece.start], None, None, a, b), where + a - piece.start


def _shown(
    piece: Piece, where: int, stays: list[Survivor], open_keys: set[str], said: Collection[str] = ()
) -> Iterator[Part]:
    """Yield the parts of a piece; ``said`` are findings that were put into other words, which are words like any."""
    if piece.key is not None and piece.key not in said:
        glue = piece.text[len(piece.text.rstrip()) :]
        shown = (
            Part("open", OPEN) if piece.key in open_keys else Part("standin", piece.text.rstrip(), piece.label or "")
        )
        yield Part(shown.kind, shown.text, shown.label, key=piece.key)
        if glue:
            yield Part("text", glue)
        return
    at = 0
    for mark in stays:
        start, end = mark.start - where, mark.end - where
        if at <= start and end <= len(piece.text):
            yield from _lines(piece.text[at:start])
            yield Part(mark.kind, piece.text[start:end])
            at = end
    yield from _lines(piece.text[at:])


def _lines(text: str) -> Iterator[Part]:
    for number, line in enumerate(text.split("\n")):
        if number:
            yield Part("break", "")
        if line:
            yield Part("text", line)


def _original(work: Work, text: str, start: int, end: int) -> Iterator[Part]:
    places = sorted(
        ((a, b, group) for group in work.proposal.groups for a, b in group.places if a < end and b > start),
        key=lambda place: (place[0], -place[1]),
    )
    at = start
    for a, b, group in places:
        choice = work.choices.get(group.key)
        if a < at or (choice is not None and choice.action == "keep"):
            continue
        yield from _lines(text[at:a])
        doubt = group.key in work.undecided
        yield Part("finding", " ".join(text[a : min(b, end)].split("\n")), group.label, doubt, group.key)
        at = min(b, end)
    yield from _lines(text[at:end])


def _stays(work: Work, final: str) -> list[Survivor]:
    """Return the capitals and numbers that stay, with the author's own reason where the author kept them."""
    own: dict[str, str] = {}
    for group in work.proposal.groups:
        choice = work.choices.get(group.key)
        if choice is not None and choice.action == "keep":
            reason = KEEP_REASONS[str(choice.reason)]
            own |= dict.fromkeys(
                (part.casefold() for form in group.forms for part in (form, *form.split())),
                f"you: {reason[0].lower()}{reason[1:]}",
            )
    found = survivors(final)
    return [Survivor(s.start, s.end, s.kind, own.get(final[s.start : s.end].casefold(), s.why)) for s in found]


def _table(final: str, stays: list[Survivor]) -> list[tuple[str, str, list[str]]]:
    """Return rows of why something stays, its kind and the forms that do; what needs a look first."""
    rows: dict[tuple[str, str], list[str]] = {}
    for mark in stays:
        forms = rows.setdefault((mark.why, mark.kind), [])
        form = final[mark.start : mark.end]
        if form not in forms:
            forms.append(form)
    ordered = sorted(rows.items(), key=lambda row: "look" not in row[0][0])
    return [(why, kind, forms) for (why, kind), forms in ordered]

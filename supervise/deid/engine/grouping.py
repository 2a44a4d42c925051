"""From single findings to what the author sees: one group for each person or thing, with every place it stands at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from supervise.deid.engine.choices import digits
from supervise.deid.engine.findings import LABELS, Finding, Group, Span, with_places
from supervise.deid.engine.lexicon import Lexicon
from supervise.deid.engine.people import Ordinary, Person, people, spread
from supervise.deid.engine.standins import with_stand_ins
from supervise.deid.engine.words import Words, sentence_starts, trim, widen

_ADDED = "Marked by you"
_REPEATED = "The same word may be an ordinary one here"
_WORDY = ("LOCATION", "ORG")
_UNSURE_KIND = ("model", "capitals", "capitals-at", "capitals-in")
_BY_DIGITS = ("PHONE", "ID", "AGE")


@dataclass(slots=True)
class _Draft:
    label: str
    findings: list[Finding]
    places: set[Span]
    suggestion: str | None = None
    unsure: set[Span] = field(default_factory=set)


def grouped(text: str, findings: Sequence[Finding], lexicon: Lexicon, ordinary: Ordinary) -> tuple[Group, ...]:
    """Return the groups of disjoint findings, each spread over the whole text, in order of appearance."""
    words = Words(text)
    starts = sentence_starts(words, lexicon["abbreviations"])
    findings = _agreed(words, findings, lexicon)
    persons = people(words, [f for f in findings if f.label == "NAME"], lexicon["particles"])
    spread(words, starts, persons, lexicon["particles"], ordinary)
    drafts = [_Draft("NAME", p.findings, p.places, unsure=p.unsure) for p in persons if p.places or p.unsure]
    drafts += _things(words, [f for f in findings if f.label != "NAME"], ordinary)
    groups = _groups(text, drafts)
    return with_stand_ins(text, groups)


def _agreed(words: Words, findings: Sequence[Finding], lexicon: Lexicon) -> list[Finding]:
    """Return the findings with the same word labelled the same: "Lucía" is no organisation beside "Lucía Brandvold"."""
    parts = {f: tuple(words[n].low for n in words.inside(f.start, f.end)) for f in findings}
    people_parts = {low for f, lows in parts.items() if f.label == "NAME" and len(lows) > 1 for low in lows}
    first_words = {
        lows[0]: f.label
        for f, lows in parts.items()
        if f.label in _WORDY and len(lows) > 1 and lows[0] not in lexicon["given"]
    }
    out = []
    for finding, lows in parts.items():
        lone = lows[0] if len(lows) == 1 else ""
        if finding.label in _WORDY and finding.source in _UNSURE_KIND and lone in people_parts:
            finding = replace(finding, label="NAME")
        elif finding.label == "NAME" and finding.source in _UNSURE_KIND and lone in first_words.keys() - people_parts:
            finding = replace(finding, label=first_words[lone])
        out.append(finding)
    return out


def _things(words: Words, findings: Sequence[Finding], ordinary: Ordinary) -> list[_Draft]:
    by_form: dict[tuple[str, str], _Draft] = {}
    for finding in findings:
        form = " ".join(words[n].low for n in words.inside(finding.start, finding.end))
        if finding.label in _BY_DIGITS and digits(form):
            form = digits(form)  # "(707) 555-0147" and "707-555-0147" are one telephone
        key = (finding.label, form or words.text[finding.start : finding.end])
        draft = by_form.setdefault(key, _Draft(finding.label, [], set()))
        draft.findings.append(finding)
        draft.places.add(finding.span)
    for (label, form), draft in by_form.items():
        if label == "QUASI":
            continue
        shapes = {words.text[a:b] for a, b in draft.places}
        single_ordinary = " " not in form and ordinary(form)
        known = {words.first_at(a) for a, _ in draft.places}
        for shape in sorted({shape.casefold() for shape in shapes}):
            for first, last in words.occurrences(shape):
                span = words.span(first, last)
                if first not in known and _repeat(words.text[span[0] : span[1]], shapes, single_ordinary, label):
                    draft.places.add(span)
    _spread_first_words(words, by_form, ordinary)
    return list(by_form.values())


def _repeat(shown: str, shapes: set[str], single_ordinary: bool, label: str) -> bool:
    """Tell whether the same words elsewhere are the same thing: "May" the month is not every "may"."""
    if label == "AGE":
        return False
    return (
        shown in shapes
        or not (single_ordinary or shown.islower() or shown.isdigit())
        or (shown.islower() and not single_ordinary and label in _WORDY)
    )


def _spread_first_words(words: Words, by_form: dict[tuple[str, str], _Draft], ordinary: Ordinary) -> None:
    """ "Everspring Senior Center" is often called "Everspring" afterwards."""
    taken = {n for d in by_form.values() for a, b in d.places for n in words.inside(a, b)}
    for (label, form), draft in by_form.items():
        first = form.split(" ")[0]
        if label != "ORG" or " " not in form or ordinary(first) or len(first) < 4 or first.isdigit():
            continue
        for number in words.numbers(first):
            if number not in taken and words[number].capital:
                draft.places.add((words[number].start, words[number].end))
                taken.add(number)


def _groups(text: str, drafts: Sequence[_Draft]) -> tuple[Group, ...]:
    """Return groups with keys; an unsure repeat of a name is a group that names the person's in ``suggestion``."""
    out: list[tuple[Group, int, bool]] = []
    for number, draft in enumerate(drafts):
        best = max(draft.findings, key=lambda f: (not f.doubtful, f.score))
        score, source, doubtful = round(best.score, 3), best.source, best.doubtful
        group = Group("", draft.label, (), (), score, source, doubtful, "", best.suggestion, best.why)
        if draft.places:
            out.append((with_places(group, text, draft.places), number, False))
        if draft.unsure:
            unsure = replace(group, score=0.5, source="repeat", doubtful=True, why=_REPEATED)
            out.append((with_places(unsure, text, draft.unsure), number, bool(draft.places)))
    out.sort(key=lambda item: (item[0].places[0], LABELS.index(item[0].label)))
    keyed = [(replace(item[0], key=f"g{at}"), item[1], item[2]) for at, item in enumerate(out, start=1)]
    owners = {number: group.key for group, number, repeat in keyed if not repeat}
    return tuple(replace(g, suggestion=owners[number]) if repeat else g for g, number, repeat in keyed)


def added(
    text: str, groups: tuple[Group, ...], span: Span, label: str, lexicon: Lexicon, ordinary: Callable[[str], bool]
) -> tuple[Group, ...]:
    """Return the groups with a passage that the author marked, found everywhere; raise ValueError outside the text."""
    if label not in LABELS or not 0 <= span[0] < span[1] <= len(text) or not text[span[0] : span[1]].strip():
        raise ValueError("Nothing is marked.")
    start, end = widen(text, *trim(text, *span))
    if any(g.label == label and a <= start and end <= b for g in groups for a, b in g.places):
        return groups
    words = Words(text)
    finding = Finding(start, end, label, 1.0, "author", why=_ADDED)
    if label == "NAME":
        places, joined = _added_name(words, groups, finding, lexicon, ordinary)
    else:
        places = _things(words, [finding], ordinary)[0].places
        form = text[start:end].casefold()
        joined = [g for g in groups if g.label == label and any(f.casefold() == form for f in g.forms)]
    others = [g for g in groups if g not in joined]
    taken = [place for g in others if g.label != "QUASI" for place in g.places]
    places = {p for p in places if not any(a <= p[0] and p[1] <= b for a, b in taken)} | {(start, end)}
    if joined:
        for group in joined:
            places |= set(group.places)
        merged = with_places(replace(joined[0], doubtful=False, score=1.0), text, places)
        return tuple(sorted((*others, merged), key=_order))
    number = 1 + max((int(g.key[1:]) for g in groups), default=0)
    group = with_places(Group(f"g{number}", label, (), (), 1.0, "author", False, "", None, _ADDED), text, places)
    numbered = with_stand_ins(text, (*groups, group))[-1]
    return tuple(sorted((*groups, numbered), key=_order))


def _order(group: Group) -> tuple[Span, int]:
    return group.places[0], int(group.key[1:])


def _added_name(
    words: Words, groups: tuple[Group, ...], finding: Finding, lexicon: Lexicon, ordinary: Ordinary
) -> tuple[set[Span], list[Group]]:
    """Return where the marked name stands, and the groups that are the same person."""
    mine = Person(tuple(words[n].low for n in words.inside(finding.start, finding.end)), [finding], {finding.span})
    spread(words, sentence_starts(words, lexicon["abbreviations"]), [mine], lexicon["particles"], ordinary)
    joined = []
    for group in groups:
        if group.label != "NAME":
            continue
        inside = any(finding.start <= a and b <= finding.end for a, b in group.places)
        standing = [replace(finding, start=a, end=b) for a, b in group.places]
        persons = people(words, [*standing, finding], lexicon["particles"])
        if inside or any(finding in p.findings and len(p.findings) > 1 for p in persons):
            joined.append(group)
    return mine.places, joined

"""``docs/deid-evaluation.md`` from what was measured."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Final

from supervise.deid.training.evaluate.load import ROUNDS, VIGNETTE_WORDS, Load
from supervise.deid.training.evaluate.names import USES, WORDS, Placement, chosen
from supervise.deid.training.evaluate.scoring import DRAWS, SEED, Figure, Pairs, by, figure

FIGURES: Final = {
    "recall": "recall, all classes but QUASI",
    "clean": "texts with nothing leaked",
    "precision": "precision, in letters",
    "keep": "KEEP left readable",
    "quasi": "QUASI recall",
    "label": "label right, of what was caught",
}
TARGETS: Final = {
    "recall": "≥ 0.985", "clean": "≥ 0.80", "precision": "≥ 0.92", "keep": "≥ 0.96", "quasi": "≥ 0.60",
    "label": "≥ 0.95", "worst": "≥ 0.985", "gap": "≤ 0.010", "words": "≥ 0.95", "speed": "≥ 1.5", "p95": "≤ 0.7",
    "memory": "≤ 350",
}  # fmt: skip
_INTERVAL_FROM: Final = 5
"""Resampling fewer texts than this says nothing."""
_WORST_WORDS: Final = 12
_INTRODUCTION: Final = """\
# De-identification: how well, and beside whom

Written by `make deid-eval`; do not edit, run it again. All columns come from one run on the same texts:

{versions}

A mark counts as caught when every letter and digit of it lies in a finding, whatever the label; one that is not has
leaked. Precision is the share of found letters and digits that are marked. A KEEP mark must hold no found letter.
QUASI, which is suggested and never removed by itself, counts when at least half of its letters are in any finding.
Labels of the peers are translated into the scheme of `tests/deid/bench/README.md`; Philter names none but dates. In
brackets: 95 % intervals from {draws} resamplings of the texts (seed {seed}), from {fewest} texts on.

Presidio runs its default recognisers, Philter-lite its default filters with the part-of-speech tagger that they need.
"""
_PEOPLE: Final = """\
{people} invented people for each of {origins} origins, and for names that are words, from
`tests/deid/bench/names-by-origin.toml`; each stands once by full name, once by first name and once by surname in a
sentence of `name-sentences.toml` that says nothing of where the name comes from, and by one of the three in a sentence
all in small letters. No name of an origin is in the pools that the training refills with.
"""
_COST: Final = """\
## Time and memory

One thread: processor seconds of all threads together are counted, and libraries are told to start none. The systems
take turns on the same texts, {rounds} rounds, medians; ratios are to {baseline} in the same round. Words a second is
finding alone; the vignette goes, with {own}, all the way to what its author is shown, with the others through finding
alone. The two workers are forked from a process with the system loaded and have worked; a page that several share
counts for each by its part.
"""


@dataclass(frozen=True, slots=True)
class MarkedSet:
    """Marked texts and how every system did on them, in the order of the systems."""

    title: str
    note: str
    rows: Sequence[Mapping[str, Any]]
    scores: Sequence[Sequence[Pairs]]


@dataclass(frozen=True, slots=True)
class Measured:
    """All that one run has measured; lists by system are in the order of ``names``."""

    names: Sequence[str]
    versions: Sequence[str]
    labelled: Sequence[bool]
    sets: Sequence[MarkedSet]
    placements: Sequence[Placement]
    placed: Sequence[Sequence[Pairs]]
    trained_words: frozenset[str]
    loads: Sequence[Load]


def report(measured: Measured) -> str:
    """Return the whole page; the first of the sets is the one that the summary quotes."""
    versions = "\n".join(
        f"- {name}: {version}" for name, version in zip(measured.names, measured.versions, strict=True)
    )
    opening = _INTRODUCTION.format(versions=versions, draws=DRAWS, seed=SEED, fewest=_INTERVAL_FROM)
    sections = [opening, _short(measured)]
    sections += [_set(measured, one) for one in measured.sets]
    sections += [_names(measured), _cost(measured)]
    return "\n".join(sections)


def _short(measured: Measured) -> str:
    first = measured.sets[0]
    rows = [(name, TARGETS[key], *_cells(measured, first.scores, key)) for key, name in FIGURES.items()]
    fair = [fairness(measured.placements, scores) for scores in measured.placed]
    rows += [
        ("NAME recall, worst origin", TARGETS["worst"], *(_number(one.worst) for one in fair)),
        ("NAME recall, best origin less worst", TARGETS["gap"], *(_number(one.gap) for one in fair)),
        ("NAME recall, names that are words, worst use", TARGETS["words"], *(_number(one.words) for one in fair)),
        ("words a second, as a ratio", TARGETS["speed"], *(f"{one.speed:.2f}" for one in measured.loads)),
        ("p95 of a 400-word vignette, as a ratio", TARGETS["p95"], *(f"{one.p95:.2f}" for one in measured.loads)),
        ("memory, MB", TARGETS["memory"], *(f"{one.rss:.0f}" for one in measured.loads)),
    ]
    return f"## In short\n\nMarked texts: {first.title}.\n\n" + _table(("", "target", *measured.names), rows)


def _set(measured: Measured, one: MarkedSet) -> str:
    labels = Counter(span["label"] for row in one.rows for span in row["spans"])
    size = f"{len(one.rows)} texts, {sum(len(row['text'].split()) for row in one.rows):,} words"
    keeps = sum(len(row["keep"]) for row in one.rows)
    identifying = labels.total() - labels["QUASI"]
    lines = [
        f"## Marked texts: {one.title}\n",
        f"{one.note}\n",
        f"{size}, {identifying:,} identifiers, {labels['QUASI']} QUASI, {keeps} KEEP.\n",
        _table(("", *measured.names), [(name, *_cells(measured, one.scores, key)) for key, name in FIGURES.items()]),
        "### Recall by class\n",
        _table(
            ("class", "marks", *measured.names),
            [
                (label, str(number), *_cells(measured, one.scores, "quasi" if label == "QUASI" else f"class {label}"))
                for label, number in sorted(labels.items())
            ],
        ),
        "### By origin: recall of names\n",
        _grouped(measured, one, "origin", "class NAME"),
        "### By origin: recall of all classes but QUASI\n",
        _grouped(measured, one, "origin", "recall"),
        "### By register: recall of all classes but QUASI\n",
        _grouped(measured, one, "style", "recall"),
    ]
    if len({row["meta"]["writer"] for row in one.rows}) > 1:
        lines += ["### By writer: recall of all classes but QUASI\n", _grouped(measured, one, "writer", "recall")]
    return "\n".join(lines)


def _grouped(measured: Measured, one: MarkedSet, what: str, key: str) -> str:
    grouped = [by(one.rows, scores, what) for scores in one.scores]
    rows = []
    for name, texts in grouped[0].items():
        marks = sum(pairs.get(key, (0, 0))[1] for pairs in texts)
        if marks:
            shown = _cells(measured, [groups[name] for groups in grouped], key)
            rows.append((name, str(len(texts)), str(marks), *shown))
    return _table((what if what != "style" else "register", "texts", "marks", *measured.names), rows)


def _cells(measured: Measured, scores: Iterable[Sequence[Pairs]], key: str) -> Iterator[str]:
    for texts, labelled in zip(scores, measured.labelled, strict=True):
        yield _cell(figure(texts, key), len(texts)) if labelled or key != "label" else "–"


def _cell(shown: Figure, texts: int) -> str:
    if shown.share is None:
        return "–"
    interval = f" ({shown.low:.3f}–{shown.high:.3f})" if texts >= _INTERVAL_FROM else ""
    return _number(shown.share) + interval


@dataclass(frozen=True, slots=True)
class Fairness:
    """NAME recall of one system as written: of the worst origin, the distance to the best, and of names that are words.

    ``words`` is that of the worst of full name, first name and surname.
    """

    worst: float
    worst_origin: str
    gap: float
    words: float


def fairness(placements: Sequence[Placement], scores: Sequence[Pairs], *, lower: bool = False) -> Fairness:
    """Return the fairness of one system over placements with capitals, or over those all in small letters."""
    origins = {
        group: _share(chosen(placements, scores, group=group, lower=lower)) for group in _groups(placements) - {WORDS}
    }
    worst = min(sorted(origins), key=lambda group: origins[group])
    words = [_share(chosen(placements, scores, group=WORDS, use=use, lower=lower)) for use in USES]
    return Fairness(origins[worst], worst, max(origins.values()) - origins[worst], min(words))


def _names(measured: Measured) -> str:
    placements = measured.placements
    origins = len(_groups(placements)) - 1
    people = sum(placed.group == WORDS and placed.lower for placed in placements)
    lines = [
        "## Names by origin\n",
        _PEOPLE.format(people=people, origins=origins),
    ]
    for lower, title in ((False, "As written"), (True, "All in small letters")):
        fair = [fairness(placements, scores, lower=lower) for scores in measured.placed]
        rows = [_by_use(measured, group, lower=lower) for group in sorted(_groups(placements) - {WORDS})]
        rows += [
            ("**worst origin**", *(f"{_number(one.worst)} ({one.worst_origin})" for one in fair)),
            ("**best less worst**", *(_number(one.gap) for one in fair)),
            _by_use(measured, WORDS, lower=lower),
            ("**names that are words, worst use**", *(_number(one.words) for one in fair)),
        ]
        lines += [
            f"### {title}\n",
            "In brackets: full name, first name, surname.\n",
            _table(("", *measured.names), rows),
        ]
    return "\n".join([*lines, _word_names(measured)])


def _by_use(measured: Measured, group: str, *, lower: bool) -> tuple[str, ...]:
    cells = []
    for scores in measured.placed:
        uses = (_share(chosen(measured.placements, scores, group=group, use=use, lower=lower)) for use in USES)
        overall = _share(chosen(measured.placements, scores, group=group, lower=lower))
        cells.append(f"{_number(overall)} ({', '.join(f'{use:.2f}' for use in uses)})")
    return (group if group != WORDS else "names that are words", *cells)


def _word_names(measured: Measured) -> str:
    """Names that are words apart by whether the training has the word, and those that our engine misses most."""
    placements, trained = measured.placements, measured.trained_words
    wordy = [(placed.word in trained) if placed.word else None for placed in placements]

    def cells(known: bool, lower: bool) -> Iterator[str]:
        for scores in measured.placed:
            kept = zip(placements, scores, wordy, strict=True)
            yield _number(_share([pairs for one, pairs, has in kept if has is known and one.lower is lower]))

    rows = [
        (f"{'' if known else 'not '}among the training's, {'small letters' if lower else 'as written'}",
         *cells(known, lower))
        for lower in (False, True) for known in (True, False)
    ]  # fmt: skip
    missed = Counter[str]()
    for placed, pairs in zip(placements, measured.placed[0], strict=True):
        if placed.word and not placed.lower:
            missed[placed.word] += pairs["recall"][1] - pairs["recall"][0]
    worst = ", ".join(f"{word} {number}" for word, number in missed.most_common(_WORST_WORDS) if number)
    return "\n".join(
        [
            "### Names that are words\n",
            _table(("", *measured.names), rows),
            f"Missed most often by {measured.names[0]} as written: {worst or 'none'}.\n",
        ]
    )


def _cost(measured: Measured) -> str:
    columns: dict[str, Callable[[Load], str]] = {
        "words a second, as a ratio": lambda one: f"{one.speed:.2f}",
        f"p95 of a {VIGNETTE_WORDS}-word vignette, as a ratio": lambda one: f"{one.p95:.2f}",
        "words a second in this run": lambda one: f"{one.words:,.0f}",
        "p95 in this run, milliseconds": lambda one: f"{one.slowest * 1000:.0f}",
        "resident memory of a process with it loaded, MB": lambda one: f"{one.rss:.0f}",
        "of two forked workers, the proportional share of one, MB": lambda one: f"{one.pss:.0f}",
        "of which its own alone, MB": lambda one: f"{one.private:.0f}",
    }
    rows = [(name, *(shown(one) for one in measured.loads)) for name, shown in columns.items()]
    opening = _COST.format(rounds=ROUNDS, baseline=measured.names[1], own=measured.names[0])
    return opening + "\n" + _table(("", *measured.names), rows)


def _groups(placements: Sequence[Placement]) -> set[str]:
    return {placed.group for placed in placements}


def _share(scores: Sequence[Pairs]) -> float:
    """Return the share of placements in which the name was found; nan for no placement."""
    return sum(pairs["recall"][0] for pairs in scores) / len(scores) if scores else nan


def _number(share: float) -> str:
    return "–" if isnan(share) else f"{share:.3f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)

"""Measures the reader on marked texts and writes what was found, for people to read.

python -m supervise.risk.training.measure TEXTS PAGE.md [--show]
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from supervise.risk.reader import CATEGORIES, Hit, RiskReader, load_reader
from supervise.risk.training.written import Mark, Text, texts

_DATA = Path(__file__).parents[3] / "config" / "risk"
_KINDS = {
    "denied": "denied", "past": "history", "other": "another person, as a topic", "asked": "question, plan or teaching",
    "figure": "figure of speech or lookalike", "ordinary": "ordinary text",
}  # fmt: skip
_HEAD = """# What the reader of risk language finds

Written by `make risk-measured`; do not edit. Measured on {day}, model `{model}`.

{texts} texts, {words} words, in {registers} registers (`tests/risk/bench/unseen.txt`): notes, letters to a supervisor,
posts, intakes, hand-overs, words of clients, long vignettes. They were written for this project before the sentences
that the reader learned from, and apart from them, but by the same hands; no practising clinician has written or marked
them. The threshold was chosen on these same texts. Texts of other writers will be read less well. **Do not take these
figures for those of your own organisation.** Of what is current and concerns the client or someone named, the reader
misses what the first table says. That it marks nothing says nothing about anybody: the question about risk is the
clinician's, in every case.
"""


@dataclass
class Counts:
    """What was found: of marks by category, of hits by category, of marks that are not current by kind."""

    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    marked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    hits: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    falsely: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    quiet: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: list[str] = field(default_factory=list)


def measured(reader: RiskReader, rows: Sequence[Text]) -> Counts:
    """Return counts over marked texts.

    A current mark is found when a hit of one of its categories overlaps it. A mark that is not current is hit falsely
    when a hit overlaps it that overlaps no current mark; a text without marks, when there is any hit.
    """
    counts = Counts()
    for row in rows:
        hits = reader.read(row.text)
        current = [mark for mark in row.marks if mark.status == "current"]
        for mark in current:
            own = [hit for hit in hits if hit.category in mark.categories and _meet(hit, mark)]
            counts.marked[mark.categories[0]] += 1
            counts.found[mark.categories[0]] += bool(own)
            if not own:
                counts.wrong.append(f"missed {mark.categories}: {row.text[mark.start : mark.end]}")
        for hit in hits:
            counts.hits[hit.category] += 1
            counts.right[hit.category] += any(hit.category in m.categories and _meet(hit, m) for m in current)
        false = [hit for hit in hits if not any(_meet(hit, mark) for mark in current)]
        for mark in row.marks:
            if mark.status != "current":
                _quiet(counts, mark.status, [h for h in false if _meet(h, mark)], row.text[mark.start : mark.end])
        if not row.marks:
            _quiet(counts, "ordinary", false, row.text)
    return counts


def _quiet(counts: Counts, kind: str, hits: Sequence[Hit], text: str) -> None:
    counts.quiet[kind] += 1
    counts.falsely[kind] += bool(hits)
    if hits:
        counts.wrong.append(f"hit {kind} {sorted({hit.category for hit in hits})}: {text}")


def _meet(hit: Hit, mark: Mark) -> bool:
    return hit.start < mark.end and mark.start < hit.end


def page(counts: Counts, rows: Sequence[Text], model: str) -> str:
    """Return the page."""
    words = sum(len(row.text.split()) for row in rows)
    registers = len({row.register for row in rows})
    day = datetime.now(UTC).date().isoformat()
    lines = [_HEAD.format(day=day, model=model[:12], texts=len(rows), words=words, registers=registers)]
    lines += ["## Current, by category\n", "| category | marked | found | recall | hits | right | precision |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for category in (*CATEGORIES, "all"):
        own = CATEGORIES if category == "all" else (category,)
        marked, found, hits, right = (
            sum(counted[one] for one in own) for counted in (counts.marked, counts.found, counts.hits, counts.right)
        )
        lines.append(
            f"| {category} | {marked} | {found} | {_share(found, marked)} | {hits} | {right} | {_share(right, hits)} |"
        )
    lines += [
        "\n## Hit though not current, by kind\n",
        "| kind | marked | hit | share |",
        "| --- | ---: | ---: | ---: |",
    ]
    for kind, words_of in _KINDS.items():
        quiet, falsely = counts.quiet[kind], counts.falsely[kind]
        lines.append(f"| {words_of} | {quiet} | {falsely} | {_share(falsely, quiet)} |")
    quiet, falsely = sum(counts.quiet.values()), sum(counts.falsely.values())
    lines.append(f"| all | {quiet} | {falsely} | {_share(falsely, quiet)} |")
    lines.append(
        "\nA mark is found when a hit of its category overlaps it. Precision counts a hit as right only over a\n"
        "current mark of its own category. Purpose and limits: [the reader's card](risk-reader-card.md).\n"
    )
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def main(arguments: Sequence[str] | None = None) -> int:
    """Read marked texts and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("texts", type=Path)
    parser.add_argument("page", type=Path)
    parser.add_argument("--show", action="store_true", help="print what was missed and falsely hit")
    chosen = parser.parse_args(arguments)
    rows = texts(chosen.texts)
    reader = load_reader(_DATA)
    counts = measured(reader, rows)
    chosen.page.write_text(page(counts, rows, reader.network.digest), encoding="utf-8")
    sys.stdout.write(chosen.page.read_text("utf-8"))
    if chosen.show:
        sys.stdout.write("\n".join(counts.wrong) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

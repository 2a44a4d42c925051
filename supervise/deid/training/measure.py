"""Measures the engine on marked texts and writes the figures that the confirm page quotes.

python -m supervise.deid.training.measure MARKED... MEASURED.toml

A file is JSON Lines of ``text``, ``spans`` and ``keep``, or text marked inline as the corpus is.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from supervise.deid.engine.annotate import annotate
from supervise.deid.engine.engine import Engine, load_engine
from supervise.deid.training.corpus import Marked, parse


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a marked file; raise ValueError for one that cannot be read."""
    content = path.read_text("utf-8")
    if path.suffix == ".txt":
        return [_row(text) for text in parse(content, path.stem)]
    return [json.loads(line) for line in content.splitlines() if line.strip()]


def _row(text: Marked) -> dict[str, Any]:
    spans = [{"start": span.start, "end": span.end, "label": span.label} for span in text.spans]
    return {
        "id": text.id,
        "text": text.text,
        "spans": [span for span in spans if span["label"] != "KEEP"],
        "keep": [span for span in spans if span["label"] == "KEEP"],
        "meta": {"origin": text.origin, "style": text.register},
    }


def measured(engine: Engine, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return counts over marked texts: a text leaks when a letter of one of its marked identifiers is in no finding.

    ``rows`` hold ``text``, ``spans`` and ``keep``; QUASI, which is suggested only, is left out of recall.
    """
    totals = dict.fromkeys(
        ("texts", "texts_with_identifiers", "texts_leaking", "identifiers", "found", "keep", "kept"), 0
    )
    predicted_letters = right_letters = 0
    for row in rows:
        text = row["text"]
        hit = {i for found in annotate(engine, text) for i in _letters(text, found)}
        marked = {i for span in row["spans"] for i in _letters(text, span)}
        wanted = [_letters(text, span) for span in row["spans"] if span["label"] != "QUASI"]
        caught = sum(letters <= hit for letters in wanted)
        totals["texts"] += 1
        totals["texts_with_identifiers"] += bool(wanted)
        totals["texts_leaking"] += caught < len(wanted)
        totals["identifiers"] += len(wanted)
        totals["found"] += caught
        totals["keep"] += len(row["keep"])
        totals["kept"] += sum(not _letters(text, span) & hit for span in row["keep"])
        predicted_letters += len(hit)
        right_letters += len(hit & marked)
    return {
        **totals,
        "recall": _share(totals["found"], totals["identifiers"]),
        "precision": _share(right_letters, predicted_letters),
        "keep_share": _share(totals["kept"], totals["keep"]),
    }


def _letters(text: str, span: dict[str, Any]) -> set[int]:
    return {i for i in range(span["start"], span["end"]) if text[i].isalnum()}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Read marked texts, print the figures and write them as TOML."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("marked", type=Path, nargs="+")
    parser.add_argument("measured", type=Path)
    chosen = parser.parse_args(arguments)
    rows = [row for path in chosen.marked for row in read(path)]
    engine = load_engine()
    figures = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "engine": engine.version,
        "texts_from": [path.name for path in chosen.marked],
        **measured(engine, rows),
    }
    content = "# Written by: python -m supervise.deid.training.measure. Do not edit; measure again.\n"
    content += "".join(f"{key} = {json.dumps(value)}\n" for key, value in figures.items())
    chosen.measured.write_text(content, encoding="utf-8")
    sys.stdout.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())

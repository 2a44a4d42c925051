"""The figures on marked vignettes: a floor under them, and the sentence of the confirm page taken from this engine."""

import json
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from supervise.deid.engine import Engine, annotate, data_folder
from supervise.deid.training.corpus import faults, load, parse
from supervise.deid.training.measure import main, measured
from supervise.deid.training.measure import read as read_marked
from tests.deid.bench.score import read, score

BENCH = Path(__file__).parent / "bench" / "dev.jsonl"
UNSEEN = sorted((Path(__file__).parent / "bench").glob("unseen-*.txt"))


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return list(read(str(BENCH)).values())


def test_stays_above_the_floor(engine: Engine, rows: list[dict[str, Any]]) -> None:
    predicted = {row["id"]: {"spans": annotate(engine, row["text"])} for row in rows}
    _, figures = score({row["id"]: row for row in rows}, predicted)
    assert figures["recall"] >= 0.99
    assert figures["leak_free_docs"] >= 0.90
    assert figures["precision"] >= 0.94
    assert figures["keep"] >= 0.91
    assert min(figures["name_recall_by_origin"].values()) >= 0.90


def test_the_published_figures_are_of_this_engine_on_texts_that_it_was_not_made_for(engine: Engine) -> None:
    published = tomllib.loads((data_folder() / "measured.toml").read_text("utf-8"))
    assert published["engine"] == engine.version, "run: make measured"
    assert published["texts_from"] == [path.name for path in UNSEEN]
    figures = measured(engine, [row for path in UNSEEN for row in read_marked(path)])
    assert {key: published[key] for key in figures} == figures


def test_the_unseen_texts_have_no_fault_and_are_in_no_training() -> None:
    texts = [text for path in UNSEEN for text in parse(path.read_text("utf-8"), path.stem)]
    assert list(faults(texts)) == []
    assert not {text.text for text in texts} & {text.text for text in load()}


def test_annotations_are_disjoint_and_lie_in_the_source(engine: Engine, rows: list[dict[str, Any]]) -> None:
    for text in (rows[0]["text"], "**Sarah** [x](http://a.example 'Ann Lee') &amp; J\u200bohn\u200b Brandvold", ""):
        spans = annotate(engine, text)
        assert all(set(span) == {"start", "end", "label", "score", "source"} for span in spans)
        assert all(0 <= span["start"] < span["end"] <= len(text) for span in spans)
        assert all(a["end"] <= b["start"] for a, b in pairwise(spans))


def test_measures_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marked = tmp_path / "two.jsonl"
    lines = [
        {"text": "My client Sarah came.", "spans": [{"start": 10, "end": 15, "label": "NAME"}], "keep": []},
        {"text": "We hope.", "spans": [{"start": 3, "end": 7, "label": "NAME"}], "keep": [{"start": 0, "end": 2}]},
    ]
    marked.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    target = tmp_path / "measured.toml"
    assert main([str(marked), str(target)]) == 0
    figures = tomllib.loads(target.read_text("utf-8"))
    assert (figures["texts"], figures["texts_leaking"], figures["found"], figures["kept"]) == (2, 1, 1, 1)
    assert figures["recall"] == 0.5
    assert "texts_leaking = 1" in capsys.readouterr().out

"""The reader of risk language: whole texts, bytes that were measured, floors that it may not fall under."""

import json
import shutil
from pathlib import Path

import pytest

from supervise.deid.engine import EngineUnavailable
from supervise.risk.reader import CATEGORIES, RiskReader, load_reader
from supervise.risk.reader.network import FOLDER, RiskNetwork
from supervise.risk.reader.reading import PINNED
from supervise.risk.reader.sentences import LONGEST, sentences
from supervise.risk.reader.terms import Terms
from supervise.risk.training.measure import measured
from supervise.risk.training.written import load, texts

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "tests" / "risk" / "bench" / "unseen.txt"


@pytest.fixture(scope="module")
def reader() -> RiskReader:
    return load_reader(ROOT / "config" / "risk")


def categories(reader: RiskReader, text: str) -> set[str]:
    return {hit.category for hit in reader.read(text)}


@pytest.mark.parametrize("name", ["risk.onnx", "risk.json"])
def test_refuses_other_bytes(name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "model"))
    raw = bytearray((folder / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / name).write_bytes(raw)
    with pytest.raises(EngineUnavailable, match="not the one that was measured"):
        RiskNetwork(folder, PINNED)


def test_refuses_other_thresholds(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "model"))
    described = json.loads((folder / "risk.json").read_text())
    (folder / "risk.json").write_text(json.dumps(described | {"thresholds": dict.fromkeys(CATEGORIES, 1.1)}))
    with pytest.raises(EngineUnavailable, match="not the one that was measured"):
        RiskNetwork(folder, PINNED)


def test_hits_are_the_sentences_they_speak_of(reader: RiskReader) -> None:
    text = "🙂 Slept well, ate well. She says she wants to kill herself tonight.\nNext session Friday."
    (hit,) = [hit for hit in reader.read(text) if hit.category == "suicide"]
    assert text[hit.start : hit.end] == "She says she wants to kill herself tonight."


@pytest.mark.parametrize("text", ["", " ", "\n\n", "…", "🙂", "\u200b", "0", "." * 5000])
def test_a_text_without_words_has_no_hits(text: str, reader: RiskReader) -> None:
    assert reader.read(text) == []


def test_a_very_long_text_is_read_to_its_end(reader: RiskReader) -> None:
    text = "The group talked about their gardens. " * 3000 + "He wants to kill himself." + " word" * 2000
    assert any("kill himself" in text[hit.start : hit.end] for hit in reader.read(text))


def test_a_word_without_end_stops_nothing(reader: RiskReader) -> None:
    assert reader.read("x" * 100_000) == []


def test_sentences_hold_every_letter_and_stay_short() -> None:
    text = 'Pt. denies SI. "I am done," he said. b/c of Dr. Lee\n- one; two\n' + "and so on, " * 200
    spans = list(sentences(text))
    covered = {at for start, end in spans for at in range(start, end)}
    assert all(at in covered for at, letter in enumerate(text) if letter.isalnum())
    assert all(0 < end - start <= LONGEST for start, end in spans)
    assert [text[start:end] for start, end in spans][:3] == [
        "Pt. denies SI.",
        '"I am done," he said.',
        "b/c of Dr. Lee",
    ]


def test_words_that_are_taken_back_are_not_explicit() -> None:
    terms = Terms(ROOT / "config" / "risk" / "terms.toml")
    assert "suicide" in terms.explicit("She is suicidal.")
    assert not list(terms.explicit("She denies being suicidal."))
    assert not list(terms.explicit("Hx of suicidal ideation."))


def test_a_fault_in_the_words_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "terms.toml").write_text("taken_back = ['(']\n[explicit]\nsuicide = ['x']\n")
    with pytest.raises(ValueError, match=r"terms\.toml"):
        Terms(tmp_path / "terms.toml")


def test_enough_was_written_to_learn_from_and_to_measure_on() -> None:
    rows = load()
    bench = texts(BENCH)
    assert len(rows) >= 2000
    assert len(bench) >= 400
    assert not {row.text for row in rows} & {row.text for row in bench}


def test_it_finds_and_leaves_alone_as_much_as_it_did(reader: RiskReader) -> None:
    """A floor under the figures of docs/risk-evaluation.md, so that no change lowers them unseen."""
    counts = measured(reader, texts(BENCH))
    assert sum(counts.found.values()) / sum(counts.marked.values()) >= 0.78
    assert sum(counts.falsely.values()) / sum(counts.quiet.values()) <= 0.20

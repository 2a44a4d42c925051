"""The reader is the one that was measured, reads whole texts in windows, and is the same in every process."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
import spacy

from supervise.deid.engine import Engine, EngineUnavailable, canonicalise
from supervise.deid.engine.model import READER
from supervise.deid.engine.pieces import pieces_of, vocabulary, windows
from supervise.deid.engine.reader import FOLDER, SHARES, Reader

TEXT = "my client sarah brandvold came late; we read Yalom at Harbor Lantern and she phoned 555-0134. " * 40


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(sha256=READER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "model"))


@pytest.mark.parametrize("name", ["reader.onnx", "vocab.txt"])
def test_refuses_other_bytes(name: str, folder: Path) -> None:
    raw = bytearray((folder / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / name).write_bytes(raw)
    with pytest.raises(EngineUnavailable, match="not the one that was measured"):
        Reader(folder, READER)


def test_refuses_another_description_even_one_that_fits_its_files(folder: Path) -> None:
    described = json.loads((folder / "reader.json").read_text())
    (folder / "reader.json").write_text(json.dumps(described | {"overlap": 1}))
    with pytest.raises(EngineUnavailable, match="not the one that was measured"):
        Reader(folder, READER)


@pytest.mark.parametrize("damage", ["", "[]", '{"sha256": {"reader.onnx": ""}}', '{"sha256": 3}'])
def test_refuses_a_damaged_description_or_a_missing_file(damage: str, folder: Path) -> None:
    (folder / "reader.json").write_text(damage)
    with pytest.raises(EngineUnavailable, match="missing or not the one"):
        Reader(folder)
    (folder / "reader.onnx").unlink()
    with pytest.raises(EngineUnavailable, match="missing or not the one"):
        Reader(folder)


def test_says_something_of_every_piece_and_the_same_each_time(reader: Reader) -> None:
    spans, shares = reader(spacy.blank("en")(TEXT)).user_data[SHARES]
    assert len(spans) == len(shares) >= 1000
    assert all(abs(float(row.sum()) - 1) < 0.01 for row in shares)
    assert (reader(spacy.blank("en")(TEXT)).user_data[SHARES][1] == shares).all()
    again = Reader(sha256=READER)(spacy.blank("en")(TEXT)).user_data[SHARES][1]
    assert (again == shares).all()


def test_reads_nothing_where_nothing_stands(reader: Reader) -> None:
    for text in ("", " ", "\n\n", "\u200b"):
        spans, shares = reader(spacy.blank("en")(text)).user_data[SHARES]
        assert len(spans) == len(shares)


def test_a_name_is_seen_wherever_it_falls_on_the_edges_of_windows(engine: Engine) -> None:
    for before in range(0, 240, 7):
        text = "and so on " * before + "then kateryna prokopenko left the room."
        result = engine.propose(canonicalise(text)).resolve({}).apply().text
        assert "kateryna" not in result, before
        assert "prokopenko" not in result, before


def test_windows_overlap_and_leave_no_piece_out() -> None:
    for length in (1, 5, 125, 126, 127, 300, 1001):
        spans = list(windows(length, 126, 16))
        assert [first for _, _, first, _ in spans] == [0, *(last for _, _, _, last in spans[:-1])]
        assert spans[-1][3] == length
        assert all(start <= first < last <= end <= start + 126 for start, end, first, last in spans)
        assert all(b[0] < a[1] for a, b in pairwise(spans))


def test_pieces_lie_in_the_text_in_order() -> None:
    numbers = vocabulary((FOLDER / "vocab.txt").read_text("utf-8"))
    text = "Lucía's naïve café, 北京 and Wojciech-Zaremba\u2028(x)\x00 " + "ß" * 200
    spans = pieces_of(text, numbers).spans
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))

"""The comparison counts what it says it counts, asks real processes, and writes nothing when one of them is missing."""

import pickle
import sys
import tomllib
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from unidecode import unidecode

from supervise.deid.training.evaluate.__main__ import main
from supervise.deid.training.evaluate.load import Load, loads, p95, vignettes
from supervise.deid.training.evaluate.names import PEOPLE, USES, WORDS, Placement, chosen, judged, placements
from supervise.deid.training.evaluate.peers import _Weights
from supervise.deid.training.evaluate.report import MarkedSet, Measured, fairness, report
from supervise.deid.training.evaluate.scoring import Pairs, by, figure, score
from supervise.deid.training.evaluate.systems import Running, System, Unavailable, systems
from supervise.deid.training.pools import WORD_NAMES, pools

BENCH = Path(__file__).parent / "bench"
OURS, PRESIDIO, _, PHILTER = systems("python")
TEXT = "Dana Ruiz, 93, of Elko saw Dr. Beck; the only diver there."


def spans(*marked: tuple[str, str]) -> list[dict[str, Any]]:
    out = []
    for label, words in marked:
        start = TEXT.index(words)
        out.append({"start": start, "end": start + len(words), "label": label})
    return out


def row(*marked: tuple[str, str], keep: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    return {"id": "one", "text": TEXT, "spans": spans(*marked), "keep": spans(*keep)}


MARKED = row(
    ("NAME", "Dana Ruiz"), ("AGE", "93"), ("LOCATION", "Elko"), ("QUASI", "only diver"), keep=(("KEEP", "Beck"),)
)


def test_a_mark_is_caught_when_every_letter_of_it_is_found() -> None:
    part = score(MARKED, spans(("NAME", "Dana"), ("AGE", "93"), ("LOCATION", "Elko")), OURS.means)
    assert part["recall"] == (2, 3)
    assert part["class NAME"] == (0, 1)
    assert part["clean"] == (0, 1)
    in_pieces = score(MARKED, spans(("NAME", "Dana"), ("NAME", "Ruiz"), ("AGE", "93"), ("ORG", "Elko")), OURS.means)
    assert in_pieces["recall"] == (3, 3)
    assert in_pieces["clean"] == (1, 1)
    assert in_pieces["label"] == (2, 3)


def test_a_text_without_identifiers_cannot_be_clean_nor_leak() -> None:
    assert score(row(("QUASI", "only diver")), [], OURS.means)["clean"] == (0, 0)


def test_precision_counts_letters_and_what_must_stay_counts_whole() -> None:
    found = spans(("NAME", "Dana Ruiz"), ("NAME", "Dr. Beck"))
    assert score(MARKED, found, OURS.means)["precision"] == (8, 14)
    assert score(MARKED, found, OURS.means)["keep"] == (0, 1)
    assert score(MARKED, spans(("NAME", "Dr.")), OURS.means)["keep"] == (1, 1)


def test_half_of_the_letters_is_enough_for_what_is_only_suggested() -> None:
    assert score(MARKED, spans(("DATE", "diver")), OURS.means)["quasi"] == (1, 1)
    assert score(MARKED, spans(("DATE", "only")), OURS.means)["quasi"] == (0, 1)
    assert "class QUASI" not in score(MARKED, [], OURS.means)


def test_labels_of_peers_mean_ours() -> None:
    found = spans(("PERSON", "Dana Ruiz"), ("DATE_TIME", "93"), ("NRP", "Elko"))
    assert score(MARKED, found, PRESIDIO.means)["label"] == (2, 3)
    assert PRESIDIO.means("US_SSN") == {"ID"}
    assert PHILTER.means("OTHER") == frozenset()
    assert OURS.means("NAME") == {"NAME"}


def test_where_findings_overlap_the_most_trusted_gives_the_label() -> None:
    found = spans(("URL", "Dana Ruiz"), ("PERSON", "Dana Ruiz"))
    assert score(MARKED, found, PRESIDIO.means)["label"] == (1, 1)


def test_a_finding_outside_the_text_is_no_finding() -> None:
    with pytest.raises(ValueError, match="outside"):
        score(MARKED, [{"start": 0, "end": 999, "label": "NAME"}], OURS.means)


def test_intervals_come_from_texts_drawn_again_and_are_the_same_every_time() -> None:
    texts: list[Pairs] = [{"recall": (number % 4 > 0, 1)} for number in range(200)]
    first = figure(texts, "recall")
    assert first == figure(texts, "recall")
    assert first.share == 0.75
    assert 0.66 < first.low < 0.72
    assert 0.78 < first.high < 0.84
    alike = figure([{"recall": (3, 4)}] * 20, "recall")
    assert (alike.low, alike.share, alike.high) == (0.75, 0.75, 0.75)
    assert figure([{"recall": (0, 0)}], "recall").share is None
    assert figure([], "recall").share is None


def test_texts_are_grouped_by_what_they_say_of_themselves() -> None:
    rows = [{"meta": {"origin": origin}} for origin in ("slavic", "anglo", "slavic")]
    assert by(rows, [{"a": (1, 1)}, {"a": (2, 2)}, {"a": (3, 3)}], "origin") == {
        "anglo": [{"a": (2, 2)}],
        "slavic": [{"a": (1, 1)}, {"a": (3, 3)}],
    }


@pytest.fixture(scope="module")
def placed() -> list[Placement]:
    return placements(BENCH)


def test_every_origin_has_its_names_and_none_that_the_training_refills_with() -> None:
    groups = tomllib.loads((BENCH / "names-by-origin.toml").read_text("utf-8"))
    drawn = pools()
    known = {unidecode(n).casefold() for pool in (drawn.given, drawn.family) for names in pool.values() for n in names}
    assert len(groups) == 14
    for group, names in groups.items():
        assert len(set(names["given"])) >= 60
        assert len(set(names["family"])) >= 60
        if group != WORDS:
            ours = {unidecode(name).casefold() for which in ("given", "family") for name in names[which]}
            assert not ours & known
            assert not {part for name in ours for part in name.split("-")} & known
    words = {*groups[WORDS]["given"], *groups[WORDS]["family"]}
    assert len(words - set(WORD_NAMES)) > 100


def test_names_stand_in_their_sentences_as_often_as_promised(placed: list[Placement]) -> None:
    as_written = Counter((one.group, one.use) for one in placed if not one.lower)
    assert len(as_written) == 14 * len(USES)
    assert set(as_written.values()) == {PEOPLE}
    assert min(Counter(one.group for one in placed if one.lower).values()) >= 500
    assert len({one.text[: one.start] + "{}" + one.text[one.end :] for one in placed if not one.lower}) >= 40
    names = [one.text[one.start : one.end] for one in placed if one.group == "anglo" and one.use == "full name"]
    assert len(set(names)) >= 500
    assert all(one.text == one.text.lower() for one in placed if one.lower)
    assert all((one.word is not None) == (one.group == WORDS) for one in placed)
    assert placements(BENCH, 5) == placements(BENCH, 5)


def test_a_name_is_found_when_all_of_it_is() -> None:
    one = Placement("I met Ann Lee.", 6, 13, "anglo", "full name", False, None)
    assert judged(one, [{"start": 6, "end": 9, "label": "NAME"}])["recall"] == (0, 1)
    assert judged(one, [{"start": 0, "end": 13, "label": "ORG"}])["recall"] == (1, 1)
    assert chosen([one], [{"recall": (1, 1)}], group="anglo", lower=True) == []


def test_fairness_is_of_the_worst(placed: list[Placement]) -> None:
    missed = [one.group == "slavic" or (one.group == WORDS and one.use == "surname") for one in placed]
    scores: list[Pairs] = [{"recall": (int(not miss), 1)} for miss in missed]
    fair = fairness(placed, scores)
    assert (fair.worst, fair.worst_origin, fair.gap, fair.words) == (0.0, "slavic", 1.0, 0.0)


def test_vignettes_have_400_words_and_p95_is_near_the_slowest() -> None:
    cut = vignettes(["word " * 950, "and more " * 40])
    assert [len(text.split()) for text in cut] == [400, 400]
    assert p95([float(number) for number in range(101)]) == 95


def program(code: str) -> System:
    before = "from supervise.deid.training.evaluate.worker import serve\n"
    return System("Capitals", (sys.executable, "-c", before + code), None)


CAPITALS = program(
    "def find(text):\n"
    "    print('a library talks')\n"
    "    return [{'start': at, 'end': at + 1, 'label': 'NAME'} for at, c in enumerate(text) if c.isupper()]\n"
    "serve('1.0', find, find)"
)


def test_a_system_answers_from_a_process_of_its_own() -> None:
    with Running(CAPITALS) as one:
        assert one.version == "1.0"
        found = one.find(["aBc"] * 450)
        assert found == [[{"start": 1, "end": 2, "label": "NAME"}]] * 450
        assert len(one.seconds(["a b"] * 3, whole=True)) == 3
        memory = one.memory(["a"])
        assert memory["rss"] > memory["pss"] > memory["private"] > 0
    with Running(CAPITALS) as one, Running(CAPITALS) as other:
        first, second = loads([one, other], ["So many words. " * 300], 1)
        assert second.speed == second.p95 == 1
        assert first.words > 0


def test_a_system_that_cannot_be_had_is_named() -> None:
    with pytest.raises(Unavailable, match="Capitals cannot be started"):
        Running(System("Capitals", ("/nonexistent/python",), None))
    with pytest.raises(Unavailable, match="Capitals gives no answer: ModuleNotFoundError: No module named 'absent'"):
        Running(program("import absent"))


def test_nothing_is_written_without_the_peers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    assert main([sys.executable, str(page)]) == 1
    assert not page.exists()
    assert "Presidio + sm gives no answer" in capsys.readouterr().err


def test_weights_can_hold_nothing_that_acts() -> None:
    assert _Weights(BytesIO(pickle.dumps(({"a": 1.0}, [], {"NNP"})))).load() == ({"a": 1.0}, [], {"NNP"})
    with pytest.raises(pickle.UnpicklingError, match=r"no builtins\.print"):
        _Weights(BytesIO(pickle.dumps(print))).load()


def test_the_page_says_what_was_measured() -> None:
    rows = [
        {**MARKED, "meta": {"origin": "slavic" if number else "anglo", "style": "soap", "writer": f"w{number % 2}"}}
        for number in range(6)
    ]
    all_found = spans(("NAME", "Dana Ruiz"), ("AGE", "93"), ("LOCATION", "Elko"))
    both = [
        [score(one, all_found, OURS.means) for one in rows],
        [score(one, all_found[:1], PHILTER.means) for one in rows],
    ]
    few = placements(BENCH, 6)
    ours: list[Pairs] = [{"recall": (int(one.word != "Hope"), 1)} for one in few]
    page = report(
        Measured(
            ["Supervise", "Philter-lite"],
            ["1", "2"],
            [True, False],
            [MarkedSet("unseen writers", "Nobody had read them.", rows, both)],
            few,
            [ours, [{"recall": (0, 1)}] * len(few)],
            frozenset({"Hope"}),
            [Load(2.0, 0.5, 9000.0, 0.05, 180.0, 60.0, 20.0), Load(1.0, 1.0, 4500.0, 0.1, 170.0, 70.0, 30.0)],
        )
    )
    lines = page.splitlines()
    assert "- Philter-lite: 2" in lines
    assert "| recall, all classes but QUASI | ≥ 0.985 | 1.000 (1.000–1.000) | 0.333 (0.333–0.333) |" in lines
    assert "| label right, of what was caught | ≥ 0.95 | 1.000 (1.000–1.000) | – |" in lines
    assert "| words a second, as a ratio | ≥ 1.5 | 2.00 | 1.00 |" in lines
    assert "| LOCATION | 6 | 1.000 (1.000–1.000) | 0.000 (0.000–0.000) |" in lines
    assert "| anglo | 1 | 1 | 1.000 | 1.000 |" in lines
    assert "| w1 | 3 | 9 | 1.000 | 0.333 |" in lines
    assert "6 texts, 72 words, 18 identifiers, 6 QUASI, 6 KEEP." in lines
    assert "6 invented people for each of 13 origins" in page
    assert all(line.count("|") == lines[at + 1].count("|") for at, line in enumerate(lines) if line.startswith("| |"))

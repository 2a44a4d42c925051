"""What an author types in the place of a finding names nobody, whatever its spelling."""

import pytest

from supervise.deid import service
from supervise.deid.engine import Engine
from supervise.deid.rules.wording import repeated, unknown
from tests.rooms.deid.conftest import FIELDS


@pytest.mark.parametrize(
    "words",
    ["tavian", "TAVIAN’S teacher", "a Brandvold", "the brandvolds", "lucia", "Lucía", "harbor", "pilar's cooking",
     "Crescent-City", "7075550147 or (707) 555-0147", "docket 25-dr-30418", "will.b@tidewater.example"],
)  # fmt: skip
def test_nothing_that_was_found_comes_back(words: str) -> None:
    proposal = service.prepare(FIELDS, frozenset()).work.proposal
    assert repeated(words, proposal)


@pytest.mark.parametrize(
    "words", ["his mother", "a boy of primary age", "the agency", "her second child", "a town by the sea", "of the"]
)
def test_general_words_repeat_nothing(words: str, engine: Engine) -> None:
    proposal = service.prepare(FIELDS, frozenset()).work.proposal
    assert repeated(words, proposal) is None
    assert unknown(words, engine.vocabulary.has) is None


@pytest.mark.parametrize("words", ["johansson", "the fresno clinic", "with wierzbicki", "my friend jovanovic"])
def test_a_name_in_small_letters_is_no_ordinary_word(words: str, engine: Engine) -> None:
    assert unknown(words, engine.vocabulary.has)

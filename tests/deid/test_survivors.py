"""The final reading: which capitals and numbers remain, and the reason that the author is shown."""

import pytest

from supervise.deid.engine import survivors

CASES = [
    ("We met on Tuesday.", "Tuesday", "capital", "a weekday"),
    ("She takes Lexapro.", "Lexapro", "capital", "a medicine"),
    ("We used the Beck Depression Inventory.", "Depression", "capital", "an instrument"),
    ("They moved to Texas.", "Texas", "capital", "a state"),
    ("They moved to New Mexico.", "New", "capital", "a state or country"),
    ("I told Mom so.", "Mom", "capital", "a family word"),
    ("It was Tarasoff again.", "Tarasoff", "capital", "a law or a case"),
    ("I told Zorblat so.", "Zorblat", "capital", "nothing known: please look"),
    ("He is 41 now.", "41", "number", "a score, count, dose or age under 90"),
    ("He is 41 years old.", "41", "number", "an age under 90, or a span of years"),
    ("It took 90 minutes.", "90", "number", "a measure"),
    ("That was in 2019.", "2019", "number", "a year"),
    ("At 10:45 she left.", "10:45", "number", "a time of day"),
    ("Call 988 now.", "988", "number", "an emergency line"),
    ("See A.10.f again.", "10", "number", "part of a code or an instrument"),
    ("The PHQ-9 was low.", "9", "number", "part of a code or an instrument"),
    ("1. First thing", "1", "number", "an item number"),
    ("He had 4471 of them.", "4471", "number", "nothing known: please look"),
]


@pytest.mark.parametrize(("text", "word", "kind", "why"), CASES)
def test_says_why_it_stays(text: str, word: str, kind: str, why: str) -> None:
    found = {(text[s.start : s.end], s.kind): s.why for s in survivors(text)}
    assert found[(word, kind)] == why


def test_leaves_sentence_starts_and_stand_ins_alone() -> None:
    text = 'She came. "He left," I said. [Client\'s sister] saw [Person 12].\n\nThen we talked.'
    assert survivors(text) == []


def test_points_at_a_name_that_begins_a_sentence() -> None:
    (found,) = survivors("Hope cried.")
    assert "please look" in found.why

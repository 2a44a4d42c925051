"""Places, stand-ins and shapes, whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.deid.rules.seen import Seen, prints_of
from supervise.incidents.rules import Cover, Place, find, locate, moved, pattern_of, places_in, replaced, unused

WORDS = st.text("ab ([.]\n", min_size=8, max_size=40)


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Place], list[Place]]:
    """Return a text, with places to replace and others in the same field."""
    words = draw(WORDS)
    spans = st.tuples(st.integers(0, len(words) - 1), st.integers(1, 6)).map(
        lambda pair: (pair[0], min(len(words), pair[0] + pair[1]))
    )
    done, others = draw(st.lists(spans, min_size=1, max_size=3)), draw(st.lists(spans, max_size=3))
    return words, places_in("post:x", "body", words, done), places_in("post:x", "body", words, others)


@given(marked(), st.sampled_from(["[X]", "other", "[A long stand-in]"]))
def test_what_stays_hidden_moves_with_its_text(found: tuple[str, list[Place], list[Place]], becomes: str) -> None:
    """After a replacement every letter that was hidden and not replaced is hidden still, and no other text is shown."""
    words, done, others = found
    after = replaced(words, done, becomes)
    gone = {n for place in done for n in range(place.start, place.end)}
    hidden = {n for place in others for n in range(place.start, place.end)} - gone
    left = moved(others, done, words, after, becomes)
    covered = "".join(sorted(after[n] for n in {n for one in left for n in range(one.start, one.end)}))
    for n in hidden:
        assert words[n] in covered
    assert all(0 <= one.start < one.end <= len(after) for one in left)
    assert all(after[one.start : one.end] for one in left)


@given(marked())
def test_nothing_of_a_hidden_passage_is_shown(found: tuple[str, list[Place], list[Place]]) -> None:
    words, done, _ = found
    cover = Cover.of("reader", done)
    shown = cover.text("post:x", "body", words, "author")
    kept = [char for n, char in enumerate(words) if not any(place.start <= n < place.end for place in done)]
    assert shown.replace("[hidden]", "").replace(" ", "") == "".join(kept).replace(" ", "")
    assert cover.text("post:x", "body", words, "reader") == words
    assert cover.text("post:x", "body", words + "!", "author") == "[hidden]"
    assert cover.text("post:y", "body", words, "author") == words


@pytest.mark.parametrize(
    ("words", "passage", "spans"),
    [
        ("Maria came. MARIA left; Mariana stayed.", "Maria", [(0, 5), (12, 17)]),
        ("- Maria\n- Lopez", "Maria Lopez", [(2, 15)]),
        ("[Client's Maria] and Maria", "Maria", [(21, 26)]),
        ("Maria  \n Lopez", "maria lopez", [(0, 14)]),
        ("x", "", []),
    ],
)
def test_a_passage_is_found_as_whole_words(words: str, passage: str, spans: list[tuple[int, int]]) -> None:
    assert find(words, passage) == spans


def test_a_selection_from_the_middle_of_words_is_widened() -> None:
    assert locate("She met Maria Lopez there.", "aria Lop") == "Maria Lopez"
    assert locate("She met Maria Lopez there.", "nobody") is None


def test_a_shape_tells_kinds_and_function_words_alone() -> None:
    words = "I met with my Rosamunde Ng-Okafor, who paid 1,250 at the Cedar."
    start = words.index("Rosamunde")
    assert pattern_of(words, start, start + 19, "NAME") == {
        "label": "NAME", "shape": "Aaaaa Aa-Aaaaa", "before": "_ with my", "after": "who _ _",
    }  # fmt: skip
    assert pattern_of("a b c d e f g h", 0, 15, "QUASI") == {}


def test_fingerprints_tell_a_name_from_a_word() -> None:
    key = b"k" * 32
    prints = prints_of(key, ["Will", "Rosamund Will"], "NAME", {"will"}.__contains__)
    seen = Seen(key, prints)
    assert [text[a:b] for text in ["I will ask Will; rosamund WILL came."] for a, b, _ in seen.found_in(text)] == [
        "Will", "rosamund WILL",
    ]  # fmt: skip
    assert not [*Seen(b"other", prints).found_in("Rosamund Will")]
    assert "will" not in repr(prints).casefold()


def test_a_numbered_stand_in_takes_the_next_free_number() -> None:
    assert unused("[Person 1]", ["[Person 1]", "[Person 2]"]) == "[Person 3]"
    assert unused("[Client's sister]", ["[Client's sister]"]) == "[Client's sister]"

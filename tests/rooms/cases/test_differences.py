"""Versions side by side: nothing is lost and nothing invented."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from supervise.cases.rules.differences import Piece, changed, word_diff

_PARAGRAPHS = st.lists(st.text(alphabet="ab c.\u00e9\u4e2d", min_size=1, max_size=30), max_size=6).map("\n\n".join)


def words(paragraphs: list[list[Piece]], *kinds: str) -> list[str]:
    return " ".join(p.text for paragraph in paragraphs for p in paragraph if p.kind in kinds).split()


@settings(max_examples=300, deadline=None)
@given(_PARAGRAPHS, _PARAGRAPHS)
def test_both_texts_can_be_read_off(old: str, new: str) -> None:
    found = word_diff(old, new)
    assert "".join(words(found, "same", "gone")) == "".join(old.split())
    assert "".join(words(found, "same", "new")) == "".join(new.split())


def test_one_word_is_one_change() -> None:
    found = word_diff("She said no.\n\nHe left.", "She said yes.\n\nHe left.")
    assert found == [
        [Piece("same", "She said "), Piece("gone", "no."), Piece("new", "yes.")], [Piece("same", "He left.")]
    ]  # fmt: skip


def test_another_title_stands_behind_the_old_one() -> None:
    found = word_diff("A phone under the chair", "Nothing like it")
    assert found == [[Piece("gone", "A phone under the chair")], [Piece("new", "Nothing like it")]]


def test_an_added_paragraph_leaves_the_others_alone() -> None:
    found = word_diff("One here.\n\nTwo here.", "One here.\n\nBetween them.\n\nTwo here.")
    assert found == [[Piece("same", "One here.")], [Piece("new", "Between them.")], [Piece("same", "Two here.")]]
    assert changed(found)
    assert not changed(word_diff("Same.", "Same."))


def test_the_longest_texts_are_compared_in_time() -> None:
    old = "\n\n".join(f"Paragraph {i} of the first text, with the words that the text has." for i in range(750))
    new = "\n\n".join(f"Paragraph {i * 7 % 750} of another text, with the words that it has." for i in range(750))
    lines = ("\n\n".join("xyzw"[i % 4] for i in range(16_000)), "\n\n".join("xywz"[i % 3] for i in range(16_000)))
    began = time.process_time()
    word_diff(old, new)
    word_diff(*lines)
    assert time.process_time() - began < 5

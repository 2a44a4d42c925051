"""The corpus holds no unmarked repeat; what is made of it keeps its marks."""

from collections import Counter
from random import Random

import pytest

from supervise.deid.engine.pieces import pieces_of, vocabulary, windows
from supervise.deid.training.corpus import Marked, faults, load, parse
from supervise.deid.training.pools import Pools, pools
from supervise.deid.training.refill import Example, as_written, cropped, refilled


@pytest.fixture(scope="module")
def corpus() -> list[Marked]:
    return load()


@pytest.fixture(scope="module")
def names() -> Pools:
    return pools()


def one(raw: str) -> Marked:
    (text,) = parse(f"=== t-1 | anglo | forum\n{raw}\n", "t")
    return text


def test_the_corpus_has_no_fault(corpus: list[Marked]) -> None:
    assert list(faults(corpus)) == []


def test_every_origin_and_label_is_there_and_some_texts_hold_nothing(corpus: list[Marked]) -> None:
    origins = Counter(text.origin for text in corpus)
    assert len(origins) == 13
    assert min(origins.values()) > len(corpus) / 13 * 0.7
    assert len({span.label for text in corpus for span in text.spans}) == 11
    assert sum(text.empty for text in corpus) > len(corpus) * 0.03


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("[[NAME#1|Dana]] came. Later dana left.", "'Dana' is marked elsewhere and not here"),
        ("[[NAME#1|Dana Okafor]] came with Okafor's dog.", "'Okafor' is marked elsewhere and not here"),
        ("[[NAME#1|Dana's]] dog", "the possessive stays outside"),
        ("[[NAME|Dana]] came", "carry a person's number"),
        ("[[NAME#1|Dana ]]came", "space at its edge"),
        ("[[NAME#1|Dana [[ORG|Elm]]]] came", "broken or stands within another"),
        ("[[PERSON|Dana]] came", "there is no label PERSON"),
        ("[[NAME#1|Dana]] on 555-012-4477", "a number or address is not marked"),
        ("nobody at all", "it holds no identifier: add | none"),
    ],
)
def test_a_fault_is_named(raw: str, said: str) -> None:
    assert any(said in fault for fault in faults([one(raw)]))


def test_a_word_marked_to_keep_is_no_fault() -> None:
    assert list(faults([one("[[NAME#1|Grace]] said [[KEEP|grace]].")])) == []


def test_a_head_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="needs id"):
        list(parse("=== only-an-id\ntext", "t"))


def test_as_written_keeps_the_text(corpus: list[Marked]) -> None:
    for text in corpus:
        example = as_written(text)
        assert example.text == text.text
        assert len(example.spans) == sum(span.label != "KEEP" for span in text.spans)


def test_refilled_texts_keep_every_mark_and_lose_the_old_names(corpus: list[Marked], names: Pools) -> None:
    for number, text in enumerate(corpus):
        example = refilled(text, names, Random(number))
        wanted = [span.label for span in text.spans if span.label != "KEEP"]
        assert [label for _, _, label in example.spans] == wanted, text.id
        last = 0
        for start, end, _ in example.spans:
            assert last <= start < end <= len(example.text), text.id
            last = end


def test_a_person_keeps_one_name_in_every_form(names: Pools) -> None:
    text = one("[[NAME#1|Dana Okafor]], or [[NAME#1|okafor]]; D.O. is [[NAME#1|D.O]]. and [[NAME#2|Dan]].")
    for seed in range(40):
        example = refilled(text, names, Random(seed))
        full, family, initials, other = (example.text[start:end] for start, end, _ in example.spans)
        assert full.casefold().endswith(family.casefold())
        assert initials[0].casefold() == full[0].casefold()
        assert other.casefold() != "dan"


def test_the_same_seed_makes_the_same_text(corpus: list[Marked], names: Pools) -> None:
    made: list[Example] = [refilled(corpus[0], names, Random(7)) for _ in range(2)]
    assert made[0] == made[1]


def test_a_crop_keeps_whole_marks(corpus: list[Marked]) -> None:
    for number, text in enumerate(corpus):
        example = as_written(text)
        part = cropped(example, Random(number))
        marked = {(example.text[start:end], label) for start, end, label in example.spans}
        assert part.text in example.text
        assert {(part.text[start:end], label) for start, end, label in part.spans} <= marked, text.id


def test_pieces_are_the_longest_known_and_cover_the_letters_as_written() -> None:
    numbers = vocabulary("[UNK]\nana\n##is\nmet\n,\nzoe")
    pieces = pieces_of("ANAÏS met, Zoë xq", numbers)
    assert pieces.ids == [1, 2, 3, 4, 5, 0]
    assert pieces.spans == [(0, 3), (3, 5), (6, 9), (9, 10), (11, 14), (15, 17)]
    upper, lower, none, capital = pieces.shapes[0], pieces.shapes[2], pieces.shapes[3], pieces.shapes[4]
    assert len({upper, lower, none, capital}) == 4


def test_windows_answer_for_every_piece_once() -> None:
    for count in (0, 1, 125, 126, 127, 220, 1000):
        answered = [at for _, _, first, last in windows(count, 126, 16) for at in range(first, last)]
        assert answered == list(range(count))

"""What the reader sees is what is screened: rendering, folding, refusing, and the way back to the source."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervise.deid.engine import MAX_CHARACTERS, Canonical, RefusedText, canonicalise

SEEN = [
    ("A *plain* and **strong** word", "A plain and strong word"),
    ("# Setting\n\nShe came.", "Setting\n\nShe came."),
    ("one\n\n\n\ntwo", "one\n\ntwo"),
    ("Client: A\nDOS: B", "Client: A\nDOS: B"),
    ("* a\n* b", "- a\n- b"),
    ("- a\n  - b\n- c", "- a\n  - b\n- c"),
    ("+ SI\n+ HI", "+ SI\n+ HI"),
    ("3. third\n4. fourth", "3. third\n4. fourth"),
    ("1) one", "1) one"),
    ("> said\n> more", "> said\n> more"),
    ("[Ann](http://x.example/p)", "Ann (http://x.example/p)"),
    ('[Ann](http://x.example "her page")', "Ann (http://x.example, her page)"),
    ("<http://x.example>", "http://x.example"),
    ("![Ann at home](a.png)", "Ann at home"),
    ("`code` and ``more``", "code and more"),
    ("```\nfenced\n```", "fenced"),
    ("Tom &amp; Ann &#74;o", "Tom & Ann Jo"),
    ("\\*not emphasis\\* 2 \\* 3", "not emphasis 2 * 3"),
    ("<b>bold</b> a < b and c > d", "bold a < b and c > d"),
    ("Jo<!-- hidden -->hn", "John"),
    ("Ｊｏｈｎ ﬁne ①", "John fine 1"),
    ("𝐉𝐨𝐡𝐧", "John"),
    ("caf\u0065\u0301", "café"),
    ("J\u00a0K", "J K"),
    ("don\u2019t \u201cyes\u201d", 'don\'t "yes"'),
    ("x² and ½", "x² and ½"),
    ("٠١٢", "012"),
    ("line\r\nline", "line\nline"),
    ("[note]: Sarah", "[note]: Sarah"),
    ("", ""),
]


@pytest.mark.parametrize(("source", "seen"), SEEN)
def test_shows_what_the_reader_sees(source: str, seen: str) -> None:
    assert canonicalise(source).text == seen


REFUSED = [
    ("a \u202eevil\u202c b", "direction"),
    ("Jоhn came", "two alphabets"),
    ("Pαul came", "two alphabets"),
    ("J\U0001f642ohn came", "picture"),
    ("a\x00b", "control character"),
    ("z\u0301\u0302\u0303\u0304a", "stacked marks"),
    ("Jo\\\nhn", "line break"),
    ("a\ue000b", "control character"),
]


@pytest.mark.parametrize(("source", "words"), REFUSED)
def test_refuses_disguises_with_a_plain_sentence_and_a_place(source: str, words: str) -> None:
    with pytest.raises(RefusedText) as refused:
        canonicalise(source)
    assert words in refused.value.reason
    assert refused.value.reason.endswith(".")
    assert 0 <= refused.value.start < refused.value.end <= len(source)


@pytest.mark.parametrize(
    "source", ["50 μg of it", "Оля пришла", "王芳 came", "مريم", "β2 and α", "👍 good", "☎ 5", "10°C"]
)
def test_keeps_honest_words_of_other_scripts(source: str) -> None:
    assert canonicalise(source).text == source


def test_refuses_a_text_that_is_too_long() -> None:
    assert canonicalise("a" * MAX_CHARACTERS).text
    with pytest.raises(RefusedText, match="50,001 characters") as refused:
        canonicalise("a" * (MAX_CHARACTERS + 1))
    assert refused.value.start == MAX_CHARACTERS


@pytest.mark.parametrize(
    ("source", "word", "there"),
    [
        ("> - **Ann\u200b** came", "Ann", "Ann\u200b"),
        ("1. Tom &#74;o", "Jo", "&#74;o"),
        ("x\n\n- a\n- [Ann](http://b.example) c", "Ann", "Ann"),
        ("# Head *line* #", "line", "line"),
        ("a  \nb `Ann` c", "Ann", "Ann"),
        ("J\\ohn is here", "John", "J\\ohn"),
    ],
)
def test_leads_back_to_the_source(source: str, word: str, there: str) -> None:
    canonical = canonicalise(source)
    at = canonical.text.index(word)
    start, end = canonical.to_source.span(at, at + len(word))
    assert source[start:end] == there


PIECES = [
    "a", "Ann", "*", "_", "**", "`", "```", "\n", "\n\n", "    ", "- ", "+ ", "1. ", "2) ", "> ", "# ", "[", "](", ")",
    '](u "t")', "!", "<b>", "<!--", "-->", "\\", "&amp;", "&#8203;", "&lt;", "\u200b", "é", "e\u0301", "ﬁ", "Ｊ", "---",
    "===", "\t", "  \n", "<a@b.co>", "http://x.y", "|", "~~~", "о", "\u2019", "²", "م", "王", "\r\n", "0",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=24).map("".join))
def test_is_settled_after_one_time_and_maps_into_the_source(source: str) -> None:
    canonical = _accepted(source)
    if canonical is None:
        return
    assert canonicalise(canonical.text).text == canonical.text
    places = zip(canonical.to_source.starts, canonical.to_source.ends, strict=True)
    assert all(0 <= start <= end <= len(source) for start, end in places)
    assert len(canonical.to_source.starts) == len(canonical.text)
    assert Canonical.from_dict(canonical.as_dict()) == canonical


def _accepted(source: str) -> Canonical | None:
    try:
        return canonicalise(source)
    except RefusedText as refused:
        if not 0 <= refused.start <= refused.end <= len(source):
            raise AssertionError("a refusal must point into the text") from refused
        return None

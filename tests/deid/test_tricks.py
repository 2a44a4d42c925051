"""Disguised identifiers: each ends as found or as refused, never as readable."""

from collections.abc import Callable

import pytest

from supervise.deid.engine import Engine, Proposal, RefusedText, canonicalise

TRICKS = {
    "zero-width space": "My client Jo\u200bhn came.",
    "zero-width joiner": "My client Jo\u200dhn came.",
    "word joiner": "My client Jo\u2060hn came.",
    "soft hyphen": "My client Jo\u00adhn came.",
    "grapheme joiner": "My client Jo\u034fhn came.",
    "tag characters": "My client Jo\U000e0041hn came.",
    "variation selector": "My client Jo\ufe0fhn came.",
    "cyrillic o": "My client J\u043ehn came.",
    "greek o": "My client J\u03bfhn came.",
    "emphasis inside": "My client J*oh*n came.",
    "strong inside": "My client **J**ohn came.",
    "backslash": "My client J\\ohn came.",
    "decimal entity": "My client &#74;ohn came.",
    "hex entity": "My client &#x4A;ohn came.",
    "zero-width entity": "My client Jo&#8203;hn came.",
    "link split": "My client [Jo](http://a.example)hn came.",
    "comment inside": "My client Jo<!-- x -->hn came.",
    "tag inside": "My client Jo<b>hn</b> came.",
    "full-width": "My client Ｊｏｈｎ came.",
    "mathematical": "My client 𝓙𝓸𝓱𝓷 came.",
    "circled": "My client Ⓙⓞⓗⓝ came.",
    "bidi override": "My client \u202enhoJ\u202c came.",
    "bidi isolate": "My client \u2067nhoJ\u2069 came.",
    "no-break space": "My client\u00a0John\u00a0came.",
    "letter-spaced": "My client J o h n came.",
    "spelled": "My client J-o-h-n came.",
    "hard break": "My client Jo\\\nhn came.",
    "emoji": "My client Jo\U0001f642hn came.",
    "code span": "My client `John` came.",
    "fenced": "```\nMy client John came.\n```",
    "table": "| client | John |\n|---|---|\n| a | b |",
    "quoted line": "> My client John came.",
    "link title": 'See [this](http://a.example "John Brandvold") now.',
    "alt text": "![John at the lake](a.png)",
    "link text": "[John](http://a.example) came.",
    "heading": "# John Brandvold",
    "possessive": "We read John's note.",
    "capitals": "MY CLIENT JOHN CAME.",
    "no capitals": "my client john came.",
    "stacked marks": "My client J\u0301\u0302\u0303\u0304ohn came.",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_disguised_name_is_found_or_refused(trick: str, propose: Callable[[str], Proposal]) -> None:
    try:
        proposal = propose(TRICKS[trick])
    except RefusedText:
        return
    result = proposal.resolve({}).apply().text
    letters = "".join(c for c in result.casefold() if c.isalpha())
    assert "john" not in letters
    assert "jo" not in result.casefold().replace("[", " ").split()


NUMBERS = {
    "full-width digits": "Call ８３１-５５５-０１６２ now.",
    "non-breaking hyphens": "Call 831\u2011555\u20110162 now.",
    "en dashes": "Call 831\u2013555\u20130162 now.",
    "dots": "Call 831.555.0162 now.",
    "no-break spaces": "Call 831\u00a0555\u00a00162 now.",
    "zero-width": "Call 831-5\u200b55-0162 now.",
    "spaced": "Call 8 3 1 5 5 5 0 1 6 2 now.",
    "words": "Call eight three one, five five five, oh one six two now.",
    "arabic digits": "Call ٨٣١-٥٥٥-٠١٦٢ now.",
    "emphasis": "Call 831-**555**-0162 now.",
    "entities": "Call 831&#45;555&#45;0162 now.",
}


@pytest.mark.parametrize("trick", NUMBERS)
def test_a_disguised_number_is_found(trick: str, propose: Callable[[str], Proposal]) -> None:
    result = propose(NUMBERS[trick]).resolve({}).apply().text
    assert result == "Call [phone] now."


def test_publishes_the_canonical_text_alone(engine: Engine) -> None:
    source = "A&#8203;B <!-- secret -->plain[^1] &copy;"
    result = engine.propose(canonicalise(source)).resolve({}).apply().text
    assert "secret" not in result
    assert "\u200b" not in result

"""Whatever is typed, the time stays near that of plain prose of the same length."""

import time

import pytest

from supervise.deid.engine import MAX_CHARACTERS, Engine, RefusedText, canonicalise, survivors

LENGTH = 10_000
PLAIN = "She came on Tuesday and said that her mother had called again about the house. " * 1000
UNKIND = {
    "one name": "Qxz Wvb ",
    "digits": "5 ",
    "hyphens": "1-",
    "brackets": "[",
    "dots": "a.b",
    "mail": "a@",
    "mail in words": "a at b dot ",
    "backticks": "`",
    "stars": "*a ",
    "links": "[a](b) ",
    "open links": "[a](",
    "items": "- a\n",
    "tags": "<a ",
    "spelled": "a-b-c-d ",
    "initials": "A.B. ",
    "one word": "A",
    "rare": "the only man who ",
    "marks": "e\u0301",
}
_RATIO = 15  # the model sees a token for every character where prose has one for five


def seconds(engine: Engine, text: str) -> float:
    begun = time.process_time()
    try:
        result = engine.propose(canonicalise(text)).resolve({}).apply()
        survivors(result.text)
    except RefusedText:
        pass
    return time.process_time() - begun


@pytest.fixture(scope="module")
def plain(engine: Engine) -> float:
    seconds(engine, PLAIN[:LENGTH])
    return max(seconds(engine, PLAIN[:LENGTH]) for _ in range(2))


@pytest.mark.parametrize("kind", UNKIND)
def test_unkind_texts_take_no_longer_than_their_length_explains(kind: str, plain: float, engine: Engine) -> None:
    text = (UNKIND[kind] * LENGTH)[:LENGTH]
    assert seconds(engine, text) < _RATIO * plain


def test_many_different_names_are_no_trap(plain: float, engine: Engine) -> None:
    names = " and ".join("Zq" + "".join(chr(97 + number // 26**k % 26) for k in range(4)) for number in range(900))
    assert seconds(engine, names[:LENGTH]) < _RATIO * plain


def test_twice_the_length_takes_about_twice_the_time(engine: Engine) -> None:
    half, whole = PLAIN[: MAX_CHARACTERS // 4], PLAIN[: MAX_CHARACTERS // 2]
    assert seconds(engine, whole) < 4 * seconds(engine, half)

"""Characters as the reader sees them: what is folded to a plain form, dropped as invisible, or refused."""

import unicodedata
from functools import lru_cache

from supervise.deid.engine.errors import RefusedText
from supervise.deid.engine.offsets import Offsets, Writer

_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NEW_LINES = frozenset("\r\x0b\x0c\x85\u2028\u2029")
_INVISIBLE = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0\ufeff")
_BLANK = frozenset("\u2800")
_MARKS_IN_A_ROW = 3
# Folded to the form that recognisers and readers share; a superscript or a fraction keeps its meaning and stays.
_SAME = {
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201f\u2033\uff02", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2212\ufe63\uff0d\u058a\u2043", "-"),
    "\u2024": ".",
    "\u2044": "/",
    "\u2215": "/",
}
_FOLDED_KINDS = ("<wide>", "<narrow>", "<font>", "<circle>", "<noBreak>", "<compat>", "<isolated>", "<initial>")
_KEPT_KINDS = ("<super>", "<sub>", "<fraction>", "<square>", "<vertical>")


@lru_cache(maxsize=4096)
def _folded(char: str) -> str | None:
    """Return what stands for one character, the empty string when it is invisible, or None when it is refused."""
    if char in _SAME:
        return _SAME[char]
    if char in _NEW_LINES:
        return "\n"
    if char in _INVISIBLE or "\ufe00" <= char <= "\ufe0f" or 0xE0000 <= ord(char) <= 0xE0FFF:
        return ""
    category = unicodedata.category(char)
    if char in _BLANK or category == "Zs":
        return " "
    if category == "Cf":
        return None if char in _DIRECTION else ""
    if category in ("Cc", "Cs", "Co", "Cn"):
        return char if char in "\n\t" else None
    if category == "Nd":
        return str(unicodedata.decimal(char))
    kind = unicodedata.decomposition(char).partition(" ")[0]
    if kind.startswith(_FOLDED_KINDS) or (kind == "<super>" and category == "Lm"):
        plain = unicodedata.normalize("NFKC", char)
        return "".join(_folded(c) or "" for c in plain) if plain != char else char
    return char


def fold(source: str) -> tuple[str, Offsets]:
    """Return the text with look-alike forms folded and invisible characters gone; raise :class:`RefusedText`."""
    writer = Writer()
    at, length = 0, len(source)
    while at < length:
        char = source[at]
        if char.isascii() and char >= " " and not (at + 1 < length and source[at + 1] > "\u02ff"):
            writer.put(char, at, at + 1)
            at += 1
            continue
        at = _cluster(source, at, writer)
    return writer.done(length)


def _cluster(source: str, at: int, writer: Writer) -> int:
    """Write one base character with the marks that sit on it and return the place after them."""
    end = at + 1
    while end < len(source) and (unicodedata.combining(source[end]) or _folded(source[end]) == ""):
        end += 1
    if source[at] == "\r" and end < len(source) and source[end] == "\n":
        writer.put("\n", at, end + 1)
        return end + 1
    plain = ""
    for place in range(at, end):
        piece = _folded(source[place])
        if piece is None:
            raise RefusedText(_why(source[place]), place, place + 1)
        plain += piece
    composed = unicodedata.normalize("NFC", plain)
    if sum(1 for c in composed if unicodedata.combining(c)) >= _MARKS_IN_A_ROW:
        raise RefusedText(
            "This letter carries several stacked marks, so its word cannot be checked. Please type it plainly.", at, end
        )
    if source[at] == "\t":
        composed = "    " if at == 0 or source[at - 1] in "\n\r" else " "
    writer.put(composed, at, end)
    return end


def _why(char: str) -> str:
    if char in _DIRECTION:
        return (
            "A hidden character here changes the direction of the text, so what you see is not what would be checked. "
            "Please delete it and type the words again."
        )
    return "A hidden control character stands here. Please delete it and type the passage again."


@lru_cache(maxsize=4096)
def script(letter: str) -> str:
    """Return the alphabet of a letter by its Unicode name: LATIN, CYRILLIC, GREEK, CJK …"""
    if letter.isascii():
        return "LATIN"
    first = unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
    return "LATIN" if first in ("FEMININE", "MASCULINE", "MODIFIER", "KELVIN", "ANGSTROM") else first


def refuse_disguised_words(text: str, offsets: Offsets) -> None:
    """Raise :class:`RefusedText` at a word of two alphabets or with a picture between its letters."""
    at, length = 0, len(text)
    while at < length:
        if not text[at].isalpha():
            at += 1
            continue
        end = at + 1
        while end < length and (text[end].isalnum() or unicodedata.combining(text[end])):
            end += 1
        _refuse_mixed(text, at, end, offsets)
        if (
            end + 1 < length
            and unicodedata.category(text[end]) in ("So", "Sk", "Cs")
            and text[end] not in "^`°®©™"
            and text[end + 1].isalpha()
            and text[end + 1].islower()
        ):
            raise RefusedText(
                "A picture or symbol stands between the letters of a word. Please type the word without it.",
                *offsets.span(at, end + 2),
            )
        at = end


_PAIRED_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "DESERET"})


def _refuse_mixed(text: str, start: int, end: int, offsets: Offsets) -> None:
    word = text[start:end]
    if word.isascii():
        return
    scripts = {script(c) for c in word if c.isalpha()} & _PAIRED_ALPHABETS
    unit = word[0] in "μµΩαβγδΔ"  # a dose or a wave, as in "50 μg"
    if len(scripts) > 1 and not (unit and scripts == {"LATIN", "GREEK"} and word[1:].isascii()):
        raise RefusedText(
            "This word mixes look-alike letters of two alphabets, so it could hide a name. Please type it again.",
            *offsets.span(start, end),
        )

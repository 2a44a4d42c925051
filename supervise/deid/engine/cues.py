"""Names that the words around them give away: after a title, a kinship or working role, or "named"."""

from collections.abc import Iterator

from supervise.deid.engine.findings import Finding
from supervise.deid.engine.scan import Scan

_MAX_PARTS = 5
_PLAIN = ("titles", "roles", "kinship", "weekdays", "months", "headings", "ordinary_terms", "org_words", "medicines")
_WHY = {
    "title": "Follows a title",
    "named": "Follows a word that gives a name",
    "role": "Follows a family or working role",
    "telling": "A known name",
}


def find_cued(scan: Scan) -> Iterator[Finding]:
    """Yield names after a word that calls for one, whatever their case."""
    lists = scan.lexicon
    for number, word in enumerate(scan.words):
        before = scan.before(number)
        if not before or word.text[0].isdigit() or not word.text[0].isalpha() or scan.protected(number):
            continue
        if before in lists["titles"] and _follows_title(scan, number, before):
            yield _name(scan, number, "title", 0.9)
        elif before in lists["naming"] and _can_be_named(scan, number):
            yield _name(scan, number, "named", 0.85)
        elif before in lists["kinship"] or before in lists["roles"]:
            if _can_follow_role(scan, number):
                yield _name(scan, number, "role", 0.75)
        elif before in lists["telling"] and _known_name(scan, number):
            yield _name(scan, number, "telling", 0.75)
        elif before in ("by", "as") and scan.low(number - 2) in ("goes", "went", "known") and _can_go_by(scan, number):
            yield _name(scan, number, "named", 0.7)
    yield from _small(scan)


def _follows_title(scan: Scan, number: int, title: str) -> bool:
    """Tell whether a word behind a title is a name: "Mr. Rich", "aunt rosa", but not "general practice"."""
    word, lists = scan.words[number], scan.lexicon
    if title in lists["dotted_titles"]:
        dotted = scan.words.gap(number - 1).startswith(".")
        return word.low not in lists["function"] and (word.capital or dotted or not scan.ordinary(word.low))
    if _known_name(scan, number):
        return True
    if word.capital:
        return not scan.starts[number] and not _plain(scan, number)
    return title not in lists["word_titles"] and scan.lower_style and not scan.ordinary(word.low)


def _can_be_named(scan: Scan, number: int) -> bool:
    word = scan.words[number]
    if scan.low(number - 2) in ("a", "an", "the", "un") or any(
        scan.low(n) in scan.lexicon["pets"] for n in range(max(0, number - 5), number)
    ):
        return False
    if word.capital:
        return not scan.starts[number] and not _plain(scan, number)
    return not scan.ordinary(word.low) or (
        scan.low(number - 1) in ("named", "nicknamed", "aka") and word.low in scan.lexicon["name_words"]
    )


def _can_go_by(scan: Scan, number: int) -> bool:
    word = scan.words[number]
    return _can_be_named(scan, number) or (
        word.low in scan.lexicon["given"] and word.low not in scan.lexicon["function"]
    )


def _small(scan: Scan) -> Iterator[Finding]:
    """Yield names in small letters that are words, or stand between commas after a role ("the boyfriend, ty, owes")."""
    lists = scan.lexicon
    for low in lists["acting_words"]:
        for number in scan.words.numbers(low):
            word = scan.words[number]
            acts = scan.words.gap(number) == " " and scan.low(number + 1) in lists["acted"]
            told = scan.before(number) in lists["addressed"]
            if not word.capital and (acts or told):
                yield Finding(word.start, word.end, "NAME", 0.55, "cue-telling", True, "A name that is also a word")
    for number in range(1, len(scan.words)):
        word, before = scan.words[number], scan.low(number - 1)
        apposed = scan.words.gap(number - 1) == ", " and scan.words.gap(number).startswith((",", ")", " ("))
        if apposed and (before in lists["kinship"] or before in lists["roles"]) and _known_name(scan, number):
            yield _name(scan, number, "role", 0.75)


def _can_follow_role(scan: Scan, number: int) -> bool:
    word = scan.words[number]
    if word.capital:
        return not scan.starts[number] and not _plain(scan, number)
    return _known_name(scan, number) or (not scan.ordinary(word.low) and len(word.low) > 2 and word.text.isalpha())


def _known_name(scan: Scan, number: int) -> bool:
    """A listed name in any case that is not an everyday word."""
    word = scan.words[number]
    return (
        scan.lexicon.is_name(word.low)
        and (word.capital or not scan.ordinary(word.low))
        and not (word.capital and scan.ordinary(word.low) and scan.starts[number])
    )


def _plain(scan: Scan, number: int) -> bool:
    """A capitalised word that is no name by itself: a title, a role, a heading, a weekday, an abbreviation."""
    word = scan.words[number]
    lists = scan.lexicon
    if word.low in lists["given"] and word.low not in lists["ordinary_terms"]:
        return False
    if (word.upper or number in scan.shouted) and scan.ordinary(word.low):
        return True
    return len(word.text) == 1 or any(word.low in lists[name] for name in _PLAIN)


def _name(scan: Scan, number: int, source: str, score: float) -> Finding:
    """Return the name that begins at a word: the capitalised (or, in small letters, known) words that follow it."""
    last = number
    while last - number < _MAX_PARTS:
        step = _next_part(scan, number, last)
        if not step:
            break
        last += step
    start, end = scan.words.span(number, last)
    word = scan.words[number]
    lone = number == last and (scan.ordinary(word.low) or not word.capital)
    doubtful = lone and source != "title" and not scan.lexicon.is_name(word.low)
    return Finding(start, end, "NAME", score, f"cue-{source}", doubtful, _WHY[source])


def _next_part(scan: Scan, number: int, last: int) -> int:
    """Return how many words after ``last`` still belong to the name that begins at ``number``."""
    words = scan.words
    gap = words.gap(last)
    if last + 1 >= len(words) or gap not in (" ", "-", "'", ". ") or (gap == ". " and len(words[last].text) > 1):
        return 0
    after, joined, capital = words[last + 1], gap in ("-", "'"), words[number].capital
    if after.low == "s" and joined:
        return 0
    if after.capital:
        initial = len(after.text) == 1 and after.text != "I"
        return int(capital and (initial or not (scan.protected(last + 1) or _plain(scan, last + 1))))
    known = after.low in scan.lexicon["surnames"] and not scan.ordinary(after.low)
    if after.text.isalpha() and (known or (joined and len(after.low) > 1)):
        return 1
    particle = after.low in scan.lexicon["particles"] and len(after.low) > 1 and last + 2 < len(words)
    return 2 if particle and words[last + 2].capital and words.gap(last + 1) == " " else 0

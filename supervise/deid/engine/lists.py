"""What is found because a list knows it: cities, and given names in small letters or at a sentence's start."""

from collections.abc import Iterator

from supervise.deid.engine.findings import Finding
from supervise.deid.engine.scan import Scan


def find_listed(scan: Scan) -> Iterator[Finding]:
    """Yield known cities and known names; what is also an everyday word is left to its capitals and cues."""
    yield from _cities(scan)
    yield from _small_places(scan)
    lists = scan.lexicon
    for number, word in enumerate(scan.words):
        if scan.protected(number) or not word.text[0].isalpha() or len(word.low) < 3:
            continue
        if word.low in lists["given"] and not scan.ordinary(word.low):
            last = _surname_after(scan, number)
            start, end = scan.words.span(number, last)
            yield Finding(start, end, "NAME", 0.8, "listed", False, "A known given name")
        elif word.low in lists["name_words"] and word.capital and scan.starts[number] and _acts(scan, number):
            yield Finding(word.start, word.end, "NAME", 0.55, "listed", True, "A name that is also a word")
        elif word.low in lists["surnames"] and word.capital and scan.starts[number] and not scan.ordinary(word.low):
            yield Finding(word.start, word.end, "NAME", 0.7, "listed", False, "A known surname")


def _surname_after(scan: Scan, number: int) -> int:
    nxt = number + 1
    if nxt < len(scan.words) and scan.words.gap(number) in (" ", "-") and not scan.protected(nxt):
        word = scan.words[nxt]
        if word.low in scan.lexicon["surnames"] and (word.capital or not scan.ordinary(word.low)):
            return nxt
    return number


def _acts(scan: Scan, number: int) -> bool:
    """Tell whether a sentence's first word does something that a person does ("Hope cried", "Will came")."""
    return scan.words.gap(number) in (" ", "'") and scan.low(number + 1) in scan.lexicon["said"] | frozenset(
        {"s", "and"}
    )


def _cities(scan: Scan) -> Iterator[Finding]:
    for first, last in scan.phrases("cities"):
        if scan.protected(first):
            continue
        low = scan.low(first)
        capital = all(scan.words[n].capital for n in (first, last))
        cue = scan.before(first) in scan.lexicon["place_cues"] or scan.low(first - 2) in scan.lexicon["place_verbs"]
        if first == last and (scan.ordinary(low) or scan.lexicon.is_name(low)) and not (capital and cue):
            continue
        if not capital and first == last and not cue and (not scan.lower_style or scan.ordinary(low)):
            continue
        if (
            not capital
            and any(scan.ordinary(scan.low(n)) for n in range(first, last + 1))
            and not (cue and last > first)
        ):
            continue
        start, end = scan.words.span(first, last)
        yield Finding(start, end, "LOCATION", 0.85, "known-city", False, "A known city")


def _small_places(scan: Scan) -> Iterator[Finding]:
    """Yield "lincoln middle", "clallam county", "blackstone ave": a kind of place behind a proper name."""
    lists = scan.lexicon
    for name, label in (("small_org_words", "ORG"), ("small_place_words", "LOCATION")):
        for kind in lists[name]:
            for number in scan.words.numbers(kind):
                before = number - 1
                if before < 0 or scan.words.gap(before) != " " or scan.words[number].capital or scan.protected(before):
                    continue
                if _proper(scan, before):
                    span = scan.words.span(before, number)
                    yield Finding(
                        *span, label, 0.7, "capitals-org" if label == "ORG" else "capitals-place", False, _SMALL
                    )
    for number in (n for low in ("st", "saint") for n in scan.words.numbers(low)):
        follows = number + 1 < len(scan.words) and scan.words.gap(number) in (" ", ". ")
        if follows and scan.before(number) in ("at", "to", "from") and scan.low(number + 1) in lists["given"]:
            yield Finding(*scan.words.span(number, number + 1), "ORG", 0.7, "capitals-org", False, _SMALL)


_SMALL = "Ends like the name of a place"


def _proper(scan: Scan, number: int) -> bool:
    """Tell whether a word is a name, a city or in no dictionary."""
    word = scan.words[number]
    if len(word.low) < 3 or not word.text.isalpha() or word.low in scan.lexicon["ordinary_terms"]:
        return False
    return (
        scan.lexicon.is_name(word.low)
        or scan.lexicon.phrases["cities"].match(scan.words, number) == number
        or (not scan.ordinary(word.low))
    )

"""Capitalised words: runs of them that no ordinary reason explains are a name, a place or an organisation."""

from collections.abc import Iterator
from dataclasses import dataclass

from supervise.deid.engine.findings import Finding
from supervise.deid.engine.scan import Scan

_OF = frozenset(("of", "the", "and", "for", "at", "in", "de", "la", "del", "los", "las", "y", "&", "d"))
_LINKS = (" ", "-", "'", ". ", " & ", "’")
_MAX_RUN = 8
_TITLE_LENGTH = 14


@dataclass(frozen=True, slots=True)
class _Run:
    first: int
    last: int


def find_capitals(scan: Scan) -> Iterator[Finding]:
    """Yield runs of capitalised words with the label that their last word, their cue or a list gives them."""
    titles = _title_lines(scan)
    number = 0
    while number < len(scan.words):
        run = _run(scan, number)
        if run is None:
            number += 1
            continue
        finding = _judge(scan, run, titles)
        if finding is not None:
            yield finding
        number = run.last + 1


def _title_lines(scan: Scan) -> set[int]:
    """Return the words of lines that are headings, where every ordinary word may have a capital."""
    out: set[int] = set()
    at = 0
    for line in scan.text.split("\n"):
        numbers = [n for n in scan.words.inside(at, at + len(line)) if scan.words[n].text[0].isalpha()]
        at += len(line) + 1
        big = [n for n in numbers if len(scan.words[n].text) > 3]
        if len(big) > 1 and len(numbers) <= _TITLE_LENGTH and all(scan.words[n].capital for n in big):
            out.update(numbers)
    return out | scan.shouted


def _candidate(scan: Scan, number: int) -> bool:
    word = scan.words[number]
    if number in scan.shouted and scan.ordinary(word.low) and word.low not in scan.lexicon["org_words"]:
        return False
    return word.capital and not scan.protected(number)


def _run(scan: Scan, number: int) -> _Run | None:
    """Return the run of capitalised words that begins at a word, "of" and "the" inside it included."""
    if not _candidate(scan, number):
        return None
    lists = scan.lexicon
    last = number
    while last + 1 < len(scan.words) and last - number < _MAX_RUN:
        gap, nxt = scan.words.gap(last), scan.words[last + 1]
        if gap not in _LINKS or (
            gap == ". " and len(scan.words[last].text) > 3 and scan.words[last].low not in ("st", "mt", "ft")
        ):
            break
        if nxt.low == "s" and gap in ("'", "’"):
            follows = last + 2 < len(scan.words) and scan.words.gap(last + 1) == " " and _candidate(scan, last + 2)
            if follows and scan.words[last + 2].low in lists["org_words"]:
                last += 2
                continue
            break
        if _candidate(scan, last + 1) and not (gap == ". " and scan.starts[last + 1]):
            last += 1
        elif (nxt.low in _OF or nxt.low in lists["particles"]) and gap == " ":
            step = (
                2
                if last + 2 < len(scan.words) and scan.words[last + 2].low in _OF and scan.words.gap(last + 1) == " "
                else 1
            )
            then = last + 1 + step
            if (
                then < len(scan.words)
                and scan.words.gap(then - 1) == " "
                and _candidate(scan, then)
                and (
                    nxt.low in lists["particles"]
                    or any(
                        scan.low(n) in lists["org_words"] or scan.low(n) in lists["place_words"]
                        for n in (*range(number, last + 1), then)
                    )
                )
            ):
                last = then
            else:
                break
        elif nxt.text[0].islower() and gap == "-" and not scan.ordinary(nxt.low):
            last += 1
        else:
            break
    return _Run(number, last)


def _judge(scan: Scan, run: _Run, titles: set[int]) -> Finding | None:
    """Label a run, or return None when it is nobody's name."""
    first, last = _strip(scan, run, titles)
    if first > last:
        return None
    lists = scan.lexicon
    lows = [scan.low(n) for n in range(first, last + 1)]
    start, end = scan.words.span(first, last)
    heading = all(n in titles for n in range(first, last + 1))
    plain = all(_everyday(scan, n) for n in range(first, last + 1))
    tail = lows[-1]
    specific = any(low not in lists["generic_org"] and low not in _OF and not low.isdigit() for low in lows[:-1]) or (
        len(lows) > 1 and lows[0] in ("st", "saint", "our", "holy", "mt", "mount")
    )
    if len(lows) > 1 and any(low in lists["org_words"] for low in lows) and specific and not (heading and plain):
        place = tail in lists["place_words"] and tail not in lists["org_words"]
        label = "LOCATION" if place else "ORG"
        return Finding(
            start,
            end,
            label,
            0.8,
            "capitals-org",
            plain and scan.starts[first],
            "Ends like the name of an organisation",
        )
    if (
        len(lows) > 1
        and (tail in lists["place_words"] or (tail in lists["street_words"] and len(tail) > 2))
        and not (heading and plain)
    ):
        return Finding(start, end, "LOCATION", 0.8, "capitals-place", False, "Ends like the name of a place")
    if len(lows) > 1 and lows[0] in ("fort", "camp", "mount", "lake", "mt", "ft", "port") and not plain:
        return Finding(start, end, "LOCATION", 0.8, "capitals-place", False, "Begins like the name of a place")
    if plain:
        return _plain_run(scan, first, last, heading)
    return _unknown_run(scan, first, last, heading)


def _strip(scan: Scan, run: _Run, titles: set[int]) -> tuple[int, int]:
    """Leave out a sentence's ordinary first word, titles and roles, so that "When Aunt Rosa" is "Rosa"."""
    first, last = run.first, run.last
    while first <= last and (_opens(scan, first, last) or _addresses(scan, first, last)):
        first += 1
    while last >= first and scan.low(last) in _OF:
        last -= 1
    return first, last


def _opens(scan: Scan, first: int, last: int) -> bool:
    """Tell whether a run's first word owes its capital to the sentence, or is a letter that numbers an item."""
    low, lists = scan.low(first), scan.lexicon
    if len(scan.words[first].text) == 1:
        return low in ("i", "a", "s", "o", "p") and not _initial(scan, first, last)
    if not scan.starts[first] or not scan.ordinary(low) or low in lists["given"]:
        return False
    if first == last or low in lists["function"]:
        return True
    followed = any(scan.low(n) in lists["org_words"] for n in range(first + 1, last + 1))
    second = not scan.harmless(first + 1) or scan.low(first + 1) in lists["name_words"]
    named = low in lists["name_words"] and scan.words.gap(first) == " " and second
    return not (followed or named or low in lists["place_first"])


def _addresses(scan: Scan, first: int, last: int) -> bool:
    """Tell whether a run's first word is a title, a kinship word or a role before the name."""
    low, lists = scan.low(first), scan.lexicon
    called = low in lists["titles"] or low in lists["kinship"] or low in lists["roles"]
    return first < last and called and low not in lists["given"]


def _initial(scan: Scan, first: int, last: int) -> bool:
    return first < last and scan.words.gap(first).startswith(".") and scan.words[first].text != "I"


def _everyday(scan: Scan, number: int) -> bool:
    """A word that stands in a dictionary, or an abbreviation, rather than in a register of names."""
    word = scan.words[number]
    if word.low in scan.lexicon["ordinary_terms"]:
        return True
    if word.low in scan.lexicon["given"] or word.low in scan.lexicon["surnames"]:
        return word.low in scan.lexicon["name_words"]
    if word.upper and len(word.text) <= 5 and not scan.lexicon.is_name(word.low):
        return True
    return len(word.text) == 1 or scan.ordinary(word.low)


def _plain_run(scan: Scan, first: int, last: int, heading: bool) -> Finding | None:
    """Ordinary words with capitals in the middle of a sentence: a name that is a word, or emphasis."""
    lists = scan.lexicon
    start, end = scan.words.span(first, last)
    lows = [scan.low(n) for n in range(first, last + 1)]
    cue = scan.before(first)
    if heading or scan.starts[first]:
        acts = last > first and lows[0] in lists["name_words"] and scan.low(last + 1) in lists["said"] and not heading
        return Finding(start, end, "NAME", 0.6, "capitals-word-name", True, "A name of two words") if acts else None
    if all(scan.harmless(n) for n in range(first, last + 1)) and not all(low in lists["given"] for low in lows):
        return None
    if all(low in lists["name_words"] for low in lows) and not all(scan.words[n].upper for n in range(first, last + 1)):
        return Finding(start, end, "NAME", 0.6, "capitals-word-name", True, "A name that is also a word")
    if all(len(scan.words[n].text) <= 5 and scan.words[n].upper for n in range(first, last + 1)):
        known = all(low in lists["ordinary_terms"] for low in lows)
        if cue in ("at", "attends", "attending") and not known:
            return Finding(start, end, "ORG", 0.5, "capitals-short", True, "Short for an organisation?")
        return None
    if cue == "at" and len(lows) > 1:
        return Finding(start, end, "ORG", 0.55, "capitals-at", True, "Follows “at”")
    if cue == "the" and len(lows) == 1 and scan.low(first - 2) in lists["place_cues"]:
        return Finding(start, end, "LOCATION", 0.5, "capitals-in", True, "Follows “in the”")
    if cue in lists["place_cues"] and scan.low(first) not in lists["headings"]:
        return Finding(start, end, "LOCATION", 0.5, "capitals-in", True, "Follows a word of place")
    return None


def _unknown_run(scan: Scan, first: int, last: int, heading: bool) -> Finding | None:
    """Words that no dictionary holds: a name unless what stands around them makes a place or an employer of them."""
    lists = scan.lexicon
    start, end = scan.words.span(first, last)
    if scan.words.gap(last) == " " and scan.low(last + 1) in lists["place_words"] and scan.low(first - 1) == "the":
        return Finding(start, scan.words[last + 1].end, "LOCATION", 0.7, "capitals-place", False, "Named like a place")
    cue, cue2 = scan.before(first), scan.low(first - 2)
    lows = [scan.low(n) for n in range(first, last + 1)]
    known = any(low in lists["given"] for low in lows) or (len(lows) > 1 and lows[-1] in lists["surnames"])
    if (cue == "at" or (cue == "the" and cue2 == "at")) and (not known or len(lows) > 2):
        return Finding(start, end, "ORG", 0.65, "capitals-at", False, "Follows “at”")
    if (
        cue in lists["place_cues"] or cue2 in lists["place_verbs"] or (cue == "the" and cue2 in lists["place_cues"])
    ) and not known:
        return Finding(start, end, "LOCATION", 0.65, "capitals-in", False, "Follows a word of place")
    after = scan.low(last + 1)
    if scan.words.gap(last).startswith(", ") and (
        after in lists["states_one"] or (after in lists["state_codes"] and scan.words[last + 1].upper)
    ):
        return Finding(start, end, "LOCATION", 0.9, "capitals-state", False, "Stands before a state")
    if known:
        return Finding(start, end, "NAME", 0.85, "capitals-known", False, "A known name")
    lone = len(lows) == 1
    doubtful = lone and (scan.starts[first] or heading or scan.words[first].upper)
    return Finding(
        start,
        end,
        "NAME",
        0.5 if doubtful else 0.7,
        "capitals",
        doubtful,
        "A capitalised word that is not in the dictionary",
    )

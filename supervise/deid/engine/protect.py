"""Keeps readable what a supervisor needs: theorists, instruments, medicines, laws, states, peoples and public bodies.

Where the same word can be a client's name, the words around it decide.
"""

from typing import Final

from supervise.deid.engine.scan import Scan

_PHRASES: Final = ("bodies", "instruments", "therapies", "laws", "states", "culture")
_NEAR: Final = 6


def protect(scan: Scan) -> None:
    """Mark the words of a text that are not to be taken for names."""
    for name in _PHRASES:
        for first, last in scan.phrases(name):
            if not (first == last and _is_person(scan, first)) and not _named_before(scan, first, name):
                scan.protect(first, last)
    lists = scan.lexicon
    places = lists["states_one"] | lists["countries"]
    people: set[str] = set()
    theorists: list[int] = []
    for number, word in enumerate(scan.words):
        if (
            word.low in lists["weekdays"]
            or word.low in lists["medicines"]
            or (
                word.low in places and word.capital and not _is_person(scan, number) and not _begins_place(scan, number)
            )
        ):
            scan.protect(number, number)
        elif word.capital and (word.low in lists["theorists_distinct"] or word.low in lists["theorists_common"]):
            if _is_person(scan, number):
                people.add(word.low)
            elif word.low in lists["theorists_distinct"] or _near_theory(scan, number):
                theorists.append(number)
    for number in theorists:
        if scan.low(number) not in people:
            scan.protect(number, number)


def _named_before(scan: Scan, number: int, name: str) -> bool:
    """Tell whether a public body is a local one by the capitalised word before it ("Webb County District Court")."""
    if name != "bodies" or number == 0 or scan.words.gap(number - 1) != " ":
        return False
    word = scan.words[number - 1]
    return (
        word.capital
        and not scan.starts[number - 1]
        and not scan.protected(number - 1)
        and not scan.harmless(number - 1)
    )


def _is_person(scan: Scan, number: int) -> bool:
    """Tell whether a title, a role or another part of a name stands beside the word."""
    lists = scan.lexicon
    before, after = scan.before(number), number + 1
    if before in lists["titles"] or before in lists["kinship"] or before in lists["roles"] or before in lists["naming"]:
        return True
    if before in lists["given"] and scan.words[number - 1].capital and not scan.protected(number - 1):
        return True
    if after >= len(scan.words) or scan.words.gap(number) not in (" ", "-"):
        return False
    follower = scan.words[after]
    named = follower.capital and follower.low in lists["surnames"] and scan.low(number) in lists["given"]
    speaks = follower.low in lists["said"] and scan.low(number) in lists["given"] and before not in lists["place_cues"]
    return named or speaks


def _begins_place(scan: Scan, number: int) -> bool:
    """Tell whether the state or country is the first word of a longer name ("Washington Heights")."""
    after = number + 1
    if after >= len(scan.words) or scan.words.gap(number) != " " or not scan.words[after].capital:
        return False
    low = scan.words[after].low
    return low in scan.lexicon["org_words"] or low in scan.lexicon["place_words"] or low in scan.lexicon["street_words"]


def _near_theory(scan: Scan, number: int) -> bool:
    near = range(max(0, number - _NEAR), min(len(scan.words), number + _NEAR + 1))
    return any(
        scan.low(n) in scan.lexicon["theory_words"] or scan.low(n) in scan.lexicon["theorists_distinct"]
        for n in near
        if n != number
    )

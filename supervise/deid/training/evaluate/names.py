"""Names of many origins, and names that are words, in sentences that say nothing else about them."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path
from random import Random
from typing import Any, Final

from supervise.deid.training.evaluate.scoring import Pairs
from supervise.deid.training.evaluate.worker import Spans

PEOPLE: Final = 520
"""Invented people of each group: each stands by full name, first name and surname; in small letters by one of them."""
WORDS: Final = "words"
_SEED: Final = 1868
USES: Final = ("full name", "first name", "surname")

_Person = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """One sentence with one name; ``word`` is the part of it that is a word too."""

    text: str
    start: int
    end: int
    group: str
    use: str
    lower: bool
    word: str | None


def placements(folder: Path, people: int = PEOPLE) -> list[Placement]:
    """Return every placement, first as written, then all in small letters; the same at every call."""
    groups: dict[str, dict[str, list[str]]] = tomllib.loads((folder / "names-by-origin.toml").read_text("utf-8"))
    sentences: dict[str, list[str]] = tomllib.loads((folder / "name-sentences.toml").read_text("utf-8"))
    return [
        placed
        for lower in (False, True)
        for group in groups
        for placed in _of_group(group, groups, sentences, people, lower=lower)
    ]


def _of_group(
    group: str, groups: dict[str, dict[str, list[str]]], sentences: dict[str, list[str]], people: int, *, lower: bool
) -> Iterator[Placement]:
    by_use = {
        "full name": cycle(sentences["person"]),
        "first name": cycle(sentences["person"][5:] + sentences["person"][:5]),
        "surname": cycle(sentences["surname"]),
    }
    for number, names in enumerate(_people(group, groups, people)):
        for use, (name, word) in zip(USES, names, strict=True):
            if lower and use != USES[number % len(USES)]:
                continue
            before, _, after = next(by_use[use]).partition("{}")
            text = before + name + after
            if lower:
                before, name, text = before.lower(), name.lower(), text.lower()
            yield Placement(text, len(before), len(before) + len(name), group, use, lower, word)


def _people(group: str, groups: dict[str, dict[str, list[str]]], people: int) -> list[_Person]:
    """Return full name, first name and surname of each invented person, each with the part that is a word."""
    random = Random(f"{_SEED} {group}")
    given, family = groups[group]["given"], groups[group]["family"]
    if group != WORDS:
        chosen = random.sample(list(product(given, family)), people)
        return [((f"{first} {last}", None), (first, None), (last, None)) for first, last in chosen]
    others = [names for origin, names in groups.items() if origin != WORDS]
    out: list[_Person] = []
    for number, (first, last) in enumerate(
        zip(_evenly(random, given, people), _evenly(random, family, people), strict=True)
    ):
        other = random.choice(others)
        full, word = (f"{first} {random.choice(other['family'])}", first)
        if number % 2:
            full, word = (f"{random.choice(other['given'])} {last}", last)
        out.append(((full, word), (first, first), (last, last)))
    return out


def _evenly(random: Random, names: Sequence[str], people: int) -> list[str]:
    """Return as many names as there are people, each as often as any other, in no order."""
    out = (list(names) * (people // len(names) + 1))[:people]
    random.shuffle(out)
    return out


def judged(placed: Placement, found: Spans) -> Pairs:
    """Return whether every letter of the name is in a finding, as ``{"recall": (part, whole)}``."""
    wanted = {at for at in range(placed.start, placed.end) if placed.text[at].isalnum()}
    hit = {at for span in found for at in range(span["start"], span["end"])}
    return {"recall": (int(wanted <= hit), 1)}


def chosen(all_placed: Sequence[Placement], scores: Sequence[Pairs], **wanted: Any) -> list[Pairs]:
    """Return the scores of the placements that have these attributes, e.g. ``group="anglo", lower=False``."""
    return [
        pairs
        for placed, pairs in zip(all_placed, scores, strict=True)
        if all(getattr(placed, attribute) == value for attribute, value in wanted.items())
    ]

"""Makes many texts of one: the same story with other people, places and numbers, written by another hand.

Each person keeps one new name in all its forms; whatever form stood there (surname alone, initials, a nickname, a slip
of the keyboard) stands there again for the new name.
"""

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from supervise.deid.engine.lexicon import data_folder
from supervise.deid.training.corpus import Marked
from supervise.deid.training.pools import Pools

_BREAK: Final = re.compile(r"[.!?;][\"”)]*\s+|\n+")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_HOLIDAYS: Final = (
    "Thanksgiving", "Christmas", "Christmas Eve", "Easter", "Halloween", "Labor Day", "Memorial Day", "New Year's Eve",
    "the Fourth of July", "Valentine's Day", "Mother's Day", "Father's Day", "Eid", "Rosh Hashanah", "Yom Kippur",
    "Diwali", "Lunar New Year", "Tet", "Juneteenth", "Good Friday", "Passover", "Nowruz", "Epiphany", "MLK Day",
)  # fmt: skip
_DIGITS: Final = ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SLOTS: Final = tomllib.loads(Path(__file__).with_name("slots.toml").read_text("utf-8"))
_GENERIC: Final = frozenset(_SLOTS["generic"].split())
_ADDRESS_WORDS: Final = frozenset(_SLOTS["address"].split())
_ROADS: Final = tuple(_SLOTS["roads"].split())
_PROTECTED: Final = tomllib.loads((data_folder() / "protected.toml").read_text("utf-8"))
_CODE: Final = re.compile(r"[A-Z]\d\d\.\d{1,2}|90\d{3}", re.IGNORECASE)
_SWAPPED: Final = 0.6
_NEAR: Final = dict(zip(_SLOTS["keys"], _SLOTS["near"].split(), strict=True))


@dataclass(slots=True)
class Piece:
    """Words of one label; empty label for unmarked ones."""

    text: str
    label: str = ""
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A training text with the spans to find: (start, end, label)."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


def as_written(text: Marked) -> Example:
    """Return a text of the corpus as it stands."""
    return _example(_pieces(text))


def refilled(text: Marked, pools: Pools, random: Random) -> Example:
    """Return the text with other identifiers, and often in another hand."""
    pieces = _pieces(text)
    people = {
        person: _NewPerson([p.text for p in pieces if p.person == person], pools, random)
        for person in sorted({p.person for p in pieces if p.person is not None})
    }
    seen: dict[tuple[str, str], str] = {}
    for piece in pieces:
        if piece.person is not None:
            piece.text = people[piece.person].form(piece.text)
        elif piece.label in _REFILL:
            key = (piece.label, piece.text.casefold())
            if key not in seen:
                seen[key] = _REFILL[piece.label](piece.text, pools, random)
            piece.text = _cased_like(piece.text, seen[key]) if piece.text.islower() else seen[key]
        elif piece.label == "KEEP" and random.random() < _SWAPPED:
            piece.text = _kept(piece.text, random)
    return _example(_rewritten(pieces, random))


def cropped(example: Example, random: Random) -> Example:
    """Return one to three sentences or lines of an example: what a title, a question or a short post looks like."""
    edges = [0, *(found.end() for found in _BREAK.finditer(example.text)), len(example.text)]
    edges = [at for at in sorted(set(edges)) if not any(start < at < end for start, end, _ in example.spans)]
    first = random.randrange(len(edges) - 1) if len(edges) > 1 else 0
    start, end = edges[first], edges[min(first + random.randint(1, 3), len(edges) - 1)]
    words = example.text[start:end].rstrip()
    inside = ((a - start, b - start, label) for a, b, label in example.spans if start <= a and b <= start + len(words))
    return Example(words, tuple(inside))


def _pieces(text: Marked) -> list[Piece]:
    pieces, last = [], 0
    for span in text.spans:
        pieces.append(Piece(text.text[last : span.start]))
        pieces.append(Piece(text.words(span), span.label, span.person))
        last = span.end
    return [*pieces, Piece(text.text[last:])]


def _example(pieces: Iterable[Piece]) -> Example:
    out, spans, length = [], [], 0
    for piece in pieces:
        if piece.label and piece.label != "KEEP":
            spans.append((length, length + len(piece.text), piece.label))
        out.append(piece.text)
        length += len(piece.text)
    return Example("".join(out), tuple(spans))


class _NewPerson:
    """A new name for one person of a text, in each form in which the old one stands there."""

    def __init__(self, forms: list[str], pools: Pools, random: Random) -> None:
        self._random = random
        self._given, self._family = pools.person(random)
        full = max(forms, key=lambda form: (len(_WORD.findall(form)), len(form)))
        words = [word.casefold() for word in _WORD.findall(full)]
        if "," in full and len(words) > 1:
            words = [*words[1:], words[0]]
        self._old_given = words[0] if words else ""
        self._old_family = words[1:]
        self._new: dict[str, str] = {}

    def form(self, old: str) -> str:
        words = list(_WORD.finditer(old))
        if not words:
            return old
        if len(words) == 1:
            new = self._word(old[words[0].start() : words[0].end()])
            return old[: words[0].start()] + new + old[words[0].end() :]
        if any(len(word.group()) == 1 for word in words):  # initials among them: letter for letter
            return _WORD.sub(lambda word: self._word(word.group()), old)
        first, rest = words[0], words[1:]
        if first.group().casefold() == self._old_given:
            return (
                old[: first.start()]
                + self._word(first.group())
                + old[first.end() : rest[0].start()]
                + _cased_like(rest[-1].group(), self._family)
                + old[rest[-1].end() :]
            )
        family = words[0] if "," in old else None
        if family is not None:
            return (
                _cased_like(family.group(), self._family)
                + old[family.end() : rest[0].start()]
                + _cased_like(rest[0].group(), self._given)
            )
        return _cased_like(words[-1].group(), self._family)

    def _word(self, old: str) -> str:
        low = old.casefold()
        if low not in self._new:
            self._new[low] = self._fresh(low)
        return _cased_like(old, self._new[low])

    def _fresh(self, low: str) -> str:
        if len(low) == 1:
            source = self._given if low == self._old_given[:1] else self._family
            return source[0]
        if low == self._old_given:
            return self._given
        if low in self._old_family:
            return self._family
        if _close(low, self._old_given):
            return _slip(self._given, self._random)
        if any(_close(low, part) for part in self._old_family):
            return _slip(self._family, self._random)
        if len(low) <= 3 and low[0] == self._old_given[:1] and low[-1] in {p[0] for p in self._old_family}:
            return self._given[0] + self._family[0]
        short = self._given[: self._random.randint(3, 5)]
        return self._random.choice((short, short + "y", short + "ie", self._given, "Lil " + short[:1], short))


def _cased_like(old: str, new: str) -> str:
    if old.islower():
        return new.lower()
    if old.isupper() and len(old) > 1:
        return new.upper()
    return new


def _close(one: str, other: str) -> bool:
    """Tell whether two words differ by one slip of the keyboard."""
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 4:
        return False
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    tails = ((one[same + 1 :], other[same + 1 :]), (one[same:], other[same + 1 :]), (one[same + 1 :], other[same:]))
    swapped = one[same : same + 2] == other[same : same + 2][::-1] and one[same + 2 :] == other[same + 2 :]
    return swapped or any(a == b for a, b in tails)


def _slip(word: str, random: Random) -> str:
    if len(word) < 4:
        return word
    at = random.randrange(1, len(word) - 1)
    near = _NEAR.get(word[at].lower(), word[at])
    return random.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + random.choice(near) + word[at + 1 :],
        )
    )


def _digits(old: str, _: Pools, random: Random) -> str:
    """Other digits and, beside digits, other capitals; a number written in words gets other words."""
    words = old.casefold().split()
    if sum(word.strip(",-") in _DIGITS for word in words) > 2:
        return " ".join(
            random.choice(_DIGITS) if word.casefold().strip(",-") in _DIGITS else word for word in old.split()
        )
    out = []
    for at, letter in enumerate(old):
        beside = any(other.isdigit() for other in old[max(0, at - 3) : at + 4])
        if letter.isdigit():
            out.append(str(random.randint(0 if at and old[at - 1].isdigit() else 1, 9)))
        elif letter.isupper() and beside and random.random() < 0.7:
            out.append(chr(random.randint(65, 90)))
        else:
            out.append(letter)
    return "".join(out)


def _date(old: str, _: Pools, random: Random) -> str:
    if not any(c.isdigit() for c in old):
        for month in _MONTHS:
            if month.casefold() in old.casefold():
                return re.sub(month, random.choice(_MONTHS), old, flags=re.IGNORECASE)
        return random.choice(_HOLIDAYS) if random.random() < 0.5 and len(old) > 4 else old
    new = old
    for month in _MONTHS:
        if re.search(rf"\b{month}\b", new, re.IGNORECASE):
            new = re.sub(rf"\b{month}\b", random.choice(_MONTHS), new, flags=re.IGNORECASE)
            break
        if re.search(rf"\b{month[:3]}\b", new, re.IGNORECASE):
            new = re.sub(rf"\b{month[:3]}\b", random.choice(_MONTHS)[:3], new, flags=re.IGNORECASE)
            break

    def number(found: re.Match[str]) -> str:
        digits = found.group()
        if len(digits) == 4:
            return str(random.randint(1950, 2026))
        if len(digits) == 2 and digits[0] == "0":
            return f"0{random.randint(1, 9)}"
        return str(random.randint(1, 12)) if int(digits) <= 12 else str(random.randint(10, 28))

    return re.sub(r"\d{1,4}", number, new)


def _place(old: str, pools: Pools, random: Random) -> str:
    if re.fullmatch(r"\d{5}(?:-\d{4})?", old):
        return f"{random.randint(501, 99950):05d}" + old[5:]
    street = re.match(r"(\d+[A-Za-z]?) (.+)", old)
    if street:
        if random.random() < 0.3:
            return str(random.randint(1, 19999)) + old[len(street.group(1)) :]
        name = random.choice((pools.person(random)[1], random.choice(_TREES), pools.place(random)))
        tail = re.search(r",? (?:#|apt|unit|lot|ste|suite).*$", old, re.IGNORECASE)
        return f"{random.randint(1, 19999)} {name} {random.choice(_ROADS)}{tail.group() if tail else ''}"
    words = old.split()
    if words[-1].casefold() in ("county", "parish", "reservation", "park", "lake", "river", "beach"):
        return f"{pools.place(random)} {words[-1]}"
    if len(words) <= 2 and old[0].isalpha() and random.random() < 0.85:
        return pools.place(random)
    return old


_TREES: Final = (
    "Oak", "Maple", "Elm", "Cedar", "Main", "Mill", "Church", "Alder", "Juniper", "2nd", "5th", "Ridge", "Lake",
)  # fmt: skip


def _organisation(old: str, pools: Pools, random: Random) -> str:
    if random.random() < 0.45:
        return old
    words = old.split()
    own = [at for at, word in enumerate(words) if word.casefold().strip(".,'’&") not in _GENERIC and word[:1].isupper()]
    if not own or len(words) < 2:
        return old
    at = own[0]
    words[at] = random.choice((pools.person(random)[1], pools.place(random), random.choice(_TREES)))
    return " ".join(words)


def _handle(old: str, pools: Pools, random: Random) -> str:
    """Another name within an address or handle, of the same shape; other digits."""
    given, family = pools.person(random)
    fresh = iter([given.lower(), family.lower()])

    def word(found: re.Match[str]) -> str:
        known = found.group().lower()
        if len(known) < 4 or known in _ADDRESS_WORDS or random.random() < 0.3:
            return found.group()
        return re.sub(r"\W", "", next(fresh, found.group()))

    return _digits(re.sub(r"[^\W\d_]+", word, old), pools, random)


def _kinds() -> dict[str, tuple[str, ...]]:
    """Return for each word or phrase that stays readable those of its kind: other medicines, other theorists."""
    words = [_PROTECTED["words"][name].split() for name in ("medicines", "states_one", "countries")]
    phrases = [
        *(_PROTECTED["phrases"][name] for name in ("instruments", "therapies", "laws")),
        *_SLOTS["kept"].values(),
    ]
    kinds = [
        *words,
        *([part.strip().lstrip("=") for part in re.split(r"[;\n]", text) if part.strip()] for text in phrases),
    ]
    return {one.casefold(): tuple(kind) for kind in kinds for one in kind}


_KINDS: Final = _kinds()


def _kept(old: str, random: Random) -> str:
    """Return another of the kind: the words around show that it stays, not the word alone."""
    if _CODE.fullmatch(old):
        return old[:2] + re.sub(r"\d", lambda _: str(random.randint(0, 9)), old[2:])
    kind = _KINDS.get(old.casefold())
    if kind is None:
        return old
    new = random.choice(kind)
    return _cased_like(old, new.title() if new.islower() and not old.islower() else new)


def _age(old: str, _: Pools, random: Random) -> str:
    return str(random.randint(90, 104)) if old.isdigit() else old


_REFILL: Final[dict[str, Callable[[str, Pools, Random], str]]] = {
    "LOCATION": _place, "ORG": _organisation, "DATE": _date, "AGE": _age, "PHONE": _digits, "ID": _digits,
    "EMAIL": _handle, "URL": _handle,
}  # fmt: skip


def _rewritten(pieces: list[Piece], random: Random) -> list[Piece]:
    """Write the text as another person might: small letters, no punctuation, slips, capitals, other marks."""
    draw = random.random()
    if draw < 0.22:
        _each(pieces, str.lower)
    elif draw < 0.27:
        _each(pieces, str.upper)
    elif draw < 0.33:
        _each(pieces, str.title, {"NAME", "LOCATION", "ORG"})
    elif draw < 0.45:  # names alone in small letters, the rest as it was
        chosen = random.random()
        for piece in pieces:
            if piece.label in ("NAME", "LOCATION", "ORG") and random.random() < chosen:
                piece.text = piece.text.lower()
    if random.random() < 0.08:
        _each(pieces, lambda text: re.sub(r"[.,;:!?]+(?=\s|$)", "", text), {""})
    if random.random() < 0.15:
        _each(pieces, lambda text: _slips(text, random), {""})
    if random.random() < 0.1:
        _each(pieces, lambda text: text.replace("'", "’").replace(' "', " “").replace('"', "”"))
    if random.random() < 0.06:
        _each(pieces, lambda text: re.sub(r"\n+", random.choice((" ", "\n\n")), text), {""})
    if random.random() < 0.05:
        mark = random.choice(("*", "**", "_", "`"))
        return [part for piece in pieces for part in _wrapped(piece, mark, random)]
    return pieces


def _wrapped(piece: Piece, mark: str, random: Random) -> list[Piece]:
    if piece.label in ("NAME", "ORG") and random.random() < 0.3:
        return [Piece(mark), piece, Piece(mark)]
    return [piece]


def _each(pieces: list[Piece], change: Callable[[str], str], labels: set[str] | None = None) -> None:
    for piece in pieces:
        if labels is None or piece.label in labels:
            piece.text = change(piece.text)


def _slips(text: str, random: Random) -> str:
    return re.sub(
        r"[a-z]{5,}", lambda word: _slip(word.group(), random) if random.random() < 0.05 else word.group(), text
    )

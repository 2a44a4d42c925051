"""What the engine finds: single findings, and the groups that are shown to the author."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

LABELS: Final = ("NAME", "LOCATION", "ORG", "DATE", "AGE", "PHONE", "EMAIL", "URL", "ID", "QUASI")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One place of a text; ``score`` between 0 and 1, ``doubtful`` when the author should be asked first."""

    start: int
    end: int
    label: str
    score: float
    source: str
    doubtful: bool = False
    why: str = ""
    suggestion: str | None = None

    @property
    def span(self) -> Span:
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Group:
    """One person or thing with all its places in the canonical text.

    ``stand_in`` is what replaces it unless the author chooses another; for QUASI, which is never removed by itself,
    ``suggestion`` is a wording that says the same of more people. Where ``source`` is ``repeat`` (a name that may be an
    ordinary word here), ``suggestion`` is the key of the group of the same person. ``why`` is a short reason.
    """

    key: str
    label: str
    forms: tuple[str, ...]
    places: tuple[Span, ...]
    score: float
    source: str
    doubtful: bool
    stand_in: str
    suggestion: str | None
    why: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "label": self.label,
            "forms": list(self.forms),
            "places": [list(place) for place in self.places],
            "score": self.score,
            "source": self.source,
            "doubtful": self.doubtful,
            "stand_in": self.stand_in,
            "suggestion": self.suggestion,
            "why": self.why,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Group":
        places = tuple((int(start), int(end)) for start, end in data["places"])
        return cls(**{**data, "forms": tuple(data["forms"]), "places": places})


def with_places(group: Group, text: str, places: Iterable[Span]) -> Group:
    """Return the group with these places and the forms that stand there."""
    ordered = tuple(sorted(set(places)))
    forms = tuple(dict.fromkeys(text[start:end] for start, end in ordered))
    return replace(group, places=ordered, forms=forms)

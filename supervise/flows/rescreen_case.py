"""Screening all texts of a case again, with the words that a reader marked as a finding wherever they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from supervise.core.errors import Unavailable
from supervise.core.installation import installation
from supervise.deid.engine import Engine
from supervise.deid.engine.findings import LABELS, Group
from supervise.deid.rules.scene import Scene
from supervise.deid.rules.work import Work, fenced, join
from supervise.flows.texts_of_case import Shown
from supervise.incidents.rules import Place, places_in

_INSIDE = re.compile(r"\[[^\[\]\n]{1,60}\]")


@dataclass(frozen=True, slots=True, repr=False)
class Rescreened:
    """The finding that the marked words are now, its places in the texts, and the work that it belongs to."""

    work: Work
    group: Group
    places: tuple[Place, ...]


def rescreen(
    texts: Sequence[Shown], at: Place, label: str, names: frozenset[str], scene: Scene | None = None
) -> Rescreened | None:
    """Return what the words at a place are to the engine; None where they cannot be marked by themselves.

    ``label`` may be empty: the engine's own word for it, else a guess. Raises Unavailable without the engine. Slow:
    call it outside a unit of work.
    """
    engine = installation().engine()
    try:
        return _rescreen(engine, texts, at, label, names, scene)
    except Exception as error:  # whatever goes wrong inside the engine, no word of a text may reach a log
        raise Unavailable(
            "The texts of this case could not be screened again. What was marked stays hidden."
        ) from error


def guess(words: str) -> str:
    """Return what unknown words most likely are: a number or code where there is a digit, else a name."""
    return "ID" if any(char.isdigit() for char in words) else "NAME"


def _rescreen(
    engine: Engine, texts: Sequence[Shown], at: Place, label: str, names: frozenset[str], scene: Scene | None
) -> Rescreened | None:
    canonical, edges = join({str(number): shown.words for number, shown in enumerate(texts)})
    first = next(
        (start for (_, start, _), shown in zip(edges, texts, strict=True)
         if (shown.subject, shown.field) == (at.subject, at.field)),
        None,
    )  # fmt: skip
    if first is None:
        return None
    start, end = first + at.start, first + at.end
    proposal = engine.propose(canonical, names)
    over = [group for group in proposal.groups if any(a <= start and end <= b for a, b in group.places)]
    label = label if label in LABELS else next((one.label for one in over), guess(canonical.text[start:end]))
    proposal = proposal.add(start, end, label)
    if scene is not None:
        proposal = proposal.again(scene.before, scene.communities)
    work = Work(edges, fenced(proposal, edges), source="")
    found = [one for one in work.proposal.groups if any(a <= start and end <= b for a, b in one.places)]
    group = next((one for one in found if one.label == label), None)
    return Rescreened(work, group, tuple(_places(group, edges, texts))) if group else None


def _places(group: Group, edges: Sequence[tuple[str, int, int]], texts: Sequence[Shown]) -> list[Place]:
    found = []
    for (_, first, last), shown in zip(edges, texts, strict=True):
        stand_ins = [match.span() for match in _INSIDE.finditer(shown.words)]
        spans = [(a - first, b - first) for a, b in group.places if first <= a and b <= last]
        spans = [span for span in spans if not any(a <= span[0] and span[1] <= b for a, b in stand_ins)]
        found += places_in(shown.subject, shown.field, shown.words, spans)
    return found

"""What is known beside a text when it is screened: what its case called people so far, and whom its author serves."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from supervise.deid.engine.plan import action_on, stand_in_of
from supervise.deid.engine.standins import Before
from supervise.deid.engine.timeline import Origin, timeline
from supervise.deid.rules.seen import Seen
from supervise.deid.rules.work import Work

_CALLED = ("NAME", "ORG", "LOCATION")
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """The case so far, the ids of the communities that the author's places of work serve, and what readers saw."""

    before: Before
    communities: frozenset[str] = frozenset()
    seen: Seen = field(default_factory=Seen)


def called(works: Iterable[Work], *, own: bool) -> Before:
    """Return the stand-ins that readers of these texts know, the latest text first, and the day counted from.

    A part of a name is known as well, unless two people have it.
    """
    whole: dict[str, str] = {}
    parts: dict[str, set[str]] = {}
    origin: Origin | None = None
    for work in works:
        shown = set()
        for group in work.proposal.groups:
            if action_on(group, work.choices) != "remove":
                continue
            becomes = stand_in_of(group, work.choices)
            shown.add(becomes)
            for form in group.forms if group.label in _CALLED else ():
                whole.setdefault(form.casefold(), becomes)
                for part in form.casefold().split() if group.label == "NAME" else ():
                    parts.setdefault(part, set()).add(whole[form.casefold()])
        first = timeline(work.proposal.text, work.proposal.groups).origin
        if origin is None and first is not None and first.shown in shown:
            origin = first
    known = {part: min(ones) for part, ones in parts.items() if len(ones) == 1 and len(part) >= _SHORTEST}
    return Before(known | whole, origin, own)

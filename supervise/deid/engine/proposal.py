"""The canonical text with everything found in it; the author's decisions turn it into a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from supervise.deid.engine.choices import Choice
from supervise.deid.engine.findings import Group
from supervise.deid.engine.grouping import added
from supervise.deid.engine.lexicon import lexicon
from supervise.deid.engine.plan import Plan, plan_for
from supervise.deid.engine.quasi import with_local
from supervise.deid.engine.standins import Before, with_stand_ins


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the engine found; nothing in it is decided yet."""

    text: str
    groups: tuple[Group, ...]

    def group(self, key: str) -> Group:
        """Return the group of that key; raise KeyError."""
        for group in self.groups:
            if group.key == key:
                return group
        raise KeyError(key)

    def add(self, start: int, end: int, label: str) -> "Proposal":
        """Mark a passage that was missed: whole words, everywhere in the text, joined to the same person's group."""
        lists = lexicon()
        names = lists["name_words"] | lists["ordinary_terms"]
        return Proposal(self.text, added(self.text, self.groups, (start, end), label, lists, names.__contains__))

    def again(self, before: Before | None = None, communities: frozenset[str] = frozenset()) -> "Proposal":
        """Return the proposal in the light of what is known beside the text: the case so far, whom the author serves.

        ``communities`` are ids of ``quasi.communities()``.
        """
        groups = with_local(self.text, self.groups, communities)
        plain = tuple(replace(group, stand_in="") for group in groups)
        return Proposal(self.text, with_stand_ins(self.text, plain, before))

    def resolve(self, choices: Mapping[str, Choice]) -> Plan:
        """Return the plan that these choices make; raise :class:`ChoiceRefused` for one that does not hold."""
        return plan_for(self.text, self.groups, choices)

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "groups": [group.as_dict() for group in self.groups]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Proposal":
        return cls(data["text"], tuple(Group.from_dict(group) for group in data["groups"]))

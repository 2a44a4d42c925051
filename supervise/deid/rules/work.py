"""The work on one screening: what was found, what the author decided, and what follows from both.

All fields of a text are screened as one, so that a person is the same person in title and body; no finding crosses the
edge of a field, and the result is cut into fields again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from supervise.core.errors import Invalid
from supervise.core.text import OriginalText, digest
from supervise.deid.engine.canonical import Canonical
from supervise.deid.engine.choices import Choice
from supervise.deid.engine.errors import ChoiceRefused
from supervise.deid.engine.findings import LABELS, Group
from supervise.deid.engine.offsets import Offsets
from supervise.deid.engine.plan import Result
from supervise.deid.engine.proposal import Proposal

BETWEEN = "\n\n"
MAX_MARKED = 200
MAX_UNDO = 200
Edges = tuple[tuple[str, int, int], ...]


def join(fields: Mapping[str, str]) -> tuple[Canonical, Edges]:
    """Return one text made of the canonical fields, and where each begins and ends in it."""
    edges: list[tuple[str, int, int]] = []
    at = 0
    for name, text in fields.items():
        edges.append((name, at, at + len(text)))
        at += len(text) + len(BETWEEN)
    text = BETWEEN.join(fields.values())
    same = Offsets(tuple(range(len(text))), tuple(range(1, len(text) + 1)), len(text))
    return Canonical(text, same), tuple(edges)


def fenced(proposal: Proposal, edges: Edges) -> Proposal:
    """Return the proposal with every place cut at the edges of fields; what lies between fields is nobody's."""
    groups = []
    for group in proposal.groups:
        places = tuple(
            (max(start, first), min(end, last))
            for start, end in group.places
            for _, first, last in edges
            if start < last and end > first
        )
        if places != group.places:
            forms = tuple(dict.fromkeys(proposal.text[start:end] for start, end in places))
            group = replace(group, places=places, forms=forms)
        if places:
            groups.append(group)
    return Proposal(proposal.text, tuple(groups))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the result inside one field: a stand-in if ``key`` is set, words left as they were otherwise."""

    text: str
    key: str | None
    label: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one step changed, so that it can be undone: the choices it replaced, and the groups before it."""

    choices: dict[str, dict[str, Any] | None]
    groups: list[dict[str, Any]] | None = None
    marked: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Work:
    """Proposal, choices and their history. It quotes the original, so it refuses to be printed.

    ``source`` is the digest of the fields as typed; ``marked`` are passages that the author added, with their label.
    """

    edges: Edges
    proposal: Proposal
    source: str
    choices: dict[str, Choice] = field(default_factory=dict)
    marked: tuple[tuple[str, str], ...] = ()
    history: tuple[Step, ...] = ()

    def __repr__(self) -> NoReturn:
        raise TypeError("the work on an original is not shown; use the function made for it")

    __str__ = __repr__

    @property
    def original(self) -> OriginalText:
        """Return the text as a reader would see it, with everything in it."""
        return OriginalText(self.proposal.text)

    @property
    def asked(self) -> tuple[Group, ...]:
        """Return what the author decides: doubtful findings and recognisable phrases."""
        return tuple(group for group in self.proposal.groups if group.doubtful or group.label == "QUASI")

    @property
    def undecided(self) -> tuple[str, ...]:
        """Return the keys of findings that the author has yet to decide."""
        return tuple(group.key for group in self.asked if group.key not in self.choices)

    @property
    def is_complete(self) -> bool:
        return not self.undecided

    def choose(self, changes: Mapping[str, Choice | None]) -> "Work":
        """Return the work with these choices (None takes one back); raise ChoiceRefused if one does not hold."""
        changes = {key: choice for key, choice in changes.items() if self.choices.get(key) != choice}
        if not changes:
            return self
        choices = {key: choice for key, choice in {**self.choices, **changes}.items() if choice is not None}
        self.proposal.resolve(choices)
        before = {key: self.choices[key].as_dict() if key in self.choices else None for key in changes}
        return self._with_step(Step(before), choices=choices)

    def accept_rest(self) -> "Work":
        """Decide everything open as it is proposed: taken out, or said in the suggested words."""
        changes: dict[str, Choice | None] = {}
        for key in self.undecided:
            group = self.proposal.group(key)
            wanted = Choice("remove")
            if group.label == "QUASI" and group.suggestion:
                wanted = self._if_it_holds(key, Choice("generalise", wording=group.suggestion)) or wanted
            changes[key] = wanted
        return self.choose(changes)

    def add(self, passage: str, label: str) -> "Work":
        """Take a passage out wherever it stands; raise :class:`Invalid` if it is not in the text."""
        if label not in LABELS:
            raise Invalid("Say what kind of thing this is.", "label")
        passage = " ".join(passage.split())
        if not passage or len(passage) > MAX_MARKED:
            raise Invalid(f"Write or select a word or a phrase, up to {MAX_MARKED} characters.", "mark")
        place = self._find(passage)
        if place is None:
            raise Invalid(f"“{passage}” does not stand in the text. Write it as it stands there.", "mark")
        proposal = fenced(self.proposal.add(*place, label), self.edges)
        keys = {group.key for group in proposal.groups}
        covering = [g.key for g in proposal.groups if any(s <= place[0] and place[1] <= e for s, e in g.places)]
        if not covering:
            raise Invalid(f"“{passage}” cannot be marked by itself. Mark the whole word.", "mark")
        choices = {key: choice for key, choice in self.choices.items() if key in keys}
        for key in covering:
            if key not in choices or choices[key].action != "remove":
                choices[key] = Choice("remove")
        choices = _without_refused(proposal, choices)
        changed = {key for key in {*choices, *self.choices} if choices.get(key) != self.choices.get(key)}
        before = {key: self.choices[key].as_dict() if key in self.choices else None for key in sorted(changed)}
        step = Step(before, [group.as_dict() for group in self.proposal.groups], marked=1)
        return self._with_step(step, proposal=proposal, choices=choices, marked=(*self.marked, (passage, label)))

    def undo(self) -> "Work":
        """Return the work before its last step; raise :class:`Invalid` when there is none."""
        if not self.history:
            raise Invalid("There is nothing to undo.")
        step = self.history[-1]
        choices = dict(self.choices)
        for key, before in step.choices.items():
            if before is None:
                choices.pop(key, None)
            else:
                choices[key] = Choice.from_dict(before)
        proposal = self.proposal
        if step.groups is not None:
            proposal = Proposal(proposal.text, tuple(Group.from_dict(group) for group in step.groups))
        return replace(
            self, proposal=proposal, choices=choices, history=self.history[:-1],
            marked=self.marked[: len(self.marked) - step.marked],
        )  # fmt: skip

    def covers(self, later: "Work") -> bool:
        """Tell whether each place that was found in ``later``, of the same text, lies in one that was found here.

        It does not when somebody whose name could stand reads the text no more.
        """
        known = [place for group in self.proposal.groups for place in group.places]
        found = [place for group in later.proposal.groups for place in group.places]
        return all(any(start <= first and last <= end for start, end in known) for first, last in found)

    def carry(self, earlier: "Work") -> "Work":
        """Return the work with the decisions of an earlier one on the same text before an edit.

        A mark that the author set is set again. A choice holds for a finding of the same class whose every form was
        part of the finding it was made for; what is new or has grown is asked again. To take something out one form in
        common is enough.
        """
        work = self
        for passage, label in earlier.marked:
            if work._find(passage) is not None:
                work = work.add(passage, label)
        made_for = [
            (group.label, {form.casefold() for form in group.forms}, earlier.choices[group.key])
            for group in earlier.proposal.groups
            if group.key in earlier.choices
        ]
        choices = dict(work.choices)
        for group in work.proposal.groups:
            forms = {form.casefold() for form in group.forms}
            for label, known, choice in made_for:
                holds = forms <= known or (choice.action == "remove" and forms & known)
                if group.key not in choices and label == group.label and holds:
                    choices[group.key] = choice
        return replace(work, choices=_without_refused(work.proposal, choices), history=())

    def result(self) -> Result:
        """Return the text as others would read it; what is undecided is taken out as well."""
        return self.proposal.resolve({**{key: Choice("remove") for key in self.undecided}, **self.choices}).apply()

    def pieces(self) -> dict[str, list[Piece]]:
        """Return the result by field, cut so that no piece crosses the edge of a field."""
        out: dict[str, list[Piece]] = {name: [] for name, _, _ in self.edges}
        for segment in self.result().segments:
            for name, first, last in self.edges:
                start, end = max(segment.original_start, first), min(segment.original_end, last)
                if start < end:
                    text = segment.text
                    if segment.group_key is None:
                        text = text[start - segment.original_start : end - segment.original_start]
                    out[name].append(Piece(text, segment.group_key, segment.label, start, end))
        return out

    def texts(self) -> dict[str, str]:
        """Return the result by field."""
        return {name: "".join(piece.text for piece in pieces) for name, pieces in self.pieces().items()}

    def hash(self) -> str:
        """Return what binds a confirmation to the result that was shown."""
        return digest(*(part for pair in self.texts().items() for part in pair))

    def counts(self) -> dict[str, int]:
        """Return how many places were found, by class."""
        found: dict[str, int] = {}
        for group in self.proposal.groups:
            found[group.label] = found.get(group.label, 0) + len(group.places)
        return found

    def as_dict(self) -> dict[str, Any]:
        return {
            "edges": [list(edge) for edge in self.edges],
            "proposal": self.proposal.as_dict(),
            "source": self.source,
            "choices": {key: choice.as_dict() for key, choice in self.choices.items()},
            "marked": [list(mark) for mark in self.marked],
            "history": [[step.choices, step.groups, step.marked] for step in self.history],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Work":
        return cls(
            tuple((str(name), int(start), int(end)) for name, start, end in data["edges"]),
            Proposal.from_dict(data["proposal"]),
            data["source"],
            {key: Choice.from_dict(choice) for key, choice in data["choices"].items()},
            tuple((passage, label) for passage, label in data["marked"]),
            tuple(Step(*step) for step in data["history"]),
        )

    def _with_step(self, step: Step, **changes: Any) -> "Work":
        return replace(self, history=(*self.history[1 - MAX_UNDO :], step), **changes)

    def _if_it_holds(self, key: str, choice: Choice) -> Choice | None:
        try:
            self.proposal.resolve({**self.choices, key: choice})
        except ChoiceRefused:
            return None
        return choice

    def _find(self, passage: str) -> tuple[int, int] | None:
        """Return the first place of a passage inside one field, in any case and with any white space; None without."""
        words = passage.casefold().split()
        for _, first, last in self.edges:
            found = _find_words(self.proposal.text[first:last], words)
            if found is not None:
                return first + found[0], first + found[1]
        return None


def _find_words(text: str, words: list[str]) -> tuple[int, int] | None:
    for start in range(len(text)):
        at = start
        for number, word in enumerate(words):
            if number:
                while at < len(text) and text[at].isspace():
                    at += 1
            if text[at : at + len(word)].casefold() != word:
                break
            at += len(word)
        else:
            return start, at
    return None


def _without_refused(proposal: Proposal, choices: Mapping[str, Choice]) -> dict[str, Choice]:
    """Return the choices that still hold: one that quotes what is now taken out is asked again."""
    left = dict(choices)
    while True:
        try:
            proposal.resolve(left)
        except ChoiceRefused as refused:
            del left[refused.key]
        else:
            return left

"""Screening of what an author puts in the place of a finding; nobody decides on anything inside it afterwards."""

from collections.abc import Mapping

from supervise.core.errors import Invalid
from supervise.core.installation import installation
from supervise.deid.engine.choices import Choice
from supervise.deid.rules.page import stand_ins_of
from supervise.deid.rules.wording import lone, offered, repeated, unknown
from supervise.deid.rules.work import Work
from supervise.deid.service import prepare

_INSTEAD = "Say it in general words, or choose a stand-in from the list."

_AMONG = "She spoke with {} again."
"""Words in which the engine meets a name that stands alone."""


def refuse_identifying_words(work: Work, changes: Mapping[str, Choice | None]) -> None:
    """Raise Invalid at the finding for which an author's own words, or a stand-in, identify someone themselves.

    A stand-in is one of those offered. Own words repeat nothing that was found in this text, not even one word of a
    name, hold only ordinary words, and nothing is found in them. Needs the engine: call it outside a unit of work.
    """
    for key, choice in changes.items():
        if choice is None:
            continue
        group, field = work.proposal.group(key), f"choice-{key}"
        lists = stand_ins_of(group, group.stand_in, work)
        if choice.stand_in is not None and not offered(choice.stand_in, group, lists):
            raise Invalid("Choose a stand-in from the list.", field)
        words = (choice.wording or "").strip()
        if not words:
            continue
        typed = words != group.suggestion
        if typed and (again := repeated(words, work.proposal)):
            raise Invalid(f"“{again}” was found in this text, so it cannot come back. {_INSTEAD}", field)
        if not prepare({field: words}, frozenset()).clean:
            raise Invalid(f"These words name a person, a place, a date or a number. {_INSTEAD}", field)
        if typed and (word := _like_a_name(words)):
            raise Invalid(f"“{word}” could be a name or a place. {_INSTEAD}", field)


def _like_a_name(words: str) -> str | None:
    """Return a word that is no ordinary one, or the only word, if it would be found had it been given its capital."""
    if word := unknown(words, installation().engine().vocabulary.has):
        return word
    word = lone(words)
    return word if word and not prepare({"words": _AMONG.format(word.capitalize())}, frozenset()).clean else None

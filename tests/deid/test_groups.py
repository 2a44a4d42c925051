"""One person, one group: parts of a name, possessives, repeats, what the author marks, members who may be named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from supervise.deid.engine import Choice, Engine, Proposal, canonicalise

CASE = (
    "Mateo Brandvold came with his mother, Lucía Brandvold. Mateo's teacher wrote. Mateo laughed. "
    "Later mateo slept, and Lucía called (707) 555-0147 twice: 707-555-0147."
)


def test_the_same_person_is_one_group(propose: Callable[[str], Proposal]) -> None:
    proposal = propose(CASE)
    mateo, lucia, phone = proposal.groups
    assert mateo.forms == ("Mateo Brandvold", "Mateo", "mateo")
    assert len(mateo.places) == 4
    assert lucia.forms == ("Lucía Brandvold", "Lucía")
    assert [group.key for group in proposal.groups] == ["g1", "g2", "g3"]
    assert [group.stand_in for group in proposal.groups] == ["[Person 1]", "[Person 2]", "[phone]"]
    assert proposal.resolve({}).apply().text.startswith("[Person 1] came with his mother, [Person 2]. [Person 1]'s")
    assert phone.label == "PHONE"


def test_a_name_that_is_a_word_is_asked_about_where_it_may_be_one(propose: Callable[[str], Proposal]) -> None:
    proposal = propose("Dr. Will Brandvold signed. Will came later. We will see, and I told Will so.")
    sure = [group for group in proposal.groups if not group.doubtful]
    unsure = [group for group in proposal.groups if group.doubtful]
    assert [group.forms for group in sure] == [("Will Brandvold", "Will")]
    assert all(group.stand_in == sure[0].stand_in for group in unsure)
    chosen = proposal.resolve({sure[0].key: Choice("remove", "[Client]")}).apply().text
    assert chosen == "Dr. [Client] signed. [Client] came later. We will see, and I told [Client] so."


def test_what_the_author_marks_is_found_everywhere_in_whole_words(propose: Callable[[str], Proposal]) -> None:
    proposal = propose("The old lamp broke. A lamp again, lamps not.")
    at = proposal.text.index("amp")
    added = proposal.add(at, at + 2, "NAME")
    (group,) = added.groups
    assert group.forms == ("lamp",)
    assert len(group.places) == 2
    assert added.add(at, at + 3, "NAME") == added


def test_what_the_author_marks_joins_the_person_it_is_part_of(propose: Callable[[str], Proposal]) -> None:
    text = "Dr. Okonkwo wrote. The man xanthe okonkwo slept."
    proposal = propose(text)
    start = text.index("xanthe")
    added = proposal.add(start, start + len("xanthe okonkwo"), "NAME")
    named = [group for group in added.groups if group.label == "NAME"]
    assert len(named) == 1
    assert added.groups[0].key == "g1"
    assert "xanthe" not in added.resolve({}).apply().text


def test_marking_gets_a_key_of_its_own_and_keeps_the_others(propose: Callable[[str], Proposal]) -> None:
    proposal = propose(CASE)
    at = CASE.index("teacher")
    added = proposal.add(at, at + 7, "QUASI")
    assert {group.key for group in proposal.groups} < {group.key for group in added.groups}
    assert added.group("g4").forms == ("teacher",)
    with pytest.raises(ValueError, match="Nothing is marked"):
        proposal.add(5, 5, "NAME")
    with pytest.raises(KeyError):
        added.group("g9")


def test_members_are_known_by_their_full_name_only(engine: Engine) -> None:
    allowed = frozenset({"Ines Okafor-Lund"})
    text = "Ines Okafor-Lund answered, so I asked ines okafor-lund, and Dr. Okafor-Lund was right."
    assert engine.propose(canonicalise(text), allowed).groups == ()
    (asked,) = engine.propose(canonicalise("Ines Okafor-Lund answered, and Ines was right."), allowed).groups
    assert (asked.forms, asked.doubtful) == (("Ines",), True)
    alone = engine.propose(canonicalise("My client Ines was right."), allowed)
    assert [group.forms for group in alone.groups] == [("Ines",)]
    other = engine.propose(canonicalise("Ines Okafor-Lund answered Ines Brandvold."), allowed)
    assert any("Brandvold" in form for group in other.groups for form in group.forms)


def test_a_list_of_names_of_the_organisation_is_found(engine: Engine) -> None:
    listing = replace(engine, extra_names=frozenset({"Quiet Meadow"}))
    (group,) = listing.propose(canonicalise("The quiet meadow called.")).groups
    assert group.forms == ("quiet meadow",)


def test_round_trip(propose: Callable[[str], Proposal]) -> None:
    proposal = propose(CASE)
    assert Proposal.from_dict(proposal.as_dict()) == proposal

"""Resolving: disjoint, never cutting a word, never leaving a letter of what goes; choices that hold and that do not."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervise.deid.engine import (
    KEEP_REASONS,
    LABELS,
    RELATIONS,
    Choice,
    ChoiceRefused,
    Group,
    Plan,
    Proposal,
    Result,
    allowed_reasons,
    canonicalise,
)
from supervise.deid.engine.words import is_word, widen

TEXT = (
    "Mateo Brandvold, 16, is the only boy from the island in our choir. Will came on 11/6 and Hope, the dog, too. "
    "His father called from (707) 555-0147 about docket 24-CR-01187."
)


def group(key: str, label: str, text: str, places: list[tuple[int, int]]) -> Group:
    forms = tuple(dict.fromkeys(text[a:b] for a, b in places))
    return Group(key, label, forms, tuple(sorted(places)), 0.9, "test", False, f"[{label.title()}]", "some", "why")


@st.composite
def proposals(draw: st.DrawFn) -> tuple[Proposal, dict[str, Choice]]:
    """Any groups over any words, overlapping as they like, with any choices that can hold."""
    words = draw(
        st.lists(st.sampled_from(["Ann", "Lee", "o", "é", "x_1", "7", "王", "a-b", "."]), min_size=1, max_size=12)
    )
    text = draw(st.sampled_from([" ", "", "\n"])).join(words)
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda s: s[0] < s[1])
    groups, choices = [], {}
    for number in range(draw(st.integers(1, 5))):
        key, label = f"g{number}", draw(st.sampled_from(LABELS))
        groups.append(group(key, label, text, draw(st.lists(spans, min_size=1, max_size=3))))
        if draw(st.booleans()):
            choices[key] = draw(
                st.sampled_from([Choice("remove"), Choice("remove", "[Client]"), Choice("generalise", wording="q q")])
            )
    return Proposal(text, tuple(groups)), choices


@settings(max_examples=300, deadline=None)
@given(proposals())
def test_no_overlap_ever_leaks_a_letter(case: tuple[Proposal, dict[str, Choice]]) -> None:
    proposal, choices = case
    text = proposal.text
    plan = proposal.resolve(choices)
    gone = {
        place
        for g in proposal.groups
        if g.key in choices or g.label != "QUASI"
        for start, end in g.places
        for place in range(*widen(text, start, end))
        if is_word(text[place])
    }
    ends = [(r.start, r.end) for r in plan.replacements]
    assert ends == sorted(ends)
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))
    covered = {place for start, end in ends for place in range(start, end)}
    assert gone <= covered
    for start, end in ends:
        assert widen(text, start, end) == (start, end)
    result = plan.apply()
    assert "".join(s.text for s in result.segments) == result.text
    for segment in result.segments:
        if segment.group_key is None:
            assert segment.text == text[segment.original_start : segment.original_end]
    assert [s.original_end for s in result.segments[:-1]] == [s.original_start for s in result.segments[1:]]
    assert Plan.from_dict(plan.as_dict()) == plan
    assert Result.from_dict(result.as_dict()) == result


def key_of(proposal: Proposal, form: str) -> str:
    return next(g.key for g in proposal.groups if form in g.forms)


def test_what_is_undecided_goes_and_the_result_says_that_it_is_not_complete(propose: Callable[[str], Proposal]) -> None:
    proposal = propose(TEXT)
    plan = proposal.resolve({})
    asked = {g.key for g in proposal.groups if g.doubtful}
    assert set(plan.undecided) == asked
    assert asked
    result = plan.apply()
    assert not result.complete
    assert "Hope" not in result.text
    assert "only boy from the island" in result.text
    done = proposal.resolve(
        {key: Choice("remove") for key in asked if proposal.group(key).label != "QUASI"}
        | {g.key: Choice("keep", reason="needed_by_supervisor") for g in proposal.groups if g.label == "QUASI"}
    )
    assert done.apply().complete


def test_generalises_with_the_authors_words(propose: Callable[[str], Proposal]) -> None:
    proposal = propose(TEXT)
    quasi = next(g for g in proposal.groups if g.label == "QUASI")
    assert quasi.suggestion
    result = proposal.resolve({quasi.key: Choice("generalise", wording=quasi.suggestion)}).apply()
    assert quasi.suggestion in result.text
    with pytest.raises(ChoiceRefused, match="being taken out"):
        proposal.resolve({quasi.key: Choice("generalise", wording="a boy like Mateo")})
    with pytest.raises(ChoiceRefused, match="other words"):
        proposal.resolve({quasi.key: Choice("generalise", wording="  ")})


def test_stand_ins_are_the_authors_choice(propose: Callable[[str], Proposal]) -> None:
    proposal = propose(TEXT)
    key = key_of(proposal, "Mateo Brandvold")
    assert "Client" in RELATIONS
    assert proposal.resolve({key: Choice("remove", "[Client]")}).apply().text.startswith("[Client], 16")
    for bad in ("Client", "[Mateo]", "[]", "[<b>]", "[" + "x" * 80 + "]", "[a](b)"):
        with pytest.raises(ChoiceRefused):
            proposal.resolve({key: Choice("remove", bad)})


def test_keeping_needs_a_reason_that_holds(propose: Callable[[str], Proposal]) -> None:
    proposal = propose(TEXT)
    phone, docket = key_of(proposal, "(707) 555-0147"), key_of(proposal, "24-CR-01187")
    name, hope = key_of(proposal, "Mateo Brandvold"), key_of(proposal, "Hope")
    refused = [
        (phone, None),
        (phone, "emergency_line"),
        (phone, "not_an_identifier"),
        (phone, "pet"),
        (docket, "not_an_identifier"),
        (name, "ordinary_word"),
        (name, "needed_by_supervisor"),
    ]
    for key, reason in refused:
        with pytest.raises(ChoiceRefused) as sentence:
            proposal.resolve({key: Choice("keep", reason=reason)})
        assert sentence.value.key == key
        assert sentence.value.reason.endswith(".")
    assert "Hope" in proposal.resolve({hope: Choice("keep", reason="pet")}).apply().text
    with pytest.raises(ChoiceRefused, match="no longer part"):
        proposal.resolve({"g99": Choice("remove")})


def test_an_emergency_line_that_the_author_marked_may_stay() -> None:
    text = "Call 988 now."
    marked = Proposal(text, ()).add(5, 8, "PHONE")
    (found,) = marked.groups
    assert marked.resolve({found.key: Choice("keep", reason="emergency_line")}).apply().text == text


def test_an_address_for_mail_never_stays(propose: Callable[[str], Proposal]) -> None:
    proposal = propose("Write to a.b@mail.example now.")
    with pytest.raises(ChoiceRefused, match="always goes"):
        proposal.resolve({"g1": Choice("keep", reason="public_address")})


def test_every_label_says_which_reasons_it_allows() -> None:
    for label in LABELS:
        assert set(allowed_reasons(label)) <= KEEP_REASONS.keys()
    assert allowed_reasons("EMAIL") == ()
    assert "emergency_line" in allowed_reasons("PHONE")
    assert Choice.from_dict(Choice("keep", reason="pet").as_dict()) == Choice("keep", reason="pet")


def test_a_stand_in_before_a_bracket_makes_no_link(propose: Callable[[str], Proposal]) -> None:
    result = propose("We met Lucía Brandvold(her aunt) there.").resolve({}).apply()
    assert result.text == "We met [Person 1] (her aunt) there."
    assert canonicalise(result.text).text == result.text

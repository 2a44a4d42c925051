"""What holds for any text and any order of decisions."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supervise.core.errors import Invalid
from supervise.deid.engine import Choice, ChoiceRefused, Engine
from supervise.deid.rules.page import confirm_page
from supervise.deid.rules.work import Work, fenced, join

NAMES = ("Tavian", "Marisol Quintero", "Ottoline", "Farquhar", "Dr. Okonkwo", "Phuong Nguyen", "Will", "Hope")
THINGS = (
    "Harbor Lantern Clinic",
    "Crescent City",
    "(707) 555-0147",
    "kim@tide.example",
    "March 3rd",
    "MRN 00482913",
    "93",
)
WORDS = (
    "she",
    "said",
    "that",
    "the",
    "drawings",
    "are",
    "hers",
    "and",
    "will",
    "not",
    "hope",
    "again",
    ",",
    ".",
    "\n\n",
)
texts = st.lists(st.sampled_from(NAMES + THINGS + WORDS), max_size=40).map(" ".join)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), st.integers(0, 20), st.sampled_from(("ordinary_word", "needed_by_supervisor"))),
        st.tuples(st.just("as"), st.integers(0, 20), st.sampled_from(("[Client]", "[Client's sister]"))),
        st.tuples(st.just("say"), st.integers(0, 20), st.sampled_from(("someone", "Tavian", "a person at work"))),
        st.tuples(st.just("add"), st.sampled_from(WORDS + NAMES), st.sampled_from(("NAME", "ID", "ORG"))),
        st.tuples(st.just("undo"), st.just(0), st.just("")),
        st.tuples(st.just("rest"), st.just(0), st.just("")),
    ),
    max_size=8,
)
quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def app() -> Flask | None:
    """These are pure: no application is needed."""
    return None


@pytest.fixture
def shared_engine() -> None: ...


def work_on(engine: Engine, fields: dict[str, str]) -> Work:
    canonical, edges = join(fields)
    return Work(edges, fenced(engine.propose(canonical, frozenset()), edges), "source")


def take(work: Work, step: tuple[str, Any, str]) -> Work:
    """Return the work after a step, or as it was when the step is refused."""
    kind, what, how = step
    groups = work.proposal.groups
    try:
        if kind == "add":
            return work.add(str(what), how)
        if kind == "undo":
            return work.undo()
        if kind == "rest":
            return work.accept_rest()
        if not groups:
            return work
        key = groups[what % len(groups)].key
        choice = {
            "keep": Choice("keep", reason=how),
            "as": Choice("remove", stand_in=how),
            "say": Choice("generalise", wording=how),
        }[kind]
        return work.choose({key: choice})
    except (Invalid, ChoiceRefused):
        return work


@quick
@given(title=texts, body=texts, doing=steps)
def test_no_letter_of_what_is_taken_out_is_in_the_result(
    engine: Engine, title: str, body: str, doing: list[tuple[str, Any, str]]
) -> None:
    work = work_on(engine, {"title": title, "body": body})
    for step in doing:
        work = take(work, step)
    text = work.original.reveal_to_author()
    gone = {
        place
        for group in work.proposal.groups
        if group.key not in work.choices or work.choices[group.key].action != "keep"
        for start, end in group.places
        for place in range(start, end)
        if text[place].isalnum()  # the space between two findings that overlap may stay
    }
    for name, pieces in work.pieces().items():
        first, last = next((a, b) for field, a, b in work.edges if field == name)
        for piece in pieces:
            assert first <= piece.start < piece.end <= last
            if piece.key is None:
                assert piece.text == text[piece.start : piece.end]
                assert not gone & set(range(piece.start, piece.end))


@quick
@given(title=texts, body=texts, doing=steps)
def test_the_page_shows_exactly_what_is_confirmed(
    engine: Engine, title: str, body: str, doing: list[tuple[str, Any, str]]
) -> None:
    work = work_on(engine, {"title": title, "body": body})
    for step in doing:
        work = take(work, step)
    work = work.accept_rest()
    page = confirm_page(work, work.original.reveal_to_author())
    shown = "".join("\n" if part.kind == "break" else part.text for row in page.rows for part in row.final)
    assert "".join(shown.split()) == "".join("".join(work.texts().values()).split())
    assert page.undecided == 0
    assert page.hash == work.hash()


@quick
@given(body=texts, doing=steps)
def test_every_step_is_undone_and_kept_through_storage(
    engine: Engine, body: str, doing: list[tuple[str, Any, str]]
) -> None:
    first = work = work_on(engine, {"body": body})
    for step in doing:
        work = take(work, step)
    again = Work.from_dict(work.as_dict())
    assert again.as_dict() == work.as_dict()
    assert again.hash() == work.hash()
    while work.history:
        work = work.undo()
    assert work.as_dict() == first.as_dict()

"""What could point to a person through rarity: said of what kind, in a wording that holds for more people."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervise.deid.engine import Choice, Engine, Group, Proposal, canonicalise, data_folder
from supervise.deid.engine.quasi import checklist, communities, with_local

EVERYWHERE = [
    ("She is the only female firefighter in the county.", "the only female firefighter in the county",
     "One of a kind", "a first responder"),
    ("He is the only Black fire chief in three counties.", "the only Black fire chief in three counties",
     "One of a kind", "a Black first responder"),
    ("The first Hmong police officer in the state came.", "The first Hmong police officer in the state",
     "A record or a first", "a Southeast Asian person in law enforcement"),
    ("He was the last Polish-language choir director in the valley.",
     "the last Polish-language choir director in the valley", "One of a kind", "someone who works in music"),
    ("The former mayor of the town called.", "The former mayor of the town", "A public role",
     "someone who has been in public office"),
    ("She is the only son of the judge in town.", "the only son of the judge in town", "One of a kind",
     "someone whose situation is uncommon"),
    ("He is the only Thai chef in town.", "the only Thai chef in town", "One of a kind", "someone who works with food"),
    ("I met the brother of the mayor who was recalled.", "the brother of the mayor who was recalled", "A public role",
     "a relative of someone others may know"),
    ("She's one of eleven sisters.", "one of eleven sisters", "A family constellation", "one of many siblings"),
    ("He has Tay-Sachs.", "Tay-Sachs", "A rare condition", "a rare condition"),
    ("She won the state spelling bee.", "won the state spelling bee", "A record or a first", "had a notable success"),
    ("He was all over the local news.", "was all over the local news", "In the news", "was widely talked about"),
    ("He is the sole survivor of the ferry.", "the sole survivor of the ferry", "A rare event",
     "someone who lived through something terrible"),
]  # fmt: skip
LOCAL = [
    ("She is a dentist in Salinas.", "a dentist in Salinas", "Small town and occupation", "a health professional"),
    ("He is the town's veterinarian.", "the town's veterinarian", "Small town and occupation",
     "someone who works with animals"),
    ("The Hmong family in our town left.", "The Hmong family in our town", "A people in a small place",
     "a Southeast Asian family"),
    ("She is the youngest of five.", "the youngest of five", "A family constellation", "one of several siblings"),
    ("He is captain of the volleyball team.", None, "", None),
    ("He is the captain of the volleyball team.", "the captain of the volleyball team", "A post in one community",
     "someone with a post in that community"),
    ("She saw the school nurse.", "the school nurse", "Small town and occupation", "a health professional"),
    ("One of seven people left.", None, "", None),
]  # fmt: skip


def by_rule(proposal: Proposal) -> tuple[Group, ...]:
    """What the rules find; the reader asks about rarities of its own, without a kind."""
    return tuple(group for group in proposal.groups if group.source != "reader")


def said(groups: tuple[Group, ...]) -> list[tuple[str, str, str | None]]:
    return [(g.forms[0], g.why.partition(".")[0], g.suggestion) for g in groups if g.label == "QUASI"]


@pytest.mark.parametrize(("text", "form", "kind", "suggestion"), EVERYWHERE)
def test_says_of_what_kind_and_offers_a_wider_wording(
    propose: Callable[[str], Proposal], text: str, form: str, kind: str, suggestion: str
) -> None:
    assert said(propose(text).groups) == [(form, kind, suggestion)]


@pytest.mark.parametrize(("text", "form", "kind", "suggestion"), LOCAL)
def test_asks_about_more_where_people_know_each_other(
    propose: Callable[[str], Proposal], text: str, form: str | None, kind: str, suggestion: str | None
) -> None:
    groups = by_rule(propose(text))
    assert said(groups) == []
    asked = with_local(text, groups, frozenset({"campus", "town"}))
    assert said(asked) == ([(form, kind, suggestion)] if form else [])
    assert all(group.doubtful for group in asked if group.label == "QUASI")
    assert with_local(text, groups, frozenset()) == groups


def test_what_was_found_is_not_asked_about_twice(propose: Callable[[str], Proposal]) -> None:
    text = "She is the only dentist in our town, and Dr. Okonkwo is a dentist in our town."
    groups = with_local(text, by_rule(propose(text)), frozenset({"town"}))
    assert [form for form, _, _ in said(groups)] == ["the only dentist in our town", "a dentist in our town"]
    assert len({group.key for group in groups}) == len(groups)
    assert [g.places[0] for g in groups] == sorted(g.places[0] for g in groups)


def test_kinds_differ_by_community(propose: Callable[[str], Proposal]) -> None:
    text = "She is the shift supervisor."
    groups = by_rule(propose(text))
    assert said(with_local(text, groups, frozenset({"town"}))) == []
    assert said(with_local(text, groups, frozenset({"employer"}))) == [
        ("the shift supervisor", "A post in one community", "someone with responsibility at work")
    ]


# The data -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def data() -> Mapping[str, Any]:
    return tomllib.loads((data_folder() / "quasi.toml").read_text("utf-8"))


def offered(data: Mapping[str, Any]) -> list[str]:
    fixed = [row[name] for row in data["quasi"] for name in ("suggestion", "otherwise") if name in row]
    sectors = [row[name] for row in data["sector"] for name in ("is", "was")]
    return [words for words in (*fixed, *sectors) if "{" not in words]


def test_no_wording_names_anybody_itself(engine: Engine, data: Mapping[str, Any]) -> None:
    peoples = [f"a {row['is']} person who works with animals" for row in data["culture"]]
    for words in (*offered(data), *peoples):
        assert by_rule(engine.propose(canonicalise(words))) == (), words


def test_no_headcount_and_no_promise_is_shown(data: Mapping[str, Any]) -> None:
    kinds = [f"{row['words']}. {row['why']}" for row in data["kind"]]
    shown = [*offered(data), *kinds, *checklist(), *communities().values()]
    assert not [words for words in shown if any(c.isdigit() for c in words) or "safe" in words.lower()]
    templates = Path(__file__).parents[2] / "templates" / "deid"
    assert not [path for path in templates.glob("*.html") if "safe" in path.read_text("utf-8").replace("|safe", "")]


def test_every_rule_is_of_a_kind_and_every_occupation_of_one_sector(data: Mapping[str, Any]) -> None:
    assert {row["kind"] for row in data["quasi"]} == {row["id"] for row in data["kind"]}
    where = {place for row in data["kind"] for place in row.get("communities", ())}
    assert where == communities().keys()
    for table in ("sector", "culture"):
        words = [word for row in data[table] for word in row["words"].split()]
        assert len(words) == len(set(words))


CULTURE = st.sampled_from(("", "Hmong ", "Black ", "Navajo ", "Deaf ", "Polish "))
JOBS = st.sampled_from(
    ("firefighter", "police officer", "nurse", "teacher", "pilot", "mayor", "farmer", "son of the mayor",
     "nurse's daughter", "firefighters", "boy")
)  # fmt: skip
TRUE_OF = {
    "firefighter": "first responder", "police officer": "law enforcement", "nurse": "health professional",
    "teacher": "in education", "pilot": "aviation or shipping", "mayor": "public office", "farmer": "the land",
}  # fmt: skip
REGIONS = {
    "Hmong ": "Southeast Asian", "Black ": "Black", "Navajo ": "Indigenous", "Deaf ": "Deaf",
    "Polish ": "Eastern European",
}  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(CULTURE, JOBS, st.sampled_from(("", "former ", "retired ")))
def test_a_wording_widens_and_never_changes(engine: Engine, culture: str, job: str, before: str) -> None:
    groups = engine.propose(canonicalise(f"She met the only {before}{culture}{job} in the county.")).groups
    for group in (g for g in groups if g.label == "QUASI"):
        wording = group.suggestion or ""
        sectors = {sector for sector in TRUE_OF.values() if sector in wording}
        assert sectors <= {TRUE_OF.get(job, "")}, wording
        assert {region for region in REGIONS.values() if region in wording} <= {REGIONS.get(culture, "")}, wording
        if sectors and before:
            assert "has " in wording or "former" in wording


def test_a_wording_that_repeats_what_goes_is_not_offered() -> None:
    text = "Health met the only nurse in the county."
    groups = (
        Group("g1", "NAME", ("Health",), ((0, 6),), 0.9, "test", False, "", None, ""),
        Group("g2", "QUASI", ("the only nurse",), ((11, 25),), 0.6, "quasi", True, "", "a health professional", ""),
    )
    made = Proposal(text, groups).again()
    assert [group.suggestion for group in made.groups] == [None, None]
    result = made.resolve({"g2": Choice("generalise", wording="someone in care")}).apply().text
    assert result == "[Person 1] met someone in care in the county."

"""Consultation as continuing education, and frameworks of competence. Sources stand in the data files."""

from pathlib import Path

import pytest

from supervise.core.rulefile import RuleFileError
from supervise.learning.rules import NO_RULE, consultation_counts, load_ce, load_competencies

CONFIG = Path(__file__).parents[3] / "config"
CE = load_ce(CONFIG / "ce")
WASHINGTON = (CONFIG / "ce" / "us-wa.toml").read_text(encoding="utf-8")
STARTER = (CONFIG / "competencies" / "starter.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "profession", ["Licensed Mental Health Counselor", "LMHC", "licensed marriage and family therapist"]
)
@pytest.mark.parametrize(("minutes", "counted"), [(0, 0), (50, 50), (360, 360), (361, 360)])
def test_wac_246_809_610_counts_peer_consultation_up_to_six_hours(profession: str, minutes: int, counted: int) -> None:
    found = consultation_counts(CE, "US-WA", profession, minutes)
    assert (found.counts, found.minutes, found.cap, found.verified) == (True, counted, 360, True)
    assert found.citation == "WAC 246-809-610(5)"


@pytest.mark.parametrize(("earlier", "counted"), [(0, 50), (330, 30), (360, 0), (400, 0)])
def test_wac_246_809_610_is_one_limit_for_the_period(earlier: int, counted: int) -> None:
    found = consultation_counts(CE, "US-WA", "LMHC", 50, earlier=earlier)
    assert (found.counts, found.minutes) == (counted > 0, counted)
    assert ("That limit is reached" in found.because) == (counted == 0)


@pytest.mark.parametrize(
    "profession", ["Licensed Clinical Social Worker", "LMFT", "Associate Marriage and Family Therapist"]
)
def test_16_ccr_1887_california_bbs_wants_coursework(profession: str) -> None:
    found = consultation_counts(CE, "US-CA", profession, 600)
    assert (found.counts, found.minutes, found.cap, found.verified) == (False, 0, None, False)
    assert "coursework from approved providers" in found.because


def test_16_ccr_1397_california_psychologists_may_count_what_social_workers_may_not() -> None:
    found = consultation_counts(CE, "US-CA", "Psychologist", 600)
    assert (found.counts, found.minutes, found.verified) == (True, 600, False)


@pytest.mark.parametrize(
    ("jurisdiction", "profession"), [("US-TX", "LPC"), ("US-WA", "Psychologist"), ("", ""), ("US-WA", "LMHCX")]
)
def test_where_no_rule_is_on_file_nothing_counts(jurisdiction: str, profession: str) -> None:
    found = consultation_counts(CE, jurisdiction, profession, 600)
    assert (found.counts, found.minutes, found.because, found.verified) == (False, 0, NO_RULE, False)
    assert "ask your board" in found.because


def test_minutes_are_not_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        consultation_counts(CE, "US-WA", "LMHC", -1)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("cap_hours = 6", "cap_hours = '6'", "consultation 1 (peer-consultation): cap_hours: must be a whole number"),
        ("counts = true", "counts = false", "cap_hours: has no place"),
        ("counts = true\n", "", "counts: is missing"),
        ("text_date = 2024-01-01\n", "", "text_date: is missing"),
        ("text_date = 2024-01-01\nverified = true", 'verified = false\nnote = "?"', "verified: must be false while"),
        ('id = "us-wa"', 'id = "us-or"', "id: must be us-wa"),
        ("checked_on", "checked", "checked_on: is missing"),
    ],
)
def test_a_mistake_in_a_ce_file_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in WASHINGTON
    (tmp_path / "us-wa.toml").write_text(WASHINGTON.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RuleFileError) as error:
        load_ce(tmp_path)
    assert "us-wa.toml" in str(error.value)
    assert said in str(error.value)


def test_the_starter_framework_has_ten_competencies_with_an_anchor_for_each_level() -> None:
    starter = load_competencies(CONFIG / "competencies")["starter"]
    assert [competency.id for competency in starter.competencies] == [
        "conceptualisation",
        "intervention",
        "relationship",
        "assessment",
        "ethics_law",
        "risk_crisis",
        "culture",
        "documentation",
        "professionalism",
        "use_of_supervision",
    ]
    assert all(len(competency.anchors) == len(starter.levels) == 4 for competency in starter.competencies)
    assert not starter.verified
    assert "validated" in starter.note


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('id = "starter"', 'id = "other"', "id: must be starter"),
        ('"Able to guide others"', '"Able to guide others", "More"', "anchors: must be 5, one for each level"),
        ('id = "intervention"', 'id = "conceptualisation"', "conceptualisation stands twice"),
        ('about = "Makes', 'abuot = "Makes', "about: is missing"),
    ],
)
def test_a_mistake_in_a_framework_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in STARTER
    (tmp_path / "starter.toml").write_text(STARTER.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RuleFileError) as error:
        load_competencies(tmp_path)
    assert said in str(error.value)

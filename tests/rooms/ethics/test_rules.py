"""Codes of ethics: which rows a search and a dilemma lead to, and that the data are as they should be."""

from pathlib import Path

import pytest

from supervise.core.rulefile import RuleFileError, read
from supervise.ethics.rules import TAGS, load_codes

CONFIG = Path(__file__).parents[3] / "config"
CODES = load_codes(CONFIG / "codes")


def test_only_rows_that_were_seen_are_verified() -> None:
    assert len(CODES.rows) == 340
    verified = {code: [row.section for row in CODES.rows if row.verified and row.code == code] for code in CODES.codes}
    assert verified["ACA 2014"] == ["A.1.a", "A.1.b", "A.1.c", "A.1.d", "A.2.a"]
    assert verified["APA 2017"] == ["1.02", "1.03", "3.04(a)", "3.04(b)", "4.05", "4.06"]
    assert len(verified["NASW 2021"]) == 9
    assert verified["AAMFT 2015"] == []
    assert len(verified["NBCC 2023"]) == 14
    assert all(row.source and row.topic for row in CODES.rows)


def test_each_profession_has_its_code_and_the_page_narrows_to_it() -> None:
    for profession, names in {
        "Licensed Marriage and Family Therapist": ["AAMFT 2015"],
        "Psychologist": ["APA 2017"],
        "Licensed Professional Clinical Counselor": ["ACA 2014"],
        "Shoemaker": [],
    }.items():
        assert [code.name for code in CODES.codes_for(profession)] == sorted(names), profession


def test_every_tag_leads_somewhere() -> None:
    reached = {tag for row in CODES.rows for tag in row.tags}
    assert reached == set(TAGS)
    for kind in CODES.dilemmas:
        assert CODES.suggest([kind]), kind


def test_a_search_takes_beginnings_of_words_and_numbers() -> None:
    assert [row.citation for row in CODES.find("B.7")] == ["ACA 2014, B.7.a", "ACA 2014, B.7.b"]
    assert {row.citation for row in CODES.find("consult identif")} >= {"NASW 2021, 1.07(v)", "AAMFT 2015, 2.7"}
    assert CODES.row("NASW 2021, 1.06") in CODES.find("nasw gift")
    assert CODES.find("onsult") == []
    assert CODES.find("(.*") == []
    assert len(CODES.find("  ")) == 340


@pytest.mark.parametrize(
    ("profession", "code"),
    [
        ("Licensed Clinical Social Worker", "NASW 2021"),
        ("LCSW", "NASW 2021"),
        ("Licensed Professional Counselor, supervisor", "ACA 2014"),
        ("Licensed Mental Health Counselor", "ACA 2014"),
    ],
)
def test_the_own_code_comes_first(profession: str, code: str) -> None:
    for rows in (CODES.find("culture", profession), CODES.suggest(["culture", "gifts"], profession)):
        codes = [row.code for row in rows]
        assert codes[0] == code
        assert codes == sorted(codes, key=lambda name: name != code)


def test_a_dilemma_leads_to_the_rows_that_meet_most_of_it() -> None:
    first, *others = CODES.suggest(["gifts", "culture"])
    assert first.citation == "ACA 2014, A.10.f"
    assert len(others) == 7
    assert CODES.suggest([]) == []
    with pytest.raises(KeyError):
        CODES.suggest(["tea"])


def test_a_citation_finds_its_row() -> None:
    found = CODES.row("ACA 2014, B.7.b")
    assert found is not None
    assert "consultation" in found.tags
    assert CODES.row("ACA 2014, Z.9") is None


@pytest.mark.parametrize(
    ("file", "right", "wrong", "said"),
    [
        ("codes/aca-2014.toml", 'section = "A.2.a"', 'section = "A.1.d"', "a section stands twice"),
        ("codes/aca-2014.toml", '["culture", "consent"]', '["tea"]', "(?): tags: 'tea' is not one of"),
        ("codes/aca-2014.toml", 'source = "Section headings', 'sauce = "Section headings', "source: is missing"),
        ("codes/aca-2014.toml", "verified = false", "verified = true", "verified: must be false while a row"),
        ("codes/aca-2014.toml", 'id = "aca-2014"', 'id = "aca"', "id: must be aca-2014"),
        ("dilemmas.toml", 'id = "consent"', 'id = "confidentiality"', "confidentiality stands twice"),
        ("dilemmas.toml", 'tags = ["confidentiality"]', "tags = []", "(confidentiality): tags: must not be empty"),
        ("dilemmas.toml", "checked_on = 2026-11-23\n", "", "checked_on: is missing"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, file: str, right: str, wrong: str, said: str) -> None:
    (tmp_path / "codes").mkdir()
    for name in ("codes/aca-2014.toml", "dilemmas.toml"):
        text = (CONFIG / name).read_text(encoding="utf-8")
        assert name != file or right in text
        (tmp_path / name).write_text(text.replace(right, wrong, 1) if name == file else text, encoding="utf-8")
    with pytest.raises(RuleFileError) as error:
        load_codes(tmp_path / "codes")
    assert Path(file).name in str(error.value)
    assert said in str(error.value)


def test_every_rule_file_says_where_it_is_from_and_when_it_was_checked() -> None:
    folders = ("boards", "ce", "codes", "competencies")
    paths = [path for folder in folders for path in sorted((CONFIG / folder).iterdir())]
    for path in (*paths, CONFIG / "dilemmas.toml", CONFIG / "jurisdictions.toml"):
        head = read(path)
        assert head.text("source")
        assert head.day("checked_on")
        assert head.truth("verified") in (True, False)
        assert head.text("note")

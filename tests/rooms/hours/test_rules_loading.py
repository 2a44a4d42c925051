"""Board files are read strictly: each mistake is refused with file, line, row and key."""

import re
from pathlib import Path

import pytest

from supervise.core.jurisdictions import load_jurisdictions
from supervise.hours.rules import RuleFileError, load_boards
from supervise.hours.rules.calendar import add_months, whole_months, window_start
from tests.rooms.hours.rows import BOARDS, MONDAY

CONFIG = Path(__file__).parents[3] / "config"
SOURCE = (CONFIG / "boards" / "ca-amft.toml").read_text(encoding="utf-8")


def test_every_board_file_is_valid_and_carries_where_it_is_from() -> None:
    assert set(BOARDS) == {path.stem for path in (CONFIG / "boards").glob("*.toml")}
    for board in BOARDS.values():
        assert board.source
        national = board.id in ("bacb", "cacrep-2024")  # an accreditation and a certification: no state's rules
        assert national or board.jurisdiction in load_jurisdictions(CONFIG / "jurisdictions.toml")
        assert len(board.requirements) >= 2
        for rule in board.rules:
            assert rule.verified or rule.note


def test_what_sb_775_touched_is_not_called_verified() -> None:
    """SB 775 (2025) amends and repeals 4980.43.2 and amends 4980.43.3, and its text was not read."""
    touched = [r for r in BOARDS["ca-amft"].rules if "4980.43.2" in r.citation or "4980.43.3" in r.citation]
    assert len(touched) >= 8
    assert not any(rule.verified for rule in touched)
    assert "SB 775" in BOARDS["ca-amft"].note


MISTAKES = [
    ('id = "ca-amft"', 'id = "ca-other"', "id: must be ca-amft"),
    ('verified = false\nnote = "SB 775', 'verified = true\nnote = "SB 775', "verified: must be false while a rule"),
    ("checked_on = 2026-11-23", "checked_on = 2026-11-23T10:00:00", "checked_on: must be a date without a time"),
    ("checked_on = 2026-11-23", "checked_on = 'soon'", "checked_on: must be a date"),
    ("checked_on = 2026-11-23\n", "", "checked_on: is missing"),
    ("effective_from = 2022-08-29", "effective_from = 2022-08-29\neffective_to = 2020-01-01", "before effective_from"),
    ('first = ["couples", "direct"]', 'first = ["couples", "tea"]', "'tea' is not one of"),
    (
        'couples = ["couple_family", "child"]',
        'couples = ["couple_family", "tea"]',
        "groups: couples: 'tea' is not one of",
    ),
    ("hours = 3000", 'hours = "3000"', "(total): hours: must be a whole number"),
    ("hours = 3000", "hours = true", "(total): hours: must be a whole number"),
    ("hours = 3000", "hours = 0", "(total): hours: must be 1 or more"),
    ("hours = 3000", "hours = 3000\nhuors = 1", "(total): huors: is not a key of this table"),
    ('id = "direct"', 'id = "total"', "two rules are called total"),
    ('kind = "rolling"', 'kind = "rollin"', "(forty-hours): kind: must be one of"),
    ("days = 7", "days = 1", "(forty-hours): days: must be 2 or more"),
    ("triadic = { fewest = 2, most = 2 }", "triadic = { fewest = 3, most = 2 }", "triadic: must begin at 2"),
    ("minutes = { individual = 60, triadic = 60, group = 120 }", "minutes = { individual = 60 }", "the same kinds"),
    ('kind = "unit"', 'kind = "tally"', "(supervision-unit): of: is missing"),
    ('window = "week"\ncount', 'window = "fortnight"\ncount', "(weeks): window: must be one of"),
    ('shortfall = "excess"\nexempt = []', 'shortfall = "some"\nexempt = []', "shortfall: must be one of"),
    ('because = "More than 40 hours within seven consecutive days."\n', "", "(forty-hours): because: is missing"),
    ("text_date = 2024-12-06\nverified = true", "verified = true", "text_date: is missing, and a verified rule"),
    ('url = "https://open.pluralpolicy', 'url = "http://open.pluralpolicy', "url: must begin with https://"),
    ('title = "Forty hours', 'title = " " # "Forty hours', "title: must not be blank"),
    ('of = "couples"', 'of = "couple"', "(couples-families-children): of: must be one of"),
    ('degree = "post"\nhours = 1700', 'degree = "after"\nhours = 1700', "(after-degree): degree: must be one of"),
    ("[groups]", "[groups]\nall = ['child']", "groups: all: always means every category"),
    ("[groups]", "[groups", "cannot be read"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES)
def test_a_mistake_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in SOURCE
    (tmp_path / "ca-amft.toml").write_text(SOURCE.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"/ca-amft\.toml(, line \d+)?: .*" + re.escape(said)):
        load_boards(tmp_path)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("hours = 3000", 'hours = "3000"'),
        ("days = 7", "days = 1"),
        ("checked_on = 2026-11-23", "checked_on = 'soon'"),
        ("triadic = { fewest = 2, most = 2 }", "triadic = { fewest = 3, most = 2 }"),
        ('couples = ["couple_family", "child"]', 'couples = ["tea"]'),
        ('citation = "form 37A-301A"', 'citation = ""'),
        ("count = 52", "count = 0"),
    ],
)
def test_a_mistake_is_named_by_its_line(tmp_path: Path, right: str, wrong: str) -> None:
    line = SOURCE[: SOURCE.index(right)].count("\n") + 1
    (tmp_path / "ca-amft.toml").write_text(SOURCE.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RuleFileError, match=rf"/ca-amft\.toml, line {line}: "):
        load_boards(tmp_path)


@pytest.mark.parametrize(
    ("board", "right", "wrong", "said"),
    [
        ("or-lpc", "units = 1.5", "units = 1.25", "(one-to-one-above): units: must be above 0, whole or with a half"),
        ("or-lpc", "units = 1.5", "units = 0", "(one-to-one-above): units: must be above 0"),
        ("or-lpc", "most = 2\n", "most = 0\n", "(two-supervisors): most: must be 1 or more"),
        ("fl-rmhci", 'window = "fortnight"', 'window = "moon"', "window: must be one of fortnight, month, week, year"),
        ("fl-rmhci", 'kind = "alternate"', 'kind = "alternat"', "(group-alternates): kind: must be one of"),
        ("ma-lmhc", "hour_from = 45", "hour_from = 70", "(contact): hour_from: must be 60 or less"),
        ("ma-lmhc", "months = 96", "months = 0", "(eight-years): months: must be 1 or more"),
        ("wa-lmhca", 'of = "supervision"\nkinds', 'of = "direct"\nkinds', "kinds: can be asked of supervision alone"),
        (
            "bacb",
            'of = "unrestricted"\namong = "experience"',
            'of = "experience"\namong = "unrestricted"',
            "among: must",
        ),
        ("bacb", "percent = 60", "percent = 100", "(unrestricted): percent: must be below 100"),
        ("bacb", 'accepted = ["in_person", "live_video", "phone"]', 'accepted = ["fax"]', "'fax' is not one of"),
        ("il-lpc", 'accepted = ["post"]', 'accepted = ["after"]', "'after' is not one of post, pre"),
    ],
)
def test_a_mistake_in_another_board_is_named(tmp_path: Path, board: str, right: str, wrong: str, said: str) -> None:
    source = (CONFIG / "boards" / f"{board}.toml").read_text(encoding="utf-8")
    assert right in source
    (tmp_path / f"{board}.toml").write_text(source.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RuleFileError, match=rf"/{board}\.toml, line \d+: .*" + re.escape(said)):
        load_boards(tmp_path)


def test_a_category_that_is_accepted_must_show_somewhere(tmp_path: Path) -> None:
    grown = SOURCE.replace('\nid = "accepted-work"\nkind = "accept"', '\nid = "accepted-work"\nkind = "accept"', 1)
    grown = grown.replace('of = "experience"\nbecause', 'of = "all"\nbecause', 1)
    (tmp_path / "ca-amft.toml").write_text(grown, encoding="utf-8")
    with pytest.raises(RuleFileError, match="accepted but in no minimum or tally: other"):
        load_boards(tmp_path)


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match=r"holds no \.toml file"):
        load_boards(tmp_path)


def test_jurisdictions_are_the_states_the_district_and_five_territories() -> None:
    places = load_jurisdictions(CONFIG / "jurisdictions.toml")
    assert len(places) == 56
    assert places["US-TX"].zones == ("America/Chicago", "America/Denver")
    assert all(code.startswith("US-") and place.name and place.zones for code, place in places.items())


def test_calendar_windows() -> None:
    assert window_start(MONDAY.replace(day=9), "week") == MONDAY
    assert window_start(MONDAY, "month") == MONDAY.replace(day=1)
    assert window_start(MONDAY, "year") == MONDAY.replace(month=1, day=1)
    assert add_months(MONDAY.replace(day=31), -1) == MONDAY.replace(month=2, day=28)
    assert whole_months(MONDAY, MONDAY.replace(month=4, day=2)) == 0
    assert whole_months(MONDAY, MONDAY.replace(year=2026)) == 12
    with pytest.raises(ValueError, match="no such window"):
        window_start(MONDAY, "decade")

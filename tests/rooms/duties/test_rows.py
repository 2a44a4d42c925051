"""The shipped rows of law. A mistake in a file is named with its line and takes nothing else away."""

from pathlib import Path

import pytest

from supervise.core.jurisdictions import load_jurisdictions
from supervise.core.resources import folder
from supervise.duties.rules.rows import Book, Period, load_book

PLACES = load_jurisdictions(folder("config") / "jurisdictions.toml")
STATES = {code for code in PLACES if code not in {"US-AS", "US-GU", "US-MP", "US-PR", "US-VI"}}

FILE = """id = "child"
title = "A child"
about = "Somebody suspects something."
clock = "when you suspected it"
steps = ["Ask."]

[checklist]
cause = "I suspect it"

[[row]]
jurisdiction = "US-CA"
stance = "mandatory"
citation = "Penal Code 11166"
first = "at once"
written_hours = 36
source = "A page"
checked_on = 2026-11-23
effective_from = "not known"
verified = []

[[row]]
jurisdiction = "US-TX"
stance = "mandatory"
citation = "Fam. Code 261.101(b)"
first_hours = 24
source = "A notice"
checked_on = 2026-11-23
effective_from = "2025-06-20"
verified = [{ by = "A. Reader", on = 2026-11-20, note = "Compared with the bill" }]
"""


@pytest.fixture(scope="module")
def book() -> Book:
    return load_book(folder("config") / "duties", PLACES)


def test_every_shipped_row_is_read(book: Book) -> None:
    assert book.problems == ()
    assert set(book.duties) == {"harm", "child", "adult", "provider"}


def test_threats_are_covered_in_every_state_and_the_district(book: Book) -> None:
    assert {row.jurisdiction for row in book.rows.values() if row.duty == "harm"} == STATES
    assert len(STATES) == 51


def test_shipped_rows_are_verified_by_nobody_and_say_where_they_come_from(book: Book) -> None:
    for row in book.rows.values():
        assert (row.checked_by, bool(row.source), bool(row.effective_from)) == ((), True, True), row.place
        assert row.citation or row.stance == "not_recorded", row.place
        assert not row.hotline or row.hotline_checked, row.place


def test_the_shorter_of_two_periods_is_kept_where_sources_differ(book: Book) -> None:
    colorado, texas = book.row("child", "US-CO"), book.row("child", "US-TX")
    assert colorado
    assert colorado.first == Period()
    assert len(colorado.conflicts) == 3
    assert texas
    assert texas.first == Period(hours=24)
    assert texas.effective_from == "2025-06-20"


def test_texas_names_whom_it_permits_and_not_the_victim(book: Book) -> None:
    row = book.row("harm", "US-TX")
    assert row
    assert row.stance == "permissive"
    assert row.recipients == ("medical", "mental_health", "police")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("first_hours = 24", "first_hours = -1", 25, "must be 1 or more"),
        ("first_hours = 24", 'first_hours = "24"', 25, "must be a whole number"),
        ("first_hours = 24", 'first = "soon"', 25, "must be one of at once"),
        ("first_hours = 24", "first_hours = 24\nfirst_days = 2", 26, "give one period"),
        ("first_hours = 24", "frist_hours = 24", 25, "is not a key"),
        ("first_hours = 24", "first_hours = = 24", 25, "is not TOML"),
        ("2025-06-20", "June", 28, "must be a date"),
        ('"US-TX"', '"US-XX"', 22, "must be one of"),
        ('"US-TX"', '"US-CA"', 22, "stands twice"),
        ('source = "A notice"\n', "", 21, "source: is missing"),
        ("2026-11-20", '"lately"', 29, "must be a date"),
        ('ways = ["police"]\n', 'ways = ["neighbours"]\n', 25, "is not one of"),
    ],
)
def test_a_broken_row_is_named_with_its_line_and_the_rest_works(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    if old.startswith("ways"):
        old, new = "first_hours = 24\n", new
    head, _, row = FILE.rpartition("[[row]]")
    (tmp_path / "child.toml").write_text(f"{head}[[row]]{row.replace(old, new)}", encoding="utf-8")
    book = load_book(tmp_path, PLACES)
    assert set(book.rows) == {"child US-CA"}
    (problem,) = book.problems
    assert f"child.toml, line {line}: " in problem.message
    assert says in problem.message


def test_a_broken_file_takes_no_other_file_away(tmp_path: Path) -> None:
    (tmp_path / "child.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "harm.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "adult.toml").write_bytes(b"\xff\xfe")
    book = load_book(tmp_path, PLACES)
    assert set(book.rows) == {"child US-CA", "child US-TX"}
    assert [problem.duty for problem in book.problems] == ["adult", "harm"]
    assert book.row("child", "US-TX")
    assert book.rows["child US-TX"].checked_by[0].by == "A. Reader"


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    assert "holds no file" in load_book(tmp_path, PLACES).problems[0].message


def test_every_change_of_a_row_changes_its_digest(tmp_path: Path) -> None:
    (tmp_path / "child.toml").write_text(FILE, encoding="utf-8")
    before = load_book(tmp_path, PLACES).rows["child US-CA"].digest
    (tmp_path / "child.toml").write_text(FILE.replace("written_hours = 36", "written_hours = 48"), encoding="utf-8")
    after = load_book(tmp_path, PLACES).rows
    assert after["child US-CA"].digest != before

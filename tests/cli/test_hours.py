"""`supervise hours evaluate`: a log in, answers in JSON out, mistakes by line and column."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from supervise.cli import commands
from supervise.hours.rules import CATEGORIES, DEGREES, MODES, PAYS, load_boards
from tests.cli.test_commands import run

HEADER = "date,start,minutes,category,setting,supervisor,mode,attendees,degree,pay,note"
CLIENT = "2026-03-03,09:00,120,individual,Clinic,S1,in_person,,post,w2,"
MEETING = "2026-03-04,10:00,60,supervision,Clinic,S1,live_video,1,post,w2,"


def log(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "log.csv"
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    return path


def asked(path: Path, board: str = "ca-amft", as_of: str = "2026-06-30") -> Result:
    return CliRunner().invoke(commands, ["hours", "evaluate", "--board", board, "--as-of", as_of, str(path)])


def answered(path: Path, board: str = "ca-amft", as_of: str = "2026-06-30") -> dict[str, Any]:
    done = asked(path, board, as_of)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_answer_has_the_shape_that_is_promised(tmp_path: Path) -> None:
    contractor = CLIENT.replace("w2", "1099").replace("09:00", "13:00")
    found = answered(log(tmp_path, CLIENT, MEETING, "", contractor))
    assert list(found) == ["board", "as_of", "requirements", "entries"]
    assert (found["board"], found["as_of"]) == ("ca-amft", "2026-06-30")
    assert found["requirements"][0] == {"id": "total", "recorded": 300, "valid": 180, "needed": 180_000}
    weeks = next(one for one in found["requirements"] if one["id"] == "weeks")
    assert weeks == {"id": "weeks", "recorded": 1, "valid": 1, "needed": 104, "unit": "weeks"}
    refused = [{"rule": "pay-status", "citation": "Cal. BPC 4980.43.3"}]
    assert found["entries"] == [
        {"line": 2, "recorded": 120, "counted": 120, "answer": "counts", "reasons": []},
        {"line": 3, "recorded": 60, "counted": 60, "answer": "counts", "reasons": []},
        {"line": 5, "recorded": 120, "counted": 0, "answer": "refused", "reasons": refused},
    ]


def test_it_runs_where_nothing_is_installed_yet(tmp_path: Path) -> None:
    done = run(
        "hours", "evaluate", "--board", "tx-lpca", "--as-of", "2026-06-30", log(tmp_path, MEETING), data=tmp_path / "no"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["entries"][0]["answer"] == "counts"


def test_every_documented_value_is_accepted(tmp_path: Path) -> None:
    rows = [
        f"2026-03-03,,30,{category},Clinic,,{mode},{3 if category == 'supervision' else ''},{degree},{pay},"
        for category in CATEGORIES
        for mode in MODES
        for degree in DEGREES
        for pay in PAYS
    ]
    assert len(answered(log(tmp_path, *rows))["entries"]) == len(rows)


def test_a_log_as_spreadsheets_write_it(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    columns = HEADER.split(",")[::-1]
    first = ",".join(CLIENT.split(",")[::-1])
    second = ",".join(MEETING.split(",")[::-1]).replace(",w2", '"two\nlines, of a note",w2', 1)
    path.write_bytes(("\ufeff" + "\r\n".join([",".join(columns), second, first, ""])).encode())
    found = answered(path)
    assert [(one["line"], one["counted"]) for one in found["entries"]] == [(2, 60), (4, 120)]


def test_the_order_of_lines_changes_nothing_but_their_order(tmp_path: Path) -> None:
    rows = [CLIENT, MEETING, *(f"2026-03-0{n},,700,documentation,Clinic,,in_person,,post,w2," for n in range(2, 7))]
    forward, backward = answered(log(tmp_path, *rows)), answered(log(tmp_path, *rows[::-1]))
    assert forward["requirements"] == backward["requirements"]
    assert [one["counted"] for one in forward["entries"]] == [one["counted"] for one in backward["entries"][::-1]]


def test_the_same_work_in_two_lines_counts_once(tmp_path: Path) -> None:
    unknown = CLIENT.replace("09:00", "")
    found = answered(log(tmp_path, CLIENT, CLIENT, unknown, unknown, MEETING))
    assert [one["counted"] for one in found["entries"]] == [120, 0, 120, 120, 60]
    assert found["entries"][1]["answer"] == "refused"
    assert found["entries"][1]["reasons"][0]["rule"] == "recorded-twice"
    assert found["entries"][1]["reasons"][0]["citation"]


def test_later_days_do_not_count_yet(tmp_path: Path) -> None:
    found = answered(log(tmp_path, CLIENT, MEETING), as_of="2026-03-03")
    assert [one["answer"] for one in found["entries"]] == ["refused", "refused"]
    assert [one["reasons"][0]["rule"] for one in found["entries"]] == ["weekly-contact", "as-of"]


def test_an_empty_log_is_a_plain_answer(tmp_path: Path) -> None:
    found = answered(log(tmp_path))
    assert found["entries"] == []
    assert all(one["valid"] == 0 for one in found["requirements"])


MISTAKES = [
    (CLIENT.replace("2026-03-03", "03/03/2026"), "column date: must be a day as YYYY-MM-DD"),
    (CLIENT.replace("2026-03-03", "2026-02-30"), "column date: must be a day"),
    (CLIENT.replace("2026-03-03", "20260303"), "column date: must be a day"),
    (CLIENT.replace("09:00", "9"), "column start: must be HH:MM"),
    (CLIENT.replace("09:00", "24:00"), "column start: must be HH:MM"),
    (CLIENT.replace("120", "0"), "column minutes: must be a whole number from 1 to 1440"),
    (CLIENT.replace("120", "-60"), "column minutes: must be a whole number"),
    (CLIENT.replace("120", "1.5"), "column minutes: must be a whole number"),
    (CLIENT.replace("120", "1441"), "column minutes: must be a whole number"),
    (CLIENT.replace("120", ""), "column minutes: must be a whole number"),
    (CLIENT.replace("individual", "tea"), "column category: must be one of individual"),
    (CLIENT.replace("Clinic", " "), "column setting: must not be empty"),
    (CLIENT.replace("in_person", "telepathy"), "column mode: must be one of in_person"),
    (MEETING.replace("live_video", ""), "column mode: must be one of in_person"),
    (MEETING.replace(",1,", ",0,"), "column attendees: must be a whole number from 1"),
    (MEETING.replace(",1,", ",two,"), "column attendees: must be a whole number"),
    (CLIENT.replace("post", ""), "column degree: must be one of pre, post"),
    (CLIENT.replace("w2", "cash"), "column pay: must be one of w2"),
    (CLIENT + ",more", "column 12: the header has 11 columns"),
    (CLIENT.removesuffix(",w2,"), "column pay: is missing"),
]


@pytest.mark.parametrize(("wrong", "said"), MISTAKES)
def test_a_mistake_is_named_by_line_and_column(tmp_path: Path, wrong: str, said: str) -> None:
    done = asked(log(tmp_path, CLIENT, wrong))
    assert done.exit_code != 0
    assert done.stdout == ""
    assert f"log.csv: line 3, {said}" in done.stderr


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER.replace("pay,", ""), "column pay: is missing from the header"),
        (HEADER.replace("note", "pay"), "column pay: stands twice"),
        (HEADER.replace("note", "notes"), "column notes: is not one of"),
    ],
)
def test_a_wrong_header_is_named(tmp_path: Path, header: str, said: str) -> None:
    done = asked(log(tmp_path, header=header))
    assert (done.exit_code != 0, done.stdout) == (True, "")
    assert f"line 1, {said}" in done.stderr


def test_what_is_no_log_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for content in (b"", b"\n\n", b'date,"start\n', b"PK\x03\x04\xff\xfe"):
        path.write_bytes(content)
        done = asked(path)
        assert (done.exit_code != 0, done.stdout) == (True, ""), content
        assert "log.csv" in done.stderr
        assert "Traceback" not in done.stderr


def test_unknown_boards_and_days_are_told(tmp_path: Path) -> None:
    path = log(tmp_path, CLIENT)
    for done, said in ((asked(path, "ca-tea"), "ca-amft"), (asked(path, as_of="soon"), "--as-of")):
        assert (done.exit_code != 0, done.stdout) == (True, "")
        assert said in done.stderr
    assert date.fromisoformat(answered(path)["as_of"]) == date(2026, 6, 30)


def test_the_page_of_boards_is_current() -> None:
    """After a change under config/boards: supervise hours boards > docs/boards.md"""
    done = CliRunner().invoke(commands, ["hours", "boards"])
    assert done.exit_code == 0, done.output
    page = (Path(__file__).parents[2] / "docs" / "boards.md").read_text(encoding="utf-8")
    assert page == done.stdout
    for board in load_boards(Path(__file__).parents[2] / "config" / "boards").values():
        assert f"`{board.id}`" in page
        rows = [
            line for line in page.split(f"## {board.title}\n")[1].split("\n## ")[0].splitlines() if line[:3] == "| `"
        ]
        assert [("**unverified**" not in line) for line in rows] == [rule.verified for rule in board.rules]


def test_a_log_is_looked_through_without_being_changed(tmp_path: Path) -> None:
    there = CLIENT.replace("09:00,120", "10:30,60").replace("Clinic", "School")
    path = log(tmp_path, CLIENT, there)
    before = path.read_bytes()
    done = CliRunner().invoke(commands, ["hours", "check", "--as-of", "2026-03-02", str(path)])
    found = json.loads(done.stdout)["flags"]
    assert done.exit_code == 1
    assert path.read_bytes() == before
    assert [(one["kind"], one["lines"]) for one in found] == [("future", [2, 3]), ("two_places", [2, 3])]
    clean = CliRunner().invoke(commands, ["hours", "check", "--as-of", "2026-06-30", str(log(tmp_path, CLIENT))])
    assert clean.exit_code == 0
    assert json.loads(clean.stdout)["flags"] == []

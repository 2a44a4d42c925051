"""Golden cases of the boards but California's marriage and family therapists and Texas's counselors, by their source.

Figures stand here as the table of rules has them, so that a slip in a board file shows.
"""

from datetime import date, timedelta

import pytest

from supervise.hours.rules import Board, Entry, meeting_kind
from tests.rooms.hours.rows import BOARDS, MONDAY, answer, days, judged, met, requirement, row, why

APCC, ASW, TX_SW = BOARDS["ca-apcc"], BOARDS["ca-asw"], BOARDS["tx-lmsw"]
NEW_YORK, FLORIDA, WASHINGTON = BOARDS["ny-mhc"], BOARDS["fl-rmhci"], BOARDS["wa-lmhca"]
OREGON, ILLINOIS, MASSACHUSETTS = BOARDS["or-lpc"], BOARDS["il-lpc"], BOARDS["ma-lmhc"]
CACREP, BACB = BOARDS["cacrep-2024"], BOARDS["bacb"]
HOUR = 60


def week(number: int) -> date:
    """Monday of a week, the first being number 0."""
    return MONDAY + timedelta(weeks=number)


def fixed(board: Board) -> dict[str, tuple[int, str]]:
    """What a board asks by requirement: hours, weeks or months. What grows with the work is left out."""
    found = {}
    for one in judged([], board).requirements:
        if one.kind != "pace":
            found[one.id] = (one.needed // HOUR if one.unit == "minutes" else one.needed, one.unit)
    return found


NEEDED = {
    "ca-amft": {
        "total": 3000, "direct": 1750, "couples-families-children": 500, "after-degree": 1700, "before-degree": 1300,
        "before-degree-counseling": 750, "nonclinical": 1250, "weeks": 104, "weeks-individual": 52,
    },
    "ca-apcc": {"total": 3000, "direct": 1750, "nonclinical": 1250, "weeks": 104, "weeks-individual": 52},
    "ca-asw": {
        "total": 3000, "clinical": 2000, "psychotherapy": 750, "nonclinical": 1000,
        "weeks": 104, "weeks-individual": 52,
    },
    "tx-lpca": {"total": 3000, "direct": 1500, "months": 18, "supervision": 0},
    "tx-lmsw": {"total": 3000, "supervision": 100, "months": 24},
    "ny-mhc": {"total": 3000, "direct": 1500},
    "fl-rmhci": {"psychotherapy": 1500, "supervision": 100, "weeks": 100},
    "wa-lmhca": {"total": 3000, "direct": 1200, "immediate-supervision": 100},
    "or-lpc": {"direct": 2400, "inside-the-plan": 1000, "internship": 400, "months": 36, "supervision": 0},
    "il-lpc": {"total": 3360, "direct": 1920, "weeks": 96},
    "ma-lmhc": {
        "total": 3360, "contact": 960, "contact-one-to-one": 610, "group-contact": 350, "supervision": 130,
        "supervision-individual": 75, "months": 24,
    },
    "cacrep-2024": {"practicum": 100, "practicum-direct": 40, "total": 700, "direct": 280},
    "bacb": {"total": 0},
}  # fmt: skip


def test_there_are_thirteen_boards() -> None:
    assert set(BOARDS) == set(NEEDED)


@pytest.mark.parametrize("name", NEEDED)
def test_each_board_asks_what_the_table_says(name: str) -> None:
    assert {key: needed for key, (needed, _) in fixed(BOARDS[name]).items()} == NEEDED[name]


@pytest.mark.parametrize("name", BOARDS)
def test_written_exchange_is_supervision_for_nobody(name: str) -> None:
    pre = "pre" if name == "cacrep-2024" else "post"
    entry = met(MONDAY, mode="async", degree=pre)
    found = judged([entry], BOARDS[name])
    assert (answer(found, entry).answer, answer(found, entry).counted) == ("refused", 0)


@pytest.mark.parametrize("name", BOARDS)
def test_what_is_not_confirmed_says_so(name: str) -> None:
    unread = [rule for rule in BOARDS[name].rules if not rule.verified]
    assert unread
    assert all(rule.note for rule in unread)
    assert not BOARDS[name].verified


@pytest.mark.parametrize(
    ("board", "kinds"),
    [
        (APCC, ["individual", "triadic", "group", "group", None]),
        (ASW, ["individual", "triadic", "group", "group", None]),
        (TX_SW, ["individual", "group", "group", None, None]),
        (FLORIDA, ["individual", "individual", "group", None, None]),
        (WASHINGTON, ["individual", "individual", "group", "group", "group"]),
        (OREGON, ["individual", "group", "group", None, None]),
    ],
)
def test_kind_of_meeting_by_who_came(board: Board, kinds: list[str | None]) -> None:
    """1, 2, 6, 8 and 9 supervisees: BPC 4999.36; 22 TAC 781.404; 64B4-2.002; OAR 833-050-0081."""
    assert [meeting_kind(board, came) for came in (1, 2, 6, 8 if board in (APCC, ASW) else 7, 9)] == kinds


# California


@pytest.mark.parametrize("board", [APCC, ASW])
def test_california_counts_nothing_before_the_degree(board: Board) -> None:
    """BPC 4999.36(e): trainee hours never count."""
    entry = row(MONDAY, degree="pre")
    found = judged([entry, met(MONDAY, degree="pre"), met(MONDAY)], board)
    assert why(found, entry) == {"before-degree": 60}


@pytest.mark.parametrize("board", [APCC, ASW])
def test_california_asks_a_unit_a_week_and_a_second_above_ten(board: Board) -> None:
    ten = [row(day, minutes=120) for day in days(MONDAY, 5)]
    over = row(MONDAY + timedelta(days=5), minutes=15)
    assert why(judged([*ten, over, met(MONDAY)], board), over) == {"second-unit": 15}
    assert why(judged([*ten, over], board), over) == {"weekly-contact": 15}
    found = judged([*ten, over, met(MONDAY), met(MONDAY, 120, attendees=8)], board)
    assert answer(found, over).answer == "counts"


@pytest.mark.parametrize("board", [APCC, ASW])
def test_california_limits_weeks_ages_and_pay(board: Board) -> None:
    work = [row(day, "documentation", 420) for day in days(MONDAY - timedelta(days=1), 6)]
    meetings = [met(MONDAY - timedelta(days=1)), met(MONDAY)]
    found = judged([*work, *meetings], board)
    assert sum(entry.counted for entry in found.entries) == 2400
    old, contractor = row(date(2020, 5, 31), "training"), row(MONDAY, pay="1099")
    found = judged([old, contractor, *meetings], board)
    assert (why(found, old), why(found, contractor)) == ({"six-years": 60}, {"pay-status": 60})
    many = [met(day, 90) for day in days(MONDAY, 5)]
    assert why(judged(many, board), many[-1]) == {"six-supervision-hours": 90}


def test_asw_assessment_is_clinical_and_notes_are_not() -> None:
    work = [row(MONDAY, "assessment"), row(MONDAY, "documentation"), row(MONDAY), met(MONDAY)]
    found = judged(work, ASW)
    got = {name: requirement(found, name).valid for name in ("total", "clinical", "psychotherapy", "nonclinical")}
    assert got == {"total": 240, "clinical": 120, "psychotherapy": 60, "nonclinical": 120}


# Texas, social work


def test_781_404_ten_hours_of_supervision_a_month() -> None:
    meetings = [met(MONDAY + timedelta(days=n), 240) for n in range(3)]
    found = judged(meetings, TX_SW)
    assert requirement(found, "supervision").valid == 600
    assert why(found, meetings[-1]) == {"ten-supervision-hours": 120}


def test_781_404_audio_is_allowed() -> None:
    assert answer(judged([entry := met(MONDAY, mode="phone")], TX_SW), entry).answer == "counts"


def test_lmsw_hours_outside_48_months_wait_for_the_board() -> None:
    early, late = row(date(2020, 1, 6)), [row(date(2024, 1, 7)), row(date(2025, 1, 7))]
    found = judged([early, *late], TX_SW)
    assert [answer(found, entry).answer for entry in (early, *late)] == ["board_decides", "counts", "counts"]
    assert answer(judged([early, row(date(2024, 1, 6))], TX_SW), early).answer == "counts"


# New York


def test_79_9_3_records_and_supervision_are_part_of_the_3000() -> None:
    work = [row(MONDAY, minutes=300), row(MONDAY, "documentation"), met(MONDAY, 240)]
    found = judged(work, NEW_YORK)
    assert requirement(found, "total").valid == 600
    assert requirement(found, "direct").valid == 300


def test_new_york_a_month_under_four_hours_and_video_wait_for_the_board() -> None:
    client, video = row(MONDAY), met(MONDAY, mode="live_video")
    found = judged([client, video, met(MONDAY, 180)], NEW_YORK)
    assert (answer(found, client).answer, answer(found, video).answer) == ("board_decides", "board_decides")
    assert answer(judged([client, met(MONDAY, 240)], NEW_YORK), client).answer == "counts"


# Florida


def florida(weeks: int, hours: int, every: int = 1) -> list[Entry]:
    """So many hours of psychotherapy a week, with an hour of supervision every so many weeks."""
    work = [row(week(n), minutes=hours * HOUR) for n in range(weeks)]
    return work + [met(week(n)) for n in range(0, weeks, every)]


def test_64b4_2_002_one_hour_in_fifteen() -> None:
    assert requirement(judged(florida(4, 15), FLORIDA), "psychotherapy").valid == 4 * 15 * HOUR
    found = judged(florida(4, 16), FLORIDA)
    assert requirement(found, "psychotherapy").valid == 4 * 15 * HOUR
    assert {r.rule: r.minutes for e in found.entries for r in e.reasons} == {"one-to-fifteen": 4 * HOUR}


def test_64b4_2_002_an_hour_every_two_weeks() -> None:
    assert requirement(judged(florida(6, 5, every=2), FLORIDA), "psychotherapy").valid == 6 * 5 * HOUR
    first = [row(week(n)) for n in range(5)]
    found = judged([*first, met(week(0), 120)], FLORIDA)
    assert [answer(found, entry).counted for entry in first] == [60, 60, 0, 0, 0]
    assert why(found, first[2]) == {"fortnightly-supervision": 60}


def test_64b4_2_002_half_an_hour_each_week_makes_the_hour_of_two_weeks() -> None:
    work = [row(week(n)) for n in range(2)]
    assert requirement(judged([*work, met(week(0), 30), met(week(1), 30)], FLORIDA), "psychotherapy").valid == 120
    assert requirement(judged([*work, met(week(0), 30), met(week(1), 29)], FLORIDA), "psychotherapy").valid == 0


def test_64b4_2_002_two_group_hours_in_a_row() -> None:
    group, second = met(week(0), attendees=4), met(week(1), attendees=4)
    found = judged([group, second], FLORIDA)
    assert (answer(found, group).counted, why(found, second)) == (60, {"group-alternates": 60})
    between = met(week(0) + timedelta(days=2))
    assert answer(judged([group, between, second], FLORIDA), second).counted == 60
    two_hours = met(week(0), 120, attendees=4)
    assert answer(judged([between, two_hours], FLORIDA), two_hours).counted == 60


def test_64b4_2_001_only_psychotherapy_in_100_weeks() -> None:
    notes = row(week(0), "documentation")
    found = judged([*florida(3, 10), notes], FLORIDA)
    assert why(found, notes) == {"accepted-work": 60}
    assert (requirement(found, "weeks").valid, requirement(found, "weeks").unit) == (3, "weeks")


def test_64b4_2_002_telephone_is_not_face_to_face() -> None:
    call, client = met(MONDAY, mode="phone"), row(MONDAY, mode="phone")
    found = judged([call, client, met(MONDAY)], FLORIDA)
    assert why(found, call) == {"live-contact": 60}
    assert answer(found, client).answer == "board_decides"


# Washington


def test_246_809_230_groups_of_three_are_no_immediate_supervision() -> None:
    two, three = met(MONDAY, attendees=2), met(MONDAY, attendees=3)
    found = judged([two, three, row(MONDAY, minutes=90)], WASHINGTON)
    assert requirement(found, "immediate-supervision").valid == 60
    assert requirement(found, "total").valid == 210
    assert requirement(found, "direct").valid == 90


# Oregon


def oregon(hours: int, *meetings: Entry, minutes: int = 0) -> int:
    """Counted minutes of a month with so much client contact, in pieces of an hour, and these meetings."""
    work = [row(date(2025, 3, 3) + timedelta(days=n % 28)) for n in range(hours)]
    more = [row(date(2025, 3, 3), minutes=minutes)] if minutes else []
    return requirement(judged([*work, *more, *meetings], OREGON), "direct").valid


def test_833_050_0081_a_month_that_falls_short_is_worth_nothing() -> None:
    two = [met(date(2025, 3, 4)), met(date(2025, 3, 18))]
    assert oregon(45, *two) == 45 * HOUR
    assert oregon(46, *two) == 0
    assert oregon(45, *two, minutes=30) == 0
    assert oregon(46, *two, met(date(2025, 3, 25))) == 46 * HOUR
    assert oregon(10, two[0]) == 0


def test_833_050_0081_meetings_are_an_hour_each_in_different_weeks_of_the_month() -> None:
    assert oregon(10, met(date(2025, 3, 4)), met(date(2025, 3, 6))) == 0
    assert oregon(10, met(date(2025, 3, 4), 90), met(date(2025, 3, 18), 59)) == 0
    assert oregon(10, met(date(2025, 3, 4)), met(date(2025, 4, 1))) == 0
    assert oregon(10, met(date(2025, 3, 4)), met(date(2025, 3, 11))) == 10 * HOUR


def test_833_050_0081_half_one_to_one() -> None:
    group, alone = met(date(2025, 3, 4), attendees=6), met(date(2025, 3, 18))
    assert oregon(10, group, alone) == 10 * HOUR
    assert oregon(10, group, met(date(2025, 3, 18), attendees=2)) == 0
    third = met(date(2025, 3, 25), attendees=3)
    assert oregon(46, group, alone, third) == 0
    assert oregon(46, group, met(date(2025, 3, 18), 90), third) == 46 * HOUR


def test_833_050_0071_400_hours_of_the_internship() -> None:
    work = [row(week(n), minutes=1200, degree="pre") for n in range(21)]
    found = judged(work, OREGON)
    assert requirement(found, "direct").valid == 400 * HOUR
    assert why(found, work[-1]) == {"internship": 1200}


def test_833_050_0081_three_supervisors_in_a_month() -> None:
    meetings = [met(date(2025, 3, 3 + 7 * n), 60 + 30 * n, supervisor=name) for n, name in enumerate("ABC")]
    found = judged([row(MONDAY), *meetings], OREGON)
    assert [answer(found, entry).answer for entry in meetings] == ["board_decides", "counts", "counts"]
    assert requirement(found, "direct").valid == 60
    assert why(judged([*meetings[:2], met(date(2025, 4, 1), supervisor="C")], OREGON), meetings[0]) == {}


def test_833_050_0071_months_that_count() -> None:
    work = [row(date(2025, month, 4)) for month in (1, 2, 3)]
    meetings = [met(date(2025, month, day)) for month in (1, 3) for day in (7, 21)]
    assert requirement(judged([*work, *meetings], OREGON), "months").valid == 2
    assert requirement(judged([*work, *meetings], OREGON), "months").recorded == 3


# Illinois


def test_1375_130_1680_hours_a_year() -> None:
    year = [row(date(2024, 1, 1) + timedelta(days=7 * n), minutes=1000) for n in range(52)]
    more = [row(date(2024, 1, 2) + timedelta(days=7 * n), minutes=1000) for n in range(51)]
    found = judged([*year, *more], ILLINOIS)
    assert requirement(found, "total").valid == 1680 * HOUR
    assert {r.rule for e in found.entries for r in e.reasons} == {"year"}
    found = judged([*year, row(date(2025, 1, 1), minutes=1000)], ILLINOIS)
    assert requirement(found, "total").valid == 53 * 1000


def test_illinois_averages_an_hour_of_supervision_a_week() -> None:
    work = [row(week(n)) for n in range(4)]
    found = judged([*work, met(week(0), 120), met(week(3), 119)], ILLINOIS)
    supervision = requirement(found, "weekly-supervision")
    assert (supervision.valid, supervision.needed, supervision.met) == (239, 240, False)
    assert requirement(found, "weeks").valid == 4
    assert requirement(judged([*work, met(week(0), 240)], ILLINOIS), "weekly-supervision").met


# Massachusetts


@pytest.mark.parametrize(
    ("minutes", "worth"), [(14, 0), (15, 15), (44, 30), (45, 60), (50, 60), (60, 60), (74, 60), (90, 90), (105, 120)]
)
def test_262_cmr_2_02_a_contact_hour_is_45_minutes(minutes: int, worth: int) -> None:
    found = judged([row(MONDAY, minutes=minutes), met(MONDAY, 240)], MASSACHUSETTS)
    assert requirement(found, "contact").valid == worth
    assert requirement(found, "total").valid == minutes + 240


def test_massachusetts_350_hours_in_groups() -> None:
    groups = [row(week(n), "group", 1200) for n in range(18)]
    meetings = [met(week(n), 240) for n in range(18)]
    found = judged([*groups, *meetings], MASSACHUSETTS)
    assert requirement(found, "contact").valid == 350 * HOUR
    assert requirement(found, "contact-one-to-one").valid == 0
    assert why(found, groups[-1]) == {"group-contact": 10 * HOUR}


def test_massachusetts_one_hour_for_sixteen_and_in_two_weeks() -> None:
    work = [row(week(0), minutes=17 * HOUR), row(week(3))]
    found = judged([*work, met(week(0))], MASSACHUSETTS)
    assert answer(found, work[0]).answer == "board_decides"
    assert why(found, work[0]) == {"one-to-sixteen": 60}
    assert why(found, work[1]) == {"fortnightly-supervision": 60}


def test_262_cmr_2_07_not_more_than_eight_years() -> None:
    early = row(date(2015, 1, 5), "assessment")
    late = [row(date(2023, 1, 6), "assessment"), row(date(2024, 1, 8), "assessment")]
    found = judged([early, *late], MASSACHUSETTS)
    assert why(found, early) == {"eight-years": 60}
    assert requirement(found, "total").valid == 120


def test_massachusetts_75_of_130_hours_individual() -> None:
    found = judged([met(MONDAY, 60), met(MONDAY, 90, attendees=4)], MASSACHUSETTS)
    assert [requirement(found, name).valid for name in ("supervision", "supervision-individual")] == [150, 60]


# Students and behavior analysts


def test_cacrep_weekly_averages() -> None:
    work = [row(week(n), degree="pre") for n in range(2)]
    meetings = [met(week(0), 120, attendees=2, degree="pre"), met(week(1), 179, attendees=5, degree="pre")]
    found = judged([*work, *meetings], CACREP)
    individual, group = requirement(found, "weekly-individual"), requirement(found, "weekly-group")
    assert (individual.valid, individual.needed, individual.met) == (120, 120, True)
    assert (group.valid, group.needed, group.met) == (179, 180, False)
    after = row(MONDAY)
    assert why(judged([after], CACREP), after) == {"after-degree": 60}


def test_bacb_months_of_20_to_130_hours_with_five_percent_supervised() -> None:
    thin = [row(MONDAY, "assessment", 19 * HOUR), met(MONDAY, 59)]
    assert answer(judged(thin, BACB), thin[0]).answer == "board_decides"
    assert "month-floor" in why(judged(thin, BACB), thin[0])
    full = [row(day, "assessment", 5 * HOUR) for day in days(MONDAY, 27)]
    found = judged([*full, met(MONDAY, 7 * HOUR)], BACB)
    assert requirement(found, "total").valid == 130 * HOUR
    short = judged([*full[:10], met(MONDAY, 120)], BACB)
    assert requirement(short, "total").valid == 120 * 20


def test_bacb_sixty_percent_unrestricted() -> None:
    work = [row(MONDAY, minutes=12 * HOUR), row(MONDAY, "assessment", 16 * HOUR), met(MONDAY, 120)]
    found = judged(work, BACB)
    share = requirement(found, "unrestricted")
    assert (share.valid, share.needed, share.met) == (18 * HOUR, 18 * HOUR, True)
    assert not requirement(judged([*work, row(MONDAY)], BACB), "unrestricted").met


def test_bacb_half_of_supervision_in_groups() -> None:
    group = met(MONDAY, 90, attendees=3)
    found = judged([row(MONDAY, "assessment", 20 * HOUR), met(MONDAY, 60), group], BACB)
    assert why(found, group) == {"group-share": 30}

"""Golden cases of the California AMFT rules. Each names its source; the board file says which sources were read."""

from datetime import date, time, timedelta

import pytest

from supervise.hours.rules import meeting_kind, meeting_warnings
from tests.rooms.hours.rows import APPLIES, CALIFORNIA, MONDAY, answer, days, judged, met, requirement, row, why

SUNDAY = MONDAY - timedelta(days=1)


def test_a_supervised_hour_counts_toward_all_that_it_belongs_to() -> None:
    """BPC 4980.43(c): total, direct, couples, after the degree."""
    couple, meeting = row(MONDAY, "couple_family", 50), met(MONDAY)
    found = judged([couple, meeting])
    assert answer(found, couple).answer == "counts"
    assert answer(found, couple).toward == ("total", "direct", "couples-families-children", "after-degree")
    assert answer(found, meeting).toward == ("total", "after-degree", "nonclinical")
    assert [(r.recorded, r.valid, r.needed) for r in found.requirements if r.id == "total"] == [(110, 110, 180_000)]


@pytest.mark.parametrize("pay", ["1099", "self_employed"])
def test_bpc_4980_43_3_refuses_contractors(pay: str) -> None:
    entry, meeting = row(MONDAY, pay=pay), met(MONDAY)
    found = judged([entry, meeting])
    assert answer(found, entry).answer == "refused"
    assert why(found, entry) == {"pay-status": 60}
    assert answer(found, meeting).answer == "counts"


def test_bpc_4980_43_3_counts_volunteers() -> None:
    entry = row(MONDAY, pay="volunteer")
    assert answer(judged([entry, met(MONDAY)]), entry).answer == "counts"


def test_bpc_4980_43_c_has_no_place_for_other_work() -> None:
    entry = row(MONDAY, "other")
    assert why(judged([entry, met(MONDAY)]), entry) == {"accepted-work": 60}


@pytest.mark.parametrize(
    ("attendees", "kind"), [(1, "individual"), (2, "triadic"), (3, "group"), (8, "group"), (9, None), (0, None)]
)
def test_bpc_4980_43_2_kind_of_meeting(attendees: int, kind: str | None) -> None:
    """Group of at most eight: read in the parallel text, BPC 4999.36."""
    assert meeting_kind(CALIFORNIA, attendees) == kind


def test_bpc_4999_36_a_group_of_nine_counts_for_nobody() -> None:
    entry, client = met(MONDAY, 120, attendees=9), row(MONDAY)
    found = judged([entry, client])
    assert why(found, entry) == {"meeting-size": 120}
    assert why(found, client) == {"weekly-contact": 60}
    assert "9 supervisees came and at most 8" in meeting_warnings(CALIFORNIA, 9, 120, "in_person")[0]


def test_a_meeting_without_attendees_is_not_guessed() -> None:
    entry = met(MONDAY, attendees=None)
    assert why(judged([entry]), entry) == {"meeting-size": 60}


@pytest.mark.parametrize(("mode", "counted"), [("in_person", 60), ("live_video", 60), ("phone", 0), ("async", 0)])
def test_ab_1758_live_video_counts_and_telephone_does_not(mode: str, counted: int) -> None:
    entry = met(MONDAY, mode=mode)
    assert answer(judged([entry]), entry).counted == counted
    assert bool(meeting_warnings(CALIFORNIA, 1, 60, mode)) == (counted == 0)


def test_bpc_4980_43_2_group_in_pieces_of_an_hour() -> None:
    """A tracker's summary: a group session of less than one hour may not be claimed."""
    short = met(MONDAY, 50, attendees=4)
    assert why(judged([short]), short) == {"group-segment": 50}
    assert "50 minutes would not count" in meeting_warnings(CALIFORNIA, 4, 50, "in_person")[0]
    assert meeting_warnings(CALIFORNIA, 1, 50, "in_person") == []


def test_bpc_4980_43_2_only_the_short_piece_is_lost() -> None:
    broken, whole = met(MONDAY, 110, attendees=4, segment_minutes=(60, 50)), met(MONDAY, 60, attendees=4)
    found = judged([broken, whole])
    assert (answer(found, broken).answer, answer(found, broken).counted) == ("partly", 60)
    assert why(found, broken) == {"group-segment": 50}


def test_bpc_4980_43_2_two_group_hours_are_one_unit() -> None:
    client = row(MONDAY)
    one = judged([client, met(MONDAY, 60, attendees=5)])
    two = judged([client, met(MONDAY, 120, attendees=5)])
    assert why(one, client) == {"weekly-contact": 60}
    assert "0.5 of 1 units" in answer(one, client).reasons[0].text
    assert answer(two, client).answer == "counts"


def test_bpc_4980_43_2_each_setting_needs_its_own_unit() -> None:
    here, there, meeting = row(MONDAY), row(MONDAY, setting="B"), met(MONDAY)
    found = judged([here, there, meeting])
    assert (answer(found, here).answer, answer(found, there).answer) == ("counts", "refused")


def test_bpc_4980_43_2_workshops_need_no_unit() -> None:
    """A tracker's summary: since 2014 training is claimed in weeks without supervision."""
    entry = row(MONDAY, "training")
    assert answer(judged([entry]), entry).answer == "counts"


def test_bpc_4980_43_2_associate_at_ten_hours_and_a_quarter_above() -> None:
    ten = [row(day, minutes=120) for day in days(MONDAY, 5)]
    found = judged([*ten, met(MONDAY)])
    assert requirement(found, "direct").valid == 600
    quarter = row(MONDAY + timedelta(days=5), minutes=15)
    found = judged([*ten, quarter, met(MONDAY)])
    assert requirement(found, "direct").valid == 600
    assert why(found, quarter) == {"associate-second-unit": 15}
    assert "week of 2025-03-03" in answer(found, quarter).reasons[0].text
    found = judged([*ten, quarter, met(MONDAY), met(MONDAY + timedelta(days=1), 120, attendees=6)])
    assert requirement(found, "direct").valid == 615


def test_bpc_4980_43_2_the_second_unit_is_asked_of_associates_only() -> None:
    ten = [row(day, minutes=150, degree="pre") for day in days(MONDAY, 5)]
    meetings = [met(MONDAY, degree="pre"), met(MONDAY + timedelta(days=7), 90, degree="pre")]
    assert requirement(judged([*ten, *meetings]), "direct").valid == 750


def test_bpc_4980_43_2_trainee_average_is_over_the_whole_period_of_a_setting() -> None:
    """1 to 5 on average: a thin week is made good by a rich one."""
    thin = [row(MONDAY, minutes=360, degree="pre"), met(MONDAY, degree="pre")]
    later = MONDAY + timedelta(days=28)
    rich = [row(later, minutes=120, degree="pre"), met(later, degree="pre")]
    assert requirement(judged([*thin, *rich]), "direct").valid == 480
    found = judged(thin)
    assert answer(found, thin[0]).answer == "board_decides"
    assert why(found, thin[0]) == {"trainee-average": 60}
    assert answer(found, thin[0]).reasons[0].board_decides
    elsewhere = [row(later, minutes=360, degree="pre", setting="B"), met(later, 120, degree="pre", setting="B")]
    assert requirement(judged([*thin, *elsewhere]), "direct").valid == 300 + 360


def test_bpc_4980_43_c_41_hours_across_sunday_and_monday() -> None:
    """At most 40 hours in any seven consecutive days, not in a calendar week."""
    wednesday = MONDAY - timedelta(days=5)
    hours = [row(day, "documentation", 410) for day in days(wednesday, 6)]
    meetings = [met(wednesday, 60), met(MONDAY + timedelta(days=4), 60)]
    found = judged([*hours, *meetings])
    assert why(found, hours[-1]) == {"forty-hours": 6 * 410 + 60 - 2400}
    assert requirement(found, "total").valid == 2400 + 60
    spread = [*hours[:-1], row(wednesday + timedelta(days=7), "documentation", 410)]
    assert requirement(judged([*spread, *meetings]), "total").valid == 6 * 410 + 120


def test_bpc_4980_43_c_client_hours_are_kept_before_notes_where_forty_hours_bind() -> None:
    notes = [row(day, "documentation", 600) for day in days(MONDAY, 4)]
    couple = row(MONDAY + timedelta(days=4), "couple_family", 60)
    found = judged([*notes, couple, met(MONDAY)])
    assert answer(found, couple).counted == 60
    assert requirement(found, "total").valid == 2400


def test_bpc_4980_43_c_forty_hours_hold_over_the_turn_of_the_year() -> None:
    monday = date(2024, 12, 30)
    hours = [row(day, "assessment", 480) for day in days(monday, 6)]
    found = judged([*hours, met(monday)])
    assert requirement(found, "total").valid == 2400
    assert [sum(why(found, entry).values()) for entry in hours] == [0, 0, 0, 0, 60, 480]


def test_bpc_4980_43_2_six_hours_of_supervision_a_week() -> None:
    meetings = [met(day, 90) for day in days(MONDAY, 5)]
    found = judged(meetings)
    assert requirement(found, "nonclinical").valid == 360
    assert why(found, meetings[-1]) == {"six-supervision-hours": 90}


def test_bpc_4980_43_c_before_the_degree_caps() -> None:
    """750 hours of counseling and supervision (SB 620 minutes), 1,300 in all, then 1,700 after."""
    work, sundays = [], days(SUNDAY - timedelta(days=7 * 100), 7 * 100)[::7]
    for sunday in sundays:
        work += [row(sunday, minutes=480, degree="pre"), met(sunday, 120, degree="pre")]
        work += [row(sunday + timedelta(days=1), "advocacy", 480, degree="pre"), met(sunday, 60, degree="pre")]
        work += [met(sunday + timedelta(days=1), 60, degree="pre")]
    found = judged(work)
    assert requirement(found, "before-degree-counseling").valid <= 750 * 60
    assert requirement(found, "before-degree").valid == 1300 * 60
    assert requirement(found, "after-degree").valid == 0
    charged = {reason.rule for entry in found.entries for reason in entry.reasons}
    assert {"before-degree", "before-degree-counseling"} <= charged


def test_sb_620_minutes_1250_hours_of_non_clinical_work() -> None:
    work = []
    for week in days(SUNDAY - timedelta(days=7 * 200), 7 * 150)[::7]:
        work += [row(week, "documentation", 540), met(week)]
    found = judged(work)
    assert requirement(found, "nonclinical").valid == 1250 * 60
    assert requirement(found, "nonclinical").kind == "maximum"
    assert requirement(found, "total").valid == 1250 * 60
    assert answer(found, work[-1]).reasons[0].rule == "nonclinical"


@pytest.mark.parametrize(("age_days", "counted"), [(0, 60), (1, 0)])
def test_camft_hours_are_at_most_six_years_old(age_days: int, counted: int) -> None:
    oldest = date(APPLIES.year - 6, APPLIES.month, APPLIES.day)
    entry = row(oldest - timedelta(days=age_days), "training")
    assert answer(judged([entry]), entry).counted == counted


def test_camft_six_years_back_from_a_leap_day() -> None:
    kept, old = row(date(2022, 2, 28), "training"), row(date(2022, 2, 27), "training")
    found = judged([kept, old], as_of=date(2028, 2, 29))
    assert [answer(found, entry).counted for entry in (kept, old)] == [60, 0]


def test_camft_500_practicum_hours_do_not_age() -> None:
    first = date(2018, 1, 7)
    old = [row(day, minutes=300, degree="pre") for day in days(first, 7 * 110)[::7]]
    meetings = [met(entry.day, degree="pre") for entry in old]
    found = judged([*old, *meetings])
    assert requirement(found, "direct").valid == 500 * 60
    assert why(found, meetings[0]) == {"six-years": 60}
    assert requirement(found, "weeks").valid == 0
    assert requirement(found, "weeks").recorded == 110


def test_camft_2022_104_weeks_52_of_them_with_individual_supervision() -> None:
    first = MONDAY - timedelta(days=7 * 120)
    individual = [met(day) for day in days(first, 7 * 30)[::7]]
    triadic = [met(day, attendees=2) for day in days(first + timedelta(days=7 * 30), 7 * 10)[::7]]
    groups = [met(day, 120, attendees=6) for day in days(first + timedelta(days=7 * 40), 7 * 20)[::7]]
    found = judged([*individual, *triadic, *groups, met(first, 60)])
    assert (requirement(found, "weeks").valid, requirement(found, "weeks").needed) == (60, 104)
    assert (requirement(found, "weeks-individual").valid, requirement(found, "weeks-individual").needed) == (40, 52)
    assert requirement(found, "weeks").unit == "weeks"


def test_a_week_is_not_split_by_the_year_nor_lost_as_week_53() -> None:
    in_december, in_january = date(2020, 12, 31), date(2021, 1, 2)
    client = row(in_december)
    found = judged([client, met(in_january, start=time(8))])
    assert answer(found, client).answer == "counts"
    assert requirement(found, "weeks").qualified == (date(2020, 12, 28),)
    found = judged([client, met(date(2021, 1, 4))])
    assert answer(found, client).answer == "refused"


def test_later_rows_do_not_count_yet() -> None:
    entry = row(APPLIES + timedelta(days=1), "training")
    assert why(judged([entry]), entry) == {"as-of": 60}


def test_nothing_recorded_is_a_plain_answer() -> None:
    found = judged([])
    assert found.entries == ()
    assert all(r.valid == r.recorded == 0 for r in found.requirements)


def test_unread_rules_say_so_in_every_reason() -> None:
    entry = row(MONDAY)
    reason = answer(judged([entry]), entry).reasons[0]
    assert not reason.verified
    assert reason.citation == "Cal. BPC 4980.43.2"
    assert reason.url.startswith("https://")


def test_hours_before_the_degree_never_cost_hours_after_it() -> None:
    """1,700 hours follow the degree, so these come first where non-clinical work reaches its 1,250."""
    after = [row(week, "documentation", 540) for week in days(SUNDAY - timedelta(days=7 * 150), 7 * 150)[::7]]
    before = [
        row(week - timedelta(days=7 * 20), "documentation", 540, degree="pre") for week in (e.day for e in after[:20])
    ]
    meetings = [met(entry.day, degree=entry.degree) for entry in (*after, *before)]
    alone = judged([*after, *meetings])
    both = judged([*before, *after, *meetings])
    assert requirement(both, "after-degree").valid == requirement(alone, "after-degree").valid == 1250 * 60

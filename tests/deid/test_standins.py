"""Stand-ins keep the story and tell nothing of what they replace."""

from collections.abc import Callable
from datetime import date

import pytest

from supervise.deid.engine import Proposal
from supervise.deid.engine.calendar import Moment, interval, read_moment

READ = [
    ("March 3rd, 2024", Moment(3, 3, 2024)),
    ("3 March 2024", Moment(3, 3, 2024)),
    ("the 14th of August", Moment(14, 8, None)),
    ("June third", Moment(3, 6, None)),
    ("4/12/2024", Moment(12, 4, 2024)),
    ("4/12/24", Moment(12, 4, 2024)),
    ("14.8.1996", Moment(14, 8, 1996)),
    ("2025-02-11", Moment(11, 2, 2025)),
    ("11/6", Moment(6, 11, None)),
    ("June 2023", Moment(None, 6, 2023)),
    ("5/2019", Moment(None, 5, 2019)),
    ("late September", Moment(None, 9, None)),
    ("fall of 2022", Moment(None, 10, 2022)),
    ("Thanksgiving", None),
    ("13/45/2020", None),
]


@pytest.mark.parametrize(("words", "moment"), READ)
def test_reads_dates(words: str, moment: Moment | None) -> None:
    assert read_moment(words) == moment


FROM = date(2024, 9, 18)
SHOWN = [
    (Moment(18, 9, 2024), "[day 0]"),
    (Moment(19, 9, 2024), "[1 day later]"),
    (Moment(29, 9, 2024), "[11 days later]"),
    (Moment(8, 9, 2024), "[10 days earlier]"),
    (Moment(6, 11, None), "[about 7 weeks later]"),
    (Moment(None, 12, 2024), "[about 3 months later]"),
    (Moment(None, 9, 2024), "[about the same time]"),
    (Moment(1, 5, 2001), "[about 23 years earlier]"),
    (Moment(29, 2, 2023), "[date]"),
    (None, "[date]"),
]


@pytest.mark.parametrize(("moment", "shown"), SHOWN)
def test_shows_dates_as_intervals(moment: Moment | None, shown: str) -> None:
    assert interval(moment, FROM) == shown
    assert interval(moment, None) == "[date]"


def test_counts_from_the_first_date_and_never_from_a_birthday(propose: Callable[[str], Proposal]) -> None:
    text = "DOB: 05/30/1981. Seen on September 18, 2024 and 9/29/2024, then in March 2025, before Thanksgiving."
    result = propose(text).resolve({}).apply().text
    assert result == (
        "DOB: [date of birth]. Seen on [day 0] and [11 days later], then in [about 6 months later], before [date]."
    )


def test_kinds_of_places_have_words_of_their_own(propose: Callable[[str], Proposal]) -> None:
    text = (
        "She attends Franklin Elementary and prays at Living Fountain Church. Born in Bakersfield, now in Fresno. "
        "He is 93-year-old; MRN 00482913; see https://a.example/x."
    )
    shown = {g.stand_in for g in propose(text).groups}
    assert shown == {"[School]", "[Place of worship]", "[Town]", "[Town 2]", "[90+]", "[number]", "[link]"}


def test_a_stand_in_tells_neither_length_nor_letters(propose: Callable[[str], Proposal]) -> None:
    results = {
        propose(f"My client {name} came. {name} left.").resolve({}).apply().text
        for name in ("Bo", "Sarah", "Oluwaseun", "Maria Gonzalez-Pratt", "John")
    }
    assert results == {"My client [Person 1] came. [Person 1] left."}

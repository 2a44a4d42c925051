"""The week's page: a day typed, proposed, refused with everything kept, submitted, taken back and corrected."""

import re
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.flows.submit_days import send_days_back
from supervise.hours import queries
from supervise.hours.forms import read_minutes
from tests.rooms.hours.desk import FRIDAY, MONDAY, NOW, Desk

LAST = FRIDAY - timedelta(weeks=1)


def value(page: TestResponse, name: str) -> str:
    found = re.search(rf'<input id="m-{name}"[^>]* value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return found.group(1)


def post_day(at: Desk, who: Actor | None = None, step: str = "submit", **typed: str) -> TestResponse:
    client = at.make.client(who or at.me)
    return client.post(f"/hours/days/{FRIDAY}", data={"setting": at.place.id, "step": step, **typed})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("75.5", "Whole minutes, please: 75 or 76?"),
        ("75,5", "Whole minutes, please: 75 or 76?"),
        ("-5", "Minutes start at 0."),
        ("1441", "A day has 1,440 minutes."),
        ("9" * 400, "A day has 1,440 minutes."),
        ("1e9", "A day has 1,440 minutes."),
        ("Infinity", "A day has 1,440 minutes."),
        ("nan", "A day has 1,440 minutes."),
        ("three", "Minutes are a whole number, such as 50."),
        ("1:30", "Minutes, please: 90 for 1:30."),
    ],
)
def test_what_is_not_a_number_of_minutes_stays_with_its_sentence(text: str, says: str) -> None:
    minutes, wrong = read_minutes({"group": text, "individual": "150"})
    assert minutes == {"individual": 150}
    assert wrong == {"group": f"{says} Nothing else is lost."}


@pytest.mark.parametrize(("text", "minutes"), [("50", 50), (" 50 ", 50), ("1,440", 1440), ("50.0", 50), ("0", 0)])
def test_what_is_a_number_of_minutes_is_taken(text: str, minutes: int) -> None:
    assert read_minutes({"group": text}) == ({"group": minutes}, {})


def test_an_empty_day_is_proposed_as_the_same_weekday_before_and_not_saved(at: Desk) -> None:
    at.make.day(at.me, at.place, LAST, individual=150, group=90)
    page = at.make.client(at.me).get(f"/hours/weeks/{FRIDAY}")
    assert (value(page, "individual"), value(page, "group")) == ("150", "90")
    assert "Filled in from Fri 13 Nov 2026." in page.text
    assert at.rows() == []


def test_a_holiday_in_between_is_passed_over_but_not_half_a_year(at: Desk) -> None:
    at.make.day(at.me, at.place, FRIDAY - timedelta(weeks=6), individual=10)
    page = at.make.client(at.me).get(f"/hours/weeks/{FRIDAY}")
    assert value(page, "individual") == ""
    at.make.day(at.me, at.place, FRIDAY - timedelta(weeks=3), individual=30)
    page = at.make.client(at.me).get(f"/hours/weeks/{FRIDAY}")
    assert value(page, "individual") == "30"


def test_a_day_that_was_emptied_stays_empty_and_offers_the_pattern(at: Desk) -> None:
    at.make.day(at.me, at.place, LAST, individual=150)
    at.make.day(at.me, at.place, FRIDAY, individual=10)
    at.make.day(at.me, at.place, FRIDAY)
    page = at.make.client(at.me).get(f"/hours/weeks/{FRIDAY}")
    assert value(page, "individual") == ""
    assert "Same as last Friday" in page.text


def test_one_press_submits_what_the_page_proposed(at: Desk) -> None:
    at.make.day(at.me, at.place, LAST, individual=150, documentation=60)
    assert post_day(at, individual="150", documentation="60").status_code == 303
    assert at.standing() == {"individual": 150, "documentation": 60}
    assert at.state() == "submitted"


def test_a_wrong_number_keeps_everything_and_says_so_at_its_field(at: Desk) -> None:
    page = post_day(at, individual="150", couple_family="100", group="75.5", documentation="60", advocacy="30")
    assert page.status_code == 422
    assert "Whole minutes, please: 75 or 76? Nothing else is lost." in page.text
    assert re.search(
        r'name="group"[^>]*value="75.5"[^>]*aria-invalid="true"[^>]*aria-describedby="m-group-error"', page.text
    )
    assert [value(page, name) for name in ("individual", "couple_family", "advocacy")] == ["150", "100", "30"]
    assert "Friday, without Group" in page.text
    assert ">5:40</dd>" in page.text
    assert at.rows() == []


def test_more_than_a_day_is_refused_at_a_field(at: Desk) -> None:
    page = post_day(at, individual="1000", documentation="441")
    assert page.status_code == 422
    assert "more than 24 hours" in page.text
    assert value(page, "documentation") == "441"


def test_a_day_to_come_is_refused_and_what_was_typed_stays(at: Desk) -> None:
    ahead = FRIDAY + timedelta(days=1)
    client = at.make.client(at.me)
    page = client.post(f"/hours/days/{ahead}", data={"setting": at.place.id, "individual": "50", "step": "save"})
    assert page.status_code == 422
    assert "Hours are logged for days that have been." in page.text
    assert value(page, "individual") == "50"
    assert "Submit" not in client.get(f"/hours/weeks/{ahead}").text


def test_a_second_window_gets_a_conflict_with_both_texts(at: Desk) -> None:
    at.make.day(at.me, at.place, FRIDAY, individual=50)
    seen = str(at.record().version)
    assert post_day(at, step="save", version=seen, individual="60").status_code == 303
    page = post_day(at, step="save", version=seen, individual="70")
    assert page.status_code == 409
    assert "changed in another window" in page.text
    assert value(page, "individual") == "70"
    assert "1:00" in page.text  # the table shows what is saved
    assert at.standing() == {"individual": 60}
    again = re.search(r'name="version" value="(\d+)"', page.text)
    assert again
    assert post_day(at, step="save", version=again.group(1), individual="70").status_code == 303


def test_without_an_agreement_the_day_is_kept_as_a_draft(at: Desk) -> None:
    other = at.make.setting(at.me, "Coldwater")
    client = at.make.client(at.me)
    assert "can be saved and not submitted" in client.get(f"/hours/weeks/{FRIDAY}?setting={other.id}").text
    page = client.post(f"/hours/days/{FRIDAY}", data={"setting": other.id, "individual": "50", "step": "submit"})
    assert page.status_code == 422
    assert "No agreement signed by both was in force" in page.text
    record = queries.day_record(db.session(), at.me.person_id, other.id, FRIDAY)
    assert record is not None
    assert record.state == "draft"


def test_two_supervisors_are_offered_and_the_last_choice_is_proposed(at: Desk) -> None:
    second = at.make.person(at.org, Role.SUPERVISOR, name="Farideh Moradi")
    at.make.agreement(at.me, second, at.place)
    page = post_day(at, individual="50")
    assert page.status_code == 422
    assert "Choose who signs." in page.text
    assert post_day(at, individual="50", supervisor=second.person_id).status_code == 303
    assert at.record().supervisor_id == second.person_id
    at.make.day(at.me, at.place, MONDAY, individual=10)
    shown = at.make.client(at.me).get(f"/hours/weeks/{MONDAY}").text
    assert "Two supervisors share this place." in shown
    later = at.make.client(at.me).get(f"/hours/weeks/{FRIDAY}").text
    assert at.boss.name not in later or "Who signs" not in later  # a submitted day asks nobody


def test_a_week_of_drafts_is_submitted_at_once_or_not_at_all(at: Desk) -> None:
    for day in (MONDAY, FRIDAY):
        at.make.day(at.me, at.place, day, individual=50)
    client = at.make.client(at.me)
    assert "Submit all 2 draft days" in client.get(f"/hours/weeks/{FRIDAY}").text
    assert client.post(f"/hours/weeks/{FRIDAY}/submit", data={"setting": at.place.id}).status_code == 303
    assert {at.state(MONDAY), at.state(FRIDAY)} == {"submitted"}
    nothing = client.post(f"/hours/weeks/{FRIDAY}/submit", data={"setting": at.place.id})
    assert nothing.status_code == 422
    assert "No draft day" in nothing.text


def test_a_day_is_taken_back_on_its_page_and_not_once_it_is_signed(at: Desk) -> None:
    at.submit()
    client = at.make.client(at.me)
    assert "Take the day back to draft" in client.get(f"/hours/weeks/{FRIDAY}").text
    assert client.post(f"/hours/days/{FRIDAY}/recall", data={"setting": at.place.id}).status_code == 303
    at.submit()
    at.sign()
    page = client.get(f"/hours/weeks/{FRIDAY}")
    assert "Take the day back" not in page.text
    assert "Ines Valcourt, Fri 20 Nov 2026" in page.text
    assert client.post(f"/hours/days/{FRIDAY}/recall", data={"setting": at.place.id}).status_code == 422


def test_a_row_is_corrected_on_a_page_of_its_own(at: Desk) -> None:
    at.submit()
    at.sign()
    row = at.row("individual")
    client = at.make.client(at.me)
    assert "What was signed stays as it was signed." in client.get(f"/hours/entries/{row}/correct").text
    for minutes, reason in (("-1", "Why."), ("1.5", "Why."), ("100", " "), ("", "Why."), ("150", "Why.")):
        page = client.post(f"/hours/entries/{row}/correct", data={"minutes": minutes, "reason": reason})
        assert page.status_code == 422, (minutes, reason)
        assert f'value="{minutes}"' in page.text
    done = client.post(f"/hours/entries/{row}/correct", data={"minutes": "100", "reason": "I mistyped it."})
    assert done.status_code == 303
    page = client.get(done.location)
    assert "taken out: I mistyped it." in page.text
    assert "corrected: I mistyped it." in page.text
    gone = client.post(f"/hours/entries/{row}/correct", data={"minutes": "90", "reason": "Again."})
    assert gone.status_code == 409


def test_a_meeting_shows_in_the_week_and_leads_to_its_record(at: Desk) -> None:
    meeting = at.make.meeting(at.boss, {at.me: at.place}, NOW - timedelta(hours=3))
    at.submit(individual=50)
    page = at.make.client(at.me).get(f"/hours/weeks/{FRIDAY}")
    assert f"/meetings/{meeting}" in page.text
    assert "Supervision, 1 present, with Ines Valcourt" in page.text
    assert "Supervision: 1 of 1 units" in page.text


def test_the_place_is_guessed_from_the_weekday_and_the_other_is_named(at: Desk) -> None:
    school = at.make.setting(at.me, "Ansel Creek")
    at.make.day(at.me, school, LAST, child=200)
    at.make.day(at.me, at.place, LAST - timedelta(days=1), individual=50)
    client = at.make.client(at.me)
    assert value(client.get(f"/hours/weeks/{FRIDAY}"), "child") == "200"
    assert value(client.get(f"/hours/weeks/{FRIDAY - timedelta(days=1)}"), "individual") == "50"
    at.make.day(at.me, school, FRIDAY, child=45)
    here = client.get(f"/hours/weeks/{FRIDAY}?setting={at.place.id}")
    assert "At Ansel Creek this day has 0:45." in here.text


def test_hours_lead_each_person_to_their_own_work(at: Desk) -> None:
    assert at.make.client(at.me).get("/hours").location.startswith(f"/hours/weeks/{FRIDAY}")
    assert at.make.client(at.boss).get("/hours").location == "/hours/attest"
    assert at.make.client(at.make.person(at.org, Role.AUDITOR)).get("/hours").location == "/hours/people"
    beginner = at.make.client(at.make.person(at.org, Role.SUPERVISEE))
    assert "Add a place of work" in beginner.get("/hours", follow_redirects=True).text


def test_nobody_elses_week_is_there(at: Desk) -> None:
    at.submit()
    row = at.row("individual")
    other = at.make.person(at.org, Role.SUPERVISEE)
    at.make.setting(other)
    client = at.make.client(other)
    assert client.get(f"/hours/entries/{row}/correct").status_code == 404
    assert client.get(f"/hours/people/{at.me.person_id}/weeks/{FRIDAY}").status_code == 404
    assert client.get(f"/hours/people/{at.me.person_id}/progress").status_code == 404
    assert post_day(at, who=other, individual="5").status_code == 404
    assert at.standing() == {"individual": 150}


@pytest.mark.parametrize("day", ["2026-13-01", "1999-12-31", "9999-01-01", "today"])
def test_a_day_that_is_none_is_not_found(at: Desk, day: str) -> None:
    assert at.make.client(at.me).get(f"/hours/weeks/{day}").status_code == 404


def test_forgotten_work_is_added_on_a_page_of_its_own(at: Desk) -> None:
    at.make.day(at.me, at.place, FRIDAY, individual=150)
    client = at.make.client(at.me)
    add = f"/hours/days/{FRIDAY}/add"
    assert client.get(f"{add}?setting={at.place.id}").status_code == 404  # a draft is written on its own page
    at.submit()
    at.sign()
    assert f'href="{add}?setting={at.place.id}"' in client.get(f"/hours/weeks/{FRIDAY}").text
    form = client.get(f"{add}?setting={at.place.id}").text
    assert '<option value="group">' in form
    assert '<option value="individual">' not in form
    good = {"setting": at.place.id, "category": "group", "minutes": "90", "reason": "I forgot the evening."}
    for wrong in ({"category": ""}, {"category": "supervision"}, {"minutes": "0"}, {"minutes": "1.5"}, {"reason": " "}):
        page = client.post(add, data=good | wrong)
        assert page.status_code == 422, wrong
        assert (good | wrong)["minutes"] in page.text
    assert at.standing() == {"individual": 150}
    done = client.post(add, data=good)
    assert done.status_code == 303
    page = client.get(done.location).text
    assert "added: I forgot the evening." in page
    assert "waits for Ines Valcourt" in page


def test_what_came_back_of_a_signed_day_is_answered_on_its_page(at: Desk) -> None:
    at.submit()
    at.sign()
    client = at.make.client(at.me)
    nothing = client.post(f"/hours/days/{FRIDAY}/returned", data={"setting": at.place.id, "step": "take_out"})
    assert nothing.status_code == 422
    for step, state in (("submit", "submitted"), ("take_out", "attested")):
        if step == "submit":
            at.correct(at.row("individual"), 100)
        send_days_back(at.boss, at.me.person_id, [at.record().id], "It was more.")
        page = client.get(f"/hours/weeks/{FRIDAY}").text
        assert "It was more." in page
        assert "Take out what is not signed" in page
        answer = client.post(f"/hours/days/{FRIDAY}/returned", data={"setting": at.place.id, "step": step})
        assert answer.status_code == 303
        assert at.state() == state
    assert at.standing() == {"individual": 150}

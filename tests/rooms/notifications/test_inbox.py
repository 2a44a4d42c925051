"""The inbox: what waits for each, most urgent first, in a number of queries that does not grow."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from supervise.access import service as access
from supervise.accounts.models import Licence
from supervise.accounts.queries import organisation
from supervise.cases.models import Case
from supervise.cases.queries import DANGER
from supervise.consents import service as consents
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.ethics.queries import codes
from supervise.hours import service as hours
from supervise.hours.waiting import days_waiting
from supervise.learning.service import Credit, confirm_minutes
from supervise.notifications.inbox import Inbox, Item, inbox
from supervise.notifications.waiting import SHOWN, what_waits
from supervise.policy import Basis
from supervise.reviews.models import Post
from tests.factories import Factory
from tests.rooms.notifications.conftest import Clinic


def look(actor: Actor) -> Inbox:
    db.session.rollback()
    db.session.expire_all()
    waiting = what_waits(db.session(), actor)
    page = inbox(db.session(), actor, waiting)
    shown = len(page.clocks) + len(page.asked) + len(page.to_sign) + len(page.own)
    assert waiting.count == shown + page.more  # the title never says another number than the page shows
    return page


def titles(items: list[Item]) -> list[str]:
    return [item.title for item in items]


def today(actor: Actor) -> date:
    return local_day(now(), actor.zone)


def test_an_empty_inbox_shows_one_way_to_start(clinic: Clinic) -> None:
    ways = {"author": "/cases/new", "supervisor": "/meetings/new", "peer": "/cases/new", "admin": "/people/invite"}
    for name, way in {**ways, "auditor": "/audit"}.items():
        page = clinic.make.client(getattr(clinic, name)).get("/inbox")
        assert page.status_code == 200
        assert "Nothing waits for you" in page.text
        empty = re.search(r'<div class="empty">.*?</div>', page.text, re.DOTALL)
        assert empty is not None
        assert f'href="{way}"' in empty.group()


def test_questions_wait_for_those_who_may_read_them_urgent_first_then_oldest(clinic: Clinic) -> None:
    clinic.case("Third", days_ago=2, readers=(clinic.peer,))
    clinic.case("Second", days_ago=5, readers=(clinic.peer,))
    clinic.case("First", days_ago=1, urgency="urgent", readers=(clinic.peer,))
    clinic.case("Not for the peer", days_ago=9)
    clinic.case("Closed", state="closed", readers=(clinic.peer,))
    clinic.case("Withdrawn", state="withdrawn", readers=(clinic.peer,))
    clinic.case("Draft", state="draft", readers=(clinic.peer,))
    assert titles(look(clinic.peer).asked) == ["First", "Second", "Third"]
    assert titles(look(clinic.supervisor).asked) == ["First", "Not for the peer", "Second", "Third"]
    assert look(clinic.author).asked == []
    assert look(clinic.auditor).asked == []
    assert look(clinic.peer).asked[1].when == "5 days"


def test_danger_does_not_wait_behind_older_questions(clinic: Clinic) -> None:
    clinic.case("Older", days_ago=9, urgency="soon")
    clinic.case("Danger", days_ago=1, dilemmas=["consent", "risk"])
    assert DANGER in codes().dilemmas
    assert titles(look(clinic.supervisor).asked) == ["Danger", "Older"]


def test_the_next_look_is_shown(clinic: Clinic) -> None:
    clinic.case(next_look_at=now() + timedelta(days=2))
    (item,) = look(clinic.supervisor).asked
    assert item.by.startswith("next look ")


def test_an_answered_question_waits_again_when_somebody_writes_or_the_next_look_comes(clinic: Clinic) -> None:
    case_id = clinic.case(days_ago=9, readers=(clinic.peer,), next_look_at=now() + timedelta(days=1))
    clinic.post(case_id, clinic.supervisor, days_ago=5)
    assert look(clinic.supervisor).asked == []
    assert len(look(clinic.peer).asked) == 1
    clinic.post(case_id, clinic.peer, days_ago=4)
    assert len(look(clinic.supervisor).asked) == 1
    assert look(clinic.peer).asked == []
    clinic.post(case_id, clinic.supervisor, days_ago=3)
    assert look(clinic.supervisor).asked == []
    due = clinic.case("Looked at, and due again", days_ago=9, next_look_at=now() - timedelta(hours=1))
    clinic.post(due, clinic.supervisor, days_ago=5)
    assert titles(look(clinic.supervisor).asked) == ["Looked at, and due again"]


def test_access_that_ended_takes_the_title_away(clinic: Clinic) -> None:
    case_id = clinic.case("Only for readers", readers=(clinic.peer,))
    assert "Only for readers" in clinic.make.client(clinic.peer).get("/inbox").text
    with unit_of_work(clinic.author) as work:
        access.suspend(work, case_id, "consent", (Basis.PEER,))
    assert "Only for readers" not in clinic.make.client(clinic.peer).get("/inbox").text
    assert "Only for readers" in clinic.make.client(clinic.supervisor).get("/inbox").text


def test_a_lapsed_consent_hides_a_case_even_where_access_was_forgotten(clinic: Clinic) -> None:
    clinic.case("Only for readers", readers=(clinic.peer,), consent_lapsed=True)
    assert look(clinic.peer).asked == []
    assert len(look(clinic.supervisor).asked) == 1


def test_no_words_of_a_case_but_its_title_stand_in_the_inbox(clinic: Clinic) -> None:
    case_id = clinic.case("The title")
    clinic.post(case_id, clinic.supervisor, "must_do", because="WORDS BECAUSE", due_on=today(clinic.author))
    for actor in (clinic.author, clinic.supervisor, clinic.auditor, clinic.admin):
        assert "WORDS" not in clinic.make.client(actor).get("/inbox").text
    assert "The title" not in clinic.make.client(clinic.auditor).get("/inbox").text


def test_must_dos_run_for_the_author_and_late_ones_for_who_asked(clinic: Clinic) -> None:
    day = today(clinic.author)
    case_id = clinic.case("A house in a will")
    for ends, change in ((day + timedelta(days=3), {}), (day - timedelta(days=2), {}), (day, {"completed_at": now()})):
        clinic.post(case_id, clinic.supervisor, "must_do", due_on=ends, **change)
    mine = look(clinic.author)
    assert [(item.when, item.clock) for item in mine.clocks] == [("2 days over", "red"), ("in 3 days", "amber")]
    assert mine.under.startswith("Two have a clock; the first ran out on")
    theirs = look(clinic.supervisor)
    assert [item.when for item in theirs.clocks] == ["2 days over"]
    assert theirs.clocks[0].text == "Annika Solheim has not marked what you asked for as done."


def test_follow_up_dates_stand_among_the_clocks(clinic: Clinic) -> None:
    day = today(clinic.author)
    near, far = clinic.case("Near", state="closed"), clinic.case("Far", state="closed")
    clinic.decision(near, follow_up_on=day + timedelta(days=5))
    clinic.decision(far, follow_up_on=day + timedelta(days=40))
    assert titles(look(clinic.author).clocks) == ["Near"]
    assert look(clinic.supervisor).clocks == []


def test_decisions_wait_for_the_supervisor_of_record_alone(clinic: Clinic) -> None:
    clinic.case("Decided", state="decided", readers=(clinic.peer,))
    clinic.case("Among peers", state="decided", kind="consultation", readers=(clinic.peer, clinic.supervisor))
    assert titles(look(clinic.supervisor).to_sign) == ["Decided"]
    assert look(clinic.peer).to_sign == []


def test_a_decision_sent_back_waits_for_its_author_until_there_is_a_new_one(clinic: Clinic) -> None:
    case_id = clinic.case("Sent back")
    clinic.send_back(case_id, clinic.decision(case_id, state="superseded", at=now() - timedelta(days=1)))
    assert titles(look(clinic.author).own) == ["Sent back"]
    clinic.decision(case_id)
    assert look(clinic.author).own == []


def test_hours_to_sign_stand_together_by_person(clinic: Clinic) -> None:
    setting = clinic.make.setting(clinic.author)
    clinic.make.agreement(clinic.author, clinic.supervisor, setting)
    monday = today(clinic.author) - timedelta(days=14)
    for day in range(3):
        clinic.make.day(clinic.author, setting, monday + timedelta(days=day), submit=True, individual=150)
    (item,) = look(clinic.supervisor).to_sign
    assert (item.title, item.when) == ("Hours of Annika Solheim", "3 days")
    assert item.text.startswith("7 h 30 submitted")
    assert item.to == ("hours.attest", {"person_id": clinic.author.person_id})
    with unit_of_work(clinic.supervisor) as work:
        records = [row.id for row in days_waiting(work.session, clinic.supervisor.person_id)]
        hours.send_back(work, clinic.author.person_id, records, "Tuesday is too long.")
    assert look(clinic.supervisor).to_sign == []
    assert titles(look(clinic.author).own) == ["3 days of your hours came back"]
    assert "Tuesday is too long" not in clinic.make.client(clinic.author).get("/inbox").text


def test_an_agreement_waits_for_the_one_who_has_not_signed(clinic: Clinic) -> None:
    clinic.make.agreement(clinic.author, clinic.supervisor, clinic.make.setting(clinic.author), signed=False)
    assert titles(look(clinic.supervisor).to_sign) == ["Supervision agreement with Annika Solheim"]


def test_the_supervisees_of_this_week(clinic: Clinic) -> None:
    setting = clinic.make.setting(clinic.author)
    clinic.make.agreement(clinic.author, clinic.supervisor, setting)
    clinic.make.day(clinic.author, setting, today(clinic.author), individual=300)
    (row,) = look(clinic.supervisor).supervisees
    assert (row.name, row.minutes, row.owed) == ("Annika Solheim", 0, 1)
    text = clinic.make.client(clinic.supervisor).get("/inbox").text
    assert "1 unit" in text
    assert look(clinic.author).supervisees == []


def test_drafts_lead_to_their_next_step(clinic: Clinic) -> None:
    for state in ("draft", "confirmed"):
        clinic.case(state=state)
    doing = {item.do: item.to[0] for item in look(clinic.author).own}
    assert doing == {"Go on writing": "cases.edit", "Release": "cases.release"}
    assert look(clinic.supervisor).own == []


def test_half_written_posts_and_decisions_wait_for_their_writer(clinic: Clinic) -> None:
    case_id = clinic.case("Open")
    clinic.post(case_id, clinic.supervisor, state="draft", published_at=None)
    clinic.decision(case_id, state="draft")
    assert [item.text for item in look(clinic.supervisor).own] == ["You began to write guidance."]
    assert [item.text for item in look(clinic.author).own] == ["You began to write the decision."]
    assert look(clinic.peer).own == []
    closed = clinic.case("Closed", state="closed")
    clinic.post(closed, clinic.supervisor, state="draft", published_at=None)
    assert not [item for item in look(clinic.supervisor).own if item.title == "Closed" and "write" in item.text]


def test_a_text_whose_findings_wait_is_listed_once(app: Flask, clinic: Clinic) -> None:
    case_id = clinic.case("Open")
    post_id = clinic.post(case_id, clinic.supervisor, state="draft", published_at=None)
    fields = {"body": "Milica Jovanović lives at 14 Cedar Street in Fresno."}
    prepared = deid.prepare(fields, frozenset())
    with unit_of_work(clinic.supervisor) as work:
        deid.save_original(work, f"post:{post_id}", fields)
        screening = deid.store(work, f"post:{post_id}", prepared).id
    (item,) = look(clinic.supervisor).own
    assert item.to == ("deid.confirm", {"screening_id": screening})
    with unit_of_work(clinic.supervisor) as work:
        work.session.get_one(Post, post_id).state = "screening"
    assert len(look(clinic.supervisor).own) == 1


def test_minutes_of_closed_cases_stand_together_until_confirmed(clinic: Clinic) -> None:
    ids = [clinic.case(f"Case {n}", state="closed", readers=(clinic.peer,), days_ago=9 - n) for n in range(2)]
    for case_id in ids:
        clinic.post(case_id, clinic.supervisor)
    assert titles(look(clinic.supervisor).own) == ["Minutes of two closed cases"]
    assert look(clinic.peer).own == []  # read, and wrote nothing
    for case_id in ids:
        with unit_of_work(clinic.supervisor) as work:
            confirm_minutes(
                work,
                Credit(
                    case_id=case_id, part="supervisor", suggested=20, minutes=20, day=today(clinic.supervisor),
                    zone="UTC", competencies=(), ce_minutes=0, ce_because="", ce_citation="",
                    closed_at=work.session.get_one(Case, case_id).closed_at,  # type: ignore[arg-type]
                ),
                {},
            )  # fmt: skip
        left = titles(look(clinic.supervisor).own)
        assert left == (["Case 1"] if case_id == ids[0] else [])


def test_consents_and_licences_that_end_soon(clinic: Clinic) -> None:
    day = today(clinic.author)
    with unit_of_work(clinic.author) as work:
        client = consents.start_client(work, "US-CA")
        for scope, days in (("peers", 20), ("supervisor", 200)):
            consents.record(
                work, client.id, scope=scope, obtained_how="signed_form", obtained_on=day,
                expires_on=day + timedelta(days=days),
            )  # fmt: skip
        code = client.code
    licence = clinic.make.licence(clinic.author)
    assert titles(look(clinic.author).own) == [f"A consent of client {code} ends"]
    with unit_of_work(clinic.author) as work:
        work.session.get_one(Licence, licence.id).expires_on = day + timedelta(days=60)
    consent, expiring = look(clinic.author).own
    assert (consent.when, expiring.when) == ("in 20 days", "in 60 days")
    assert expiring.title == "Your LMFT expires"
    clinic.make.licence(clinic.author)  # the renewal
    assert len(look(clinic.author).own) == 1
    assert look(clinic.supervisor).own == []


def test_what_the_worker_gave_up_waits_for_administrators(clinic: Clinic) -> None:
    with unit_of_work(system()) as work:
        work.session.add(
            DueWork(kind="mail.notice", ids={}, due_at=work.now, created_at=work.now, gave_up_at=work.now, attempts=12)
        )
    assert titles(look(clinic.admin).own) == ["One thing could not be done"]
    assert look(clinic.supervisor).own == []


def test_nothing_of_another_organisation(clinic: Clinic, make: Factory) -> None:
    clinic.case("Here")
    other = make.organisation("Elsewhere")
    away = Actor(clinic.supervisor.person_id, other.id, frozenset({Role.SUPERVISOR}), "", "UTC")
    assert look(away).is_empty


def test_beyond_those_listed_questions_are_counted(clinic: Clinic) -> None:
    for n in range(SHOWN + 3):
        clinic.case(f"Case {n}")
    page = look(clinic.supervisor)
    assert (len(page.asked), page.more) == (SHOWN, 3)
    assert page.title == "23 things wait for you"
    text = clinic.make.client(clinic.supervisor).get("/inbox").text
    assert "3 more questions wait" in text
    assert re.search(r'class="count"><span class="vh">waiting: </span>23<', text)


@contextmanager
def counted() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def fill(clinic: Clinic, count: int) -> None:
    day = today(clinic.author)
    for n in range(count):
        for state in ("open", "decided", "closed", "draft"):
            case_id = clinic.case(f"{state} {n}", state=state, readers=(clinic.peer,), dilemmas=["gifts"])
            if state != "draft":
                clinic.post(case_id, clinic.supervisor, "must_do", due_on=day - timedelta(days=1))
                clinic.post(case_id, clinic.peer)
                clinic.post(case_id, clinic.supervisor, state="draft", published_at=None)
        other = clinic.make.person(organisation(db.session(), clinic.org_id), Role.SUPERVISEE)
        setting = clinic.make.setting(other)
        clinic.make.agreement(other, clinic.supervisor, setting)
        clinic.make.day(other, setting, day - timedelta(days=3), submit=True, individual=60)


@pytest.mark.parametrize("who", ["author", "supervisor", "peer"])
def test_the_inbox_asks_as_much_of_the_database_for_fifty_cases_as_for_five(clinic: Clinic, who: str) -> None:
    asked = []
    for more in (5, 45):
        fill(clinic, more)
        browser = clinic.make.client(getattr(clinic, who))  # a fresh one: an old session notes its touch once a minute
        db.session.remove()
        with counted() as statements:
            assert browser.get("/inbox").status_code == 200
        asked.append(len(statements))
    assert asked[0] == asked[1]
    assert asked[1] <= 40

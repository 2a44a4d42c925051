"""Minutes of a closed case: who confirms them, once, what counts as continuing education, what they are evidence of."""

from datetime import date

import pytest

from supervise.accounts.models import Licence
from supervise.cases import service as cases
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Conflict
from supervise.core.uow import unit_of_work
from supervise.flows.credit_guidance import credit_guidance, suggestion
from supervise.learning import queries
from supervise.learning.rules import period_start, suggest_minutes
from supervise.notifications.waiting import what_waits
from tests.rooms.reviews.conftest import Room, consultation, engine, room, shared_engine, thread

__all__ = ["consultation", "engine", "room", "shared_engine", "thread"]  # fixtures shared with the room of reviews


def close(room: Room) -> None:
    with unit_of_work(room.author) as work:
        cases.decided(work, room.case_id)
        cases.close(work, room.case_id)


def confirm(room: Room, actor: Actor, minutes: str = "40", **more: object) -> int:
    answer = room.browser(actor).post(f"/cases/{room.case_id}/minutes", data={"minutes": minutes, **more})
    return int(answer.status_code)


def license_in(actor: Actor, jurisdiction: str, title: str, expires_on: date | None = None) -> None:
    with unit_of_work(actor) as work:
        work.session.add(
            Licence(
                person_id=actor.person_id, jurisdiction=jurisdiction, profession="Licensed professional", title=title,
                number="1", issued_on=date(2015, 1, 1), expires_on=expires_on, created_at=work.now,
            )
        )  # fmt: skip


def test_the_suggestion_is_reading_and_writing_rounded_up() -> None:
    assert suggest_minutes(0, 0) == 5
    assert suggest_minutes(400, 0) == 5
    assert suggest_minutes(1000, 0) == 5
    assert suggest_minutes(1001, 0) == 10
    assert suggest_minutes(400, 150) == 15


def test_a_period_is_two_years_and_ends_with_the_licence() -> None:
    assert period_start(date(2026, 11, 1), date(2027, 6, 30)) == date(2025, 6, 30)
    assert period_start(date(2024, 1, 1), date(2027, 6, 30)) == date(2023, 6, 30)
    assert period_start(date(2026, 11, 1), None) == date(2024, 11, 1)
    assert period_start(date(2026, 11, 1), date(2020, 1, 1)) == date(2024, 11, 1)
    assert period_start(date(2026, 11, 1), date(2028, 2, 29)) == date(2026, 2, 28)


def test_everyone_who_took_part_confirms_once(consultation: Room) -> None:
    posted = consultation.post(consultation.peer, "Stay, and look again.", competency="ethics_law")
    assert confirm(consultation, consultation.peer) == 403
    close(consultation)
    page = consultation.page(consultation.peer)
    assert "Your minutes" in page
    assert "suggestion of ours" in page
    assert confirm(consultation, consultation.peer, competencies=["ethics_law", "relationship"]) == 303
    entry = queries.last_entry(db.session(), consultation.case_id, consultation.peer.person_id)
    assert entry is not None
    assert (entry.minutes, entry.part, entry.suggested) == (40, "colleague", 5)
    shown = {(row.competency, row.post_id) for row in queries.evidence(db.session(), consultation.peer.person_id)}
    assert shown == {("ethics_law", posted.row_id), ("relationship", None)}
    assert confirm(consultation, consultation.peer) == 403
    with pytest.raises(Conflict):
        credit_guidance(consultation.peer, consultation.case_id, 40, [])
    db.session.rollback()
    assert len(queries.entries(db.session(), consultation.peer.person_id)) == 1
    assert "You confirmed 0:40" in consultation.page(consultation.peer)
    assert confirm(consultation, consultation.author) == 303


def test_a_case_closed_again_is_credited_for_the_new_minutes_only(consultation: Room) -> None:
    consultation.post(consultation.peer, "Stay, and look again.", competency="ethics_law")
    consultation.post(consultation.peer2, "I would leave.")
    close(consultation)
    for actor in (consultation.peer, consultation.peer2, consultation.author):
        assert confirm(consultation, actor) == 303
    with unit_of_work(consultation.author) as work:
        cases.reopen(work, consultation.case_id)
    assert confirm(consultation, consultation.peer) == 403
    consultation.post(consultation.peer, "word " * 100)
    close(consultation)
    found = suggestion(consultation.peer, consultation.case_id)
    assert (found.minutes, found.earlier, found.tagged) == (10, 40, {}), "only what was written since"
    assert "not those minutes again" in consultation.page(consultation.peer)
    assert consultation.case_id in [row.case.id for row in what_waits(db.session(), consultation.peer).minutes]
    assert consultation.case_id not in [row.case.id for row in what_waits(db.session(), consultation.peer2).minutes]
    assert confirm(consultation, consultation.peer2) == 403, "nothing new was written"
    assert confirm(consultation, consultation.peer, "15") == 303
    assert confirm(consultation, consultation.peer, "15") == 403
    with pytest.raises(Conflict):
        credit_guidance(consultation.peer, consultation.case_id, 15, [])
    db.session.rollback()
    assert [row.minutes for row in queries.entries(db.session(), consultation.peer.person_id)] == [15, 40]
    assert what_waits(db.session(), consultation.peer).minutes == []
    assert confirm(consultation, consultation.author, "5") == 303


def test_who_did_not_take_part_confirms_nothing(consultation: Room) -> None:
    close(consultation)
    assert confirm(consultation, consultation.peer2) == 403
    assert "Your minutes" not in consultation.page(consultation.peer2)
    assert confirm(consultation, consultation.stranger) == 404
    assert confirm(consultation, consultation.foreigner) == 404


@pytest.mark.parametrize("typed", ["0", "481", "-5", "12.5", "many", ""])
def test_minutes_are_whole_and_between_one_and_480(consultation: Room, typed: str) -> None:
    close(consultation)
    assert confirm(consultation, consultation.author, typed) == 422
    assert queries.entries(db.session(), consultation.author.person_id) == []


def test_an_unknown_competency_is_refused(consultation: Room) -> None:
    close(consultation)
    assert confirm(consultation, consultation.author, competencies=["charm"]) == 422
    assert queries.entries(db.session(), consultation.author.person_id) == []


def test_washington_counts_six_hours_a_period(consultation: Room) -> None:
    license_in(consultation.author, "US-WA", "LMHC", date(now().year + 1, 6, 30))
    close(consultation)
    assert confirm(consultation, consultation.author, "300") == 303
    consultation.release("consultation")
    close(consultation)
    assert confirm(consultation, consultation.author, "90") == 303
    consultation.release("consultation")
    close(consultation)
    assert confirm(consultation, consultation.author, "20") == 303
    rows = queries.entries(db.session(), consultation.author.person_id)
    assert sorted(row.ce_minutes for row in rows) == [0, 60, 300]
    assert sum(row.minutes for row in rows) == 410
    full = next(row for row in rows if row.ce_minutes == 0)
    assert "limit is reached" in full.ce_because
    ledger = consultation.browser(consultation.author).get("/consultation").get_data(as_text=True)
    assert "6:50" in ledger
    assert "6:00" in ledger
    assert "WAC 246-809-610(5)" in ledger


@pytest.mark.parametrize(("jurisdiction", "title"), [("US-CA", "LMFT"), ("US-NV", "LCSW")])
def test_elsewhere_it_does_not_count_and_says_why(consultation: Room, jurisdiction: str, title: str) -> None:
    license_in(consultation.author, jurisdiction, title)
    close(consultation)
    assert "CE: does not count" in consultation.page(consultation.author)
    assert confirm(consultation, consultation.author) == 303
    entry = queries.entries(db.session(), consultation.author.person_id)[0]
    assert entry.ce_minutes == 0
    assert entry.ce_because


def test_without_a_valid_licence_nothing_counts(consultation: Room) -> None:
    license_in(consultation.author, "US-WA", "LMHC", date(2020, 1, 1))
    close(consultation)
    assert confirm(consultation, consultation.author) == 303
    entry = queries.entries(db.session(), consultation.author.person_id)[0]
    assert entry.ce_minutes == 0
    assert "no licence on file" in entry.ce_because


def test_a_supervision_case_counts_as_no_peer_consultation(thread: Room) -> None:
    license_in(thread.supervisor, "US-WA", "LMHC")
    thread.post(thread.supervisor, "Look again on Wednesday.")
    close(thread)
    assert suggestion(thread.supervisor, thread.case_id).part == "supervisor"
    assert confirm(thread, thread.supervisor) == 303
    entry = queries.entries(db.session(), thread.supervisor.person_id)[0]
    assert entry.ce_minutes == 0
    assert "supervision case" in entry.ce_because


def test_the_ledger_shows_what_waits_and_keeps_the_titles_of_others_from_those_who_left(consultation: Room) -> None:
    browser = consultation.browser(consultation.peer)
    assert "Waiting for you" not in browser.get("/consultation").get_data(as_text=True)
    consultation.post(consultation.peer, "Stay.", competency="ethics_law")
    close(consultation)
    page = browser.get("/consultation").get_data(as_text=True)
    assert "Waiting for you" in page
    assert "A house in a will" in page
    assert confirm(consultation, consultation.peer, competencies="ethics_law") == 303
    evidence = browser.get("/competencies").get_data(as_text=True)
    assert "A house in a will" in evidence
    assert "1 time" in evidence
    browser.post(f"/cases/{consultation.case_id}/step-out")
    for address in ("/consultation", "/competencies"):
        page = browser.get(address).get_data(as_text=True)
        assert "A house in a will" not in page
        assert "you no longer read" in page


def test_the_codes_are_found_by_their_words(consultation: Room) -> None:
    browser = consultation.browser(consultation.peer)
    everything = browser.get("/codes").get_data(as_text=True)
    assert "American Counseling Association" in everything
    found = browser.get("/codes?q=gift").get_data(as_text=True)
    assert "A.10.f" in found
    assert "B.4.b" not in found
    assert "No section has these words." in browser.get("/codes?q=zeppelin").get_data(as_text=True)

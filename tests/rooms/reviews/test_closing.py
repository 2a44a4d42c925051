"""Decision, sign-off, sending back, closing, reopening, withdrawing, the next look: who may, in which state, once."""

from datetime import timedelta

import pytest

from supervise.cases import service as cases
from supervise.core.actor import Actor
from supervise.core.clock import local, now
from supervise.core.db import db
from supervise.core.errors import Conflict, Forbidden, Refused
from supervise.core.uow import unit_of_work
from supervise.deid import queries as deid_queries
from supervise.deid import service as deid
from supervise.flows import decide_case as deciding
from supervise.flows import rule_on_case as ruling
from supervise.flows.publish import publish_confirmed
from supervise.notifications.models import Notice
from supervise.notifications.waiting import what_waits
from supervise.reviews import queries
from tests.rooms.reviews.conftest import Room

DECISION = {
    "version": "0", "option_0": "Leave the case", "for_0": "ends the appearance of interest",
    "against_0": "ends care because of a gift", "option_1": "Stay, with a witness", "for_1": "keeps care",
    "against_1": "the will stands", "chosen": "1", "body": "I stay, with a colleague present on four visits.",
    "cites": "ACA 2014, A.10.f", "do": "publish",
}  # fmt: skip


def decide(room: Room, **more: str) -> int:
    answer = room.browser(room.author).post(f"/cases/{room.case_id}/decision", data={**DECISION, **more})
    return int(answer.status_code)


def rule(room: Room, actor: Actor, outcome: str, reason: str = "", version: int | None = None) -> int:
    data = {"outcome": outcome, "reason": reason, "version": str(room.case.version if version is None else version)}
    return int(room.browser(actor).post(f"/cases/{room.case_id}/ruling", data=data).status_code)


def confirm(actor: Actor, screening_id: str | None) -> None:
    screening = deid_queries.screening(db.session(), screening_id or "")
    with unit_of_work(actor) as work:
        deid.accept_rest(work, screening.id, screening.version)
    _, decided = deid.work_on(db.session(), screening.id, actor)
    publish_confirmed(actor, screening.id, decided.hash())


def told(person: Actor, kind: str) -> int:
    return db.session.query(Notice).filter_by(person_id=person.person_id, kind=kind).count()


def test_a_supervision_case_is_decided_and_signed_off(thread: Room) -> None:
    follow_up = (now() + timedelta(days=30)).date()
    assert decide(thread, follow_up_on=follow_up.isoformat()) == 303
    assert thread.case.state == "decided"
    assert told(thread.supervisor, "decided") == 1
    page = thread.page(thread.supervisor)
    for words in ("Stay, with a witness", "ends care because of a gift", "four visits", "ACA 2014, A.10.f"):
        assert words in page
    assert "Sign off and close" in page
    assert rule(thread, thread.supervisor, "signed_off") == 303
    assert thread.case.state == "closed"
    assert told(thread.author, "signed_off") == 1
    assert "signed off and closed the case" in thread.page(thread.author)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"option_0": ""}, "at least two options"),
        ({"chosen": ""}, "Mark the one"),
        ({"chosen": "3"}, "Mark the one"),
        ({"body": " "}, "Say what you decided"),
        ({"follow_up_on": "2020-01-01"}, "past"),
        ({"follow_up_on": "next week"}, "Not a valid date"),
        ({"cites": "Nothing 1.1"}, "Choose sections"),
    ],
)
def test_a_decision_that_lacks_something_is_not_recorded_and_not_lost(
    thread: Room, more: dict[str, str], says: str
) -> None:
    answer = thread.browser(thread.author).post(f"/cases/{thread.case_id}/decision", data={**DECISION, **more})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert says in page
    assert "Stay, with a witness" in page
    assert thread.case.state == "open"


def test_only_the_author_decides_and_only_once(thread: Room) -> None:
    for actor in (thread.supervisor, thread.peer):
        assert thread.browser(actor).get(f"/cases/{thread.case_id}/decision").status_code == 403
        assert thread.browser(actor).post(f"/cases/{thread.case_id}/decision", data=DECISION).status_code == 403
    assert thread.browser(thread.stranger).post(f"/cases/{thread.case_id}/decision", data=DECISION).status_code == 404
    assert decide(thread) == 303
    assert decide(thread) == 403
    assert len([row for row in [queries.current_decision(db.session(), thread.case_id)] if row]) == 1


def test_a_decision_with_a_name_waits_and_the_case_stays_open(thread: Room) -> None:
    named = {**DECISION, "for_0": "her son Mateo Villarreal wants it"}
    answer = thread.browser(thread.author).post(f"/cases/{thread.case_id}/decision", data=named)
    assert "/screenings/" in answer.headers["Location"]
    assert thread.case.state == "open"
    assert "four visits" not in thread.page(thread.supervisor)
    row = queries.unpublished_decision(db.session(), thread.case_id)
    assert row is not None
    assert row.body == ""
    confirm(thread.author, answer.headers["Location"].rpartition("/")[2])
    assert thread.case.state == "decided"
    page = thread.page(thread.supervisor)
    assert "Mateo" not in page
    assert "her son [Client&#39;s son] wants it" in page


def test_a_decision_is_kept_while_it_is_written(thread: Room) -> None:
    browser, address = thread.browser(thread.author), f"/cases/{thread.case_id}/decision/autosave"
    first = browser.post(address, data={**DECISION, "body": "I am not sure yet about Mateo."})
    assert first.json["version"] == 1
    assert browser.post(address, data=DECISION).status_code == 409
    page = browser.get(f"/cases/{thread.case_id}/decision").get_data(as_text=True)
    assert "I am not sure yet about Mateo." in page
    assert "keeps care" in page
    assert "not sure yet" not in thread.page(thread.supervisor)
    late = browser.post(f"/cases/{thread.case_id}/decision", data=DECISION)
    assert late.status_code == 409
    both = late.get_data(as_text=True)
    assert "I am not sure yet about Mateo." in both
    assert "four visits" in both


def test_sending_back_needs_a_reason_and_opens_the_case(thread: Room) -> None:
    decide(thread)
    assert rule(thread, thread.supervisor, "sent_back") == 422
    assert thread.case.state == "decided"
    assert rule(thread, thread.supervisor, "sent_back", "Who sits in the room?") == 303
    assert thread.case.state == "open"
    assert told(thread.author, "sent_back") == 1
    assert "Who sits in the room?" in thread.page(thread.author)
    assert decide(thread, body="I stay, with my colleague in the room.") == 303
    assert [row.state for row in queries.superseded_decisions(db.session(), thread.case_id)] == ["superseded"]
    assert "with my colleague" in thread.page(thread.supervisor)


def test_a_reason_with_a_name_moves_the_case_only_when_it_is_confirmed(thread: Room) -> None:
    decide(thread)
    sent = ruling.rule_on_case(
        thread.supervisor, thread.case_id, "sent_back", "What does Mateo Villarreal say?", thread.case.version
    )
    assert not sent.published
    assert thread.case.state == "decided"
    assert "Mateo" not in thread.page(thread.author)
    assert "waits" in thread.page(thread.supervisor)
    confirm(thread.supervisor, sent.screening_id)
    assert thread.case.state == "open"
    assert "What does [Person 1] say?" in thread.page(thread.author)


def test_a_reason_confirmed_too_late_moves_nothing(thread: Room) -> None:
    decide(thread)
    sent = ruling.rule_on_case(
        thread.supervisor, thread.case_id, "sent_back", "What does Mateo Villarreal say?", thread.case.version
    )
    with unit_of_work(thread.supervisor) as work:
        cases.close(work, thread.case_id)  # signed off in another window meanwhile
    with pytest.raises(Refused):
        confirm(thread.supervisor, sent.screening_id)
    assert thread.case.state == "closed"
    assert queries.rulings(db.session(), thread.case_id) == []


def test_a_word_that_waits_can_be_thrown_away(thread: Room) -> None:
    decide(thread)
    ruling.rule_on_case(thread.supervisor, thread.case_id, "sent_back", "Ask Mateo Villarreal.", thread.case.version)
    assert thread.browser(thread.author).post(f"/cases/{thread.case_id}/ruling/drop").status_code == 404
    assert thread.browser(thread.supervisor).post(f"/cases/{thread.case_id}/ruling/drop").status_code == 303
    assert queries.unpublished_ruling(db.session(), thread.case_id, thread.supervisor.person_id) is None
    assert thread.case.state == "decided"


def test_signing_off_without_a_word_leaves_none_that_waits(thread: Room) -> None:
    decide(thread)
    named = ruling.rule_on_case(
        thread.supervisor, thread.case_id, "signed_off", "Mateo Villarreal agrees.", thread.case.version
    )
    assert not named.published
    assert rule(thread, thread.supervisor, "signed_off") == 303
    assert thread.case.state == "closed"
    assert deid_queries.unconfirmed(db.session(), thread.supervisor.person_id, thread.supervisor.org_id) == []
    assert deid_queries.original_of(db.session(), f"ruling:{named.row_id}") is None


def test_nobody_but_the_supervisor_of_record_signs_off(thread: Room) -> None:
    assert rule(thread, thread.supervisor, "signed_off") == 403
    decide(thread)
    for actor in (thread.peer, thread.author):
        assert rule(thread, actor, "signed_off") == 403
        assert rule(thread, actor, "sent_back", "No.") == 403
    assert rule(thread, thread.stranger, "signed_off") == 404
    assert rule(thread, thread.author, "closed") == 403
    assert thread.case.state == "decided"


def test_signing_off_twice_or_on_an_old_page_is_refused(thread: Room) -> None:
    decide(thread)
    seen = thread.case.version
    ruling.plan_next_look(thread.supervisor, thread.case_id, None)
    assert rule(thread, thread.supervisor, "signed_off", "Well weighed.", version=seen) == 409
    assert thread.case.state == "decided"
    with pytest.raises(Conflict):
        ruling.rule_on_case(thread.supervisor, thread.case_id, "signed_off", "", seen)
    assert rule(thread, thread.supervisor, "signed_off", "Well weighed.") == 303
    assert rule(thread, thread.supervisor, "signed_off") == 403


def test_in_consultation_the_author_closes(consultation: Room) -> None:
    assert decide(consultation) == 303
    for actor in (consultation.peer, consultation.supervisor):
        assert rule(consultation, actor, "closed") in (403, 404)
        assert rule(consultation, actor, "signed_off") in (403, 404)
    with pytest.raises(Forbidden):
        ruling.rule_on_case(consultation.author, consultation.case_id, "signed_off", "", consultation.case.version)
    assert rule(consultation, consultation.author, "closed", "Thank you all.") == 303
    assert consultation.case.state == "closed"
    assert "Thank you all." in consultation.page(consultation.peer)
    assert "Sign off" not in consultation.page(consultation.author)


def test_a_closed_case_is_reopened_with_a_reason_by_author_or_supervisor(thread: Room) -> None:
    decide(thread)
    assert rule(thread, thread.author, "reopened", "Not yet.") == 403
    rule(thread, thread.supervisor, "signed_off")
    assert rule(thread, thread.peer, "reopened", "I have more.") == 403
    assert rule(thread, thread.author, "reopened") == 422
    assert rule(thread, thread.author, "reopened", "She changed the will again.") == 303
    assert thread.case.state == "open"
    assert thread.send(thread.peer, "Then ask again.").status_code == 303
    decide(thread, body="I stay.")
    rule(thread, thread.supervisor, "signed_off")
    assert rule(thread, thread.supervisor, "reopened", "One more look.") == 303
    assert thread.case.state == "open"


def test_withdrawing_with_a_reason_leaves_author_and_supervisor(thread: Room) -> None:
    assert rule(thread, thread.peer, "withdrawn", "Stop.") == 403
    assert rule(thread, thread.author, "withdrawn") == 422
    assert rule(thread, thread.author, "withdrawn", "The client moved on.") == 303
    assert thread.case.state == "withdrawn"
    assert "The client moved on." in thread.page(thread.supervisor)
    assert thread.browser(thread.peer).get(f"/cases/{thread.case_id}").status_code == 404
    assert thread.send(thread.author, "Still here?").status_code == 403


def test_an_outcome_that_does_not_exist_is_refused(thread: Room) -> None:
    assert rule(thread, thread.author, "burned") == 422
    assert rule(thread, thread.author, "") == 422


def test_the_next_look_is_said_in_the_supervisors_zone(thread: Room) -> None:
    address = f"/cases/{thread.case_id}/next-look"
    day = (local(now(), thread.supervisor.zone) + timedelta(days=2)).date()
    for actor in (thread.author, thread.peer):
        assert thread.browser(actor).post(address, data={"next_look": f"{day}T08:00"}).status_code == 403
    browser = thread.browser(thread.supervisor)
    assert browser.post(address, data={"next_look": f"{day}T08:00"}).status_code == 303
    case = thread.case
    assert case.reviewed_at is not None
    assert case.next_look_at is not None
    assert f"{local(case.next_look_at, thread.supervisor.zone):%Y-%m-%d %H:%M}" == f"{day} 08:00"
    assert "next look" in thread.page(thread.author)
    assert browser.post(address, data={"next_look": "2020-01-01T08:00"}).status_code == 422
    assert browser.post(address, data={"next_look": "thursday"}).status_code == 422
    assert browser.post(address, data={"next_look": "2027-03-14T02:30"}).status_code == 422
    assert browser.post(address, data={"next_look": ""}).status_code == 303
    assert thread.case.next_look_at is None


def test_a_decision_is_not_taken_by_anyone_elses_draft(thread: Room) -> None:
    assert deciding.draft_decision(thread.author, thread.case_id) is None
    thread.browser(thread.author).post(f"/cases/{thread.case_id}/decision/autosave", data=DECISION)
    assert deciding.draft_decision(thread.supervisor, thread.case_id) is None
    assert deciding.draft_decision(thread.author, thread.case_id) is not None


def test_a_follow_up_is_done_once_with_a_note_that_names_nobody(thread: Room) -> None:
    today = local(now(), thread.author.zone).date()
    assert decide(thread, follow_up_on=today.isoformat()) == 303
    address = f"/cases/{thread.case_id}/decision/followed-up"
    assert "Follow-up done" in thread.page(thread.author)
    assert "Follow-up done" not in thread.page(thread.supervisor)
    assert len(what_waits(db.session(), thread.author).follow_ups) == 1
    named = thread.browser(thread.author).post(address, data={"note": "Milica Jovanović has moved."})
    assert named.status_code == 422
    assert "“Milica Jovanović”" in named.get_data(as_text=True)
    assert "Milica Jovanović has moved.</textarea>" in named.get_data(as_text=True)
    long = thread.browser(thread.author).post(address, data={"note": "She is calmer. " * 40})
    assert long.status_code == 422
    assert "Nothing was cut" in long.get_data(as_text=True)
    assert ("She is calmer. " * 40).strip() in long.get_data(as_text=True)
    assert thread.browser(thread.supervisor).post(address, data={"note": "x"}).status_code in {403, 404}
    assert thread.browser(thread.author).post(address, data={"note": "She is calmer."}).status_code == 303
    db.session.expire_all()
    assert what_waits(db.session(), thread.author).follow_ups == []
    assert "She is calmer." in thread.page(thread.supervisor)
    assert thread.browser(thread.author).post(address, data={"note": "Again."}).status_code == 409
    assert "Again." not in thread.page(thread.supervisor)


def test_a_decision_without_a_follow_up_has_nothing_to_mark(thread: Room) -> None:
    assert decide(thread) == 303
    address = f"/cases/{thread.case_id}/decision/followed-up"
    assert thread.browser(thread.author).post(address, data={"note": ""}).status_code == 404

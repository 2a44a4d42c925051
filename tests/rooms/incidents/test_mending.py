"""Mending: a stand-in everywhere and for good, or a reason with which somebody else agrees."""

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from supervise.access import service as access
from supervise.accounts.models import Organisation
from supervise.core.actor import Actor, Role
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid
from supervise.core.uow import unit_of_work
from supervise.flows.mend_words import mending, replace_words
from supervise.flows.see_identifier import see_identifier
from supervise.incidents.models import Incident
from supervise.notifications.models import Notice
from supervise.reviews.queries import post
from tests.rooms.incidents.conftest import SLIPPED, TEXTS, Slip
from tests.rooms.reviews.conftest import Room


def everything() -> str:
    """Return all that the database holds of texts, in small letters."""
    with db.engine.connect() as connection:
        tables = ("case_versions", "posts", "post_revisions", "decisions", "rulings", "incidents", "notices")
        return repr([connection.execute(text(f"SELECT * FROM {name}")).all() for name in tables]).casefold()  # noqa: S608


def kinds(person: Actor) -> list[str]:
    db.session.expire_all()
    rows = db.session.query(Notice).filter_by(person_id=person.person_id).order_by(Notice.created_at)
    return [row.kind for row in rows if row.kind.startswith("identifier")]


def test_a_stand_in_takes_its_place_everywhere_and_for_good(slip: Slip) -> None:
    room = slip.room
    room.post(room.supervisor, "Is that how she is called?", paragraph=1, quote="calls her the woman with")
    row = slip.seen_by(room.peer2, label="NAME")
    offer = mending(room.author, row.id)
    assert offer.stand_in.startswith("[")
    path = f"/incidents/{row.id}"
    page = room.browser(room.author).get(path).get_data(as_text=True)
    assert "the woman with the parrots" in page
    assert "a post" in page
    answer = room.browser(room.author).post(f"{path}/replace", data={"stand_in": offer.stand_in, "wording": ""})
    assert answer.location == f"/cases/{room.case_id}"
    assert "parrots" not in everything()
    assert slip.held is False
    for reader in (room.author, room.supervisor, room.peer, room.peer2):
        page = room.page(reader)
        assert page.count(offer.stand_in) >= 3
        assert "[hidden]" not in page
    done = slip.incident(row.id)
    assert (done.state, done.ended_by, done.places, done.pattern) == ("repaired", room.author.person_id, [], {})
    assert kinds(room.peer2) == ["identifier_repaired"]
    asked = room.post(room.peer, "Is the woman with the parrots well?")
    assert not asked.published, "its author is asked before it comes back"


def test_only_a_stand_in_that_is_offered_or_general_words_are_taken(slip: Slip) -> None:
    room = slip.room
    row = slip.seen_by(room.peer2, label="QUASI")
    for stand_in, wording in (("[Parrots]", ""), ("", "the woman with the parrots"), ("", "Milica Jovanović")):
        data = {"stand_in": stand_in, "wording": wording}
        answer = room.browser(room.author).post(f"/incidents/{row.id}/replace", data=data)
        assert answer.status_code == 422, data
    assert slip.incident(row.id).state == "hidden"
    replace_words(room.author, row.id, "", "somebody who keeps animals")
    assert "Everyone calls her somebody who keeps animals." in room.page(room.peer)


def test_two_marks_in_one_text_are_mended_one_after_the_other(slip: Slip) -> None:
    room = slip.room
    first, second = slip.seen_by(room.peer2, label="QUASI"), slip.seen_by(room.supervisor, "The lawyer", "QUASI")
    inside = slip.seen_by(room.peer, "with the parrots", "QUASI")
    replace_words(room.author, first.id, "", "somebody")
    assert slip.incident(inside.id).state == "repaired", "nothing of it is left"
    assert slip.held
    page = room.page(room.peer2)
    assert "calls her somebody." in page
    assert "lawyer" not in page
    assert "has already filed it" in page
    replace_words(room.author, second.id, "", "someone")
    assert "someone has already filed it" in room.page(room.peer2)
    assert slip.held is False
    with pytest.raises(Conflict):
        replace_words(room.author, second.id, "", "someone")


def test_the_next_free_number_is_suggested(room: Room) -> None:
    room.release(texts={**TEXTS, "question": "May I?", "body": "They came. The parrot stayed."})
    with db.engine.begin() as connection:
        body = "[Person 1] and [Person 2] came. The parrot stayed."
        connection.execute(text("UPDATE case_versions SET body = :body"), {"body": body})
    row = Slip(room).seen_by(room.peer, "The parrot", "NAME")
    offer = mending(room.author, row.id)
    assert offer.stand_in not in ("[Person 1]", "[Person 2]")
    assert ("In this case already", ("[Person 1]", "[Person 2]")) in offer.lists
    replace_words(room.author, row.id, "[Person 2]")
    assert "[Person 2] stayed." in everything_of(room)


def everything_of(room: Room) -> str:
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT body FROM case_versions WHERE case_id = :id"), {"id": room.case_id})
        return " ".join(row[0] for row in rows)


def test_words_of_a_post_are_mended_by_who_wrote_it(slip: Slip) -> None:
    room = slip.room
    asked = room.post(room.supervisor, "Does the postman with the whistle still come?", kind="question")
    subject = f"post:{asked.row_id}"
    row = slip.seen_by(room.author, "the postman with the whistle", "QUASI", subject)
    assert (row.author_id, row.subject) == (room.supervisor.person_id, subject)
    assert room.browser(room.author).post(f"/incidents/{row.id}/replace", data={"stand_in": ""}).status_code == 403
    assert "postman" not in room.browser(room.author).get(f"/incidents/{row.id}").get_data(as_text=True)
    replace_words(room.supervisor, row.id, "", "somebody")
    assert post(db.session(), asked.row_id).body == "Does somebody still come?"


def test_where_its_writer_reads_no_more_the_author_of_the_case_mends(slip: Slip) -> None:
    room = slip.room
    with unit_of_work(room.author) as work:
        access.end(work, room.case_id, room.peer.person_id, "withdrawn")
    row = slip.seen_by(room.peer2, "who feeds them", "QUASI", f"post:{slip.post_id}")
    assert row.author_id == room.peer.person_id
    assert kinds(room.author) == kinds(room.supervisor) == ["identifier_seen"]
    assert "feeds" in room.browser(room.author).get(f"/incidents/{row.id}").get_data(as_text=True)
    replace_words(room.author, row.id, "", "about them")
    assert "about them" in room.page(room.peer2)


def disputed(slip: Slip, row: Incident, reason: str = "She is called so on her own posters.") -> int:
    writer = slip.room.author if row.author_id == slip.room.author.person_id else slip.room.supervisor
    answer = slip.room.browser(writer).post(f"/incidents/{row.id}/dispute", data={"reason": reason})
    return int(answer.status_code)


def test_that_it_identifies_nobody_needs_the_supervisor_of_record(slip: Slip) -> None:
    room = slip.room
    row = slip.seen_by(room.peer2)
    assert disputed(slip, row, " ") == 422
    assert disputed(slip, row, "Because she is Milica Jovanović.") == 422
    assert disputed(slip, row, "The woman with the parrots is a song.") == 422, "the reason may not say it either"
    assert disputed(slip, row) == 303
    assert slip.held
    assert not slip.sees(room.peer2)
    assert kinds(room.supervisor) == ["identifier_disputed"]
    assert "It stays hidden until you agree." in room.browser(room.supervisor).get("/inbox").get_data(as_text=True)
    for other in (room.author, room.peer, room.peer2):
        assert room.browser(other).post(f"/incidents/{row.id}/agree", data={"do": "agree"}).status_code == 403
    assert "parrots" not in room.browser(room.peer).get(f"/incidents/{row.id}").get_data(as_text=True)
    page = room.browser(room.supervisor).get(f"/incidents/{row.id}").get_data(as_text=True)
    assert "the woman with the parrots" in page
    assert "on her own posters" in page
    browser = room.browser(room.supervisor)
    assert browser.post(f"/incidents/{row.id}/agree", data={"do": "keep"}).status_code == 303
    assert slip.incident(row.id).state == "hidden"
    assert kinds(room.author) == ["identifier_seen", "identifier_kept"]
    assert disputed(slip, row) == 303
    assert browser.post(f"/incidents/{row.id}/agree", data={"do": "agree"}).status_code == 303
    assert slip.sees(room.peer2)
    assert slip.held is False
    assert slip.incident(row.id).prints == {}
    assert kinds(room.author)[-1] == "identifier_cleared"
    assert kinds(room.peer2) == ["identifier_cleared"]


def test_in_a_consultation_a_second_reader_agrees(consulted: Slip) -> None:
    room = consulted.room
    row = consulted.seen_by(room.peer2)
    assert disputed(consulted, row) == 303
    assert kinds(room.peer2) == ["identifier_asked"]
    assert room.browser(room.author).post(f"/incidents/{row.id}/agree", data={"do": "agree"}).status_code == 403
    assert room.browser(room.stranger).post(f"/incidents/{row.id}/agree", data={"do": "agree"}).status_code == 404
    assert room.browser(room.peer).post(f"/incidents/{row.id}/agree", data={"do": "agree"}).status_code == 303
    assert consulted.sees(room.peer2)


def test_a_supervisor_does_not_agree_with_themselves(slip: Slip) -> None:
    room = slip.room
    asked = room.post(room.supervisor, "Does the postman with the whistle still come?", kind="question")
    row = slip.seen_by(room.peer, "the postman with the whistle", "QUASI", f"post:{asked.row_id}")
    assert disputed(slip, row, "There are nine of them.") == 303
    browser = room.browser(room.supervisor)
    assert browser.post(f"/incidents/{row.id}/agree", data={"do": "agree"}).status_code == 403
    assert room.browser(room.author).post(f"/incidents/{row.id}/agree", data={"do": "agree"}).status_code == 303


def test_nobody_left_to_agree(slip: Slip) -> None:
    room = slip.room
    row = slip.seen_by(room.peer2)
    with unit_of_work(room.author) as work:
        for reader in (room.supervisor, room.peer, room.peer2):
            access.end(work, room.case_id, reader.person_id, "withdrawn")
    assert disputed(slip, row) == 422


@pytest.fixture
def admin(slip: Slip) -> Actor:
    org = db.session.get_one(Organisation, slip.room.author.org_id)
    return slip.room.make.person(org, Role.ADMIN, name="Odile Baptiste")


def test_administrators_see_who_when_which_and_how_long_but_no_word(slip: Slip, admin: Actor) -> None:
    room = slip.room
    room.page(room.supervisor)
    row = slip.seen_by(room.peer2)
    room.page(room.peer)  # read it when it was hidden already
    with time_machine.travel(now() + timedelta(minutes=95)):
        replace_words(room.author, row.id, mending(room.author, row.id).stand_in)
    page = room.browser(admin).get("/incidents").get_data(as_text=True)
    for words in (room.case.code, "Priya Raghunathan", "Annika Solheim", "the vignette", "replaced", "Ines Valcourt"):
        assert words in page
    assert "2 people" in page
    assert "Desmond Achebe" not in page
    assert "1 replaced: half of them within" in page
    assert "1 h 35" in page
    assert "parrots" not in page
    assert room.browser(admin).get(f"/incidents/{row.id}").status_code == 404
    assert room.browser(room.peer).get("/incidents").status_code == 403


def test_shapes_are_kept_only_where_an_administrator_says_so(slip: Slip, admin: Actor) -> None:
    room, browser = slip.room, slip.room.browser(admin)
    assert browser.get("/incidents/patterns").get_data(as_text=True) == ""
    assert room.browser(room.peer).post("/incidents/patterns", data={"kept": "y"}).status_code == 403
    assert browser.post("/incidents/patterns", data={"kept": "y"}).status_code == 303
    row = slip.seen_by(room.peer2, label="NAME")
    assert slip.incident(row.id).pattern == {}, "a mark alone is no finding"
    replace_words(room.author, row.id, mending(room.author, row.id).stand_in)
    lines = browser.get("/incidents/patterns").get_data(as_text=True).splitlines()
    assert [json.loads(line) for line in lines] == [
        {"label": "NAME", "shape": "aaa aaaa aaaa aaa aaaa", "before": "_ on _", "after": "."}
    ]
    assert browser.post("/incidents/patterns", data={}).status_code == 303
    assert browser.get("/incidents/patterns").get_data(as_text=True) == ""


def test_the_fields_of_a_mark_are_checked(slip: Slip) -> None:
    with pytest.raises(Invalid) as refused:
        see_identifier(slip.room.peer, slip.room.case_id, SLIPPED, "PLANET")
    assert refused.value.field == "label"

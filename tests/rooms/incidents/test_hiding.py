"""Marking: hidden at once, everywhere, from everyone but its author; recorded by ids; taken back by who marked it."""

import pytest
from flask import Flask
from sqlalchemy import text

from supervise.audit.models import AuditRow
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.deid.service import prepare
from supervise.flows.decide_case import decide_case, deciding
from supervise.flows.read_scene import scene_of
from supervise.flows.see_identifier import withdraw_mark
from supervise.incidents import queries
from supervise.notifications.models import Notice
from supervise.notifications.queries import letter
from tests.rooms.incidents.conftest import SLIPPED, TEXTS, Slip
from tests.rooms.reviews.conftest import Room


def test_it_is_hidden_from_everyone_but_its_author(slip: Slip) -> None:
    room = slip.room
    assert all(slip.sees(actor) for actor in (room.author, room.supervisor, room.peer, room.peer2))
    row = slip.seen_by(room.peer2)
    assert (row.author_id, row.marker_id, row.state) == (room.author.person_id, room.peer2.person_id, "hidden")
    assert not any(slip.sees(actor) for actor in (room.supervisor, room.peer2))
    page = room.page(room.author)
    assert "Everyone calls her the woman with the parrots." in page, "its author reads on"
    assert "who feeds them" in page
    assert "The Woman With" not in page, "but not what another one wrote"
    theirs = room.page(room.peer)
    assert "The Woman With The Parrots who feeds them" in theirs
    assert "calls her [hidden]" in theirs.replace('<span class="standin">', "").replace("</span>", "")
    assert room.case.held


def test_nothing_more_is_posted_until_it_is_mended(slip: Slip) -> None:
    room = slip.room
    slip.seen_by(room.peer2)
    assert room.send(room.peer, "One more thought.").status_code == 403
    assert room.browser(room.author).get(f"/cases/{room.case_id}/decision").status_code == 403
    assert room.browser(room.peer).get(f"/posts/{slip.post_id}/edit").status_code == 403
    page = room.page(room.peer)
    assert "nothing more is posted, until its author has mended it" in page
    assert 'id="write"' not in page


def test_decisions_reasons_and_history_are_covered_too(slip: Slip) -> None:
    room = slip.room
    options: list[dict[str, str | bool]] = [
        {"option": "Visit the woman with the parrots", "for": "Care", "against": "The will", "chosen": True},
        {"option": "Stay away", "for": "Clear", "against": "Care ends", "chosen": False},
    ]
    posted = decide_case(
        room.author, room.case_id, deciding(options, "I visit the woman with the parrots.", (), None), 0
    )
    assert posted.published
    slip.seen_by(room.supervisor)
    page = room.page(room.peer2)
    assert SLIPPED not in page.casefold()
    assert page.count("[hidden]") >= 4
    assert "Visit the woman" in room.page(room.author)


def test_the_author_and_nobody_else_is_told_without_a_word_of_it(slip: Slip) -> None:
    slip.seen_by(slip.room.peer2)
    rows = db.session.query(Notice).filter(Notice.kind.like("identifier%")).all()
    assert [(row.person_id, row.kind) for row in rows] == [(slip.room.author.person_id, "identifier_seen")]
    mail = letter(db.session(), rows[0].id)
    assert mail
    assert mail.says == "Someone saw an identifier in what you wrote. It is hidden until you mend it."
    inbox = slip.room.browser(slip.room.author).get("/inbox").get_data(as_text=True)
    assert "Someone saw an identifier in what you wrote." in inbox
    assert "Mend it" in inbox


def test_it_is_recorded_by_ids_and_places_alone(slip: Slip) -> None:
    row = slip.seen_by(slip.room.peer2)
    with db.engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM incidents")).all()).casefold()
        chain = repr(connection.execute(text("SELECT * FROM audit_rows")).all()).casefold()
    assert row.prints
    for words in (SLIPPED, "parrots", "woman"):
        assert words not in stored
        assert words not in chain
    happened = [one.action for one in db.session.query(AuditRow).filter_by(object_id=row.id)]
    assert happened == ["IdentifierSeen"]


def test_all_forms_of_a_name_are_found_wherever_they_stand(room: Room) -> None:
    body = "Ask will before noon. I will wait. Rosamund Will came back, and Rosamund laughed at Will's hat."
    texts = {**TEXTS, "question": "May I?", "body": body}
    names = frozenset({"Rosamund Will"})
    assert prepare({"body": "Rosamund Will came back."}, names).clean
    room.release(texts={**texts, "body": "Ask before noon. I will wait."})
    slip = Slip(room)
    with db.engine.begin() as connection:  # as if the engine had not known the name when it was screened
        connection.execute(text("UPDATE case_versions SET body = :body"), {"body": body})
    slip.seen_by(room.peer, "Rosamund Will", "NAME")
    shown = room.page(room.peer2)
    assert "Rosamund" not in shown
    assert "laughed at Will" not in shown
    assert "I will wait." in shown


def test_what_is_marked_has_to_stand_in_the_case(slip: Slip) -> None:
    for words in ("the man with the dog", "[Client]", " ", "x" * 300, "…"):
        with pytest.raises(Invalid):
            slip.seen_by(slip.room.peer2, words)
    with pytest.raises(Invalid):
        slip.seen_by(slip.room.peer2, SLIPPED, "PLANET")
    assert not slip.room.case.held


@pytest.mark.parametrize("words", ["woman with the parr", "  The WOMAN\n with  the parrots. "])
def test_a_selection_that_cuts_words_is_widened(slip: Slip, words: str) -> None:
    slip.seen_by(slip.room.peer2, words)
    assert "parrots" not in slip.room.page(slip.room.supervisor)


def test_a_mark_is_taken_back_by_who_made_it_unless_another_covers_it(slip: Slip) -> None:
    room = slip.room
    first, second = slip.seen_by(room.peer2), slip.seen_by(room.supervisor, "with the parrots")
    assert room.browser(room.peer).post(f"/incidents/{first.id}/withdraw").status_code == 403
    withdraw_mark(room.peer2, first.id)
    assert slip.held
    page = room.page(room.peer2)
    assert "with the parrots" not in page
    assert "calls her the woman" in page, "what nobody else has marked is back"
    assert room.browser(room.supervisor).post(f"/incidents/{second.id}/withdraw").status_code == 303
    assert room.case.held is False
    assert slip.sees(room.peer2)
    assert slip.incident(first.id).state == slip.incident(second.id).state == "withdrawn"
    assert not slip.incident(first.id).places
    assert room.post(room.peer, "Now again.").published


def test_without_the_engine_the_words_are_hidden_all_the_same(
    slip: Slip, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def propose(self, canonical: object, allowed: object) -> None:
            raise ValueError(SLIPPED)

    with monkeypatch.context() as without:
        without.setattr(app.extensions["supervise"], "_engine", Broken())
        row = slip.seen_by(slip.room.peer2)
        assert not slip.sees(slip.room.supervisor)
        page = slip.room.browser(slip.room.author).get(f"/incidents/{row.id}")
        assert page.status_code == 200
        assert "could not be screened again" in page.get_data(as_text=True)


def test_a_text_that_is_not_the_marked_one_is_hidden_whole(slip: Slip) -> None:
    slip.seen_by(slip.room.peer2)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE case_versions SET body = 'The woman with the parrots, again.'"))
    page = slip.room.page(slip.room.peer2)
    assert "again." not in page
    assert "parrots" not in page


def test_only_readers_of_a_released_case_mark(slip: Slip) -> None:
    room, path = slip.room, f"/cases/{slip.room.case_id}/seen"
    data = {"words": SLIPPED, "label": "", "subject": ""}
    for actor in (room.stranger, room.foreigner):
        assert room.browser(actor).get(path).status_code == 404
        assert room.browser(actor).post(path, data=data).status_code == 404
    answer = room.browser(room.peer).post(path, data={**data, "words": "no such words"})
    assert answer.status_code == 422
    assert "no such words" in answer.get_data(as_text=True), "what was typed is kept"
    assert room.browser(room.peer).post(path, data=data).status_code == 303
    assert len(queries.open_in(db.session(), room.case_id)) == 1


def test_new_texts_are_screened_for_what_was_seen(slip: Slip) -> None:
    room = slip.room
    slip.seen_by(room.peer2)
    scene = scene_of(db.session(), room.peer, room.case_id)
    assert prepare({"body": "She owns the woman's parrots."}, frozenset(), scene).clean
    found = prepare({"body": "I met THE WOMAN with the parrots."}, frozenset(), scene).work.proposal.groups
    assert [group.why for group in found] == ["A reader of this case saw it before"]

"""From a saved original to released text: every step that keeps an identifier from a second person."""

from collections.abc import Callable

import pytest
from flask import Flask

from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from supervise.core.text import OriginalText, ReleasedText
from supervise.core.uow import unit_of_work
from supervise.deid import service
from supervise.deid.engine import Choice
from tests.rooms.deid.conftest import FIELDS, SECRETS, Author


def test_what_is_released_is_what_was_confirmed_and_holds_no_letter_of_what_was_taken_out(author: Author) -> None:
    screening_id = author.confirmed()
    work = author.work(screening_id)
    shown = work.texts()
    with unit_of_work(author.actor) as unit:
        released = service.release(unit, author.subject)
    assert {name: str(text) for name, text in released.items()} == shown
    assert set(released) == set(FIELDS)
    assert all(isinstance(text, ReleasedText) for text in released.values())
    for secret in SECRETS:
        assert all(secret.casefold() not in text.casefold() for text in released.values()), secret


def test_the_same_person_is_the_same_in_title_and_body(author: Author) -> None:
    work = author.work(author.screened())
    group = next(g for g in work.proposal.groups if "Tavian" in " ".join(g.forms))
    edge = work.edges[0][2]
    assert any(end <= edge for _, end in group.places)
    assert any(start > edge for start, _ in group.places)


def test_nothing_crosses_the_edge_of_a_field(author: Author) -> None:
    screening_id = author.screened({"title": "A call from Marisol", "body": "Quintero was late. She is at Oak Street."})
    author.add(screening_id, "Marisol")
    work = author.work(screening_id)
    for group in work.proposal.groups:
        for start, end in group.places:
            assert any(first <= start and end <= last for _, first, last in work.edges)
    with pytest.raises(Invalid):
        author.add(screening_id, "Marisol Quintero")


def test_a_clean_text_is_released_at_once_and_its_original_goes(author: Author) -> None:
    fields = {"body": "How do I raise this with her without shaming her?"}
    author.save(fields)
    prepared = service.prepare(fields, frozenset())
    assert prepared.clean
    with unit_of_work(author.actor) as work:
        released = service.clean_release(work, prepared, author.subject)
    assert released == fields
    assert service.original_saved_at(db.session(), author.subject) is None


def test_a_text_with_findings_is_never_released_as_clean(author: Author) -> None:
    author.save()
    prepared = service.prepare(FIELDS, frozenset())
    with pytest.raises(Refused), unit_of_work(author.actor) as work:
        service.clean_release(work, prepared, author.subject)


def test_members_are_known_by_name(author: Author) -> None:
    text = {"body": "I will ask Ottoline Farquhar about it."}
    assert not service.prepare(text, frozenset()).clean
    assert service.prepare(text, frozenset({"Ottoline Farquhar"})).clean


def test_confirming_waits_for_every_decision(author: Author) -> None:
    screening_id = author.screened()
    author.add(screening_id, "volcanoes", "ID")
    work = author.work(screening_id)
    assert work.undecided, "the text has doubtful findings"
    with pytest.raises(Refused, match="still to decide"):
        author.confirm(screening_id)
    author.accept_rest(screening_id)
    assert not author.work(screening_id).undecided
    author.confirm(screening_id)
    assert service.confirmed(db.session(), author.subject)


def test_confirming_binds_the_result_that_was_shown(author: Author) -> None:
    screening_id = author.screened()
    author.accept_rest(screening_id)
    shown = author.work(screening_id).hash()
    author.add(screening_id, "volcanoes")
    with pytest.raises(Conflict), unit_of_work(author.actor) as work:
        service.confirm(work, screening_id, shown)
    assert not service.confirmed(db.session(), author.subject)


def test_any_decision_after_confirming_takes_the_confirmation_back(author: Author) -> None:
    screening_id = author.confirmed()
    author.add(screening_id, "volcanoes")
    with pytest.raises(Refused):
        author.release()


def test_an_edit_after_confirming_makes_it_void(author: Author) -> None:
    screening_id = author.confirmed()
    author.save(FIELDS | {"body": FIELDS["body"] + " His aunt Rosalind Achterberg knows."})
    assert author.row(screening_id).state == "void"
    with pytest.raises(Refused):
        author.release()
    with pytest.raises(Refused, match="edited"):
        author.work(screening_id)


def test_an_edit_between_showing_and_confirming_is_refused(author: Author) -> None:
    screening_id = author.screened()
    author.accept_rest(screening_id)
    shown = author.work(screening_id).hash()
    author.save(FIELDS | {"title": "Another title"})
    with pytest.raises(Refused), unit_of_work(author.actor) as work:
        service.confirm(work, screening_id, shown)


def test_an_edit_while_the_engine_runs_is_refused(author: Author) -> None:
    author.save()
    prepared = service.prepare(FIELDS, frozenset())
    author.save(FIELDS | {"body": "Rosalind Achterberg called."})
    with pytest.raises(Conflict), unit_of_work(author.actor) as work:
        service.store(work, author.subject, prepared)


def test_saving_the_same_words_again_keeps_the_confirmation(author: Author) -> None:
    author.confirmed()
    author.save()
    assert service.confirmed(db.session(), author.subject)


def test_a_second_window_cannot_decide_on_what_it_does_not_show(author: Author) -> None:
    screening_id = author.screened()
    seen = author.row(screening_id).version
    author.add(screening_id, "volcanoes")
    with pytest.raises(Conflict), unit_of_work(author.actor) as work:
        service.accept_rest(work, screening_id, seen)


def test_a_phone_number_stays_only_for_a_reason_that_holds(author: Author) -> None:
    screening_id = author.screened()
    phone = next(g.key for g in author.work(screening_id).proposal.groups if g.label == "PHONE")
    with pytest.raises(Invalid) as refused:
        author.choose(screening_id, {phone: Choice("keep", reason="emergency_line")})
    assert refused.value.field == f"choice-{phone}"
    assert "555-0147" not in author.work(screening_id).texts()["body"]


def test_an_added_passage_goes_everywhere_it_stands(author: Author) -> None:
    screening_id = author.screened({"body": "She paints volcanoes. Volcanoes again, and volcanoes."})
    author.add(screening_id, "Volcanoes")
    author.accept_rest(screening_id)
    assert "volcanoes" not in author.work(screening_id).texts()["body"].casefold()


def test_what_was_kept_and_is_then_marked_goes_after_all(author: Author) -> None:
    screening_id = author.screened({"body": "We spoke with Ottoline about the plan; she knows Harbor Lantern Clinic."})
    group = next(g for g in author.work(screening_id).proposal.groups if g.label == "NAME")
    author.choose(screening_id, {group.key: Choice("keep", reason="public_figure_or_theorist")})
    assert "Ottoline" in author.work(screening_id).texts()["body"]
    author.add(screening_id, "Ottoline")
    assert "Ottoline" not in author.work(screening_id).texts()["body"]


def test_a_passage_that_is_not_there_is_refused_in_words(author: Author) -> None:
    screening_id = author.screened()
    with pytest.raises(Invalid, match="does not stand in the text"):
        author.add(screening_id, "Nowhere")


def test_undo_takes_back_every_step_to_the_first(author: Author) -> None:
    screening_id = author.screened()
    first = author.work(screening_id)
    name = next(g.key for g in first.proposal.groups if g.label == "NAME")
    author.choose(screening_id, {name: Choice("remove", stand_in="[Client]")})
    author.add(screening_id, "volcanoes")
    author.accept_rest(screening_id)
    for _ in range(len(author.work(screening_id).history)):
        author.undo(screening_id)
    last = author.work(screening_id)
    assert (last.proposal, last.choices, last.marked) == (first.proposal, first.choices, first.marked)
    with pytest.raises(Invalid, match="nothing to undo"):
        author.undo(screening_id)


def test_decisions_and_marks_survive_an_edit_where_they_hold(author: Author) -> None:
    screening_id = author.screened()
    group = next(g for g in author.work(screening_id).proposal.groups if "Lucía Brandvold" in g.forms)
    author.choose(screening_id, {group.key: Choice("remove", stand_in="[Client]")})
    author.add(screening_id, "volcanoes", "ID")
    edited = FIELDS | {"body": "Yesterday he was calm. " + FIELDS["body"]}
    assert author.screened(edited) == screening_id
    work = author.work(screening_id)
    assert "[Client]" in work.texts()["body"]
    assert "volcanoes" not in work.texts()["body"]


def test_a_kept_name_that_has_grown_by_an_edit_is_asked_again(author: Author) -> None:
    screening_id = author.screened({"body": "We spoke of Ottoline and the plan at Harbor Lantern Clinic."})
    group = next(g for g in author.work(screening_id).proposal.groups if "Ottoline" in g.forms)
    author.choose(screening_id, {group.key: Choice("keep", reason="public_figure_or_theorist")})
    author.screened({"body": "We spoke of Ottoline Farquhar and the plan at Harbor Lantern Clinic. Ottoline came."})
    assert "Ottoline" not in author.work(screening_id).texts()["body"]


def test_only_the_author_comes_near_it(author: Author, colleague: Callable[[], Actor]) -> None:
    screening_id = author.confirmed()
    other = colleague()
    with pytest.raises(NotFound):
        service.read_original(db.session(), author.subject, other)
    with pytest.raises(NotFound):
        service.work_on(db.session(), screening_id, other)
    for verb in (
        lambda work: service.save_original(work, author.subject, {"body": "x"}),
        lambda work: service.add(work, screening_id, 1, "volcanoes", "NAME"),
        lambda work: service.undo(work, screening_id, 1),
        lambda work: service.confirm(work, screening_id, "0"),
        lambda work: service.release(work, author.subject),
        lambda work: service.discard(work, author.subject),
    ):
        with pytest.raises((NotFound, Refused)), unit_of_work(other) as work:
            verb(work)
    with pytest.raises(NotFound):
        service.reveal(OriginalText("x"), other, author.actor.person_id)
    assert service.confirmed(db.session(), author.subject)


def test_the_original_comes_back_to_its_author_as_typed(author: Author) -> None:
    author.save()
    found = service.read_original(db.session(), author.subject, author.actor)
    assert {name: service.reveal(text, author.actor, author.actor.person_id) for name, text in found.items()} == FIELDS
    with pytest.raises(TypeError):
        str(found["body"])


def test_without_an_engine_nothing_is_released_and_the_text_is_kept(app: Flask, author: Author) -> None:
    author.save()

    def fail() -> None:
        raise RuntimeError("no model")

    app.extensions["supervise"].load_engine = fail
    with pytest.raises(Unavailable, match="kept"):
        service.prepare(FIELDS, frozenset())
    assert service.read_original(db.session(), author.subject, author.actor)


def test_an_engine_that_fails_on_a_text_releases_nothing(app: Flask) -> None:
    class Broken:
        version = "broken"

        def propose(self, *_: object) -> None:
            raise MemoryError

    app.extensions["supervise"]._engine = Broken()
    with pytest.raises(Unavailable):
        service.prepare(FIELDS, frozenset())


def test_too_much_text_is_refused_at_its_field() -> None:
    with pytest.raises(Invalid, match="50,000") as refused:
        service.prepare({"title": "x", "body": "word " * 11_000}, frozenset())
    assert str(refused.value) == "With title this has 55,001 characters; the most is 50,000. Nothing was cut."
    assert refused.value.field == "body"


def test_text_that_cannot_be_checked_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid, match=r"direction of the text.*near “Her name is") as refused:
        service.prepare({"body": "Her name is ‮anitsirhC."}, frozenset())
    assert refused.value.field == "body"

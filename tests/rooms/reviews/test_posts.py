"""Posts: who may write what, what others see and when, drafts, edits, what a supervisor asks for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from supervise.audit.models import AuditRow
from supervise.cases import service as cases
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Invalid, NotFound
from supervise.core.ids import new_id
from supervise.core.uow import unit_of_work
from supervise.deid import queries as deid_queries
from supervise.deid import service as deid
from supervise.flows import post_guidance as flow
from supervise.flows.name_readers import names_of_readers
from supervise.flows.post_guidance import Posted, Typed
from supervise.flows.publish import publish_confirmed
from supervise.notifications.models import Notice
from supervise.reviews import queries
from tests.rooms.reviews.conftest import Room

NAMED = "Call her son Mateo Villarreal at (707) 555-0147 before Friday."


def confirm(actor: Actor, posted: Posted) -> str:
    """Decide everything as proposed and publish, as the confirm page does."""
    assert posted.screening_id is not None
    screening = deid_queries.screening(db.session(), posted.screening_id)
    with unit_of_work(actor) as work:
        deid.accept_rest(work, screening.id, screening.version)
    _, decided = deid.work_on(db.session(), screening.id, actor)
    return publish_confirmed(actor, screening.id, decided.hash())


def test_a_post_beside_a_passage_is_read_by_everyone(thread: Room) -> None:
    answer = thread.send(thread.peer, "Four seconds is short.", para="1", quote="I could not accept it")
    assert answer.status_code == 303
    for reader in (thread.author, thread.supervisor, thread.peer, thread.peer2):
        page = thread.page(reader)
        assert "Four seconds is short." in page
        assert 'href="#n1"' in page
        assert 'href="#a1"' in page


def test_strangers_and_other_organisations_neither_read_nor_write(thread: Room) -> None:
    for actor in (thread.stranger, thread.foreigner):
        assert thread.send(actor, "Let me in.").status_code == 404
    assert queries.posts(db.session(), thread.case_id) == []


def test_a_reader_who_stepped_out_cannot_post(thread: Room) -> None:
    assert thread.browser(thread.peer).post(f"/cases/{thread.case_id}/step-out").status_code == 303
    assert thread.send(thread.peer, "One more thing.").status_code == 404


def test_only_the_supervisor_of_record_asks_for_something(thread: Room) -> None:
    due = (now() + timedelta(days=3)).date().isoformat()
    for actor in (thread.author, thread.peer):
        assert thread.send(actor, "Send the letter.", kind="must_do", due_on=due).status_code == 403
    assert thread.send(thread.supervisor, "Send the letter.", kind="must_do", due_on=due).status_code == 303
    page = thread.page(thread.author)
    assert "Must do" in page
    assert "Acknowledge" in page
    assert "Acknowledge" not in thread.page(thread.peer)


def test_in_consultation_nobody_asks_for_something(consultation: Room) -> None:
    due = (now() + timedelta(days=3)).date().isoformat()
    for actor in (consultation.peer, consultation.author):
        assert consultation.send(actor, "Send it.", kind="must_do", due_on=due).status_code == 403
        assert 'value="must_do"' not in consultation.page(actor)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"kind": "recommendation"}, "gives its reason"),
        ({"kind": "praise"}, "what kind of post"),
        ({"body": "  "}, "Write something"),
        ({"para": "9"}, "not in this version"),
        ({"para": "1", "quote": "words that stand nowhere"}, "do not stand in this paragraph"),
        ({"cites": ["ACA 2014, Z.9"]}, "Choose sections"),
        ({"competency": "charm"}, "Choose a competency"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(thread: Room, more: dict[str, str], says: str) -> None:
    answer = thread.send(thread.peer, **{"body": "Stay, with a witness beside you.", **more})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert says in page
    assert more.get("body") or "Stay, with a witness beside you." in page
    assert queries.posts(db.session(), thread.case_id) == []


def test_a_must_do_needs_a_day_that_is_not_past(thread: Room) -> None:
    assert thread.send(thread.supervisor, "Send it.", kind="must_do").status_code == 422
    assert thread.send(thread.supervisor, "Send it.", kind="must_do", due_on="2020-01-01").status_code == 422
    assert thread.send(thread.supervisor, "Send it.", kind="must_do", due_on="soon").status_code == 422


def test_a_name_is_seen_by_nobody_else_until_its_author_has_confirmed(thread: Room) -> None:
    answer = thread.send(thread.peer, NAMED)
    assert "/screenings/" in answer.headers["Location"]
    post = queries.drafts(db.session(), thread.case_id, thread.peer.person_id)[0]
    assert post.state == "screening"
    assert post.body == ""
    for reader in (thread.author, thread.supervisor):
        page = thread.page(reader)
        assert "Mateo" not in page
        assert "555-0147" not in page
    screening = deid_queries.screening_of(db.session(), f"post:{post.id}")
    url = confirm(thread.peer, Posted(thread.case_id, post.id, 0, False, screening.id))
    assert url == f"/cases/{thread.case_id}#post-{post.id}"
    page = thread.page(thread.author)
    assert "[Client's son]" in page
    assert "Mateo" not in page
    assert "555-0147" not in page


def test_confirming_after_losing_access_publishes_nothing(thread: Room) -> None:
    posted = thread.post(thread.peer, NAMED)
    thread.browser(thread.peer).post(f"/cases/{thread.case_id}/step-out")
    with pytest.raises(NotFound):
        confirm(thread.peer, posted)
    assert queries.posts(db.session(), thread.case_id) == []


def test_names_of_members_are_no_identifiers(thread: Room) -> None:
    assert thread.post(thread.peer, "I agree with Ines Valcourt here.").published


def test_replies_nest_and_stay_in_their_case(thread: Room) -> None:
    first = thread.post(thread.peer, "What did she do with her hands?", "question", paragraph=1)
    second = thread.post(thread.author, "She put it under the bread.", "answer", parent_id=first.row_id)
    thread.post(thread.peer2, "Then she fed you.", parent_id=second.row_id)
    page = thread.page(thread.supervisor)
    assert page.index("her hands?") < page.index("under the bread") < page.index("Then she fed you")
    assert page.count('class="reply"') == 2

    elsewhere = thread.case_id
    thread.release()
    with pytest.raises(NotFound):
        thread.post(thread.peer, "Wrong house.", parent_id=first.row_id)
    assert thread.send(thread.peer, "Wrong house.", reply=first.row_id).status_code == 404
    assert elsewhere != thread.case_id


def test_nobody_answers_a_draft(thread: Room) -> None:
    draft = flow.save_draft(thread.peer, thread.case_id, new_id(), Typed(body="Not yet."), 0)
    with pytest.raises(NotFound):
        thread.post(thread.author, "I saw that.", parent_id=draft.row_id)


def test_a_draft_is_its_writers_alone(thread: Room) -> None:
    sent = thread.send(thread.peer, "Half a thought about him.", do="draft", para="2")
    assert sent.status_code == 303
    draft = queries.drafts(db.session(), thread.case_id, thread.peer.person_id)[0]
    assert draft.body == ""
    assert "Half a thought" in thread.page(thread.peer, f"?draft={draft.id}")
    for other in (thread.author, thread.supervisor, thread.peer2):
        assert "Half a thought" not in thread.page(other, f"?draft={draft.id}")
        assert thread.browser(other).get(f"/posts/{draft.id}").status_code == 404
        assert thread.browser(other).get(f"/posts/{draft.id}/edit").status_code == 404
        assert thread.browser(other).get(f"/posts/{draft.id}/history").status_code == 404
        assert thread.browser(other).post(f"/posts/{draft.id}/drop").status_code == 404
    with pytest.raises(NotFound):
        flow.save_draft(thread.peer2, thread.case_id, draft.id, Typed(body="Mine now."), draft.version)


def test_saving_while_typing_and_a_second_window(thread: Room) -> None:
    browser, post_id = thread.browser(thread.peer), new_id()
    address = f"/cases/{thread.case_id}/posts/autosave"
    data = {"post_id": post_id, "version": "0", "kind": "concern", "body": "First words", "due_on": "2026-1"}
    first = browser.post(address, data=data)
    assert first.status_code == 200
    assert first.json["version"] == 1
    again = browser.post(address, data={**data, "version": "1", "body": "First words and more"})
    assert again.json["version"] == 2
    late = browser.post(address, data={**data, "version": "1", "body": "From the other window"})
    assert late.status_code == 409
    assert "Another window" in late.json["says"]
    both = browser.post(f"/cases/{thread.case_id}/posts", data={**data, "version": "1", "body": "Other", "due_on": ""})
    assert both.status_code == 409
    page = both.get_data(as_text=True)
    assert "First words and more" in page
    assert "Other" in page


def test_a_kind_that_does_not_exist_is_not_even_kept(thread: Room) -> None:
    data = {"post_id": new_id(), "version": "0", "kind": "Mateo of Elm Street", "body": "Words."}
    answer = thread.browser(thread.peer).post(f"/cases/{thread.case_id}/posts/autosave", data=data)
    assert answer.status_code == 422
    assert queries.find_post(db.session(), str(data["post_id"])) is None


def test_a_kind_changed_before_confirming_has_what_it_needs(thread: Room) -> None:
    posted = thread.post(thread.supervisor, NAMED)
    changed = Typed(kind="must_do", body=NAMED)
    flow.save_draft(thread.supervisor, thread.case_id, posted.row_id, changed, posted.version)
    with pytest.raises(Invalid, match="by when"):
        confirm(thread.supervisor, posted)
    assert queries.posts(db.session(), thread.case_id) == []


def test_a_post_handed_in_twice_is_published_once(thread: Room) -> None:
    data = {"post_id": new_id(), "version": "0", "kind": "answer", "body": "Once.", "do": "publish"}
    browser, address = thread.browser(thread.peer), f"/cases/{thread.case_id}/posts"
    assert browser.post(address, data=data).status_code == 303
    assert browser.post(address, data=data).status_code == 409
    assert [post.body for post in queries.posts(db.session(), thread.case_id)] == ["Once."]


def test_a_draft_can_be_thrown_away_and_a_post_cannot(thread: Room) -> None:
    draft = flow.save_draft(thread.peer, thread.case_id, new_id(), Typed(body="Never mind."), 0)
    assert thread.browser(thread.peer).post(f"/posts/{draft.row_id}/drop").status_code == 303
    assert queries.find_post(db.session(), draft.row_id) is None
    posted = thread.post(thread.peer, "This stays.")
    thread.browser(thread.peer).post(f"/posts/{posted.row_id}/drop")
    assert "This stays." in thread.page(thread.author)


def test_an_edit_keeps_history_and_is_screened_again(thread: Room) -> None:
    posted = thread.post(thread.peer, "She was calm.")
    address = f"/posts/{posted.row_id}/edit"
    version = str(posted.version)
    assert thread.browser(thread.author).get(address).status_code == 403
    edited = thread.browser(thread.peer).post(address, data={"version": version, "body": "She was very calm."})
    assert edited.status_code == 303
    page = thread.page(thread.author)
    assert "She was very calm." in page
    assert "edited" in page
    history = thread.browser(thread.author).get(f"/posts/{posted.row_id}/history").get_data(as_text=True)
    assert "She was calm." in history
    assert thread.browser(thread.stranger).get(f"/posts/{posted.row_id}/history").status_code == 404
    read = db.session.query(AuditRow).filter_by(action="CaseRead").count()
    thread.browser(thread.peer).get(f"/posts/{posted.row_id}/history")
    thread.browser(thread.author).get(f"/posts/{posted.row_id}/history")
    assert db.session.query(AuditRow).filter_by(action="CaseRead").count() == read + 1, (
        "the author's own reading is not"
    )

    post = queries.post(db.session(), posted.row_id)
    waiting = flow.edit_post(thread.peer, post.id, NAMED, "", post.version)
    assert not waiting.published
    page = thread.page(thread.author)
    assert "She was very calm." in page
    assert "Mateo" not in page
    confirm(thread.peer, waiting)
    page = thread.page(thread.author)
    assert "[Client's son]" in page
    assert "She was very calm." not in page
    assert len(queries.revisions(db.session(), post.id)) == 2


def test_a_second_window_does_not_overwrite_an_edit(thread: Room) -> None:
    posted = thread.post(thread.peer, "She was calm.")
    browser, address = thread.browser(thread.peer), f"/posts/{posted.row_id}/edit"
    assert browser.post(address, data={"version": str(posted.version), "body": "Quite calm."}).status_code == 303
    late = browser.post(address, data={"version": str(posted.version), "body": "Not calm at all."})
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "Quite calm." in page
    assert "Not calm at all." in page


def test_what_is_asked_is_acknowledged_and_done_by_the_author_alone(thread: Room) -> None:
    due = (now() + timedelta(days=3)).date()
    asked = thread.post(thread.supervisor, "Chart a copy.", "must_do", due_on=due, paragraph=2)
    for other in (thread.supervisor, thread.peer):
        assert thread.browser(other).post(f"/posts/{asked.row_id}/acknowledge").status_code == 403
    browser = thread.browser(thread.author)
    assert browser.post(f"/posts/{asked.row_id}/acknowledge").status_code == 303
    assert "acknowledged" in thread.page(thread.supervisor)
    assert queries.open_must_dos(db.session(), [thread.case_id])
    assert browser.post(f"/posts/{asked.row_id}/complete").status_code == 303
    assert "Done" in thread.page(thread.supervisor)
    assert queries.open_must_dos(db.session(), [thread.case_id]) == []
    plain = thread.post(thread.peer, "Just a thought.")
    assert browser.post(f"/posts/{plain.row_id}/complete").status_code == 403


def test_mentions_reach_those_who_may_read(thread: Room) -> None:
    posted = thread.post(thread.peer, "What do you think, @Priya Raghunathan?", mentions=(thread.supervisor.person_id,))
    assert posted.published
    told = {notice.person_id for notice in db.session.query(Notice).filter_by(kind="mention", object_id=posted.row_id)}
    assert told == {thread.supervisor.person_id, thread.peer2.person_id}
    with pytest.raises(Invalid):
        thread.post(thread.peer, "And you?", mentions=(thread.stranger.person_id,))
    assert thread.send(thread.peer, "And you?", mentions=[thread.stranger.person_id]).status_code == 422


def test_codes_and_competency_stand_beside_the_post(thread: Room) -> None:
    thread.send(
        thread.peer, "Weigh the gift.", cites=["ACA 2014, A.10.f"], competency="ethics_law", kind="recommendation",
        because="it is hers to give and yours to weigh.",
    )  # fmt: skip
    page = thread.page(thread.author)
    assert "ACA 2014, A.10.f" in page
    assert "Ethics and law" in page
    assert "Because it is hers to give" in page


def test_a_closed_case_takes_no_posts(consultation: Room) -> None:
    consultation.post(consultation.peer, "Stay.")
    from_before = consultation.post(consultation.peer, "Leave.")
    with unit_of_work(consultation.author) as work:
        cases.decided(work, consultation.case_id)
        cases.close(work, consultation.case_id)
    assert consultation.send(consultation.peer, "Too late.").status_code == 403
    edit = consultation.browser(consultation.peer).post(f"/posts/{from_before.row_id}/edit", data={"body": "x"})
    assert edit.status_code == 403


def test_without_the_engine_nothing_is_published_and_the_words_are_kept(thread: Room) -> None:
    def broken() -> object:
        raise OSError("the model is gone")

    thread.make.app.extensions["supervise"] = replace(
        thread.make.app.extensions["supervise"], load_engine=broken, _engine=None
    )
    answer = thread.send(thread.peer, "Ask her again on Wednesday.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "not available" in page
    assert "Ask her again on Wednesday." in page
    assert queries.posts(db.session(), thread.case_id) == []
    draft = queries.drafts(db.session(), thread.case_id, thread.peer.person_id)[0]
    assert flow.own_words(thread.peer, draft)[0] == "Ask her again on Wednesday."


def test_names_of_members_who_do_not_read_the_case_are_screened(thread: Room) -> None:
    assert thread.stranger.name not in names_of_readers(db.session(), thread.case_id)
    assert names_of_readers(db.session(), thread.case_id) >= {thread.author.name, thread.peer.name}
    assert not thread.post(thread.peer, f"I asked {thread.stranger.name} about it.").published

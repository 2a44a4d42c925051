"""The editor as a browser meets it: saving, two windows, files, and what cannot be used."""

import io

import pytest

from supervise.audit.models import AuditRow
from supervise.cases.models import Case
from supervise.core.db import db
from supervise.core.ids import new_id
from supervise.deid import service as deid
from supervise.deid.models import Original
from supervise.flows.start_case import editor_choices, saved_texts
from tests.rooms.cases.stage import BODY, NAMED, TITLE, Stage
from tests.rooms.cases.test_documents import word_file

QUIETLY = {"X-Autosave": "1"}


def cases() -> int:
    db.session.expire_all()
    return db.session.query(Case).count()


def test_a_new_case_offers_only_what_the_author_has(at: Stage) -> None:
    words = {way.words for way in editor_choices(at.author).ways}
    assert words == {
        "Ines Valcourt, LMFT", "Ines Valcourt, LMFT and Tuesday group (2)", "Tuesday group (2)", "Colleagues I choose",
    }  # fmt: skip
    page = at.browser(at.author).get("/cases/new").get_data(as_text=True)
    assert "Original – only you" in page
    assert "New case" in page
    lonely = {way.words for way in editor_choices(at.stranger).ways}
    assert lonely == {"Colleagues I choose"}
    assert at.browser(at.auditor).get("/cases/new").status_code == 403


def test_first_save_begins_one_case_however_often_it_is_sent(at: Stage) -> None:
    draft_id = new_id()
    first = at.post("/cases/new", draft_id=draft_id, then="save")
    again = at.post("/cases/new", draft_id=draft_id, then="save")
    assert (first.status_code, again.status_code) == (303, 303)
    assert cases() == 1
    assert saved_texts(at.author, draft_id)["body"] == BODY


def test_nothing_of_a_draft_lies_readable_in_the_database(at: Stage) -> None:
    case_id = at.start(body=NAMED)
    original = db.session.query(Original).one()
    assert original.sealed is not None
    assert "Milica" not in original.sealed
    assert TITLE not in original.sealed
    row = at.unreleased(case_id)
    assert (row.title, row.question, row.body) == ("", "", "")


@pytest.mark.parametrize("draft_id", ["", "short", "x" * 25 + "!", "../../etc/passwd"])
def test_an_id_that_the_page_did_not_make_begins_nothing(at: Stage, draft_id: str) -> None:
    assert at.post("/cases/new", draft_id=draft_id).status_code == 422
    assert cases() == 0


def test_a_case_of_someone_else_is_not_touched_through_the_page_for_a_new_one(at: Stage) -> None:
    case_id = at.start()
    for actor in (at.stranger, at.foreigner, at.supervisor):
        for body in ("Mine now.", "x" * 60_000):
            data = at.form(draft_id=case_id, body=body, way="peers")
            answer = at.browser(actor).post("/cases/new", data=data)
            assert answer.status_code == 404
            assert at.case(case_id).code not in answer.get_data(as_text=True)
    assert saved_texts(at.author, case_id)["body"] == BODY


def test_autosave_saves_says_when_and_never_overwrites_a_newer_draft(at: Stage) -> None:
    draft_id = new_id()
    browser = at.browser(at.author)
    first = browser.post("/cases/new", data=at.form(draft_id=draft_id, body="One."), headers=QUIETLY)
    assert first.status_code == 200
    assert set(first.json) == {"saved", "version"}
    path = f"/cases/{draft_id}/autosave"
    second = browser.post(path, data=at.form(version=first.json["version"], body="Two."), headers=QUIETLY)
    assert second.json["version"] > first.json["version"]
    late = browser.post(path, data=at.form(version=first.json["version"], body="Old words."), headers=QUIETLY)
    assert late.status_code == 409
    assert "Another window" in late.json["says"]
    assert saved_texts(at.author, draft_id)["body"] == "Two."


def test_autosave_of_too_much_says_so_and_keeps_what_was_saved(at: Stage) -> None:
    case_id = at.start()
    answer = at.browser(at.author).post(
        f"/cases/{case_id}/autosave", data=at.form(version=1, body="x" * 50_001), headers=QUIETLY
    )
    assert answer.status_code == 422
    assert "50,039" in answer.json["says"]
    assert saved_texts(at.author, case_id)["body"] == BODY


def test_autosaves_do_not_fill_the_audit(at: Stage) -> None:
    case_id = at.start()
    for number in range(1, 6):
        at.browser(at.author).post(f"/cases/{case_id}/autosave", data=at.form(version=number, body=f"Words {number}."))
    actions = [row.action for row in db.session.query(AuditRow).order_by(AuditRow.seq)]
    assert actions.count("DraftSaved") == 0
    assert actions.count("CaseStarted") == 1


def test_the_second_of_two_windows_gets_both_texts_and_can_go_on(at: Stage) -> None:
    case_id = at.start()
    assert at.post(f"/cases/{case_id}/edit", version=1, body="From the first window.").status_code == 303
    answer = at.post(f"/cases/{case_id}/edit", version=1, body="From the second window.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "From the first window." in page
    assert "From the second window." in page
    version = at.unreleased(case_id).version
    assert f'name="version" type="hidden" value="{version}"' in page
    assert saved_texts(at.author, case_id)["body"] == "From the first window."
    assert at.post(f"/cases/{case_id}/edit", version=version, body="From the second window.").status_code == 303
    assert saved_texts(at.author, case_id)["body"] == "From the second window."


def test_a_field_error_does_not_hide_that_another_window_saved(at: Stage) -> None:
    case_id = at.start()
    at.post(f"/cases/{case_id}/edit", version=1, body="From the first window.")
    wrong = at.post(f"/cases/{case_id}/edit", version=1, body="Second.", urgency="yesterday").get_data(as_text=True)
    assert 'name="version" type="hidden" value="1"' in wrong
    assert at.post(f"/cases/{case_id}/edit", version=1, body="Second.").status_code == 409


def test_too_long_a_text_stays_on_the_page(at: Stage) -> None:
    long = "Ω" * 50_001
    answer = at.post("/cases/new", draft_id=new_id(), body=long, then="screen")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "50,039 characters" in page
    assert long in page
    assert cases() == 0
    longest = "Ω" * 1_000_000  # more than a form usually holds, less than is refused unread
    fields = at.form(draft_id=new_id(), body=longest, then="save").items()
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields)
    kind = "multipart/form-data; boundary=x"
    answer = at.browser(at.author).post("/cases/new", data=f"{parts}--x--\r\n".encode(), content_type=kind)
    assert answer.status_code == 422
    assert longest in answer.get_data(as_text=True)
    assert at.post("/cases/new", draft_id=new_id(), body="\r\n".join(["x"] * 24_900)).status_code == 303


def test_what_can_be_saved_can_go_on(at: Stage) -> None:
    question = "Why? " * 20
    room = 50_000 - len(TITLE) - len(question)
    too_long, fits = "She came late. " * 4_000, "She came late. " * 4_000
    case_id = at.start()
    for then in ("save", "screen"):
        answer = at.post(f"/cases/{case_id}/edit", version=1, question=question, body=too_long[: room + 1], then=then)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert "50,001 characters; the most is 50,000" in page
        assert "body-error" in page
    assert at.post(f"/cases/{case_id}/edit", version=1, question=question, body=fits[:room]).status_code == 303
    texts = saved_texts(at.author, case_id)
    assert sum(map(len, texts.values())) == 50_000
    deid.check_length(texts)


def test_odd_unicode_comes_back_as_it_was_typed(at: Stage) -> None:
    odd = "a\u0301 é \U0001f9d1\u200d\U0001f9b0 \u202eabc\u202c ไทย עברית \ufeff\u200b x\u0300\u0301\u0302"
    case_id = at.start(body=odd + "\0\x07 end")
    page = at.browser(at.author).get(f"/cases/{case_id}/edit").get_data(as_text=True)
    assert odd + " end" in page


def test_continue_names_everything_that_is_missing_and_keeps_the_rest(at: Stage) -> None:
    answer = at.post(
        "/cases/new", draft_id=new_id(), title=" ", body="Only words.", client_id="", way="peers", then="screen"
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for says in ("Give the case a title", "Choose a client reference", "Choose at least one colleague"):
        assert says in page
    assert "Only words." in page
    assert cases() == 1, "what was typed is saved all the same"


def test_choices_of_others_are_refused(at: Stage) -> None:
    for changes in (
        {"way": f"supervision:{at.stranger.person_id}:"},
        {"way": "peers", "peer_ids": [at.foreigner.person_id]},
        {"way": "peers", "peer_ids": [at.author.person_id]},
        {"client_id": new_id()},
        {"jurisdiction": "XX-99"},
        {"urgency": "now"},
    ):
        assert at.post("/cases/new", draft_id=new_id(), **changes).status_code == 422, changes
    assert cases() == 0


def test_one_press_makes_a_client_and_keeps_the_text(at: Stage) -> None:
    draft_id = new_id()
    answer = at.post("/cases/new", draft_id=draft_id, client_id="", then="client")
    assert answer.status_code == 303
    case = at.case(draft_id)
    assert case.client_id not in {None, at.client_id}
    page = at.browser(at.author).get(answer.location).get_data(as_text=True)
    assert "data-copy" in page
    assert "The lawyer has already filed it." in page
    nowhere = at.post("/cases/new", draft_id=new_id(), client_id="", jurisdiction="", then="client")
    assert nowhere.status_code == 422
    assert "Choose the state" in nowhere.get_data(as_text=True)


def test_the_disclosure_is_recorded_once_and_inherited(at: Stage) -> None:
    missing = at.post("/cases/new", draft_id=new_id(), disclosed="y")
    assert missing.status_code == 422
    assert "Give the day of the disclosure" in missing.get_data(as_text=True)
    case_id = new_id()
    assert at.post("/cases/new", draft_id=case_id, disclosed="y", disclosed_on="2026-01-05").status_code == 303
    assert at.client_id in editor_choices(at.author).disclosed
    page = at.browser(at.author).get(f"/cases/{case_id}/edit").get_data(as_text=True)
    assert "Mon 5 Jan 2026" in page
    ahead = at.post("/cases/new", draft_id=new_id(), disclosed="y", disclosed_on="2099-01-05", client_id=at.client_id)
    assert ahead.status_code == 303, "the first record stands"


def test_a_new_case_begins_with_what_the_last_one_chose(at: Stage) -> None:
    at.start(way=at.with_group, jurisdiction="US-WA")
    choices = editor_choices(at.author)
    assert (choices.way, choices.jurisdiction) == (at.with_group, "US-WA")


def test_the_kind_never_changes_silently(at: Stage) -> None:
    case_id = at.start()
    at.post(f"/cases/{case_id}/edit", version=1, way="peers", peer_ids=[at.peer.person_id])
    assert at.case(case_id).kind == "consultation"
    changes = [row.details for row in db.session.query(AuditRow).filter_by(action="CaseKindChanged")]
    assert changes == [{"to": "consultation"}]


def test_dilemmas_are_suggested_and_never_chosen_for_the_author(at: Stage) -> None:
    case_id = at.start(body="She gave me a bracelet as a gift.")
    page = at.browser(at.author).get(f"/cases/{case_id}/edit").get_data(as_text=True)
    gifts = page.partition('value="gifts"')[2].partition("</label>")[0]
    assert '<span class="suggested">' in gifts
    assert "checked" not in gifts
    assert at.case(case_id).dilemmas == []


@pytest.mark.parametrize(("name", "data"), [("n.txt", "Über Łódź".encode()), ("n.docx", word_file("Über Łódź"))])
def test_a_file_puts_its_text_behind_what_is_written(at: Stage, name: str, data: bytes) -> None:
    case_id = at.start(body="Written.")
    path = f"/cases/{case_id}/import"
    assert at.post(path, version=1, body="Written.", file=(io.BytesIO(data), name)).status_code == 303
    assert saved_texts(at.author, case_id)["body"] == "Written.\n\nÜber Łódź"
    version = at.unreleased(case_id).version
    at.post(path, version=version, body="Written.", replace="y", file=(io.BytesIO(data), name))
    assert saved_texts(at.author, case_id)["body"] == "Über Łódź"


def test_a_file_that_cannot_be_read_loses_nothing(at: Stage) -> None:
    case_id = at.start()
    for name, data in (("broken.docx", b"PK\x03\x04"), ("x.exe", b"MZ"), ("", b"")):
        answer = at.post(f"/cases/{case_id}/import", version=1, body="Just typed.", file=(io.BytesIO(data), name))
        assert answer.status_code == 422
        assert "Just typed." in answer.get_data(as_text=True)
    assert saved_texts(at.author, case_id)["body"] == BODY


def test_without_an_engine_the_text_is_kept_and_the_page_says_so(at: Stage) -> None:
    def broken() -> None:
        raise OSError("no model")

    at.make.app.extensions["supervise"].load_engine = broken
    draft_id = new_id()
    answer = at.post("/cases/new", draft_id=draft_id, then="screen")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "engine is not available" in page
    assert "The lawyer has already filed it." in page
    assert at.case(draft_id).state == "draft"
    assert saved_texts(at.author, draft_id)["body"] == BODY


def test_the_editor_is_the_authors_alone(at: Stage) -> None:
    case_id = at.start()
    for actor in (at.supervisor, at.member, at.foreigner, at.auditor):
        assert at.browser(actor).get(f"/cases/{case_id}/edit").status_code == 404
        assert at.browser(actor).post(f"/cases/{case_id}/edit", data=at.form()).status_code == 404


def test_a_locked_page_is_told_so_and_goes_on_after_unlocking(at: Stage) -> None:
    case_id = at.start()
    browser, path = at.browser(at.author), f"/cases/{case_id}/autosave"
    browser.post("/lock")
    typed = at.form(version=1, body="Typed behind the lock.")
    assert browser.post(path, data=typed, headers={**QUIETLY, "X-CSRFToken": "x"}).status_code == 423
    assert saved_texts(at.author, case_id)["body"] == BODY
    at.browsers.clear()
    assert at.browser(at.author).post(path, data=typed, headers=QUIETLY).status_code == 200
    assert saved_texts(at.author, case_id)["body"] == "Typed behind the lock."

"""From the proposal to readers: nothing reaches anyone without confirmation and consent, and never twice."""

import re
import threading

import pytest
import time_machine

from supervise.accounts.models import Membership
from supervise.accounts.queries import membership
from supervise.accounts.service import change_roles
from supervise.audit.models import AuditRow
from supervise.cases import service
from supervise.cases.models import CaseVersion
from supervise.consents.models import Consent
from supervise.core.actor import Role, system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.errors import Conflict, Refused
from supervise.core.uow import unit_of_work
from supervise.deid.models import Original
from supervise.flows import start_case
from supervise.flows.leave_group import leave_group
from supervise.flows.release_case import release_case, release_plan
from supervise.flows.revoke_consent import expire_consent, revoke_consent
from supervise.flows.start_case import save_draft, saved_texts, screen_draft
from supervise.supervision import service as supervision
from tests.rooms.cases.stage import BODY, NAMED, TITLE, Stage


def events(name: str) -> int:
    db.session.expire_all()
    return db.session.query(AuditRow).filter_by(action=name).count()


def test_supervision_reaches_the_supervisor_of_record_and_nobody_else(at: Stage) -> None:
    at.disclose()
    case_id = at.released()
    assert at.case(case_id).state == "open"
    assert at.reads(at.author, case_id)
    assert at.reads(at.supervisor, case_id)
    for actor in (at.member, at.leader, at.peer, at.stranger, at.foreigner, at.auditor):
        assert not at.reads(actor, case_id)
    assert events("CaseReleased") == 1
    due = {row.kind for row in db.session.query(DueWork)}
    assert "originals.destroy" in due


def test_group_reads_beside_the_supervisor_until_the_consent_ends(at: Stage) -> None:
    at.disclose()
    at.consent("group", expires_in=30)
    case_id = at.released(way=at.supervised_group)
    for actor in (at.supervisor, at.member, at.leader):
        assert at.reads(actor, case_id)
    assert not at.reads(at.peer, case_id)
    assert [row.ids["consent_id"] for row in db.session.query(DueWork).filter_by(kind="consent.expire")]


def test_peers_are_the_chosen_ones(at: Stage) -> None:
    at.consent("peers")
    case_id = at.released(way="peers", peer_ids=(at.peer.person_id,))
    assert at.reads(at.peer, case_id)
    assert not at.reads(at.member, case_id)
    assert not at.reads(at.supervisor, case_id)


@pytest.mark.parametrize(("way", "words"), [("supervised", "supervisor of record"), ("with_group", "Tuesday group")])
def test_without_consent_nothing_is_released_and_the_sentence_names_it(at: Stage, way: str, words: str) -> None:
    case_id = at.confirmed(way=getattr(at, way))
    with pytest.raises(Refused, match=f"no live consent for .*{words}"):
        at.release(case_id)
    assert at.case(case_id).state == "confirmed"
    assert not db.session.query(CaseVersion).filter(CaseVersion.released_at.is_not(None)).count()
    page = at.browser(at.author).get(f"/cases/{case_id}/release").get_data(as_text=True)
    assert "missing" in page
    assert f"/clients/{at.client_id}/consents" in page
    answer = at.press_release(case_id)
    assert answer.status_code == 422
    assert "Nothing was released" in answer.get_data(as_text=True)


def test_consent_of_one_scope_is_none_of_another(at: Stage) -> None:
    at.disclose()
    at.consent("peers")
    case_id = at.confirmed(way=at.supervised_group)
    assert [footing.scope for footing in release_plan(at.author, case_id).missing] == ["group"]


def test_consent_that_expires_today_is_none(at: Stage) -> None:
    at.consent("peers", expires_in=1)
    case_id = at.confirmed(way="peers", peer_ids=(at.peer.person_id,))
    with time_machine.travel(now().timestamp() + 86_400), pytest.raises(Refused, match="no live consent"):
        at.release(case_id)


def test_consent_revoked_while_the_release_page_is_open(at: Stage) -> None:
    consent_id = at.consent("peers")
    case_id = at.confirmed(way="peers", peer_ids=(at.peer.person_id,))
    plan = release_plan(at.author, case_id)
    assert plan.ready
    revoke_consent(at.author, consent_id)
    answer = at.press_release(case_id, plan.fingerprint)
    assert answer.status_code == 422
    assert not at.reads(at.peer, case_id)


def test_only_what_was_confirmed_is_released(at: Stage) -> None:
    at.disclose()
    case_id = at.start()
    with pytest.raises(Refused, match="confirmed"):
        at.release(case_id)
    screen_draft(at.author, case_id)
    assert at.case(case_id).state == "proposed"
    with pytest.raises(Refused, match="confirmed"):
        at.release(case_id)


def test_an_edit_after_confirmation_takes_it_back(at: Stage) -> None:
    at.disclose()
    case_id = at.confirmed()
    save_draft(at.author, case_id, at.unreleased(case_id).version, at.draft(body=NAMED))
    assert at.case(case_id).state == "draft"
    with pytest.raises(Refused, match="confirmed"):
        at.release(case_id)
    answer = at.browser(at.author).get(f"/cases/{case_id}/release")
    assert answer.location.endswith(f"/cases/{case_id}/edit")
    at.confirm(case_id)
    at.release(case_id)
    text = db.session.query(CaseVersion).one().body
    assert "Milica" not in text
    assert "555" not in text


def test_a_change_beside_the_text_keeps_the_confirmation(at: Stage) -> None:
    at.disclose()
    case_id = at.confirmed()
    save_draft(at.author, case_id, at.unreleased(case_id).version, at.draft(urgency="urgent"))
    assert at.case(case_id).state == "confirmed"
    assert at.release(case_id) == 1


def test_the_name_of_a_reader_is_found_once_somebody_else_reads_instead(at: Stage) -> None:
    at.consent("peers")
    told = f"{at.peer.name} told me in session that he drinks. He lives alone."
    case_id = at.confirmed(body=told, way="peers", peer_ids=(at.peer.person_id,))
    others = at.draft(body=told, way="peers", peer_ids=(at.stranger.person_id,))
    save_draft(at.author, case_id, at.unreleased(case_id).version, others)
    assert at.case(case_id).state == "draft"
    with pytest.raises(Refused, match="confirmed"):
        at.release(case_id)
    at.confirm(case_id)
    at.release(case_id)
    assert at.peer.name not in db.session.query(CaseVersion).one().body
    assert at.reads(at.stranger, case_id)


def test_an_edit_taken_back_word_for_word_needs_no_second_confirmation_of_the_page(at: Stage) -> None:
    at.disclose()
    case_id = at.confirmed()
    save_draft(at.author, case_id, at.unreleased(case_id).version, at.draft(body=BODY + " More."))
    save_draft(at.author, case_id, at.unreleased(case_id).version, at.draft())
    at.confirm(case_id)
    assert at.release(case_id) == 1


def test_edit_while_the_engine_works_is_a_conflict(at: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = at.start()
    prepare = start_case.deid.prepare

    def slow(*args: object) -> object:
        prepared = prepare(*args)  # type: ignore[arg-type]
        save_draft(at.author, case_id, at.unreleased(case_id).version, at.draft(body=NAMED))
        return prepared

    monkeypatch.setattr(start_case.deid, "prepare", slow)
    with pytest.raises(Conflict):
        screen_draft(at.author, case_id)
    assert at.case(case_id).state == "draft"


def test_two_releases_at_the_same_time_make_one(at: Stage) -> None:
    at.disclose()
    case_id = at.confirmed()
    seen = release_plan(at.author, case_id).fingerprint
    db.session.remove()
    app, start, outcomes = at.make.app, threading.Barrier(2), []

    def release() -> None:
        with app.app_context():
            start.wait()
            try:
                outcomes.append(release_case(at.author, case_id, seen))
            except Exception as error:
                outcomes.append(type(error).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=release) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(1) == 1, outcomes
    assert {*outcomes} - {1} <= {"Refused", "Conflict"}
    assert events("CaseReleased") == 1


def test_release_twice_by_the_button_ends_on_the_case(at: Stage) -> None:
    at.disclose()
    case_id = at.confirmed()
    seen = release_plan(at.author, case_id).fingerprint
    first, second = at.press_release(case_id, seen), at.press_release(case_id, seen)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location == f"/cases/{case_id}"
    assert events("CaseReleased") == 1


def test_who_joins_between_the_page_and_the_press_stops_the_release(at: Stage) -> None:
    at.consent("group")
    case_id = at.confirmed(way=at.with_group)
    page = at.browser(at.author).get(f"/cases/{case_id}/release").get_data(as_text=True)
    seen = re.findall(r'name="seen"[^>]* value="([0-9a-f]{64})"', page)
    assert "Lucjan Wierzbicki" not in page
    with unit_of_work(at.leader) as work:
        supervision.join_group(work, at.group_id, at.peer.person_id)
    with unit_of_work(at.peer) as work:
        supervision.sign_covenant(work, at.group_id)
    answer = at.press_release(case_id, *seen)
    again = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Lucjan Wierzbicki" in again
    assert "changed" in again
    assert at.case(case_id).state == "confirmed"
    assert not at.reads(at.member, case_id)
    fresh = re.findall(r'name="seen"[^>]* value="([0-9a-f]{64})"', again)
    assert fresh != seen
    assert at.press_release(case_id, *fresh).status_code == 303
    assert at.reads(at.peer, case_id)


def test_the_same_person_on_another_ground_is_another_list_of_readers(at: Stage) -> None:
    at.disclose()
    at.consent("group")
    at.consent("peers")
    by_group = release_plan(at.author, at.confirmed(way=at.with_group))
    chosen = (at.member.person_id, at.leader.person_id)
    by_choice = release_plan(at.author, at.confirmed(way="peers", peer_ids=chosen))
    assert {r.person.id for r in by_group.readers} == {r.person.id for r in by_choice.readers}
    assert by_group.fingerprint != by_choice.fingerprint


def test_a_press_without_a_list_that_was_seen_releases_nothing(at: Stage) -> None:
    at.disclose()
    case_id = at.confirmed()
    assert at.press_release(case_id, "").status_code == 409
    assert not at.reads(at.supervisor, case_id)


def test_a_chosen_colleague_who_left_stops_the_release(at: Stage) -> None:
    at.consent("peers")
    case_id = at.confirmed(way="peers", peer_ids=(at.peer.person_id, at.member.person_id))
    with unit_of_work(at.author) as work:
        row = work.session.query(Membership).filter_by(person_id=at.peer.person_id).one()
        row.ended_at = work.now
    with pytest.raises(Refused, match="Lucjan Wierzbicki"):
        at.release(case_id)


def test_an_agreement_that_ended_stops_the_release(at: Stage) -> None:
    at.disclose()
    case_id = at.confirmed()
    with time_machine.travel(now().timestamp()), unit_of_work(at.author) as work:
        for row in supervision.queries.agreements_of(work.session, at.author.person_id, at.author.org_id):
            row.ends_on = at.today.replace(year=at.today.year - 1)
    with pytest.raises(Refused, match="not in force"):
        at.release(case_id)


def test_someone_taken_out_of_the_group_reads_no_more(at: Stage) -> None:
    at.consent("group")
    case_id = at.released(way=at.with_group)
    assert at.reads(at.member, case_id)
    leave_group(at.leader, at.group_id, at.member.person_id)
    assert not at.reads(at.member, case_id)
    at.revise(case_id, BODY + "\n\nA third paragraph.")
    assert not at.reads(at.member, case_id), "a new version opens nothing to those who left"
    assert at.reads(at.leader, case_id)


def test_who_joins_the_group_later_does_not_read_what_was_released_before(at: Stage) -> None:
    at.consent("group")
    case_id = at.released(way=at.with_group)
    with unit_of_work(at.leader) as work:
        supervision.join_group(work, at.group_id, at.peer.person_id)
    with unit_of_work(at.peer) as work:
        supervision.sign_covenant(work, at.group_id)
    at.revise(case_id, BODY + "\n\nMore.")
    assert not at.reads(at.peer, case_id)


def test_a_new_version_beside_the_open_one(at: Stage) -> None:
    at.disclose()
    case_id = at.released()
    browser = at.browser(at.author)
    assert BODY.split("\n", maxsplit=1)[0][:40] in browser.get(f"/cases/{case_id}/edit").get_data(as_text=True)
    save_draft(at.author, case_id, 0, at.draft(body=NAMED, way="peers", peer_ids=(at.stranger.person_id,)))
    case = at.case(case_id)
    assert (case.state, case.current_version, case.kind) == ("open", 1, "supervision"), "the case stays what it was"
    assert "Milica" not in at.browser(at.supervisor).get(f"/cases/{case_id}/versions/1").get_data(as_text=True)
    assert at.browser(at.supervisor).get(f"/cases/{case_id}/versions/2").status_code == 404
    assert at.browser(at.supervisor).get(f"/cases/{case_id}/diff/2").status_code == 404
    at.confirm(case_id)
    assert at.case(case_id).state == "open"
    at.release(case_id)
    answer = at.browser(at.supervisor).get(f"/cases/{case_id}/diff/2")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<ins>" in page
    assert "<del>" in page
    assert "Milica" not in page
    assert at.case(case_id).current_version == 2


def test_a_new_version_begins_with_the_released_text_not_with_the_original(at: Stage) -> None:
    at.disclose()
    case_id = at.released(body=NAMED)
    assert "Milica" not in saved_texts(at.author, case_id)["body"]
    assert "Milica" not in at.browser(at.author).get(f"/cases/{case_id}/edit").get_data(as_text=True)


def test_a_new_version_needs_live_consent_again(at: Stage) -> None:
    consent_id = at.consent("peers")
    case_id = at.released(way="peers", peer_ids=(at.peer.person_id,))
    revoke_consent(at.author, consent_id)
    with pytest.raises(Refused, match="no live consent"):
        at.revise(case_id, BODY + "\n\nMore.")


def test_a_new_version_for_the_supervisor_alone_after_the_group_was_revoked(at: Stage) -> None:
    at.disclose()
    consent_id = at.consent("group")
    case_id = at.released(way=at.supervised_group)
    revoke_consent(at.author, consent_id)
    at.revise(case_id, BODY + "\n\nMore.")
    assert at.reads(at.supervisor, case_id)
    assert not at.reads(at.member, case_id)


def test_expiry_ends_reading_at_once_and_the_job_sets_the_flag(at: Stage) -> None:
    at.disclose()
    consent_id = at.consent("group", expires_in=2)
    case_id = at.released(way=at.supervised_group)
    expire_consent(at.author, consent_id)
    assert at.reads(at.member, case_id), "not before its day"
    with time_machine.travel(now().timestamp() + 2 * 86_400):
        at.browsers.clear()
        assert not at.reads(at.member, case_id)
        assert not at.case(case_id).consent_lapsed
        expire_consent(at.author, consent_id)
        assert at.case(case_id).consent_lapsed
        assert at.reads(at.supervisor, case_id)
        at.consent("group", expires_in=30)
        assert not at.case(case_id).consent_lapsed
        assert at.reads(at.member, case_id)


def test_a_longer_consent_carries_readers_over_the_end_of_a_shorter_one(at: Stage) -> None:
    first = at.consent("group", expires_in=2)
    case_id = at.released(way=at.with_group)
    at.consent("group", expires_in=60)
    with time_machine.travel(now().timestamp() + 3 * 86_400):
        at.browsers.clear()
        expire_consent(at.author, first)
        assert at.reads(at.member, case_id)
        assert not at.case(case_id).consent_lapsed


def test_revoking_hides_at_the_next_request_and_a_new_consent_shows_again(at: Stage) -> None:
    at.disclose()
    consent_id = at.consent("group")
    case_id = at.released(way=at.supervised_group)
    assert at.reads(at.member, case_id)
    revoke_consent(at.author, consent_id)
    assert not at.reads(at.member, case_id)
    assert at.case(case_id).consent_lapsed
    assert at.reads(at.supervisor, case_id)
    assert case_id not in at.browser(at.member).get("/cases").get_data(as_text=True)
    at.consent("group")
    assert at.reads(at.member, case_id)
    leave_group(at.leader, at.group_id, at.member.person_id)
    at.consent("group")
    assert not at.reads(at.member, case_id), "a consent brings nobody back who left"


def test_a_revoked_disclosure_stops_new_cases_only(at: Stage) -> None:
    consent_id = at.disclose()
    case_id = at.released()
    revoke_consent(at.author, consent_id)
    assert at.reads(at.supervisor, case_id)
    with pytest.raises(Refused, match="no live consent"):
        at.released()


def test_the_original_is_planned_to_go_and_a_legal_hold_keeps_it(at: Stage) -> None:
    at.disclose()
    case_id = at.released()
    original = db.session.query(Original).one()
    assert original.destroy_at is not None
    assert (original.destroy_at - now()).days in {6, 7}
    browser = at.browser(at.supervisor)
    assert browser.post(f"/cases/{case_id}/legal-hold", data={"on": "1"}).status_code == 303
    db.session.expire_all()
    assert db.session.query(Original).one().held
    assert at.case(case_id).legal_hold
    at.revise(case_id, BODY + "\n\nMore.")
    assert all(row.held for row in db.session.query(Original)), "later versions are held as well"
    browser.post(f"/cases/{case_id}/legal-hold", data={"on": ""})
    db.session.expire_all()
    assert not any(row.held for row in db.session.query(Original))


def test_recorded_consents_are_rows_nobody_changes(at: Stage) -> None:
    at.consent("peers")
    at.consent("peers", expires_in=9)
    assert db.session.query(Consent).count() == 2


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_who_is_given_a_role_without_cases_reads_none_from_then_on(at: Stage, role: Role) -> None:
    at.disclose()
    case_id = at.released()
    assert at.reads(at.supervisor, case_id)
    with unit_of_work(system(at.author.org_id)) as work:
        seat = membership(work.session, at.supervisor.person_id, at.author.org_id)
        assert seat is not None
        change_roles(work, at.author.org_id, at.supervisor.person_id, [role.value], seat.version)
    assert not at.reads(at.supervisor, case_id)
    assert TITLE not in at.browser(at.supervisor).get("/cases").get_data(as_text=True)


def test_no_later_consent_brings_a_withdrawn_case_back_into_a_list(at: Stage) -> None:
    consent_id = at.consent()
    case_id = at.released(way=at.with_group)
    revoke_consent(at.author, consent_id)
    with unit_of_work(at.author) as work:
        service.withdraw(work, case_id)
    at.consent()
    assert not at.reads(at.member, case_id)
    assert TITLE not in at.browser(at.member).get("/cases").get_data(as_text=True)

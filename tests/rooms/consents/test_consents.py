"""Client references and consents: codes without names, one record each, and what revoking says."""

from datetime import date, timedelta

import pytest

from supervise.consents import queries, service
from supervise.consents.models import Client, Consent
from supervise.consents.rules import check, ends_at, holds_on
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused
from supervise.core.uow import unit_of_work
from supervise.flows.revoke_consent import effect_of_revoking, revoke_consent
from tests.rooms.cases.stage import Stage

TODAY = date(2026, 3, 2)


def test_a_consent_holds_from_its_day_until_the_day_it_expires() -> None:
    assert holds_on(TODAY, TODAY, None)
    assert not holds_on(TODAY - timedelta(days=1), TODAY, None)
    assert holds_on(TODAY, TODAY, TODAY + timedelta(days=1))
    assert not holds_on(TODAY, TODAY - timedelta(days=9), TODAY)
    assert ends_at(TODAY, "America/Los_Angeles").isoformat() == "2026-03-02T00:00:00-08:00"


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (("everyone", None, "signed_form", TODAY, None), "scope"),
        (("group", None, "signed_form", TODAY, None), "group_id"),
        (("peers", "g", "signed_form", TODAY, None), "group_id"),
        (("peers", None, "hearsay", TODAY, None), "obtained_how"),
        (("peers", None, "intake", TODAY, None), "obtained_how"),
        (("peers", None, "signed_form", TODAY + timedelta(days=1), None), "obtained_on"),
        (("peers", None, "signed_form", TODAY, TODAY), "expires_on"),
        (("peers", None, "signed_form", TODAY - timedelta(days=9), TODAY - timedelta(days=1)), "expires_on"),
    ],
)
def test_what_is_no_usable_record(record: tuple[str, str | None, str, date, date | None], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(*record, today=TODAY)
    assert refused.value.field == field


def test_the_database_knows_no_name_of_a_client(at: Stage) -> None:
    columns = {column.name for table in (Client.__table__, Consent.__table__) for column in table.columns}
    assert not columns & {"name", "initials", "birth", "born_on", "email", "phone", "address", "notes", "label"}
    codes = set()
    with unit_of_work(at.author) as work:
        for _ in range(50):
            codes.add(service.start_client(work, "US-CA").code)
    assert len(codes) == 50
    assert all(len(code) == 7 and code[3] == "-" for code in codes)


def test_the_best_live_consent_is_found(at: Stage) -> None:
    short, long = at.consent("peers", expires_in=3), at.consent("peers", expires_in=90)
    session = db.session()
    found = queries.live_consent(session, at.client_id, "peers", None, at.today)
    assert found is not None
    assert found.id == long
    revoke_consent(at.author, long)
    found = queries.live_consent(db.session(), at.client_id, "peers", None, at.today)
    assert found is not None
    assert found.id == short
    assert queries.live_consent(db.session(), at.client_id, "group", at.group_id, at.today) is None
    assert queries.live_consent(db.session(), at.client_id, "peers", None, at.today + timedelta(days=3)) is None


def test_a_consent_is_revoked_once(at: Stage) -> None:
    consent_id = at.consent("peers")
    revoke_consent(at.author, consent_id)
    with pytest.raises(Refused, match="already"):
        revoke_consent(at.author, consent_id)


def test_a_code_is_made_with_two_presses_and_shown_to_copy(at: Stage) -> None:
    browser = at.browser(at.author)
    assert "No name is stored" in browser.get("/clients/new").get_data(as_text=True)
    assert browser.post("/clients/new", data={"jurisdiction": ""}).status_code == 422
    assert browser.post("/clients/new", data={"jurisdiction": "XX"}).status_code == 422
    answer = browser.post("/clients/new", data={"jurisdiction": "US-TX"})
    page = browser.get(answer.location).get_data(as_text=True)
    assert "data-copy" in page
    assert "Texas" in page
    assert len(queries.clients_of(db.session(), at.author.person_id, at.author.org_id)) == 2


def test_disclosure_is_one_tick_and_one_date(at: Stage) -> None:
    browser, path = at.browser(at.author), f"/clients/{at.client_id}"
    assert browser.post(path, data={"obtained_on": ""}).status_code == 422
    ahead = (at.today + timedelta(days=2)).isoformat()
    assert "has not come yet" in browser.post(path, data={"obtained_on": ahead}).get_data(as_text=True)
    for _ in range(2):
        assert browser.post(path, data={"obtained_on": "2026-01-05"}).status_code == 303
    assert db.session.query(Consent).count() == 1
    assert "Disclosed at intake" in browser.get(path).get_data(as_text=True)


def test_a_full_record_keeps_what_was_typed_when_something_is_wrong(at: Stage) -> None:
    browser, path = at.browser(at.author), f"/clients/{at.client_id}/consents"
    form = {"whom": f"group:{at.group_id}", "obtained_how": "signed_form", "obtained_on": "2026-01-05"}
    wrong = browser.post(path, data={**form, "expires_on": "2020-01-01"})
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    assert "choose a day after today" in page
    assert "2026-01-05" in page
    assert browser.post(path, data={**form, "whom": "group:nothing"}).status_code == 422
    assert browser.post(path, data={**form, "whom": ""}).status_code == 422
    assert browser.post(path, data={**form, "obtained_on": "yesterday"}).status_code == 422
    assert browser.post(path, data=form).status_code == 303
    assert db.session.query(Consent).one().group_id == at.group_id


def test_recording_leads_back_to_the_case_that_waited(at: Stage) -> None:
    case_id = at.confirmed(way=at.with_group)
    browser = at.browser(at.author)
    page = browser.get(f"/clients/{at.client_id}/consents?scope=group&group_id={at.group_id}&case={case_id}")
    assert f'value="group:{at.group_id}"' in page.get_data(as_text=True)
    form = {"whom": f"group:{at.group_id}", "obtained_how": "signed_form", "obtained_on": at.today.isoformat()}
    answer = browser.post(f"/clients/{at.client_id}/consents", data={**form, "case": case_id})
    assert answer.location == f"/cases/{case_id}/release"
    elsewhere = browser.post(f"/clients/{at.client_id}/consents", data={**form, "case": "//evil.example/x"})
    assert elsewhere.location == f"/clients/{at.client_id}"


def test_revoking_says_plainly_what_it_does(at: Stage) -> None:
    at.disclose()
    consent_id = at.consent("group")
    case_id = at.released(way=at.supervised_group)
    assert (effect_of_revoking(consent_id).cases, effect_of_revoking(consent_id).people) == (1, 2)
    browser = at.browser(at.author)
    page = browser.get(f"/consents/{consent_id}/revoke").get_data(as_text=True)
    assert "2 people stop reading 1 case at their next request" in page
    assert at.reads(at.member, case_id), "asking does nothing"
    assert browser.post(f"/consents/{consent_id}/revoke").status_code == 303
    assert not at.reads(at.member, case_id)
    assert "revoked" in browser.get(f"/clients/{at.client_id}").get_data(as_text=True)


def test_clients_are_their_owners_alone(at: Stage) -> None:
    consent_id = at.consent("peers")
    paths = (f"/clients/{at.client_id}", f"/clients/{at.client_id}/consents", f"/consents/{consent_id}/revoke")
    for actor in (at.supervisor, at.member, at.foreigner, at.auditor):
        for path in paths:
            assert at.browser(actor).get(path).status_code == 404
            assert at.browser(actor).post(path, data={}).status_code == 404
        assert queries.clients_of(db.session(), actor.person_id, at.author.org_id) == []
    assert at.browser(at.auditor).get("/clients").status_code == 403

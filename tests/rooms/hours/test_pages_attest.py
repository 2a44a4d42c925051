"""The signing page: ticks, drawing and password, what is refused, and that nothing typed is lost."""

import re
from dataclasses import replace
from datetime import timedelta

from werkzeug.test import TestResponse

from supervise.core.actor import Role
from supervise.core.db import db
from supervise.hours.models import Attestation
from tests.rooms.hours.desk import DRAWING, FRIDAY, MONDAY, NOW, Desk


def good_week(at: Desk, weeks_ago: int = 0) -> None:
    """A submitted week in which supervision is what the board asks."""
    at.make.meeting(at.boss, {at.me: at.place}, NOW - timedelta(weeks=weeks_ago, hours=9))
    at.submit(FRIDAY - timedelta(weeks=weeks_ago), individual=60)


def ticks(page: TestResponse) -> dict[str, bool]:
    found = re.findall(r'<input type="checkbox" name="(week_\w+-\d\d-\d\d)" value="(\w+)"( checked)?', page.text)
    return {name: bool(checked) for name, _value, checked in found}


def values(page: TestResponse, *names: str) -> dict[str, str]:
    found = re.findall(r'<input type="checkbox" name="(week_\w+-\d\d-\d\d)" value="(\w+)"', page.text)
    return {name: value for name, value in found if not names or name in names}


def path(at: Desk) -> str:
    return f"/hours/attest/{at.me.person_id}"


def test_weeks_without_exceptions_are_ticked_and_the_others_ask_for_their_own_tick(at: Desk) -> None:
    good_week(at)
    at.submit(MONDAY - timedelta(weeks=1), individual=60)
    page = at.make.client(at.boss).get(path(at))
    assert [*ticks(page).values()] == [False, True]
    assert "Look here" in page.text
    assert "2 signatures, one for each week, 1 with something to look at" in page.text


def test_one_signature_a_week_with_password_and_drawing(at: Desk) -> None:
    good_week(at)
    good_week(at, 1)
    client = at.make.client(at.boss)
    page = client.get(path(at))
    answer = client.post(
        path(at), data=values(page) | {"password": at.make.password(at.boss), "signature_path": DRAWING}
    )
    assert answer.status_code == 303
    assert "Signed: 2 weeks." in client.get(answer.location).text
    signed = db.session.query(Attestation).all()
    assert [a.signature for a in signed] == [DRAWING, DRAWING]
    assert {a.supervisor_id for a in signed} == {at.boss.person_id}


def test_a_wrong_password_signs_nothing_and_keeps_drawing_and_ticks(at: Desk) -> None:
    good_week(at)
    good_week(at, 1)
    client = at.make.client(at.boss)
    at.make.password(at.boss)
    first, second = ticks(client.get(path(at)))
    page = client.post(
        path(at),
        data=values(client.get(path(at)), second) | {"password": "wrong one", "signature_path": DRAWING},
    )
    assert page.status_code == 422
    assert "not your password" in page.text
    assert ticks(page) == {first: False, second: True}
    assert f'name="signature_path" value="{DRAWING}"' in page.text
    assert db.session.query(Attestation).count() == 0
    assert at.state() == "submitted"


def test_a_typed_name_signs_as_well_and_what_is_no_drawing_does_not(at: Desk) -> None:
    good_week(at)
    client, password = at.make.client(at.boss), at.make.password(at.boss)
    shown = values(client.get(path(at)))
    for bad in ("", "M1 1<script>", "M" + "1" * 20_001):
        page = client.post(path(at), data=shown | {"password": password, "signature_path": bad})
        assert page.status_code == 422
        assert "Draw your signature, or type your name." in page.text
        assert "<script>alert" not in page.text
        assert "1<script>" not in page.text
    assert (
        client.post(path(at), data=shown | {"password": password, "signature_typed": "Ines Valcourt"}).status_code
        == 303
    )
    assert db.session.query(Attestation).one().signature == "typed:Ines Valcourt"


def test_nothing_ticked_is_said_and_nothing_signed(at: Desk) -> None:
    good_week(at)
    client, password = at.make.client(at.boss), at.make.password(at.boss)
    page = client.post(path(at), data={"password": password, "signature_typed": "Ines Valcourt"})
    assert page.status_code == 422
    assert "Tick at least one week." in page.text
    assert [*ticks(page).values()] == [False]
    assert 'value="Ines Valcourt"' in page.text


def test_rows_that_changed_since_are_shown_anew_without_their_tick(at: Desk) -> None:
    good_week(at)
    client, password = at.make.client(at.boss), at.make.password(at.boss)
    shown = values(client.get(path(at)))
    at.correct(at.row("individual"), 50)
    page = client.post(path(at), data=shown | {"password": password, "signature_path": DRAWING})
    assert page.status_code == 409
    assert "The rows changed after you opened the page." in page.text
    assert [*ticks(page).values()] == [False]
    assert "corrected: I mistyped it." in page.text
    assert DRAWING in page.text


def test_an_old_page_signs_nothing_twice(at: Desk) -> None:
    good_week(at)
    client, password = at.make.client(at.boss), at.make.password(at.boss)
    data = values(client.get(path(at))) | {"password": password, "signature_path": DRAWING}
    assert client.post(path(at), data=data).status_code == 303
    again = client.post(path(at), data=data)
    assert again.status_code == 409
    assert "does not wait for you any more" in again.text
    assert db.session.query(Attestation).count() == 1


def test_days_go_back_from_the_page_and_the_reason_is_kept_when_it_is_refused(at: Desk) -> None:
    good_week(at)
    at.submit(MONDAY, individual=30)
    client = at.make.client(at.boss)
    none = client.post(f"{path(at)}/send-back", data={"reason": "The group is missing."})
    assert none.status_code == 422
    assert "Tick the days to send back." in none.text
    assert "The group is missing." in none.text
    day = at.record(MONDAY).id
    named = client.post(f"{path(at)}/send-back", data={"day": day, "reason": "Tavian Brandvold was not there."})
    assert named.status_code == 422
    assert re.search(rf'name="day" value="{day}" checked', named.text)
    assert client.post(f"{path(at)}/send-back", data={"day": day, "reason": "The group is missing."}).status_code == 303
    assert (at.state(MONDAY), at.state(FRIDAY)) == ("draft", "submitted")
    assert "Sent back:" in at.make.client(at.me).get(f"/hours/weeks/{MONDAY}").text


def test_only_the_supervisor_of_those_days_opens_the_page(at: Desk) -> None:
    good_week(at)
    stranger = at.make.person(at.org, Role.SUPERVISOR)
    elsewhere = at.make.person(at.make.organisation("Elsewhere"), Role.SUPERVISOR)
    auditor = at.make.person(at.org, Role.AUDITOR)
    for actor, status in ((stranger, 404), (elsewhere, 404), (auditor, 403), (at.me, 403)):
        client = at.make.client(actor)
        assert client.get(path(at)).status_code == status
        assert client.post(path(at), data={}).status_code == status
        assert client.post(f"{path(at)}/send-back", data={}).status_code == status


def test_another_persons_days_are_not_sent_back_through_this_one(at: Desk) -> None:
    good_week(at)
    other = at.make.person(at.org, Role.SUPERVISEE)
    at.make.agreement(other, at.boss, at.make.setting(other))
    client = at.make.client(at.boss)
    answer = client.post(
        f"/hours/attest/{other.person_id}/send-back", data={"day": at.record().id, "reason": "The group is missing."}
    )
    assert answer.status_code in (404, 422)
    assert at.state() == "submitted"


def test_a_supervisor_sees_who_waits_and_reads_along(at: Desk) -> None:
    good_week(at)
    client = at.make.client(at.boss)
    page = client.get("/hours/attest").text
    assert "Jonah Oyelaran" in page
    assert f"/hours/people/{at.me.person_id}/progress" in page
    week = client.get(f"/hours/people/{at.me.person_id}/weeks/{FRIDAY}")
    assert week.status_code == 200
    assert "<form" not in week.text.partition("<main")[2].partition("</main>")[0]
    progress = client.get(f"/hours/people/{at.me.person_id}/progress")
    assert "Jonah Oyelaran; California AMFT to LMFT" in progress.text


def test_an_auditor_reads_nothing_of_other_organisations(at: Desk) -> None:
    good_week(at)
    elsewhere = replace(at.me, org_id=at.make.organisation().id)
    at.make.day(elsewhere, at.make.setting(elsewhere, "Birch Hall", board="tx-lpca"), FRIDAY, individual=77)
    at.make.day(elsewhere, at.place, MONDAY, crisis=13)  # at the same place, for the other organisation
    auditor, mine = at.make.client(at.make.person(at.org, Role.AUDITOR)), at.make.client(at.me)
    whose = f"/hours/people/{at.me.person_id}"
    for page in (f"{whose}/weeks/{FRIDAY}", f"{whose}/weeks/{MONDAY}", f"{whose}/progress"):
        text = auditor.get(page).text
        assert "Birch Hall" not in text, page
        assert "tx-lpca" not in text, page
        assert "0:13" not in text, page
    assert auditor.get(f"{whose}/progress?board=tx-lpca").status_code == 404
    assert "Only hours recorded for" in auditor.get(f"{whose}/progress").text
    own = mine.get("/hours/progress").text
    assert "tx-lpca" in own
    assert "Only hours recorded for" not in own
    assert "Birch Hall" in mine.get(f"/hours/weeks/{FRIDAY}").text


def test_an_auditor_reads_hours_and_writes_none(at: Desk) -> None:
    good_week(at)
    row = at.row("individual")
    client = at.make.client(at.make.person(at.org, Role.AUDITOR))
    assert "Jonah Oyelaran" in client.get("/hours/people").text
    assert client.get(f"/hours/people/{at.me.person_id}/weeks/{FRIDAY}").status_code == 200
    assert client.get(f"/hours/people/{at.me.person_id}/progress").status_code == 200
    assert client.get(f"/hours/entries/{row}/correct").status_code == 403
    assert client.post(f"/hours/entries/{row}/correct", data={"minutes": "1", "reason": "No."}).status_code == 403
    assert at.make.client(at.me).get("/hours/people").status_code == 403
    elsewhere = at.make.client(at.make.person(at.make.organisation("Elsewhere"), Role.AUDITOR))
    assert "Jonah Oyelaran" not in elsewhere.get("/hours/people").text
    assert elsewhere.get(f"/hours/people/{at.me.person_id}/weeks/{FRIDAY}").status_code == 404

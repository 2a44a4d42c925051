"""The red path: who is paged when, what stops it, and what never does."""

import hmac
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from supervise.cases.models import Case
from supervise.consents.service import start_client
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.flows.cover_me import cover_me
from supervise.flows.page_crisis import ask_for_help, close, make_red, name_client
from supervise.jobs.crisis import CRISIS_HANDLERS
from supervise.jobs.worker import run_due
from supervise.notifications.pager import topic
from supervise.notifications.service import choose_mail
from supervise.safety.models import CrisisStep
from supervise.safety.service import ask_drill, call_now, spoke, woke
from tests.factories import Factory
from tests.rooms.notifications.conftest import PostOffice
from tests.rooms.safety.conftest import Phones, Rota, crisis, paged

Later = Callable[[float], None]
MINUTE = 60


def work_off() -> None:
    """Let the worker do all that is due in the red lane."""
    run_due(CRISIS_HANDLERS)


def say(actor: object, verb: Callable[..., None], crisis_id: str) -> None:
    with unit_of_work(actor) as work:  # type: ignore[arg-type]
        verb(work, crisis_id)


def close_it(rota: Rota, crisis_id: str) -> None:
    close(rota.on_call, crisis_id, ["client_spoken"], ["supervisor"], now() + timedelta(days=1))


def test_asking_pages_whoever_is_on_call_by_every_channel_at_once(
    rota: Rota, post: PostOffice, phones: Phones, settings: Settings
) -> None:
    found = ask_for_help(rota.asker, "red")
    assert paged(found) == [rota.on_call.person_id]  # before any worker did anything
    work_off()
    (mail,), (page,) = post.arrived, phones.bodies()
    assert mail["Subject"] == "Red: Annika Solheim needs a supervisor now. Call +1 559 555 0100."
    assert f"/crisis/{found}" in mail.get_content()
    assert page["to"] == rota.on_call.person_id
    assert page["link"] == f"{settings.public_url}/crisis/{found}"
    assert {row.delivered_at is not None for row in db.session.query(CrisisStep).filter_by(kind="paged")} == {True}


def test_nobody_answers_so_it_climbs_and_goes_round(rota: Rota, later: Later) -> None:
    found = ask_for_help(rota.asker, "red")
    work_off()
    later(4.9 * MINUTE)
    work_off()
    assert paged(found) == [rota.on_call.person_id]
    for _ in range(4):
        later(5.1 * MINUTE)
        work_off()
    ladder = [one.person_id for one in (rota.on_call, rota.backup, rota.lead)]
    assert paged(found) == [*ladder, *ladder[:2]]


@pytest.mark.parametrize("first", ["calling", "spoke"])
def test_only_both_words_stop_it(rota: Rota, later: Later, first: str) -> None:
    found = ask_for_help(rota.asker, "red")
    if first == "calling":
        say(rota.on_call, call_now, found)
        later(4 * MINUTE)
        say(rota.asker, spoke, found)
    else:
        say(rota.asker, spoke, found)
        later(6 * MINUTE)
        work_off()
        assert len(paged(found)) == 2  # "we spoke" alone stops nothing
        say(rota.backup, call_now, found)
    before = paged(found)
    for _ in range(3):
        later(61 * MINUTE)
        work_off()
    assert paged(found) == before


def test_calling_without_we_spoke_climbs_again(rota: Rota, later: Later) -> None:
    found = ask_for_help(rota.asker, "red")
    later(3 * MINUTE)
    say(rota.on_call, call_now, found)
    later(4 * MINUTE)  # the first clock has run out, the word still holds
    work_off()
    assert len(paged(found)) == 1
    later(1.1 * MINUTE)
    work_off()
    assert paged(found) == [rota.on_call.person_id, rota.backup.person_id]
    assert crisis(found).calling_at is None
    with pytest.raises(Refused):
        close_it(rota, found)


def test_amber_goes_to_the_supervisor_of_record_and_climbs_after_an_hour(rota: Rota, later: Later) -> None:
    found = ask_for_help(rota.asker, "amber")
    later(59 * MINUTE)
    work_off()
    assert paged(found) == [rota.boss.person_id]
    later(1.1 * MINUTE)
    work_off()
    assert paged(found) == [rota.boss.person_id, rota.backup.person_id]
    make_red(rota.asker, found)
    assert paged(found)[-1] == rota.on_call.person_id
    later(5.1 * MINUTE)
    work_off()
    assert paged(found)[-1] == rota.backup.person_id


def test_without_a_rota_the_supervisor_is_paged_and_never_nobody(people: Rota, make: Factory, later: Later) -> None:
    found = ask_for_help(people.asker, "red")
    assert paged(found) == [people.boss.person_id]
    later(5.1 * MINUTE)
    work_off()
    assert paged(found) == [people.boss.person_id] * 2
    other = ask_for_help(people.boss, "red")  # who has no supervisor
    assert {*paged(other)} == {one.person_id for one in (people.on_call, people.backup, people.lead)}


def test_two_of_one_client_are_one(rota: Rota, make: Factory) -> None:
    with unit_of_work(rota.asker) as work:
        client_id = start_client(work, "US-CA").id
    first = ask_for_help(rota.asker, "amber", client_id)
    assert ask_for_help(rota.asker, "amber", client_id) == first
    assert paged(first) == [rota.boss.person_id]
    assert ask_for_help(rota.asker, "red", client_id) == first
    assert paged(first)[-1] == rota.on_call.person_id
    unnamed = ask_for_help(rota.asker, "red")
    assert unnamed != first
    assert name_client(rota.asker, unnamed, client_id) == first
    assert crisis(unnamed).joined_to == first
    with pytest.raises(Refused):
        say(rota.on_call, call_now, unnamed)


def test_closing_records_what_was_done_and_lets_the_case_go(rota: Rota, make: Factory) -> None:
    with unit_of_work(rota.asker) as work:
        client_id = start_client(work, "US-CA").id
        work.session.add(
            Case(
                org_id=rota.asker.org_id,
                code="K7",
                author_id=rota.asker.person_id,
                client_id=client_id,
                kind="supervision",
                audience="supervisor",
                state="open",
                jurisdiction="US-CA",
                created_at=work.now,
                changed_at=work.now,
            )
        )  # fmt: skip
    found = ask_for_help(rota.asker, "red", client_id)
    assert db.session.query(Case).one().red
    with pytest.raises(Refused):
        close_it(rota, found)
    say(rota.on_call, call_now, found)
    say(rota.asker, spoke, found)
    for done, told, hours in (([], ["client"], 1), (["plan"], [], 1), (["plan"], ["client"], -1)):
        with pytest.raises(Invalid):
            close(rota.on_call, found, done, told, now() + timedelta(hours=hours))
    close_it(rota, found)
    assert crisis(found).done == ["client_spoken"]
    assert not db.session.query(Case).one().red
    assert ask_for_help(rota.asker, "red", client_id) != found


def test_a_channel_that_fails_moves_on_at_once_and_stands_on_the_page(
    rota: Rota, phones: Phones, make: Factory, later: Later
) -> None:
    phones.refuses = True
    found = ask_for_help(rota.asker, "red")
    work_off()
    ladder = [one.person_id for one in (rota.on_call, rota.backup, rota.lead)]
    assert paged(found) == ladder  # within one round nobody waits; the next round waits for its time
    page = make.client(rota.backup).get(f"/crisis/{found}").text
    assert "Pages by pager failed in the last day (3)" in page
    phones.refuses = False
    later(5.1 * MINUTE)
    work_off()
    assert paged(found) == [*ladder, ladder[0]]
    assert len(phones.got) == 1


def test_no_choice_of_mail_silences_it(rota: Rota, post: PostOffice) -> None:
    for who in (rota.on_call, rota.boss):
        with unit_of_work(who) as work:
            choose_mail(work, by_mail=False)
    ask_for_help(rota.asker, "red")
    ask_for_help(rota.boss, "amber")
    work_off()
    assert {mail["To"].addresses[0].display_name for mail in post.arrived} >= {"Oluwaseun Brandt"}
    assert len(post.arrived) == 2


def test_a_page_is_signed_and_carries_its_own_number(app: Flask, rota: Rota, phones: Phones) -> None:
    ask_for_help(rota.asker, "red")
    work_off()
    ((headers, body),) = phones.got
    signed = hmac.digest(b"", f"{headers['X-Supervise-Time']}.".encode() + body, "sha256").hex()
    assert headers["X-Supervise-Signature"] == f"sha256={signed}"
    assert headers["X-Supervise-Id"] == phones.bodies()[0]["id"]


@pytest.mark.parametrize("shape", ["ntfy", "twilio"])
def test_the_shapes_of_others(
    app: Flask, settings: Settings, rota: Rota, phones: Phones, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = app.extensions["supervise"]
    shaped = settings.model_copy(update={"pager_shape": shape, "pager_user": "AC1", "pager_from": "+15595550199"})
    monkeypatch.setattr(there, "settings", shaped)
    ask_for_help(rota.asker, "red")
    work_off()
    ((headers, _body),) = phones.got
    if shape == "ntfy":
        (page,) = phones.bodies()
        assert page["topic"] == topic(there.keyring, rota.on_call.person_id)
        assert page["priority"] == 5
    else:
        (form,) = phones.forms()
        assert form["To"] == ["+1 559 555 0102"]
        assert headers["Authorization"].startswith("Basic ")


def test_a_pager_without_encryption_is_refused() -> None:
    with pytest.raises(ValueError, match="PAGER_URL"):
        Settings(pager_url="http://pages.example/x")


def test_cover_moves_the_rota_and_open_crises_together(rota: Rota, later: Later) -> None:
    found = ask_for_help(rota.asker, "red")
    say(rota.on_call, call_now, found)
    said = cover_me(rota.on_call, rota.boss.person_id)
    assert "1 place on the rota and 1 open crisis moved" in said
    assert crisis(found).calling_at is None
    assert paged(found)[-1] == rota.boss.person_id
    with unit_of_work(rota.boss) as work:
        call_now(work, found)
    say(rota.asker, spoke, found)
    close(rota.boss, found, ["plan"], ["client"], now() + timedelta(days=1))
    again = ask_for_help(rota.asker, "red")
    assert paged(again) == [rota.boss.person_id]


def test_a_drill_counts_when_the_person_says_it_woke_them(rota: Rota, phones: Phones, make: Factory) -> None:
    page = make.client(rota.on_call)
    assert "No drill woke the phone of Oluwaseun Brandt" in page.get("/on-call").text
    with unit_of_work(rota.on_call) as work:
        drill_id = ask_drill(work).id
    with pytest.raises(Refused), unit_of_work(rota.on_call) as work:
        woke(work, drill_id)
    work_off()
    assert phones.bodies()[-1]["level"] == "test"
    with unit_of_work(rota.on_call) as work:
        woke(work, drill_id)
    assert "No drill woke the phone of Oluwaseun Brandt" not in page.get("/on-call").text


def test_the_inbox_shows_it_first_and_the_pages_say_how_it_stands(rota: Rota, make: Factory) -> None:
    asker, answers = make.client(rota.asker), make.client(rota.on_call)
    asked = asker.post("/crisis", data={"level": "red"})
    assert asked.status_code == 303
    inbox = answers.get("/inbox").text
    assert "Annika Solheim needs a supervisor now" in inbox
    assert answers.post(f"{asked.location}/calling").status_code == 303
    assert "Oluwaseun Brandt is calling" in asker.get(asked.location).text
    assert answers.post(f"{asked.location}/spoke").status_code == 403
    assert asker.post(f"{asked.location}/spoke").status_code == 303
    assert asker.post(f"{asked.location}/close", data={"done": "plan"}).status_code == 422
    closed = {"done": "plan", "told": "client", "next_contact": f"{now() + timedelta(days=2):%Y-%m-%dT%H:%M}"}
    assert asker.post(f"{asked.location}/close", data=closed).status_code == 303
    assert "The client knows who was told" in asker.get(asked.location).text

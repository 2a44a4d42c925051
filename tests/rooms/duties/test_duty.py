"""A duty gone through: which law is shown and how, who may be told, clocks that stay, and who reads it."""

import re
from datetime import timedelta

import pytest

from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, Refused
from supervise.core.uow import unit_of_work
from supervise.duties import queries, service
from supervise.duties.rules.guide import Confirmed, Place, clocks, keep, offered, show
from supervise.duties.rules.rows import Book
from supervise.duties.service import Opening, Telling
from supervise.flows.follow_duty import answer, close, decide_duty, duty_page, open_duty, tell
from supervise.notifications.waiting import what_waits
from tests.rooms.reviews.conftest import Room

BINDING = re.compile(r"\b(must|may|need not|within|by the end of)\b", re.IGNORECASE)
WHY = {"decision": "I saw marks that the account does not explain, and asked the line."}


def verify(room: Room, *keys: str) -> None:
    for actor in (room.supervisor, room.peer):
        for key in keys:
            with unit_of_work(actor) as work:
                service.confirm_row(work, key, queries.book().rows[key].digest, "the law on an official site")


def begin(room: Room, duty: str = "child", place: str = "US-CA", actor: Actor | None = None, **more: str) -> str:
    who = actor or room.author
    return open_duty(who, Opening(duty, now() - timedelta(hours=2), who.zone, place, case_id=room.case_id, **more))


def text_of(room: Room, record_id: str) -> str:
    html = room.browser(room.author).get(f"/duties/{record_id}").get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition('id="h-law"')[2].partition('id="h-steps"')[0]))


def told(recipient: str, meets: str = "") -> Telling:
    return Telling(recipient, "phone", now(), meets)


def test_an_unverified_row_shows_citation_line_and_whom_to_ask_and_binds_nobody(thread: Room) -> None:
    for duty in queries.book().duties:
        for place in ("US-CA", "US-TX", "US-CO", "US-OH", "US-NY"):
            said = text_of(thread, begin(thread, duty, place))
            shown = said.partition("Sources differ")[0]
            assert not BINDING.search(shown), (duty, place, BINDING.search(shown))
    said = text_of(thread, begin(thread, "child", "US-TX"))
    assert "Fam. Code 261.101(b)" in said
    assert "1-800-252-5400" in said
    assert "Ask your supervisor, insurer or board." in said
    assert "24 hours" in said.partition("Sources differ")[2]
    assert "48 hours" in said.partition("Sources differ")[2]


def test_two_people_verify_and_one_alone_or_one_twice_does_not(thread: Room) -> None:
    record_id, key = begin(thread), "child US-CA"
    with unit_of_work(thread.supervisor) as work:
        service.confirm_row(work, key, queries.book().rows[key].digest, "the law on an official site")
    assert "verified" not in text_of(thread, record_id).replace("not verified", "").replace("has verified", "")
    with pytest.raises(Conflict), unit_of_work(thread.supervisor) as work:
        service.confirm_row(work, key, queries.book().rows[key].digest, "the law on an official site")
    with unit_of_work(thread.peer) as work:
        service.confirm_row(work, key, queries.book().rows[key].digest, "the law in a legal database")
    said = text_of(thread, record_id)
    assert "Whoever it covers must act" in said
    assert "Within 36 hours" in said
    assert "Ines Valcourt" in said
    assert "Desmond Achebe" in said


def test_what_another_organisation_verified_counts_nothing_here(thread: Room) -> None:
    for _ in range(1):
        with unit_of_work(thread.foreigner) as work:
            service.confirm_row(work, "child US-CA", queries.book().rows["child US-CA"].digest, "the law")
    assert not queries.confirmations(db.session(), thread.author.org_id)


def test_a_row_that_changed_meanwhile_is_not_verified(thread: Room) -> None:
    with pytest.raises(Conflict, match="changed"), unit_of_work(thread.peer) as work:
        service.confirm_row(work, "child US-CA", "0" * 32, "the law on an official site")


def test_a_clock_that_was_shown_stays_when_a_word_is_taken_back(thread: Room) -> None:
    verify(thread, "child US-CA")
    record_id = begin(thread)
    before = [(one.which, one.at) for one, _lapsed, _met in duty_page(thread.author, record_id)["clocks"]]
    assert [which for which, _at in before] == ["first", "written"]
    with unit_of_work(thread.peer) as work:
        service.take_back(work, "child US-CA")
    page = duty_page(thread.author, record_id)["clocks"]
    assert [(one.which, one.at) for one, _lapsed, _met in page] == before
    assert all(lapsed for _one, lapsed, _met in page)
    assert "the clock stays" in thread.browser(thread.author).get(f"/duties/{record_id}").get_data(as_text=True)


def test_of_two_deadlines_of_a_changed_row_the_earlier_is_kept() -> None:
    row = queries.book().rows["child US-CA"]
    two = [Confirmed("A", now(), "x"), Confirmed("B", now(), "x")]
    shown = [show(queries.book(), "child", Place("US-CA", "California", ("here",), ("UTC",)), two)]
    early, late = clocks(now() - timedelta(days=2), shown), clocks(now(), shown)
    assert keep(early, late) == early
    assert keep(late, early) == early
    assert row.key == "child US-CA"


def test_every_jurisdiction_applies_with_its_reasons(thread: Room) -> None:
    thread.make.licence(thread.supervisor, jurisdiction="US-OR")
    record_id = begin(thread, "child", "US-WA", event_place="US-ID")
    reasons = {one.place.code: one.place.why for one in duty_page(thread.author, record_id)["shown"]}
    assert reasons["US-WA"] == ("where the client is",)
    assert reasons["US-ID"] == ("where it happened",)
    assert reasons["US-OR"] == ("licence of the supervisor",)


def test_a_place_that_is_not_known_says_so_and_guesses_nothing(thread: Room) -> None:
    for duty, place in (("child", ""), ("child", "US-PR"), ("provider", "US-MT")):
        said = text_of(thread, begin(thread, duty, place))
        assert "Nothing is guessed" in said, (duty, place)
    assert "Steps that hold everywhere" in thread.browser(thread.author).get(
        f"/duties/{begin(thread, 'child', '')}"
    ).get_data(as_text=True)
    with pytest.raises(Invalid):
        begin(thread, "child", "US-XX")


def test_only_permitted_recipients_are_offered(thread: Room) -> None:
    verify(thread, "harm US-TX", "harm US-CA")
    record_id = begin(thread, "harm", "US-TX")
    words = duty_page(thread.author, record_id)["offered"].words
    assert "victim" not in words
    assert {"police", "medical", "mental_health"} <= words.keys()
    with pytest.raises(Invalid, match="names no others"):
        tell(thread.author, record_id, told("victim"), "")
    thread.make.licence(thread.author, jurisdiction="US-CA")
    both = duty_page(thread.author, record_id)["offered"]
    assert "police" in both.words
    assert "victim" not in both.words
    assert ("the person threatened", ("Texas",)) in both.left_out


def test_nobody_outside_is_named_by_a_row_that_is_not_verified(thread: Room) -> None:
    page = duty_page(thread.author, begin(thread, "harm", "US-CA"))["offered"]
    assert {"victim", "police"}.isdisjoint(page.words)
    assert "advised" in page.words


def test_what_is_typed_names_nobody(thread: Room) -> None:
    record_id = begin(thread)
    with pytest.raises(Invalid, match="Margaret Holloway") as refused:
        tell(thread.author, record_id, told("adviser_lawyer"), "I spoke about Margaret Holloway.")
    assert refused.value.field == "note"
    sent = thread.browser(thread.author).post(
        f"/duties/{record_id}/told",
        data={
            "recipient": "adviser_lawyer",
            "how": "phone",
            "at": "2026-01-05T10:00",
            "note": "About Margaret Holloway",
        },
    )
    assert sent.status_code == 422
    assert "Margaret Holloway</textarea>" in sent.get_data(as_text=True)
    assert not queries.steps_of(db.session(), record_id)


def test_closing_asks_for_a_decision_and_for_the_reports_that_have_a_deadline(thread: Room) -> None:
    verify(thread, "child US-CA")
    record_id = begin(thread)
    with pytest.raises(Refused, match="what you decided"):
        close(thread.author, record_id)
    version = queries.record(db.session(), record_id).version
    decide_duty(thread.author, record_id, version, "act", WHY, None)
    tell(thread.author, record_id, told("agency", "first"), "")
    with pytest.raises(Refused, match="deadline"):
        close(thread.author, record_id)
    assert [row.id for row in what_waits(db.session(), thread.author).duties] == [record_id]
    tell(thread.author, record_id, told("agency", "written"), "")
    close(thread.author, record_id)
    assert not what_waits(db.session(), thread.author).duties
    with pytest.raises(Conflict, match="closed"):
        answer(thread.author, record_id, 0, {"cause": "yes"})
    with unit_of_work(thread.author) as work:
        service.reopen(work, record_id)
    assert queries.record(db.session(), record_id).state == "open"


def test_ohio_asks_for_the_options_that_were_not_taken_and_elsewhere_they_are_offered(thread: Room) -> None:
    verify(thread, "harm US-OH")
    record_id = begin(thread, "harm", "US-OH")
    version = queries.record(db.session(), record_id).version
    with pytest.raises(Invalid, match="Ohio") as refused:
        decide_duty(thread.author, record_id, version, "no_duty", WHY, None)
    assert refused.value.field == "option_0"
    more = {"option_0": "Calling the police", "because_0": "Nobody could be identified, and the plan was withdrawn."}
    decide_duty(thread.author, record_id, version, "no_duty", WHY | more, None)
    elsewhere = begin(thread, "harm", "US-CA")
    decide_duty(thread.author, elsewhere, queries.record(db.session(), elsewhere).version, "no_duty", WHY, None)
    with pytest.raises(Invalid, match="look again"):
        decide_duty(thread.author, elsewhere, queries.record(db.session(), elsewhere).version, "watch", WHY, None)


def test_who_reads_a_record(thread: Room) -> None:
    mine, theirs = begin(thread), begin(thread, actor=thread.peer)
    status = {
        (who.name, record_id): thread.browser(who).get(f"/duties/{record_id}").status_code
        for who in (thread.author, thread.supervisor, thread.peer, thread.stranger, thread.foreigner)
        for record_id in (mine, theirs)
    }
    read = {(thread.author.name, mine), (thread.supervisor.name, mine), (thread.peer.name, theirs)}
    assert {key for key, code in status.items() if code == 200} == read
    assert set(status.values()) == {200, 404}
    assert thread.browser(thread.supervisor).post(f"/duties/{mine}/close").status_code == 404


def test_the_page_says_what_telling_a_supervisor_does_not_do(thread: Room) -> None:
    page = thread.browser(thread.supervisor).get(f"/duties/{begin(thread)}").get_data(as_text=True)
    assert "Telling your supervisor does not discharge a duty that is yours in person." in page


def test_a_row_that_cannot_be_read_is_said_and_nothing_is_shown_from_it() -> None:
    known = queries.book()
    broken = Book(known.duties, {}, known.problems)
    shown = show(broken, "child", Place("US-CA", "California", ("here",)), ())
    assert shown.row is None
    assert "Nothing is guessed" in shown.says
    assert not offered([shown]).words.keys() & {"agency", "police"}


@pytest.mark.parametrize(
    ("typed", "says"),
    [("", "Give day and time."), ("2026-03-08T02:30", "did not exist"), ("2999-01-01T10:00", "in the future")],
)
def test_a_time_that_cannot_be_is_refused_and_what_was_typed_stays(thread: Room, typed: str, says: str) -> None:
    data = {"duty": "child", "client_place": "US-NV", "known_at": typed}
    sent = thread.browser(thread.author).post(f"/cases/{thread.case_id}/duties/new", data=data)
    assert sent.status_code == 422
    page = sent.get_data(as_text=True)
    assert says in page
    assert 'selected value="US-NV"' in page

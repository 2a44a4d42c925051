"""The page of the ten safeguards: each row says what is recorded, and none says that there is no danger."""

from datetime import date

import pytest
from sqlalchemy import update

from supervise.accounts.models import Licence
from supervise.accounts.service.relationships import declare
from supervise.cases.models import Case
from supervise.consents.models import Client
from supervise.consents.service import disclose
from supervise.core.actor import Actor
from supervise.core.uow import unit_of_work
from supervise.flows.safeguards import SAFEGUARDS, Safeguard, safeguards
from supervise.flows.see_identifier import see_identifier
from tests.rooms.reviews.conftest import Room


def row(room: Room, title: str, actor: Actor | None = None) -> Safeguard:
    return next(one for one in safeguards(actor or room.author, room.case_id) if one.title.startswith(title))


def change(room: Room, **values: object) -> None:
    with unit_of_work(room.author) as work:
        work.session.execute(update(Case).where(Case.id == room.case_id).values(**values))


def test_the_ten_stand_in_the_order_of_the_profession(thread: Room) -> None:
    titles = [one.title for one in safeguards(thread.author, thread.case_id)]
    assert len(SAFEGUARDS) == len(titles) == 10
    assert titles[0] == "Confidentiality"
    assert titles[-1] == "Supervision and consultation"
    page = thread.browser(thread.supervisor).get(f"/cases/{thread.case_id}/safeguards").text
    positions = [page.index(f"{n}. {title}") for n, title in enumerate(titles, 1)]
    assert positions == sorted(positions)


def test_nobody_else_sees_them(thread: Room) -> None:
    for outsider in (thread.stranger, thread.foreigner):
        assert thread.browser(outsider).get(f"/cases/{thread.case_id}/safeguards").status_code == 404


def test_no_row_says_that_there_is_no_danger(thread: Room) -> None:
    for title in ("Suicide", "Duty", "Risk"):
        assert row(thread, title).state == "left", title
    assert "says nothing about risk" in row(thread, "Suicide").says
    assert "does not discharge a personal duty" in row(thread, "Duty").says
    change(thread, red=True)
    assert row(thread, "Suicide").state == "due"
    change(thread, dilemmas=["duty_to_report", "risk"])
    assert row(thread, "Duty").state == "open"
    assert row(thread, "Risk").state == "open"


def test_an_identifier_that_was_seen_is_due_at_once(thread: Room) -> None:
    assert row(thread, "Confidentiality").state == "holds"
    see_identifier(thread.supervisor, thread.case_id, "lawyer", "NAME", "")
    assert row(thread, "Confidentiality").state == "due"


def test_consent_that_is_missing_is_due_and_its_place_is_the_authors(thread: Room) -> None:
    assert row(thread, "Informed consent").state == "open"
    with unit_of_work(thread.author) as work:
        other = Client(
            org_id=thread.author.org_id, owner_id=thread.author.person_id, code="NEW-ONE", jurisdiction="US-CA",
            created_at=work.now,
        )  # fmt: skip
        work.session.add(other)
    change(thread, client_id=other.id)
    due = row(thread, "Informed consent")
    assert due.state == "due"
    assert due.to == ("consents.show", {"client_id": other.id})
    assert row(thread, "Informed consent", thread.supervisor).to is None
    with unit_of_work(thread.author) as work:
        disclose(work, other.id, date(2026, 1, 1))
    assert row(thread, "Informed consent").state == "holds"


@pytest.mark.parametrize(("ends", "state"), [(date(2020, 1, 1), "due"), (date(2099, 1, 1), "holds")])
def test_licences_are_looked_at_where_the_client_is(thread: Room, ends: date, state: str) -> None:
    assert row(thread, "Competence").state in ("open", "due")
    with unit_of_work(thread.author) as work:
        for who in (thread.author, thread.supervisor):
            work.session.add(
                Licence(person_id=who.person_id, jurisdiction=thread.case.jurisdiction, profession="MFT", title="LMFT",
                        number="1", issued_on=date(2015, 1, 1), expires_on=ends, created_at=work.now)
            )  # fmt: skip
    found = row(thread, "Competence")
    if state == "due":
        assert found.state == "due"
        assert "has expired" in found.says
    else:
        assert "has expired" not in found.says


def test_a_declared_relationship_with_a_reader_is_named_but_not_its_kind(thread: Room) -> None:
    assert row(thread, "Boundaries").state == "left"
    with unit_of_work(thread.author) as work:
        declare(work, thread.peer.person_id, "friend")
    assert row(thread, "Boundaries").state == "open"
    with unit_of_work(thread.supervisor) as work:
        declare(work, thread.author.person_id, "family")
    due = row(thread, "Boundaries")
    assert due.state == "due"
    assert "family" not in due.says


def test_an_answer_is_recorded(thread: Room) -> None:
    assert row(thread, "Supervision").state == "open"
    thread.post(thread.peer, "I would decline, and say why.")
    answered = row(thread, "Supervision")
    assert answered.state == "holds"
    assert "1 person has answered" in answered.says


def test_a_cited_section_is_named(thread: Room) -> None:
    assert row(thread, "Codes").state == "open"
    thread.post(thread.supervisor, "See gifts.", cites=["ACA 2014, A.10.f"])
    assert "ACA 2014, A.10.f" in row(thread, "Codes").says

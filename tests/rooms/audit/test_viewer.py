"""The viewer: for administrators and auditors, one organisation, in plain words."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from supervise import events
from supervise.accounts.models import Organisation
from supervise.audit.models import AuditRow
from supervise.audit.service import record_read
from supervise.audit.words import WORDS
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.events import CaseRead, Event
from tests.factories import Factory


def test_every_event_has_its_words() -> None:
    catalogue = {name for name, kind in vars(events).items() if isinstance(kind, type) and issubclass(kind, Event)}
    assert catalogue - {"Event"} == set(WORDS)


@pytest.fixture
def auditor(make: Factory) -> Actor:
    return make.person(make.organisation("Tern Street"), Role.AUDITOR, name="Benedikt Aronsson")


def reader(make: Factory, auditor: Actor) -> Actor:
    return make.person(db.session.get_one(Organisation, auditor.org_id), Role.SUPERVISOR, name="Imogen Clarke")


def test_only_administrators_and_auditors_look(make: Factory, auditor: Actor) -> None:
    assert make.client(auditor).get("/audit").status_code == 200
    for role in (Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR):
        assert make.client(make.person(make.organisation(), role)).get("/audit").status_code == 403


def test_rows_are_shown_in_words_with_names(make: Factory, auditor: Actor) -> None:
    record_read(reader(make, auditor), CaseRead(auditor.org_id, "case0001", "supervisor"))
    page = make.client(auditor).get("/audit").text
    assert "Imogen Clarke" in page
    assert "read a case" in page
    assert "case0001" in page


def test_another_organisation_is_not_shown(make: Factory, auditor: Actor) -> None:
    other = make.person(make.organisation(), Role.SUPERVISOR)
    record_read(other, CaseRead(other.org_id, "foreign1", "peer"))
    client = make.client(auditor)
    for query in ("", "?object=foreign1", f"?person={other.person_id}"):
        assert "foreign1</a>" not in client.get(f"/audit{query}").text


def test_filters_and_pages(make: Factory, auditor: Actor) -> None:
    who = reader(make, auditor)
    with time_machine.travel(datetime(2026, 1, 5, 20, tzinfo=UTC), tick=False) as clock:
        for number in range(120):
            record_read(who, CaseRead(auditor.org_id, f"case{number:04}", "group"))
            clock.shift(timedelta(hours=1))
        client = make.client(auditor)
        first = client.get("/audit?action=CaseRead").text
        assert first.count("<td>read a case</td>") == 50
        assert "case0119" in first
        assert "case0069" not in first
        older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        second = client.get(older).text
        assert "case0069" in second
        assert "case0020" in second
        assert client.get("/audit?object=case0007").text.count("<td>read a case</td>") == 1
        day = client.get("/audit?since=2026-01-06&until=2026-01-06").text  # the reader's zone is Los Angeles
        assert day.count("<td>read a case</td>") == 24
        assert "case0012" in day
        assert "case0011" not in day
        assert "Nothing matches" in client.get("/audit?action=ReportIssued").text
        assert client.get(f"/audit?person={auditor.person_id}").text.count("<td>read a case</td>") == 0


@pytest.mark.parametrize("query", ["since=never", "before=-1", "before=x", "person=' OR 1=1", "action=<b>"])
def test_nonsense_in_the_address_breaks_nothing(make: Factory, auditor: Actor, query: str) -> None:
    answer = make.client(auditor).get(f"/audit?{query}")
    assert answer.status_code in (200, 422)
    assert "<b>" not in answer.text.partition("<main")[2].replace("<b>One thing", "")


def test_looking_writes_no_row(make: Factory, auditor: Actor) -> None:
    client = make.client(auditor)
    before = db.session.query(AuditRow).count()
    client.get("/audit")
    db.session.rollback()
    assert db.session.query(AuditRow).count() == before

"""Names of groups and terms of agreements are read by others at once, so what identifies somebody is refused."""

import pytest

from supervise.core.db import db
from supervise.supervision.models import Agreement, Group
from tests.rooms.hours.desk import Desk


@pytest.mark.parametrize("name", ["About Milica Jovanović", "Call (559) 555-0123", "milica@cedar.example"])
def test_a_group_is_not_named_after_a_client(at: Desk, name: str) -> None:
    answer = at.make.client(at.boss).post("/groups/new", data={"name": name, "kind": "consultation"})
    assert answer.status_code == 422
    assert "may identify someone" in answer.text
    assert 'id="name-error"' in answer.text
    assert db.session.query(Group).count() == 0


@pytest.mark.parametrize("name", ["Tuesday group", "Early career consultation", "{org} group", "{boss}: Monday group"])
def test_members_the_organisation_and_days_may_name_a_group(at: Desk, name: str) -> None:
    called = name.format(org=at.org.name, boss=at.boss.name)
    answer = at.make.client(at.boss).post("/groups/new", data={"name": called, "kind": "consultation"})
    assert answer.status_code == 303, answer.text


def test_terms_of_an_agreement_name_no_client(at: Desk) -> None:
    place, client = at.make.setting(at.me, "Lantern Bay"), at.make.client(at.me)
    data = {"other_id": at.boss.person_id, "setting_id": place.id, "starts_on": "2026-11-01"}
    terms = "Weekly on Tuesdays at Lantern Bay. First we look at Milica Jovanović."
    refused = client.post("/agreements/new", data={**data, "terms": terms})
    assert refused.status_code == 422
    assert "“Milica Jovanović”" in refused.text
    assert "First we look at" in refused.text, "what was typed stays"
    fine = f"Weekly on Tuesdays at Lantern Bay. {at.boss.name} is reached at (707) 555-0147 in an emergency."
    assert client.post("/agreements/new", data={**data, "terms": fine}).status_code == 303
    assert db.session.query(Agreement).filter_by(terms=fine).count() == 1

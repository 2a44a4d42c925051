"""What the confirm page answers when something is not as the page that was sent thought."""

import pytest

from supervise.accounts.models import Organisation
from supervise.cases import queries as cases
from supervise.cases import service
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.flows.publish import publish_confirmed
from tests.factories import Factory
from tests.rooms.deid.conftest import FIELDS, SECRETS, Author

TEXTS = FIELDS | {"question": "May I offer a summary?"}


@pytest.fixture
def case_author(make: Factory) -> Author:
    """Someone whose draft is of a real case."""
    actor = make.person(make.organisation(), Role.CLINICIAN)
    peer = make.person(db.session.get_one(Organisation, actor.org_id), Role.CLINICIAN)
    brief = service.Brief(kind="consultation", audience="peers", peer_ids=(peer.person_id,), jurisdiction="US-CA")
    with unit_of_work(actor) as work:
        case_id = service.start(work, brief, TEXTS).id
    draft = cases.draft(db.session(), case_id)
    assert draft is not None
    return Author(actor, service.subject_of(draft))


@pytest.fixture
def address(case_author: Author) -> str:
    screening_id = case_author.screened(TEXTS)
    version_id = case_author.subject.partition(":")[2]
    with unit_of_work(case_author.actor) as work:
        service.screened(work, cases.draft_by_id(work.session, version_id).case_id)
    return f"/screenings/{screening_id}"


def screening_id(address: str) -> str:
    return address.rpartition("/")[2]


def version(case_author: Author, address: str) -> int:
    return case_author.row(screening_id(address)).version


def test_the_page_asks_for_no_confirmation_while_something_is_open(
    make: Factory, case_author: Author, address: str
) -> None:
    page = make.client(case_author.actor).get(address).get_data(as_text=True)
    assert "Confirm this text" not in page
    case_author.accept_rest(screening_id(address))
    assert "Confirm this text" in make.client(case_author.actor).get(address).get_data(as_text=True)


def test_confirming_needs_the_tick_and_the_hash(make: Factory, case_author: Author, address: str) -> None:
    case_author.accept_rest(screening_id(address))
    client, shown = make.client(case_author.actor), case_author.work(screening_id(address)).hash()
    for data in ({"shown": shown}, {"shown": "0" * 64, "read": "y"}, {"read": "y"}):
        response = client.post(f"{address}/confirm", data=data)
        assert response.status_code in (409, 422), data
        assert not deid.confirmed(db.session(), case_author.subject)
    assert client.post(f"{address}/confirm", data={"shown": shown, "read": "y"}).status_code == 303
    assert deid.confirmed(db.session(), case_author.subject)


def test_a_changed_decision_can_be_confirmed_again(case_author: Author, address: str) -> None:
    key = screening_id(address)
    case_author.accept_rest(key)
    publish_confirmed(case_author.actor, key, case_author.work(key).hash())
    case_author.add(key, "volcanoes", "ID")
    assert publish_confirmed(case_author.actor, key, case_author.work(key).hash()).endswith("/release")
    assert "volcanoes" not in case_author.release()["body"]


def test_after_an_edit_the_page_leads_back_to_the_draft(make: Factory, case_author: Author, address: str) -> None:
    case_author.accept_rest(screening_id(address))
    shown = case_author.work(screening_id(address)).hash()
    case_author.save(TEXTS | {"title": "Another"})
    client = make.client(case_author.actor)
    for response in (
        client.get(address),
        client.post(f"{address}/confirm", data={"shown": shown, "read": "y"}),
        client.post(f"{address}/undo", data={"version": "1"}),
    ):
        assert response.status_code == 303
        assert response.location.endswith("/edit")


def test_what_was_typed_survives_a_refusal(make: Factory, case_author: Author, address: str) -> None:
    data = {"mark": "Nowhere in it", "label": "ORG", "version": str(version(case_author, address))}
    response = make.client(case_author.actor).post(f"{address}/add", data=data)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "Nowhere in it" in page
    assert "does not stand in the text" in page


def test_an_old_page_is_told_so(make: Factory, case_author: Author, address: str) -> None:
    seen = str(version(case_author, address))
    case_author.add(screening_id(address), "volcanoes")
    client = make.client(case_author.actor)
    assert client.post(f"{address}/choose", data={"do": "accept", "version": seen}).status_code == 409
    assert client.post(f"{address}/undo", data={"version": seen}).status_code == 409
    assert client.post(f"{address}/choose", data={"do": "accept"}).status_code == 409


def test_htmx_gets_the_part_alone(make: Factory, case_author: Author, address: str) -> None:
    data = {"do": "accept", "version": str(version(case_author, address))}
    page = make.client(case_author.actor).post(f"{address}/choose", data=data, headers={"HX-Request": "true"})
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert text.lstrip().startswith('<div id="work">')


def test_another_organisation_and_a_peer_see_nothing(make: Factory, case_author: Author, address: str) -> None:
    strangers: list[Actor] = [
        make.person(make.organisation("Elsewhere"), Role.ADMIN),
        make.person(db.session.get_one(Organisation, case_author.actor.org_id), Role.SUPERVISOR, Role.ADMIN),
    ]
    for stranger in strangers:
        client = make.client(stranger)
        for response in (
            client.get(address),
            *(client.post(f"{address}/{verb}") for verb in ("choose", "add", "undo")),
        ):
            assert response.status_code == 404
            assert not any(secret.encode() in response.data for secret in SECRETS)
        assert client.post(f"{address}/confirm").status_code == 404


def test_a_post_without_its_token_changes_nothing(make: Factory, case_author: Author, address: str) -> None:
    client = make.client(case_author.actor, csrf=True)
    assert client.post(f"{address}/choose", data={"do": "accept"}).status_code == 400
    assert case_author.work(screening_id(address)).undecided


@pytest.mark.parametrize(
    "field",
    [
        {"choice": "own", "own": "Kimberly Zweig at 415-555-2671"},
        {"as": "[Kimberly Zweig 415 555 2671]"},
        {"as": "[zweig]"},
        {"choice": "own", "own": "zweig"},
        {"choice": "own", "own": "the baker"},
        {"choice": "own", "own": "reno"},
        {"choice": "own", "own": "the boy from sacramento"},
        {"choice": "own", "own": "brandvold"},
        {"choice": "own", "own": "the BRANDVOLDS’ son"},
        {"choice": "own", "own": "lucia"},
        {"choice": "own", "own": "at the lantern"},
        {"choice": "own", "own": "in crescent"},
        {"choice": "own", "own": "see 25 dr 30418"},
    ],
)
def test_own_words_and_stand_ins_are_screened_too(
    make: Factory, case_author: Author, address: str, field: dict[str, str]
) -> None:
    key = next(g.key for g in case_author.work(screening_id(address)).proposal.groups if g.label == "NAME")
    posted = {"version": str(version(case_author, address)), **{f"{name}-{key}": said for name, said in field.items()}}
    answer = make.client(case_author.actor).post(f"{address}/choose", data=posted)
    assert answer.status_code == 422
    assert "from the list" in answer.get_data(as_text=True)
    assert all("weig" not in text for text in case_author.work(screening_id(address)).texts().values())


@pytest.mark.parametrize("own", ["a boy of primary age", "his mother", "the town", "a child", "an agency nearby"])
def test_own_words_that_identify_nobody_are_taken(make: Factory, case_author: Author, address: str, own: str) -> None:
    key = next(g.key for g in case_author.work(screening_id(address)).proposal.groups if g.label == "NAME")
    said = {"version": str(version(case_author, address)), f"choice-{key}": "own", f"own-{key}": own}
    assert make.client(case_author.actor).post(f"{address}/choose", data=said).status_code == 303
    assert own in " ".join(case_author.work(screening_id(address)).texts().values())

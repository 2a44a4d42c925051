"""Lists, readers, stepping out and withdrawing, as the pages do them."""

import pytest

from supervise.access.queries import readable_ids, readers
from supervise.accounts.models import Person
from supervise.accounts.service import end_membership, invite
from supervise.accounts.service.links import accept_as
from supervise.audit.models import AuditRow
from supervise.cases import queries, service
from supervise.cases.queries import Filters
from supervise.core.actor import Actor, system
from supervise.core.db import db
from supervise.core.errors import Refused
from supervise.core.uow import unit_of_work
from supervise.flows.see_identifier import see_identifier
from tests.rooms.cases.stage import TITLE, Stage


def listed(at: Stage, actor: Actor, **filters: str) -> list[str]:
    db.session.expire_all()
    rows, _ = queries.listing(db.session(), actor, Filters(**filters))
    return [row.title for row in rows]


def test_lists_show_what_may_be_read_and_nothing_else(at: Stage) -> None:
    at.disclose()
    at.consent("peers")
    at.released(title="For the supervisor")
    at.released(title="For a peer", way="peers", peer_ids=(at.peer.person_id,))
    at.start(title="A draft of mine")
    assert listed(at, at.author) == ["For a peer", "For the supervisor"]
    assert listed(at, at.supervisor) == ["For the supervisor"]
    assert listed(at, at.peer) == ["For a peer"]
    for actor in (at.stranger, at.foreigner, at.auditor, at.member):
        assert listed(at, actor) == []
    drafts = queries.drafts(db.session(), at.author)
    assert len(drafts) == 1
    assert queries.drafts(db.session(), at.supervisor) == []
    page = at.browser(at.author).get("/cases").get_data(as_text=True)
    assert drafts[0][0].code in page
    assert "A draft of mine" not in page, "the title of a draft is an original"


def test_filters(at: Stage) -> None:
    at.disclose()
    at.consent("peers")
    at.released(title="Gifts, 100% of them", dilemmas=("gifts",))
    at.released(title="A question of records", dilemmas=("records",), way="peers", peer_ids=(at.supervisor.person_id,))
    assert listed(at, at.supervisor, kind="supervision") == ["Gifts, 100% of them"]
    assert listed(at, at.supervisor, dilemma="records") == ["A question of records"]
    assert listed(at, at.supervisor, dilemma="record") == []
    assert listed(at, at.supervisor, words="QUESTION record") == ["A question of records"]
    assert listed(at, at.supervisor, words="100%") == ["Gifts, 100% of them"]
    assert listed(at, at.supervisor, words="%") == ["Gifts, 100% of them"]
    assert listed(at, at.supervisor, words="_") == []
    assert listed(at, at.supervisor, whose="mine") == []
    assert len(listed(at, at.author, whose="mine")) == 2
    assert listed(at, at.author, state="closed") == []
    assert "answers to this" in at.browser(at.author).get("/cases?state=closed").get_data(as_text=True)
    for nonsense in ("?state=x&whose=y&kind=z&dilemma=q", "?after=%00", "?words=%00%01", "?words=" + "x" * 3000):
        assert at.browser(at.author).get("/cases" + nonsense).status_code == 200


def test_paging_by_id_shows_each_case_once(at: Stage) -> None:
    at.disclose()
    for number in range(5):
        at.released(title=f"Case number {('one', 'two', 'three', 'four', 'five')[number]}")
    seen: list[str] = []
    after = ""
    while True:
        rows, after = queries.listing(db.session(), at.supervisor, Filters(), after, limit=2)
        seen += [row.title for row in rows]
        if not after:
            break
    assert seen == [f"Case number {letter}" for letter in ("five", "four", "three", "two", "one")]


def test_empty_list_has_one_way_to_begin(at: Stage) -> None:
    page = at.browser(at.author).get("/cases").get_data(as_text=True)
    assert "Write the first one" in page
    assert "Your role does not write any" in at.browser(at.auditor).get("/cases").get_data(as_text=True)


def test_readers_are_named_with_their_ground(at: Stage) -> None:
    at.disclose()
    at.consent("group", expires_in=30)
    case_id = at.released(way=at.supervised_group)
    page = at.browser(at.supervisor).get(f"/cases/{case_id}/readers").get_data(as_text=True)
    for words in ("Annika Solheim", "Ines Valcourt", "Priya Raghunathan", "supervisor of record", "4 people"):
        assert words in page
    assert "Lucjan" not in page


def test_any_reader_steps_out_for_good_and_the_author_is_told(at: Stage) -> None:
    at.disclose()
    at.consent("group")
    case_id = at.released(way=at.supervised_group)
    browser = at.browser(at.member)
    assert "cannot be undone" in browser.get(f"/cases/{case_id}/step-out").get_data(as_text=True)
    assert browser.post(f"/cases/{case_id}/step-out").status_code == 303
    assert not at.reads(at.member, case_id)
    assert db.session.query(AuditRow).filter_by(action="ReaderSteppedOut").count() == 1
    at.revise(case_id, "A new text without any of the old words, for those who stayed.")
    at.consent("group")
    assert not at.reads(at.member, case_id)
    for responsible in (at.author, at.supervisor):
        assert at.browser(responsible).post(f"/cases/{case_id}/step-out").status_code == 403
        with pytest.raises(Refused), unit_of_work(responsible) as work:
            service.step_out(work, case_id)


def test_withdrawing_leaves_author_and_supervisor(at: Stage) -> None:
    at.disclose()
    at.consent("group")
    case_id = at.released(way=at.supervised_group)
    page = at.browser(at.author).get(f"/cases/{case_id}/withdraw").get_data(as_text=True)
    assert "Priya Raghunathan" in page
    assert "Ines Valcourt" not in page
    assert at.browser(at.supervisor).post(f"/cases/{case_id}/withdraw").status_code == 403
    assert at.browser(at.author).post(f"/cases/{case_id}/withdraw").status_code == 422
    why = {"version": str(at.case(case_id).version), "reason": "The client moved on."}
    assert at.browser(at.author).post(f"/cases/{case_id}/withdraw", data=why).status_code == 303
    assert at.case(case_id).state == "withdrawn"
    assert at.reads(at.supervisor, case_id)
    assert not at.reads(at.member, case_id)
    assert at.browser(at.author).post(f"/cases/{case_id}/edit", data=at.form()).status_code == 403
    assert at.browser(at.author).post(f"/cases/{case_id}/withdraw").status_code == 403


def test_reading_is_recorded_for_everyone_but_the_author(at: Stage) -> None:
    at.disclose()
    case_id = at.released()
    assert at.reads(at.author, case_id)
    assert db.session.query(AuditRow).filter_by(action="CaseRead").count() == 0
    assert at.reads(at.supervisor, case_id)
    assert [row.details for row in db.session.query(AuditRow).filter_by(action="CaseRead")] == [{"basis": "supervisor"}]


@pytest.mark.parametrize(
    "path", ["", "/edit", "/release", "/versions", "/versions/1", "/diff/2", "/readers", "/withdraw", "/step-out"]
)
def test_pages_of_a_case_do_not_exist_for_others(at: Stage, path: str) -> None:
    at.disclose()
    case_id = at.released()
    for actor in (at.stranger, at.foreigner, at.auditor):
        assert at.browser(actor).get(f"/cases/{case_id}{path}").status_code == 404
    assert at.browser(at.author).get(f"/cases/{'0' * 26}{path}").status_code == 404


def test_versions_and_their_numbers(at: Stage) -> None:
    at.disclose()
    case_id = at.released()
    browser = at.browser(at.supervisor)
    assert browser.get(f"/cases/{case_id}/versions").status_code == 200
    for wrong in ("0", "2", "999999999999999999999"):
        assert browser.get(f"/cases/{case_id}/versions/{wrong}").status_code == 404
    assert browser.get(f"/cases/{case_id}/diff/1").status_code == 404


def test_titles_give_no_original_away(at: Stage) -> None:
    at.disclose()
    draft, case_id = at.start(title="Milica and the house"), at.released()
    titles = queries.titles(db.session(), [draft, case_id, "nothing"])
    assert titles == {draft: at.case(draft).code, case_id: "A house in a will"}


def test_a_held_title_is_in_no_list_and_what_was_seen_in_it_is_hidden(at: Stage) -> None:
    at.disclose()
    case_id = at.released(title="Someone saw a name here")
    see_identifier(at.supervisor, case_id, "a name")
    code = at.case(case_id).code
    assert listed(at, at.supervisor) == [code]
    assert listed(at, at.supervisor, words="name") == []
    assert queries.titles(db.session(), [case_id]) == {case_id: code}
    assert "Someone saw" not in at.browser(at.supervisor).get(f"/cases/{case_id}/readers").get_data(as_text=True)
    assert "Someone saw [hidden] here" in at.browser(at.supervisor).get(f"/cases/{case_id}").get_data(as_text=True)
    assert "Someone saw a name here" in at.browser(at.author).get(f"/cases/{case_id}").get_data(as_text=True)


def test_who_left_and_was_invited_again_reads_nothing_by_what_was_shared_before(at: Stage) -> None:
    at.disclose()
    at.consent("group")
    case_id = at.released(way=at.supervised_group)
    own = at.released()
    assert at.reads(at.member, case_id)
    assert at.reads(at.supervisor, case_id)
    org_id = at.author.org_id
    for actor in (at.member, at.supervisor, at.author):
        with unit_of_work(system(org_id)) as work:
            end_membership(work, org_id, actor.person_id)
        assert not db.session.scalars(readable_ids(actor.person_id, org_id)).all()
        with unit_of_work(system(org_id)) as work:
            email = work.session.get_one(Person, actor.person_id).email
            link = invite(work, org_id, str(email), actor.name, [role.value for role in actor.roles])
        with unit_of_work(system(org_id)) as work:
            accept_as(work, link.rpartition("/")[2], actor.person_id)
    at.browsers.clear()
    assert not at.reads(at.member, case_id)
    assert not at.reads(at.supervisor, case_id)
    assert TITLE not in at.browser(at.member).get("/cases").get_data(as_text=True)
    assert at.reads(at.author, own), "what one wrote oneself was never shared with one"
    assert [row.basis for row in readers(db.session(), case_id)] == ["author", "group"]
    fresh = at.released(way=at.supervised_group)
    assert at.reads(at.member, fresh)
    assert at.reads(at.supervisor, fresh)

"""A supervisor of record who left and came back reads nothing by that alone; the author shares a case again."""

import pytest

from supervise.access.queries import reader_ids
from supervise.accounts.models import Organisation, Person
from supervise.accounts.service import end_membership, invite
from supervise.accounts.service.links import accept_as
from supervise.audit.models import AuditRow
from supervise.core.actor import Actor, Role, system
from supervise.core.db import db
from supervise.core.errors import Refused
from supervise.core.uow import unit_of_work
from supervise.flows.decide_case import decide_case, deciding
from supervise.flows.share_again import share_again
from supervise.notifications.models import Notice
from supervise.policy import Basis
from supervise.supervision import service as supervision
from supervise.supervision.queries import agreements_of
from tests.rooms.cases.stage import TITLE, Stage

AGAIN = "Let Ines Valcourt read it again"


@pytest.fixture
def case_id(at: Stage) -> str:
    """A decided case whose supervisor of record left."""
    at.disclose()
    case_id = at.released()
    options: list[dict[str, str | bool]] = [
        {"option": "Decline the house", "for": "It is clear.", "against": "It hurts her.", "chosen": True},
        {"option": "Accept it", "for": "She wants it.", "against": "It binds.", "chosen": False},
    ]
    assert decide_case(at.author, case_id, deciding(options, "I decline, and say so to her.", (), None), 0).published
    leave(at, at.supervisor)
    return case_id


def leave(at: Stage, actor: Actor) -> None:
    with unit_of_work(system(at.author.org_id)) as work:
        end_membership(work, at.author.org_id, actor.person_id)
    at.browsers.pop(actor.person_id, None)


def come_back(at: Stage, actor: Actor) -> None:
    org_id = at.author.org_id
    with unit_of_work(system(org_id)) as work:
        email = work.session.get_one(Person, actor.person_id).email
        link = invite(work, org_id, email, actor.name, [role.value for role in actor.roles])
    with unit_of_work(system(org_id)) as work:
        accept_as(work, link.rpartition("/")[2], actor.person_id)


def page(at: Stage, path: str, actor: Actor | None = None) -> str:
    return at.browser(actor or at.author).get(path).get_data(as_text=True)


def test_the_author_is_told_what_to_do_while_the_supervisor_is_gone(at: Stage, case_id: str) -> None:
    shown = page(at, f"/cases/{case_id}")
    assert "supervises here no more, so nobody can sign this case off" in shown
    assert "Ask an administrator" in shown
    assert AGAIN not in shown
    with pytest.raises(Refused, match="supervises here no more"):
        share_again(at.author, case_id)
    inbox = page(at, "/inbox")
    assert "Nobody can sign it off" in inbox
    assert TITLE in inbox


def test_the_author_shares_it_again_in_one_tap_and_it_can_be_signed_off(at: Stage, case_id: str) -> None:
    come_back(at, at.supervisor)
    assert not at.reads(at.supervisor, case_id), "coming back opens nothing"
    assert at.browser(at.supervisor).post(f"/cases/{case_id}/share-again").status_code == 404
    assert at.browser(at.stranger).post(f"/cases/{case_id}/share-again").status_code == 404
    for path in (f"/cases/{case_id}", f"/cases/{case_id}/readers"):
        assert AGAIN in page(at, path)
    answer = at.browser(at.author).post(f"/cases/{case_id}/share-again", follow_redirects=True)
    assert "reads this case again and is told" in answer.text
    assert AGAIN not in answer.text
    assert at.reads(at.supervisor, case_id)
    assert "Nobody can sign it off" not in page(at, "/inbox")
    assert db.session.query(Notice).filter_by(kind="shared_again", person_id=at.supervisor.person_id).count() == 1
    assert db.session.query(AuditRow).filter_by(action="CaseSharedAgain", object_id=case_id).count() == 1
    word = {"outcome": "signed_off", "reason": "", "version": str(at.case(case_id).version)}
    assert at.browser(at.supervisor).post(f"/cases/{case_id}/ruling", data=word).status_code == 303
    assert at.case(case_id).state == "closed"
    with pytest.raises(Refused, match="reads this case already"):
        share_again(at.author, case_id)


def test_it_is_shared_again_under_an_agreement_in_force_alone(at: Stage, case_id: str) -> None:
    come_back(at, at.supervisor)
    (agreement,) = agreements_of(db.session(), at.author.person_id, at.author.org_id)
    with unit_of_work(at.author) as work:
        row = work.session.merge(agreement)
        row.ends_on = row.starts_on
    assert "No agreement between you is in force" in page(at, f"/cases/{case_id}")
    with pytest.raises(Refused, match="No agreement"):
        share_again(at.author, case_id)
    assert reader_ids(db.session(), case_id, (Basis.SUPERVISOR,)) == set()
    terms = supervision.Terms(
        at.author.person_id, at.supervisor.person_id, agreement.setting_id, at.today, None, "Weekly."
    )
    with unit_of_work(at.author) as work:
        fresh = supervision.propose_agreement(work, terms).id
    for actor in (at.author, at.supervisor):
        with unit_of_work(actor) as work:
            supervision.sign_agreement(work, fresh)
    assert AGAIN in page(at, f"/cases/{case_id}")


def test_an_administrator_sees_whose_cases_nobody_can_sign_off_and_nothing_of_them(at: Stage, case_id: str) -> None:
    elsewhere = at.make.person(at.make.organisation(), Role.ADMIN)
    here = at.make.person(db.session.get_one(Organisation, at.author.org_id), Role.ADMIN)
    assert "Cases that nobody can sign off" not in page(at, "/people", elsewhere)
    assert "supervises here no more" in page(at, "/people", here)
    come_back(at, at.supervisor)
    shown = page(at, "/people", here)
    assert "1 running case of Annika Solheim" in shown
    assert "came back and does not read it" in shown
    assert TITLE not in shown
    share_again(at.author, case_id)
    assert "Cases that nobody can sign off" not in page(at, "/people", here)

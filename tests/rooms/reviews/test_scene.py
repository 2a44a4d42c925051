"""What is known beside a text: a person is called the same in a whole case, and a small community asks for more."""

from datetime import timedelta

from supervise.accounts.models import Setting
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.deid.engine import Choice
from supervise.flows.post_guidance import Posted
from supervise.flows.publish import publish_confirmed
from tests.rooms.reviews.conftest import Room

FIRST = "Her aunt Milica Jovanović wrote to me on September 18, 2024 and on September 29, 2024."
LATER = "Milica wrote again on October 2, 2024. Her aunt Ljubica Nikolić did not."
JOB = "I wonder. She sees a dentist in our town."


def confirm(actor: Actor, posted: Posted, **stand_ins: str) -> str:
    """Decide as proposed, with these stand-ins by form; publish; return what readers see."""
    assert posted.screening_id is not None
    screening, decided = deid.work_on(db.session(), posted.screening_id, actor)
    changes = {
        group.key: Choice("remove", stand_in=stand_in)
        for form, stand_in in stand_ins.items()
        for group in decided.proposal.groups
        if any(form in one for one in group.forms)
    }
    with unit_of_work(actor) as work:
        deid.accept_rest(work, screening.id, screening.version, changes)
    _, decided = deid.work_on(db.session(), screening.id, actor)
    publish_confirmed(actor, screening.id, decided.hash())
    return decided.texts()["body"]


def test_a_person_is_called_the_same_in_every_text_of_a_case(thread: Room) -> None:
    first = confirm(thread.author, thread.post(thread.author, FIRST), Milica="[Client's older aunt]")
    assert first == "Her aunt [Client's older aunt] wrote to me on [day 0] and on [11 days later]."
    later = confirm(thread.author, thread.post(thread.author, LATER))
    assert later == "[Client's older aunt] wrote again on [14 days after day 0]. Her aunt [Client's aunt] did not."


def test_what_one_writer_hides_is_not_told_to_another(thread: Room) -> None:
    confirm(thread.author, thread.post(thread.author, FIRST), Milica="[Client's older aunt]")
    by_peer = confirm(thread.peer, thread.post(thread.peer, "Was Milica Jovanović not seen on September 29, 2024?"))
    assert by_peer == "Was [Person 1] not seen on [date]?"


def test_after_the_original_is_gone_nothing_is_known_of_it(thread: Room) -> None:
    posted = thread.post(thread.author, FIRST)
    confirm(thread.author, posted, Milica="[Client's older aunt]")
    row = deid.queries.original_of(db.session(), f"post:{posted.row_id}")
    assert row is not None
    with unit_of_work(thread.author) as work:
        deid.originals.destroy(work.session, work.session.get_one(type(row), row.id), work.now)
    assert "[Person 1] wrote again on [day 0]" in confirm(
        thread.author, thread.post(thread.author, "Milica Jovanović wrote again on October 2, 2024 and 10/9/2024.")
    )


def test_more_is_asked_where_the_place_of_work_serves_one_community(thread: Room) -> None:
    assert thread.post(thread.author, JOB).published
    setting = thread.make.setting(thread.author)
    with unit_of_work(thread.author) as work:
        work.session.get_one(Setting, setting.id).serves = "town"
    for writer in (thread.author, thread.peer):  # the client lives where the case's author works
        posted = thread.post(writer, JOB)
        assert confirm(writer, posted) == "I wonder. She sees a health professional."
    with unit_of_work(thread.author) as work:
        work.session.get_one(Setting, setting.id).ends_on = (now() - timedelta(days=3)).date()
    assert thread.post(thread.author, JOB).published

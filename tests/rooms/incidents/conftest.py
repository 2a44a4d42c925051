"""Cases in which an identifier slipped through: the room of ``tests/rooms/reviews``, with words that were not found."""

from dataclasses import dataclass

import pytest

from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.flows.see_identifier import see_identifier
from supervise.incidents import queries
from supervise.incidents.models import Incident
from tests.rooms.reviews.conftest import Room
from tests.rooms.reviews.conftest import engine as engine
from tests.rooms.reviews.conftest import room as room
from tests.rooms.reviews.conftest import shared_engine as shared_engine

SLIPPED = "the woman with the parrots"
TEXTS = {
    "title": "A house in a will",
    "question": "May I go on visiting the woman with the parrots?",
    "body": (
        "She has changed her will and the house goes to me. Everyone calls her the woman with the parrots.\n\n"
        "The lawyer has already filed it. I believe that she can decide. I am less sure that she is free of fear."
    ),
}


@dataclass
class Slip:
    """A case whose vignette, and one post beside it, says something that should have been taken out."""

    room: Room
    post_id: str = ""

    def seen_by(self, actor: Actor, words: str = SLIPPED, label: str = "", subject: str = "") -> Incident:
        return self.incident(see_identifier(actor, self.room.case_id, words, label, subject))

    @property
    def held(self) -> bool:
        return bool(self.room.case.held)

    def incident(self, incident_id: str) -> Incident:
        db.session.expire_all()
        return queries.incident(db.session(), incident_id)

    def sees(self, actor: Actor, words: str = SLIPPED) -> bool:
        """Tell whether any page of the case shows the words to somebody."""
        browser, case_id = self.room.browser(actor), self.room.case_id
        pages = [f"/cases/{case_id}", f"/cases/{case_id}/versions/1", "/cases", "/inbox", "/consultation", "/notices"]
        pages += [f"/posts/{self.post_id}/history", f"/cases/{case_id}/readers", f"/cases/{case_id}/versions"]
        found = [browser.get(path).get_data(as_text=True) for path in pages]
        return any(words.casefold() in page.casefold() for page in found)


@pytest.fixture
def slip(room: Room) -> Slip:
    """A supervision case."""
    room.release(texts=TEXTS)
    return _with_post(Slip(room))


@pytest.fixture
def consulted(room: Room) -> Slip:
    """A consultation case."""
    room.release("consultation", TEXTS)
    return _with_post(Slip(room))


def _with_post(slip: Slip) -> Slip:
    posted = slip.room.post(slip.room.peer, "I would ask The Woman With The Parrots who feeds them.", paragraph=1)
    assert posted.published
    slip.post_id = posted.row_id
    return slip

"""How a text reaches other people: screened first, published at once where nothing is found, else after its author
has confirmed exactly what others will read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from supervise.cases import queries as case_queries
from supervise.cases import service as cases
from supervise.cases.models import CaseVersion
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.text import ReleasedText
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import service as deid
from supervise.deid.models import Screening
from supervise.deid.rules.scene import Scene
from supervise.flows import move_case
from supervise.flows.name_readers import names_at_meeting, names_of_readers
from supervise.flows.read_scene import scene_of
from supervise.reviews import queries as review_queries
from supervise.supervision import service as supervision

Publisher = Callable[[UnitOfWork, str, Mapping[str, ReleasedText]], str]


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a text that was handed in: ``published``, or a screening that its author has to confirm."""

    published: bool
    screening_id: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What the confirm page says of a text: where it was written, what it is, who will read it, what comes next."""

    back: str
    what: str
    becomes: str
    last_step: str


def submit_text(actor: Actor, subject: str, fields: Mapping[str, str]) -> Submitted:
    """Screen a text whose original was saved; publish it if nothing is found in it.

    Raises Invalid at a field that cannot be screened and Unavailable without an engine; the original stays saved.
    """
    kind, _, subject_id = subject.partition(":")
    prepared = deid.prepare(fields, _names(kind, subject_id), _scene(actor, kind, subject_id))
    with unit_of_work(actor) as work:
        if prepared.clean:
            _PUBLISHERS[kind](work, subject_id, deid.clean_release(work, prepared, subject))
            return Submitted(published=True)
        return Submitted(published=False, screening_id=deid.store(work, subject, prepared).id)


def publish_confirmed(actor: Actor, screening_id: str, shown: str) -> str:
    """Confirm the result whose hash is ``shown`` and let others read it; a vignette goes on to its release instead.

    Both or neither. Returns the address to go to. Raises Refused or Conflict when it is not what the page showed.
    """
    with unit_of_work(actor) as work:
        screening = deid.confirm(work, screening_id, shown)
        kind, _, subject_id = screening.subject.partition(":")
        if kind == "case_version":
            draft = case_queries.draft_by_id(work.session, subject_id)
            if draft.stage != "confirmed":  # it is already when a decision was changed and confirmed again
                cases.confirmed(work, subject_id)
            return f"/cases/{draft.case_id}/release"
        return _PUBLISHERS[kind](work, subject_id, deid.release(work, screening.subject))


def _names(kind: str, subject_id: str) -> frozenset[str]:
    """Return the names that may stand in a text: of those who read the case, or who were at the meeting."""
    session = db.session()
    if kind == "meeting":
        return names_at_meeting(session, subject_id)
    return names_of_readers(session, review_queries.case_of(session, kind, subject_id))


def _scene(actor: Actor, kind: str, subject_id: str) -> Scene | None:
    """Return what is known beside a text; of the notes of a meeting, which may be about anybody, nothing is."""
    session = db.session()
    return None if kind == "meeting" else scene_of(session, actor, review_queries.case_of(session, kind, subject_id))


def about(screening: Screening) -> About:
    """Return what the confirm page says of the text besides its findings."""
    kind, _, subject_id = screening.subject.partition(":")
    session = db.session()
    if kind == "case_version":
        version = session.get_one(CaseVersion, subject_id)
        case = case_queries.get(session, version.case_id)
        readers = {
            "supervisor": "supervisor of record",
            "group": "supervisor of record and group" if case.supervisor_id else "your group",
            "peers": f"{len(case.peer_ids)} peer{'s' if len(case.peer_ids) != 1 else ''}",
        }
        back = f"/cases/{case.id}" if version.released_at else f"/cases/{case.id}/edit"
        return About(back, f"Draft of case {case.code}", readers[case.audience], "Release")
    if kind == "meeting":
        return About(f"/meetings/{subject_id}/notes", "Notes of a meeting", "those who were there", "Publish")
    if kind == "post":
        post = review_queries.post(session, subject_id)
        return About(f"/posts/{post.id}/edit", "Your post", "everyone who reads the case", "Post")
    if kind == "decision":
        row = review_queries.decision(session, subject_id)
        return About(f"/cases/{row.case_id}/decision", "Your decision", "everyone who reads the case", "Record")
    case_id = review_queries.ruling(session, subject_id).case_id
    return About(f"/cases/{case_id}", "Your reason", "everyone who reads the case", "Publish")


def _post(work: UnitOfWork, post_id: str, text: Mapping[str, ReleasedText]) -> str:
    return f"/cases/{move_case.publish_post(work, post_id, text)}#post-{post_id}"


def _decision(work: UnitOfWork, decision_id: str, text: Mapping[str, ReleasedText]) -> str:
    return f"/cases/{move_case.publish_decision(work, decision_id, text)}#decision"


def _ruling(work: UnitOfWork, ruling_id: str, text: Mapping[str, ReleasedText]) -> str:
    return f"/cases/{move_case.publish_ruling(work, ruling_id, text)}"


def _notes(work: UnitOfWork, meeting_id: str, text: Mapping[str, ReleasedText]) -> str:
    supervision.publish_notes(work, meeting_id, text)
    return f"/meetings/{meeting_id}"


_PUBLISHERS: dict[str, Publisher] = {"post": _post, "decision": _decision, "ruling": _ruling, "meeting": _notes}

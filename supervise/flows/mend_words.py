"""What was seen as an identifier is mended by who wrote it: a stand-in everywhere, or a reason why it is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from supervise.cases import service as cases
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, Refused
from supervise.core.text import ReleasedText
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import service as deid
from supervise.deid.engine.choices import Choice
from supervise.deid.engine.errors import ChoiceRefused
from supervise.deid.rules.page import stand_ins_of
from supervise.deid.rules.wording import offered
from supervise.deid.wording import refuse_identifying_words
from supervise.flows.name_readers import names_of_readers
from supervise.flows.read_scene import scene_of
from supervise.flows.rescreen_case import Rescreened, rescreen
from supervise.flows.see_identifier import passage_of, settle
from supervise.flows.start_case import clean
from supervise.flows.texts_of_case import Shown, texts_of_case
from supervise.incidents import queries
from supervise.incidents import service as incidents
from supervise.incidents.models import Incident
from supervise.incidents.rules import OPEN, moved, pattern_of, replaced, stand_ins_in, unused
from supervise.reviews import service as reviews

MAX_REASON = 500
Lists = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Mending:
    """What its author is offered: the stand-in that is suggested, lists to choose from, and a more general wording."""

    stand_in: str
    lists: Lists
    suggestion: str


def mending(actor: Actor, incident_id: str) -> Mending:
    """Return what can be put in the place of what was seen. Raises Unavailable without the engine."""
    session = db.session()
    row = queries.incident(session, incident_id)
    texts, screened = _screened(session, actor, row)
    stand_in, lists = _offers(texts, screened)
    return Mending(stand_in, lists, screened.group.suggestion or "")


def replace_words(actor: Actor, incident_id: str, stand_in: str, wording: str = "") -> str:
    """Put a stand-in, or general words of the author's own, wherever the words stand; return the id of the case.

    Raises Invalid at ``stand_in`` or ``wording``, Conflict where a text was changed meanwhile.
    """
    session = db.session()
    row = queries.incident(session, incident_id)
    texts, screened = _screened(session, actor, row)
    becomes = _checked(texts, screened, stand_in, clean(wording).strip())
    seen = row.version
    with unit_of_work(actor) as work:
        row = queries.incident(work.session, incident_id)
        if row.version != seen or row.state not in OPEN:
            raise Conflict("This was changed while you were mending it. Look at it as it is now.")
        pattern = _pattern(work, row)
        _replace_everywhere(work, row, becomes)
        incidents.repaired(work, incident_id, pattern)
        reviews.loosen_anchors(work, row.case_id)
        settle(work, row.case_id)
        return row.case_id


def dispute(actor: Actor, incident_id: str, judges: frozenset[str], reason: str) -> str:
    """Say, with a reason, that what was seen identifies nobody; return the id of the case. It stays hidden.

    Whoever agrees reads the reason, so it is screened: Invalid at ``reason`` names what was found in it.
    """
    reason = clean(reason).strip()
    row = queries.incident(db.session(), incident_id)
    if not reason:
        raise Invalid("Say why it identifies nobody.", "reason")
    if len(reason) > MAX_REASON:
        raise Invalid(f"This has {len(reason)} characters; the most is {MAX_REASON}. Nothing was cut.", "reason")
    if not judges:
        raise Refused("Nobody else reads this case who could agree. Put a stand-in in its place.")
    session = db.session()
    prepared = deid.prepare(
        {"reason": reason}, names_of_readers(session, row.case_id), scene_of(session, actor, row.case_id)
    )
    if not prepared.clean:
        listed = ", ".join(f"“{form}”" for group in prepared.work.proposal.groups for form in group.forms)
        raise Invalid(f"Somebody else reads the reason, and it may identify someone: {listed}.", "reason")
    with unit_of_work(actor) as work:
        text = deid.clean_release(work, prepared)["reason"]
        return incidents.dispute(work, incident_id, text).case_id


def judge(actor: Actor, incident_id: str, agree: bool) -> str:
    """Agree that what was seen identifies nobody, so that it may be read again, or keep it hidden; return the case."""
    with unit_of_work(actor) as work:
        row = (incidents.clear if agree else incidents.keep_hidden)(work, incident_id)
        settle(work, row.case_id)
        return row.case_id


def _screened(session: Session, actor: Actor, row: Incident) -> tuple[list[Shown], Rescreened]:
    found = passage_of(session, row)
    if found is None:
        raise Conflict("The text was changed since it was marked.")
    texts, at = found
    names, scene = names_of_readers(session, row.case_id), scene_of(session, actor, row.case_id)
    screened = rescreen(texts, at, row.label, names, scene)
    if screened is None:
        raise Refused("These words cannot be replaced by themselves. Write a new version without them.")
    return texts, screened


def _offers(texts: Sequence[Shown], screened: Rescreened) -> tuple[str, Lists]:
    """Return the suggested stand-in and the lists, those that readers know from this case first."""
    known = tuple(dict.fromkeys(one for shown in texts for one in stand_ins_in(shown.words)))
    suggested = unused(screened.group.stand_in, known)
    lists = stand_ins_of(screened.group, suggested, screened.work)
    return suggested, ((("In this case already", known), *lists) if known else lists)


def _checked(texts: Sequence[Shown], screened: Rescreened, stand_in: str, wording: str) -> str:
    suggested, lists = _offers(texts, screened)
    if not wording:
        if stand_in != suggested and not offered(stand_in, screened.group, lists):
            raise Invalid("Choose a stand-in from the list.", "stand_in")
        return stand_in
    key = screened.group.key
    choice = Choice("generalise", wording=" ".join(wording.split()))
    try:
        refuse_identifying_words(screened.work, {key: choice})
        screened.work.choose({key: choice})
    except Invalid as refused:
        raise Invalid(str(refused), "wording") from refused
    except ChoiceRefused as refused:
        raise Invalid(refused.reason, "wording") from refused
    return str(choice.wording)


def _pattern(work: UnitOfWork, row: Incident) -> dict[str, str]:
    if not queries.keeps_patterns(work.session, row.org_id):
        return {}
    found = passage_of(work.session, row)
    if found is None:
        return {}
    texts, at = found
    words = next(one.words for one in texts if (one.subject, one.field) == (at.subject, at.field))
    return pattern_of(words, at.start, at.end, row.label)


def _replace_everywhere(work: UnitOfWork, row: Incident, becomes: str) -> None:
    """Write every text anew in which the words stand, and move what else is hidden in it along."""
    others = [one for one in queries.open_in(work.session, row.case_id) if one.id != row.id]
    places = queries.places_of(row)
    left = {one.id: queries.places_of(one) for one in others}
    for shown in texts_of_case(work.session, row.case_id):
        here = [place for place in places if (place.subject, place.field) == (shown.subject, shown.field)]
        if not here:
            continue
        text = deid.mend(shown.words, partial(replaced, places=here, becomes=becomes))
        _write(work, shown, text)
        for one in others:
            mine = [place for place in left[one.id] if (place.subject, place.field) == (shown.subject, shown.field)]
            rest = [place for place in left[one.id] if place not in mine]
            left[one.id] = [*rest, *moved(mine, here, shown.words, str(text), becomes)]
    for one in others:
        one.places = [place.as_list() for place in left[one.id]]
        if not left[one.id]:
            incidents.repaired(work, one.id, {})


def _write(work: UnitOfWork, shown: Shown, text: ReleasedText) -> None:
    kind, _, row_id = shown.subject.partition(":")
    if kind == "case_version":
        cases.mend(work, row_id, shown.field, text)
    else:
        reviews.mend(work, shown.subject, shown.field, text)

"""A reader sees an identifier: it is hidden from everyone but its author in the same transaction, and the case is held.

First the marked words themselves, wherever they stand; then, once the engine has looked at the whole case again, the
same person or thing in its other forms. Without the engine the first part holds.
"""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy.orm import Session

from supervise.access.queries import reader_ids
from supervise.cases import queries as cases
from supervise.cases.service import set_held
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Invalid, NotFound, SuperviseError
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid.engine.findings import LABELS
from supervise.deid.rules.seen import prints_of
from supervise.flows.name_readers import names_of_readers
from supervise.flows.rescreen_case import guess, rescreen
from supervise.flows.start_case import clean
from supervise.flows.texts_of_case import QUOTE, Shown, texts_of_case
from supervise.incidents import queries
from supervise.incidents import service as incidents
from supervise.incidents.models import Incident
from supervise.incidents.rules import Place, check_passage, find, locate, places_in
from supervise.policy import IncidentFacts

KEY = "words seen on a case"
_SHORTEST_PIECE = 3


def incident_facts(actor: Actor, incident_id: str) -> IncidentFacts:
    """Load what policy needs to know about an incident; NotFound where there is none in the organisation.

    The words are mended by who wrote them; where they read the case no more, by its author or supervisor of record.
    That they identify nobody is agreed by the supervisor of record; in a consultation, or where the words are the
    supervisor's own, by any second reader.
    """
    session = db.session()
    row = queries.incident(session, incident_id)
    if row.org_id != actor.org_id:
        raise NotFound
    case = cases.get(session, row.case_id)
    readers = reader_ids(session, case.id)
    menders = {row.author_id} if row.author_id in readers else {case.author_id, case.supervisor_id or ""} & readers
    record = {case.supervisor_id or ""} if case.kind == "supervision" else set()
    judges = record & readers if record and not record & menders else readers - menders
    facts = cases.case_facts(actor, case.id)
    return IncidentFacts(row.id, row.marker_id, row.state, frozenset(menders), frozenset(judges), facts)


def see_identifier(actor: Actor, case_id: str, words: str, label: str = "", subject: str = "") -> str:
    """Hide the words that the actor marked, wherever they stand in the case; return the id of the incident.

    ``label`` is a class of findings, or empty; ``subject`` the text in which they were marked, if the page knows it.
    Raises Invalid at ``words`` where they do not stand in the case.
    """
    if label and label not in LABELS:
        raise Invalid("Choose from the list what it is.", "label")
    passage = check_passage(clean(words))
    with unit_of_work(actor) as work:
        texts = texts_of_case(work.session, case_id)
        seen = _literally(case_id, texts, passage, label, subject)
        incident_id = incidents.hide(work, seen).id
        set_held(work, case_id, True)
    with suppress(SuperviseError):  # without the engine the words themselves are hidden all the same
        _widen(actor, incident_id, label)
    return incident_id


def withdraw_mark(actor: Actor, incident_id: str) -> str:
    """Take a mark back; it may be read again unless another mark covers it. Return the id of the case."""
    with unit_of_work(actor) as work:
        row = incidents.withdraw(work, incident_id)
        settle(work, row.case_id)
        return row.case_id


def settle(work: UnitOfWork, case_id: str) -> None:
    """Let the case be held as long as something in it is hidden, and no longer."""
    work.session.flush()
    set_held(work, case_id, bool(queries.open_in(work.session, case_id)))


def passage_of(session: Session, row: Incident) -> tuple[list[Shown], Place] | None:
    """Return the texts of the case and a place of an incident, in the text it was seen in if it still stands there.

    None where the text has changed since.
    """
    texts = texts_of_case(session, row.case_id)
    own = row.subject, row.field
    for place in sorted(queries.places_of(row), key=lambda place: (place.subject, place.field) != own):
        for shown in texts:
            if (shown.subject, shown.field) == (place.subject, place.field):
                same = places_in(shown.subject, shown.field, shown.words, [(place.start, place.end)])
                return (texts, place) if same == [place] else None
    return None


def _literally(case_id: str, texts: Sequence[Shown], passage: str, label: str, subject: str) -> incidents.Seen:
    """Return what is hidden at once: the words as they were marked. The text that the page names is looked at first."""
    ordered = sorted(texts, key=lambda shown: (shown.field == QUOTE, bool(subject) and shown.subject != subject))
    for shown in ordered:
        whole = locate(shown.words, passage)
        if whole is not None:
            break
    else:
        raise Invalid("These words do not stand in the case. Write them as they stand there.", "words")
    places = [place for one in texts for place in _places(one, whole)]
    return incidents.Seen(
        case_id, shown.subject, shown.field, shown.author_id, shown.since, label or guess(whole), tuple(places)
    )


def _places(shown: Shown, form: str) -> list[Place]:
    spans = find(shown.words, form)
    if shown.field == QUOTE and not spans and _cuts(shown.words, form):
        spans = [(0, len(shown.words))]
    return places_in(shown.subject, shown.field, shown.words, spans)


def _cuts(quote: str, form: str) -> bool:
    """Tell whether a quotation begins or ends inside the form; such a piece cannot be found as words."""
    quote, form = quote.casefold(), form.casefold()
    pieces = range(_SHORTEST_PIECE, len(form))
    return any(quote.startswith(form[-size:]) or quote.endswith(form[:size]) for size in pieces)


def _widen(actor: Actor, incident_id: str, label: str) -> None:
    session = db.session()
    row = queries.incident(session, incident_id)
    found = passage_of(session, row)
    if found is None:
        return
    texts, at = found
    names = names_of_readers(session, row.case_id)
    engine = installation().engine()
    screened = rescreen(texts, at, label, names)
    if screened is None:
        return
    forms = dict.fromkeys(screened.group.forms)
    places = [*screened.places]
    for shown in texts:
        if shown.field == QUOTE:
            places += [place for form in forms for place in _places(shown, form)]
    key = installation().keyring.derive(KEY)
    prints = prints_of(key, forms, screened.group.label, engine.vocabulary.has)
    with unit_of_work(actor) as work:
        incidents.widen(work, incident_id, places, prints, screened.group.label)

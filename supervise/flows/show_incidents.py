"""What was seen as an identifier, shown: to its author with the words, to administrators without them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy.orm import Session

from supervise.accounts.queries import people
from supervise.audit.queries import readers_between
from supervise.audit.service import record_read
from supervise.cases import queries as cases
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Refused, Unavailable
from supervise.events import CaseRead
from supervise.flows.mend_words import Mending, mending
from supervise.flows.see_identifier import incident_facts, passage_of
from supervise.incidents import queries
from supervise.incidents.models import Incident
from supervise.policy import Action, Basis, IncidentFacts, decide

WHERE = {
    "case_version": "the vignette",
    "post": "a post",
    "revision": "what a post said before",
    "decision": "the decision",
    "ruling": "the reason of a ruling",
}
_AROUND = 160


@dataclass(frozen=True, slots=True)
class Here:
    """An open incident on a case as its reader meets it: what they may do about it."""

    id: str
    state: str
    mends: bool
    judges: bool
    withdraws: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """The words that were marked, with what stands around them."""

    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Reported:
    """An incident as administrators see it: who, when, which text, how long, and who had read it before."""

    row: Incident
    code: str
    where: str
    marker: str
    author: str
    minutes: int | None
    readers: list[str]


def seen_here(session: Session, actor: Actor, case_id: str) -> list[Here]:
    """Return what is hidden in a case now, with what the actor may do; what asks most of them first."""
    if not cases.get(session, case_id).held:
        return []
    found = []
    for row in queries.open_in(session, case_id):
        facts = incident_facts(actor, row.id)
        may = [decide(actor, one, facts).allowed for one in _VERBS]
        found.append(Here(row.id, row.state, *may))
    return sorted(
        found, key=lambda here: (not (here.judges or (here.mends and here.state == "hidden")), not here.mends)
    )


def code_of(case_id: str) -> str:
    """Return the code of a case, which says nothing of it."""
    return cases.get(db.session(), case_id).code


def incident_page(actor: Actor, incident_id: str, facts: IncidentFacts) -> dict[str, Any]:
    """Return what the page of an incident shows. The words are on it for who mends them, and for who is asked to agree.

    That somebody who is asked reads them is recorded like any reading.
    """
    session = db.session()
    row = queries.incident(session, incident_id)
    may = {name: decide(actor, action, facts).allowed for name, action in zip(_NAMES, _VERBS, strict=True)}
    words = may["mend"] or may["judge"]
    if words and Basis.AUTHOR not in facts.case.bases:
        record_read(actor, CaseRead(row.org_id, row.case_id, min(facts.case.bases).value))
    known = people(session, {row.author_id, row.marker_id, row.ended_by or "", *facts.judge_ids} - {""})
    offer, why_not = _offer(actor, row) if may["mend"] else (None, "")
    return {
        "row": row,
        "case": cases.get(session, row.case_id),
        "may": may,
        "where": WHERE[row.subject.partition(":")[0]],
        "passage": _passage(session, row) if words else None,
        "places": _places(row),
        "offer": offer,
        "why_not": why_not,
        "author": known[row.author_id].name,
        "marker": known[row.marker_id].name,
        "mine": row.author_id == actor.person_id,
        "ended_by": known[row.ended_by].name if row.ended_by in known else "",
        "judges": sorted(known[one].name for one in facts.judge_ids if one in known),
    }


def organisation_page(actor: Actor, before: str = "") -> dict[str, Any]:
    """Return the incidents of the actor's organisation, latest first, and how long repair takes."""
    session = db.session()
    rows, more = queries.of_organisation(session, actor.org_id, before)
    times = [_minutes(seen, ended) for seen, ended in queries.times_to_repair(session, actor.org_id)]
    return {
        "rows": _reported(session, rows),
        "more": more,
        "repaired": len(times),
        "typical": round(median(times)) if times else None,
        "longest": max(times, default=None),
        "keeps_patterns": queries.keeps_patterns(session, actor.org_id),
        "patterns": len(queries.patterns(session, actor.org_id)),
    }


_NAMES = ("mend", "judge", "withdraw")
_VERBS = (Action.MEND_WORDS, Action.AGREE_ON_WORDS, Action.WITHDRAW_MARK)


def _offer(actor: Actor, row: Incident) -> tuple[Mending | None, str]:
    """Return what can be put in the place of the words, or why nothing can now; the page says it either way."""
    try:
        return mending(actor, row.id), ""
    except (Refused, Unavailable) as error:
        return None, str(error)


def _passage(session: Session, row: Incident) -> Passage | None:
    found = passage_of(session, row)
    if found is None:
        return None
    texts, at = found
    words = next(one.words for one in texts if (one.subject, one.field) == (at.subject, at.field))
    before = words[max(0, at.start - _AROUND) : at.start].rpartition("\n\n")[2]
    after = words[at.end : at.end + _AROUND].partition("\n\n")[0]
    return Passage(before, words[at.start : at.end], after)


def _places(row: Incident) -> list[tuple[str, int]]:
    """Return in which kinds of text the words stand, and how often; a quotation in a post is the vignette's."""
    counts = Counter(
        WHERE[p.subject.partition(":")[0]] for p in queries.places_of(row) if not p.field.startswith("anchor")
    )
    return [(where, counts[where]) for where in WHERE.values() if counts[where]]


def _reported(session: Session, rows: Sequence[Incident]) -> list[Reported]:
    found = {}
    for row in rows:
        readers = readers_between(session, row.org_id, row.case_id, row.shown_since, row.seen_at)
        author_of_case = cases.get(session, row.case_id).author_id  # whose own reading is not recorded
        found[row.id] = ({*readers, row.marker_id, author_of_case} - {row.author_id}, row)
    ids = {one for readers, row in found.values() for one in (*readers, row.author_id, row.marker_id)}
    names = {person_id: person.name for person_id, person in people(session, ids).items()}
    return [
        Reported(
            row, cases.get(session, row.case_id).code, WHERE[row.subject.partition(":")[0]], names[row.marker_id],
            names[row.author_id], _minutes(row.seen_at, row.ended_at) if row.ended_at else None,
            sorted(names[one] for one in readers if one in names),
        )
        for readers, row in found.values()
    ]  # fmt: skip


def _minutes(seen: datetime, ended: datetime) -> int:
    return int((ended - seen).total_seconds() // 60)

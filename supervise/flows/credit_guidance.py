"""Crediting: when a case has closed, those who took part confirm its minutes as consultation, never as supervision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from supervise.access.queries import readable_ids
from supervise.accounts.models import Licence
from supervise.accounts.queries import licences_of
from supervise.cases import queries as cases
from supervise.cases.models import Case
from supervise.core.actor import Actor
from supervise.core.clock import local_day
from supervise.core.db import db
from supervise.core.errors import Refused
from supervise.core.uow import unit_of_work
from supervise.learning import queries as learning
from supervise.learning.models import CompetencyEvidence, ConsultationEntry
from supervise.learning.rules import Answer, consultation_counts, period_start, suggest_minutes
from supervise.learning.service import Credit, check_minutes, confirm_minutes
from supervise.policy import Action, CaseFacts, decide
from supervise.reviews import queries as reviews
from supervise.reviews.models import Post

SUPERVISED = "This was a supervision case; the rules on file are about consultation among peers."
NO_LICENCE = "You have no licence on file that was valid on that day, so nobody can say which board's rule applies."


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a participant may confirm for a closed case. ``minutes`` is our guess; ``tagged``: competency → posts.

    ``earlier``: the minutes confirmed before the case was reopened, which are not confirmed again.
    """

    case_id: str
    title: str
    part: str
    minutes: int
    day: date
    tagged: dict[str, list[str]]
    answer: Answer
    earlier: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the ledger with the case's title, empty when the person does not read the case any more."""

    entry: ConsultationEntry
    title: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A competency with its evidence; each with the title of its case, empty when it is not readable any more."""

    title: str
    rows: Sequence[tuple[CompetencyEvidence, str]]


def case_facts(actor: Actor, case_id: str) -> CaseFacts:
    """Load the facts of a case and whether the actor took part and has confirmed minutes for it."""
    session = db.session()
    facts = cases.case_facts(actor, case_id)
    took_part = facts.author_id == actor.person_id or actor.person_id in reviews.participants(session, case_id)
    return replace(facts, took_part=took_part, minutes_confirmed=not _anything_new(session, actor, case_id))


def _anything_new(session: Session, actor: Actor, case_id: str) -> bool:
    """Tell whether the actor may have spent minutes that were not confirmed: never asked, or closed again since.

    Of a case that was reopened only its author, and who wrote in it since, has new minutes.
    """
    last, case = learning.last_entry(session, case_id, actor.person_id), cases.get(session, case_id)
    if last is None:
        return True
    if last.closed_at == case.closed_at:
        return False
    return case.author_id == actor.person_id or bool(_own_posts(session, actor, case_id, last))


def _own_posts(session: Session, actor: Actor, case_id: str, last: ConsultationEntry | None) -> list[Post]:
    own = reviews.posts_by(session, case_id, actor.person_id)
    return [post for post in own if last is None or (post.published_at or post.created_at) > last.confirmed_at]


def suggestion(actor: Actor, case_id: str) -> Suggestion:
    """Return what the actor may confirm for a closed case; after a second closing what is new since the first."""
    session = db.session()
    case, version = cases.get(session, case_id), cases.version(session, case_id)
    last = learning.last_entry(session, case_id, actor.person_id)
    own = _own_posts(session, actor, case_id, last)
    fresh = last is None or (version.released_at or version.created_at) > last.confirmed_at
    read = len(version.body.split()) + len(version.question.split()) if fresh else 0
    written = sum(len(post.body.split()) + len(post.because.split()) for post in own)
    tagged: dict[str, list[str]] = {}
    for post in own:
        if post.competency is not None:
            tagged.setdefault(post.competency, []).append(post.id)
    day = local_day(case.closed_at or case.changed_at, actor.zone)
    minutes = suggest_minutes(read, written)
    answer = _answer(session, actor, case, day, minutes)
    earlier = last.minutes if last else 0
    title = cases.titles(session, [case_id])[case_id]
    return Suggestion(case_id, title, _part(actor, case), minutes, day, tagged, answer, earlier)


def credit_guidance(actor: Actor, case_id: str, minutes: int | None, competencies: Sequence[str]) -> ConsultationEntry:
    """Write the entry of the actor, with what counts as continuing education and why, and evidence of competence."""
    found = suggestion(actor, case_id)
    exact = check_minutes(minutes)
    with unit_of_work(actor) as work:
        case = cases.get(work.session, case_id)
        if case.closed_at is None:
            raise Refused("The case was reopened. Minutes are confirmed when it is closed again.")
        answer = _answer(work.session, actor, case, found.day, exact)
        credit = Credit(
            case_id=case_id,
            part=found.part,
            suggested=found.minutes,
            minutes=exact,
            day=found.day,
            closed_at=case.closed_at,
            zone=actor.zone,
            competencies=tuple(dict.fromkeys(competencies)),
            ce_minutes=answer.minutes if answer.counts else 0,
            ce_because=answer.because,
            ce_citation=answer.citation,
        )
        return confirm_minutes(work, credit, found.tagged)


def waiting(actor: Actor) -> list[Suggestion]:
    """Return what the actor has not confirmed yet, the case closed longest ago first."""
    session = db.session()
    found = cases.closed_of(session, actor, reviews.cases_with_posts_by(session, actor.person_id))
    return [
        suggestion(actor, case.id)
        for case in found
        if decide(actor, Action.CONFIRM_MINUTES, case_facts(actor, case.id)).allowed
    ]


def ledger(actor: Actor) -> list[Listed]:
    """Return the actor's consultation ledger, latest day first."""
    rows = learning.entries(db.session(), actor.person_id)
    titles = _titles(actor, {row.case_id for row in rows})
    return [Listed(row, titles.get(row.case_id, "")) for row in rows]


def shown_competencies(actor: Actor) -> list[Shown]:
    """Return every competency of the frameworks with the actor's evidence for it, the latest first."""
    rows = learning.evidence(db.session(), actor.person_id)
    titles = _titles(actor, {row.case_id for row in rows})
    ids = dict.fromkeys([*learning.competencies(), *(row.competency for row in rows)])
    return [
        Shown(learning.title_of(one), [(row, titles.get(row.case_id, "")) for row in rows if row.competency == one])
        for one in ids
    ]


def _titles(actor: Actor, case_ids: set[str]) -> dict[str, str]:
    session = db.session()
    return cases.titles(session, case_ids & {*session.scalars(readable_ids(actor.person_id, actor.org_id))})


def _part(actor: Actor, case: Case) -> str:
    if case.author_id == actor.person_id:
        return "author"
    return "supervisor" if case.supervisor_id == actor.person_id else "colleague"


def _answer(session: Session, actor: Actor, case: Case, day: date, minutes: int) -> Answer:
    """Ask the rule of the licence that the person worked under; without one nothing counts."""
    if case.kind != "consultation":
        return Answer(counts=False, minutes=0, cap=None, because=SUPERVISED, citation="", verified=False)
    licence = _licence(licences_of(session, actor.person_id), case.jurisdiction, day)
    if licence is None:
        return Answer(counts=False, minutes=0, cap=None, because=NO_LICENCE, citation="", verified=False)
    since = period_start(day, licence.expires_on)
    earlier = learning.counted_minutes(session, actor.person_id, since, day)
    profession = f"{licence.profession} {licence.title}"
    return consultation_counts(learning.ce_rules(), licence.jurisdiction, profession, minutes, earlier=earlier)


def _licence(licences: Sequence[Licence], jurisdiction: str, day: date) -> Licence | None:
    valid = [one for one in licences if one.issued_on <= day and (one.expires_on is None or one.expires_on >= day)]
    return min(valid, key=lambda one: one.jurisdiction != jurisdiction, default=None)

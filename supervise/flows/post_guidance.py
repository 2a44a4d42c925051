"""Writing to a case: a draft that only its writer sees, screened like every text, and the posts that come of it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from supervise.access.queries import reader_ids
from supervise.accounts.queries import people
from supervise.cases import queries as cases
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Forbidden, Invalid, NotFound, Refused
from supervise.core.sanitize import paragraphs, render
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.ethics.queries import codes
from supervise.flows.hold_case import keep_while_held
from supervise.flows.publish import submit_text
from supervise.flows.start_case import clean
from supervise.learning.queries import competencies
from supervise.policy import HELD, Action, CaseFacts, OwnFacts, PostFacts, decide
from supervise.reviews import queries
from supervise.reviews import service as reviews
from supervise.reviews.models import Post
from supervise.reviews.rules import Anchor, make_anchor, take_mentions, text_of


@dataclass(frozen=True, slots=True)
class Typed:
    """A post as typed: ``paragraph`` (from 1) with ``quote``, or nothing for the case as a whole."""

    kind: str = "observation"
    body: str = ""
    because: str = ""
    parent_id: str | None = None
    paragraph: int | None = None
    quote: str = ""
    prefix: str = ""
    cites: tuple[str, ...] = ()
    competency: str | None = None
    mentions: tuple[str, ...] = ()
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A text that was handed in; ``screening_id`` where its author has to decide on something first."""

    case_id: str
    row_id: str
    version: int
    published: bool
    screening_id: str | None


def post_facts(actor: Actor, post_id: str) -> PostFacts:
    """Load what policy needs to know about a post and its case; NotFound where there is none in the organisation."""
    post = queries.post(db.session(), post_id)
    case = cases.case_facts(actor, post.case_id)
    return PostFacts(post.id, post.author_id, post.kind, post.state, case)


def case_of_post(actor: Actor, post_id: str) -> CaseFacts:
    """Load the facts of the case of a post; NotFound for what somebody else has not published."""
    facts = post_facts(actor, post_id)
    if facts.state != "published" and facts.author_id != actor.person_id:
        raise NotFound
    return facts.case


def own_post(actor: Actor, post_id: str) -> OwnFacts:
    """Load whose a post is; NotFound where there is none in the organisation."""
    return OwnFacts(post_facts(actor, post_id).author_id)


def save_draft(actor: Actor, case_id: str, post_id: str, typed: Typed, seen: int) -> Posted:
    """Keep what is typed; nobody but its writer sees it. ``seen`` is the version of the draft on the page, 0: none."""
    writing = _writing(actor, case_id, typed)
    with unit_of_work(actor) as work:
        post = reviews.save_post(work, case_id, post_id, writing, seen)
        keep_while_held(work, [case_id], reviews.subject_of("post", post_id))
    return Posted(case_id, post.id, post.version, published=False, screening_id=None)


def post_guidance(actor: Actor, case_id: str, post_id: str, typed: Typed, seen: int) -> Posted:
    """Hand a post in: it is published at once where nothing is found in it, else its author confirms first.

    Raises Invalid at the field that is missing, Conflict for a second window, Unavailable without the engine; in the
    last case the draft is kept.
    """
    writing = _writing(actor, case_id, typed)
    with unit_of_work(actor) as work:
        reviews.ready_post(work, writing)
        reviews.save_post(work, case_id, post_id, writing, seen)
        keep_while_held(work, [case_id], reviews.subject_of("post", post_id))
    return _hand_in(actor, case_id, post_id, writing.texts)


def edit_post(actor: Actor, post_id: str, body: str, because: str, seen: int) -> Posted:
    """Hand in new words for a published post; the old ones stay visible until the new ones are screened."""
    body, because = clean(body), clean(because)
    with unit_of_work(actor) as work:
        post = reviews.save_edit(work, post_id, body, because, seen)
        case_id = post.case_id
        keep_while_held(work, [case_id], reviews.subject_of("post", post_id))
    texts = {"body": body, **({"because": because} if because.strip() else {})}
    return _hand_in(actor, case_id, post_id, texts)


def answer_must_do(actor: Actor, post_id: str, answer: str) -> str:
    """Acknowledge or complete what the supervisor asks; return the id of the case."""
    with unit_of_work(actor) as work:
        (reviews.complete if answer == "completed" else reviews.acknowledge)(work, post_id)
        return queries.post(work.session, post_id).case_id


def drop_words(actor: Actor, post_id: str) -> str:
    """Throw away a draft, or new words for a published post; return the id of the case."""
    with unit_of_work(actor) as work:
        post = queries.post(work.session, post_id)
        case_id = post.case_id
        (reviews.drop_edit if post.state == "published" else reviews.drop_draft)(work, post_id)
        return case_id


def own_words(actor: Actor, post: Post) -> tuple[str, str]:
    """Return body and reason of a post as its author goes on writing them: the draft, else what was published."""
    if post.author_id != actor.person_id:
        raise NotFound
    if post.state == "published" and not post.edit_pending:
        return post.body, post.because
    kept = deid.read_original(db.session(), reviews.subject_of("post", post.id), actor)
    words = {name: deid.reveal(text, actor, post.author_id) for name, text in kept.items()}
    return words.get("body", post.body), words.get("because", post.because)


def shown_paragraphs(body: str) -> list[tuple[str, str]]:
    """Return each paragraph of a released text as clean HTML and as the text that readers see."""
    rendered = [str(render(part)).strip() for part in paragraphs(body)]
    return [(html, text_of(html)) for html in rendered]


def _writing(actor: Actor, case_id: str, typed: Typed) -> reviews.Writing:
    session = db.session()
    case = cases.get(session, case_id)
    version = cases.version(session, case_id)
    if typed.kind == "must_do":
        verdict = decide(actor, Action.POST_MUST_DO, cases.case_facts(actor, case_id))
        if not verdict.allowed:
            raise Forbidden(verdict.why)
    if case.held:
        raise Refused(HELD)
    if typed.competency is not None and typed.competency not in competencies():
        raise Invalid("Choose a competency from the list.", "competency")
    if any(codes().row(cite) is None for cite in typed.cites):
        raise Invalid("Choose sections from the list.", "cites")
    body, mentions = _mentions(session, actor, case_id, typed)
    return reviews.Writing(
        kind=typed.kind,
        body=body,
        because=clean(typed.because) if typed.kind == "recommendation" else "",
        parent_id=typed.parent_id,
        anchor=_anchor(version.body, typed),
        version_number=version.number,
        cites=typed.cites,
        competency=typed.competency,
        mentions=mentions,
        due_on=typed.due_on,
    )


def _anchor(body: str, typed: Typed) -> Anchor | None:
    if typed.paragraph is None or typed.parent_id is not None:
        return None
    texts = [text for _, text in shown_paragraphs(body)]
    return make_anchor(texts, typed.paragraph, typed.quote, typed.prefix)


def _mentions(session: Session, actor: Actor, case_id: str, typed: Typed) -> tuple[str, tuple[str, ...]]:
    """Return the words, and whom they call the attention of: those ticked, and those named after an @."""
    readers = reader_ids(session, case_id) - {actor.person_id}
    if not readers.issuperset(typed.mentions):
        raise Invalid("Only those who may read the case can be mentioned.", "mentions")
    names = {person_id: person.name for person_id, person in people(session, readers).items()}
    body, named = take_mentions(clean(typed.body), names)
    return body, tuple(sorted({*typed.mentions, *named}))


def _hand_in(actor: Actor, case_id: str, post_id: str, texts: dict[str, str]) -> Posted:
    submitted = submit_text(actor, reviews.subject_of("post", post_id), texts)
    if not submitted.published:
        with unit_of_work(actor) as work:
            reviews.wait_for_confirmation(work, "post", post_id)
    version = queries.post(db.session(), post_id).version
    return Posted(case_id, post_id, version, submitted.published, submitted.screening_id)

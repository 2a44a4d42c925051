"""The author's decision: a draft beside the guidance, screened, and then the state of the case."""

from datetime import date

from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.ethics.queries import codes
from supervise.flows.hold_case import keep_while_held
from supervise.flows.post_guidance import Posted
from supervise.flows.publish import submit_text
from supervise.flows.start_case import clean
from supervise.reviews import queries
from supervise.reviews import service as reviews
from supervise.reviews.rules import MAX_OPTIONS

Options = list[dict[str, str | bool]]


def deciding(options: Options, body: str, cites: tuple[str, ...], follow_up_on: date | None) -> reviews.Deciding:
    """Return a decision as typed: ``options`` are up to four of ``{option, for, against, chosen}``. Raises Invalid."""
    if any(codes().row(cite) is None for cite in cites):
        raise Invalid("Choose sections from the list.", "cites")
    cleaned: Options = [
        {name: clean(value) if isinstance(value, str) else value for name, value in option.items()}
        for option in options[:MAX_OPTIONS]
    ]
    return reviews.Deciding(cleaned, clean(body), cites, follow_up_on)


def save_decision(actor: Actor, case_id: str, typed: reviews.Deciding, seen: int) -> Posted:
    """Keep what is typed; nobody but its author sees it."""
    with unit_of_work(actor) as work:
        row = reviews.save_decision(work, case_id, typed, seen)
        keep_while_held(work, [case_id], reviews.subject_of("decision", row.id))
    return Posted(case_id, row.id, row.version, published=False, screening_id=None)


def decide_case(actor: Actor, case_id: str, typed: reviews.Deciding, seen: int) -> Posted:
    """Hand the decision in: recorded at once where nothing is found in it, else after its author has confirmed."""
    with unit_of_work(actor) as work:
        reviews.ready_decision(work, typed)
        row = reviews.save_decision(work, case_id, typed, seen)
        keep_while_held(work, [case_id], reviews.subject_of("decision", row.id))
        decision_id = row.id
    submitted = submit_text(actor, reviews.subject_of("decision", decision_id), typed.texts)
    if not submitted.published:
        with unit_of_work(actor) as work:
            reviews.wait_for_confirmation(work, "decision", decision_id)
    version = queries.decision(db.session(), decision_id).version
    return Posted(case_id, decision_id, version, submitted.published, submitted.screening_id)


def draft_decision(actor: Actor, case_id: str) -> tuple[reviews.Deciding, int] | None:
    """Return the decision that the actor is writing and its version, as the form shows it; None where there is none."""
    row = queries.unpublished_decision(db.session(), case_id)
    if row is None or row.author_id != actor.person_id:
        return None
    kept = deid.read_original(db.session(), reviews.subject_of("decision", row.id), actor)
    words = {name: deid.reveal(text, actor, row.author_id) for name, text in kept.items()}
    options: Options = [
        {"chosen": bool(option["chosen"]), **{w: words.get(f"{w}_{number}", "") for w in reviews.OPTION_WORDS}}
        for number, option in enumerate(row.options)
    ]
    return reviews.Deciding(options, words.get("body", ""), tuple(row.cites), row.follow_up_on), row.version

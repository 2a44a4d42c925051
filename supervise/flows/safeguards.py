"""The ten safeguards of one case at a glance: what holds, what is open, what is due, each computed from what is stored.

A row says only what the records show. ``left`` means that nothing is recorded and people have to look: no row ever says
that there is no danger, no duty and no conflict. A room adds what it knows by its function in ``SAFEGUARDS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from supervise.access.queries import reader_ids
from supervise.accounts.choices import jurisdictions
from supervise.accounts.queries import licences_of, people, relationships_to
from supervise.cases import queries as cases
from supervise.cases.models import Case
from supervise.consents.queries import disclosed, live_consent
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.flows.follow_duty import duties_on_case
from supervise.flows.share_again import supervisor_away
from supervise.incidents.queries import open_in
from supervise.policy import Action, CaseFacts, decide
from supervise.reviews import queries as reviews
from supervise.supervision.queries import supervisors_of

HOLDS, OPEN, DUE, LEFT = "holds", "open", "due", "left"
CONSENT_SEEN = timedelta(days=30)

To = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One row. ``to`` and ``do``: the place to act and its word, for whoever may act there."""

    title: str
    state: str
    says: str
    to: To | None = None
    do: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What every row looks at: the case, who looks, and the day where they are."""

    session: Session
    actor: Actor
    case: Case
    facts: CaseFacts
    today: date

    @property
    def is_author(self) -> bool:
        return self.case.author_id == self.actor.person_id

    @property
    def place(self) -> str:
        """The name of the client's jurisdiction."""
        known = jurisdictions().get(self.case.jurisdiction)
        return known.name if known else "the client's jurisdiction"

    def case_page(self, anchor: str = "") -> To:
        return "cases.show", {"case_id": self.case.id} | ({"_anchor": anchor} if anchor else {})


def safeguards(actor: Actor, case_id: str) -> list[Safeguard]:
    """Return the ten rows of a case that the actor may read, in the order in which the profession names them."""
    session = db.session()
    case, facts = cases.get(session, case_id), cases.case_facts(actor, case_id)
    looked = Looked(session, actor, case, facts, local_day(now(), actor.zone))
    return [row(looked) for row in SAFEGUARDS]


def _confidentiality(at: Looked) -> Safeguard:
    title = "Confidentiality"
    if open_in(at.session, at.case.id):
        says = "Somebody saw an identifier. It is hidden, and nothing more is said on the case until it is mended."
        return Safeguard(title, DUE, says, at.case_page(), "See what was seen")
    if not at.case.current_version:
        says = "Original: only its author reads it."
        return Safeguard(title, HOLDS, says, ("cases.edit", {"case_id": at.case.id}) if at.is_author else None, "Write")
    version = cases.version(at.session, at.case.id)
    others = len(reader_ids(at.session, at.case.id) - {at.case.author_id})
    readers = f"{others} {'person' if others == 1 else 'people'} besides the author"
    says = f"Version {version.number} was screened and confirmed by its author. {readers} may read it."
    return Safeguard(title, HOLDS, says, ("cases.readers", {"case_id": at.case.id}), "Who may read")


def _consent(at: Looked) -> Safeguard:
    title, case = "Informed consent", at.case
    if case.client_id is None:
        to: To | None = ("cases.edit", {"case_id": case.id}) if at.is_author else None
        return Safeguard(title, OPEN, "No client reference is chosen yet.", to, "Choose one")
    to = ("consents.show", {"client_id": case.client_id}) if at.is_author else None
    missing, ends = [], list[date]()
    if case.supervisor_id and not disclosed(at.session, [case.client_id], at.today):
        missing.append("the supervisor of record")
    if case.audience in ("group", "peers"):
        scope, group = case.audience, case.group_id if case.audience == "group" else None
        held = live_consent(at.session, case.client_id, scope, group, at.today)
        if held is None:
            missing.append("the group" if scope == "group" else "peers")
        elif held.expires_on:
            ends.append(held.expires_on)
    if missing:
        says = f"Nothing that holds today is recorded for {' and '.join(missing)}."
        return Safeguard(title, DUE, says, to, "Record consent")
    if ends and min(ends) <= at.today + CONSENT_SEEN:
        return Safeguard(title, OPEN, f"A consent ends on {_on(min(ends))}; ask again in time.", to, "See consents")
    return Safeguard(title, HOLDS, "Consent is recorded for everyone who reads.", to, "See consents")


def _boundaries(at: Looked) -> Safeguard:
    author, case = at.case.author_id, at.case
    if case.supervisor_id and relationships_to(at.session, author, case.supervisor_id, case.org_id):
        says = "Author and supervisor of record have declared a relationship. Say in the agreement how you handle it."
        return Safeguard("Boundaries", DUE, says, ("supervision.agreements", {}), "Agreements")
    others = reader_ids(at.session, case.id) - {author}
    if any(relationships_to(at.session, author, one, case.org_id) for one in others):
        to: To = ("cases.readers", {"case_id": case.id})
        return Safeguard("Boundaries", OPEN, "Author and a reader have declared a relationship.", to, "Who may read")
    says = (
        "Author and readers have declared nothing between them. Whoever may know the client steps out with one press; "
        "the author is told that a reader left and not why."
    )
    may = decide(at.actor, Action.STEP_OUT, at.facts).allowed
    to = ("cases.step_out", {"case_id": at.case.id}) if may else ("cases.readers", {"case_id": at.case.id})
    return Safeguard("Boundaries", LEFT, says, to, "Step out" if may else "Who may read")


def _competence(at: Looked) -> Safeguard:
    title, case = "Competence and qualifications", at.case
    ids = [one for one in (case.author_id, case.supervisor_id) if one]
    names = people(at.session, ids)
    lapsed, without = [], []
    for one in ids:
        name = names[one].name if one in names else "A former member"
        here = [row for row in licences_of(at.session, one) if row.jurisdiction == case.jurisdiction]
        if not here:
            without.append(name)
        elif all(row.expires_on is not None and row.expires_on < at.today for row in here):
            lapsed.append(name)
    own: To | None = ("accounts.account", {}) if at.actor.person_id in ids else None
    if lapsed:
        says = f"The licence of {' and of '.join(lapsed)} in {at.place} has expired, as recorded."
        return Safeguard(title, DUE, says, own, "Your licences")
    if case.supervisor_id and case.state in ("open", "decided"):
        agreed = {row.supervisor_id for row in supervisors_of(at.session, case.author_id, case.org_id, at.today)}
        if case.supervisor_id not in agreed:
            says = "No supervision agreement between author and supervisor of record is in force."
            return Safeguard(title, DUE, says, ("supervision.agreements", {}), "Agreements")
    if without:
        says = f"No licence in {at.place} is recorded for {' and '.join(without)}."
        return Safeguard(title, OPEN, says, own, "Your licences")
    who = "author and supervisor of record" if case.supervisor_id else "the author"
    return Safeguard(title, HOLDS, f"Current licences in {at.place} are recorded for {who}.", own, "Your licences")


def _duty(at: Looked) -> Safeguard:
    title, personal = "Duty to report and to protect", "Telling a supervisor does not discharge a personal duty."
    to: To = ("duties.new_on_case", {"case_id": at.case.id})
    own = [row for row in duties_on_case(at.actor, at.case.id) if row.owner_id == at.case.author_id]
    if own:  # told to the author and to the supervisor of record alone
        here: To = ("duties.show", {"record_id": own[-1].id})
        if any(row.state == "open" for row in own):
            says = f"The author goes through a duty; its clock runs until it is closed. {personal}"
            return Safeguard(title, DUE, says, here, "The record")
        return Safeguard(title, HOLDS, f"A duty was gone through and closed. {personal}", here, "The record")
    if "duty_to_report" in at.case.dilemmas:
        settled = at.case.decided_at is not None
        says = "The author asks about a duty. " + ("A decision is recorded. " if settled else "") + personal
        return Safeguard(title, HOLDS if settled else OPEN, says, to, "Go through a duty")
    says = f"Nobody has raised a duty here, which does not say that there is none. {personal}"
    return Safeguard(title, LEFT, says, to, "Go through a duty")


def _crisis(at: Looked) -> Safeguard:
    title, to = "Suicide and crisis", ("safety.crisis", dict[str, Any]())
    if at.case.red:
        return Safeguard(title, DUE, "A crisis is open on this case.", to, "Crisis page")
    says = "No crisis is open on this case. That says nothing about risk today."
    return Safeguard(title, LEFT, says, to, "Crisis page")


def _risk(at: Looked) -> Safeguard:
    title = "Risk assessment"
    if "risk" not in at.case.dilemmas:
        says = "The author did not ask about risk. No instrument is recorded; an assessment stands in the chart."
        return Safeguard(title, LEFT, says)
    if at.case.decided_at is None:
        says = "The author asks about risk; no decision is recorded yet."
        return Safeguard(title, OPEN, says, at.case_page("write"), "Answer")
    return Safeguard(
        title, HOLDS, "The author asked about risk; a decision is recorded.", at.case_page("decision"), "See it"
    )


def _culture(at: Looked) -> Safeguard:
    to: To = ("ethics.index", {"dilemma": "culture"})
    if "culture" in at.case.dilemmas:
        says = "The author names culture as part of the question. What it takes to understand stays readable."
        return Safeguard("Cultural sensitivity", HOLDS, says, to, "Sections to look up")
    says = (
        "Culture is not named as part of the question. Language, faith and community stay readable where they matter."
    )
    return Safeguard("Cultural sensitivity", LEFT, says, to, "Sections to look up")


def _codes(at: Looked) -> Safeguard:
    title = "Codes of ethics"
    decision = reviews.current_decision(at.session, at.case.id)
    cited = {cite for post in reviews.posts(at.session, at.case.id) if post.state == "published" for cite in post.cites}
    cited |= set(decision.cites) if decision and decision.state == "published" else set()
    if cited:
        return Safeguard(title, HOLDS, f"Cited: {'; '.join(sorted(cited))}.", ("ethics.index", {}), "Look them up")
    return Safeguard(title, OPEN, "No section of a code is cited yet.", at.case_page("write"), "Cite one")


def _supervision(at: Looked) -> Safeguard:
    title, case = "Supervision and consultation", at.case
    if not case.current_version:
        return Safeguard(title, OPEN, "Nobody was asked yet.", at.case_page(), "Go on")
    if supervisor_away(at.session, case, at.today):
        says = "The supervisor of record cannot sign off now."
        return Safeguard(title, DUE, says, ("cases.readers", {"case_id": case.id}), "See what to do")
    if case.state == "open" and case.next_look_at is not None and case.next_look_at < now():
        return Safeguard(title, DUE, "The next look was set for a day that has passed.", at.case_page(), "Look again")
    answered = {
        post.author_id for post in reviews.posts(at.session, case.id) if post.state == "published"
    } - {case.author_id}  # fmt: skip
    if case.state == "closed":
        return Safeguard(title, HOLDS, "The case is closed with a decision.", at.case_page("decision"), "See it")
    if answered or case.reviewed_at is not None:
        many = f"{len(answered)} {'person has' if len(answered) == 1 else 'people have'} answered. " if answered else ""
        looked = "The supervisor of record has looked at it." if case.reviewed_at is not None else ""
        return Safeguard(title, HOLDS, (many + looked).strip(), at.case_page(), "Read it")
    return Safeguard(
        title, OPEN, "Nobody has answered yet.", at.case_page("write"), "Answer" if not at.is_author else "See"
    )


def _on(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


SAFEGUARDS: tuple[Callable[[Looked], Safeguard], ...] = (
    _confidentiality, _consent, _boundaries, _competence, _duty, _crisis, _risk, _culture, _codes, _supervision,
)  # fmt: skip

"""What waits for a person, gathered from every room in a number of queries that does not grow with the work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervise.accounts.models import Licence, ParkedForm
from supervise.accounts.queries import kept_typed, licences_ending
from supervise.cases import queries as cases
from supervise.cases.models import Case, CaseVersion
from supervise.cases.queries import Listed
from supervise.consents import queries as consents
from supervise.consents.models import Consent
from supervise.core import due
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.deid import queries as deid
from supervise.deid.models import Screening
from supervise.duties import queries as duties
from supervise.duties.models import DutyRecord
from supervise.hours.models import DayRecord
from supervise.hours.waiting import ToSign, sent_back_days, to_sign
from supervise.incidents import queries as incidents
from supervise.incidents.models import Incident
from supervise.learning import queries as learning
from supervise.reviews import queries as reviews
from supervise.reviews.models import Decision, Post, Ruling
from supervise.safety import queries as safety
from supervise.safety.models import Crisis
from supervise.supervision import queries as supervision
from supervise.supervision.models import Agreement, Group

WORKS_WITH_CASES = (Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR)
SHOWN = 20
"""How many questions of others are listed; the rest is counted and stands in the list of cases."""

FOLLOW_UP_SEEN = timedelta(days=14)
CONSENT_SEEN = timedelta(days=30)
LICENCE_SEEN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that waits, each in its order; one row here is one thing in the inbox. ``asked`` counts past SHOWN."""

    today: date
    at: datetime
    duties: Sequence[DutyRecord] = ()
    crises: Sequence[Crisis] = ()
    must_dos: Sequence[Post] = ()
    seen: Sequence[Incident] = ()
    disputed: Sequence[Incident] = ()
    follow_ups: Sequence[Decision] = ()
    asking: Sequence[Listed] = ()
    asked: int = 0
    sign_off: Sequence[Listed] = ()
    days_to_sign: Sequence[ToSign] = ()
    agreements: Sequence[Agreement] = ()
    covenants: Sequence[Group] = ()
    sent_back: Sequence[Ruling] = ()
    days_back: Sequence[DayRecord] = ()
    unsupervised: Sequence[Case] = ()
    drafts: Sequence[tuple[Case, CaseVersion]] = ()
    unconfirmed: Sequence[Screening] = ()
    posts: Sequence[Post] = ()
    decisions: Sequence[Decision] = ()
    minutes: Sequence[Listed] = ()
    consents: Sequence[tuple[Consent, str]] = ()
    licences: Sequence[Licence] = ()
    typed: Sequence[ParkedForm] = ()
    given_up: int = 0

    @property
    def clocks(self) -> int:
        """Return how many things have a clock."""
        return len(self.duties) + len(self.must_dos) + len(self.follow_ups)

    @property
    def ends(self) -> list[date]:
        """Return the days on which what has a clock runs out."""
        ends = [post.due_on or date.max for post in self.must_dos]
        ends += [local_day(row.next_at, row.zone) for row in self.duties]
        return ends + [decision.follow_up_on or date.max for decision in self.follow_ups]

    @property
    def count(self) -> int:
        """Return how many things wait: days of one person, closed cases and failures of the worker are one each."""
        rows = (
            self.seen, self.disputed, self.sign_off, self.days_to_sign, self.agreements, self.covenants, self.sent_back,
            self.unsupervised, self.drafts, self.waiting_screenings, self.waiting_posts, self.decisions, self.consents,
            self.licences, self.typed,
        )  # fmt: skip
        groups = (self.days_back, self.minutes, self.given_up)
        return (
            len(self.crises)
            + self.clocks
            + self.asked
            + sum(len(one) for one in rows)
            + sum(bool(one) for one in groups)
        )

    @property
    def waiting_screenings(self) -> list[Screening]:
        """Return the unconfirmed texts besides vignettes, which stand among the drafts."""
        return [row for row in self.unconfirmed if not row.subject.startswith("case_version:")]

    @property
    def waiting_posts(self) -> list[Post]:
        """Return the posts that are still being written; one whose findings wait stands among the screenings."""
        screened = {row.subject for row in self.unconfirmed}
        return [row for row in self.posts if f"post:{row.id}" not in screened]


def what_waits(session: Session, actor: Actor) -> Waiting:
    """Gather what waits for the actor in the organisation in which they work."""
    at = now()
    today = local_day(at, actor.zone)
    found: dict[str, object] = {
        "crises": safety.open_for(session, actor),
        "agreements": supervision.agreements_to_sign(session, actor.person_id, actor.org_id, today),
        "typed": kept_typed(session, actor.person_id, at),
        "licences": licences_ending(session, today - LICENCE_SEEN, today + LICENCE_SEEN, actor.person_id),
    }
    if actor.has(*WORKS_WITH_CASES):
        found["covenants"] = supervision.covenants_to_sign(session, actor.person_id, actor.org_id, at)
        found |= _own_work(session, actor, today) | _of_others(session, actor, at)
    if actor.has(Role.SUPERVISOR):
        found["sign_off"] = cases.waiting_for_sign_off(session, actor)
        found["disputed"] = incidents.disputed_in(session, cases.supervised_ids(actor), actor.person_id)
        found["days_to_sign"] = to_sign(
            session, actor.person_id, supervision.succeeded(session, actor.person_id, actor.org_id, today)
        )
    if actor.has(Role.ADMIN):
        found["given_up"] = due.count_given_up(session)
    return Waiting(today=today, at=at, **found)  # type: ignore[arg-type]


def _of_others(session: Session, actor: Actor, at: datetime) -> dict[str, object]:
    asking, asked = cases.asking(session, actor, reviews.answered_by(actor.person_id), at, SHOWN)
    return {"asking": asking, "asked": asked}


def _own_work(session: Session, actor: Actor, today: date) -> dict[str, object]:
    me = actor.person_id
    read = cases.released_ids(actor, "open", "decided", "closed")
    active = cases.released_ids(actor, "open", "decided")
    written = cases.written_ids(actor, "open", "decided", "closed")
    own_open = cases.written_ids(actor, "open")
    confirmed = learning.confirmations(me).subquery()
    took_part, closings = reviews.took_part_in(me, confirmed), select(confirmed.c.case_id, confirmed.c.closed_at)
    return {
        "seen": incidents.to_mend(session, me, cases.released_ids(actor, "open", "decided", "closed", "withdrawn")),
        "duties": duties.open_of(session, me, actor.org_id),
        "must_dos": reviews.running_must_dos(session, written, read, me, today),
        "follow_ups": reviews.follow_ups(session, written, today - FOLLOW_UP_SEEN, today + FOLLOW_UP_SEEN),
        "sent_back": reviews.sent_back(session, own_open),
        "unsupervised": cases.unsupervised(session, actor.org_id, me),
        "days_back": sent_back_days(session, me),
        "drafts": cases.drafts(session, actor),
        "unconfirmed": deid.unconfirmed(session, me, actor.org_id),
        "posts": reviews.unfinished_posts(session, me, active),
        "decisions": reviews.unfinished_decisions(session, me, own_open),
        "minutes": cases.closed_without(session, actor, took_part, closings),
        "consents": consents.ending(session, me, actor.org_id, today, today + CONSENT_SEEN),
    }

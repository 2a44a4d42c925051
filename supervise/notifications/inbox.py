"""The inbox in words: what waits, most urgent first. A title is shown only of a case that the actor may read."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from supervise.accounts.models import Person
from supervise.accounts.queries import people, settings_of_people
from supervise.cases.queries import Listed, listed
from supervise.core.actor import Actor, Role
from supervise.core.clock import local, local_day
from supervise.duties.queries import duty_title
from supervise.ethics.queries import dilemma_titles
from supervise.hours.queries import monday_of, supervision_in_week
from supervise.notifications.queries import Told, news
from supervise.notifications.rules import at_time, days, heading, in_words, on_day, until
from supervise.notifications.waiting import Waiting
from supervise.reviews.queries import writers_in
from supervise.supervision.queries import supervisees_of

To = tuple[str, dict[str, Any]]
"""An endpoint and its values."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits. ``clock``: "", amber or red; ``state``: of a case."""

    title: str
    to: To
    do: str
    when: str = ""
    by: str = ""
    text: str = ""
    quiet: str = ""
    clock: str = ""
    state: str = ""
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Supervisee:
    """A row of "Your supervisees": minutes of supervision this week, units that its hours still need to count."""

    name: str
    person_id: str
    minutes: int
    owed: float


@dataclass(frozen=True, slots=True)
class Inbox:
    """All that the page shows. ``more``: questions of others beyond those listed; ``more_news``: notices likewise."""

    title: str
    kicker: str
    under: str
    clocks: list[Item]
    asked: list[Item]
    more: int
    to_sign: list[Item]
    own: list[Item]
    news: list[Told]
    more_news: int
    supervisees: list[Supervisee]

    @property
    def is_empty(self) -> bool:
        return not (self.clocks or self.asked or self.to_sign or self.own or self.news)


def inbox(session: Session, actor: Actor, waiting: Waiting) -> Inbox:
    """Put what waits into words for the page."""
    words = _Words(session, actor, waiting)
    here = local(waiting.at, actor.zone)
    told, more_news = news(session, actor)
    return Inbox(
        title=heading(waiting.count),
        kicker=f"{here:%A} {here.day} {here:%B}, {here:%H:%M}",
        under=_under(waiting),
        clocks=[*words.crises(), *words.clocks()],
        asked=words.asked(),
        more=waiting.asked - len(waiting.asking),
        to_sign=words.to_sign(),
        own=words.own(),
        news=told,
        more_news=more_news,
        supervisees=_supervisees(session, actor, waiting.today) if actor.has(Role.SUPERVISOR) else [],
    )


def _under(waiting: Waiting) -> str:
    if waiting.crises:
        return "A crisis is open; it stands first."
    if not waiting.count:
        return ""
    if not waiting.clocks:
        return "None of them has a clock." if waiting.count > 1 else "It has no clock."
    first = min(waiting.ends)
    says = "One has a clock" if waiting.clocks == 1 else f"{in_words(waiting.clocks).capitalize()} have a clock"
    if first < waiting.today:
        return f"{says}; the first ran out on {on_day(first, waiting.today)}."
    ends = "today" if first == waiting.today else f"on {on_day(first, waiting.today)}"
    return f"{says}; the first runs out {ends}."


class _Words:
    """Items of one page: names and titles are read once for all of them."""

    def __init__(self, session: Session, actor: Actor, waiting: Waiting) -> None:
        self.session, self.actor, self.waiting, self.today = session, actor, waiting, waiting.today
        self.cases: dict[str, Listed] = listed(session, actor, self._case_ids())
        self.people: dict[str, Person] = people(session, self._person_ids())

    def _case_ids(self) -> set[str]:
        w = self.waiting
        rows: tuple[Any, ...] = (
            *w.seen, *w.disputed, *w.must_dos, *w.follow_ups, *w.sent_back, *w.waiting_posts, *w.decisions
        )  # fmt: skip
        written = [*w.unsupervised, *(case for case, _version in w.drafts if case.current_version)]
        return {row.case_id for row in rows} | {case.id for case in written}

    def _person_ids(self) -> set[str]:
        w = self.waiting
        authors = {one.case.author_id for one in (*w.asking, *w.sign_off)}
        parties = {person for row in w.agreements for person in (row.supervisee_id, row.supervisor_id)}
        asked = {self.cases[row.case_id].case.author_id for row in w.must_dos if row.case_id in self.cases}
        parties |= {row.raised_by for row in w.crises}
        return authors | parties | asked | {row.person_id for row in w.days_to_sign} | {r.by_id for r in w.sent_back}

    def _title(self, case_id: str) -> str:
        found = self.cases.get(case_id)
        return found.title if found else "A case that you may not read now"

    def _name(self, person_id: str) -> str:
        found = self.people.get(person_id)
        return found.name if found else "Someone"

    def _signature(self, person_id: str) -> str:
        found = self.people.get(person_id)
        return ", ".join(part for part in (found.name, found.credential) if part) if found else ""

    def _since(self, instant: datetime | None) -> str:
        day = local_day(instant, self.actor.zone) if instant else self.today
        return days(max(0, (self.today - day).days))

    def _day(self, instant: datetime) -> str:
        return on_day(local_day(instant, self.actor.zone), self.today)

    def crises(self) -> list[Item]:
        """Return the open crises, which stand before everything."""
        items = []
        for row in self.waiting.crises:
            red, mine = row.level == "red", row.raised_by == self.actor.person_id
            who = "You need" if mine else f"{self._name(row.raised_by)} needs"
            title = f"{who} a supervisor {'now' if red else 'within the hour'}"
            text = "Someone is calling." if row.calling_at else "Nobody has said yet that they are calling."
            text = "You spoke. It waits to be closed." if row.calling_at and row.spoke_at else text
            to: To = ("safety.show", {"crisis_id": row.id})
            since = at_time(local(row.raised_at, self.actor.zone), self.today)
            items.append(Item(title, to, "Open", when=row.level.capitalize(), by=f"since {since}", text=text,
                              clock="red" if red else "amber"))  # fmt: skip
        return items

    def clocks(self) -> list[Item]:
        """Return what runs out, what is over or ends first at the top."""
        timed = [(post.due_on or date.max, self._must_do(post)) for post in self.waiting.must_dos]
        timed += [(one.follow_up_on or date.max, self._follow_up(one)) for one in self.waiting.follow_ups]
        items = [item for _day, item in sorted(timed, key=lambda pair: pair[0])]
        return [self._duty(row) for row in self.waiting.duties] + items

    def _duty(self, row: Any) -> Item:
        to, text = ("duties.show", {"record_id": row.id}), "Its clock runs until you close it."
        if row.next_at <= self.waiting.at:
            return Item(duty_title(row.duty), to, "Go on", "at once", text=text, clock="red")
        when = at_time(local(row.next_at, self.actor.zone), self.today)
        return Item(duty_title(row.duty), to, "Go on", when, text=text, clock="amber")

    def _timed(self, item: Item, day: date | None) -> Item:
        if day is None:
            return replace(item, when="no date")
        clock = "red" if day < self.today else "amber"
        return replace(item, when=until(day, self.today), by=f"due {on_day(day, self.today)}", clock=clock)

    def _must_do(self, post: Any) -> Item:
        if post.author_id == self.actor.person_id:
            whose = self._name(self.cases[post.case_id].case.author_id) if post.case_id in self.cases else "The author"
            text = f"{whose} has not marked what you asked for as done."
        else:
            taken = "You have acknowledged it." if post.acknowledged_at else "Not yet acknowledged."
            text = f"Your supervisor asks you to do something. {taken}"
        to = ("reviews.show", {"post_id": post.id})
        return self._timed(Item(self._title(post.case_id), to, "See what is asked", text=text), post.due_on)

    def _follow_up(self, decision: Any) -> Item:
        to = ("cases.show", {"case_id": decision.case_id, "_anchor": "follow-up"})
        text = "You set this day to look at your decision again."
        return self._timed(Item(self._title(decision.case_id), to, "Look again", text=text), decision.follow_up_on)

    def asked(self) -> list[Item]:
        """Return the questions of others in the order in which they wait."""
        writers = writers_in(self.session, [one.case.id for one in self.waiting.asking])
        return [self._question(one, writers.get(one.case.id, set())) for one in self.waiting.asking]

    def _question(self, one: Listed, writers: set[str]) -> Item:
        case = one.case
        others = len(writers - {case.author_id, self.actor.person_id})
        wrote = f"{in_words(others).capitalize()} {'has' if others == 1 else 'have'} written." if others else ""
        look = ""
        if case.next_look_at is not None:
            look = f"next look {at_time(local(case.next_look_at, self.actor.zone), self.today)}"
        soon = {"urgent": "Today or tomorrow", "soon": "Within days"}.get(case.urgency, "")
        return Item(
            title=one.title,
            to=("cases.show", {"case_id": case.id}),
            do="Read and answer",
            when=soon or self._since(case.released_at),
            by=look or (f"asked {self._day(case.released_at)}" if soon and case.released_at else ""),
            text=wrote,
            quiet=self._signature(case.author_id),
            clock="amber" if case.urgency == "urgent" else "",
            state=case.state,
            tags=dilemma_titles(case.dilemmas),
        )

    def to_sign(self) -> list[Item]:
        """Return decisions, hours and agreements that wait for the actor's signature."""
        items = [self._sign_off(one) for one in self.waiting.sign_off]
        for row in self.waiting.days_to_sign:
            total, sign = abs(row.minutes), "−" if row.minutes < 0 else ""
            span = on_day(row.first, self.today)
            span += f" to {on_day(row.last, self.today)}" if row.last != row.first else ""
            items.append(
                Item(
                    title=f"Hours of {self._name(row.person_id)}",
                    to=("hours.attest", {"person_id": row.person_id}),
                    do="Read and sign",
                    when=f"{row.days} {'day' if row.days == 1 else 'days'}",
                    by=f"since {self._day(row.since)}",
                    text=f"{sign}{total // 60} h {total % 60:02d} submitted, {span}.",
                )
            )
        for agreement in self.waiting.agreements:
            other = ({agreement.supervisee_id, agreement.supervisor_id} - {self.actor.person_id}).pop()
            to = ("supervision.agreement", {"agreement_id": agreement.id})
            text = f"From {on_day(agreement.starts_on, self.today)}. It holds when both have signed."
            title = f"Supervision agreement with {self._name(other)}"
            items.append(Item(title, to, "Read and sign", when=self._since(agreement.created_at), text=text))
        text = "Its cases are closed to you until you sign. It holds for a year."
        for group in self.waiting.covenants:
            to = ("supervision.covenant", {"group_id": group.id})
            items.append(Item(f"Covenant of {group.name}", to, "Read and sign", text=text))
        return items

    def _sign_off(self, one: Listed) -> Item:
        return Item(
            title=one.title,
            to=("cases.show", {"case_id": one.case.id, "_anchor": "decision"}),
            do="Read decision",
            when=self._since(one.case.decided_at),
            by=f"decided {self._day(one.case.decided_at)}" if one.case.decided_at else "",
            text="A decision is written. Sign off, or send it back with a reason.",
            quiet=self._signature(one.case.author_id),
            state=one.case.state,
            tags=dilemma_titles(one.case.dilemmas),
        )

    def own(self) -> list[Item]:
        """Return the actor's own unfinished things: what came back first, what only needs an eye last."""
        stuck = [*self._typed(), *self._seen(), *self._came_back(), *self._unsupervised()]
        return [*stuck, *self._drafts(), *self._half_written(), *self._minutes(), *self._ending()]

    def _typed(self) -> list[Item]:
        text = "It could not be taken when your session locked. It is kept for a day, encrypted, for you alone."
        return [
            Item("Something you typed was not sent", ("accounts.typed", {"parked_id": row.id}), "Look at it",
                 self._day(row.created_at), "kept", text)
            for row in self.waiting.typed
        ]  # fmt: skip

    def _seen(self) -> list[Item]:
        asked = "Its author says that what someone saw identifies nobody. It stays hidden until you agree."
        mend = (
            "Someone saw an identifier in what you wrote. It is hidden, and nothing more is posted, until you mend it."
        )
        rows = [(row, mend, "Mend it", row.seen_at) for row in self.waiting.seen]
        rows += [(row, asked, "Look at it", row.disputed_at or row.seen_at) for row in self.waiting.disputed]
        return [
            Item(
                self._title(row.case_id), ("incidents.show", {"incident_id": row.id}), do, self._since(at), "held",
                text,
            )
            for row, text, do, at in rows
        ]  # fmt: skip

    def _came_back(self) -> list[Item]:
        items = [
            Item(
                title=self._title(row.case_id),
                to=("cases.show", {"case_id": row.case_id}),
                do="Read the reason",
                when=self._since(row.published_at),
                by="sent back",
                text=f"{self._name(row.by_id)} sent your decision back with a reason.",
                state="open",
            )
            for row in self.waiting.sent_back
        ]
        if back := self.waiting.days_back:
            first = min(row.day for row in back)
            title = "A day of your hours came back" if len(back) == 1 else f"{len(back)} days of your hours came back"
            to = ("hours.week", {"day": first, "setting": min(back, key=lambda row: row.day).setting_id})
            text = "Your supervisor gave a reason. Mend the days and submit them again."
            items.append(Item(title, to, "Mend", when=f"since {on_day(first, self.today)}", text=text))
        return items

    def _unsupervised(self) -> list[Item]:
        text = "Its supervisor of record does not read it now, or supervises here no more. Nobody can sign it off."
        return [
            Item(self._title(one.id), ("cases.show", {"case_id": one.id}), "See what to do", text=text, state=one.state)
            for one in self.waiting.unsupervised
        ]

    def _drafts(self) -> list[Item]:
        found = {row.subject: row.id for row in self.waiting.unconfirmed}
        items = []
        for case, version in self.waiting.drafts:
            screening = found.get(f"case_version:{version.id}")
            if version.stage == "proposed" and screening:
                do, to = "Confirm", ("deid.confirm", {"screening_id": screening})
                text = "The findings wait for you. Nobody else reads anything before you have confirmed."
            elif version.stage == "confirmed":
                do, to = "Release", ("cases.release", {"case_id": case.id})
                text = "Confirmed by you; nobody reads it before you release it."
            else:
                do, to = "Go on writing", ("cases.edit", {"case_id": case.id})
                text = "A new version; readers see the one before." if case.current_version else "Only you can read it."
            title = self._title(case.id) if case.current_version else f"Draft {case.code}"
            saved = f"saved {self._day(version.saved_at)}"
            items.append(Item(title, to, do, self._since(version.saved_at), saved, text, state=version.stage))
        return items

    def _half_written(self) -> list[Item]:
        kinds = {"decision": "decision is", "ruling": "reason is", "meeting": "notes of a meeting are"}
        text = "Something was found in it that could identify a person. Decide on it, and others can read it."
        items = [
            Item(
                title=f"Your {kinds.get(row.subject.partition(':')[0], 'guidance is')} not published yet",
                to=("deid.confirm", {"screening_id": row.id}),
                do="Confirm",
                when=self._since(row.proposed_at),
                text=text,
            )
            for row in self.waiting.waiting_screenings
        ]
        for post in self.waiting.waiting_posts:
            says = "You began to change your guidance." if post.state == "published" else "You began to write guidance."
            endpoint = "reviews.edit" if post.state == "published" else "reviews.show"
            to: To = (endpoint, {"post_id": post.id})
            items.append(Item(self._title(post.case_id), to, "Go on writing", self._since(post.saved_at), text=says))
        for row in self.waiting.decisions:
            to = ("reviews.decision", {"case_id": row.case_id})
            says = "You began to write the decision."
            items.append(Item(self._title(row.case_id), to, "Go on writing", self._since(row.saved_at), text=says))
        return items

    def _minutes(self) -> list[Item]:
        rows = self.waiting.minutes
        if not rows:
            return []
        to: To = ("learning.consultation", {})
        text = "Your minutes wait to be confirmed; unconfirmed minutes count nowhere."
        title = rows[0].title if len(rows) == 1 else f"Minutes of {in_words(len(rows))} closed cases"
        when = self._since(rows[0].case.closed_at)
        return [Item(title, to, "Confirm minutes", when, "since it closed" if len(rows) == 1 else "the oldest", text)]

    def _ending(self) -> list[Item]:
        items = []
        for consent, code in self.waiting.consents:
            whom = {"group": "the group", "peers": "peers"}.get(consent.scope, "the supervisor of record")
            text = f"After it ends {whom} cannot read this client's cases. Ask again in time, and record it."
            to = ("consents.show", {"client_id": consent.client_id})
            day = consent.expires_on or self.today
            items.append(
                Item(f"A consent of client {code} ends", to, "See consents", until(day, self.today),
                     on_day(day, self.today), text)
            )  # fmt: skip
        for licence in self.waiting.licences:
            day = licence.expires_on or self.today
            title = f"Your {licence.title} has expired" if day < self.today else f"Your {licence.title} expires"
            text = "Add the renewal, so that what you do after that day stands under a licence."
            to = ("accounts.licence", {"licence_id": licence.id})
            items.append(
                Item(title, to, "Add renewal", until(day, self.today), on_day(day, self.today), text,
                     clock="red" if day < self.today else "")
            )  # fmt: skip
        if count := self.waiting.given_up:
            title = "One thing could not be done" if count == 1 else f"{in_words(count).capitalize()} things failed"
            text = "The worker tried many times and gave up. See what, and have it tried again."
            items.append(Item(title, ("notifications.health", {}), "See", text=text, clock="red", when="failed"))
        return items


def _supervisees(session: Session, actor: Actor, today: date) -> list[Supervisee]:
    agreements = supervisees_of(session, actor.person_id, today, actor.org_id)
    ids = {row.supervisee_id for row in agreements}
    if not ids:
        return []
    weeks = supervision_in_week(session, settings_of_people(session, ids), monday_of(today))
    names = people(session, ids)
    rows = [Supervisee(names[one].name, one, *weeks.get(one, (0, 0.0))) for one in ids]
    return sorted(rows, key=lambda row: row.name)

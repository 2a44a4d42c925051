"""The case page: the vignette with the guidance beside it, who reads it, where it stands, and what can be done now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from supervise.access.queries import reader_ids, readers
from supervise.accounts.choices import jurisdictions
from supervise.accounts.models import Person
from supervise.accounts.queries import licences_of, people
from supervise.audit.service import record_read
from supervise.cases import queries as cases
from supervise.cases.models import Case, CaseVersion
from supervise.consents.queries import live_consent
from supervise.consents.rules import HOW
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.sanitize import render
from supervise.deid.queries import screening_of
from supervise.ethics.queries import codes, dilemma_titles, rows_of
from supervise.ethics.rules import Row
from supervise.events import CaseRead
from supervise.flows.credit_guidance import Suggestion, case_facts, suggestion
from supervise.flows.hide_words import cover_for, version_texts
from supervise.flows.post_guidance import shown_paragraphs
from supervise.flows.share_again import away_for
from supervise.flows.show_incidents import seen_here
from supervise.flows.texts_of_case import QUOTE
from supervise.incidents.rules import Cover
from supervise.learning import queries as learning
from supervise.policy import Action, Basis, CaseFacts, decide
from supervise.reviews import queries as reviews
from supervise.reviews.models import Decision, Post, Ruling
from supervise.reviews.rules import Anchor, Entry, Mark, Note, arrange, mark
from supervise.reviews.service import OPTION_WORDS
from supervise.supervision.queries import group

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ACTIONS = {
    "edit": Action.EDIT_CASE,
    "write": Action.POST_GUIDANCE,
    "must_do": Action.POST_MUST_DO,
    "decide": Action.DECIDE_CASE,
    "sign_off": Action.SIGN_OFF_CASE,
    "close": Action.CLOSE_CASE,
    "reopen": Action.REOPEN_CASE,
    "withdraw": Action.WITHDRAW_CASE,
    "next_look": Action.SET_NEXT_LOOK,
    "hold": Action.HOLD_CASE,
    "see": Action.SEE_IDENTIFIER,
    "step_out": Action.STEP_OUT,
    "minutes": Action.CONFIRM_MINUTES,
}


@dataclass(slots=True)
class Said:
    """A published post as the page shows it. ``kind`` is the word of the style sheet; ``quote`` where its words are
    gone from the version that is shown."""

    id: str
    kind: str
    who: str
    html: Markup
    because: str
    cites: list[Row]
    competency: str
    named: list[str]
    at: datetime | None
    edited: bool
    mine: bool
    pending: str
    due_on: date | None
    acknowledged_at: datetime | None
    completed_at: datetime | None
    number: int = 0
    quote: str = ""
    version_number: int = 0
    replies: list["Said"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with its marks as HTML, whether it is one ``<p>``, and the notes beside it."""

    number: int
    html: Markup
    text: str
    plain: bool
    notes: list[Said]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with its codes, its words as this reader may see them."""

    row: Decision
    by: str
    html: Markup
    options: list[dict[str, str | bool]]
    note: str
    cites: list[Row]


@dataclass(frozen=True, slots=True)
class Vignette:
    """The version that is shown, its texts as this reader may see them."""

    version: CaseVersion
    title: str
    question: str
    paragraphs: list[Paragraph]
    whole: list[Said]
    older: list[Said]
    by_id: Mapping[str, Said]


def show_case(actor: Actor, case_id: str) -> dict[str, Any]:
    """Return what ``cases/show.html`` needs, and record in the audit that the actor opened the case.

    Authors read their own without a record. Whether the actor may read it was decided by the guard. ``vignette`` is
    None for a case that was never released, which only its author comes to see.
    """
    facts = case_facts(actor, case_id)
    if Basis.AUTHOR not in facts.bases:
        record_read(actor, CaseRead(facts.org_id, case_id, min(facts.bases).value))
    session = db.session()
    case = cases.get(session, case_id)
    may = {name: decide(actor, action, facts).allowed for name, action in _ACTIONS.items()}
    known = _people(session, case)
    cover = cover_for(session, actor, case_id)
    vignette = _vignette(session, actor, case, known, cover) if case.current_version else None
    return {
        "case": case,
        "facts": facts,
        "may": may,
        "me": actor.person_id,
        "today": local_day(now(), actor.zone),
        "author": _named(known, case.author_id),
        "vignette": vignette,
        "audience": _audience(session, actor, case, known),
        "away": away_for(actor, case_id),
        "track": _track(session, actor, case),
        "rail": _rail(session, case, known),
        "drafts": [
            (post, _screening(session, "post", post.id)) for post in reviews.drafts(session, case_id, actor.person_id)
        ],
        "decision": _decided(reviews.current_decision(session, case_id), known, cover),
        "earlier": [_decided(row, known, cover) for row in reviews.superseded_decisions(session, case_id)],
        "decision_draft": _own_decision(session, actor, case_id),
        "rulings": [
            (row, _name(known, row.by_id), cover.text(f"ruling:{row.id}", "reason", row.reason, row.by_id))
            for row in reviews.rulings(session, case_id)
        ],
        "seen": seen_here(session, actor, case_id),
        "ruling_waits": _own_ruling(session, actor, case_id),
        "minutes": _minutes(actor, facts),
        "confirmed": learning.last_entry(session, case_id, actor.person_id),
        "others": sorted((_name(known, one), one) for one in reader_ids(session, case_id) - {actor.person_id}),
        "codes": _codes(session, actor, case),
        "competencies": learning.competencies(),
    }


def decision_page(actor: Actor, case_id: str) -> dict[str, Any]:
    """Return what the form of a decision shows beside itself: the case, its question, and codes to cite."""
    session = db.session()
    case = cases.get(session, case_id)
    return {"case": case, "version": cases.version(session, case_id), "codes": _codes(session, actor, case)}


def _codes(session: Session, actor: Actor, case: Case) -> tuple[list[Row], list[Row]]:
    """Return the sections that the kinds of dilemma and the words of a case lead to, the actor's own code first; then
    the others of the actor's own codes, or of all where their profession has none."""
    book = codes()
    profession = " ".join(f"{one.profession} {one.title}" for one in licences_of(session, actor.person_id))
    said: list[str] = []
    if case.current_version:
        version = cases.version(session, case.id)
        said = book.suggested_by(f"{version.title} {version.question} {version.body}")
    near = book.suggest(dict.fromkeys([*(one for one in case.dilemmas if one in book.dilemmas), *said]), profession)
    own = {code.name for code in book.codes_for(profession)} or set(book.codes)
    return near, [row for row in book.find("", profession) if row not in near and row.code in own]


def _people(session: Session, case: Case) -> Mapping[str, Person]:
    ids = {case.author_id, case.supervisor_id or "", *(row.person_id for row in readers(session, case.id))}
    for post in reviews.posts(session, case.id):
        ids |= {post.author_id, *post.mentions}
    ids |= {row.by_id for row in reviews.rulings(session, case.id)}
    return people(session, ids - {""})


def _vignette(session: Session, actor: Actor, case: Case, known: Mapping[str, Person], cover: Cover) -> Vignette:
    version = cases.version(session, case.id)
    texts = version_texts(session, actor, version)
    shown = shown_paragraphs(texts["body"])
    posts = {post.id: post for post in reviews.posts(session, case.id)}
    thread = arrange((_entry(case, post, cover) for post in posts.values()), [text for _, text in shown])
    words = _Words(session, actor, case, known, posts, cover, {})
    paragraphs = []
    for number, (html, text) in enumerate(shown, 1):
        notes = thread.beside.get(number, [])
        marked = mark(html, [Mark(note.place.start, note.place.end, note.number) for note in notes if note.place])
        plain = marked.startswith("<p>") and marked.count("<p>") == 1 and marked.endswith("</p>")
        inner = marked.removeprefix("<p>").removesuffix("</p>") if plain else marked
        # made from HTML that sanitize.render cleaned; mark() escapes every word that it puts back
        paragraphs.append(Paragraph(number, Markup(inner), text, plain, [words.said(note) for note in notes]))  # noqa: S704
    older = [words.said(note, gone=True) for note in thread.older]
    whole = [words.said(note) for note in thread.whole]
    return Vignette(version, texts["title"], texts["question"], paragraphs, whole, older, words.by_id)


def _entry(case: Case, post: Post, cover: Cover) -> Entry:
    """Return a post to arrange; what it quotes is covered like the vignette, so that it is found there again."""
    entry = reviews.entry_of(post)
    if not cover or entry.anchor is None:
        return entry
    return replace(entry, anchor=Anchor(entry.anchor.paragraph, _quote(case, post, cover)))


def _quote(case: Case, post: Post, cover: Cover) -> str:
    return cover.text(f"post:{post.id}", QUOTE, post.anchor_quote, case.author_id)


@dataclass(frozen=True, slots=True)
class _Words:
    session: Session
    actor: Actor
    case: Case
    known: Mapping[str, Person]
    posts: Mapping[str, Post]
    cover: Cover
    by_id: dict[str, Said]

    def said(self, note: Note, gone: bool = False) -> Said:
        post = self.posts[note.id]
        mine = post.author_id == self.actor.person_id
        pending = _screening(self.session, "post", post.id) if mine and post.edit_pending else ""
        said = self.by_id[post.id] = Said(
            id=post.id,
            kind=post.kind.replace("_", "-"),
            who=self._who(post),
            html=render(self._text(post, "body", post.body)),
            because=self._text(post, "because", post.because),
            cites=rows_of(post.cites),
            competency=learning.title_of(post.competency) if post.competency else "",
            named=[_name(self.known, one) for one in post.mentions if one in self.known],
            at=post.published_at,
            edited=post.edited_at is not None,
            mine=mine,
            pending=pending,
            due_on=post.due_on,
            acknowledged_at=post.acknowledged_at,
            completed_at=post.completed_at,
            number=note.number,
            quote=_quote(self.case, post, self.cover) if gone else "",
            version_number=post.version_number,
            replies=[self.said(reply) for reply in note.replies],
        )
        return said

    def _text(self, post: Post, name: str, words: str) -> str:
        return self.cover.text(f"post:{post.id}", name, words, post.author_id)

    def _who(self, post: Post) -> str:
        if post.author_id == self.case.supervisor_id:
            part = "supervisor of record" if post.kind == "must_do" else "supervisor"
            return f"{_name(self.known, post.author_id)}, {part}"
        if post.author_id == self.case.author_id:
            return _name(self.known, post.author_id)
        return _named(self.known, post.author_id)


def _audience(session: Session, actor: Actor, case: Case, known: Mapping[str, Person]) -> tuple[int, str]:
    """Return how many read the case and who they are: author and supervisor by name, the others by number."""
    grounds: dict[str, Basis] = {}
    for row in readers(session, case.id):
        grounds[row.person_id] = min(grounds.get(row.person_id, Basis(row.basis)), Basis(row.basis), key=[*Basis].index)
    named = [one for one, basis in grounds.items() if basis in {Basis.AUTHOR, Basis.SUPERVISOR}]
    parts = ["You"] if actor.person_id in grounds else []
    parts += [_name(known, one) for one in named if one != actor.person_id]
    for basis, word in ((Basis.GROUP, "group member"), (Basis.PEER, "peer")):
        count = sum(1 for one, ground in grounds.items() if ground == basis and one != actor.person_id)
        if count:
            parts.append(f"{_NUMBERS[count] if count < 10 else count} {word}{'s' if count > 1 else ''}")
    return len(grounds), ", ".join(parts)


def _track(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    if not case.current_version:
        return [{"state": case.state, "text": case.state.capitalize(), "current": True}]
    version = cases.version(session, case.id, 1)
    screening = screening_of(session, f"case_version:{version.id}")
    reached: list[tuple[str, datetime | None]] = [
        ("confirmed", screening.confirmed_at if screening else None),
        ("open", case.released_at),
        ("decided", case.decided_at),
        ("closed", case.closed_at),
        ("withdrawn", case.withdrawn_at),
    ]
    rows: list[dict[str, Any]] = [
        {"state": state, "text": state.capitalize(), "when": _short(at, actor), "iso": _day(at, actor).isoformat(),
         "current": state == case.state}
        for state, at in reached if at is not None
    ]  # fmt: skip
    ahead = {"open": ("Decided, by the author", "Closed"), "decided": (_closing(actor, case),)}.get(case.state, ())
    return rows + [{"text": text, "ahead": True} for text in ahead]


def _closing(actor: Actor, case: Case) -> str:
    by = case.supervisor_id if case.kind == "supervision" else case.author_id
    if by == actor.person_id:
        return "Closed, by you"
    return "Closed, by the supervisor" if case.kind == "supervision" else "Closed, by the author"


def _rail(session: Session, case: Case, known: Mapping[str, Person]) -> dict[str, Any]:
    place = jurisdictions().get(case.jurisdiction)
    return {
        "supervisor": _named(known, case.supervisor_id) if case.supervisor_id else "",
        "group": group(session, case.group_id).name if case.group_id else "",
        "consents": _consents(session, case),
        "jurisdiction": place.name if place else case.jurisdiction,
        "dilemmas": "; ".join(title.lower() for title in dilemma_titles(case.dilemmas)),
    }


def _consents(session: Session, case: Case) -> list[tuple[str, date, date | None]]:
    if case.client_id is None:
        return []
    scopes: list[tuple[str, str | None]] = [("supervisor", None)] if case.kind == "supervision" else []
    if case.audience != "supervisor":
        scopes.append((case.audience, case.group_id if case.audience == "group" else None))
    found = [live_consent(session, case.client_id, scope, group_id, now().date()) for scope, group_id in scopes]
    return [(HOW[row.obtained_how].lower(), row.obtained_on, row.expires_on) for row in found if row is not None]


def _decided(row: Decision | None, known: Mapping[str, Person], cover: Cover) -> Decided | None:
    if row is None:
        return None

    def text(name: str, words: str) -> str:
        return cover.text(f"decision:{row.id}", name, words, row.author_id)

    options = [
        {**option, **{word: text(f"{word}_{n}", str(option.get(word, ""))) for word in OPTION_WORDS}}
        for n, option in enumerate(row.options)
    ]
    note = text("follow_up_note", row.follow_up_note)
    html = render(text("body", row.body))
    return Decided(row, _name(known, row.author_id), html, options, note, rows_of(row.cites))


def _own_decision(session: Session, actor: Actor, case_id: str) -> tuple[Decision, str] | None:
    row = reviews.unpublished_decision(session, case_id)
    if row is None or row.author_id != actor.person_id:
        return None
    return row, _screening(session, "decision", row.id)


def _own_ruling(session: Session, actor: Actor, case_id: str) -> tuple[Ruling, str] | None:
    row = reviews.unpublished_ruling(session, case_id, actor.person_id)
    return (row, _screening(session, "ruling", row.id)) if row else None


def _minutes(actor: Actor, facts: CaseFacts) -> Suggestion | None:
    allowed = decide(actor, Action.CONFIRM_MINUTES, facts).allowed
    return suggestion(actor, facts.case_id) if allowed else None


def _screening(session: Session, kind: str, row_id: str) -> str:
    """Return the id of the screening that waits for its author, or nothing."""
    found = screening_of(session, f"{kind}:{row_id}")
    return found.id if found is not None and found.state in {"proposed", "confirmed"} else ""


def _name(known: Mapping[str, Person], person_id: str) -> str:
    return known[person_id].name if person_id in known else "A former member"


def _named(known: Mapping[str, Person], person_id: str) -> str:
    person = known.get(person_id)
    return f"{person.name}, {person.credential}" if person and person.credential else _name(known, person_id)


def _day(at: datetime, actor: Actor) -> date:
    return local_day(at, actor.zone)


def _short(at: datetime, actor: Actor) -> str:
    day, today = _day(at, actor), local_day(now(), actor.zone)
    if day == today:
        return "today"
    return f"{day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b %Y}"

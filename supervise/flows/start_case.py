"""From the first word to the proposal: what an author can choose, saving, and the step into screening."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from supervise.accounts.choices import jurisdictions
from supervise.accounts.models import Person
from supervise.accounts.queries import licences_of, members, people
from supervise.cases import queries as cases
from supervise.cases import service
from supervise.cases.models import Case
from supervise.cases.rules import URGENCIES
from supervise.consents import queries as consents
from supervise.consents import service as consent_verbs
from supervise.consents.models import Client
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, NotFound
from supervise.core.jurisdictions import Jurisdiction
from supervise.core.sanitize import plain
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import service as deid
from supervise.ethics.queries import codes
from supervise.ethics.rules import Dilemma
from supervise.flows.name_readers import names_of_readers
from supervise.flows.read_scene import scene_of
from supervise.supervision.queries import group_members, groups_of, supervisors_of

TITLE, QUESTION = 200, 2_000
PEERS = "peers"


@dataclass(frozen=True, slots=True)
class Way:
    """One way of asking: in which kind of case whom. ``value`` is what the form sends."""

    value: str
    words: str
    kind: str
    audience: str
    supervisor_id: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the editor offers this author. ``disclosed``: by client, the day that the supervisor was disclosed."""

    ways: Sequence[Way]
    peers: Sequence[Person]
    clients: Sequence[Client]
    disclosed: dict[str, date]
    jurisdictions: dict[str, Jurisdiction]
    dilemmas: Mapping[str, Dilemma]
    way: str
    jurisdiction: str

    def of_kind(self, kind: str) -> list[Way]:
        return [way for way in self.ways if way.kind == kind]


@dataclass(frozen=True, slots=True)
class Draft:
    """A case as its author typed it. ``way`` is the ``value`` of a ``Way``."""

    title: str = ""
    question: str = ""
    body: str = ""
    way: str = ""
    peer_ids: tuple[str, ...] = ()
    client_id: str = ""
    disclosed: bool = False
    disclosed_on: date | None = None
    jurisdiction: str = ""
    urgency: str = "routine"
    dilemmas: tuple[str, ...] = field(default=())

    @property
    def texts(self) -> dict[str, str]:
        return {"title": plain(self.title), "question": clean(self.question), "body": clean(self.body)}


def dilemmas() -> Mapping[str, Dilemma]:
    """Return the kinds of dilemma that an author can name."""
    return codes().dilemmas


def clean(text: str) -> str:
    """Return typed text with one kind of line end and without control characters, which no database agrees on."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or ord(c) >= 32)


def editor_choices(actor: Actor) -> Choices:
    """Return what the actor can choose from when writing a case, beginning with what the last case chose."""
    session = db.session()
    clients = consents.clients_of(session, actor.person_id, actor.org_id)
    last = cases.last_of(session, actor.person_id, actor.org_id)
    ways = _ways(session, actor)
    offered = {way.value for way in ways}
    before = way_of(last) if last else ""
    peers = members(session, actor.org_id, Role.CLINICIAN, Role.SUPERVISOR)
    return Choices(
        ways=ways,
        peers=[person for person in peers if person.id != actor.person_id],
        clients=clients,
        disclosed=consents.disclosed(session, [c.id for c in clients], local_day(now(), actor.zone)),
        jurisdictions=jurisdictions(),
        dilemmas=dilemmas(),
        way=before if before in offered else (ways[0].value if ways else ""),
        jurisdiction=last.jurisdiction if last else _licensed_in(session, actor.person_id),
    )


def way_of(case: Case) -> str:
    """Return the value of the way that a case asks."""
    if case.audience == PEERS:
        return PEERS
    parts = [case.kind, case.supervisor_id or "", case.group_id or ""]
    return ":".join(parts)


def save_draft(actor: Actor, case_id: str, seen: int, draft: Draft, *, new: bool = False, quietly: bool = False) -> int:
    """Save what was typed and return the version of the draft; ``seen`` is the version the page was made from.

    ``new``: the page was one for a new case, which this begins unless an earlier save did. Raises Invalid at a field,
    Conflict when another window saved meanwhile; nothing is written then.
    """
    _check_length(draft)
    try:
        with unit_of_work(actor) as work:
            return _save(work, case_id, seen, draft, new=new, quietly=quietly)
    except Conflict:
        saved = cases.draft(db.session(), case_id)
        if saved is None or saved_texts(actor, case_id) != draft.texts:
            raise
        return saved.version  # the same words sent twice


def saved_texts(actor: Actor, case_id: str) -> dict[str, str]:
    """Return the texts that the editor of this author begins with: what was saved last, else what was released.

    A new version begins with the released text, not with the original before it: what was removed once stays removed,
    and no original outlives its day in a copy.
    """
    session = db.session()
    draft = cases.draft(session, case_id)
    if draft is None:
        released = cases.version(session, case_id)
        return {name: getattr(released, name) for name in service.TEXTS}
    kept = deid.read_original(session, service.subject_of(draft), actor)
    author_id = cases.get(session, case_id).author_id
    return {name: deid.reveal(kept[name], actor, author_id) for name in service.TEXTS}


def what_is_missing(actor: Actor, case_id: str) -> list[Invalid]:
    """Return, each at its field, everything without which the saved draft is not screened."""
    case, texts = cases.get(db.session(), case_id), saved_texts(actor, case_id)
    wanted: list[tuple[object, str, str]] = [
        (texts["title"].strip(), "Give the case a title; readers see it first.", "title"),
        (texts["body"].strip(), "Write what happened.", "body"),
    ]
    if case.current_version == 0:
        wanted += [
            (case.client_id, "Choose a client reference, or make a new one.", "client_id"),
            (case.audience != PEERS or case.peer_ids, "Choose at least one colleague.", "peer_ids"),
            (case.jurisdiction, "Choose the state whose law applies.", "jurisdiction"),
        ]
    return [Invalid(says, name) for there, says, name in wanted if not there]


def make_client(actor: Actor, case_id: str, jurisdiction: str) -> Client:
    """Make a client reference and put it on the draft, in one press."""
    with unit_of_work(actor) as work:
        client = consent_verbs.start_client(work, jurisdiction)
        service.name_client(work, case_id, client.id)
    return client


def screen_draft(actor: Actor, case_id: str) -> str:
    """Run the engine over the saved draft and keep its proposal; return the id of the screening.

    Raises Invalid for the first of ``what_is_missing`` and Unavailable when the engine is; the text stays saved.
    """
    for lack in what_is_missing(actor, case_id):
        raise lack
    session = db.session()
    draft = cases.draft(session, case_id)
    if draft is None:
        raise Conflict("This version was released already; open the case to read it.")
    seen, subject = draft.version, service.subject_of(draft)
    scene = scene_of(session, actor, case_id)
    prepared = deid.prepare(saved_texts(actor, case_id), names_of_readers(session, case_id), scene)
    with unit_of_work(actor) as work:
        fresh = cases.draft(work.session, case_id)
        if fresh is None or fresh.version != seen:
            raise Conflict("The draft was changed while it was being screened. Continue from what is saved now.")
        screening = deid.store(work, subject, prepared)
        service.screened(work, case_id)
        return screening.id


def _save(work: UnitOfWork, case_id: str, seen: int, draft: Draft, *, new: bool, quietly: bool) -> int:
    known = cases.find(work.session, case_id)
    if (known is None and not new) or (known and (known.author_id, known.org_id) != _who(work)):
        raise NotFound
    brief = _brief(work, draft) if known is None or known.current_version == 0 else None
    if known is None and brief is not None:
        service.start(work, brief, draft.texts, case_id)
    else:
        service.save(work, case_id, seen, brief, draft.texts, quietly=quietly)
    if brief is not None and brief.client_id and draft.disclosed and not quietly:
        consent_verbs.disclose(work, brief.client_id, draft.disclosed_on)
    work.session.flush()
    saved = cases.draft(work.session, case_id)
    return saved.version if saved else 0


def _who(work: UnitOfWork) -> tuple[str, str]:
    return work.actor.person_id, work.actor.org_id


def _ways(session: Session, actor: Actor) -> list[Way]:
    groups = groups_of(session, actor.person_id, actor.org_id)
    sizes = {group.id: len(set(group_members(session, group.id)) - {actor.person_id}) for group in groups}
    agreements = supervisors_of(session, actor.person_id, actor.org_id, local_day(now(), actor.zone))
    named = people(session, {agreement.supervisor_id for agreement in agreements})
    ways: list[Way] = []
    for person in named.values():
        who = _with_credential(person)
        ways.append(Way(f"supervision:{person.id}:", who, "supervision", "supervisor", person.id))
        for group in groups:
            words = f"{who} and {group.name} ({sizes[group.id]})"
            ways.append(Way(f"supervision:{person.id}:{group.id}", words, "supervision", "group", person.id, group.id))
    for group in groups:
        words = f"{group.name} ({sizes[group.id]})"
        ways.append(Way(f"consultation::{group.id}", words, "consultation", "group", None, group.id))
    if len(members(session, actor.org_id, Role.CLINICIAN, Role.SUPERVISOR)) > 1:
        ways.append(Way(PEERS, "Colleagues I choose", "consultation", PEERS))
    return ways


def _with_credential(person: Person) -> str:
    return f"{person.name}, {person.credential}" if person.credential else person.name


def _licensed_in(session: Session, person_id: str) -> str:
    return next((licence.jurisdiction for licence in licences_of(session, person_id)), "")


def _check_length(draft: Draft) -> None:
    texts = draft.texts
    for name, limit in (("title", TITLE), ("question", QUESTION)):
        length = len(texts[name])
        if length > limit:
            raise Invalid(f"This has {length:,} characters; at most {limit:,} can be saved. Nothing was cut.", name)
    deid.check_length(texts)


def _brief(work: UnitOfWork, draft: Draft) -> service.Brief:
    """Turn choices into a brief, each checked against what is offered now."""
    actor, session = work.actor, work.session
    way = next((way for way in _ways(session, actor) if way.value == draft.way), None)
    if way is None and draft.way:
        raise Invalid("This is not offered any more: an agreement or a group has ended. Choose again.", "way")
    peers: tuple[str, ...] = ()
    if way is not None and way.audience == PEERS:
        offered = {person.id for person in members(session, actor.org_id, Role.CLINICIAN, Role.SUPERVISOR)}
        peers = tuple(dict.fromkeys(draft.peer_ids))
        if not {*peers} <= offered - {actor.person_id}:
            raise Invalid("Someone you chose is no longer a member. Choose again.", "peer_ids")
    own = {client.id: client for client in consents.clients_of(session, actor.person_id, actor.org_id)}
    if draft.client_id and draft.client_id not in own:
        raise Invalid("Choose one of your client references.", "client_id")
    if draft.jurisdiction and draft.jurisdiction not in jurisdictions():
        raise Invalid("Choose a state from the list.", "jurisdiction")
    if draft.urgency not in URGENCIES:
        raise Invalid("Choose how soon you need an answer.", "urgency")
    return service.Brief(
        kind=way.kind if way else "consultation",
        audience=way.audience if way else PEERS,
        client_id=draft.client_id or None,
        supervisor_id=way.supervisor_id if way else None,
        group_id=way.group_id if way else None,
        peer_ids=peers,
        jurisdiction=draft.jurisdiction or (own[draft.client_id].jurisdiction if draft.client_id else ""),
        urgency=draft.urgency,
        dilemmas=tuple(name for name in dilemmas() if name in draft.dilemmas),
    )

"""The verbs of cases. What crosses rooms (consent, agreements, groups) is decided in the flows that call them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from supervise.access import service as access
from supervise.cases import queries
from supervise.cases.models import Case, CaseVersion
from supervise.cases.rules import Change, next_state
from supervise.core.errors import Conflict, Refused
from supervise.core.ids import new_code
from supervise.core.text import ReleasedText
from supervise.core.uow import UnitOfWork
from supervise.deid import service as deid
from supervise.events import (
    CaseClosed,
    CaseKindChanged,
    CaseReleased,
    CaseStarted,
    CaseStateChanged,
    DraftSaved,
    LegalHoldChanged,
    NextLookSet,
    ReaderSteppedOut,
)
from supervise.policy import Basis

TEXTS = ("title", "question", "body")


@dataclass(frozen=True, slots=True)
class Brief:
    """What a case is and whom it asks: everything of a draft but its text."""

    kind: str
    audience: str
    client_id: str | None = None
    supervisor_id: str | None = None
    group_id: str | None = None
    peer_ids: tuple[str, ...] = ()
    jurisdiction: str = ""
    urgency: str = "routine"
    dilemmas: tuple[str, ...] = ()


def subject_of(version: CaseVersion) -> str:
    """Return the name under which the original and the screening of a version are kept."""
    return f"case_version:{version.id}"


def start(work: UnitOfWork, brief: Brief, texts: Mapping[str, str], case_id: str | None = None) -> Case:
    """Begin a case as its author's draft. ``case_id`` may be chosen before, so that saving twice makes one case."""
    code = new_code()
    while queries.code_taken(work.session, work.actor.org_id, code):
        code = new_code()
    case = Case(
        org_id=work.actor.org_id,
        code=code,
        author_id=work.actor.person_id,
        state="draft",
        current_version=0,
        created_at=work.now,
        changed_at=work.now,
    )
    if case_id is not None:
        case.id = case_id
    _describe(case, brief)
    work.session.add(case)
    work.session.flush()
    access.grant(
        work, case_id=case.id, org_id=case.org_id, person_id=case.author_id, basis=Basis.AUTHOR
    )  # fmt: skip
    work.emit(CaseStarted(case.org_id, case.id, case.kind))
    _write(work, _new_draft(work, case), texts)
    return case


def save(
    work: UnitOfWork, case_id: str, seen: int, brief: Brief | None, texts: Mapping[str, str], *, quietly: bool = False
) -> CaseVersion:
    """Save the draft of a case and return it; ``quietly`` for what is saved while the person goes on typing.

    ``seen`` is the version of the draft that the page was made from, 0 where there was none: raises Conflict when
    another window saved since. ``brief`` is taken until the first release and ignored after it. What was proposed is a
    draft again; so is what was confirmed, unless its text and who will read it stayed the same.
    """
    case = queries.get(work.session, case_id)
    draft = queries.draft(work.session, case_id)
    if (draft.version if draft else 0) != seen:
        raise Conflict("Another window saved this draft after you opened it here.")
    if draft is None:
        next_state(case.state, Change.REVISE, case.kind)  # refused where nothing new may be released
        draft = _new_draft(work, case)
    before = _readers_of(case)
    if case.current_version == 0 and brief is not None:
        if brief.kind != case.kind:
            work.emit(CaseKindChanged(case.org_id, case.id, brief.kind))
        _describe(case, brief)
    _write(work, draft, texts)
    if case.legal_hold:
        deid.hold(work, subject_of(draft), True)
    # The names of those who would read a text stay readable in it, so for other readers it is screened anew.
    stands = draft.stage == "confirmed" and _readers_of(case) == before
    if not stands or not deid.confirmed(work.session, subject_of(draft)):
        _move(work, case, draft, Change.EDIT)
    if not quietly:
        work.emit(DraftSaved(case.org_id, case.id))
    return draft


def name_client(work: UnitOfWork, case_id: str, client_id: str) -> None:
    """Put a client reference on a draft."""
    case, draft = queries.get(work.session, case_id), _draft_of(work, case_id)
    if case.current_version:
        raise Refused("The client of a released case stays the same.")
    case.client_id = client_id
    draft.saved_at = work.now


def screened(work: UnitOfWork, case_id: str) -> None:
    """The engine has proposed what to remove from the draft; its author decides next, unless that was done before."""
    case, draft = queries.get(work.session, case_id), _draft_of(work, case_id)
    if draft.stage == "confirmed" and deid.confirmed(work.session, subject_of(draft)):
        return
    _move(work, case, draft, Change.SCREEN)
    if deid.confirmed(work.session, subject_of(draft)):  # an edit was taken back, word for word
        _move(work, case, draft, Change.CONFIRM)


def confirmed(work: UnitOfWork, version_id: str) -> Case:
    """The author has confirmed the screened text; return the case, whose next page is its release."""
    draft = queries.draft_by_id(work.session, version_id)
    case = queries.get(work.session, draft.case_id)
    if draft.stage != "confirmed":  # deciding something anew and confirming again is no other state
        _move(work, case, draft, Change.CONFIRM)
    return case


def release_version(work: UnitOfWork, case_id: str, text: Mapping[str, ReleasedText]) -> CaseVersion:
    """Put the confirmed text in the place of the draft: from now on others read it. Grants nothing by itself."""
    case = queries.get(work.session, case_id)
    draft = _draft_of(work, case_id)
    first = case.current_version == 0
    state = next_state(case.state, Change.RELEASE if first else Change.REVISE, case.kind)
    next_state(draft.stage, Change.RELEASE, case.kind)
    for name in TEXTS:
        setattr(draft, name, str(text.get(name, "")))
    draft.stage, draft.released_at = "released", work.now
    case.state, case.current_version, case.changed_at = state, draft.number, work.now
    case.released_at = case.released_at or work.now
    work.emit(CaseReleased(case.org_id, case.id, str(draft.number)))
    return draft


def decided(work: UnitOfWork, case_id: str) -> None:
    """The author's decision is recorded; who records it says so with ``CaseDecided``."""
    case = _change(work, case_id, Change.DECIDE)
    case.decided_at = work.now


def send_back(work: UnitOfWork, case_id: str) -> None:
    """The supervisor of record wants another look: the case is open again."""
    case = _change(work, case_id, Change.SEND_BACK)
    case.decided_at = None
    work.emit(CaseStateChanged(case.org_id, case.id, "sent_back"))


def close(work: UnitOfWork, case_id: str) -> None:
    """Close a decided case: by the supervisor's sign-off in supervision, by its author in consultation."""
    kind = queries.get(work.session, case_id).kind
    case = _change(work, case_id, Change.SIGN_OFF if kind == "supervision" else Change.CLOSE)
    case.closed_at = work.now
    work.emit(CaseClosed(case.org_id, case.id))


def reopen(work: UnitOfWork, case_id: str) -> None:
    """Open a closed case again."""
    case = _change(work, case_id, Change.REOPEN)
    case.closed_at = case.decided_at = None
    work.emit(CaseStateChanged(case.org_id, case.id, "reopened"))


def withdraw(work: UnitOfWork, case_id: str) -> None:
    """Take an open case back: from now on only its author and the supervisor of record read it."""
    case = _change(work, case_id, Change.WITHDRAW)
    case.withdrawn_at = work.now
    access.end_all(work, case_id, "withdrawn", (Basis.GROUP, Basis.PEER))
    work.emit(CaseStateChanged(case.org_id, case.id, "withdrawn"))


def set_next_look(work: UnitOfWork, case_id: str, at: datetime | None) -> None:
    """The supervisor of record has looked; ``at`` is when the next look is, if one is planned."""
    case = queries.get(work.session, case_id)
    case.reviewed_at, case.next_look_at = work.now, at
    work.emit(NextLookSet(case.org_id, case.id))


def set_legal_hold(work: UnitOfWork, case_id: str, on: bool) -> None:
    """Stop, or allow again, the destruction of the originals of every version of the case; the flow does the rest."""
    case = queries.get(work.session, case_id)
    if case.legal_hold == on:
        return
    case.legal_hold = on
    draft = queries.draft(work.session, case_id)
    for version in [*queries.versions(work.session, case_id), *([draft] if draft else [])]:
        deid.hold(work, subject_of(version), on)
    work.emit(LegalHoldChanged(case.org_id, case.id, "on" if on else "off"))


def set_red(work: UnitOfWork, client_id: str, on: bool) -> None:
    """Mark the cases of a client while a crisis is open. It refuses no writer: their version stays as it is."""
    work.session.execute(update(Case).where(Case.client_id == client_id).values(red=on, version=Case.version))


def set_held(work: UnitOfWork, case_id: str, held: bool) -> None:
    """Mark that somebody saw an identifier, or that nothing that was seen is left; what is hidden is in incidents."""
    case = queries.get(work.session, case_id)
    if case.held != held:
        case.held, case.changed_at = held, work.now


def mend(work: UnitOfWork, version_id: str, name: str, text: ReleasedText) -> None:
    """Put a released text in which a stand-in replaces what a reader saw in the place of the one before."""
    if name not in TEXTS:
        raise ValueError(f"no text of a version: {name}")
    setattr(work.session.get_one(CaseVersion, version_id), name, str(text))


def set_consent_lapsed(work: UnitOfWork, case_id: str, lapsed: bool) -> None:
    """Mark that peers and groups may not read for want of consent; who may read is settled in ``access``."""
    case = queries.get(work.session, case_id)
    if case.consent_lapsed != lapsed:
        case.consent_lapsed, case.changed_at = lapsed, work.now


def step_out(work: UnitOfWork, case_id: str) -> None:
    """The actor, who may know the client, ends their own reading of the case for good."""
    case = queries.get(work.session, case_id)
    if work.actor.person_id in {case.author_id, case.supervisor_id}:
        raise Refused("Author and supervisor of record stay responsible for a case.")
    access.end(work, case_id, work.actor.person_id, "stepped_out")
    work.emit(ReaderSteppedOut(case.org_id, case.id, work.actor.person_id))


def _draft_of(work: UnitOfWork, case_id: str) -> CaseVersion:
    draft = queries.draft(work.session, case_id)
    if draft is None:
        raise Refused("Nothing is being written here; it was released already.")
    return draft


def _new_draft(work: UnitOfWork, case: Case) -> CaseVersion:
    draft = CaseVersion(
        case_id=case.id,
        org_id=case.org_id,
        number=case.current_version + 1,
        stage="draft",
        created_at=work.now,
        saved_at=work.now,
    )
    work.session.add(draft)
    work.session.flush()
    return draft


def _write(work: UnitOfWork, draft: CaseVersion, texts: Mapping[str, str]) -> None:
    draft.saved_at = work.now
    deid.save_original(work, subject_of(draft), {name: texts.get(name, "") for name in TEXTS})


def _readers_of(case: Case) -> tuple[str | None, str | None, frozenset[str]]:
    return case.supervisor_id, case.group_id, frozenset(case.peer_ids)


def _describe(case: Case, brief: Brief) -> None:
    case.kind, case.audience, case.client_id = brief.kind, brief.audience, brief.client_id
    case.supervisor_id, case.group_id, case.peer_ids = brief.supervisor_id, brief.group_id, list(brief.peer_ids)
    case.jurisdiction, case.urgency, case.dilemmas = brief.jurisdiction, brief.urgency, list(brief.dilemmas)


def _move(work: UnitOfWork, case: Case, draft: CaseVersion, change: Change) -> None:
    draft.stage = next_state(draft.stage, change, case.kind)
    if case.current_version == 0:
        case.state, case.changed_at = draft.stage, work.now


def _change(work: UnitOfWork, case_id: str, change: Change) -> Case:
    case = queries.get(work.session, case_id)
    case.state, case.changed_at = next_state(case.state, change, case.kind), work.now
    return case

"""The verbs of de-identification, and the only maker of ``ReleasedText``.

An original is saved encrypted, screened, confirmed by its author, released, and destroyed. Nobody but the author opens
it; every verb that does so checks that again, whatever the guard of the page has checked.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervise.core.actor import Actor
from supervise.core.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from supervise.core.ids import new_id
from supervise.core.installation import installation
from supervise.core.text import OriginalText, ReleasedText, digest
from supervise.core.uow import UnitOfWork
from supervise.deid import originals, queries
from supervise.deid.engine.canonical import canonicalise
from supervise.deid.engine.choices import Choice
from supervise.deid.engine.errors import ChoiceRefused, RefusedText
from supervise.deid.engine.proposal import Proposal
from supervise.deid.engine.standins import Before
from supervise.deid.models import Original, Screening
from supervise.deid.rules.scene import Scene, called
from supervise.deid.rules.work import Work, fenced, join
from supervise.events import OriginalDestroyed, RedactionsConfirmed, RedactionsProposed

KINDS = ("case_version", "post", "decision", "ruling", "meeting")
DESTROY = "originals.destroy"
_NEARBY = 24


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """What the engine made of the fields as typed; ``clean`` when it found nothing to take out or to ask."""

    work: Work
    texts: dict[str, str]
    engine_version: str

    @property
    def clean(self) -> bool:
        return not self.work.proposal.groups


# Originals ------------------------------------------------------------------------------------------------------------


def save_original(work: UnitOfWork, subject: str, fields: Mapping[str, str]) -> None:
    """Encrypt what the actor typed, at once. A change makes void whatever was proposed or confirmed before."""
    if subject.partition(":")[0] not in KINDS:
        raise ValueError(f"no kind of text: {subject.partition(':')[0]}")
    row = queries.original_of(work.session, subject)
    if row is None:
        row = Original(id=new_id(), org_id=work.actor.org_id, author_id=work.actor.person_id, subject=subject, kid="")
        work.session.add(row)
    elif row.author_id != work.actor.person_id:
        raise NotFound
    elif row.destroy_at is None and originals.holds(row, fields):
        row.saved_at = work.now
        return
    elif row.held and row.destroy_at is not None:
        originals.set_aside(work.session, row, work.now)
    row.destroy_at, row.destroyed_at, row.saved_at = None, None, work.now
    originals.seal(row, fields, work.now, held=row.held)
    screening = queries.screening_of(work.session, subject)
    if screening is not None:
        screening.state, screening.confirmed_at, screening.result_hash = "void", None, None
        originals.follow(screening, row.kid)
    work.session.flush()


def read_original(session: Session, subject: str, actor: Actor) -> dict[str, OriginalText]:
    """Return the fields of an original to its author; empty when there is none or it was destroyed, else NotFound."""
    row = queries.original_of(session, subject)
    if row is None:
        return {}
    if row.author_id != actor.person_id:
        raise NotFound
    if row.sealed is None:
        return {}
    return {name: OriginalText(text) for name, text in originals.unseal(row).items()}


latest_original_opens = originals.latest_opens


def original_saved_at(session: Session, subject: str) -> datetime | None:
    """Return when an original was last saved; None if there is none any more."""
    return queries.saved_at(session, subject)


def reveal(original: OriginalText, actor: Actor, author_id: str) -> str:
    """Return the words of an original to its author. Editors and the confirm page call this, nothing else does."""
    if actor.person_id != author_id:
        raise NotFound
    return original.reveal_to_author()


def discard(work: UnitOfWork, subject: str) -> None:
    """Throw away an original and everything that was made of it; its author, or the system, asks for it."""
    row = queries.original_of(work.session, subject)
    if row is None:
        return
    if work.actor.person_id not in (row.author_id, "system"):
        raise NotFound
    if row.held:
        raise Refused("A legal hold keeps this original. Lift the hold first.")
    screening = queries.screening_of(work.session, subject)
    if screening is not None:
        work.session.delete(screening)
    work.session.delete(row)
    work.session.flush()


# Screening ------------------------------------------------------------------------------------------------------------


def called_before(session: Session, actor: Actor, subjects: Iterable[str], *, own: bool) -> Before:
    """Return what the actor called people and places in the texts of ``subjects``, which readers know; latest first.

    What was destroyed is not known any more. ``own``: the actor writes on a case of their own.
    """
    works = []
    for subject in subjects:
        screening = queries.screening_of(session, subject)
        if screening is None or screening.author_id != actor.person_id or screening.org_id != actor.org_id:
            continue
        if screening.state in ("confirmed", "released") and (kept := originals.kept_work(screening)) is not None:
            works.append(Work.from_dict(kept))
    return called(works, own=own)


def mend(text: str, becomes: Callable[[str], str]) -> ReleasedText:
    """Return a released text in which ``becomes`` has put stand-ins in the place of what a reader saw."""
    return ReleasedText(becomes(text))


def check_length(fields: Mapping[str, str]) -> None:
    """Raise Invalid at the longest field when all of them together are more than one text may have.

    Asked wherever such a text is saved as well, so that nothing is kept that could not go on.
    """
    limit = installation().settings.max_vignette
    length = sum(len(text) for text in fields.values())
    if length > limit:
        longest = max(fields, key=lambda name: len(fields[name]))
        parts = [name for name, text in fields.items() if text]
        what = "This has" if parts == [longest] else f"With {_listed(parts, longest)} this has"
        raise Invalid(f"{what} {length:,} characters; the most is {limit:,}. Nothing was cut.", longest)


def prepare(fields: Mapping[str, str], allowed: frozenset[str], scene: Scene | None = None) -> Prepared:
    """Run the engine over the fields; no database. ``allowed`` names are readers' own and stay readable.

    ``scene``: the case so far and whom the author serves, where the text belongs to a case.
    Raises Invalid at the field that is too long or cannot be screened, Unavailable when the engine fails.
    """
    check_length(fields)
    engine = installation().engine()
    try:
        texts = {name: _canonical(name, text) for name, text in fields.items()}
        canonical, edges = join(texts)
        found: Proposal = engine.propose(canonical, allowed)
        if scene is not None:
            found = scene.seen.added_to(found).again(scene.before, scene.communities)
        proposal = fenced(found, edges)
    except Invalid:
        raise
    except Exception as error:  # whatever goes wrong inside the engine, nothing may come out of it
        raise Unavailable(
            "The de-identification step failed on this text, so nothing was shown to others. Your text is kept."
        ) from error
    return Prepared(Work(edges, proposal, _source(fields)), texts, str(engine.version))


def store(work: UnitOfWork, subject: str, prepared: Prepared) -> Screening:
    """Keep the proposal for its author to decide. Decisions made before an edit are carried over where they hold."""
    row = _own_original(work, subject)
    _require_unchanged(row, prepared)
    screening = queries.screening_of(work.session, subject)
    proposed = prepared.work
    if screening is None:
        screening = Screening(
            id=new_id(), org_id=row.org_id, author_id=row.author_id, subject=subject, kid=row.kid, counts={}
        )
        work.session.add(screening)
    elif (kept := originals.kept_work(screening)) is not None:
        earlier = Work.from_dict(kept)
        same = (earlier.source, screening.engine_version) == (proposed.source, prepared.engine_version)
        if same and screening.state in ("proposed", "confirmed") and earlier.covers(proposed):
            return screening
        proposed = proposed.carry(earlier)
    screening.state, screening.proposed_at, screening.engine_version = "proposed", work.now, prepared.engine_version
    screening.confirmed_at = screening.released_at = screening.result_hash = None
    screening.counts = proposed.counts()
    originals.seal_work(screening, row.kid, proposed.as_dict())
    work.session.flush()
    work.emit(RedactionsProposed(row.org_id, screening.id, subject))
    return screening


def clean_release(work: UnitOfWork, prepared: Prepared, subject: str | None = None) -> dict[str, ReleasedText]:
    """Return a text in which nothing was found, for others to read; the original of ``subject``, the same, goes."""
    if not prepared.clean:
        raise Refused("Something was found in this text; its author decides first.")
    if subject is not None:
        row = _own_original(work, subject)
        _require_unchanged(row, prepared)
        if row.held:
            row.destroy_at = work.now + timedelta(days=installation().settings.original_days)
        else:
            discard(work, subject)
    return {name: ReleasedText(text) for name, text in prepared.texts.items()}


# The author's decisions -----------------------------------------------------------------------------------------------


def work_on(session: Session, screening_id: str, actor: Actor) -> tuple[Screening, Work]:
    """Return a screening and the work on it to its author; raise Refused when the text was edited since."""
    screening = queries.screening(session, screening_id)
    if screening.author_id != actor.person_id or screening.org_id != actor.org_id:
        raise NotFound
    if screening.state == "void":
        raise Refused("The text was edited after it was screened. Screen it again; your decisions are carried over.")
    return screening, Work.from_dict(originals.unseal_work(screening))


def choose(work: UnitOfWork, screening_id: str, version: int, changes: Mapping[str, Choice | None]) -> Screening:
    """Decide findings; None takes a decision back. Raises Invalid at ``choice-<key>`` for one that does not hold."""
    return _change(work, screening_id, version, lambda now: now.choose(changes))


def accept_rest(
    work: UnitOfWork, screening_id: str, version: int, changes: Mapping[str, Choice | None] | None = None
) -> Screening:
    """Decide ``changes`` as given and everything still open as it is proposed."""
    return _change(work, screening_id, version, lambda now: now.choose(changes or {}).accept_rest())


def add(work: UnitOfWork, screening_id: str, version: int, passage: str, label: str) -> Screening:
    """Take out a passage that was missed, wherever it stands. Raises Invalid at ``mark`` if it is not in the text."""
    return _change(work, screening_id, version, lambda now: now.add(passage, label))


def undo(work: UnitOfWork, screening_id: str, version: int) -> Screening:
    """Take back the last step."""
    return _change(work, screening_id, version, lambda now: now.undo())


def confirm(work: UnitOfWork, screening_id: str, shown: str) -> Screening:
    """The author has read the result whose hash is ``shown``; exactly that may be released."""
    screening, decided = work_on(work.session, screening_id, work.actor)
    if screening.state == "released":
        raise Refused("This text was released already.")
    if not decided.is_complete:
        raise Refused(f"{len(decided.undecided)} still to decide before this text can be confirmed.")
    row = _own_original(work, screening.subject)
    if decided.source != _source(originals.unseal(row)):
        raise Conflict("The text was edited in another window while you were reading. Screen it again.")
    if _hash(decided) != shown:
        raise Conflict("The text changed after this page was shown. Read it as it stands now, then confirm.")
    screening.state, screening.confirmed_at, screening.result_hash = "confirmed", work.now, shown
    work.session.flush()
    work.emit(RedactionsConfirmed(screening.org_id, screening.id, screening.subject))
    return screening


def confirmed(session: Session, subject: str) -> bool:
    """Tell whether the author has confirmed what the subject's original became."""
    screening = queries.screening_of(session, subject)
    return screening is not None and screening.state == "confirmed"


def release(work: UnitOfWork, subject: str) -> dict[str, ReleasedText]:
    """Return the confirmed text for others to read, and plan the destruction of its original.

    Raises Refused unless the author confirmed exactly this: same original, same decisions, same result.
    """
    row = _own_original(work, subject)
    screening = queries.screening_of(work.session, subject)
    if screening is None or screening.state != "confirmed" or screening.author_id != work.actor.person_id:
        raise Refused("The author has not confirmed this text yet.")
    decided = Work.from_dict(originals.unseal_work(screening))
    if decided.source != _source(originals.unseal(row)) or _hash(decided) != screening.result_hash:
        raise Refused("The text is not the one that was confirmed. Screen and confirm it again.")
    screening.state, screening.released_at = "released", work.now
    row.destroy_at = work.now + timedelta(days=installation().settings.original_days)
    originals.rewrap(work.session, row, work.now, held=row.held)
    work.session.flush()
    _look_again(work, row.destroy_at)
    return {name: ReleasedText(text) for name, text in decided.texts().items()}


# Retention ------------------------------------------------------------------------------------------------------------


def hold(work: UnitOfWork, subject: str, on: bool) -> None:
    """Stop the destruction of a subject's originals, or let it take its course again. Opens nothing to anybody."""
    for row in queries.originals_of(work.session, subject):
        if row.sealed is None or row.held == on:
            continue
        originals.rewrap(work.session, row, work.now, held=on)
        work.session.flush()
        if not on and row.destroy_at is not None:
            _look_again(work, max(row.destroy_at, work.now))


def destroy_due(work: UnitOfWork) -> int:
    """Destroy what is due: originals whose time has come, and weekly keys of past weeks that nothing lies under.

    Open the unit of work for this alone. Keys go by what is committed already, so what this run frees goes in the next
    one; the worker runs it every hour. Returns how many originals were destroyed.
    """
    originals.destroy_keys(work.session, work.now)
    rows = work.session.scalars(
        select(Original).where(
            Original.sealed.is_not(None), Original.destroy_at <= work.now, Original.kid.not_like("hold-%")
        )
    ).all()
    for row in rows:
        originals.destroy(work.session, row, work.now)
        work.emit(OriginalDestroyed(row.org_id, row.id, row.subject))
    originals.rewrap_old_drafts(work.session, work.now)
    work.session.flush()
    return len(rows)


# ----------------------------------------------------------------------------------------------------------------------


def _change(work: UnitOfWork, screening_id: str, version: int, step: Callable[[Work], Work]) -> Screening:
    screening, before = work_on(work.session, screening_id, work.actor)
    if screening.state == "released":
        raise Refused("This text was released already. Write a new version to change it.")
    if screening.version != version:
        raise Conflict("These findings were decided in another window meanwhile. This page shows them as they are now.")
    try:
        after = step(before)
    except ChoiceRefused as refused:
        raise Invalid(refused.reason, f"choice-{refused.key}") from refused
    if after is not before:
        screening.state, screening.confirmed_at, screening.result_hash = "proposed", None, None
        originals.seal_work(screening, screening.kid, after.as_dict())
        screening.counts = after.counts()
        work.session.flush()
    return screening


def _own_original(work: UnitOfWork, subject: str) -> Original:
    row = queries.original_of(work.session, subject)
    if row is None or row.author_id != work.actor.person_id:
        raise NotFound
    if row.sealed is None:
        raise Refused("The original was destroyed as planned; write a new version instead.")
    return row


def _require_unchanged(row: Original, prepared: Prepared) -> None:
    if _source(originals.unseal(row)) != prepared.work.source:
        raise Conflict("The text was edited in another window while it was being screened. Screen it again.")


def _source(fields: Mapping[str, str]) -> str:
    return digest(*(part for name in sorted(fields) for part in (name, fields[name])))


def _hash(work: Work) -> str:
    try:
        return work.hash()
    except ChoiceRefused as refused:
        raise Refused("A decision no longer holds. Look at the findings again.") from refused


def _canonical(name: str, text: str) -> str:
    try:
        return canonicalise(text).text
    except RefusedText as refused:
        near = text[max(0, refused.start - _NEARBY) : refused.end + _NEARBY]
        near = " ".join("".join(c if c.isprintable() else " " for c in near).split())
        place = f" It stands near “{near}”." if len(near) <= 4 * _NEARBY else ""
        raise Invalid(refused.reason + place, name) from refused


def _listed(parts: list[str], longest: str) -> str:
    others = [part.replace("_", " ") for part in parts if part != longest]
    return " and ".join(others) if len(others) < 3 else "the other fields"


def _look_again(work: UnitOfWork, at: datetime) -> None:
    at = at.replace(second=0, microsecond=0) + timedelta(minutes=1)  # one row a minute does for all that fall into it
    work.due(DESTROY, at, {}, dedupe_key=f"{DESTROY}:{at:%Y-%m-%dT%H:%M}")

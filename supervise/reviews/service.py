"""The verbs of reviews. Text is an original until it is screened; the publishers take it from there.

Whether the case allows it (who, in which state) is decided by the flows, which see the case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supervise.core.clock import local_day
from supervise.core.errors import Conflict, Invalid, NotFound, Refused
from supervise.core.text import ReleasedText
from supervise.core.uow import UnitOfWork
from supervise.deid import service as deid
from supervise.events import CaseDecided, GuidanceEdited, GuidancePosted, MustDoAnswered
from supervise.reviews import queries
from supervise.reviews.models import Decision, Post, PostRevision, Ruling
from supervise.reviews.rules import KINDS, Anchor, check_decision, check_post, check_reason

OPTION_WORDS = ("option", "for", "against")
_MENDED: dict[str, type[Post | PostRevision | Decision | Ruling]] = {
    "post": Post, "revision": PostRevision, "decision": Decision, "ruling": Ruling,
}  # fmt: skip
_TEXTS = {
    "post": ("body", "because", "anchor_quote"), "revision": ("body", "because"),
    "decision": ("body", "follow_up_note"), "ruling": ("reason",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writing:
    """A post as its author has it on the screen."""

    kind: str
    body: str
    because: str = ""
    parent_id: str | None = None
    anchor: Anchor | None = None
    version_number: int = 1
    cites: tuple[str, ...] = ()
    competency: str | None = None
    mentions: tuple[str, ...] = ()
    due_on: date | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The parts that are screened before others read them."""
        return {"body": self.body, **({"because": self.because} if self.because.strip() else {})}


@dataclass(frozen=True, slots=True)
class Deciding:
    """A decision as its author has it on the screen; ``options``: ``{option, for, against, chosen}``."""

    options: Sequence[Mapping[str, str | bool]]
    body: str
    cites: tuple[str, ...] = ()
    follow_up_on: date | None = None

    @property
    def named(self) -> list[Mapping[str, str | bool]]:
        """The options that have a name."""
        return [option for option in self.options if str(option["option"]).strip()]

    @property
    def texts(self) -> dict[str, str]:
        """The parts that are screened before others read them, the words of the options among them."""
        words = {
            f"{word}_{number}": str(option[word])
            for number, option in enumerate(self.named)
            for word in OPTION_WORDS
            if str(option[word]).strip()
        }
        return {**words, "body": self.body}


def subject_of(kind: str, row_id: str) -> str:
    """Return the name under which an original and its screening are kept: kind is post, decision or ruling."""
    return f"{kind}:{row_id}"


def save_post(work: UnitOfWork, case_id: str, post_id: str, writing: Writing, seen: int) -> Post:
    """Keep what someone writes as a draft that only they see. ``post_id`` may be new; ``seen`` is the version of the
    draft that the page was made from (0: none), so that a second window cannot overwrite the first."""
    post = queries.find_post(work.session, post_id)
    if post is not None and (post.author_id != work.actor.person_id or post.case_id != case_id):
        raise NotFound
    if post is not None and post.state == "published":
        raise Conflict("This post was published already. What you typed is below; edit the post instead.")
    if (post.version if post else 0) != seen:
        raise Conflict("Another window saved this draft after you opened it here.")
    if writing.parent_id is not None:
        parent = queries.post(work.session, writing.parent_id)
        if parent.case_id != case_id or parent.state != "published":
            raise NotFound
    if post is None:
        post = Post(
            id=post_id, org_id=work.actor.org_id, case_id=case_id, author_id=work.actor.person_id, created_at=work.now
        )
        work.session.add(post)
    _describe(post, writing)
    post.state, post.saved_at = "draft", work.now
    work.session.flush()
    deid.save_original(work, subject_of("post", post.id), writing.texts)
    return post


def ready_post(work: UnitOfWork, writing: Writing) -> None:
    """Raise Invalid where what is written lacks what its kind needs to be published."""
    today = local_day(work.now, work.actor.zone)
    check_post(writing.kind, writing.body, writing.because, writing.due_on, today)


def publish_post(work: UnitOfWork, post_id: str, text: Mapping[str, ReleasedText]) -> Post:
    """Put the screened words of a post in place: it appears, or, when it stood there before, its old words are kept
    as history."""
    post = queries.post(work.session, post_id)
    body, because = str(text["body"]), str(text.get("because", ""))
    # What stands beside the words may have been changed after they were handed in; a day may have passed meanwhile.
    check_post(post.kind, body, because, post.due_on, post.due_on or work.now.date())
    if post.state == "published":
        work.session.add(PostRevision(post_id=post.id, body=post.body, because=post.because, replaced_at=work.now))
        post.edited_at, post.edit_pending = work.now, False
        work.emit(GuidanceEdited(post.org_id, post.id, post.case_id))
    else:
        post.state, post.published_at = "published", work.now
        work.emit(
            GuidancePosted(post.org_id, post.id, post.case_id, post.kind, post.parent_id or "", " ".join(post.mentions))
        )
    post.body, post.because = body, because
    return post


def save_edit(work: UnitOfWork, post_id: str, body: str, because: str, seen: int) -> Post:
    """Keep new words for a published post; the old ones stay visible until these are screened."""
    post = queries.post(work.session, post_id)
    if post.version != seen:
        raise Conflict("This post was changed after you opened it here.")
    if post.state != "published":
        raise Refused("This post is not published yet; change its draft.")
    # The day by which something is to be done stays as it was, so it is no reason to refuse new words.
    check_post(post.kind, body, because, post.due_on, post.due_on or work.now.date())
    post.edit_pending, post.saved_at = True, work.now
    texts = {"body": body, **({"because": because} if because.strip() else {})}
    deid.save_original(work, subject_of("post", post.id), texts)
    return post


def drop_edit(work: UnitOfWork, post_id: str) -> None:
    """Throw away new words for a post that were never published."""
    post = queries.post(work.session, post_id)
    if post.edit_pending:
        post.edit_pending = False
        deid.discard(work, subject_of("post", post.id))


def drop_draft(work: UnitOfWork, post_id: str) -> None:
    """Throw away a post that was never published."""
    post = queries.post(work.session, post_id)
    if post.state == "published":
        raise Refused("A published post is not thrown away; edit it, or answer it.")
    deid.discard(work, subject_of("post", post.id))
    work.session.delete(post)


def wait_for_confirmation(work: UnitOfWork, kind: str, row_id: str) -> None:
    """The engine found something: the text waits until its author has decided on each finding."""
    if kind == "decision":
        queries.decision(work.session, row_id).state = "screening"
    elif kind == "post":
        post = queries.post(work.session, row_id)
        post.state = post.state if post.state == "published" else "screening"


def acknowledge(work: UnitOfWork, post_id: str) -> None:
    """The author of the case has taken note of what the supervisor asks. A second time changes nothing."""
    post = queries.post(work.session, post_id)
    if post.acknowledged_at is None:
        post.acknowledged_at = work.now
        work.emit(MustDoAnswered(post.org_id, post.id, post.case_id, "acknowledged"))


def complete(work: UnitOfWork, post_id: str) -> None:
    """The author of the case has done what the supervisor asked, which also acknowledges it."""
    post = queries.post(work.session, post_id)
    if post.completed_at is None:
        post.acknowledged_at = post.acknowledged_at or work.now
        post.completed_at = work.now
        work.emit(MustDoAnswered(post.org_id, post.id, post.case_id, "completed"))


def save_decision(work: UnitOfWork, case_id: str, deciding: Deciding, seen: int) -> Decision:
    """Keep a decision as its author's draft; ``seen`` as in ``save_post``."""
    row = queries.unpublished_decision(work.session, case_id)
    if (row.version if row else 0) != seen:
        raise Conflict("Another window saved this decision after you opened it here.")
    if row is None:
        row = Decision(org_id=work.actor.org_id, case_id=case_id, author_id=work.actor.person_id, created_at=work.now)
        work.session.add(row)
    row.state, row.saved_at = "draft", work.now
    row.options = [{"chosen": bool(option["chosen"])} for option in deciding.named]
    row.cites, row.follow_up_on = [*deciding.cites], deciding.follow_up_on
    work.session.flush()
    deid.save_original(work, subject_of("decision", row.id), deciding.texts)
    return row


def ready_decision(work: UnitOfWork, deciding: Deciding) -> None:
    """Raise Invalid where a decision lacks what its readers need."""
    check_decision(deciding.options, deciding.body, deciding.follow_up_on, local_day(work.now, work.actor.zone))


def publish_decision(work: UnitOfWork, decision_id: str, text: Mapping[str, ReleasedText]) -> Decision:
    """Put the screened decision in place of the one that stood before. The flow moves the case."""
    row = queries.decision(work.session, decision_id)
    if row.state not in queries.UNPUBLISHED:
        raise Conflict("This decision is recorded already.")
    before = queries.current_decision(work.session, row.case_id)
    if before is not None:
        before.state = "superseded"
    row.options = [
        {"chosen": bool(option["chosen"]), **{word: str(text.get(f"{word}_{number}", "")) for word in OPTION_WORDS}}
        for number, option in enumerate(row.options)
    ]
    row.body, row.state, row.published_at = str(text["body"]), "published", work.now
    check_decision(row.options, row.body, None, work.now.date())
    work.emit(CaseDecided(row.org_id, row.case_id, row.id))
    return row


def follow_up(work: UnitOfWork, case_id: str, note: ReleasedText) -> None:
    """The author has looked at the standing decision again; ``note`` says what came of it, if anything is said."""
    row = queries.current_decision(work.session, case_id)
    if row is None or row.followed_up_at is not None:
        raise Conflict("This was marked as done already.")
    row.followed_up_at, row.follow_up_note = work.now, str(note)


def save_ruling(work: UnitOfWork, case_id: str, outcome: str, reason: str) -> Ruling:
    """Keep a word that will change the state of a case once its reason is screened; an earlier one is replaced."""
    check_reason(outcome, reason)
    row = queries.unpublished_ruling(work.session, case_id, work.actor.person_id)
    if row is not None and not reason.strip():
        drop_ruling(work, row.id)  # its reason goes with it: nobody could confirm it any more
        row = None
    if row is None:
        row = Ruling(org_id=work.actor.org_id, case_id=case_id, by_id=work.actor.person_id, state="screening")
        work.session.add(row)
    row.outcome, row.made_at = outcome, work.now
    stands = queries.current_decision(work.session, case_id)
    row.decision_id = stands.id if stands else None
    work.session.flush()
    if reason.strip():
        deid.save_original(work, subject_of("ruling", row.id), {"reason": reason})
    return row


def publish_ruling(work: UnitOfWork, ruling_id: str, text: Mapping[str, ReleasedText]) -> Ruling:
    """Put the word in place, with its screened reason if it has one. The flow moves the case."""
    row = queries.ruling(work.session, ruling_id)
    if row.state == "published":
        raise Conflict("This was done already.")
    row.reason, row.state, row.published_at = str(text.get("reason", "")), "published", work.now
    return row


def mend(work: UnitOfWork, subject: str, name: str, text: ReleasedText) -> None:
    """Put a published text in which a stand-in replaces what a reader saw in the place of the one before.

    ``name`` is a text of the row, or that of an option of a decision, such as ``for_1``.
    """
    kind, _, row_id = subject.partition(":")
    row = work.session.get_one(_MENDED[kind], row_id)
    word, _, number = name.rpartition("_")
    if isinstance(row, Decision) and word in OPTION_WORDS:
        row.options = [
            {**option, word: str(text)} if place == int(number) else option for place, option in enumerate(row.options)
        ]
        return
    if name not in _TEXTS[kind]:
        raise ValueError(f"no text of a {kind}: {name}")
    setattr(row, name, str(text))


def loosen_anchors(work: UnitOfWork, case_id: str) -> None:
    """Forget what stood around the passages of posts: it may hold a piece of what was replaced."""
    for post in queries.anchored(work.session, case_id):
        post.anchor_prefix = post.anchor_suffix = ""


def drop_ruling(work: UnitOfWork, ruling_id: str) -> None:
    """Throw away a word that never took effect."""
    row = queries.ruling(work.session, ruling_id)
    if row.state == "published":
        raise Refused("It took effect already.")
    deid.discard(work, subject_of("ruling", row.id))
    work.session.delete(row)


def _describe(post: Post, writing: Writing) -> None:
    anchor = writing.anchor
    if writing.kind not in KINDS:
        raise Invalid("Choose what kind of post this is.", "kind")
    if writing.kind == "must_do" and writing.parent_id is not None:
        raise Invalid("What has to be done stands by itself, not in an answer.", "kind")
    post.kind, post.parent_id, post.version_number = writing.kind, writing.parent_id, writing.version_number
    post.paragraph = anchor.paragraph if anchor else None
    post.anchor_quote = anchor.quote if anchor else ""
    post.anchor_prefix, post.anchor_suffix = (anchor.prefix, anchor.suffix) if anchor else ("", "")
    post.cites, post.competency, post.mentions = [*writing.cites], writing.competency, [*writing.mentions]
    post.due_on = writing.due_on if writing.kind == "must_do" else None

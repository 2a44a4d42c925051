"""Reading of threads. Whether the actor may read the case was decided before; drafts are their writer's alone."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Select, Subquery, exists, select
from sqlalchemy.orm import Session, aliased

from supervise.core.errors import NotFound
from supervise.reviews.models import Decision, Post, PostRevision, Ruling
from supervise.reviews.rules import Anchor, Entry

UNPUBLISHED = ("draft", "screening")


def post(session: Session, post_id: str) -> Post:
    """Return one post, published or not; raise NotFound."""
    found = session.get(Post, post_id)
    if found is None:
        raise NotFound
    return found


def find_post(session: Session, post_id: str) -> Post | None:
    """Return the post with this id, if there is one."""
    return session.get(Post, post_id)


def posts(session: Session, case_id: str) -> list[Post]:
    """Return the published posts of a case, oldest first."""
    rows = session.scalars(
        select(Post).where(Post.case_id == case_id, Post.state == "published").order_by(Post.published_at, Post.id)
    )
    return list(rows)


def entry_of(post: Post) -> Entry:
    """Return what is needed to arrange a published post around a vignette."""
    anchored = post.paragraph is not None and post.anchor_quote
    anchor = Anchor(post.paragraph or 0, post.anchor_quote, post.anchor_prefix, post.anchor_suffix)
    return Entry(post.id, post.parent_id, anchor if anchored else None, post.published_at or post.created_at)


def drafts(session: Session, case_id: str, author_id: str) -> list[Post]:
    """Return what a person is writing in a case and nobody else sees, last saved first."""
    rows = session.scalars(
        select(Post)
        .where(Post.case_id == case_id, Post.author_id == author_id, Post.state.in_(UNPUBLISHED))
        .order_by(Post.saved_at.desc(), Post.id)
    )
    return list(rows)


def revisions(session: Session, post_id: str) -> list[PostRevision]:
    """Return what a post said before, latest first."""
    rows = session.scalars(
        select(PostRevision)
        .where(PostRevision.post_id == post_id)
        .order_by(PostRevision.replaced_at.desc(), PostRevision.id.desc())
    )
    return list(rows)


def anchored(session: Session, case_id: str) -> list[Post]:
    """Return the posts of a case that quote its vignette, unpublished ones among them."""
    return list(session.scalars(select(Post).where(Post.case_id == case_id, Post.anchor_quote != "").order_by(Post.id)))


def participants(session: Session, case_id: str) -> set[str]:
    """Return the ids of those who have a published post in a case."""
    return set(session.scalars(select(Post.author_id).where(Post.case_id == case_id, Post.state == "published")))


def posts_by(session: Session, case_id: str, person_id: str) -> list[Post]:
    """Return the published posts of one person in a case, oldest first."""
    return [row for row in posts(session, case_id) if row.author_id == person_id]


def cases_with_posts_by(session: Session, person_id: str) -> set[str]:
    """Return the ids of the cases in which a person has a published post."""
    return set(session.scalars(select(Post.case_id).where(Post.author_id == person_id, Post.state == "published")))


def open_must_dos(session: Session, case_ids: Iterable[str]) -> list[Post]:
    """Return what supervisors asked for in these cases and is not done yet, the earliest due first."""
    rows = session.scalars(
        select(Post)
        .where(
            Post.case_id.in_([*case_ids]),
            Post.kind == "must_do",
            Post.state == "published",
            Post.completed_at.is_(None),
        )
        .order_by(Post.due_on, Post.id)
    )
    return list(rows)


def decision(session: Session, decision_id: str) -> Decision:
    """Return one decision; raise NotFound."""
    found = session.get(Decision, decision_id)
    if found is None:
        raise NotFound
    return found


def current_decision(session: Session, case_id: str) -> Decision | None:
    """Return the decision that stands, if there is one."""
    return session.scalars(
        select(Decision)
        .where(Decision.case_id == case_id, Decision.state == "published")
        .order_by(Decision.published_at.desc(), Decision.id.desc())
    ).first()


def superseded_decisions(session: Session, case_id: str) -> list[Decision]:
    """Return the decisions that stood before, latest first."""
    rows = session.scalars(
        select(Decision)
        .where(Decision.case_id == case_id, Decision.state == "superseded")
        .order_by(Decision.published_at.desc(), Decision.id.desc())
    )
    return list(rows)


def unpublished_decision(session: Session, case_id: str) -> Decision | None:
    """Return the decision that the author of a case is writing, if there is one; at most one is."""
    return session.scalars(
        select(Decision).where(Decision.case_id == case_id, Decision.state.in_(UNPUBLISHED)).order_by(Decision.id)
    ).first()


def ruling(session: Session, ruling_id: str) -> Ruling:
    """Return one ruling; raise NotFound."""
    found = session.get(Ruling, ruling_id)
    if found is None:
        raise NotFound
    return found


def rulings(session: Session, case_id: str) -> list[Ruling]:
    """Return the rulings on a case that took effect, oldest first."""
    rows = session.scalars(
        select(Ruling)
        .where(Ruling.case_id == case_id, Ruling.state == "published")
        .order_by(Ruling.published_at, Ruling.id)
    )
    return list(rows)


def unpublished_ruling(session: Session, case_id: str, by_id: str) -> Ruling | None:
    """Return the ruling whose reason a person has not confirmed yet, if there is one; at most one is."""
    return session.scalars(
        select(Ruling).where(Ruling.case_id == case_id, Ruling.by_id == by_id, Ruling.state == "screening")
    ).first()


# What the inbox asks; ``cases`` is a select of ids, already narrowed to what the person may read ----------------------


def took_part_in(person_id: str, done: Subquery | None = None) -> Select[str]:
    """Return a select of the ids of cases in which a person has a published post.

    With ``done`` (``case_id``, ``confirmed_at``) only those with a post since.
    """
    posts = select(Post.case_id).where(Post.author_id == person_id, Post.state == "published")
    if done is None:
        return posts
    since = exists().where(done.c.case_id == Post.case_id, done.c.confirmed_at >= Post.published_at)
    return posts.where(~since)


def answered_by(person_id: str) -> Select[str]:
    """Return a select of the ids of cases in which a person wrote and nobody else has written since."""
    later = aliased(Post)
    since = exists().where(
        later.case_id == Post.case_id,
        later.state == "published",
        later.author_id != person_id,
        later.published_at > Post.published_at,
    )
    return took_part_in(person_id).where(~since)


def running_must_dos(session: Session, written: Select[str], read: Select[str], person_id: str, on: date) -> list[Post]:
    """Return what is asked of the person in cases they wrote, and what they asked for that is late, first due first."""
    asked_of = Post.case_id.in_(written)
    asked_by = (Post.author_id == person_id) & (Post.due_on < on) & Post.case_id.in_(read)
    rows = session.scalars(
        select(Post)
        .where(Post.kind == "must_do", Post.state == "published", Post.completed_at.is_(None), asked_of | asked_by)
        .order_by(Post.due_on, Post.id)
    )
    return list(rows)


def follow_ups(session: Session, cases: Select[str], since: date, until: date) -> list[Decision]:
    """Return standing decisions that are still to be looked at again between two days, first due first."""
    rows = session.scalars(
        select(Decision)
        .where(
            Decision.state == "published",
            Decision.follow_up_on.between(since, until),
            Decision.followed_up_at.is_(None),
            Decision.case_id.in_(cases),
        )
        .order_by(Decision.follow_up_on, Decision.id)
    )
    return list(rows)


def case_of(session: Session, kind: str, row_id: str) -> str:
    """Return the id of the case that a post, decision or ruling belongs to; raise NotFound."""
    if kind == "post":
        return post(session, row_id).case_id
    return decision(session, row_id).case_id if kind == "decision" else ruling(session, row_id).case_id


def subjects_of(session: Session, case_id: str) -> list[str]:
    """Return the names under which the originals of a case's posts, decisions and rulings are kept, drafts included."""
    kinds = (("post", Post), ("decision", Decision), ("ruling", Ruling))
    return [
        f"{kind}:{row_id}"
        for kind, row in kinds
        for row_id in session.scalars(select(row.id).where(row.case_id == case_id).order_by(row.id))
    ]


def unfinished_posts(session: Session, person_id: str, cases: Select[str]) -> list[Post]:
    """Return what a person began to write in these cases, new words for a published post included, last saved first."""
    begun = (Post.state == "draft") | ((Post.state == "published") & Post.edit_pending)
    rows = session.scalars(
        select(Post).where(Post.author_id == person_id, begun, Post.case_id.in_(cases)).order_by(Post.saved_at.desc())
    )
    return list(rows)


def unfinished_decisions(session: Session, person_id: str, cases: Select[str]) -> list[Decision]:
    """Return the decisions that a person began to write in these cases, last saved first."""
    rows = session.scalars(
        select(Decision)
        .where(Decision.author_id == person_id, Decision.state == "draft", Decision.case_id.in_(cases))
        .order_by(Decision.saved_at.desc())
    )
    return list(rows)


def sent_back(session: Session, cases: Select[str]) -> list[Ruling]:
    """Return the rulings that sent a decision back in these cases where no decision was recorded since."""
    later = exists().where(Decision.case_id == Ruling.case_id, Decision.published_at > Ruling.published_at)
    again = aliased(Ruling)
    repeated = exists().where(
        again.case_id == Ruling.case_id, again.outcome == "sent_back", again.published_at > Ruling.published_at
    )
    rows = session.scalars(
        select(Ruling)
        .where(Ruling.outcome == "sent_back", Ruling.state == "published", Ruling.case_id.in_(cases), ~later, ~repeated)
        .order_by(Ruling.published_at, Ruling.id)
    )
    return list(rows)


def writers_in(session: Session, case_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return the ids of those who have published in each of these cases."""
    rows = session.execute(
        select(Post.case_id, Post.author_id).where(Post.case_id.in_([*case_ids]), Post.state == "published").distinct()
    )
    found: dict[str, set[str]] = {}
    for case_id, author_id in rows:
        found.setdefault(case_id, set()).add(author_id)
    return found

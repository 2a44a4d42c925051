"""Reading of threads. Whether the actor may read the case was decided before; drafts are their writer's alone."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

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

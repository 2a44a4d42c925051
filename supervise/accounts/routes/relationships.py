"""What members are to each other besides colleagues: declared by one, seen by the two, looked over each year."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from supervise.accounts import choices, queries
from supervise.accounts.forms import RelationshipForm, said
from supervise.accounts.routes.blueprint import bp
from supervise.accounts.rules import MIRRORED
from supervise.accounts.service import relationships as service
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.uow import unit_of_work
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import BareForm
from supervise.web.guard import guard


@bp.route("/account/relationships", methods=["GET", "POST"])
@guard(Action.USE)
def relationships() -> Any:
    """Show what is declared between the actor and others; a POST declares one more."""
    form, status, me = RelationshipForm(), 200, actor()
    others = [one for one in queries.members(db.session(), me.org_id) if one.id != me.person_id]
    form.other_id.choices = {"": "Choose …"} | {one.id: one.name for one in others}
    if form.validate_on_submit():
        try:
            with unit_of_work(me) as work:
                service.declare(work, said(form.other_id), said(form.kind))
            flash("Declared. The other person is told.")
            return redirect(url_for("accounts.relationships"), 303)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    return _page(form), 422 if form.errors and status == 200 else status


def _page(form: RelationshipForm) -> str:
    session, me = db.session(), actor()
    rows, place = (
        queries.relationships_of(session, me.person_id, me.org_id),
        queries.membership(session, me.person_id, me.org_id),
    )
    names = queries.people(session, {person for row in rows for person in (row.declared_by, row.other_id)})
    return render_template(
        "accounts/relationships.html", form=form, rows=rows, words=choices.RELATIONSHIPS, mirrored=MIRRORED,
        names=names, me=me.person_id, looked_at=place.relationships_at if place else None,
    )  # fmt: skip


@bp.post("/account/relationships/<relationship_id>/end")
@guard(Action.CHANGE_OWN, queries.relationship_facts)
def end_relationship(relationship_id: str) -> Any:
    """Say that a relationship which the actor declared is over."""
    if BareForm().validate_on_submit():
        with unit_of_work(actor()) as work:
            service.end(work, relationship_id)
        flash("Over from today. That it was there stays recorded.")
    return redirect(url_for("accounts.relationships"), 303)


@bp.post("/account/relationships/complete")
@guard(Action.USE)
def look_over_relationships() -> Any:
    """Note that what is declared is complete."""
    if BareForm().validate_on_submit():
        with unit_of_work(actor()) as work:
            service.look_over(work)
        flash("Noted with today's date.")
    return redirect(url_for("accounts.relationships"), 303)

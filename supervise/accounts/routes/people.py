"""Who belongs to the organisation: for administrators."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from supervise.accounts import choices, queries
from supervise.accounts.forms import InviteForm, RolesForm, said
from supervise.accounts.queries import member_facts
from supervise.accounts.routes.blueprint import bp
from supervise.accounts.service import links, members
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.installation import installation
from supervise.core.uow import unit_of_work
from supervise.flows.share_again import left_without
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import version_of
from supervise.web.guard import guard


@bp.get("/people")
@guard(Action.MANAGE_PEOPLE)
def people() -> Any:
    """List members and open invitations."""
    session, org_id = db.session(), actor().org_id
    roles = {row.person_id: row.roles for row in queries.memberships(session, org_id)}
    return render_template(
        "accounts/people.html", people=queries.members(session, org_id), roles=roles, role_words=choices.ROLE_WORDS,
        invitations=links.open_invitations(session, org_id, now()), left=left_without(actor()),
    )  # fmt: skip


@bp.route("/people/invite", methods=["GET", "POST"])
@guard(Action.MANAGE_PEOPLE)
def invite() -> Any:
    """Invite someone; the link is shown once, and mailed where mail is configured."""
    form, status = InviteForm(), 200
    if form.validate_on_submit():
        try:
            with unit_of_work(actor()) as work:
                path = links.invite(work, work.actor.org_id, said(form.email), said(form.name), form.roles.data or [])
            return _show_link("invited", path, said(form.email))
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    page = render_template("accounts/invite.html", form=form)
    return page, 422 if form.errors and status == 200 else status


def _show_link(what: str, path: str, whom: str) -> Any:
    settings = installation().settings
    link = f"{settings.public_url.rstrip('/')}{path}"
    return render_template("accounts/link.html", what=what, link=link, whom=whom, mailed=settings.mail_configured)


@bp.post("/people/invitations/<invitation_id>/revoke")
@guard(Action.MANAGE_PEOPLE)
def revoke_invitation(invitation_id: str) -> Any:
    """Take an invitation back."""
    with unit_of_work(actor()) as work:
        links.revoke_invitation(work, work.actor.org_id, invitation_id)
    flash("The invitation is taken back; its link opens nothing any more.")
    return redirect(url_for("accounts.people"), 303)


@bp.route("/people/<person_id>", methods=["GET", "POST"])
@guard(Action.MANAGE_PEOPLE, member_facts)
def member(person_id: str) -> Any:
    """Show a member; a POST changes the roles."""
    session, org_id = db.session(), actor().org_id
    row = queries.membership(session, person_id, org_id)
    form, status = RolesForm(obj=row), 200
    if form.validate_on_submit():
        try:
            with unit_of_work(actor()) as work:
                members.change_roles(work, org_id, person_id, form.roles.data or [], version_of(request.form))
            flash("The roles are changed, from this person's next page on.")
            return redirect(url_for("accounts.member", person_id=person_id), 303)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    page = render_template(
        "accounts/member.html", form=form, person=queries.person(session, person_id),
        is_self=person_id == actor().person_id, mailed=installation().settings.mail_configured,
    )  # fmt: skip
    return page, 422 if form.errors and status == 200 else status


@bp.post("/people/<person_id>/end")
@guard(Action.MANAGE_PEOPLE, member_facts)
def end_membership(person_id: str) -> Any:
    """End a membership."""
    with unit_of_work(actor()) as work:
        members.end_membership(work, work.actor.org_id, person_id)
    flash("The membership is ended. What the person wrote stays; their own hours stay theirs.")
    return redirect(url_for("accounts.people"), 303)


@bp.post("/people/<person_id>/second-factor")
@guard(Action.MANAGE_PEOPLE, member_facts)
def reset_second_factor(person_id: str) -> Any:
    """Take away a lost second factor."""
    with unit_of_work(actor()) as work:
        members.reset_second_factor(work, work.actor.org_id, person_id)
    flash("The second factor is removed. The person sets up a new one at the next sign-in.")
    return redirect(url_for("accounts.member", person_id=person_id), 303)


@bp.post("/people/<person_id>/reset")
@guard(Action.MANAGE_PEOPLE, member_facts)
def hand_over_reset(person_id: str) -> Any:
    """Make a reset link to hand over, where there is no mail."""
    name = queries.person(db.session(), person_id).name
    with unit_of_work(actor()) as work:
        path = members.hand_over_reset(work, work.actor.org_id, person_id)
    return _show_link("reset", path, name)

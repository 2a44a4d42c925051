"""Groups, and who is in them."""

from flask import flash, redirect, render_template, url_for

from supervise.accounts.queries import members, people
from supervise.accounts.service import check_password
from supervise.core.actor import Role
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.uow import unit_of_work
from supervise.flows.leave_group import leave_group
from supervise.flows.screen_words import IN_A_NAME, refuse_what_identifies
from supervise.policy import Action
from supervise.supervision import queries, service
from supervise.supervision.forms import GroupForm, MemberForm, SignForm
from supervise.supervision.routes.blueprint import Page, bp
from supervise.web.current import actor
from supervise.web.forms import BareForm
from supervise.web.guard import guard, may


@bp.get("/groups")
@guard(Action.USE)
def groups() -> Page:
    """List the groups of the actor."""
    session = db.session()
    rows = queries.groups_of(session, actor().person_id, actor().org_id)
    seats = {row.id: queries.group_members(session, row.id) for row in rows}
    names = people(session, {i for ids in seats.values() for i in ids})
    return render_template(
        "supervision/groups.html", rows=rows, seats=seats, names=names, may_start=may(Action.START_GROUP)
    )


@bp.route("/groups/new", methods=["GET", "POST"])
@guard(Action.START_GROUP)
def new_group() -> Page:
    """Start a group."""
    form = GroupForm()
    if form.validate_on_submit():
        try:
            refuse_what_identifies(actor(), "name", form.name.data or "", IN_A_NAME)
            with unit_of_work(actor()) as work:
                group_id = service.start_group(work, form.name.data or "", form.kind.data).id
        except SuperviseError as error:
            form.refuse(error)
        else:
            return redirect(url_for("supervision.group", group_id=group_id), 303)
    page = render_template("supervision/new_group.html", form=form)
    return page, 422 if form.errors or form.form_errors else 200


@bp.get("/groups/<group_id>")
@guard(Action.READ_GROUP, queries.group_facts)
def group(group_id: str) -> Page:
    """Show a group and who is in it."""
    return _group_page(group_id, _member_form(group_id))


def _member_form(group_id: str) -> MemberForm:
    form, row = MemberForm(), queries.group(db.session(), group_id)
    ids = queries.group_members(db.session(), group_id)
    found = members(db.session(), row.org_id, Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR)
    form.person_id.choices = {"": "–"} | {p.id: p.name for p in found if p.id not in ids}
    return form


def _group_page(group_id: str, form: MemberForm, status: int = 422) -> Page:
    session = db.session()
    html = render_template(
        "supervision/group.html",
        row=queries.group(session, group_id),
        seats=sorted(people(session, queries.group_members(session, group_id)).values(), key=lambda p: p.name),
        form=form,
        bare=BareForm(formdata=None),
        signed=queries.covenants_until(session, group_id),
        at=now(),
        me=actor().person_id,
        may_lead=may(Action.LEAD_GROUP, queries.group_facts(actor(), group_id)),
    )
    return html, status if form.errors or form.form_errors else 200


@bp.route("/groups/<group_id>/covenant", methods=["GET", "POST"])
@guard(Action.READ_GROUP, queries.group_facts)
def covenant(group_id: str) -> Page:
    """Show what members of a group sign each year, and sign it with the password."""
    form, status = SignForm(), 422
    if form.validate_on_submit():
        try:
            check_password(db.session(), actor().person_id, str(form.password.data))
            with unit_of_work(actor()) as work:
                service.sign_covenant(work, group_id)
            flash("Signed for a year. What is released to the group opens to you.")
            return redirect(url_for("supervision.group", group_id=group_id), 303)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    until = queries.covenants_until(db.session(), group_id).get(actor().person_id)
    page = render_template(
        "supervision/covenant.html", form=form, row=queries.group(db.session(), group_id), until=until,
        text=queries.covenant_text(), at=now(),
    )  # fmt: skip
    return page, status if form.errors or form.form_errors else 200


@bp.post("/groups/<group_id>/join")
@guard(Action.LEAD_GROUP, queries.group_facts)
def join_group(group_id: str) -> Page:
    """Add a member."""
    form, status = _member_form(group_id), 422
    if form.validate_on_submit():
        try:
            with unit_of_work(actor()) as work:
                service.join_group(work, group_id, form.person_id.data)
            return redirect(url_for("supervision.group", group_id=group_id), 303)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    return _group_page(group_id, form, status)


@bp.post("/groups/<group_id>/leave/<person_id>")
@guard(Action.LEAD_GROUP, lambda a, group_id, person_id: queries.group_facts(a, group_id))
def remove_member(group_id: str, person_id: str) -> Page:
    """Take a member out; they stop reading the group's cases at their next request."""
    return _leave(group_id, person_id) or redirect(url_for("supervision.group", group_id=group_id), 303)


@bp.post("/groups/<group_id>/leave")
@guard(Action.READ_GROUP, queries.group_facts)
def step_out_of_group(group_id: str) -> Page:
    """Leave a group oneself, and with it the cases read through it."""
    return _leave(group_id, actor().person_id) or redirect(url_for("supervision.groups"), 303)


def _leave(group_id: str, person_id: str) -> Page | None:
    """Take a person out; return the page with what stands against it, or None when it is done."""
    form, bare, status = _member_form(group_id), BareForm(), 422
    try:
        if bare.validate_on_submit():
            leave_group(actor(), group_id, person_id)
            flash("Left the group." if person_id == actor().person_id else "Taken out of the group.")
            return None
    except SuperviseError as error:
        bare.refuse(error)
        status = error.status
    form.form_errors.extend(bare.form_errors)
    return _group_page(group_id, form, status)

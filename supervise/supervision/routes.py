"""Pages of agreements, groups and meetings."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supervise.accounts.models import Setting
from supervise.accounts.queries import members, people, person, settings_of
from supervise.accounts.service import check_password
from supervise.core.actor import Role
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.uow import unit_of_work
from supervise.flows.leave_group import leave_group
from supervise.flows.record_meeting import (
    Plan,
    cancel_meeting,
    discussed,
    possible_attendees,
    preview,
    record_meeting,
)
from supervise.flows.show_meetings import cases_to_discuss
from supervise.policy import Action
from supervise.supervision import queries, service
from supervise.supervision.forms import (
    CANCELLED_BECAUSE,
    AgreementForm,
    CancelForm,
    EndForm,
    GroupForm,
    MeetingForm,
    MemberForm,
    SignForm,
)
from supervise.supervision.rules import MODES
from supervise.web.current import actor
from supervise.web.forms import BareForm
from supervise.web.guard import guard, may

bp = Blueprint("supervision", __name__)
Page = str | tuple[str, int] | Response


@bp.get("/agreements")
@guard(Action.USE)
def agreements() -> Page:
    """List the agreements that the actor is a party to."""
    rows = queries.agreements_of(db.session(), actor().person_id, actor().org_id)
    return render_template(
        "supervision/agreements.html",
        rows=rows,
        names=_names(rows),
        places={row.id: db.session.get(Setting, row.setting_id) for row in rows},
        today=local_day(now(), actor().zone),
        may_propose=may(Action.PROPOSE_AGREEMENT),
    )


def _names(rows: list[Any]) -> dict[str, str]:
    ids = {i for row in rows for i in (row.supervisee_id, row.supervisor_id)}
    return {key: found.name for key, found in people(db.session(), ids).items()}


@bp.route("/agreements/new", methods=["GET", "POST"])
@guard(Action.PROPOSE_AGREEMENT)
def new_agreement() -> Page:
    """Propose an agreement: a supervisor to a supervisee's place of work, or the other way round."""
    form, supervises = AgreementForm(), request.args.get("as") == "supervisor"
    me, session = actor(), db.session()
    others = members(session, me.org_id, Role.SUPERVISEE if supervises else Role.SUPERVISOR)
    form.other_id.choices = {"": "–"} | {p.id: p.name for p in others if p.id != me.person_id}
    whose = [p for p in others if p.id != me.person_id] if supervises else [person(session, me.person_id)]
    form.setting_id.choices = {"": "–"} | {
        s.id: f"{p.name}: {s.name}" if supervises else s.name for p in whose for s in settings_of(session, p.id)
    }
    if form.validate_on_submit():
        pair = (form.other_id.data, me.person_id) if supervises else (me.person_id, form.other_id.data)
        terms = service.Terms(
            *pair, form.setting_id.data, form.starts_on.data, form.ends_on.data, form.terms.data or ""
        )
        try:
            with unit_of_work(me) as work:
                row_id = service.propose_agreement(work, terms).id
        except SuperviseError as error:
            form.refuse(error)
        else:
            return redirect(url_for("supervision.agreement", agreement_id=row_id), 303)
    page = render_template("supervision/new_agreement.html", form=form, supervises=supervises)
    return page, 422 if form.errors else 200


def _agreement_page(agreement_id: str, sign: SignForm, end: EndForm) -> Page:
    session = db.session()
    row = queries.agreement(session, agreement_id)
    page = render_template(
        "supervision/agreement.html",
        row=row,
        names=_names([row]),
        place=session.get(Setting, row.setting_id),
        sign=sign,
        end=end,
        may_sign=may(Action.SIGN_AGREEMENT, queries.agreement_facts(actor(), agreement_id)),
        is_party=actor().person_id in {row.supervisee_id, row.supervisor_id},
        today=local_day(now(), actor().zone),
    )
    return page, 422 if sign.errors or end.errors else 200


@bp.get("/agreements/<agreement_id>")
@guard(Action.READ_AGREEMENT, queries.agreement_facts)
def agreement(agreement_id: str) -> Page:
    """Show one agreement with both signatures."""
    return _agreement_page(agreement_id, SignForm(prefix="sign"), EndForm(prefix="end"))


@bp.post("/agreements/<agreement_id>/sign")
@guard(Action.SIGN_AGREEMENT, queries.agreement_facts)
def sign_agreement(agreement_id: str) -> Page:
    """Sign it with the password."""
    form = SignForm(prefix="sign")
    if form.validate_on_submit():
        try:
            check_password(db.session(), actor().person_id, form.password.data)
            with unit_of_work(actor()) as work:
                service.sign_agreement(work, agreement_id)
        except SuperviseError as error:
            form.refuse(error)
        else:
            flash("Signed.")
            return redirect(url_for("supervision.agreement", agreement_id=agreement_id), 303)
    return _agreement_page(agreement_id, form, EndForm(prefix="end", formdata=None))


@bp.post("/agreements/<agreement_id>/end")
@guard(Action.END_AGREEMENT, queries.agreement_facts)
def end_agreement(agreement_id: str) -> Page:
    """End it with a last day."""
    form = EndForm(prefix="end")
    if form.validate_on_submit():
        try:
            with unit_of_work(actor()) as work:
                service.end_agreement(work, agreement_id, form.ends_on.data)
        except SuperviseError as error:
            form.refuse(error)
        else:
            flash("The last day is set. Both of you are told.")
            return redirect(url_for("supervision.agreement", agreement_id=agreement_id), 303)
    return _agreement_page(agreement_id, SignForm(prefix="sign", formdata=None), form)


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
        with unit_of_work(actor()) as work:
            group_id = service.start_group(work, form.name.data, form.kind.data).id
        return redirect(url_for("supervision.group", group_id=group_id), 303)
    return render_template("supervision/new_group.html", form=form), 422 if form.errors else 200


@bp.route("/groups/<group_id>", methods=["GET"])
@guard(Action.READ_GROUP, queries.group_facts)
def group(group_id: str) -> Page:
    """Show a group and who is in it."""
    return _group_page(group_id, MemberForm())


def _group_page(group_id: str, form: MemberForm) -> Page:
    session = db.session()
    row = queries.group(session, group_id)
    ids = queries.group_members(session, group_id)
    form.person_id.choices = {"": "–"} | _could_join(row.org_id, ids)
    return render_template(
        "supervision/group.html",
        row=row,
        seats=sorted(people(session, ids).values(), key=lambda p: p.name),
        form=form,
        bare=BareForm(),
        may_lead=may(Action.LEAD_GROUP, queries.group_facts(actor(), group_id)),
    ), 422 if form.errors else 200


def _could_join(org_id: str, ids: list[str]) -> dict[str, str]:
    found = members(db.session(), org_id, Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR)
    return {p.id: p.name for p in found if p.id not in ids}


@bp.post("/groups/<group_id>/join")
@guard(Action.LEAD_GROUP, queries.group_facts)
def join_group(group_id: str) -> Page:
    """Add a member."""
    form = MemberForm()
    row = queries.group(db.session(), group_id)
    form.person_id.choices = _could_join(row.org_id, queries.group_members(db.session(), group_id))
    if form.validate_on_submit():
        with unit_of_work(actor()) as work:
            service.join_group(work, group_id, form.person_id.data)
        return redirect(url_for("supervision.group", group_id=group_id), 303)
    return _group_page(group_id, form)


@bp.post("/groups/<group_id>/leave/<person_id>")
@guard(Action.LEAD_GROUP, lambda a, group_id, person_id: queries.group_facts(a, group_id))
def remove_member(group_id: str, person_id: str) -> Page:
    """Take a member out; they stop reading the group's cases at their next request."""
    leave_group(actor(), group_id, person_id)
    return redirect(url_for("supervision.group", group_id=group_id), 303)


@bp.get("/meetings")
@guard(Action.USE)
def meetings() -> Page:
    """List the meetings that the actor led or came to."""
    session = db.session()
    rows = queries.meetings_of(session, actor().person_id, actor().org_id, before=request.args.get("before", ""))
    came = queries.attendances(session, [row.id for row in rows])
    names = people(session, {row.supervisor_id for row in rows} | {seat.person_id for seat in came})
    return render_template(
        "supervision/meetings.html",
        rows=rows,
        came=came,
        names=names,
        modes=MODES,
        may_record=may(Action.RECORD_MEETING),
    )


@bp.route("/meetings/new", methods=["GET", "POST"])
@guard(Action.RECORD_MEETING)
def new_meeting() -> Page:
    """Record a meeting: first what it would be for each attendee, then, pressed again, the record."""
    form, me = MeetingForm(), actor()
    today = local_day(now(), me.zone)
    form.group_id.choices = [("", "none")] + [
        (g.id, g.name) for g in queries.groups_of(db.session(), me.person_id, me.org_id)
    ]
    form.case_ids.choices = cases_to_discuss(me)
    could_come = possible_attendees(me, form.day.data or today)
    meant = None
    if form.validate_on_submit():
        try:
            plan = _plan(form, me.zone)
            meant = preview(me, plan)
            if request.form.get("step") == "record":
                meeting_id, submitted = record_meeting(me, plan)
                if submitted is not None and not submitted.published:
                    return redirect(url_for("deid.confirm", screening_id=submitted.screening_id), 303)
                return redirect(url_for("supervision.meeting", meeting_id=meeting_id), 303)
        except SuperviseError as error:
            form.refuse(error)
    page = render_template(
        "supervision/new_meeting.html", form=form, could_come=could_come, meant=meant, today=today, came=request.form
    )
    return page, 422 if form.errors or form.form_errors else 200


def _plan(form: MeetingForm, zone: str) -> Plan:
    starts_at, ends_at = form.instants(zone)
    came = {
        name.removeprefix("came_"): request.form.get("at_" + name.removeprefix("came_"), "")
        for name in request.form
        if name.startswith("came_")
    }
    return Plan(
        starts_at, ends_at, zone, form.mode.data, form.group_id.data or None, came,
        tuple(form.case_ids.data or ()), form.notes.data or "",
    )  # fmt: skip


@bp.get("/meetings/<meeting_id>")
@guard(Action.READ_MEETING, queries.meeting_facts)
def meeting(meeting_id: str) -> Page:
    """Show a meeting to those who were there."""
    session = db.session()
    row = queries.meeting(session, meeting_id)
    came = queries.attendances(session, [meeting_id])
    return render_template(
        "supervision/meeting.html",
        row=row,
        came=came,
        names=people(session, {row.supervisor_id} | {seat.person_id for seat in came}),
        places={seat.person_id: session.get(Setting, seat.setting_id) for seat in came},
        cases=discussed(actor(), meeting_id),
        modes=MODES,
        form=CancelForm(),
        may_change=may(Action.CHANGE_MEETING, queries.meeting_facts(actor(), meeting_id)),
    )


@bp.post("/meetings/<meeting_id>/cancel")
@guard(Action.CHANGE_MEETING, queries.meeting_facts)
def cancel(meeting_id: str) -> Page:
    """Take the record back; its hours are reversed."""
    form = CancelForm()
    if form.validate_on_submit():
        cancel_meeting(actor(), meeting_id, CANCELLED_BECAUSE[form.because.data])
        flash("The meeting and its hours were taken back.")
    else:
        flash("Say why the meeting is taken back.", "error")
    return redirect(url_for("supervision.meeting", meeting_id=meeting_id), 303)

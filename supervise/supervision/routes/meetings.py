"""Supervision meetings: recorded by who led them, read by who was there."""

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for

from supervise.accounts.models import Setting
from supervise.accounts.queries import people
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.deid.queries import screening_of
from supervise.flows.record_meeting import (
    Meant,
    Plan,
    cancel_meeting,
    discussed,
    fingerprint,
    group_attendees,
    possible_attendees,
    preview,
    record_meeting,
)
from supervise.flows.show_meetings import cases_to_discuss
from supervise.policy import Action
from supervise.supervision import queries
from supervise.supervision.forms import CANCELLED_BECAUSE, CancelForm, MeetingForm, NotesForm
from supervise.supervision.routes.blueprint import Page, bp
from supervise.supervision.routes.notes import after_notes
from supervise.supervision.rules import MODES
from supervise.web.current import actor
from supervise.web.guard import guard, may


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
    form, me, pick = _meeting_form(), actor(), request.form.get("pick", "")
    if pick in _groups():
        return _pick_group(form, pick)
    meant, status = None, 422
    if form.validate_on_submit():
        try:
            plan = _plan(form, me.zone)
            meant = preview(me, plan)
            if request.form.get("seen") == fingerprint(meant):
                meeting_id, outcome = record_meeting(me, plan)
                flash("Recorded. It stands in the hours of everyone who came.")
                return after_notes(meeting_id, outcome)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    changed = meant is not None and bool(request.form.get("seen"))
    return _new_meeting_page(form, request.form, meant, status, changed=changed)


def _meeting_form() -> MeetingForm:
    form, me = MeetingForm(), actor()
    if request.method == "GET":
        form.day.data = local_day(now(), me.zone)
    form.group_id.choices = {"": "none"} | _groups()
    form.case_ids.choices = cases_to_discuss(me)
    return form


def _groups() -> dict[str, str]:
    return {g.id: g.name for g in queries.groups_of(db.session(), actor().person_id, actor().org_id)}


def _pick_group(form: MeetingForm, group_id: str) -> Page:
    """Tick everyone of a group in one press; what was typed stays, nothing is checked yet."""
    on = form.day.data or local_day(now(), actor().zone)
    came, missing = group_attendees(actor(), group_id, on)
    form.group_id.data = group_id
    ticks = {k: v for k, v in request.form.items() if not k.startswith(("came_", "at_"))}
    ticks |= {f"came_{i}": "1" for i in came} | {f"at_{i}": setting for i, setting in came.items()}
    return _new_meeting_page(form, ticks, None, 200, missing=missing)


def _new_meeting_page(
    form: MeetingForm, came: Mapping[str, str], meant: list[Meant] | None, status: int, *,
    changed: bool = False, missing: Sequence[str] = (),
) -> Page:  # fmt: skip
    today = local_day(now(), actor().zone)
    refused = bool(form.errors or form.form_errors)
    html = render_template(
        "supervision/new_meeting.html",
        form=form,
        could_come=possible_attendees(actor(), form.day.data or today),
        meant=None if refused else meant,
        seen=fingerprint(meant) if meant else "",
        changed=changed,
        missing=missing,
        today=today,
        came=came,
        groups=_groups(),
    )
    return html, status if refused else 200


def _plan(form: MeetingForm, zone: str) -> Plan:
    starts_at, ends_at = form.instants(zone)
    came = {
        name.removeprefix("came_"): request.form.get("at_" + name.removeprefix("came_"), "")
        for name in request.form
        if name.startswith("came_")
    }
    return Plan(
        starts_at, ends_at, zone, form.mode.data, form.group_id.data or None, came,
        tuple(form.case_ids.data or ()), form.notes.data or "", form.others.data or 0,
    )  # fmt: skip


@bp.get("/meetings/<meeting_id>")
@guard(Action.READ_MEETING, queries.meeting_facts)
def meeting(meeting_id: str) -> Page:
    """Show a meeting to those who were there."""
    return _meeting_page(meeting_id, CancelForm())


def _meeting_page(meeting_id: str, form: CancelForm, status: int = 422) -> Page:
    session = db.session()
    row = queries.meeting(session, meeting_id)
    came = queries.attendances(session, [meeting_id])
    names = people(session, {row.supervisor_id} | {seat.person_id for seat in came})
    screening = screening_of(session, f"meeting:{meeting_id}")
    html = render_template(
        "supervision/meeting.html",
        row=row,
        came=sorted(came, key=lambda seat: names[seat.person_id].name),
        names=names,
        places={seat.person_id: session.get(Setting, seat.setting_id) for seat in came},
        cases=discussed(actor(), meeting_id),
        modes=MODES,
        form=form,
        notes=NotesForm(formdata=None, version=str(row.version)),
        screening=screening if screening and screening.state in {"proposed", "confirmed"} else None,
        may_change=may(Action.CHANGE_MEETING, queries.meeting_facts(actor(), meeting_id)),
    )
    return html, status if form.errors or form.form_errors else 200


@bp.post("/meetings/<meeting_id>/cancel")
@guard(Action.CHANGE_MEETING, queries.meeting_facts)
def cancel(meeting_id: str) -> Page:
    """Take the record back; its hours are reversed."""
    form, status = CancelForm(), 422
    if form.validate_on_submit():
        try:
            cancel_meeting(actor(), meeting_id, CANCELLED_BECAUSE[form.because.data])
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
        else:
            flash("The meeting and its hours were taken back.")
            return redirect(url_for("supervision.meeting", meeting_id=meeting_id), 303)
    return _meeting_page(meeting_id, form, status)

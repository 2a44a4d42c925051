"""Pages of the ledger: the week, signing, correction, progress."""

import re
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supervise.accounts.queries import people, person
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import attest_days, weeks_to_sign
from supervise.flows.hours_facts import entry_facts, hours_facts, today_of
from supervise.flows.show_progress import boards_of, chart_of, months, show_progress, what_if
from supervise.flows.show_week import show_week
from supervise.flows.submit_days import correct_entry, send_days_back, submit_days
from supervise.hours import queries, service
from supervise.hours.forms import AttestForm, CorrectForm, DayForm, SendBackForm, WhatIfForm, read_minutes
from supervise.hours.queries import CATEGORY_WORDS, OTHER_WORK, WITH_CLIENTS
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.guard import guard

bp = Blueprint("hours", __name__)
Page = str | tuple[str, int] | Response
WORDS = {"with_clients": WITH_CLIENTS, "other_work": OTHER_WORK, "words": CATEGORY_WORDS}


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        abort(404)
    if not 2000 <= found.year <= 2200:
        abort(404)
    return found


@bp.get("/hours")
@guard(Action.LOG_HOURS, hours_facts)
def index() -> Page:
    """Go to this week."""
    return redirect(url_for("hours.week", day=today_of(actor()), setting=request.args.get("setting")))


@bp.get("/hours/weeks/<day>")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def week(day: str) -> Page:
    """Show a week with the editor of one of its days."""
    return _week_page(_day(day), {}, {}, DayForm(formdata=None))


def _week_page(day: date, typed: dict[str, str], wrong: dict[str, str], form: DayForm) -> Page:
    me = actor()
    setting_id = request.values.get("setting", "")
    page = show_week(me.person_id, day, setting_id)
    if page is None:
        return render_template("hours/no_place.html")
    signed = queries.signed_ids(db.session(), [row.id for row in page.day.rows])
    html = render_template(
        "hours/week.html", page=page, typed=typed, wrong=wrong, form=form, today=today_of(me), signed=signed,
        before=page.monday - timedelta(days=7), after=page.monday + timedelta(days=7), **WORDS,
    )  # fmt: skip
    return html, 422 if wrong or form.form_errors else 200


@bp.post("/hours/days/<day>")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def save_day(day: str) -> Page:
    """Save a day, and submit it when that button was pressed."""
    on, form = _day(day), DayForm()
    minutes, wrong = read_minutes(request.form)
    setting_id = request.form.get("setting", "")
    if not form.validate_on_submit() or wrong:
        return _week_page(on, request.form.to_dict(), wrong, form)
    try:
        with unit_of_work(actor()) as work:
            service.save_day(work, setting_id, on, minutes)
        if request.form.get("step") == "submit":
            submit_days(actor(), setting_id, [on])
            flash(f"{on:%A} is submitted.")
        else:
            flash(f"{on:%A} is saved as a draft.")
    except SuperviseError as error:
        field = getattr(error, "field", None)
        if field in CATEGORY_WORDS:
            return _week_page(on, request.form.to_dict(), {str(field): str(error)}, form)
        form.refuse(error)
        return _week_page(on, request.form.to_dict(), {}, form)
    return redirect(url_for("hours.week", day=on, setting=setting_id), 303)


@bp.post("/hours/weeks/<day>/submit")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def submit_week(day: str) -> Page:
    """Submit every draft day of a week that has rows."""
    form, on = DayForm(), _day(day)
    setting_id = request.form.get("setting", "")
    page = show_week(actor().person_id, on, setting_id)
    days = [view.day for view in page.days if view.state == "draft" and view.rows] if page else []
    if form.validate_on_submit():
        try:
            submit_days(actor(), setting_id, days)
        except SuperviseError as error:
            form.refuse(error)
            return _week_page(on, {}, {}, form)
        flash(f"{len(days)} days are submitted." if len(days) != 1 else "One day is submitted.")
    return redirect(url_for("hours.week", day=on, setting=setting_id), 303)


@bp.post("/hours/days/<day>/recall")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def recall_day(day: str) -> Page:
    """Take a submitted day back."""
    on, form = _day(day), DayForm()
    setting_id = request.form.get("setting", "")
    try:
        with unit_of_work(actor()) as work:
            service.recall_day(work, setting_id, on)
    except SuperviseError as error:
        form.refuse(error)
        return _week_page(on, {}, {}, form)
    return redirect(url_for("hours.week", day=on, setting=setting_id), 303)


@bp.route("/hours/entries/<entry_id>/correct", methods=["GET", "POST"])
@guard(Action.LOG_HOURS, entry_facts)
def correct(entry_id: str) -> Page:
    """Correct a submitted or signed row by a reversal with a reason."""
    form, row = CorrectForm(), queries.entry(db.session(), entry_id)
    if form.validate_on_submit():
        try:
            correct_entry(actor(), entry_id, form.minutes.data, form.reason.data)
        except SuperviseError as error:
            form.refuse(error)
        else:
            flash("Corrected. The row that was signed stays as it was; the correction waits for a signature.")
            return redirect(url_for("hours.week", day=row.day, setting=row.setting_id), 303)
    row = queries.entry(db.session(), entry_id)
    return render_template(
        "hours/correct.html", form=form, row=row, words=CATEGORY_WORDS
    ), 422 if form.has_errors else 200


@bp.get("/hours/attest")
@guard(Action.USE)
def to_attest() -> Page:
    """List the people whose days wait for the actor's signature."""
    waiting: dict[str, list[Any]] = {}
    for record in queries.waiting_for(db.session(), actor().person_id):
        waiting.setdefault(record.person_id, []).append(record)
    names = people(db.session(), waiting)
    return render_template("hours/to_attest.html", waiting=waiting, names=names)


@bp.route("/hours/attest/<person_id>", methods=["GET", "POST"])
@guard(Action.ATTEST_HOURS, hours_facts)
def attest(person_id: str) -> Page:
    """Show up to six weeks exactly as they will be signed, and sign those that are ticked."""
    form = AttestForm()
    drawing, typed = request.form.get("signature_path", ""), request.form.get("signature_typed", "").strip()
    if form.validate_on_submit():
        seen = {name.removeprefix("week_"): value for name, value in request.form.items() if name.startswith("week_")}
        try:
            signed = attest_days(actor(), person_id, form.password.data, _drawing(drawing, typed), seen)
        except SuperviseError as error:
            form.refuse(error)
        else:
            flash(f"Signed: {signed} weeks." if signed != 1 else "Signed: one week.")
            return redirect(url_for("hours.to_attest"), 303)
    return _attest_page(person_id, form, SendBackForm(formdata=None), drawing, typed)


def _attest_page(person_id: str, form: AttestForm, back: SendBackForm, drawing: str, typed: str) -> Page:
    html = render_template(
        "hours/attest.html", weeks=weeks_to_sign(actor(), person_id), whose=person(db.session(), person_id), form=form,
        back=back, drawing=drawing, typed=typed, ticked=request.form, **WORDS,
    )  # fmt: skip
    return html, 422 if form.has_errors or back.has_errors else 200


def _drawing(path: str, typed: str) -> str:
    """Return the signature as it is stored: path data, or a typed name marked as such; empty if there is neither."""
    if path and len(path) <= 20_000 and re.fullmatch(r"[MLQ0-9 .-]+", path):
        return path
    return f"typed:{typed[:120]}" if typed else ""


@bp.post("/hours/attest/<person_id>/send-back")
@guard(Action.ATTEST_HOURS, hours_facts)
def send_back(person_id: str) -> Page:
    """Give ticked days back with a reason."""
    form = SendBackForm()
    if form.validate_on_submit():
        try:
            send_days_back(actor(), request.form.getlist("day"), form.reason.data)
        except SuperviseError as error:
            form.refuse(error)
        else:
            flash("Sent back with your reason.")
            return redirect(url_for("hours.to_attest"), 303)
    return _attest_page(person_id, AttestForm(formdata=None), form, "", "")


@bp.get("/hours/progress")
@guard(Action.READ_HOURS, hours_facts)
def progress() -> Page:
    """Show what counts, what is missing, and when it would be there."""
    return _progress_page(actor().person_id)


@bp.get("/hours/people/<person_id>/progress")
@guard(Action.READ_HOURS, hours_facts)
def progress_of(person_id: str) -> Page:
    """Show a supervisee's progress to their supervisor or to an auditor."""
    return _progress_page(person_id)


def _progress_page(person_id: str) -> Page:
    found = boards_of(db.session(), person_id)
    if not found:
        return render_template("hours/no_board.html")
    board_id = request.args.get("board", found[0])
    if board_id not in found:
        abort(404)
    shown = show_progress(person_id, board_id, today_of(actor()))
    form = WhatIfForm(request.args if request.args.get("hours") else None)
    asked = bool(request.args.get("hours")) and form.validate()
    reckoned = what_if(shown, form.category.data, form.hours.data * 60) if asked else None
    return render_template(
        "hours/progress.html", shown=shown, chart=chart_of(shown), boards=found, whose=person(db.session(), person_id),
        mine=person_id == actor().person_id, form=form, reckoned=reckoned, asked=asked,
        months=months(shown, shown.total.id) if shown.total else [], **WORDS,
    )  # fmt: skip


@bp.get("/hours/people")
@guard(Action.READ_ALL_HOURS)
def licensees() -> Page:
    """List the people with hours in this organisation, for auditors."""
    found = people(db.session(), queries.licensees_in(db.session(), actor().org_id))
    return render_template("hours/people.html", found=sorted(found.values(), key=lambda p: p.name))


@bp.get("/hours/people/<person_id>/weeks/<day>")
@guard(Action.READ_HOURS, hours_facts)
def week_of(person_id: str, day: str) -> Page:
    """Show someone's week, to read only."""
    on = _day(day)
    page = show_week(person_id, on, request.args.get("setting", ""))
    return render_template(
        "hours/week_read.html", page=page, whose=person(db.session(), person_id), on=on,
        before=on - timedelta(days=7), after=on + timedelta(days=7), **WORDS,
    )  # fmt: skip

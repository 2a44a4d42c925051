"""Pages of the ledger: the week, signing, correction, progress."""

import re
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supervise.accounts.queries import people, person, settings_of
from supervise.core.actor import Role
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import attest_days, days_to_sign, supervised_by, weeks_to_sign
from supervise.flows.hours_facts import entry_facts, hours_facts, signing_facts, today_of
from supervise.flows.show_progress import asked, boards_of, chart_of, monthly, show_progress, uncounted, what_if
from supervise.flows.show_week import show_week, signers
from supervise.flows.show_weeks import weeks_of
from supervise.flows.submit_days import (
    add_entry,
    correct_entry,
    send_days_back,
    submit_again,
    submit_days,
    take_out_returned,
)
from supervise.hours import queries, service
from supervise.hours.forms import (
    AddForm,
    AttestForm,
    CorrectForm,
    DayForm,
    SendBackForm,
    WhatIfForm,
    read_minutes,
    shown,
)
from supervise.hours.queries import CATEGORY_WORDS, OTHER_WORK, WITH_CLIENTS
from supervise.hours.routes.blueprint import bp
from supervise.policy import Action, HoursFacts
from supervise.web.current import actor
from supervise.web.forms import Form, version_of
from supervise.web.guard import guard, may

Page = str | tuple[str, int] | Response
WORDS = {"with_clients": WITH_CLIENTS, "other_work": OTHER_WORK, "words": CATEGORY_WORDS}
PAY_WORDS = {
    "w2": "employed (W-2)", "volunteer": "volunteer", "1099": "contractor (1099)", "self_employed": "self-employed",
}  # fmt: skip


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        abort(404)
    if not 2000 <= found.year <= 2200:
        abort(404)
    return found


def _refused(form: Form, error: SuperviseError) -> int:
    form.refuse(error)
    return error.status


@bp.get("/hours")
@guard(Action.LOG_HOURS, hours_facts)
def index() -> Page:
    """Go to where this person's work with hours is: their week, what waits for their signature, everyone's hours."""
    me = actor()
    if not settings_of(db.session(), me.person_id):
        if me.has(Role.SUPERVISOR):
            return redirect(url_for("hours.to_attest"))
        if me.has(Role.AUDITOR):
            return redirect(url_for("hours.licensees"))
    return redirect(url_for("hours.week", day=today_of(me), setting=request.args.get("setting")))


@bp.get("/hours/weeks/<day>")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def week(day: str) -> Page:
    """Show a week with the editor of one of its days."""
    return _week_page(_day(day), DayForm(formdata=None))


def _week_page(
    day: date,
    form: DayForm,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 422,
) -> Page:
    me, typed, wrong = actor(), typed or {}, wrong or {}
    page = show_week(me.person_id, day, request.values.get("setting", ""))
    if page is None:
        return render_template("hours/no_place.html")
    could = signers(me, page.setting.id, day)
    form.supervisor.choices = {p.id: p.name for p in could.people}
    form.supervisor.data = form.supervisor.data or could.proposed or None
    html = render_template(
        "hours/week.html", page=page, shown=shown(page.day, page.pattern, typed, wrong), wrong=wrong, form=form,
        signers=could.people, today=today_of(me), typed=bool(typed), before=page.monday - timedelta(days=7),
        after=page.monday + timedelta(days=7), pay_words=PAY_WORDS, **WORDS,
    )  # fmt: skip
    return html, status if wrong or form.errors or form.form_errors else 200


@bp.post("/hours/days/<day>")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def save_day(day: str) -> Page:
    """Save a day, and submit it when that button was pressed."""
    on, form, typed = _day(day), DayForm(), request.form.to_dict()
    minutes, wrong = read_minutes(typed)
    setting_id, submits = typed.get("setting", ""), typed.get("step") == "submit"
    if not form.validate_on_submit() or wrong:
        return _week_page(on, form, typed, wrong)
    try:
        with unit_of_work(actor()) as work:
            service.save_day(work, setting_id, on, minutes, version_of(request.form) if "version" in typed else None)
        if submits:
            submit_days(actor(), setting_id, [on], form.supervisor.data or "")
    except SuperviseError as error:
        field = str(getattr(error, "field", None))
        if field in CATEGORY_WORDS:
            return _week_page(on, form, typed, {field: str(error)})
        return _week_page(on, form, typed, status=_refused(form, error))
    flash(f"{on:%A} is submitted." if submits else f"{on:%A} is saved as a draft.")
    return redirect(url_for("hours.week", day=on, setting=setting_id), 303)


@bp.post("/hours/weeks/<day>/submit")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def submit_week(day: str) -> Page:
    """Submit every draft day of a week that has rows."""
    form, on, setting_id = DayForm(), _day(day), request.form.get("setting", "")
    if not form.validate_on_submit():
        return _week_page(on, form)
    page = show_week(actor().person_id, on, setting_id)
    days = [view.day for view in page.drafts] if page else []
    try:
        submit_days(actor(), setting_id, days, form.supervisor.data or "")
    except SuperviseError as error:
        return _week_page(on, form, status=_refused(form, error))
    flash(f"{len(days)} days are submitted." if len(days) != 1 else "One day is submitted.")
    return redirect(url_for("hours.week", day=on, setting=setting_id), 303)


@bp.post("/hours/weeks/<day>/repeat")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def repeat_week(day: str) -> Page:
    """Write the week before once more, as drafts."""
    form, on, setting_id = DayForm(), _day(day), request.form.get("setting", "")
    if not form.validate_on_submit():
        return _week_page(on, form)
    try:
        with unit_of_work(actor()) as work:
            written = service.repeat_week(work, setting_id, queries.monday_of(on))
    except SuperviseError as error:
        return _week_page(on, form, status=_refused(form, error))
    flash(f"Days written as drafts, like the week before: {written}. Look at each before you submit it.")
    return redirect(url_for("hours.week", day=on, setting=setting_id), 303)


@bp.post("/hours/days/<day>/recall")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def recall_day(day: str) -> Page:
    """Take a submitted day back."""
    on, form, setting_id = _day(day), DayForm(), request.form.get("setting", "")
    if not form.validate_on_submit():
        return _week_page(on, form)
    try:
        with unit_of_work(actor()) as work:
            service.recall_day(work, setting_id, on)
    except SuperviseError as error:
        return _week_page(on, form, status=_refused(form, error))
    flash(f"{on:%A} is a draft again.")
    return redirect(url_for("hours.week", day=on, setting=setting_id), 303)


@bp.post("/hours/days/<day>/returned")
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def answer_returned(day: str) -> Page:
    """Answer what was sent back of a partly signed day: submit it again as it is, or take it out."""
    on, form, setting_id = _day(day), DayForm(), request.form.get("setting", "")
    if not form.validate_on_submit():
        return _week_page(on, form)
    takes_out = request.form.get("step") == "take_out"
    try:
        (take_out_returned if takes_out else submit_again)(actor(), setting_id, on)
    except SuperviseError as error:
        return _week_page(on, form, status=_refused(form, error))
    flash("Taken out. What was signed stands." if takes_out else f"{on:%A} is submitted again.")
    return redirect(url_for("hours.week", day=on, setting=setting_id), 303)


@bp.route("/hours/days/<day>/add", methods=["GET", "POST"])
@guard(Action.LOG_HOURS, lambda a, day: hours_facts(a))
def add(day: str) -> Page:
    """Add a forgotten kind of work to a day that was submitted or signed, with a reason."""
    on, form, status, setting_id = _day(day), AddForm(), 422, request.values.get("setting", "")
    page = show_week(actor().person_id, on, setting_id)
    if page is None or setting_id not in ("", page.setting.id) or page.day.state in ("empty", "draft"):
        abort(404)
    form.category.choices = {"": "–"} | {
        k: v for k, v in (WITH_CLIENTS | OTHER_WORK).items() if k not in page.day.minutes
    }
    if form.validate_on_submit():
        try:
            add_entry(actor(), page.setting.id, on, form.category.data, form.minutes.data or 0, form.reason.data or "")
        except SuperviseError as error:
            status = _refused(form, error)
        else:
            flash("Added. It waits for a signature.")
            return redirect(url_for("hours.week", day=on, setting=page.setting.id), 303)
    return render_template("hours/add.html", form=form, page=page), status if form.has_errors else 200


@bp.route("/hours/entries/<entry_id>/correct", methods=["GET", "POST"])
@guard(Action.LOG_HOURS, entry_facts)
def correct(entry_id: str) -> Page:
    """Correct a submitted or signed row by a reversal with a reason."""
    form, status = CorrectForm(), 422
    if form.validate_on_submit():
        try:
            correct_entry(actor(), entry_id, form.minutes.data or 0, form.reason.data or "")
        except SuperviseError as error:
            status = _refused(form, error)
        else:
            row = queries.entry(db.session(), entry_id)
            flash("Corrected. The row that was there stays as it was; the correction waits for a signature.")
            return redirect(url_for("hours.week", day=row.day, setting=row.setting_id), 303)
    row = queries.entry(db.session(), entry_id)
    signed = entry_id in queries.signed_ids(db.session(), [entry_id])
    html = render_template("hours/correct.html", form=form, row=row, signed=signed, words=CATEGORY_WORDS)
    return html, status if form.has_errors else 200


@bp.get("/hours/attest")
@guard(Action.USE)
def to_attest() -> Page:
    """List the people whose days wait for the actor's signature, and everyone whom the actor supervises."""
    me = actor()
    waiting: dict[str, list[Any]] = {}
    for record in days_to_sign(me):
        waiting.setdefault(record.person_id, []).append(record)
    supervised = supervised_by(me, today_of(me))
    names = people(db.session(), {*waiting, *supervised})
    return render_template(
        "hours/to_attest.html", waiting=waiting, supervised=sorted(supervised, key=lambda i: names[i].name),
        names=names, today=today_of(me),
    )  # fmt: skip


@bp.route("/hours/attest/<person_id>", methods=["GET", "POST"])
@guard(Action.ATTEST_HOURS, signing_facts)
def attest(person_id: str) -> Page:
    """Show up to six weeks exactly as they will be signed, and sign those that are ticked."""
    form, status = AttestForm(), 422
    drawing, typed = request.form.get("signature_path", ""), request.form.get("signature_typed", "").strip()
    if form.validate_on_submit():
        seen = {name.removeprefix("week_"): value for name, value in request.form.items() if name.startswith("week_")}
        try:
            signed = attest_days(actor(), person_id, str(form.password.data), _drawing(drawing, typed), seen)
        except SuperviseError as error:
            status = _refused(form, error)
        else:
            flash(f"Signed: {signed} weeks." if signed != 1 else "Signed: one week.")
            return redirect(url_for("hours.to_attest"), 303)
    return _attest_page(person_id, form, SendBackForm(formdata=None), drawing, typed, status)


def _attest_page(
    person_id: str, form: AttestForm, back: SendBackForm, drawing: str = "", typed: str = "", status: int = 422
) -> Page:
    queue = weeks_to_sign(actor(), person_id)
    posted = request.form if request.method == "POST" and request.endpoint == "hours.attest" else None
    ticked = {
        week.key for week in queue.weeks
        if (posted.get(f"week_{week.key}") == week.rows_hash if posted else not week.exceptions)
    }  # fmt: skip
    html = render_template(
        "hours/attest.html", weeks=queue.weeks, later=queue.later, whose=person(db.session(), person_id), form=form,
        back=back, drawing=drawing if _is_drawing(drawing) else "", typed=typed, ticked=ticked, names=queue.names,
        days_back=request.form.getlist("day"), today=today_of(actor()), me=actor().person_id,
        reads_progress=may(Action.READ_HOURS, hours_facts(actor(), person_id)), **WORDS,
    )  # fmt: skip
    return html, status if form.has_errors or back.has_errors else 200


def _is_drawing(path: str) -> bool:
    return bool(path) and len(path) <= 20_000 and re.fullmatch(r"[MLQ0-9 .-]+", path) is not None


def _drawing(path: str, typed: str) -> str:
    """Return the signature as it is stored: path data, or a typed name marked as such; empty if there is neither."""
    if _is_drawing(path):
        return path
    return f"typed:{typed[:120]}" if typed else ""


@bp.post("/hours/attest/<person_id>/send-back")
@guard(Action.ATTEST_HOURS, signing_facts)
def send_back(person_id: str) -> Page:
    """Give ticked days back with a reason."""
    form, status = SendBackForm(), 422
    if form.validate_on_submit():
        try:
            send_days_back(actor(), person_id, request.form.getlist("day"), form.reason.data or "")
        except SuperviseError as error:
            status = _refused(form, error)
        else:
            flash("Sent back with your reason.")
            return redirect(url_for("hours.to_attest"), 303)
    return _attest_page(person_id, AttestForm(formdata=None), form, status=status)


@bp.get("/hours/progress")
@guard(Action.READ_HOURS, hours_facts)
def progress() -> Page:
    """Show what counts, what is missing, and when it would be there."""
    return _progress_page(actor().person_id, "")


@bp.get("/hours/people/<person_id>/progress")
@guard(Action.READ_HOURS, hours_facts)
def progress_of(person_id: str) -> Page:
    """Show a supervisee's progress to their supervisor, or what of it stands in this organisation to an auditor."""
    return _progress_page(person_id, _audited_org(g.facts))


def _audited_org(facts: HoursFacts) -> str:
    """Return the organisation that bounds what the actor sees; empty for the licensee and whoever supervises them."""
    return "" if actor().person_id in {facts.person_id, *facts.supervisor_ids} else actor().org_id


def _progress_page(person_id: str, org_id: str) -> Page:
    whose, mine = person(db.session(), person_id), person_id == actor().person_id
    found = boards_of(db.session(), person_id, org_id)
    if not found:
        return render_template("hours/no_board.html", whose=whose, mine=mine)
    board_id = request.args.get("board", found[0])
    if board_id not in found:
        abort(404)
    shown = show_progress(person_id, board_id, today_of(actor()), org_id)
    form = WhatIfForm(request.args if "hours" in request.args else None)
    wants = "hours" in request.args and form.validate()
    reckoned = what_if(shown, str(form.category.data), (form.hours.data or 0) * 60) if wants else None
    html = render_template(
        "hours/progress.html", shown=shown, chart=chart_of(shown), boards={i: queries.boards()[i] for i in found},
        whose=whose, mine=mine, part=bool(org_id), form=form, reckoned=reckoned, requirements=asked(shown),
        months=monthly(shown), uncounted=uncounted(shown), weeks=weeks_of(shown), **WORDS,
    )  # fmt: skip
    return html, 422 if form.has_errors else 200


@bp.get("/hours/people")
@guard(Action.READ_ALL_HOURS)
def licensees() -> Page:
    """List the people with hours in this organisation, for auditors."""
    found = people(db.session(), queries.licensees_in(db.session(), actor().org_id))
    return render_template(
        "hours/people.html", found=sorted(found.values(), key=lambda p: p.name), today=today_of(actor())
    )


@bp.get("/hours/people/<person_id>/weeks/<day>")
@guard(Action.READ_HOURS, lambda a, person_id, day: hours_facts(a, person_id, _day(day)))
def week_of(person_id: str, day: str) -> Page:
    """Show someone's week, to read only."""
    on = _day(day)
    page = show_week(person_id, on, request.args.get("setting", ""), _audited_org(g.facts))
    return render_template(
        "hours/week_read.html", page=page, whose=person(db.session(), person_id), on=on, pay_words=PAY_WORDS,
        before=on - timedelta(days=7), after=on + timedelta(days=7), **WORDS,
    )  # fmt: skip

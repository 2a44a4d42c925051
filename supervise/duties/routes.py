"""Pages of duties to report and to protect: the guided path, its record, and the rows of law with who verified them."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from supervise.accounts.choices import jurisdictions
from supervise.accounts.queries import licences_of
from supervise.core.clock import local, now
from supervise.core.db import db
from supervise.core.errors import Invalid, SuperviseError
from supervise.core.uow import unit_of_work
from supervise.duties import queries, service
from supervise.duties.forms import HOW, READ, ConfirmForm, DecideForm, OpenForm, TellForm, listed
from supervise.duties.rules.clocks import instant
from supervise.duties.rules.guide import NEEDED
from supervise.duties.rules.rows import RECIPIENTS
from supervise.duties.service import Opening, Telling
from supervise.flows import follow_duty
from supervise.flows.credit_guidance import case_facts
from supervise.flows.follow_duty import duty_facts
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import BareForm, Form, version_of
from supervise.web.guard import guard

bp = Blueprint("duties", __name__)


@bp.app_context_processor
def duties_of_the_case_page() -> dict[str, Any]:
    """Give the case page, which another room serves, the records on it that the reader may read."""
    return {"duties_on": lambda case_id: follow_duty.duties_on_case(actor(), case_id), "duty_titles": _titles()}


@bp.get("/duties")
@guard(Action.OPEN_DUTY)
def index() -> str:
    """List one's own records, and the duties that can be gone through."""
    rows = queries.records_of(db.session(), actor().person_id, actor().org_id)
    return render_template("duties/index.html", rows=rows, duties=queries.book().duties, problems=_problems())


@bp.get("/duties/new")
@guard(Action.OPEN_DUTY)
def new() -> str:
    """Ask which duty, where and since when."""
    return _opening(_fresh(request.args.get("duty", "")), "")


@bp.post("/duties/new")
@guard(Action.OPEN_DUTY)
def do_open() -> Any:
    """Begin a record without a case."""
    return _open("")


@bp.get("/cases/<case_id>/duties/new")
@guard(Action.START_DUTY, case_facts)
def new_on_case(case_id: str) -> str:
    """Ask the same on a case."""
    return _opening(_fresh("", follow_duty.place_of_case(case_id)), case_id)


@bp.post("/cases/<case_id>/duties/new")
@guard(Action.START_DUTY, case_facts)
def open_on_case(case_id: str) -> Any:
    """Begin a record on a case that one reads; it is one's own."""
    return _open(case_id)


@bp.get("/duties/<record_id>")
@guard(Action.READ_DUTY, duty_facts)
def show(record_id: str) -> str:
    """Show the way: what applies, what to ask, who was told, what was decided."""
    return _page(record_id)


@bp.get("/duties/<record_id>/print")
@guard(Action.READ_DUTY, duty_facts)
def sheet(record_id: str) -> str:
    """Show the record to print."""
    return render_template("duties/sheet.html", how=HOW, printed_at=now(), **follow_duty.duty_page(actor(), record_id))


@bp.post("/duties/<record_id>/answers")
@guard(Action.CHANGE_DUTY, duty_facts)
def answers(record_id: str) -> Any:
    """Keep the answers to the checklist."""
    _check(BareForm())
    given = {key.removeprefix("item-"): value for key, value in request.form.items() if key.startswith("item-")}
    follow_duty.answer(actor(), record_id, version_of(request.form), given)
    flash("Your answers are kept.")
    return _back(record_id, "h-told")


@bp.post("/duties/<record_id>/told")
@guard(Action.CHANGE_DUTY, duty_facts)
def told(record_id: str) -> Any:
    """Record who was told."""
    form = TellForm()
    try:
        at, unsure = _instant(form.at.data or "", "at")
        telling = Telling(form.recipient.data or "", form.how.data or "", at, form.meets.data or "")
        _check(form)
        follow_duty.tell(actor(), record_id, telling, form.note.data or "")
    except SuperviseError as error:
        form.refuse(error)
        return _page(record_id, tell=form), error.status
    flash(f"Recorded. {unsure}".strip())
    return _back(record_id, "h-told")


@bp.post("/duties/<record_id>/decision")
@guard(Action.CHANGE_DUTY, duty_facts)
def decide(record_id: str) -> Any:
    """Record what was decided and why."""
    form = DecideForm()
    try:
        _check(form)
        follow_duty.decide_duty(
            actor(), record_id, version_of(request.form), form.outcome.data or "", form.typed, form.follow_up_on.data
        )
    except SuperviseError as error:
        form.refuse(error)
        return _page(record_id, decision=form), error.status
    flash("Your decision is recorded. The clock runs until you close this.")
    return _back(record_id, "h-close")


@bp.post("/duties/<record_id>/close")
@guard(Action.CHANGE_DUTY, duty_facts)
def close(record_id: str) -> Any:
    """Close a record: its clock leaves the inbox."""
    form = BareForm()
    try:
        _check(form)
        follow_duty.close(actor(), record_id)
    except SuperviseError as error:
        form.refuse(error)
        return _page(record_id, closing=form), error.status
    flash("Closed. You can print the record, and open it again.")
    return _back(record_id)


@bp.post("/duties/<record_id>/reopen")
@guard(Action.CHANGE_DUTY, duty_facts)
def reopen(record_id: str) -> Any:
    """Open a closed record again."""
    _check(BareForm())
    with unit_of_work(actor()) as work:
        service.reopen(work, record_id)
    flash("It is open again, with its clock.")
    return _back(record_id)


@bp.get("/duties/rows")
@guard(Action.USE)
def rows() -> str:
    """Show the rows of law of one place with who verified them, and whom that still takes."""
    return _rows(request.args.get("place", "") or _first_licence())


@bp.post("/duties/rows/confirm")
@guard(Action.VERIFY_LAW)
def confirm() -> Any:
    """Say that a row, as shown, says what the law says."""
    form = ConfirmForm()
    _check(form)
    with unit_of_work(actor()) as work:
        service.confirm_row(work, form.key.data or "", form.digest.data or "", READ[form.read.data])
    flash("Your name stands with the row. It counts as verified when a second person has read it too.")
    return redirect(url_for(".rows", place=(form.key.data or "").rpartition(" ")[2]), 303)


@bp.post("/duties/rows/take-back")
@guard(Action.VERIFY_LAW)
def take_back() -> Any:
    """Take one's own confirmation back."""
    _check(BareForm())
    key = request.form.get("key", "")
    with unit_of_work(actor()) as work:
        service.take_back(work, key)
    flash("Taken back. The row is not verified any more.")
    return redirect(url_for(".rows", place=key.rpartition(" ")[2]), 303)


# Between forms and flows ----------------------------------------------------------------------------------------------


def _open(case_id: str) -> Any:
    form = OpenForm().offer()
    try:
        known_at, unsure = _instant(form.known_at.data or "", "known_at")
        _check(form)
        opening = Opening(
            form.duty.data or "", known_at, actor().zone, form.client_place.data or "", form.event_place.data or "",
            case_id or None,
        )  # fmt: skip
        record_id = follow_duty.open_duty(actor(), opening)
    except SuperviseError as error:
        form.refuse(error)
        return _opening(form, case_id), error.status
    flash(f"The clock stands in your inbox until you close this. {unsure}".strip())
    return redirect(url_for(".show", record_id=record_id), 303)


def _fresh(duty: str, place: str = "") -> OpenForm:
    return OpenForm(formdata=None, duty=duty, client_place=place, known_at=_typed(now())).offer()


def _opening(form: OpenForm, case_id: str) -> str:
    return render_template("duties/new.html", form=form, case_id=case_id, zone=actor().zone, problems=_problems())


def _page(
    record_id: str, *, tell: TellForm | None = None, decision: DecideForm | None = None, closing: Form | None = None
) -> str:
    page = follow_duty.duty_page(actor(), record_id)
    row = page["row"]
    tell = tell or TellForm(formdata=None, at=_typed(now()))
    tell.recipient.choices = listed({"": "Choose …", **page["offered"].words})
    before = {f"option_{n}": one["option"] for n, one in enumerate(row.rejected)}
    before |= {f"because_{n}": one["because"] for n, one in enumerate(row.rejected)}
    decision = decision or DecideForm(
        formdata=None, version=str(row.version), outcome=row.outcome, decision=row.decision,
        follow_up_on=row.follow_up_on, **before,
    )  # fmt: skip
    return render_template(
        "duties/show.html", tell=tell, decision=decision, closing=closing or BareForm(formdata=None), how=HOW, **page
    )


def _rows(place: str) -> str:
    known = jurisdictions()
    place = place if place in known else ""
    book, confirmed = queries.book(), queries.confirmations(db.session(), actor().org_id)
    mine = {
        one.row_key
        for one in queries.live_confirmations(db.session(), actor().org_id)
        if one.by_id == actor().person_id and one.row_key in confirmed
    }
    found = [(duty, book.row(duty.id, place), confirmed.get(f"{duty.id} {place}", ())) for duty in book.duties.values()]
    return render_template(
        "duties/rows.html", place=place, places=known, listed=found, mine=mine, needed=NEEDED, problems=_problems(),
        recipients=RECIPIENTS, new_form=lambda row: ConfirmForm(formdata=None, key=row.key, digest=row.digest),
    )  # fmt: skip


def _first_licence() -> str:
    held = licences_of(db.session(), actor().person_id)
    return held[0].jurisdiction if held else ""


def _titles() -> dict[str, str]:
    return {duty.id: duty.title for duty in queries.book().duties.values()}


def _problems() -> list[str]:
    return [problem.message for problem in queries.book().problems]


def _typed(at: datetime) -> str:
    return f"{local(at, actor().zone):%Y-%m-%dT%H:%M}"


def _instant(typed: str, field: str) -> tuple[datetime, str]:
    try:
        return instant(typed, actor().zone)
    except ValueError as error:
        raise Invalid(str(error), field) from error


def _back(record_id: str, anchor: str | None = None) -> Any:
    return redirect(url_for(".show", record_id=record_id, _anchor=anchor), 303)


def _check(form: Form) -> None:
    """Raise Invalid for a form that did not come from here, such as one whose token has expired."""
    if not form.validate_on_submit():
        raise Invalid(str(next(iter(form.errors.values()))[0]))

"""The confirm page: every finding decided by the author, the result read once more, then confirmed.

All state is on the server. Each action is a POST that leads back to the page, or, asked for by htmx, answers with its
changed part.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, Refused, SuperviseError
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import queries, service
from supervise.deid.forms import ConfirmForm, MarkForm, read_choices
from supervise.deid.rules.measured import measured
from supervise.deid.rules.page import confirm_page
from supervise.flows.publish import about, publish_confirmed
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import BareForm, version_of
from supervise.web.guard import guard

bp = Blueprint("deid", __name__)

_PANES = ("findings", "original", "result")


@bp.get("/screenings/<screening_id>")
@guard(Action.CHANGE_OWN, queries.screening_facts)
def confirm(screening_id: str) -> Any:
    """Show the findings, the original beside the result, and the final reading."""
    screening = queries.screening(db.session(), screening_id)
    if screening.state == "void":
        flash("You edited the text after it was screened. Screen it again; your decisions are carried over.", "warning")
        return redirect(about(screening).back, 303)
    if screening.state == "released":
        flash("This text was released already.")
        return redirect(about(screening).back, 303)
    return _page(screening_id, MarkForm(formdata=None), ConfirmForm(formdata=None))


@bp.post("/screenings/<screening_id>/choose")
@guard(Action.CHANGE_OWN, queries.screening_facts)
def choose(screening_id: str) -> Any:
    """Decide findings; ``do=accept`` accepts everything still open as well."""
    if not (form := BareForm()).validate_on_submit():
        return _page(screening_id, MarkForm(formdata=None), ConfirmForm(formdata=None), _first(form)), 422

    def decide(work: UnitOfWork) -> None:
        _, now = service.work_on(work.session, screening_id, actor())
        changes = read_choices(request.form, now)
        verb = service.accept_rest if request.form.get("do") == "accept" else service.choose
        verb(work, screening_id, version_of(request.form), changes)

    return _do(screening_id, decide)


@bp.post("/screenings/<screening_id>/add")
@guard(Action.CHANGE_OWN, queries.screening_facts)
def add(screening_id: str) -> Any:
    """Take out a passage that was missed, wherever it stands."""
    form = MarkForm()
    if not form.validate_on_submit():
        return _page(screening_id, form, ConfirmForm(formdata=None)), 422
    passage, label = str(form.mark.data or ""), str(form.label.data)
    return _do(screening_id, lambda work: service.add(work, screening_id, version_of(request.form), passage, label))


@bp.post("/screenings/<screening_id>/undo")
@guard(Action.CHANGE_OWN, queries.screening_facts)
def undo(screening_id: str) -> Any:
    """Take back the last step."""
    if not (form := BareForm()).validate_on_submit():
        return _page(screening_id, MarkForm(formdata=None), ConfirmForm(formdata=None), _first(form)), 422
    return _do(screening_id, lambda work: service.undo(work, screening_id, version_of(request.form)))


@bp.post("/screenings/<screening_id>/confirm")
@guard(Action.CHANGE_OWN, queries.screening_facts)
def confirm_text(screening_id: str) -> Any:
    """Confirm exactly the text that was shown; a vignette goes on to its release, anything else is published."""
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            return redirect(publish_confirmed(actor(), screening_id, str(form.shown.data)), 303)
        except (Invalid, Refused, Conflict) as error:
            form.refuse(error)
            return _page(screening_id, MarkForm(formdata=None), form), error.status
    return _page(screening_id, MarkForm(formdata=None), form), 422


def _do(screening_id: str, verb: Callable[[UnitOfWork], object]) -> Any:
    try:
        with unit_of_work(actor()) as work:
            verb(work)
    except (Invalid, Refused, Conflict) as error:
        mark = MarkForm()
        if getattr(error, "field", None) in ("mark", "label"):
            mark.refuse(error)
        return _page(screening_id, mark, ConfirmForm(formdata=None), error), error.status
    if "HX-Request" in request.headers:
        return _page(screening_id, MarkForm(formdata=None), ConfirmForm(formdata=None))
    anchor = "final" if request.form.get("do") == "accept" else "findings"
    return redirect(url_for(".confirm", screening_id=screening_id, pane=_pane(), _anchor=anchor), 303)


def _page(screening_id: str, mark: MarkForm, form: ConfirmForm, error: SuperviseError | None = None) -> str:
    screening, work = service.work_on(db.session(), screening_id, actor())
    page = confirm_page(work, service.reveal(work.original, actor(), screening.author_id))
    part = "deid/_work.html" if "HX-Request" in request.headers else "deid/confirm.html"
    refused = getattr(error, "field", "") or ""
    return render_template(
        part,
        screening=screening,
        about=about(screening),
        page=page,
        mark=mark,
        form=form,
        error=None if error is None or mark.errors else error,
        refused=refused.removeprefix("choice-"),
        typed=request.form if error is not None else {},
        pane=_pane(),
        measured=measured(),
        days=installation().settings.original_days,
    )


def _first(form: BareForm) -> Invalid:
    return Invalid(next(iter(form.errors.values()))[0])


def _pane() -> str:
    wanted = request.values.get("pane", "")
    return wanted if wanted in _PANES else _PANES[0]

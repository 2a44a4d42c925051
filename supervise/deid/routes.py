"""The confirm page: every finding decided by the author, the result read once more, then confirmed.

All state is on the server. Each action is a POST that leads back to the page, or, asked for by htmx, answers with its
changed part.
"""

from collections.abc import Callable
from math import ceil
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for

from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, Refused, SuperviseError, Unavailable
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import queries, service
from supervise.deid.forms import ConfirmForm, MarkForm, read_choices
from supervise.deid.rules.measured import measured
from supervise.deid.rules.page import confirm_page
from supervise.deid.wording import refuse_identifying_words
from supervise.flows.look_while_typing import look_while_typing
from supervise.flows.publish import about, publish_confirmed
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import BareForm, Form, version_of
from supervise.web.guard import guard

bp = Blueprint("deid", __name__)

_PANES = ("findings", "original", "result")
_ELSEWHERE = {
    "void": "You edited the text after it was screened. Screen it again; your decisions are carried over.",
    "released": "This text was released already.",
}


@bp.post("/screenings/while-typing")
@guard(Action.START_CASE)
def while_typing() -> Any:
    """Answer where something would be found in what is being typed: places and classes, no words. Keeps nothing."""
    looked = look_while_typing(actor(), request.form.get("text", ""), request.form.get("case", "")[:26])
    if looked.wait:
        return jsonify(places=[]), 429, {"Retry-After": str(ceil(looked.wait))}
    return jsonify(places=looked.places)


@bp.get("/screenings/<screening_id>")
@guard(Action.CHANGE_OWN, queries.screening_facts)
def confirm(screening_id: str) -> Any:
    """Show the findings, the original beside the result, and the final reading."""
    return _page(screening_id)


@bp.post("/screenings/<screening_id>/choose")
@guard(Action.CHANGE_OWN, queries.screening_facts)
def choose(screening_id: str) -> Any:
    """Decide findings; ``do=accept`` accepts everything still open as well."""
    if not (form := BareForm()).validate_on_submit():
        return _page(screening_id, error=_first(form))
    try:
        work = service.work_on(db.session(), screening_id, actor())[1]
        changes = read_choices(request.form, work)
        refuse_identifying_words(work, changes)
    except (Invalid, Refused, Unavailable) as error:
        return _page(screening_id, error=error)
    verb = service.accept_rest if request.form.get("do") == "accept" else service.choose
    return _do(screening_id, lambda work: verb(work, screening_id, version_of(request.form), changes))


@bp.post("/screenings/<screening_id>/add")
@guard(Action.CHANGE_OWN, queries.screening_facts)
def add(screening_id: str) -> Any:
    """Take out a passage that was missed, wherever it stands."""
    form = MarkForm()
    if not form.validate_on_submit():
        return _page(screening_id, mark=form, error=_first(form))
    passage, label = str(form.mark.data or ""), str(form.label.data)
    return _do(screening_id, lambda work: service.add(work, screening_id, version_of(request.form), passage, label))


@bp.post("/screenings/<screening_id>/undo")
@guard(Action.CHANGE_OWN, queries.screening_facts)
def undo(screening_id: str) -> Any:
    """Take back the last step."""
    if not (form := BareForm()).validate_on_submit():
        return _page(screening_id, error=_first(form))
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
            return _page(screening_id, form=form, error=error)
    return _page(screening_id, form=form, error=_first(form))


def _do(screening_id: str, verb: Callable[[UnitOfWork], object]) -> Any:
    try:
        with unit_of_work(actor()) as work:
            verb(work)
    except (Invalid, Refused, Conflict) as error:
        mark = MarkForm()
        if getattr(error, "field", None) in ("mark", "label"):
            mark.refuse(error)
        return _page(screening_id, mark=mark, error=error)
    if "HX-Request" in request.headers:
        return _page(screening_id)
    anchor = "final" if request.form.get("do") == "accept" else "findings"
    return redirect(url_for(".confirm", screening_id=screening_id, pane=_pane(), _anchor=anchor), 303)


def _page(
    screening_id: str,
    *,
    mark: MarkForm | None = None,
    form: ConfirmForm | None = None,
    error: SuperviseError | None = None,
) -> Any:
    """Answer with the page, or its changed part, as things stand; ``error`` is what was refused, with its status."""
    row = queries.screening(db.session(), screening_id)
    if row.state in _ELSEWHERE:
        flash(_ELSEWHERE[row.state], "warning")
        return redirect(about(row).back, 303)
    screening, work = service.work_on(db.session(), screening_id, actor())
    page = confirm_page(work, service.reveal(work.original, actor(), screening.author_id))
    refused = getattr(error, "field", "") or ""
    html = render_template(
        "deid/_work.html" if "HX-Request" in request.headers else "deid/confirm.html",
        screening=screening,
        about=about(screening),
        page=page,
        mark=mark or MarkForm(formdata=None),
        form=form or ConfirmForm(formdata=None),
        error=None if (mark and mark.errors) or (form and form.errors) else error,
        refused=refused.removeprefix("choice-"),
        typed=request.form if error is not None else {},
        pane=_pane(),
        measured=measured(),
        days=installation().settings.original_days,
    )
    return html, error.status if error else 200


def _first(form: Form) -> Invalid:
    return Invalid(next(iter(form.errors.values()))[0])


def _pane() -> str:
    wanted = request.values.get("pane", "")
    return wanted if wanted in _PANES else _PANES[0]

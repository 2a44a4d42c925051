"""The notes of a meeting: written and edited by whoever led it, read with their history by those who were there."""

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supervise.core.db import db
from supervise.core.errors import Conflict, SuperviseError
from supervise.flows.write_notes import (
    NotesOutcome,
    drop_notes,
    notes_history,
    own_notes,
    screen_kept_notes,
    write_notes,
)
from supervise.policy import Action
from supervise.supervision import queries
from supervise.supervision.forms import NotesForm
from supervise.supervision.routes.blueprint import Page, bp
from supervise.web.current import actor
from supervise.web.forms import BareForm, version_of
from supervise.web.guard import guard


def after_notes(meeting_id: str, outcome: NotesOutcome) -> Response:
    """Go to the meeting, or to what the author of its notes has to decide first."""
    if outcome.screening_id:
        return redirect(url_for("deid.confirm", screening_id=outcome.screening_id), 303)
    if outcome.problem:
        flash(f"The notes are not published: {outcome.problem}", "warning")
    return redirect(url_for("supervision.meeting", meeting_id=meeting_id), 303)


@bp.get("/meetings/<meeting_id>/notes")
@guard(Action.CHANGE_MEETING, queries.meeting_facts)
def notes(meeting_id: str) -> Page:
    """Show the notes to write, with the words that wait where there are some."""
    version = str(queries.meeting(db.session(), meeting_id).version)
    return _notes_page(meeting_id, NotesForm(formdata=None, notes=own_notes(actor(), meeting_id), version=version))


@bp.post("/meetings/<meeting_id>/notes")
@guard(Action.CHANGE_MEETING, queries.meeting_facts)
def save_notes(meeting_id: str) -> Page:
    """Hand in notes, or new words for those that are published."""
    form, status, other = NotesForm(), 422, None
    if form.validate_on_submit():
        try:
            return after_notes(
                meeting_id, write_notes(actor(), meeting_id, form.notes.data or "", version_of(request.form))
            )
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
            other = own_notes(actor(), meeting_id) if isinstance(error, Conflict) else None
    form.version.data = str(queries.meeting(db.session(), meeting_id).version)
    return _notes_page(meeting_id, form, status, other)


def _notes_page(meeting_id: str, form: NotesForm, status: int = 422, other: str | None = None) -> Page:
    row = queries.meeting(db.session(), meeting_id)
    html = render_template("supervision/notes.html", row=row, form=form, other=other)
    return html, status if form.errors or form.form_errors else 200


@bp.post("/meetings/<meeting_id>/screen")
@guard(Action.CHANGE_MEETING, queries.meeting_facts)
def screen(meeting_id: str) -> Page:
    """Screen notes again that were kept when they could not be screened."""
    _check(BareForm())
    try:
        return after_notes(meeting_id, screen_kept_notes(actor(), meeting_id))
    except SuperviseError as error:
        version = str(queries.meeting(db.session(), meeting_id).version)
        form = NotesForm(formdata=None, notes=own_notes(actor(), meeting_id), version=version)
        form.refuse(error)
        return _notes_page(meeting_id, form, error.status)


@bp.post("/meetings/<meeting_id>/notes/drop")
@guard(Action.CHANGE_MEETING, queries.meeting_facts)
def drop(meeting_id: str) -> Page:
    """Throw away words for the notes that were never published."""
    _check(BareForm())
    drop_notes(actor(), meeting_id)
    flash("Thrown away.")
    return redirect(url_for("supervision.meeting", meeting_id=meeting_id), 303)


@bp.get("/meetings/<meeting_id>/notes/history")
@guard(Action.READ_MEETING, queries.meeting_facts)
def history(meeting_id: str) -> str:
    """Show what the notes said before they were edited, to those who were there."""
    return render_template("supervision/notes_history.html", **notes_history(meeting_id))


def _check(form: BareForm) -> None:
    if not form.validate_on_submit():
        abort(400, "The form had expired. Go back, reload the page and send it again.")

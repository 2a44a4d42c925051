"""The editor: one page on which a case is written, saved while typing, and sent on to screening."""

from dataclasses import replace
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from supervise.cases import queries
from supervise.cases.forms import DraftForm, TextsForm
from supervise.cases.models import Case
from supervise.cases.routes.blueprint import bp
from supervise.cases.rules.documents import MAX_FILE, text_of
from supervise.core.clock import local, now
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, NotFound, Refused, SuperviseError, Unavailable
from supervise.core.ids import new_id
from supervise.core.installation import installation
from supervise.flows.start_case import (
    Choices,
    Draft,
    editor_choices,
    make_client,
    save_draft,
    saved_texts,
    screen_draft,
    way_of,
    what_is_missing,
)
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import version_of
from supervise.web.guard import guard

ID_LETTERS = frozenset("0123456789abcdefghjkmnpqrstvwxyz")


@bp.get("/cases/new")
@guard(Action.START_CASE)
def new() -> Any:
    """Show an empty editor that begins with what the last case chose."""
    choices = editor_choices(actor())
    client = next((row for row in choices.clients if row.id == request.args.get("client")), None)
    form = DraftForm(
        formdata=None,
        draft_id=new_id(),
        way=choices.way,
        jurisdiction=client.jurisdiction if client else choices.jurisdiction,
        client_id=client.id if client else "",
    )
    return _page(form, None, choices)


@bp.post("/cases/new")
@guard(Action.START_CASE)
def start() -> Any:
    """Begin a case with what was typed, then go on as the pressed button says."""
    form = DraftForm()
    case_id = str(form.draft_id.data or "")
    if len(case_id) != 26 or not ID_LETTERS.issuperset(case_id):
        raise Invalid("Open a new case again; this page did not come from here.")
    known = queries.find(db.session(), case_id)
    if known is not None and known.author_id != actor().person_id:
        raise NotFound
    if "X-Autosave" in request.headers:
        return _quietly(case_id, form, new=True)
    return _go_on(case_id, form, request.form.get("then", "save"), new=True)


@bp.get("/cases/<case_id>/edit")
@guard(Action.EDIT_CASE, queries.case_facts)
def edit(case_id: str) -> Any:
    """Show the draft of a case, or a new version that begins with the released text."""
    case, draft = _case(case_id), queries.draft(db.session(), case_id)
    if draft is None and case.state != "open":
        raise Refused("A new version is written while the case is open.")
    form = _form_of(case, saved_texts(actor(), case_id), draft.version if draft else 0)
    return _page(form, case, editor_choices(actor()) if case.current_version == 0 else None)


@bp.post("/cases/<case_id>/edit")
@guard(Action.EDIT_CASE, queries.case_facts)
def save(case_id: str) -> Any:
    """Save what was typed, then go on as the pressed button says."""
    return _go_on(case_id, _typed(case_id), request.form.get("then", "save"))


@bp.post("/cases/<case_id>/screen")
@guard(Action.EDIT_CASE, queries.case_facts)
def screen(case_id: str) -> Any:
    """Save what was typed, run the engine, and show what it found."""
    return _go_on(case_id, _typed(case_id), "screen")


@bp.post("/cases/<case_id>/import")
@guard(Action.EDIT_CASE, queries.case_facts)
def import_file(case_id: str) -> Any:
    """Put the text of a file into the editor; the file is not kept."""
    return _go_on(case_id, _typed(case_id), "import")


@bp.post("/cases/<case_id>/autosave")
@guard(Action.EDIT_CASE, queries.case_facts)
def autosave(case_id: str) -> Any:
    """Save while the person goes on typing."""
    return _quietly(case_id, _typed(case_id))


def _quietly(case_id: str, form: TextsForm, *, new: bool = False) -> Any:
    try:
        saved = save_draft(actor(), case_id, version_of(request.form), _draft_of(form), new=new, quietly=True)
    except Conflict as conflict:
        return jsonify(says=f"Not saved: {conflict} Your words stay here; press Save to see both."), conflict.status
    except SuperviseError as error:
        return jsonify(says=f"Not saved. {error}"), error.status
    return jsonify(saved=f"{local(now(), actor().zone):%H:%M}", version=saved)


def _go_on(case_id: str, form: TextsForm, then: str, *, new: bool = False) -> Any:
    """Save, then do what the button says; whatever goes wrong shows the page with everything that was typed."""
    if not form.validate_on_submit():
        return _again(case_id, form, 422)
    try:
        if then == "import":
            _import(form)
        saved = save_draft(actor(), case_id, version_of(request.form), _draft_of(form), new=new)
        form.version.data = str(saved)
        return _next(case_id, form, then)
    except Conflict as conflict:
        return _both(case_id, form, conflict)
    except (Invalid, Refused, Unavailable) as error:
        form.refuse(error)
        return _again(case_id, form, error.status)


def _next(case_id: str, form: TextsForm, then: str) -> Any:
    here = url_for("cases.edit", case_id=case_id)
    if then == "client" and isinstance(form, DraftForm):
        client = make_client(actor(), case_id, form.jurisdiction.data or "")
        flash(f"Client {client.code} was made. Copy the code into the chart.")
        return redirect(here + "#client", 303)
    if then == "screen":
        if missing := what_is_missing(actor(), case_id):
            for lack in missing:
                form.refuse(lack)
            return _again(case_id, form, 422)
        screening_id = screen_draft(actor(), case_id)
        draft = queries.draft(db.session(), case_id)
        if draft is not None and draft.stage == "confirmed":
            return redirect(url_for("cases.release", case_id=case_id), 303)
        return redirect(url_for("deid.confirm", screening_id=screening_id), 303)
    flash("The text of the file was put into the draft." if then == "import" else "Draft saved.")
    return redirect(here, 303)


def _import(form: TextsForm) -> None:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("Choose a file first.", "file")
    text = text_of(upload.filename, upload.stream.read(MAX_FILE + 1))
    before = "" if form.replace.data else (form.body.data or "").rstrip()
    form.body.data = f"{before}\n\n{text}" if before else text


def _both(case_id: str, form: TextsForm, conflict: Conflict) -> Any:
    """Show the page again with what was typed, and beside it what the other window saved."""
    case, draft = _case(case_id), queries.draft(db.session(), case_id)
    form.version.data = str(draft.version if draft else 0)
    choices = editor_choices(actor()) if case.current_version == 0 else None
    return _page(form, case, choices, other=saved_texts(actor(), case_id), why=str(conflict)), conflict.status


def _again(case_id: str, form: TextsForm, status: int) -> Any:
    case = queries.find(db.session(), case_id)
    choices = editor_choices(actor()) if case is None or case.current_version == 0 else None
    return _page(form, case, choices), status


def _page(
    form: TextsForm, case: Case | None, choices: Choices | None, other: dict[str, str] | None = None, why: str = ""
) -> str:
    draft = queries.draft(db.session(), case.id) if case else None
    if choices is not None and isinstance(form, DraftForm):
        _offer(form, choices)
    return render_template(
        "cases/edit.html", form=form, case=case, draft=draft, choices=choices, other=other, why=why,
        limit=installation().settings.max_vignette,
        released=queries.version(db.session(), case.id) if case and case.current_version else None,
    )  # fmt: skip


def _offer(form: DraftForm, choices: Choices) -> None:
    none = SelectChoice("", "Choose")
    form.way.choices = [SelectChoice(way.value, way.words) for way in choices.ways]
    form.peer_ids.choices = [SelectChoice(person.id, person.name) for person in choices.peers]
    form.client_id.choices = [none, *(SelectChoice(client.id, client.code) for client in choices.clients)]
    form.jurisdiction.choices = [none, *(SelectChoice(p.code, p.name) for p in choices.jurisdictions.values())]
    form.dilemmas.choices = [SelectChoice(kind.id, kind.title) for kind in choices.dilemmas.values()]


def _typed(case_id: str) -> TextsForm:
    return DraftForm() if _case(case_id).current_version == 0 else TextsForm()


def _case(case_id: str) -> Case:
    return queries.get(db.session(), case_id)


def _form_of(case: Case, texts: dict[str, str], version: int) -> TextsForm:
    if case.current_version:
        return TextsForm(formdata=None, version=version, **texts)
    return DraftForm(
        formdata=None,
        draft_id=case.id,
        version=version,
        way=way_of(case),
        peer_ids=case.peer_ids,
        client_id=case.client_id or "",
        jurisdiction=case.jurisdiction,
        urgency=case.urgency,
        dilemmas=case.dilemmas,
        **texts,
    )


def _draft_of(form: TextsForm) -> Draft:
    typed = Draft(form.title.data or "", form.question.data or "", form.body.data or "")
    if not isinstance(form, DraftForm):
        return typed
    return replace(
        typed,
        way=form.way.data or "",
        peer_ids=tuple(form.peer_ids.data or ()),
        client_id=form.client_id.data or "",
        disclosed=bool(form.disclosed.data),
        disclosed_on=form.disclosed_on.data,
        jurisdiction=form.jurisdiction.data or "",
        urgency=form.urgency.data or "",
        dilemmas=tuple(form.dilemmas.data or ()),
    )

"""Pages of imports: a file, what its columns mean with a preview, and an import undone."""

from dataclasses import dataclass, field

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supervise.accounts.models import Setting
from supervise.accounts.queries import settings_of
from supervise.core.db import db
from supervise.core.errors import NotFound, SuperviseError
from supervise.core.uow import unit_of_work
from supervise.flows.hours_facts import hours_facts, today_of
from supervise.hours import queries, service
from supervise.hours.forms import MEANINGS, MappingForm, UploadForm, read_plan
from supervise.hours.queries import CATEGORY_WORDS
from supervise.hours.routes.blueprint import bp
from supervise.hours.rules import (
    ImportRow,
    Plan,
    Table,
    TableError,
    as_csv,
    faults,
    guess,
    read_rows,
    read_table,
    words_of,
)
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import BareForm
from supervise.web.guard import guard

Page = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would bring under a plan. ``wrong``: sentences by line; those lines stay out and are listed."""

    table: Table
    plan: Plan
    setting: Setting
    faults: list[str]
    rows: list[ImportRow] = field(default_factory=list)
    wrong: dict[int, list[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return as_csv(self.table)

    @property
    def words(self) -> list[str]:
        return words_of(self.table, self.plan.columns)

    @property
    def minutes(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for row in self.rows:
            total[row.category] = total.get(row.category, 0) + row.minutes
        return total


@bp.route("/hours/imports", methods=["GET", "POST"])
@guard(Action.LOG_HOURS, hours_facts)
def imports() -> Page:
    """Take a file, and list what was imported before."""
    form = UploadForm()
    places = settings_of(db.session(), actor().person_id)
    if form.validate_on_submit() and places:
        try:
            table = read_table(form.file.data.read())
        except TableError as error:
            form.file.errors = [str(error)]
        else:
            chosen = next((place for place in places if place.ends_on is None), places[0])
            preview = _preview(table, guess(table), chosen)
            return _mapping_page(preview, MappingForm(formdata=None), form.file.data.filename or "A file")
    return _list_page(form)


def _list_page(form: UploadForm | BareForm) -> Page:
    me = actor().person_id
    places = {place.id: place for place in settings_of(db.session(), me)}
    html = render_template(
        "hours/imports.html", form=form, upload=form if isinstance(form, UploadForm) else UploadForm(formdata=None),
        found=queries.imports_of(db.session(), me), places=places,
    )  # fmt: skip
    return html, 422 if form.has_errors else 200


def _preview(table: Table, plan: Plan, setting: Setting) -> Preview:
    missing = faults(plan)
    if missing:
        return Preview(table, plan, setting, missing)
    rows, wrong = read_rows(table, plan)
    held = service.in_the_way(db.session(), setting, rows, today_of(actor()), actor().zone)
    for line, said in held.items():
        wrong.setdefault(line, []).extend(said)
    return Preview(
        table, plan, setting, [], [row for row in rows if row.line not in wrong], dict(sorted(wrong.items()))
    )


def _mapping_page(preview: Preview, form: MappingForm, name: str) -> Page:
    places = settings_of(db.session(), actor().person_id)
    html = render_template(
        "hours/import.html", preview=preview, form=form, name=name, places=places, meanings=MEANINGS,
        words=CATEGORY_WORDS,
    )  # fmt: skip
    return html, 422 if form.has_errors else 200


def _posted() -> Preview | None:
    """Return what the mapping page sent; None where there is no file in it or no place of work."""
    places = settings_of(db.session(), actor().person_id)
    try:
        table = read_table(request.form.get("table", "").encode())
    except TableError:
        return None
    setting = next((place for place in places if place.id == request.form.get("setting")), None)
    if setting is None:
        return None
    return _preview(table, read_plan(request.form, table), setting)


@bp.post("/hours/imports/file")
@guard(Action.LOG_HOURS, hours_facts)
def import_file() -> Page:
    """Show what a file brings with its columns as they are said, and write it when that button was pressed."""
    form, name, preview = MappingForm(), request.form.get("name", "A file"), _posted()
    if preview is None:
        flash("Nothing was read. Choose the file again.")
        return redirect(url_for("hours.imports"), 303)
    if not form.validate_on_submit() or request.form.get("step") != "import" or preview.faults:
        return _mapping_page(preview, form, name)
    try:
        with unit_of_work(actor()) as work:
            service.import_rows(work, preview.setting.id, name, preview.rows)
    except SuperviseError as error:
        form.refuse(error)
        return _mapping_page(preview, form, name)
    flash(f"Imported as drafts: {len(preview.rows)} rows. Lines that stayed out: {len(preview.wrong)}.")
    return redirect(url_for("hours.imports"), 303)


@bp.post("/hours/imports/<import_id>/undo")
@guard(Action.LOG_HOURS, lambda a, import_id: hours_facts(a))
def undo_import(import_id: str) -> Page:
    """Take a whole import out again."""
    form = BareForm()
    if form.validate_on_submit():
        try:
            with unit_of_work(actor()) as work:
                made = service.undo_import(work, import_id)
        except NotFound:
            raise
        except SuperviseError as error:
            form.refuse(error)
        else:
            flash(f"Undone: {made.entries} rows were taken out.")
            return redirect(url_for("hours.imports"), 303)
    return _list_page(form)

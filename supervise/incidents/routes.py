"""Pages of incidents: marking what could tell who it is, mending it, agreeing on it, and what administrators see."""

import json
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from supervise.core.db import db
from supervise.core.errors import Invalid, SuperviseError
from supervise.core.sanitize import plain
from supervise.core.uow import unit_of_work
from supervise.flows.credit_guidance import case_facts
from supervise.flows.mend_words import dispute, judge, replace_words
from supervise.flows.see_identifier import incident_facts, see_identifier, withdraw_mark
from supervise.flows.show_incidents import code_of, incident_page, organisation_page
from supervise.incidents import queries, service
from supervise.incidents.forms import DisputeForm, MendForm, PatternsForm, SeeForm
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import BareForm, Form
from supervise.web.guard import guard

bp = Blueprint("incidents", __name__)


@bp.app_context_processor
def form_of_the_case_page() -> dict[str, Any]:
    """Give the case page, which another room serves, the form that is answered here."""
    return {"new_sighting": lambda: SeeForm(formdata=None)}


@bp.get("/cases/<case_id>/seen")
@guard(Action.SEE_IDENTIFIER, case_facts)
def see(case_id: str) -> str:
    """Ask for the words that could tell who it is: the way without selecting."""
    return _see_page(case_id, SeeForm(formdata=None))


@bp.post("/cases/<case_id>/seen")
@guard(Action.SEE_IDENTIFIER, case_facts)
def do_see(case_id: str) -> Any:
    """Hide the words at once, wherever they stand in the case."""
    form = SeeForm()
    try:
        _check(form)
        see_identifier(actor(), case_id, form.words.data or "", form.label.data or "", form.subject.data or "")
    except SuperviseError as error:
        form.refuse(error)
        return _see_page(case_id, form), error.status
    flash("Hidden from everyone but its author, who is told.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/incidents/<incident_id>")
@guard(Action.READ_INCIDENT, incident_facts)
def show(incident_id: str) -> str:
    """Show what was seen and how it stands; the words only to who mends them or is asked to agree."""
    return _page(incident_id)


@bp.post("/incidents/<incident_id>/withdraw")
@guard(Action.WITHDRAW_MARK, incident_facts)
def withdraw(incident_id: str) -> Any:
    """Take one's own mark back."""
    _check(BareForm())
    case_id = withdraw_mark(actor(), incident_id)
    flash("You took your mark back. What nobody else has marked can be read again.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/incidents/<incident_id>/replace")
@guard(Action.MEND_WORDS, incident_facts)
def replace(incident_id: str) -> Any:
    """Put a stand-in in the place of the words, wherever they stand."""
    form = MendForm()
    try:
        _check(form)
        case_id = replace_words(actor(), incident_id, form.stand_in.data or "", form.wording.data or "")
    except SuperviseError as error:
        form.refuse(error)
        return _page(incident_id, mend=form), error.status
    flash("Replaced wherever it stood. The others read the case again.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/incidents/<incident_id>/dispute")
@guard(Action.MEND_WORDS, incident_facts)
def disagree(incident_id: str) -> Any:
    """Say that the words identify nobody, and why."""
    form = DisputeForm()
    try:
        _check(form)
        dispute(actor(), incident_id, g.facts.judge_ids, form.reason.data or "")
    except SuperviseError as error:
        form.refuse(error)
        return _page(incident_id, why=form), error.status
    flash("It stays hidden until somebody else agrees; they are told.")
    return redirect(url_for(".show", incident_id=incident_id), 303)


@bp.post("/incidents/<incident_id>/agree")
@guard(Action.AGREE_ON_WORDS, incident_facts)
def agree(incident_id: str) -> Any:
    """Agree that the words identify nobody, or keep them hidden; the pressed button says which."""
    _check(BareForm())
    agreed = request.form.get("do") == "agree"
    case_id = judge(actor(), incident_id, agreed)
    flash("It can be read again." if agreed else "It stays hidden; its author is told.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/incidents")
@guard(Action.SEE_INCIDENTS)
def index() -> str:
    """List what was seen in the organisation, without a word of it."""
    return _index(PatternsForm(formdata=None, kept=queries.keeps_patterns(db.session(), actor().org_id)))


@bp.post("/incidents/patterns")
@guard(Action.MANAGE_PEOPLE)
def patterns() -> Any:
    """Keep whether shapes are kept; what was kept goes when it is switched off."""
    form = PatternsForm()
    _check(form)
    with unit_of_work(actor()) as work:
        service.choose_patterns(work, bool(form.kept.data))
    flash("Shapes are kept from now on." if form.kept.data else "No shapes are kept; those that were are gone.")
    return redirect(url_for(".index"), 303)


@bp.get("/incidents/patterns")
@guard(Action.MANAGE_PEOPLE)
def export() -> Response:
    """Hand out the shapes that were kept, one a line: candidates for tests of the engine."""
    rows = queries.patterns(db.session(), actor().org_id)
    lines = "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
    headers = {
        "Content-Disposition": 'attachment; filename="patterns.jsonl"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(lines, mimetype="application/jsonl", headers=headers)


def _see_page(case_id: str, form: SeeForm) -> str:
    return render_template("incidents/see.html", form=form, case_id=case_id, code=code_of(case_id))


def _page(incident_id: str, *, mend: MendForm | None = None, why: DisputeForm | None = None) -> str:
    page = incident_page(actor(), incident_id, incident_facts(actor(), incident_id))
    mend, offer = mend or MendForm(formdata=None), page["offer"]
    if offer is not None:
        listed = {heading: [SelectChoice(one, one) for one in ones] for heading, ones in offer.lists}
        first = [SelectChoice(offer.stand_in, offer.stand_in)]
        mend.stand_in.choices = {"Suggested": first, **listed}
    return render_template("incidents/show.html", mend=mend, why=why or DisputeForm(formdata=None), **page)


def _index(form: PatternsForm) -> str:
    before = plain(request.args.get("before", ""))[:26]
    return render_template("incidents/index.html", form=form, **organisation_page(actor(), before))


def _check(form: Form) -> None:
    """Raise Invalid for a form that did not come from here, such as one whose token has expired."""
    if not form.validate_on_submit():
        raise Invalid(str(next(iter(form.errors.values()))[0]))

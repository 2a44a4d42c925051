"""The release page: what becomes readable, for whom, on what consent, behind one button."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from supervise.accounts.queries import relationships_of
from supervise.cases import queries, service
from supervise.cases.forms import ReleaseForm
from supervise.cases.routes.blueprint import bp
from supervise.core.db import db
from supervise.core.errors import Conflict, Refused
from supervise.deid import service as deid
from supervise.deid.queries import screening_of
from supervise.flows.release_case import release_case, release_plan
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.guard import guard


@bp.get("/cases/<case_id>/release")
@guard(Action.RELEASE_CASE, queries.case_facts)
def release(case_id: str) -> Any:
    """Show what a release would do; send the author back to what is not done yet."""
    return _page(case_id, ReleaseForm(formdata=None))


@bp.post("/cases/<case_id>/release")
@guard(Action.RELEASE_CASE, queries.case_facts)
def do_release(case_id: str) -> Any:
    """Release the confirmed text."""
    form = ReleaseForm()
    if not form.validate_on_submit():
        return _page(case_id, form), 422
    try:
        number = release_case(actor(), case_id, form.seen.data or "")
    except (Conflict, Refused) as refused:
        if queries.draft(db.session(), case_id) is None:
            flash(str(refused), "warning")
            return redirect(url_for("cases.show", case_id=case_id), 303)
        form.refuse(refused)
        return _page(case_id, form, stay=True), refused.status
    flash("Released. Its readers are told." if number == 1 else f"Version {number} is released.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _page(case_id: str, form: ReleaseForm, *, stay: bool = False) -> Any:
    session = db.session()
    case, draft = queries.get(session, case_id), queries.draft(session, case_id)
    if draft is None:
        return redirect(url_for("cases.show", case_id=case_id), 303)
    subject = service.subject_of(draft)
    screening = screening_of(session, subject)
    ready = draft.stage == "confirmed" and deid.confirmed(session, subject) and screening is not None
    if not ready and not stay:
        if screening is not None and draft.stage == "proposed":
            return redirect(url_for("deid.confirm", screening_id=screening.id), 303)
        flash("Screen the text and confirm it first.", "warning")
        return redirect(url_for("cases.edit", case_id=case_id), 303)
    text = deid.work_on(session, screening.id, actor())[1].texts() if ready and screening else {}
    plan = release_plan(actor(), case_id)
    form.seen.data = plan.fingerprint
    return render_template(
        "cases/release.html", form=form, case=case, draft=draft, screening=screening, text=text, plan=plan,
        declared={person for row in relationships_of(session, actor().person_id, actor().org_id)
                  for person in (row.declared_by, row.other_id)},
    )  # fmt: skip

"""Pages of learning: minutes of closed cases, the consultation ledger, evidence of competence."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from supervise.core.db import db
from supervise.core.errors import Invalid, SuperviseError
from supervise.flows.credit_guidance import case_facts, credit_guidance, ledger, shown_competencies, waiting
from supervise.flows.show_case import show_case
from supervise.learning.forms import MinutesForm
from supervise.learning.queries import competencies, title_of
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.filters import minutes as in_hours
from supervise.web.guard import guard

bp = Blueprint("learning", __name__)


@bp.app_context_processor
def form_of_minutes() -> dict[str, Any]:
    """Give the case page, which another room serves, the form that is answered here."""
    return {"new_minutes": MinutesForm, "competency_title": title_of}


@bp.post("/cases/<case_id>/minutes")
@guard(Action.CONFIRM_MINUTES, case_facts)
def confirm(case_id: str) -> Response | tuple[str, int]:
    """Write the minutes of a closed case into the actor's consultation ledger."""
    form = MinutesForm()
    try:
        if not form.validate():
            form.minutes.errors = []
            raise Invalid("Enter whole minutes between 1 and 480.", "minutes")
        entry = credit_guidance(actor(), case_id, form.minutes.data, form.competencies.data or [])
    except SuperviseError as error:
        form.refuse(error)
        db.session.rollback()
        return render_template("cases/show.html", minutes_form=form, **show_case(actor(), case_id)), error.status
    flash(f"{in_hours(entry.minutes)} of consultation confirmed. It stands in your consultation ledger.")
    return redirect(url_for("learning.consultation"), 303)


@bp.get("/consultation")
@guard(Action.USE)
def consultation() -> str:
    """Show what waits to be confirmed and the ledger with its totals."""
    return render_template(
        "learning/consultation.html", waiting=waiting(actor()), rows=ledger(actor()), competencies=competencies()
    )


@bp.get("/competencies")
@guard(Action.USE)
def evidence() -> str:
    """Show the actor's evidence by competency."""
    return render_template("learning/competencies.html", shown=shown_competencies(actor()))

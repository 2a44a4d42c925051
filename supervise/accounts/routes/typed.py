"""What was being typed when a session locked or ended."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from supervise.accounts import queries
from supervise.accounts.queries import parked_facts
from supervise.accounts.routes.blueprint import bp
from supervise.accounts.service import parking
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import BareForm
from supervise.web.guard import guard


@bp.get("/typed/<parked_id>")
@guard(Action.CHANGE_OWN, parked_facts)
def typed(parked_id: str) -> Any:
    """Show what was kept, with a button that sends it where it was going. Nothing is sent without the button."""
    session, whose = db.session(), actor().person_id
    row, fields = parking.parked(session, whose, parked_id, now())
    others = [other for other in queries.kept_typed(session, whose, now()) if other.id != row.id]
    return render_template("accounts/typed.html", row=row, fields=fields, others=others)


@bp.post("/typed/<parked_id>/discard")
@guard(Action.CHANGE_OWN, parked_facts)
def discard_typed(parked_id: str) -> Any:
    """Throw away what was kept."""
    whose = actor()
    if BareForm().validate_on_submit():
        with unit_of_work(whose) as work:
            parking.forget(work, whose.person_id, parked_id)
        flash("Thrown away.")
    rest = queries.kept_typed(db.session(), whose.person_id, now())
    return redirect(url_for("accounts.typed", parked_id=rest[0].id) if rest else url_for("notifications.inbox"), 303)

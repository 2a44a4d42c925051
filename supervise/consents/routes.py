"""Pages of client references and consents. A client has a code here and a name only in the chart."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from supervise.accounts.choices import places
from supervise.consents import queries, service
from supervise.consents.forms import ClientForm, ConsentForm, DisclosureForm
from supervise.consents.models import Consent
from supervise.consents.rules import HOW, holds_on
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.uow import unit_of_work
from supervise.flows.revoke_consent import (
    cases_of_client,
    effect_of_revoking,
    record_consent,
    revoke_consent,
    scopes_offered,
)
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.guard import guard

bp = Blueprint("consents", __name__)

AT_FIELD = {"scope": "whom", "group_id": "whom"}


@bp.get("/clients")
@guard(Action.START_CLIENT)
def index() -> str:
    """List the codes that stand for one's clients."""
    session, today = db.session(), local_day(now(), actor().zone)
    clients = queries.clients_of(session, actor().person_id, actor().org_id)
    return render_template(
        "consents/index.html", clients=clients, disclosed=queries.disclosed(session, [c.id for c in clients], today),
        places=places(),
    )  # fmt: skip


@bp.get("/clients/new")
@guard(Action.START_CLIENT)
def new() -> str:
    """Ask where a new client is."""
    last = next(iter(queries.clients_of(db.session(), actor().person_id, actor().org_id)), None)
    form = _with_places(ClientForm(formdata=None, jurisdiction=last.jurisdiction if last else ""))
    return render_template("consents/new.html", form=form)


@bp.post("/clients/new")
@guard(Action.START_CLIENT)
def start() -> Any:
    """Make a code."""
    form = _with_places(ClientForm())
    if not form.validate_on_submit():
        return render_template("consents/new.html", form=form), 422
    with unit_of_work(actor()) as work:
        client = service.start_client(work, form.jurisdiction.data)
    flash("The code is made. Copy it into the chart: nothing here says who it is.")
    return redirect(url_for("consents.show", client_id=client.id), 303)


@bp.get("/clients/<client_id>")
@guard(Action.READ_CLIENT, queries.client_facts)
def show(client_id: str) -> str:
    """Show a client's code, consents and cases."""
    return _client_page(client_id, DisclosureForm(formdata=None))


@bp.post("/clients/<client_id>")
@guard(Action.RECORD_CONSENT, queries.client_facts)
def disclose(client_id: str) -> Any:
    """Record the disclosure at intake."""
    form = DisclosureForm()
    if not form.validate_on_submit():
        return _client_page(client_id, form), 422
    try:
        with unit_of_work(actor()) as work:
            service.disclose(work, client_id, form.obtained_on.data)
    except Invalid as error:
        form.refuse(Invalid(str(error), "obtained_on"))
        return _client_page(client_id, form), 422
    flash("Recorded. Every case about this client inherits it.")
    return redirect(url_for("consents.show", client_id=client_id), 303)


@bp.get("/clients/<client_id>/consents")
@guard(Action.RECORD_CONSENT, queries.client_facts)
def record(client_id: str) -> str:
    """Ask what a client agreed to."""
    scope, group_id = request.args.get("scope", ""), request.args.get("group_id", "")
    whom = f"group:{group_id}" if scope == "group" else scope
    form = ConsentForm(
        formdata=None,
        whom=whom,
        obtained_how="intake" if scope == "supervisor" else "",
        case=request.args.get("case", ""),
    )
    return _record_page(client_id, form)


@bp.post("/clients/<client_id>/consents")
@guard(Action.RECORD_CONSENT, queries.client_facts)
def do_record(client_id: str) -> Any:
    """Record what a client agreed to, and go back to the case that waited for it."""
    form = ConsentForm()
    if not form.validate_on_submit():
        return _record_page(client_id, form), 422
    assert form.obtained_on.data is not None
    scope, _, group_id = (form.whom.data or "").partition(":")
    try:
        record_consent(
            actor(), client_id, scope=scope, group_id=group_id or None, obtained_how=form.obtained_how.data or "",
            obtained_on=form.obtained_on.data, expires_on=form.expires_on.data,
        )  # fmt: skip
    except Invalid as error:
        form.refuse(Invalid(str(error), AT_FIELD.get(error.field or "", error.field)))
        return _record_page(client_id, form), 422
    flash("Recorded. Every case about this client inherits it.")
    waiting = form.case.data or ""
    if waiting.isalnum():
        return redirect(url_for("cases.release", case_id=waiting), 303)
    return redirect(url_for("consents.show", client_id=client_id), 303)


@bp.get("/consents/<consent_id>/revoke")
@guard(Action.RECORD_CONSENT, queries.consent_facts)
def revoke(consent_id: str) -> str:
    """Say what revoking does and ask."""
    consent = queries.consent(db.session(), consent_id)
    return render_template(
        "consents/revoke.html", consent=consent, client=queries.client(db.session(), consent.client_id),
        whom=_whom(consent), effect=effect_of_revoking(consent_id),
    )  # fmt: skip


@bp.post("/consents/<consent_id>/revoke")
@guard(Action.RECORD_CONSENT, queries.consent_facts)
def do_revoke(consent_id: str) -> Any:
    """Revoke a consent."""
    client_id = queries.consent(db.session(), consent_id).client_id
    revoke_consent(actor(), consent_id)
    flash("Revoked. Nobody reads under it any more.")
    return redirect(url_for("consents.show", client_id=client_id), 303)


def _with_places(form: ClientForm) -> ClientForm:
    form.jurisdiction.choices = [SelectChoice("", "Choose"), *(SelectChoice(*place) for place in places().items())]
    return form


def _client_page(client_id: str, form: DisclosureForm) -> str:
    session, today = db.session(), local_day(now(), actor().zone)
    rows = queries.consents_of(session, client_id)
    live = {row.id for row in rows if row.revoked_at is None and holds_on(today, row.obtained_on, row.expires_on)}
    return render_template(
        "consents/show.html", form=form, client=queries.client(session, client_id), rows=rows, live=live, how=HOW,
        whom={row.id: _whom(row) for row in rows}, cases=cases_of_client(client_id), facts=g.facts, today=today,
        disclosed=any(row.scope == "supervisor" and row.id in live for row in rows), places=places(),
    )  # fmt: skip


def _record_page(client_id: str, form: ConsentForm) -> str:
    form.whom.choices = [SelectChoice(*scope) for scope in scopes_offered(actor())]
    return render_template("consents/record.html", form=form, client=queries.client(db.session(), client_id))


def _whom(consent: Consent) -> str:
    """Return in words who reads under a consent; of a group one has left only that it was one."""
    known = dict(scopes_offered(actor()))
    value = f"group:{consent.group_id}" if consent.scope == "group" else consent.scope
    return known.get(value, "A group you are not in any more")

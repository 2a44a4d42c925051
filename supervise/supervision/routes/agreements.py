"""Agreements between supervisee and supervisor: proposed by one, signed by both."""

from flask import flash, redirect, render_template, request, url_for

from supervise.accounts.models import Setting
from supervise.accounts.queries import members, people, person, settings_of
from supervise.accounts.service import check_password
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Invalid, SuperviseError
from supervise.core.uow import unit_of_work
from supervise.flows.screen_words import IN_TERMS, refuse_what_identifies
from supervise.policy import Action
from supervise.supervision import queries, service
from supervise.supervision.forms import AgreementForm, EndForm, SignForm
from supervise.supervision.models import Agreement
from supervise.supervision.routes.blueprint import Page, bp
from supervise.web.current import actor
from supervise.web.guard import guard, may


@bp.get("/agreements")
@guard(Action.USE)
def agreements() -> Page:
    """List the agreements that the actor is a party to."""
    rows = queries.agreements_of(db.session(), actor().person_id, actor().org_id)
    return render_template(
        "supervision/agreements.html",
        rows=rows,
        names=_names(rows),
        places={row.id: db.session.get(Setting, row.setting_id) for row in rows},
        today=local_day(now(), actor().zone),
        may_propose=may(Action.PROPOSE_AGREEMENT),
    )


def _names(rows: list[Agreement]) -> dict[str, str]:
    ids = {i for row in rows for i in (row.supervisee_id, row.supervisor_id)}
    return {key: found.name for key, found in people(db.session(), ids).items()}


@bp.route("/agreements/new", methods=["GET", "POST"])
@guard(Action.PROPOSE_AGREEMENT)
def new_agreement() -> Page:
    """Propose an agreement: a supervisor to a supervisee's place of work, or the other way round."""
    form, supervises = AgreementForm(), request.args.get("as") == "supervisor"
    me = actor()
    places = _offer(form, me, supervises)
    if form.validate_on_submit():
        try:
            terms = _terms(form, me.person_id, supervises)
            refuse_what_identifies(me, "terms", terms.text, IN_TERMS, places)
            with unit_of_work(me) as work:
                row_id = service.propose_agreement(work, terms).id
        except SuperviseError as error:
            form.refuse(error)
        else:
            return redirect(url_for("supervision.agreement", agreement_id=row_id), 303)
    page = render_template("supervision/new_agreement.html", form=form, supervises=supervises)
    return page, 422 if form.errors or form.form_errors else 200


def _offer(form: AgreementForm, me: Actor, supervises: bool) -> frozenset[str]:
    """Let the form choose among people and their places of work; return the names of these places."""
    session = db.session()
    others = [
        p
        for p in members(session, me.org_id, Role.SUPERVISEE if supervises else Role.SUPERVISOR)
        if p.id != me.person_id
    ]
    form.other_id.choices = {"": "–"} | {p.id: p.name for p in others}
    places = [
        (p, s) for p in (others if supervises else [person(session, me.person_id)]) for s in settings_of(session, p.id)
    ]
    form.setting_id.choices = {"": "–"} | {s.id: f"{p.name}: {s.name}" if supervises else s.name for p, s in places}
    return frozenset(setting.name for _, setting in places)


def _terms(form: AgreementForm, me: str, supervises: bool) -> service.Terms:
    if form.starts_on.data is None:
        raise Invalid("Give the first day.", "starts_on")
    other = str(form.other_id.data)
    return service.Terms(
        supervisee_id=other if supervises else me,
        supervisor_id=me if supervises else other,
        setting_id=str(form.setting_id.data),
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        text=form.terms.data or "",
    )


def _agreement_page(agreement_id: str, sign: SignForm, end: EndForm) -> Page:
    session = db.session()
    row = queries.agreement(session, agreement_id)
    page = render_template(
        "supervision/agreement.html",
        row=row,
        names=_names([row]),
        place=session.get(Setting, row.setting_id),
        sign=sign,
        end=end,
        may_sign=may(Action.SIGN_AGREEMENT, queries.agreement_facts(actor(), agreement_id)),
        is_party=actor().person_id in {row.supervisee_id, row.supervisor_id},
        today=local_day(now(), actor().zone),
    )
    return page, 422 if sign.errors or end.errors or sign.form_errors or end.form_errors else 200


@bp.get("/agreements/<agreement_id>")
@guard(Action.READ_AGREEMENT, queries.agreement_facts)
def agreement(agreement_id: str) -> Page:
    """Show one agreement with both signatures."""
    return _agreement_page(agreement_id, SignForm(prefix="sign"), EndForm(prefix="end"))


@bp.post("/agreements/<agreement_id>/sign")
@guard(Action.SIGN_AGREEMENT, queries.agreement_facts)
def sign_agreement(agreement_id: str) -> Page:
    """Sign it with the password."""
    form = SignForm(prefix="sign")
    if form.validate_on_submit():
        try:
            check_password(db.session(), actor().person_id, str(form.password.data))
            with unit_of_work(actor()) as work:
                service.sign_agreement(work, agreement_id)
        except SuperviseError as error:
            form.refuse(error)
        else:
            flash("Signed.")
            return redirect(url_for("supervision.agreement", agreement_id=agreement_id), 303)
    return _agreement_page(agreement_id, form, EndForm(prefix="end", formdata=None))


@bp.post("/agreements/<agreement_id>/end")
@guard(Action.END_AGREEMENT, queries.agreement_facts)
def end_agreement(agreement_id: str) -> Page:
    """End it with a last day."""
    form = EndForm(prefix="end")
    if form.validate_on_submit() and form.ends_on.data:
        try:
            with unit_of_work(actor()) as work:
                service.end_agreement(work, agreement_id, form.ends_on.data)
        except SuperviseError as error:
            form.refuse(error)
        else:
            flash("The last day is set. Both of you are told.")
            return redirect(url_for("supervision.agreement", agreement_id=agreement_id), 303)
    return _agreement_page(agreement_id, SignForm(prefix="sign", formdata=None), form)

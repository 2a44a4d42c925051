"""Licences and places of work: what boards ask about a person."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from supervise.accounts.forms import LicenceForm, SettingForm, said
from supervise.accounts.models import Licence, Setting
from supervise.accounts.queries import licence_facts, setting_facts
from supervise.accounts.routes.blueprint import bp
from supervise.accounts.service import record_licence
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.uow import unit_of_work
from supervise.flows.record_place import record_place
from supervise.flows.screen_words import refuse_in_credentials
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import version_of
from supervise.web.guard import guard


@bp.route("/account/licences/new", methods=["GET", "POST"])
@guard(Action.USE)
def new_licence() -> Any:
    """Record a licence or registration."""
    return _licence(None)


@bp.route("/account/licences/<licence_id>", methods=["GET", "POST"])
@guard(Action.CHANGE_OWN, licence_facts)
def licence(licence_id: str) -> Any:
    """Change a licence or registration."""
    return _licence(licence_id)


def _licence(licence_id: str | None) -> Any:
    before = db.session.get(Licence, licence_id) if licence_id else None
    form, status = LicenceForm(obj=before), 200
    if form.validate_on_submit():
        try:
            refuse_in_credentials(actor(), before, title=said(form.title), profession=said(form.profession))
            with unit_of_work(actor()) as work:
                record_licence(
                    work, work.actor.person_id, licence_id, version_of(request.form),
                    jurisdiction=said(form.jurisdiction), title=said(form.title),
                    profession=said(form.profession), number=said(form.number),
                    issued_on=form.issued_on.data, expires_on=form.expires_on.data,
                )  # fmt: skip
            flash("Saved.")
            return redirect(url_for("accounts.account"), 303)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    page = render_template("accounts/licence.html", form=form, is_new=licence_id is None)
    return page, 422 if form.errors and status == 200 else status


@bp.route("/account/settings/new", methods=["GET", "POST"])
@guard(Action.USE)
def new_setting() -> Any:
    """Record a place of work."""
    return _setting(None)


@bp.route("/account/settings/<setting_id>", methods=["GET", "POST"])
@guard(Action.CHANGE_OWN, setting_facts)
def setting(setting_id: str) -> Any:
    """Change a place of work."""
    return _setting(setting_id)


def _setting(setting_id: str | None) -> Any:
    form, status = SettingForm(obj=db.session.get(Setting, setting_id) if setting_id else None), 200
    if form.validate_on_submit():
        try:
            record_place(
                actor(), setting_id, version_of(request.form),
                name=said(form.name), address=said(form.address), board=said(form.board), pay=said(form.pay),
                degree=said(form.degree), serves=said(form.serves),
                starts_on=form.starts_on.data, ends_on=form.ends_on.data,
            )  # fmt: skip
            flash("Saved.")
            return redirect(url_for("accounts.account"), 303)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    page = render_template("accounts/setting.html", form=form, is_new=setting_id is None)
    return page, 422 if form.errors and status == 200 else status

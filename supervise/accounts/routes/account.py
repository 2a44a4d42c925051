"""One's own account: who one is, where one works now, sessions, password, second factor."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for

from supervise.accounts import choices, queries
from supervise.accounts.forms import (
    ChangePasswordForm,
    EnrolWithPasswordForm,
    PasswordOnlyForm,
    ProfileForm,
    said,
    secret,
)
from supervise.accounts.queries import sign_in_facts
from supervise.accounts.routes.blueprint import bp
from supervise.accounts.service import passwords, profile, second_factor, sign_ins
from supervise.accounts.session import set_cookie
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.uow import unit_of_work
from supervise.flows.screen_words import refuse_in_credentials
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.forms import version_of
from supervise.web.guard import guard


@bp.route("/account", methods=["GET", "POST"])
@guard(Action.USE)
def account() -> Any:
    """Show the account; a POST changes name, credential, telephone and zone."""
    whose, session = actor(), db.session()
    person = queries.person(session, whose.person_id)
    form, status = ProfileForm(obj=person), 200
    if form.validate_on_submit():
        try:
            refuse_in_credentials(whose, person, credential=said(form.credential))
            with unit_of_work(whose) as work:
                profile.change_profile(
                    work, whose.person_id, version_of(request.form), name=said(form.name),
                    credential=said(form.credential), phone=said(form.phone),
                    zone=said(form.zone),
                )  # fmt: skip
            flash("Saved.")
            return redirect(url_for("accounts.account"), 303)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    page = render_template(
        "accounts/account.html", form=form, person=queries.person(session, whose.person_id), org_id=whose.org_id,
        places=queries.places_of(session, whose.person_id), role_words=choices.ROLE_WORDS,
        licences=queries.licences_of(session, whose.person_id), settings=queries.settings_of(session, whose.person_id),
        jurisdictions=choices.jurisdictions(), boards=choices.boards(), pays=choices.PAYS,
        sessions=len(queries.sign_ins_of(session, whose.person_id, now())), required=sign_ins.second_factor_required(),
    )  # fmt: skip
    return page, 422 if form.errors and status == 200 else status


@bp.post("/account/colours")
@guard(Action.USE)
def colours() -> Any:
    """Keep light or dark, or follow the device."""
    with unit_of_work(actor()) as work:
        profile.change_theme(work, work.actor.person_id, request.form.get("theme", ""))
    return redirect(url_for("accounts.account"), 303)


@bp.post("/account/shortcuts")
@guard(Action.USE)
def shortcuts() -> Any:
    """Switch single-key shortcuts on or off."""
    with unit_of_work(actor()) as work:
        profile.change_shortcuts(work, work.actor.person_id, request.form.get("shortcuts") == "on")
    return redirect(url_for("accounts.account"), 303)


@bp.post("/account/place")
@guard(Action.USE)
def place() -> Any:
    """Work in another of one's organisations."""
    with unit_of_work(actor()) as work:
        sign_ins.move_to(work, work.actor.session_id or "", request.form.get("org_id", ""))
    return redirect(url_for("notifications.inbox"), 303)


@bp.get("/account/sessions")
@guard(Action.USE)
def sessions() -> Any:
    """List where one is signed in."""
    rows = queries.sign_ins_of(db.session(), actor().person_id, now())
    return render_template("accounts/sessions.html", rows=rows, this=actor().session_id)


@bp.post("/account/sessions/<sign_in_id>/end")
@guard(Action.CHANGE_OWN, sign_in_facts)
def end_session(sign_in_id: str) -> Any:
    """End one of one's sessions."""
    with unit_of_work(actor()) as work:
        sign_ins.revoke(work, work.actor.person_id, sign_in_id)
    flash("That session is ended.")
    return redirect(url_for("accounts.sessions"), 303)


@bp.post("/account/sessions/end-others")
@guard(Action.USE)
def end_other_sessions() -> Any:
    """End all of one's sessions but this one."""
    with unit_of_work(actor()) as work:
        ended = sign_ins.revoke_all(work, work.actor.person_id, but=work.actor.session_id)
    flash(f"{ended} other session{'' if ended == 1 else 's'} ended.")
    return redirect(url_for("accounts.sessions"), 303)


@bp.route("/account/password", methods=["GET", "POST"])
@guard(Action.USE)
def password() -> Any:
    """Change the password; all other sessions end."""
    whose = actor()
    person = queries.person(db.session(), whose.person_id)
    own_words = person.name, person.email
    form, status = ChangePasswordForm(), 200
    if form.validate_on_submit():
        try:
            passwords.check_password(db.session(), whose.person_id, secret(form.current), field="current")
            passwords.check_new_password(secret(form.password), *own_words)
            hashed = passwords.hash_password(secret(form.password))
            with unit_of_work(whose) as work:
                passwords.set_password(work, whose.person_id, hashed, "changed", keep=whose.session_id)
                opened = sign_ins.renew(work, whose.session_id or "")
            flash("Your new password is set. Your other sessions were ended.")
            response = redirect(url_for("accounts.account"), 303)
            set_cookie(response, opened)
            return response
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    page = render_template("accounts/password.html", form=form, email=own_words[1])
    return page, 422 if form.errors and status == 200 else status


@bp.route("/account/second-factor", methods=["GET", "POST"])
@guard(Action.USE)
def second_factor_page() -> Any:
    """Set up a second factor, or show that there is one."""
    whose, session = actor(), db.session()
    form, status = EnrolWithPasswordForm(), 200
    if form.validate_on_submit():
        try:
            passwords.check_password(session, whose.person_id, secret(form.password))
            with unit_of_work(whose) as work:
                codes = second_factor.enrol(work, whose.person_id, whose.session_id or "", said(form.code))
                opened = sign_ins.complete(work, whose.session_id or "")
            return _show_codes(codes, opened)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    person = queries.person(session, whose.person_id)
    page = render_template(
        "accounts/second_factor.html", form=form, again=PasswordOnlyForm(), person=person,
        offer=None if person.totp_confirmed_at else second_factor.offer(person, whose.session_id or ""),
        left=second_factor.recovery_codes_left(session, person.id), required=sign_ins.second_factor_required(),
    )  # fmt: skip
    return page, 422 if form.errors and status == 200 else status


@bp.post("/account/second-factor/codes")
@guard(Action.USE)
def new_codes() -> Any:
    """Make new recovery codes; the old ones open nothing any more."""
    whose = actor()
    passwords.check_password(db.session(), whose.person_id, request.form.get("password", ""))
    with unit_of_work(whose) as work:
        codes = second_factor.new_recovery_codes(work, whose.person_id)
        opened = sign_ins.renew(work, whose.session_id or "")
    return _show_codes(codes, opened)


@bp.post("/account/second-factor/remove")
@guard(Action.USE)
def remove_second_factor() -> Any:
    """Remove the second factor; all sessions end, this one too."""
    whose = actor()
    passwords.check_password(db.session(), whose.person_id, request.form.get("password", ""))
    with unit_of_work(whose) as work:
        second_factor.remove(work, whose.person_id)
    flash("Your second factor is removed. Sign in again.")
    return redirect(url_for("accounts.sign_in"), 303)


def _show_codes(codes: list[str], opened: str) -> Any:
    go_on = url_for("accounts.second_factor_page")
    response = make_response(render_template("accounts/recovery_codes.html", codes=codes, go_on=go_on))
    set_cookie(response, opened)
    return response

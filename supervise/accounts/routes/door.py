"""Coming in, locking and leaving."""

import json
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask import session as form_session

from supervise.accounts import queries
from supervise.accounts.forms import CodeForm, EnrolForm, SignInForm, UnlockForm, said, secret
from supervise.accounts.queries import SignedIn
from supervise.accounts.routes.blueprint import bp
from supervise.accounts.rules import SessionState, device_name, network_of, own_path
from supervise.accounts.service import parking, passwords, second_factor, sign_ins
from supervise.accounts.session import (
    browser_cookie,
    clear_cookie,
    is_half,
    keeps_words_of,
    knows_device,
    set_browser_cookie,
    set_cookie,
    set_device_cookie,
    sign_in_of_request,
    state_of_request,
)
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.uow import unit_of_work
from supervise.policy import Action
from supervise.web.current import actor_or_none, current
from supervise.web.forms import BareForm
from supervise.web.guard import guard, public


@bp.route("/sign-in", methods=["GET", "POST"])
@public("nobody is signed in yet")
def sign_in() -> Any:
    """Ask for e-mail and password."""
    if request.method == "GET" and actor_or_none():
        return redirect(url_for("notifications.inbox"), 303)
    form, status = SignInForm(next=own_path(request.args.get("next"))), 200
    if form.validate_on_submit():
        try:
            person = passwords.authenticate(
                db.session(), said(form.email), secret(form.password), network_of(request.remote_addr), browser_cookie()
            )
            return begin(person.id, person.email, own_path(said(form.next)))
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    show_house()
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors and status == 200 else status


def begin(person_id: str, email: str, onward: str = "", org_id: str = "", *, joins: bool = False) -> Any:
    """Open a session in this browser after a right password, and go on to what the person still owes or wanted.

    Someone who ``joins`` made the account just now, here: this is the first device.
    """
    before, is_new = sign_in_of_request(), not joins and not knows_device(person_id)
    org_id = org_id or queries.home_of(db.session(), person_id)
    with unit_of_work(Actor(person_id, org_id)) as work:
        if before and before.ended_at is None and before.expires_at > work.now:
            sign_ins.sign_out(work, before.id)
        device = device_name(request.headers.get("User-Agent", ""))
        opening = sign_ins.open_session(
            work, person_id, org_id or None, device, second_factor=False, new_device=is_new
        )  # fmt: skip
    if not before or before.person_id != person_id:
        form_session.clear()  # the tokens of forms belong to whoever was here before
    opened = queries.signed_in(db.session(), sign_ins.hash_of(opening))
    response = redirect(_next_step(opened, onward), 303)
    set_cookie(response, opening)
    set_browser_cookie(response, email)
    if joins or (opened and not is_half(opened)):
        set_device_cookie(response, person_id)
    return response


def _next_step(opened: SignedIn | None, onward: str) -> str:
    if opened and not opened.second_factor_given:
        if opened.has_second_factor:
            return url_for("accounts.code", next=onward or None)
        if sign_ins.second_factor_required():
            return url_for("accounts.enrol", next=onward or None)
    return onward_for(opened.person_id if opened else "", onward)


def onward_for(person_id: str, onward: str) -> str:
    """Return where to go once someone is in: to what was being typed, else where they wanted, else to the inbox."""
    kept = queries.kept_typed(db.session(), person_id, now())
    return url_for("accounts.typed", parked_id=kept[0].id) if kept else onward or url_for("notifications.inbox")


def show_house() -> None:
    """Put the organisation's name on the door where there is only one."""
    current().organisation_name = queries.only_organisation(db.session())


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public("the password was right; the second factor is asked for here")
def code() -> Any:
    """Ask for the code of the second factor."""
    half = sign_in_of_request()
    if half is None or state_of_request() is not SessionState.CODE:
        return redirect(url_for("accounts.sign_in", next=own_path(request.args.get("next")) or None), 303)
    form, status = CodeForm(next=own_path(request.args.get("next"))), 200
    if form.validate_on_submit():
        try:
            second_factor.check_code(db.session(), _half_actor(half), said(form.code))
            return _complete(half, own_path(said(form.next)))
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    show_house()
    return render_template("accounts/code.html", form=form), 422 if form.errors and status == 200 else status


def _half_actor(half: SignedIn) -> Actor:
    return Actor(half.person_id, half.org_id, session_id=half.id)


def _complete(half: SignedIn, onward: str) -> Any:
    with unit_of_work(_half_actor(half)) as work:
        opening = sign_ins.complete(work, half.id, new_device=not knows_device(half.person_id))
    response = redirect(onward_for(half.person_id, onward), 303)
    set_cookie(response, opening)
    set_device_cookie(response, half.person_id)
    return response


@bp.route("/sign-in/second-factor", methods=["GET", "POST"])
@public("the password was right; a second factor has to be set up before anything else")
def enrol() -> Any:
    """Set up the second factor at the first sign-in."""
    half = sign_in_of_request()
    if half is None or state_of_request() is not SessionState.ENROL:
        return redirect(url_for("accounts.sign_in"), 303)
    form, status = EnrolForm(), 200
    onward = own_path(request.args.get("next"))
    if form.validate_on_submit():
        try:
            with unit_of_work(_half_actor(half)) as work:
                codes = second_factor.enrol(work, half.person_id, half.id, said(form.code))
                opening = sign_ins.complete(work, half.id, new_device=not knows_device(half.person_id))
            go_on = onward_for(half.person_id, onward)
            response = make_response(render_template("accounts/recovery_codes.html", codes=codes, go_on=go_on))
            set_cookie(response, opening)
            set_device_cookie(response, half.person_id)
            return response
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    offer = second_factor.offer(queries.person(db.session(), half.person_id), half.id)
    page = render_template("accounts/enrol.html", form=form, offer=offer)
    return page, 422 if form.errors and status == 200 else status


@bp.post("/lock")
@public("the screen is covered whoever asks; the server may have locked before the page did")
def lock() -> Any:
    """Cover the screen and keep what the page could not save; the password opens it again where it was."""
    here, onward = sign_in_of_request(), own_path(request.form.get("next"))
    if here is None or not keeps_words_of(here):
        return redirect(url_for("accounts.sign_in", next=onward or None), 303)
    with unit_of_work(_half_actor(here)) as work:
        if state_of_request() is SessionState.OPEN:
            sign_ins.lock(work, here.id)
        for path, fields in _unsaved(request.form.get("typed", "")):
            parking.park(work, here.person_id, path, fields)
    return redirect(url_for("accounts.unlock", next=onward or None), 303)


def _unsaved(raw: str) -> list[tuple[str, parking.Fields]]:
    """Read what the page says about forms that nobody has saved; nothing of it is trusted but its being text."""
    try:
        forms = [
            (own_path(str(form["path"])), [(str(name), str(value)) for name, value in form["fields"]])
            for form in json.loads(raw)
        ]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    return [(path, fields) for path, fields in forms if path][: parking.MOST]


@bp.post("/here")
@guard(Action.USE)
def here() -> Any:
    """Note that the person touched the page; the session check has done so."""
    return "", 204


@bp.route("/unlock", methods=["GET", "POST"])
@public("a locked session is opened here")
def unlock() -> Any:
    """Ask for the password of whoever locked this session."""
    locked = sign_in_of_request()
    if locked is None or state_of_request() is not SessionState.LOCKED:
        onward = own_path(request.values.get("next"))
        return redirect(onward if actor_or_none() and onward else url_for("accounts.sign_in", next=onward or None), 303)
    form, status = UnlockForm(next=own_path(request.args.get("next"))), 200
    if form.validate_on_submit():
        try:
            passwords.check_password(db.session(), locked.person_id, secret(form.password))
            with unit_of_work(_half_actor(locked)) as work:
                opening = sign_ins.unlock(work, locked.id)
            response = redirect(onward_for(locked.person_id, own_path(said(form.next))), 303)
            set_cookie(response, opening)
            return response
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    current().organisation_name = locked.organisation_name
    page = render_template("accounts/unlock.html", form=form, leave=BareForm(), name=locked.name)
    return page, 422 if form.errors and status == 200 else status


@bp.post("/sign-out")
@public("whoever is locked out may leave too")
def sign_out() -> Any:
    """End the session for good."""
    leaving = sign_in_of_request()
    if leaving and leaving.ended_at is None:
        with unit_of_work(_half_actor(leaving)) as work:
            sign_ins.sign_out(work, leaving.id)
    form_session.clear()
    response = redirect(url_for("accounts.sign_in"), 303)
    clear_cookie(response)
    # Not "cookies": the browser's own mark, which keeps others from using up its tries, stays.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response

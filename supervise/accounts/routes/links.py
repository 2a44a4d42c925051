"""Pages behind one-time links: joining by invitation, choosing a new password."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from supervise.accounts import queries
from supervise.accounts.forms import AskResetForm, JoinForm, ResetForm, SignInForm, said, secret
from supervise.accounts.models import Invitation, Organisation
from supervise.accounts.queries import SignedIn
from supervise.accounts.routes.blueprint import bp
from supervise.accounts.routes.door import begin, show_house
from supervise.accounts.rules import SessionState, network_of
from supervise.accounts.service import links, passwords, sign_ins
from supervise.accounts.session import browser_cookie, sign_in_of_request, state_of_request
from supervise.core.actor import Actor, system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.core.installation import installation
from supervise.core.uow import unit_of_work
from supervise.flows.screen_words import refuse_in_credentials
from supervise.web.current import current
from supervise.web.forms import BareForm
from supervise.web.guard import public


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@public("the link itself is the invitation")
def join(token: str) -> Any:
    """Ask someone invited who they are. Whether the address has an account is not told: both sign in next."""
    session = db.session()
    invited, org = _invited(token)
    here = sign_in_of_request()
    if here and state_of_request() in (SessionState.OPEN, SessionState.NO_PLACE):
        return _join_as(here, token, org.name, invited.email)
    before = links.answered(session, token, now())
    if before and request.method == "GET" and "again" not in request.args:
        return redirect(url_for("accounts.join_sign_in", token=token), 303)
    form, status = JoinForm(obj=before or links.Answer(invited.email, invited.name, org.zone)), 200
    if invited.email:
        form.email.data = invited.email  # the invitation is for this address, whatever was sent
    if form.validate_on_submit():
        try:
            _answer(token, form, org.id)
            return redirect(url_for("accounts.join_sign_in", token=token), 303)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    page = render_template(
        "accounts/join.html", form=form, organisation=org, fixed_email=bool(invited.email), token=token
    )
    return page, 422 if form.errors and status == 200 else status


def _invited(token: str) -> tuple[Invitation, Organisation]:
    """Return the invitation that a link names and its organisation, whose name stands on the door."""
    invited = links.invitation(db.session(), token, now())
    org = queries.organisation(db.session(), invited.org_id)
    current().organisation_name = org.name
    return invited, org


def _answer(token: str, form: JoinForm, org_id: str) -> None:
    passwords.check_new_password(secret(form.password), said(form.name), said(form.email))
    refuse_in_credentials(system(org_id), None, credential=said(form.credential))
    answer = links.Answer(
        said(form.email), said(form.name), said(form.zone), said(form.credential),
        passwords.hash_password(secret(form.password)),
    )  # fmt: skip
    with unit_of_work(system(org_id)) as work:
        links.answer_invitation(work, token, answer)


@bp.route("/invitations/<token>/sign-in", methods=["GET", "POST"])
@public("the link itself is the invitation")
def join_sign_in(token: str) -> Any:
    """Sign in to join: with the password just chosen, or with that of the account that the address has."""
    session = db.session()
    invited, org = _invited(token)
    answer, here = links.answered(session, token, now()), sign_in_of_request()
    if answer is None or (here and state_of_request() in (SessionState.OPEN, SessionState.NO_PLACE)):
        return redirect(url_for("accounts.join", token=token), 303)
    form, status = SignInForm(email=answer.email), 200
    form.email.data = answer.email
    if form.validate_on_submit():
        try:
            return _begin_as(token, answer, secret(form.password), invited.org_id)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    page = render_template("accounts/join_sign_in.html", form=form, organisation=org, token=token)
    return page, 422 if form.errors and status == 200 else status


def _begin_as(token: str, answer: links.Answer, password: str, org_id: str) -> Any:
    """Make the account of someone new, and begin; whoever had one begins, and comes back to join."""
    network = network_of(request.remote_addr)
    known = passwords.recognise(
        db.session(), answer.email, password, network, browser_cookie(), newcomer=answer.hashed
    )  # fmt: skip
    if known is not None:
        return begin(known.id, known.email, url_for("accounts.join", token=token))
    with unit_of_work(system(org_id)) as work:
        person = links.accept_invitation(work, token, answer)
        joined = person.id, person.email
    return begin(*joined, org_id=org_id, joins=True)


def _join_as(here: SignedIn, token: str, organisation: str, email: str) -> Any:
    """Add the membership to the account of whoever is signed in, if the invitation is for them.

    Whether the address that it is for has an account is nobody else's business, the administrator's neither.
    """
    if email and email != queries.person(db.session(), here.person_id).email:
        page = render_template("accounts/join_other.html", organisation=organisation, name=here.name)
        return page, 422 if request.method == "POST" else 200
    form = BareForm()
    if form.validate_on_submit():
        with unit_of_work(Actor(here.person_id, here.org_id, session_id=here.id)) as work:
            org_id = links.accept_as(work, token, here.person_id)
            sign_ins.move_to(work, here.id, org_id)
        flash(f"You are a member of {organisation} now, and work there from here on.")
        return redirect(url_for("accounts.account"), 303)
    return render_template("accounts/join_accept.html", form=form, organisation=organisation, name=here.name)


@bp.route("/reset", methods=["GET", "POST"])
@public("someone who forgot the password cannot sign in")
def ask_reset() -> Any:
    """Send a link by mail that sets a new password."""
    form, status = AskResetForm(), 200
    mailed = installation().settings.mail_configured
    show_house()
    if mailed and form.validate_on_submit():
        try:
            links.ask_reset(said(form.email), network_of(request.remote_addr))
            return render_template("accounts/reset_sent.html", email=said(form.email), minutes=links.RESET_MINUTES)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    page = render_template("accounts/ask_reset.html", form=form, mailed=mailed)
    return page, 422 if form.errors and status == 200 else status


@bp.route("/reset/<token>", methods=["GET", "POST"])
@public("the link itself lets its holder set a password once")
def reset(token: str) -> Any:
    """Set a new password; signing in still asks for the second factor."""
    person = queries.person(db.session(), links.reset(db.session(), token, now()).person_id)
    form, status = ResetForm(), 200
    if form.validate_on_submit():
        try:
            passwords.check_new_password(secret(form.password), person.name, person.email)
            hashed = passwords.hash_password(secret(form.password))
            with unit_of_work(Actor(person.id, "")) as work:
                links.use_reset(work, token, hashed)
            flash("Your new password is set and every session was ended. Sign in with it.")
            return redirect(url_for("accounts.sign_in"), 303)
        except SuperviseError as error:
            form.refuse(error)
            status = error.status
    show_house()
    page = render_template("accounts/reset.html", form=form, email=person.email)
    return page, 422 if form.errors and status == 200 else status

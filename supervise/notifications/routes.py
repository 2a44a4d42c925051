"""Pages of notifications: the inbox, notices, and how the worker's due work stands."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug import Response

from supervise.core import due
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Conflict, Refused
from supervise.core.installation import installation
from supervise.core.log import where
from supervise.core.uow import unit_of_work
from supervise.flows.check_installation import check_installation
from supervise.notifications import inbox as page
from supervise.notifications import queries, service
from supervise.notifications.forms import MailForm
from supervise.notifications.rules import KIND_WORDS, is_worker_silent, place_of
from supervise.notifications.waiting import what_waits
from supervise.policy import Action
from supervise.web.current import actor, current
from supervise.web.forms import BareForm
from supervise.web.guard import guard

bp = Blueprint("notifications", __name__)


def count_waiting(session: Session, whose: Actor) -> int:
    """Return how many things wait for someone, for the masthead of every page."""
    try:
        return what_waits(session, whose).count
    except SQLAlchemyError as error:
        # a page that says what failed must not fail over its masthead
        current_app.extensions["supervise.log"].error("masthead without a count", where=where(error))
        return 0


@bp.get("/inbox")
@guard(Action.USE)
def inbox() -> str:
    """Show what waits for the actor, most urgent first."""
    waiting = what_waits(db.session(), actor())
    current().counted = waiting.count
    return render_template("notifications/inbox.html", inbox=page.inbox(db.session(), actor(), waiting))


@bp.route("/notices", methods=["GET", "POST"])
@guard(Action.USE)
def notices() -> Any:
    """List the actor's notices; a POST keeps whether they come by mail."""
    form = MailForm(data={"mail": "at_once" if queries.wants_mail(db.session(), actor().person_id) else "none"})
    if form.validate_on_submit():
        with unit_of_work(actor()) as work:
            service.choose_mail(work, form.mail.data == "at_once")
        flash("Notices come by mail." if form.mail.data == "at_once" else "No notices by mail. They are all here.")
        return redirect(url_for("notifications.notices"), 303)
    rows, more = queries.notices(db.session(), actor(), request.args.get("before", ""))
    html = render_template(
        "notifications/notices.html", rows=rows, more=more, form=form, mails=installation().settings.mail_configured
    )
    return html, 422 if form.has_errors else 200


@bp.get("/notices/<notice_id>")
@guard(Action.CHANGE_OWN, queries.notice_facts)
def show_notice(notice_id: str) -> Response:
    """Lead to what a notice is about. The address in a mail; it changes nothing, since a mail scanner may open it."""
    return redirect(_place(notice_id))


@bp.post("/notices/<notice_id>/open")
@guard(Action.CHANGE_OWN, queries.notice_facts)
def open_notice(notice_id: str) -> Response:
    """Mark a notice as read and lead to what it is about."""
    target = _place(notice_id)
    _check(BareForm())
    with unit_of_work(actor()) as work:
        service.mark_read(work, notice_id)
    return redirect(target, 303)


@bp.post("/notices/read")
@guard(Action.USE)
def read_all() -> Response:
    """Mark all notices as read."""
    _check(BareForm())
    with unit_of_work(actor()) as work:
        service.mark_read(work)
    flash("All notices are marked as read.")
    return redirect(url_for("notifications.notices" if "notices" in request.args else "notifications.inbox"), 303)


@bp.get("/health")
@guard(Action.SEE_HEALTH)
def health() -> str:
    """Show how the installation and the worker's due work stand."""
    found = due.health(db.session(), now())
    checks = check_installation(db.session(), installation(), [actor().org_id])
    return render_template(
        "notifications/health.html", health=found, words=KIND_WORDS, silent=is_worker_silent(found.last_done_at, now()),
        mails=installation().settings.mail_configured, attempts=due.MAX_ATTEMPTS, checks=checks,
    )  # fmt: skip


@bp.post("/health/<work_id>/again")
@guard(Action.SEE_HEALTH)
def try_again(work_id: str) -> Response:
    """Have work that was given up tried again."""
    _check(BareForm())
    with unit_of_work(actor()) as work:
        if not due.try_again(work.session, work_id, work.now):
            raise Conflict("It was taken up already, or is done.")
    flash("It will be tried again now.")
    return redirect(url_for("notifications.health"), 303)


def _check(form: BareForm) -> None:
    if not form.validate_on_submit():
        abort(400, "The form had expired. Go back, reload the page and send it again.")


def _place(notice_id: str) -> str:
    notice = queries.notice(db.session(), notice_id)
    if notice.org_id != actor().org_id:
        raise Refused("This is about another organisation of yours. Choose it under Account, then open this again.")
    endpoint, values = place_of(notice.kind, notice.object_type, notice.object_id)
    return url_for(endpoint, **values)

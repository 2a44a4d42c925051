"""The crisis page, open to everyone; a crisis as it stands; and the rota."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.installation import installation
from supervise.core.log import where
from supervise.core.uow import unit_of_work
from supervise.flows import page_crisis
from supervise.flows.cover_me import cover_me
from supervise.flows.show_crisis import Call, crisis_page, numbers_to_call
from supervise.flows.show_on_call import on_call_page
from supervise.policy import Action
from supervise.safety import queries, service
from supervise.safety.forms import ClientForm, CloseForm, HandOverForm, RaiseForm, RungForm
from supervise.safety.rules import RUNG_WORDS
from supervise.web.current import actor, actor_or_none
from supervise.web.forms import BareForm
from supervise.web.guard import guard, may, public

bp = Blueprint("safety", __name__)

WORKER = Path(__file__).parents[1] / "static" / "js" / "crisis-worker.js"


@bp.get("/crisis")
@public("someone in danger does not sign in first; emergency lines tell nothing about anyone")
def crisis() -> str:
    """Show whom to call now. Someone who is signed in sees their own numbers, and can have a supervisor paged."""
    return render_template("safety/crisis.html", calls=_calls(), **_paging())


@bp.get("/crisis/kept")
@public("the page that a browser keeps: the same numbers, without a form")
def kept() -> str:
    """The page that the browser shows when the server does not answer."""
    return render_template("safety/crisis.html", calls=_calls(), form=None, running=[], kept_at=now())


@bp.get("/crisis/card")
@public("a card to print: emergency lines, and to someone signed in their own numbers")
def card() -> str:
    """A card to print and keep where there is no network."""
    return render_template("safety/card.html", calls=_calls(), printed_at=now())


@bp.get("/crisis-worker.js")
@public("a script that is the same for everyone")
def worker() -> Response:
    """The script with which the browser keeps the numbers; it stands at the root, so that it covers every page."""
    return Response(WORKER.read_bytes(), mimetype="text/javascript")


@bp.post("/crisis")
@guard(Action.RAISE_CRISIS)
def ask() -> Any:
    """Page the first rung and show how it stands."""
    form = RaiseForm()
    if not form.validate_on_submit():
        return render_template("safety/crisis.html", calls=_calls(), form=form, running=[]), 422
    return _to(page_crisis.ask_for_help(actor(), form.level.data or "red"))


@bp.get("/crisis/<crisis_id>")
@guard(Action.READ_CRISIS, queries.crisis_facts)
def show(crisis_id: str) -> Any:
    """Show how a crisis stands and what each can say."""
    return _show(crisis_id)


@bp.post("/crisis/<crisis_id>/calling")
@guard(Action.ANSWER_CRISIS, queries.crisis_facts)
def calling(crisis_id: str) -> Response:
    """A supervisor is calling now."""
    _check()
    with unit_of_work(actor()) as work:
        service.call_now(work, crisis_id)
    return _to(crisis_id)


@bp.post("/crisis/<crisis_id>/spoke")
@guard(Action.SAY_SPOKE, queries.crisis_facts)
def spoke(crisis_id: str) -> Response:
    """Supervisee and supervisor spoke."""
    _check()
    with unit_of_work(actor()) as work:
        service.spoke(work, crisis_id)
    return _to(crisis_id)


@bp.post("/crisis/<crisis_id>/red")
@guard(Action.READ_CRISIS, queries.crisis_facts)
def make_red(crisis_id: str) -> Response:
    """Make it red."""
    _check()
    page_crisis.make_red(actor(), crisis_id)
    return _to(crisis_id)


@bp.post("/crisis/<crisis_id>/client")
@guard(Action.SAY_SPOKE, queries.crisis_facts)
def client(crisis_id: str) -> Any:
    """Say of which client it is."""
    return _to(page_crisis.name_client(actor(), crisis_id, request.form.get("client_id", "")))


@bp.post("/crisis/<crisis_id>/close")
@guard(Action.CLOSE_CRISIS, queries.crisis_facts)
def close(crisis_id: str) -> Any:
    """Close it with what was done, who was told, and the next contact."""
    form = CloseForm()
    if form.validate_on_submit():
        try:
            page_crisis.close(
                actor(),
                crisis_id,
                form.done.data or [],
                form.told.data or [],
                _instant(form.next_contact.data or now()),
            )
        except Invalid as error:
            form.refuse(error)
        else:
            flash("Closed. What was recorded stays here.")
            return _to(crisis_id)
    return _show(crisis_id, form)


@bp.get("/on-call")
@guard(Action.READ_ROTA)
def on_call() -> Any:
    """Show who is on call, what keeps pages from arriving, and one's own drill."""
    return _rota()


@bp.post("/on-call")
@guard(Action.CHANGE_ROTA)
def take() -> Any:
    """Put someone on a rung."""
    form = RungForm()
    form.person_id.choices = [SelectChoice(one.id, one.name) for one in on_call_page(actor(), db.session()).members]
    if form.validate_on_submit():
        starts = _instant(form.starts_at.data) if form.starts_at.data else None
        ends = _instant(form.ends_at.data) if form.ends_at.data else None
        try:
            with unit_of_work(actor()) as work:
                service.take_rung(work, form.rung.data, form.person_id.data, starts, ends)
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect(url_for("safety.on_call"), 303)
    return _rota(form)


@bp.post("/on-call/cover")
@guard(Action.CHANGE_ROTA)
def cover() -> Any:
    """Hand everything over to whoever covers the actor."""
    form = HandOverForm()
    form.cover_id.choices = [SelectChoice(one.id, one.name) for one in on_call_page(actor(), db.session()).members]
    if form.validate_on_submit():
        try:
            moved = cover_me(actor(), form.cover_id.data, _instant(form.back_at.data) if form.back_at.data else None)
        except Invalid as error:
            form.refuse(error)
        else:
            flash(moved)
            return redirect(url_for("safety.on_call"), 303)
    return _rota(handing=form)


@bp.post("/on-call/drill")
@guard(Action.READ_ROTA)
def drill() -> Response:
    """Page one's own phone as a test."""
    _check()
    with unit_of_work(actor()) as work:
        service.ask_drill(work)
    flash("A test page is on its way to your phone.")
    return redirect(url_for("safety.on_call"), 303)


@bp.post("/on-call/woke")
@guard(Action.READ_ROTA)
def woke() -> Response:
    """The test page woke the phone."""
    _check()
    with unit_of_work(actor()) as work:
        service.woke(work, request.form.get("drill", ""))
    return redirect(url_for("safety.on_call"), 303)


def _show(crisis_id: str, form: CloseForm | None = None) -> Any:
    page = crisis_page(actor(), crisis_id)
    form = form or CloseForm(formdata=None)
    naming = ClientForm(formdata=None)
    naming.client_id.choices = [SelectChoice(one.id, one.code) for one in page.clients]
    html = render_template("safety/show.html", page=page, form=form, naming=naming, rungs=RUNG_WORDS,
                           me=actor().person_id, at=now())  # fmt: skip
    return html, 422 if form.has_errors else 200


def _rota(form: RungForm | None = None, handing: HandOverForm | None = None) -> Any:
    page = on_call_page(actor(), db.session())
    form, handing = form or RungForm(formdata=None), handing or HandOverForm(formdata=None)
    form.person_id.choices = [SelectChoice(one.id, one.name) for one in page.members]
    handing.cover_id.choices = [SelectChoice(one.id, one.name) for one in page.members if one.id != actor().person_id]
    html = render_template(
        "safety/on_call.html", page=page, form=form, handing=handing, rungs=RUNG_WORDS,
        changes=may(Action.CHANGE_ROTA), timers=queries.timers(installation().settings),
        settings=installation().settings,
    )  # fmt: skip
    return html, 422 if form.has_errors or handing.has_errors else 200


def _calls() -> list[Call]:
    who = actor_or_none()
    if who is None:
        return []
    try:
        return numbers_to_call(who)
    except Exception as error:
        # Whatever is wrong with our own records, the emergency lines below do not depend on it.
        current_app.extensions["supervise.log"].error("crisis page without supervisors", where=where(error))
        return []


def _paging() -> dict[str, Any]:
    """Return the form that has a supervisor paged, and what is open; nothing where the database does not answer."""
    who = actor_or_none()
    try:
        if who is None or not may(Action.RAISE_CRISIS):
            return {"form": None, "running": []}
        return {"form": RaiseForm(formdata=None), "running": queries.open_for(db.session(), who)}
    except Exception as error:
        current_app.extensions["supervise.log"].error("crisis page without paging", where=where(error))
        return {"form": None, "running": []}


def _instant(typed: datetime) -> datetime:
    return typed.replace(tzinfo=ZoneInfo(actor().zone)).astimezone(UTC)


def _to(crisis_id: str) -> Response:
    return redirect(url_for("safety.show", crisis_id=crisis_id), 303)


def _check() -> None:
    if not BareForm().validate_on_submit():
        abort(400, "The form had expired. Go back, reload the page and send it again.")

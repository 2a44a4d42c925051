"""The session check: runs before every view and says who is looking, or turns them away with nothing lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import flask_login
from flask import Flask, Request, current_app, g, make_response, redirect, request, url_for
from flask_wtf.csrf import validate_csrf
from sqlalchemy.exc import SQLAlchemyError
from werkzeug import Response
from wtforms import ValidationError

from supervise.accounts import queries
from supervise.accounts.queries import SignedIn
from supervise.accounts.rules import TYPED_KEPT, SessionState, own_path, session_state
from supervise.accounts.service import devices, parking, sign_ins, throttle
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Forbidden, SuperviseError
from supervise.core.installation import installation
from supervise.core.log import where
from supervise.core.uow import unit_of_work
from supervise.web.current import Current, actor_or_none, set_current

_WRITE_AT_MOST_EVERY = timedelta(minutes=1)


class SignedOut(SuperviseError):
    """Nobody is signed in any more, and nobody is known whose words could be kept; the page gives them back."""

    status = 401


class LoginUser(flask_login.UserMixin):  # type: ignore[misc]
    """What Flask-Login's ``current_user`` shows of the actor; it decides nothing."""

    def __init__(self, actor: Actor) -> None:
        self.id = actor.person_id
        self.actor = actor


def register(app: Flask) -> None:
    """Check the session before every request of ``app``."""
    manager = flask_login.LoginManager()
    manager.session_protection = None  # our sessions are bound on the server; its check would trust a client's header
    manager.user_loader(lambda _id: None)  # nothing in a cookie of Flask's names a person
    manager.request_loader(_load_user)
    manager.init_app(app)
    app.before_request(check)
    app.after_request(_forget_sent)


def cookie_name() -> str:
    """Return the session cookie's name; the ``__Host-`` prefix binds it to this host over https."""
    return "__Host-supervise" if installation().settings.is_https else "supervise"


def set_cookie(response: Response, secret: str) -> None:
    """Hand the secret to the browser, for as long as it stays open."""
    https = installation().settings.is_https
    response.set_cookie(cookie_name(), secret, httponly=True, samesite="Lax", secure=https, path="/")


def clear_cookie(response: Response) -> None:
    """Take the secret back from the browser."""
    response.delete_cookie(
        cookie_name(), path="/", secure=installation().settings.is_https, httponly=True, samesite="Lax"
    )


def browser_cookie() -> str:
    """Return what this browser keeps from an earlier sign-in; ``service.throttle`` says what for."""
    return request.cookies.get(_browser_cookie_name(), "")


def set_browser_cookie(response: Response, email: str) -> None:
    """Mark this browser as one in which the owner of the address has signed in, for half a year."""
    https = installation().settings.is_https
    response.set_cookie(
        _browser_cookie_name(), throttle.browser_cookie(email), max_age=180 * 24 * 3600,
        httponly=True, samesite="Lax", secure=https, path="/",
    )  # fmt: skip


def knows_device(person_id: str) -> bool:
    """Tell whether someone has signed in with this browser before, all the way."""
    return devices.is_known(person_id, request.cookies.get(_device_cookie_name(person_id), ""), now().date())


def set_device_cookie(response: Response, person_id: str) -> None:
    """Mark this browser as one in which someone has signed in; ``service.devices`` says what for."""
    response.set_cookie(
        _device_cookie_name(person_id), devices.mark(person_id, now().date()), max_age=devices.KEPT_DAYS * 24 * 3600,
        httponly=True, samesite="Lax", secure=installation().settings.is_https, path="/",
    )  # fmt: skip


def _device_cookie_name(person_id: str) -> str:
    return f"{cookie_name()}-device-{devices.name_of(person_id)}"


def _browser_cookie_name() -> str:
    return f"{cookie_name()}-browser"


def sign_in_of_request() -> SignedIn | None:
    """Return the session that this request's cookie opens, whatever its state."""
    found = g.get("sign_in")
    return found if isinstance(found, SignedIn) else None


def state_of_request() -> SessionState:
    """Return the state of this request's session."""
    found = g.get("session_state")
    return found if isinstance(found, SessionState) else SessionState.NONE


def check() -> Any:
    """Bind actor and context to the request; turn away who may not see a guarded page now."""
    if request.endpoint == "static":
        set_current(None, Current())
        return None
    secret = request.cookies.get(cookie_name(), "")
    found = None
    with _everyone_may_look():
        found = queries.signed_in(db.session(), sign_ins.hash_of(secret)) if secret else None
    state = _state(found)
    actor = _actor(found) if found and state is SessionState.OPEN else None
    g.sign_in, g.session_state = found, state
    set_current(actor, _current(found, state, actor))
    if found:
        with _everyone_may_look():
            _keep_time(found, state, actor)
    if actor or _is_public():
        return None
    return turn_away(state, found)


@contextmanager
def _everyone_may_look() -> Iterator[None]:
    """Let a page for everyone be shown though the database fails: the crisis page above all needs none."""
    try:
        yield
    except SQLAlchemyError as error:
        if request.method != "GET" or not _is_public():
            raise
        db.session.rollback()
        current_app.extensions["supervise.log"].error("session unknown", where=where(error), endpoint=request.endpoint)


def _state(found: SignedIn | None) -> SessionState:
    if found is None:
        return SessionState.NONE
    return session_state(
        now=now(),
        ended=found.ended_at is not None,
        expires_at=found.expires_at,
        locked=found.locked_at is not None,
        last_seen_at=found.last_seen_at,
        idle=timedelta(minutes=installation().settings.idle_minutes),
        second_factor_given=found.second_factor_given,
        has_second_factor=found.has_second_factor,
        second_factor_required=sign_ins.second_factor_required(),
        is_member=bool(found.roles),
    )


def _actor(found: SignedIn) -> Actor:
    return Actor(found.person_id, found.org_id, found.roles, found.name, found.zone, found.id)


def _current(found: SignedIn | None, state: SessionState, actor: Actor | None) -> Current:
    if found is None or actor is None:
        known = found is not None and state is SessionState.LOCKED
        return Current(locked=known, theme=found.theme if found and known else "")
    count = current_app.extensions.get("supervise.waiting")
    return Current(
        signed_in=True,
        person_name=found.name,
        organisation_name=found.organisation_name,
        roles=frozenset(role.value for role in found.roles),
        count_waiting=(lambda: int(count(db.session(), actor))) if count else None,
        theme=found.theme,
        shortcuts=found.shortcuts,
        zone=found.zone,
        lock_minutes=installation().settings.idle_minutes,
        is_demo=found.is_demo,
    )


def _keep_time(found: SignedIn, state: SessionState, actor: Actor | None) -> None:
    """Write down an idle lock when it is first noticed, and a touch at most once a minute."""
    if state is SessionState.LOCKED and found.locked_at is None:
        with unit_of_work(_actor(found)) as work:
            sign_ins.lock(work, found.id)
    elif actor and not _is_machine(request) and now() - found.last_seen_at >= _WRITE_AT_MOST_EVERY:
        with unit_of_work(actor) as work:
            sign_ins.touch(work, found.id)


def _is_machine(what: Request) -> bool:
    """Tell autosave and polling from a person's own doing: they must not keep a session open."""
    return "X-Autosave" in what.headers or what.headers.get("HX-Trigger", "").startswith("poll")


def _is_script(what: Request) -> bool:
    return "HX-Request" in what.headers or "X-CSRFToken" in what.headers or _is_machine(what)


def _is_public() -> bool:
    if request.endpoint is None:
        return True  # there is no such page, whoever asks
    view = current_app.view_functions[request.endpoint]
    return str(getattr(view, "__guard__", "")).startswith("public")


def turn_away(state: SessionState, found: SignedIn | None) -> Any:
    """Send the person where they can go on: the lock, the second step, the door."""
    if state is SessionState.NO_PLACE:
        raise Forbidden("Your account belongs to no organisation now. Ask an administrator for an invitation.")
    target = _target(state)
    owes = state in (SessionState.CODE, SessionState.ENROL)  # no page with a form was ever shown to it
    typed = [] if owes or _is_machine(request) else [*request.form.items(multi=True)]
    if typed and not _park(found, typed):
        raise SignedOut("Sign in again in another window, then send this once more. What you typed is below.")
    if not _is_script(request):
        return redirect(target, 303)
    response = make_response("", 423 if state is SessionState.LOCKED else 401)
    if "HX-Request" in request.headers:
        response.headers["HX-Redirect"] = target
    return response


def keeps_words_of(found: SignedIn | None) -> bool:
    """Tell whether a session is known and recent enough that what it sends is kept for its person.

    Of one that never got past the password nothing is: whoever knows the password would put words into their mouth.
    """
    if found is None or is_half(found):
        return False
    ended_at = min(found.expires_at, found.ended_at or found.expires_at)
    return ended_at > now() - TYPED_KEPT


def is_half(found: SignedIn) -> bool:
    """Tell whether a session still owes the second factor, or never gave it before it ended."""
    return not found.second_factor_given and (found.has_second_factor or sign_ins.second_factor_required())


def _park(found: SignedIn | None, typed: list[tuple[str, str]]) -> bool:
    """Keep what came with this request for the person whose session it was; False if it cannot be kept or trusted."""
    if found is None or not keeps_words_of(found):
        return False
    if current_app.config.get("WTF_CSRF_ENABLED", True):
        try:
            validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken"))
        except ValidationError:
            return False
    with unit_of_work(_actor(found)) as work:
        parking.park(work, found.person_id, request.full_path.rstrip("?"), typed)
    return True


def _forget_sent(response: Response) -> Response:
    """Remove what was kept once it was sent again and taken."""
    actor = actor_or_none()
    if actor and request.method == "POST" and response.status_code < 400 and (parked_id := request.form.get("parked")):
        with unit_of_work(actor) as work:
            parking.forget(work, actor.person_id, parked_id)
    return response


def _target(state: SessionState) -> str:
    endpoint = {
        SessionState.LOCKED: "accounts.unlock",
        SessionState.CODE: "accounts.code",
        SessionState.ENROL: "accounts.enrol",
    }.get(state, "accounts.sign_in")
    back = request.full_path.rstrip("?") if request.method == "GET" and not _is_script(request) else ""
    return url_for(endpoint, next=own_path(back) or None)


def _load_user(_request: Request) -> LoginUser | None:
    actor = actor_or_none()
    return LoginUser(actor) if actor else None

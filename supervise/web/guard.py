"""Every view carries a guard that names one action, or says why it is public; a test walks all routes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app, g, redirect, request, url_for

from supervise.core.actor import Actor
from supervise.core.errors import Forbidden, NotFound
from supervise.core.uow import unit_of_work
from supervise.events import AccessDenied
from supervise.policy import Action, decide
from supervise.web.current import actor_or_none, current

P = ParamSpec("P")
R = TypeVar("R")
Load = Callable[..., Any]


def public(why: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view that needs nobody signed in, with the reason."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.__guard__ = f"public: {why}"  # type: ignore[attr-defined]
        return view

    return mark


def guard(action: Action, load: Load | None = None) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Let the view run only if policy allows ``action``.

    ``load(actor, **view_args)`` returns the facts about the object, or raises NotFound. What may not be read answers
    like what does not exist (404); what may be read but not done answers 403 with the reason.
    """

    def mark(view: Callable[P, R]) -> Callable[P, Any]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            actor = actor_or_none()
            if actor is None:
                return ask_to_sign_in()
            facts = load(actor, **kwargs) if load else None
            verdict = decide(actor, action, facts)
            if verdict.allowed:
                g.facts = facts
                return view(*args, **kwargs)
            _record_denial(actor, action)
            raise NotFound() if verdict.hidden else Forbidden(verdict.why)

        guarded.__guard__ = action  # type: ignore[attr-defined]
        return guarded

    return mark


def may(action: Action, facts: Any = None) -> bool:
    """Tell a template or a view whether the current actor may; the guard of the target decides again."""
    actor = actor_or_none()
    return actor is not None and decide(actor, action, facts).allowed


def ask_to_sign_in() -> Any:
    """Send the person to sign in or unlock; what they had typed is parked by the session check before this."""
    endpoint = "accounts.unlock" if current().locked else "accounts.sign_in"
    back = request.full_path.rstrip("?") if request.method == "GET" else g.get("parked_path", "")
    return redirect(url_for(endpoint, next=back or None))


def _record_denial(actor: Actor, action: Action) -> None:
    with unit_of_work(actor) as work:
        work.emit(AccessDenied(actor.org_id, actor.person_id, action.value, str(request.endpoint)))
    current_app.extensions["supervise.log"].info("denied", actor=actor.person_id, endpoint=request.endpoint)

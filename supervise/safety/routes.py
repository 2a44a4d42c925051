"""The crisis page: open to everyone, from every page in one tap, without a vignette, a consent or the engine."""

from flask import Blueprint, current_app, render_template

from supervise.core.log import where
from supervise.flows.show_crisis import Call, supervisors_to_call
from supervise.web.current import actor_or_none
from supervise.web.guard import public

bp = Blueprint("safety", __name__)


@bp.get("/crisis")
@public("someone in danger does not sign in first; emergency lines tell nothing about anyone")
def crisis() -> str:
    """Show whom to call now. Someone who is signed in also sees the numbers of their own supervisors."""
    return render_template("safety/crisis.html", calls=_calls())


def _calls() -> list[Call]:
    actor = actor_or_none()
    if actor is None:
        return []
    try:
        return supervisors_to_call(actor)
    except Exception as error:
        # Whatever is wrong with our own records, the emergency lines below do not depend on it.
        current_app.extensions["supervise.log"].error("crisis page without supervisors", where=where(error))
        return []

"""Pages that belong to no room: more, help, keyboard shortcuts."""

from flask import Blueprint, render_template

from supervise.policy import Action
from supervise.web.guard import guard, public

bp = Blueprint("web", __name__)


@bp.get("/more")
@guard(Action.USE)
def more() -> str:
    """List everything that the navigation has no room for."""
    return render_template("web/more.html")


@bp.get("/help")
@public("help is for everyone, also for someone who cannot sign in")
def help() -> str:  # noqa: A001 - the page's name
    """Explain the way of a case in a page."""
    return render_template("web/help.html")


@bp.get("/shortcuts")
@public("a list of keys tells nothing about anyone")
def shortcuts() -> str:
    """List the keyboard shortcuts."""
    return render_template("web/shortcuts.html")


@bp.get("/alive")
@public("a reverse proxy asks whether the process answers; it says nothing else")
def alive() -> tuple[str, int, dict[str, str]]:
    """Answer ``ok``."""
    return "ok", 200, {"Content-Type": "text/plain"}

"""Signing in, locking and leaving."""

from typing import Any

from flask import render_template

from supervise.accounts.routes.blueprint import bp
from supervise.web.guard import public


@bp.get("/sign-in")
@public("nobody is signed in yet")
def sign_in() -> Any:
    """Ask for e-mail and password."""
    return render_template("accounts/sign_in.html")

"""What goes wrong becomes a page that says what to do; what a person typed is on it."""

import re
import time
from typing import Any

from flask import Flask, abort, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from supervise.core.errors import SuperviseError
from supervise.core.ids import new_code
from supervise.core.log import where
from supervise.web.current import current

_SECRET = ("password", "csrf_token", "code", "token", "signature")
_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{26}")
_OF_THE_PAGE = frozenset({"version", "seen", "shown", "then", "do", "next", "pane", "read"})


def typed() -> list[tuple[str, str]]:
    """Return what was typed into the form of this request, so that a page of refusal can give it back.

    Secrets are not shown again; what the page itself put into the form is left out.
    """
    try:
        fields = [*request.form.items(multi=True)]
    except HTTPException:  # what is too large, or was cut off, was not read
        return []
    return [(name, text) for name, text in fields if text.strip() and not (_hidden(name) or _ID.fullmatch(text))]


def _hidden(name: str) -> bool:
    own = name in _OF_THE_PAGE or name.endswith(("_id", "_ids")) or _ID.search(name) is not None
    return own or any(secret in name for secret in _SECRET)


def _back() -> str:
    """Return the address of the page whose form failed: the nearest one above this request that can be looked at."""
    if request.method != "POST":
        return ""
    addresses = current_app.url_map.bind("")
    path = request.path
    while path not in ("", "/"):
        if addresses.test(path, method="GET"):
            return path
        path = path.rpartition("/")[0]
    return ""


def _again(status: int) -> str:
    """Return the address that was asked for, where asking again may help."""
    return request.full_path.rstrip("?") if request.method == "GET" and status in (500, 503) else ""


def _page(status: int, title: str, message: str, reference: str = "") -> tuple[str, int]:
    current().count_waiting = None  # the page of a failure asks nothing that may fail as well
    return (
        render_template(
            "web/failure.html",
            title=title,
            message=message,
            reference=reference,
            typed=typed(),
            back=_back(),
            again=_again(status),
            status=status,
        ),
        status,
    )


_TITLES = {
    400: "That did not arrive whole",
    401: "You are signed out",
    403: "This is not yours to do",
    404: "Nothing here",
    405: "That address takes no such request",
    409: "Someone saved before you",
    413: "That is too large",
    422: "This cannot be done yet",
    423: "Locked",
    429: "Please wait a little",
    500: "Something failed on our side",
    503: "Not available right now",
}

_WORDS = {
    400: "The request was cut off or is not one that a page here makes. Go back, reload the page and send it again.",
    404: "There is no such page. The address may be mistyped, or what stood here is not yours to read.",
    405: "Go back and use the button of the page; this address takes no request of this kind.",
    413: "Nothing larger than 4 MB is taken, and of text at most 50,000 characters. Shorten it or choose another file.",
}


def register(app: Flask, log: Any) -> None:
    """Handle every error of ``app``: refusals by their own words, surprises by a reference and nothing else."""

    @app.errorhandler(SuperviseError)
    def refused(error: SuperviseError) -> tuple[str, int]:
        return _page(error.status, _TITLES.get(error.status, "Refused"), str(error))

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> tuple[str, int]:
        return _page(
            400, "The form had expired", "Go back, reload the page and send it again. What you typed is below."
        )

    @app.errorhandler(OperationalError)
    def database(error: OperationalError) -> tuple[str, int]:
        log.error("database", where=where(error), endpoint=request.endpoint)
        return _page(503, _TITLES[503], "The database did not answer. Try again in a moment; what you typed is below.")

    @app.errorhandler(SecurityError)
    def stranger(_error: SecurityError) -> tuple[str, int, dict[str, str]]:
        # Under a host name that is not ours no address can be built, so no page either.
        return "This address is not served here.", 400, {"Content-Type": "text/plain; charset=utf-8"}

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str, int]:
        status = error.code or 500
        return _page(status, _TITLES.get(status, error.name), _WORDS.get(status, error.description or ""))

    @app.errorhandler(Exception)
    def surprise(error: Exception) -> tuple[str, int]:
        reference = new_code()
        log.error("failed", where=where(error), endpoint=request.endpoint, request=reference)
        if app.testing:
            raise error
        message = "What you asked for is perhaps not done. Look before you do it again. Tell your administrator this "
        message += "reference."
        return _page(500, _TITLES[500], message, reference)

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()
        if "\0" in request.path:  # no id holds one, and PostgreSQL refuses to be asked for one
            abort(404)

    @app.after_request
    def note(response: Any) -> Any:
        ms = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000)
        log.info("request", endpoint=request.endpoint, method=request.method, status=response.status_code, ms=ms)
        return response

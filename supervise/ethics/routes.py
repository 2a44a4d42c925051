"""The page of codes: numbers and topics to find what to look up, never the text of a code."""

from flask import Blueprint, render_template, request

from supervise.ethics.queries import codes
from supervise.policy import Action
from supervise.web.guard import guard

bp = Blueprint("ethics", __name__)


@bp.get("/codes")
@guard(Action.USE)
def index() -> str:
    """Show the sections whose words match, by code; all without words.

    ``dilemma`` narrows to a kind, ``code`` to the code of one profession.
    """
    words, kind = request.args.get("q", "").strip()[:200], request.args.get("dilemma", "")
    book, only = codes(), request.args.get("code", "")
    found = [row for row in book.find(words) if only not in book.codes or row.code == only]
    if kind in book.dilemmas:
        met = book.suggest([kind], limit=len(book.rows))
        found = [row for row in found if row in met]
    by_code = [(code, [row for row in found if row.code == code.name]) for code in book.codes.values()]
    return render_template(
        "ethics/codes.html", by_code=by_code, dilemmas=book.dilemmas, words=words, kind=kind, only=only,
        codes=book.codes,
    )  # fmt: skip

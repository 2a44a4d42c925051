"""The viewer of the audit, for administrators and auditors. It shows ids and words from fixed lists; no case text."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for

from supervise.audit.forms import FilterForm
from supervise.audit.queries import PAGE, Filter, page
from supervise.audit.words import words_for
from supervise.core.db import db
from supervise.flows.read_audit import names_in_audit, names_of
from supervise.policy import Action
from supervise.web.current import actor
from supervise.web.guard import guard

bp = Blueprint("audit", __name__)


@bp.get("/audit")
@guard(Action.READ_AUDIT)
def index() -> Any:
    """Show who did what, the latest first, a page at a time."""
    whose = actor()
    actors = names_in_audit(whose)
    form = FilterForm(request.args, names=actors)
    valid = form.validate()
    wanted = Filter(
        form.person.data or "", form.action.data or "", (form.object.data or "").strip(),
        _start(form.since.data, whose.zone), _start(form.until.data, whose.zone, days=1),
    ) if valid else Filter()  # fmt: skip
    before = request.args.get("before", "")
    rows = page(db.session(), whose.org_id, wanted, int(before) if before.isdecimal() else None)
    shown, more = rows[:PAGE], len(rows) > PAGE
    names = actors | names_of(_ids_in(shown))
    query: dict[str, Any] = {**request.args.to_dict(), "before": shown[-1].seq} if more else {}
    older = url_for("audit.index", **query) if more else ""
    content = render_template(
        "audit/index.html", form=form, rows=shown, names=names, words_for=words_for, older=older,
        filtered=wanted != Filter(), first=not before,
    )  # fmt: skip
    return content, 200 if valid else 422


def _start(day: date | None, zone: str, days: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days), time(), ZoneInfo(zone)) if day else None


def _ids_in(rows: list[Any]) -> set[str]:
    return {row.object_id for row in rows} | {value for row in rows for value in row.details.values()}

"""Every page that somebody can reach, found by asking the application for each address of its URL map."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from supervise.accounts.models import Invitation, Licence, ParkedForm, Person, Setting, SignIn
from supervise.cases.models import Case
from supervise.consents.models import Client, Consent
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.deid.models import Screening
from supervise.duties.models import DutyRecord
from supervise.hours.models import DayRecord, HourEntry
from supervise.incidents.models import Incident
from supervise.notifications.models import Notice
from supervise.reports.models import IssuedReport
from supervise.reviews.models import Post
from supervise.safety.models import Crisis
from supervise.supervision.models import Agreement, Group, Meeting

_TABLES: dict[str, Any] = {
    "agreement_id": Agreement, "case_id": Case, "client_id": Client, "consent_id": Consent, "entry_id": HourEntry,
    "group_id": Group, "incident_id": Incident, "invitation_id": Invitation, "licence_id": Licence,
    "meeting_id": Meeting, "notice_id": Notice, "parked_id": ParkedForm, "person_id": Person, "post_id": Post,
    "crisis_id": Crisis, "record_id": DutyRecord, "report_id": IssuedReport,
    "screening_id": Screening, "setting_id": Setting, "sign_in_id": SignIn,
    "work_id": DueWork,
}  # fmt: skip
_ARGUMENT = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")
_MOST = 30
"""How many things of a kind are tried; the latest first."""
_ENOUGH = 10
"""How many of them are looked at for one address and one person."""


class Markup(HTMLParser):
    """The kinds of element that a page has: names with their classes and states, not the words in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.kinds: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = dict(attrs)
        state = [name for name in ("aria-current", "aria-invalid", "disabled", "open", "role") if name in had]
        self.kinds.add(" ".join([tag, *sorted((had.get("class") or "").split()), *state]))


@dataclass(frozen=True)
class Found:
    """A page worth a look. ``first``: it is the first that was found of its endpoint."""

    address: str
    first: bool


def pages_of(app: Flask, client: FlaskClient, known: dict[str, set[str]], tokens: dict[str, str]) -> list[Found]:
    """Return the pages that ``client`` gets, those only that show a kind of element not seen before.

    ``known``: endpoint → kinds of element seen on its pages; it grows. ``tokens``: endpoint → token of a link.
    """
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint == "static" or "GET" not in (rule.methods or ()):
            continue
        reached = 0
        for address in _addresses(rule, tokens):
            answer = client.get(address)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                reached += 1
                kinds = Markup(answer.text).kinds
                if kinds - known.setdefault(rule.endpoint, set()):
                    found.append(Found(address, first=not known[rule.endpoint]))
                    known[rule.endpoint] |= kinds
            answer.close()
            if reached >= _ENOUGH:
                break
    return found


def _addresses(rule: Rule, tokens: dict[str, str]) -> Iterator[str]:
    """Return the addresses of a rule: one, or one for each of the things that it can be about."""
    fixed = {"token": tokens.get(rule.endpoint, "none"), "number": "2" if rule.endpoint == "cases.diff" else "1"}
    names = [name for name in _ARGUMENT.findall(rule.rule) if name not in fixed]
    for value in _values(names[0]) if names else [""]:
        filled = {**fixed, **{name: _values(name)[0] for name in names[1:]}, **dict.fromkeys(names[:1], value)}
        yield _ARGUMENT.sub(lambda match, filled=filled: filled[match[1]], rule.rule)


def _values(name: str) -> list[str]:
    session = db.session()
    if name == "day":
        last = session.query(DayRecord).order_by(DayRecord.day.desc()).first()
        assert last
        return [str(last.day - timedelta(days=back)) for back in (0, 1, 3, 8, 15, 60)]
    if name == "code":
        return [row.code for row in session.query(IssuedReport)]
    table = _TABLES[name]
    # the demo writes one supervisor's meetings after the other's, so the latest ids are all of one
    latest = (table.starts_at.desc(), table.id) if table is Meeting else (table.id.desc(),)
    return [row.id for row in session.query(table).order_by(*latest).limit(_MOST)]


def addresses_of(app: Flask) -> Iterator[tuple[str, str]]:
    """Return endpoint and address of all pages, with each of the things that they can be about."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        names = [name for name in _ARGUMENT.findall(rule.rule) if name not in ("token", "number", "code", "filename")]
        if rule.endpoint != "static" and "GET" in (rule.methods or ()) and all(_values(name) for name in names):
            yield from ((rule.endpoint, address) for address in _addresses(rule, {}))

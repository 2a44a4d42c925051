"""Every address, asked for by everyone, on things of every kind; and what came back."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from pypdf import PdfReader
from sqlalchemy import event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from supervise.core.clock import local_day, now
from supervise.core.db import db
from tests.web.policy_table import NEAR, NOBODY, PEOPLE, TABLE
from tests.world import CANARY, WORDS, World

FREE = {"audit_rows", "sign_ins"}
"""What a GET may write to: the chain, and when a session was last used."""
Contents = dict[str, list[tuple[object, ...]]]
_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Visit:
    """One request and what came back: ``canaries`` and ``words`` are those found in the answer."""

    endpoint: str
    method: str
    path: str
    thing: str
    who: str
    public: bool
    expected: bool
    status: int
    location: str
    canaries: frozenset[str]
    words: frozenset[str]
    headers: dict[str, str]
    written: frozenset[str] = frozenset()

    @property
    def through(self) -> bool:
        """Whether the person was let in: not sent to the door, not refused, not told that nothing is there."""
        sent_away = urlsplit(self.location).path in ("/sign-in", "/unlock") and not self.public
        return self.status not in (401, 403, 404) and not sent_away

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} [{self.thing}] as {self.who}: {self.status} {self.location}"


@dataclass
class Site:
    """The built world, with its database as a file that can be put back."""

    app: Flask
    world: World
    file: Path
    saved: Path
    written: set[str] = field(default_factory=set)
    before: Contents = field(default_factory=dict)
    after: Contents = field(default_factory=dict)

    def __post_init__(self) -> None:
        event.listen(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        """Keep the names of the tables that a request writes to."""
        if found := _WRITES.match(statement):
            self.written.add(found[1])

    @property
    def log(self) -> Path:
        return self.file.parent / "log"

    def put_back(self) -> None:
        """Let the database be as it was built."""
        db.session.rollback()
        db.session.expire_all()
        with sqlite3.connect(self.saved) as before, sqlite3.connect(self.file) as here:
            before.backup(here)
        before.close()
        here.close()

    def contents(self) -> Contents:
        """Return all rows of all tables that a GET may not touch."""
        with sqlite3.connect(self.file) as here:
            names = [row[0] for row in here.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            found = {
                name: sorted(here.execute(f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608 - names of our own tables
                for name in names
                if name not in FREE and not name.startswith("sqlite_")
            }
        here.close()
        return found

    def requests(self, method: str) -> Iterator[tuple[Rule, str, str]]:
        """Return rule, name of the thing and address for every view that takes ``method``."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if rule.endpoint != "static" and method in (rule.methods or ()):
                yield from self._addresses(rule)

    def _addresses(self, rule: Rule) -> Iterator[tuple[Rule, str, str]]:
        line = TABLE[rule.endpoint]
        arguments = [name for name in _ARGUMENT.findall(rule.rule) if name not in ("day", *line.args)]
        yesterday = local_day(now(), self.world.people["author"].zone) - timedelta(days=1)
        values = {"day": yesterday, **{name: self._named(value) for name, value in line.args.items()}}
        if not arguments:
            yield rule, "", _fill(rule, values)
            return
        kind = arguments[0]
        assert len(arguments) == 1, rule
        for name, key in self.world.things[kind].items():
            yield rule, name, _fill(rule, values | {kind: key})

    def _named(self, value: object) -> object:
        """Return the id of a thing called ``kind.name``, or the value itself."""
        kind, dot, name = str(value).partition(".")
        return self.world.things[kind][name] if dot else value

    def visit(self, rule: Rule, thing: str, path: str, who: str, method: str) -> Visit:
        self.written.clear()
        line, client = TABLE[rule.endpoint], self.world.browser(who)
        form = {name: self._named(value) for name, value in line.form.items()}
        answer = client.get(path) if method == "GET" else client.post(path, data=form)
        guard = str(getattr(self.app.view_functions[rule.endpoint], "__guard__", ""))
        lets_in = line.through.get(thing, NOBODY) if isinstance(line.through, dict) else line.through
        body = _text(answer).lower()
        visit = Visit(
            rule.endpoint, method, path, thing, who, guard.startswith("public"), who in lets_in, answer.status_code,
            answer.headers.get("Location", ""), frozenset(CANARY.findall(body)),
            frozenset(word for word in WORDS if word in body), dict(answer.headers), frozenset(self.written),
        )  # fmt: skip
        answer.close()
        return visit


def _fill(rule: Rule, values: dict[str, object]) -> str:
    return _ARGUMENT.sub(lambda match: str(values[match[1]]), rule.rule)


def _text(answer: TestResponse) -> str:
    """Return what an answer says, headers included; of a PDF its text, what it says of itself and what is attached."""
    data = answer.get_data()
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    if answer.mimetype != "application/pdf":
        return head + data.decode("utf-8", "replace")
    reader = PdfReader(BytesIO(data))
    pages = [page.extract_text() for page in reader.pages]
    attached = [f"{name} {content!r}" for name, contents in reader.attachments.items() for content in contents]
    known = [str(reader.metadata), repr(reader.xmp_metadata and reader.xmp_metadata.stream.get_data())]
    return "\n".join([head, *pages, *known, *attached])


def walk(site: Site, method: str) -> list[Visit]:
    """Ask for every address as everyone. What a person may do is done in a world of its own, put back afterwards."""
    visits = []
    for rule, thing, path in site.requests(method):
        brief = method == "POST" and "case_id" in rule.arguments and thing not in ("draft", "open", "abroad")
        for who in NEAR if brief else PEOPLE:
            visit = site.visit(rule, thing, path, who, method)
            visits.append(visit)
            if visit.written - ({"audit_rows"} if method == "POST" else FREE):
                site.put_back()
    return visits

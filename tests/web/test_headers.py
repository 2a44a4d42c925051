"""What every answer carries, who may ask, and that looking changes nothing."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from supervise.accounts.models import Membership, Person
from supervise.app import create_app
from supervise.cases.models import Case
from supervise.core.actor import Role
from supervise.core.db import db
from supervise.core.settings import Settings
from tests.factories import Factory
from tests.web.walk import FREE, Site, Visit

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}
HTTPS = "https://supervise.example"


def _check(headers: dict[str, str], what: object) -> None:
    assert headers.items() >= ALWAYS.items(), what
    assert headers["Content-Security-Policy"].startswith("default-src 'none'"), what
    assert "unsafe" not in headers["Content-Security-Policy"], what
    assert "Server" not in headers, what


# answers --------------------------------------------------------------------------------------------------------------


def test_every_answer_carries_its_headers(visits: list[Visit]) -> None:
    for visit in visits:
        _check(visit.headers, visit)
        assert visit.headers["Cache-Control"] == "no-store", visit
        assert "Strict-Transport-Security" not in visit.headers, visit
    assert {visit.status for visit in visits} >= {200, 303, 403, 404}
    kinds = {visit.headers.get("Content-Type", "").partition(";")[0] for visit in visits}
    assert kinds >= {"text/html", "application/pdf", "text/csv", "text/plain"}


def test_files_are_taken_home_and_run_nothing(visits: list[Visit]) -> None:
    files = [visit for visit in visits if "attachment" in visit.headers.get("Content-Disposition", "")]
    assert {visit.endpoint for visit in files} >= {"reports.pdf", "reports.csv", "reports.workbook_as_csv"}
    for visit in files:
        assert re.fullmatch(r'attachment; filename="[\w.-]+"', visit.headers["Content-Disposition"]), visit
        assert "sandbox" in visit.headers["Content-Security-Policy"], visit


def test_rare_answers_carry_them_too(app: Flask, make: Factory) -> None:
    client = make.client(make.person(make.organisation(), Role.SUPERVISEE), csrf=True)
    app.add_url_rule("/fails", "fails", lambda: 1 / 0)
    app.testing = False
    answers = {
        "a page that is not there": client.get("/no/such/page"),
        "a view that fails": client.get("/fails"),
        "a method that is not taken": client.delete("/account"),
        "a form without its token": client.post("/account"),
        "too much": client.post("/account", data={"name": "x" * 5_000_000}),
        "a strange host": client.get("/sign-in", headers={"Host": "evil.example"}),
        "a way round": client.get("/inbox/"),
    }
    assert [answer.status_code for answer in answers.values()] == [404, 500, 405, 400, 413, 400, 404]
    for what, answer in answers.items():
        _check(dict(answer.headers), what)
        assert answer.headers["Cache-Control"] == "no-store", what


def test_static_files(app: Flask) -> None:
    for path in ("/static/css/base.css", "/static/js/no-such-file.js"):
        with app.test_client().get(path) as answer:
            _check(dict(answer.headers), path)
            assert answer.status_code == 404 or "Set-Cookie" not in answer.headers


def test_nothing_is_read_outside_the_static_folder(app: Flask) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"):
        with app.test_client().get(path) as answer:
            assert answer.status_code in (308, 400, 404), path
            assert "create_app" not in answer.text


# hosts and proxies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/reset", "/inbox", "/alive", "/no/such/page", "/static/css/base.css"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", "", "a b"])
def test_a_strange_host_gets_nothing(app: Flask, host: str, path: str) -> None:
    with app.test_client().get(path, headers={"Host": host}) as answer:
        assert answer.status_code == 400
        assert "evil" not in answer.text + str(answer.headers)


def test_headers_of_proxies_mean_nothing_where_there_are_none(app: Flask) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-For": "203.0.113.9", "Forwarded": "host=evil.example;proto=https", "X-Original-URL": "/audit",
    }  # fmt: skip
    client = app.test_client()
    for path in ("/inbox", "/sign-in", "/no/such/page"):
        answer = client.get(path, headers=forged)
        assert "evil" not in answer.text + str(answer.headers)
        assert "Strict-Transport-Security" not in answer.headers
    with app.test_request_context("/", headers=forged) as context:
        assert (context.request.host, context.request.scheme) == ("localhost", "http")
        assert context.request.remote_addr != "203.0.113.9"


@pytest.fixture
def https(settings: Settings) -> Iterator[Flask]:
    """The application as it stands behind one reverse proxy with TLS."""
    app = create_app(settings.model_copy(update={"public_url": HTTPS, "trusted_proxies": 1}))
    app.testing = True
    with app.app_context():
        yield app


def test_one_proxy_is_believed_once(https: Flask) -> None:
    client = https.test_client()
    behind = {"Host": "127.0.0.1:8000", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "supervise.example"}
    assert client.get("/sign-in", headers=behind).status_code == 200
    assert client.get("/sign-in", headers=behind | {"X-Forwarded-Host": "evil.example"}).status_code == 400
    for path in ("/sign-in", "/no/such/page", "/static/css/base.css", "/inbox"):
        with client.get(path, headers=behind) as answer:
            assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


# cookies --------------------------------------------------------------------------------------------------------------


def _cookies(app: Flask, base: str) -> dict[str, str]:
    """Return the Set-Cookie headers of a sign-in by name."""
    make = Factory(app)
    person = make.person(make.organisation(), Role.SUPERVISEE)
    make.password(person)
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    page = client.get("/sign-in", base_url=base)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token
    email = db.session.get_one(Person, person.person_id).email
    data = {"email": email, "password": make.password(person), "csrf_token": token[1]}
    answer = client.post("/sign-in", data=data, base_url=base, headers={"Referer": f"{base}/sign-in"})
    assert answer.status_code == 303, answer.text
    sent = page.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    return {cookie.partition("=")[0]: cookie for cookie in sent}


def test_cookies_over_plain_http_on_loopback(app: Flask) -> None:
    cookies = _cookies(app, "http://127.0.0.1:8000")
    assert cookies.keys() >= {"supervise", "supervise-form"}
    for cookie in cookies.values():
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
    assert "Expires" not in cookies["supervise"], "a session ends with the browser"


def test_cookies_over_https_are_bound_to_the_host(https: Flask) -> None:
    cookies = _cookies(https, HTTPS)
    assert cookies.keys() >= {"__Host-supervise", "__Host-supervise-form"}
    for name, cookie in cookies.items():
        assert name.startswith("__Host-")
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie


# writing --------------------------------------------------------------------------------------------------------------


def test_looking_changes_nothing(site: Site, visits: list[Visit]) -> None:
    """A GET may write to the audit chain and to the time of the session; no row of any other table moves."""
    assert not [f"{visit}: {set(visit.written)}" for visit in visits if visit.written - FREE]
    assert site.after == site.before
    assert any(visit.written == {"audit_rows"} for visit in visits), "reading a case is recorded"


@pytest.mark.parametrize("token", ["", "made-up", "of someone else"])
def test_nothing_is_done_without_its_token(site: Site, token: str) -> None:
    """Cross-site forms: every POST without the token of this very browser is turned away, whatever it is about."""
    site.app.config["WTF_CSRF_ENABLED"] = True
    site.put_back()
    before = site.contents()
    try:
        data = {"csrf_token": _token_of(site, "supervisor") if token == "of someone else" else token}
        tried = {}
        for rule, _thing, path in site.requests("POST"):
            answer = site.world.browser("author").post(path, data=data, headers={"Origin": "null"})
            tried[rule.endpoint] = answer.status_code
        assert {*tried.values()} == {400}, {name: status for name, status in tried.items() if status != 400}
        assert site.contents() == before
    finally:
        site.app.config["WTF_CSRF_ENABLED"] = False
        site.put_back()


def _token_of(site: Site, who: str) -> str:
    page = site.world.browser(who).get("/account")
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_a_method_is_not_changed_by_a_field_or_header(site: Site) -> None:
    author = site.world.browser("author")
    before = site.contents()
    assert author.get("/account/colours?_method=POST&theme=dark").status_code == 405
    assert author.put("/account", data={"name": "x"}).status_code == 405
    author.get("/account?name=Mallory&version=1&csrf_token=x", headers={"X-HTTP-Method-Override": "POST"})
    assert site.contents() == before


# mass assignment ------------------------------------------------------------------------------------------------------

SNEAKED = "01sneakedsneakedsneaked00"
EXTRA = {
    **dict.fromkeys(
        ("id", "org_id", "author_id", "owner_id", "person_id", "recorded_by", "by_id", "leader_id", "proposed_by",
         "supervisor_id", "supervisee_id", "state", "stage", "password_hash", "totp_sealed", "code", "case_code",
         "edit_pending", "notes_state", "outcome_state", "source", "basis"), SNEAKED),
    "current_version": "77", "held": "1", "red": "1", "consent_lapsed": "1", "is_demo": "1",
    **dict.fromkeys(
        ("released_at", "published_at", "supervisor_signed_at", "supervisee_signed_at", "attested_at", "confirmed_at",
         "disabled_at", "revoked_at"), "2020-01-01"),
}  # fmt: skip
"""Columns that no form offers."""


def _forms(site: Site) -> dict[str, tuple[str, str, dict[str, object]]]:
    """Return whole, valid forms: who sends what where."""
    things = site.world.things
    setting, draft, open_case = things["setting_id"]["author"], things["case_id"]["draft"], things["case_id"]["open"]
    today = {"obtained_on": "2026-01-05", "starts_on": "2026-01-05", "issued_on": "2026-01-05"}
    return {
        "account": ("author", "/account", {"name": "New Name", "zone": "UTC", "version": "1", "credential": "AMFT"}),
        "licence": (
            "author", "/account/licences/new",
            {"jurisdiction": "US-CA", "title": "AMFT", "profession": "Therapist", "number": "1", **today},
        ),
        "place": (
            "author", "/account/settings/new",
            {"name": "Elm House", "board": "ca-amft", "pay": "w2", "degree": "post", **today},
        ),
        "client": ("author", "/clients/new", {"jurisdiction": "US-CA"}),
        "draft": (
            "author", f"/cases/{draft}/edit",
            {"version": "1", "title": "A title", "body": "Words.", "question": "", "urgency": "routine",
             "way": f"supervision:{site.world.people['supervisor'].person_id}:",
             "jurisdiction": "US-CA", "client_id": things["client_id"]["author"]},
        ),
        "post": (
            "peer", f"/cases/{open_case}/posts",
            {"post_id": "01h0000000000000000000000a", "version": "0", "kind": "observation", "body": "I see.",
             "do": "publish"},
        ),
        "group": ("leader", "/groups/new", {"name": "A new group", "kind": "consultation"}),
        "day": ("author", "/hours/days/2026-02-02", {"setting": setting, "individual": "60"}),
    }  # fmt: skip


def test_fields_that_no_form_offers_are_not_taken(site: Site) -> None:
    """Every form that is sent whole does its work and not a bit more."""
    before = {name: len(rows) for name, rows in site.contents().items()}
    for name, (who, path, form) in _forms(site).items():
        answer = site.world.browser(who).post(path, data={**EXTRA, **form})
        assert answer.status_code == 303, f"{name}: {answer.status_code} {_errors(answer.text)}"
        after = site.contents()
        assert SNEAKED not in repr(after), name
        changed = {table for table, rows in after.items() if len(rows) != before.get(table)}
        assert changed or name in ("account", "draft"), f"{name} did nothing"
        site.put_back()


def test_no_form_changes_roles_versions_or_flags(site: Site) -> None:
    things = site.world.things["case_id"]
    before = _flags(site)
    for who, path, form in _forms(site).values():
        site.world.browser(who).post(path, data={**form, **EXTRA, "roles": ["admin", "auditor"], "legal_hold": "1"})
    for name in ("draft", "open", "decided"):
        for path in ("edit", "autosave", "decision", "next-look", "posts"):
            site.world.browser("author").post(f"/cases/{things[name]}/{path}", data={**EXTRA, "legal_hold": "1"})
    assert _flags(site) == before
    site.put_back()


def _flags(site: Site) -> object:
    with site.app.app_context():
        session = db.session()
        roles = sorted((row.id, tuple(row.roles), row.ended_at) for row in session.query(Membership))
        cases = sorted(
            (c.id, c.org_id, c.author_id, c.state, c.held, c.red, c.legal_hold, c.consent_lapsed, c.current_version)
            for c in session.query(Case)
        )
        return roles, cases


def _errors(page: str) -> list[str]:
    return re.findall(r'class="[^"]*error[^"]*"[^>]*>([^<]+)', page)


def test_polluted_parameters_do_not_add_up(site: Site) -> None:
    """Two values for one field: the first counts, or the form refuses; never both."""
    admin = site.world.browser("admin")
    member = site.world.people["member"].person_id
    answer = admin.post(f"/people/{member}", data={"roles": ["clinician", "owner"], "version": "1"})
    assert answer.status_code == 422
    outsider = site.world.browser("stranger").post(f"/people/{member}", data={"roles": "admin", "version": "1"})
    assert outsider.status_code == 403
    site.put_back()

"""Every view is guarded or says why it is public; addresses look alike and tell nothing."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from supervise.policy import Action
from tests.architecture.source import ROOT, modules

PUBLIC = {
    "accounts.ask_reset", "accounts.code", "accounts.enrol", "accounts.join", "accounts.join_sign_in",
    "accounts.lock", "accounts.reset", "accounts.sign_in", "accounts.sign_out", "accounts.unlock",
    "reports.check", "reports.check_code", "safety.card", "safety.crisis", "safety.kept",
    "safety.worker", "web.alive", "web.help", "web.shortcuts",
}  # fmt: skip

NAMES_IN_PATHS = {"token", "day", "number", "code", "filename"}
"""What a path may hold besides opaque ids: secrets of links, days, version numbers, codes printed on paper, files."""


def rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")


def test_every_view_has_a_guard_or_says_why_it_is_public(app: Flask) -> None:
    for rule in rules(app):
        guard = getattr(app.view_functions[rule.endpoint], "__guard__", None)
        if rule.endpoint in PUBLIC:
            assert str(guard).startswith("public: "), rule
            assert len(str(guard)) > len("public: ") + 15, f"{rule}: why?"
        else:
            assert isinstance(guard, Action), f"{rule} has no guard"


def test_nothing_is_public_that_is_not_spelled_out_here(app: Flask) -> None:
    public = {
        r.endpoint for r in rules(app) if "public" in str(getattr(app.view_functions[r.endpoint], "__guard__", ""))
    }
    assert public == PUBLIC


def test_every_permission_is_asked_for_somewhere(app: Flask) -> None:
    guarded = {getattr(app.view_functions[rule.endpoint], "__guard__", None) for rule in rules(app)}
    source = "".join((ROOT / path).read_text() for path in modules("supervise") if path.parts[1] != "policy")
    source += "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    unused = [action.name for action in Action if action not in guarded and f"Action.{action.name}" not in source]
    assert not unused


def test_requests_are_get_or_post(app: Flask) -> None:
    for rule in rules(app):
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods <= {"GET", "POST"}, rule


def test_paths_are_kebab_case_and_ids_are_opaque(app: Flask) -> None:
    for rule in rules(app):
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"/|(/[a-z]*(-[a-z]+)*(\.(pdf|csv|csv\.seal|js))?)+", fixed), rule.rule
        for argument in rule.arguments:
            assert argument.endswith("_id") or argument in NAMES_IN_PATHS, f"{rule.rule}: {argument}"
        numbers = re.findall(r"<int[^:]*:(\w+)>", rule.rule)
        assert numbers in ([], ["number"]), f"{rule.rule}: ids are not numbers"


def test_views_live_in_their_room(app: Flask) -> None:
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        room = rule.endpoint.partition(".")[0]
        assert view.__module__.startswith(f"supervise.{room}.routes"), f"{rule.endpoint} is in {view.__module__}"
        assert view.__doc__, f"{rule.endpoint} does not say what it does"


ADDRESS = re.compile(r"""url_for\(\s*["']([\w.]+)["']|["']((?:%s)\.[a-z_]+)["']""")


@pytest.mark.parametrize("where", ["supervise", "templates"])
def test_every_address_that_is_built_exists(app: Flask, where: str) -> None:
    """An address of a view that was renamed is found here, not by whoever follows the rare link."""
    address = re.compile(ADDRESS.pattern % "|".join(app.blueprints))
    files = modules("supervise") if where == "supervise" else (ROOT / "templates").rglob("*.html")
    missing = {
        f"{path}: {name}"
        for path in files
        if path.name not in {"models.py", "schema.py"}  # a foreign key and a module look the same
        for groups in address.findall((ROOT / path).read_text(encoding="utf-8"))
        if (name := "".join(groups)) not in app.view_functions and not name.startswith(".")
    }
    assert not {what for what in missing if not what.endswith((".toml", ": audit.head"))}  # a file, a kind of due work

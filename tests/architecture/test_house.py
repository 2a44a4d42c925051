"""The house numbers, and the doors of which there is one each."""

import ast
from pathlib import Path

from supervise import events
from tests.architecture.source import ROOT, calls, functions, imports, lines, modules

OURS = ("supervise", "tests", "tools")

LONGER_MODULES: dict[str, str] = {
    "supervise/notifications/inbox.py": "what waits, in words, for every room; one list that is read top to bottom",
    "supervise/policy/rules.py": "every permission on one page, so that who may do what is read in one place",
}
"""Modules over 400 lines and the reason."""

LONGER_FUNCTIONS: dict[str, str] = {}
"""Functions over 50 lines and the reason."""

LONGER_ROUTES = {
    "supervise/accounts/routes/account.py:password": "a wrong old and a weak new password are refused at their fields",
    "supervise/accounts/routes/door.py:enrol": "shows the picture, checks the code, shows the recovery codes",
    "supervise/accounts/routes/door.py:unlock": "password, second factor and a session that is over",
    "supervise/accounts/routes/links.py:join": "someone signed in, someone who answered before, and a form",
    "supervise/hours/routes/ledger.py:save_day": "saving, submitting at once, and what went wrong shown on the day",
    "supervise/supervision/routes/meetings.py:new_meeting": "looking first, then recording, on one page",
}
"""Route bodies over 15 statements and the reason."""

LONGER_TESTS: dict[str, str] = {}
"""Test files over 600 lines and the reason."""

REVEAL = {
    "supervise/deid/service.py": "defines it",
    "supervise/deid/routes.py": "the confirm page",
    "supervise/flows/start_case.py": "the editor of a vignette",
    "supervise/flows/post_guidance.py": "the editor of a post",
    "supervise/flows/decide_case.py": "the editor of a decision",
    "supervise/flows/write_notes.py": "the editor of the notes of a meeting",
}
"""Who may turn an original into a string for its author, and for what."""


def test_modules_stay_short() -> None:
    too_long = {str(path): lines(path) for path in modules("supervise") if lines(path) > 400}
    assert too_long.keys() == LONGER_MODULES.keys(), too_long


def test_functions_stay_short() -> None:
    too_long = {
        f"{path}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path, tree in modules("supervise").items()
        for function in functions(tree)
        if (function.end_lineno or 0) - function.lineno >= 50
    }
    assert too_long.keys() == LONGER_FUNCTIONS.keys(), too_long


def test_tests_stay_short() -> None:
    too_long = {str(path): lines(path) for path in modules("tests") if lines(path) > 600}
    assert too_long.keys() == LONGER_TESTS.keys(), too_long
    conftests = {str(path): lines(path) for path in modules("tests") if path.name == "conftest.py"}
    assert not {name for name, length in conftests.items() if length > 250}, conftests


def test_route_bodies_stay_short() -> None:
    def statements(function: ast.FunctionDef) -> int:
        return sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 2  # itself and its docstring

    too_long = {
        f"{path}:{function.name}": statements(function)
        for path, tree in modules("supervise").items()
        for function in functions(tree)
        if any(isinstance(d, ast.Call) and "bp." in ast.unparse(d.func) for d in function.decorator_list)
        and statements(function) > 15
    }
    assert too_long.keys() == LONGER_ROUTES.keys(), too_long


def test_everything_is_imported_at_the_top() -> None:
    hidden = {
        f"{path}:{function.name}: {name}"
        for folder in OURS
        for path, tree in modules(folder).items()
        for function in functions(tree)
        for name in imports(function)
        if name.partition(".")[0] in OURS
    }
    assert not hidden


def test_nothing_is_called_by_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not [path for folder in OURS for path in modules(folder) if {*path.with_suffix("").parts} & empty]


def test_one_place_commits() -> None:
    assert _callers("commit") == {"supervise/core/uow.py"}


def test_one_room_makes_text_for_others() -> None:
    assert _callers("ReleasedText") == {"supervise/deid/service.py"}


def test_an_original_becomes_a_string_for_its_author_alone() -> None:
    assert _callers("reveal") | {"supervise/deid/service.py"} == REVEAL.keys()
    assert _callers("reveal_to_author") == {"supervise/deid/service.py"}
    private = [path for path in modules("supervise") if path.name != "text.py" and "._value" in _source(path)]
    assert not private


def test_templates_ask_for_no_original() -> None:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        assert "reveal" not in path.read_text(encoding="utf-8"), path


def test_every_event_happens() -> None:
    named = {name for name, kind in vars(events).items() if isinstance(kind, type) and issubclass(kind, events.Event)}
    made = {name for tree in modules("supervise").values() for name in calls(tree)}
    assert named - {"Event"} <= made, f"never emitted: {sorted(named - {'Event'} - made)}"


def test_rooms_hold_only_files_of_known_names() -> None:
    """A room has the same shape as its neighbours; what is read once serves for all."""
    parts = {"__init__", "rules", "models", "queries", "service", "forms", "routes"}
    own_parts = {
        "accounts": {"choices", "session"},
        "audit": {"checking", "heads", "words"},
        "deid": {"engine", "model", "originals", "training", "wording"},
        "hours": {"chart", "waiting"},
        "notifications": {"inbox", "mail", "pager", "waiting"},
        "risk": {"model", "reader", "training"},
        "reports": {"fonts", "seal", "sheets", "typeset", "typst"},
    }
    houses = {"core", "policy", "events", "web", "flows", "jobs", "cli", "static", "__pycache__"}
    for room in sorted(path for path in (ROOT / "supervise").iterdir() if path.is_dir() and path.name not in houses):
        found = {path.stem for path in room.iterdir() if path.name != "__pycache__"}
        assert found <= parts | own_parts.get(room.name, set()), room.name


def _callers(name: str) -> set[str]:
    return {str(path) for path, tree in modules("supervise").items() if name in calls(tree)}


def _source(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")

"""Who may see an original: a short list that nobody lengthens by accident."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2] / "supervise"
MAY_REVEAL = {
    "deid/routes.py",  # the confirm page
    "flows/start_case.py",  # what the case editor shows its author, and what is screened
    "flows/post_guidance.py",  # the same of posts
    "flows/decide_case.py",  # the same of decisions
    "flows/record_meeting.py",  # the same of notes
}


def calls(name: str) -> set[str]:
    """Return the files, relative to the package, that call a function or method of this name."""
    found = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and name in (getattr(node.func, "attr", ""), getattr(node.func, "id", "")):
                found.add(path.relative_to(ROOT).as_posix())
    return found


def test_only_editors_and_the_confirm_page_reveal_an_original() -> None:
    assert calls("reveal") <= MAY_REVEAL


def test_one_function_opens_an_original_text() -> None:
    assert calls("reveal_to_author") == {"deid/service.py"}


def test_only_the_service_makes_released_text() -> None:
    assert calls("ReleasedText") == {"deid/service.py"}


def test_no_template_opens_anything() -> None:
    for path in (ROOT.parent / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        assert "reveal" not in text, path
        assert "_value" not in text, path

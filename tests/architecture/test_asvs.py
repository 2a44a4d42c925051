"""The list of security requirements: each row with tests that exist or a reason, and the open ones named."""

import ast
import tomllib
from typing import Any

from tests.architecture.source import ROOT

LEVELS_1_AND_2 = 253
"""How many requirements of these levels ASVS 5.0.0 has."""
MOST_OPEN = 154
"""How many of them are not mapped; lower it when some are."""


def asvs() -> dict[str, Any]:
    return tomllib.loads((ROOT / "config" / "asvs.toml").read_text(encoding="utf-8"))


def exists(test: str) -> bool:
    path, _, name = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def test_every_row_has_tests_that_exist_or_a_reason() -> None:
    for name, row in asvs()["requirements"].items():
        assert bool(row.get("tests")) != bool(row.get("not_applicable_because")), name
        assert [test for test in row.get("tests", []) if not exists(test)] == [], name


def test_no_requirement_is_forgotten() -> None:
    found = asvs()
    rows = {name for name, row in found["requirements"].items() if row["level"] <= 2}
    assert not rows & {*found["open"]}
    assert len(rows) + len(found["open"]) == LEVELS_1_AND_2
    assert len(found["open"]) == len({*found["open"]}) <= MOST_OPEN


def test_every_promise_names_tests_that_exist() -> None:
    promises = tomllib.loads((ROOT / "config" / "trust.toml").read_text(encoding="utf-8"))["promises"]
    for test in [test for promise in promises for test in promise["tests"]]:
        assert (ROOT / test).is_file() or exists(test), test

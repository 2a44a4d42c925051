"""What is shipped to run Supervise names only what exists: commands, options, settings."""

import re
from pathlib import Path

import click
import pytest
from pydantic import ValidationError

from supervise.cli import commands
from supervise.core.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def test_units_and_pages_name_commands_that_exist() -> None:
    places = [*DEPLOY.rglob("*.service"), ROOT / "docs" / "deploy.md", ROOT / "docs" / "install.md"]
    asked = re.compile(r"(?:bin/supervise|^    supervise|--rm web) ([a-z]+)", re.MULTILINE)
    named = {(path.name, name) for path in places for name in asked.findall(path.read_text())}
    assert {name for _, name in named} >= {"serve", "worker", "backup", "drill", "doctor", "init", "restore", "keys"}
    assert not [(place, name) for place, name in named if name not in commands.commands]
    backup = commands.commands["backup"]
    assert isinstance(backup, click.Command)
    assert "--keep" in [option for parameter in backup.params for option in parameter.opts]


def test_every_setting_that_is_named_exists() -> None:
    known = {f"SUPERVISE_{name.upper()}" for name in Settings.model_fields} | {"SUPERVISE_HOST"}
    for path in [*DEPLOY.rglob("*"), ROOT / "docs" / "deploy.md"]:
        if path.is_file():
            assert set(re.findall(r"\bSUPERVISE_[A-Z_]+\b", path.read_text())) <= known, path


def test_every_timer_starts_a_unit_and_every_unit_is_locked_in() -> None:
    units = {path.stem: path.read_text() for path in DEPLOY.rglob("*.service")}
    assert {path.stem for path in DEPLOY.rglob("*.timer")} <= units.keys()
    for name, unit in units.items():
        for line in ("User=supervise", "NoNewPrivileges=yes", "ProtectSystem=strict", "LimitCORE=0", "UMask=0077"):
            assert line in unit, (name, line)


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("sqlite:///x", True),
        ("postgres://u@127.0.0.1/x", True),
        ("postgresql:///x?host=/run/postgresql", True),
        ("postgresql+psycopg://u@localhost:5433/x", True),
        ("postgresql://u@[::1]/x", True),
        ("postgresql://u@db/x", False),
        ("postgresql://u@db/x?sslmode=require", False),
        ("postgresql://u@db/x?sslmode=verify-full&sslrootcert=/a.pem", True),
        ("postgresql://u@127.0.0.1/x?host=10.1.1.1", False),
    ],
)
def test_a_database_elsewhere_shows_who_it_is(url: str, fits: bool) -> None:
    if fits:
        assert Settings(database_url=url).database
        return
    with pytest.raises(ValidationError, match="verify-full"):
        Settings(database_url=url)
    assert Settings(database_url=url, database_tls="optional").database

"""The command ``supervise``."""

import click

from supervise.cli.backup import backup, drill, restore
from supervise.cli.demo import demo
from supervise.cli.doctor import doctor
from supervise.cli.hours import hours
from supervise.cli.install import db, init, recover_command
from supervise.cli.keys import keys
from supervise.cli.move import move_command as move_command
from supervise.cli.risk import risk
from supervise.cli.run import serve, worker
from supervise.cli.tools import audit, deid, report
from supervise.core.crypto import KeyringMissing
from supervise.core.settings import UnsafeSettings


@click.group()
@click.version_option(package_name="supervise")
def commands() -> None:
    """Run and look after an installation of Supervise. Settings come from SUPERVISE_* variables (docs/install.md)."""


for command in (
    init,
    recover_command,
    serve,
    worker,
    db,
    demo,
    deid,
    audit,
    report,
    hours,
    backup,
    restore,
    drill,
    keys,
    doctor,
    risk,
):
    commands.add_command(command)


def main() -> None:
    """Run a command; what stops it is said in one sentence, not in a traceback."""
    try:
        commands()
    except (KeyringMissing, UnsafeSettings) as error:
        raise SystemExit(f"supervise: {error}") from None
    except ValueError as error:
        # pydantic wraps the sentence of a refused setting
        raise SystemExit(f"supervise: {_plain(error)}") from None


def _plain(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    if errors is None:
        raise error
    return "; ".join(
        f"{'SUPERVISE_' + str(item['loc'][0]).upper() + ': ' if item['loc'] else ''}"
        f"{str(item['msg']).removeprefix('Value error, ')}"
        for item in errors()
    )

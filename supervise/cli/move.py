"""Moving to another database."""

import click
from sqlalchemy import create_engine
from sqlalchemy.exc import ArgumentError, OperationalError

from supervise.cli.install import db as commands
from supervise.core.db import prepare_engine
from supervise.core.errors import Conflict, Refused
from supervise.core.settings import Settings
from supervise.flows.move_database import move


@commands.command("move")
@click.option("--to", "url", required=True, metavar="URL", help="As postgresql+psycopg://user:password@host/name.")
@click.option("--replace", is_flag=True, help="Remove what an earlier move left there.")
def move_command(url: str, replace: bool) -> None:
    """Copy everything to the database at URL and compare both. Stop web server and worker first.

    This database stays as it is. Afterwards set SUPERVISE_DATABASE_URL to URL.
    """
    settings = Settings()
    there = settings.model_copy(update={"database_url": url})
    try:
        source = create_engine(settings.database, hide_parameters=True)
        target = create_engine(there.database, hide_parameters=True)
        if source.url == target.url:
            raise click.ClickException("This is the database that is in use.")
        prepare_engine(source)
        prepare_engine(target)
        sums = move(source, target, replace=replace)
    except (Refused, Conflict) as error:
        raise click.ClickException(str(error)) from None
    except ArgumentError:
        raise click.BadParameter("not the address of a database", param_hint="--to") from None
    except OperationalError as error:
        raise click.ClickException(f"A database does not answer: {error.orig}") from None
    for name, one in sorted(sums.items()):
        click.echo(f"{one.count:>10}  {one.digest:064x}  {name}")
    click.echo(f"{sum(one.count for one in sums.values())} rows, equal on both sides. Set SUPERVISE_DATABASE_URL now.")

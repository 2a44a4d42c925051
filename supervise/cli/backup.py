"""Backups: made while people write, restored onto an empty place, and tried before they are needed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import Engine, create_engine

from supervise.accounts.service import revoke_everyones
from supervise.app import create_app
from supervise.audit.service import verify
from supervise.core.actor import system
from supervise.core.archive import BrokenArchive
from supervise.core.clock import now
from supervise.core.crypto import Keyring, KeyringMissing
from supervise.core.db import db, prepare_engine
from supervise.core.rows import problems_of
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.deid.service import latest_original_opens
from supervise.events import BackupDrilled, BackupMade, BackupRestored
from supervise.flows.back_up import Backup, NotEmpty, back_up
from supervise.flows.back_up import restore as bring_back
from supervise.schema import is_current

ENDING = ".supervise"
archive = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), help="Leave this many of the latest in TARGET, a folder.")
def backup(target: Path, keep: int | None) -> None:
    """Write an encrypted backup to TARGET: a new file, or a folder, where it is named by its time.

    People may go on working. The keyring opens it and is not in it; originals' keys are in no backup.
    """
    settings = Settings()
    is_folder = target.is_dir()
    if keep and not is_folder:
        raise click.BadParameter("--keep needs a folder as TARGET")
    path = target / f"{now():%Y%m%dT%H%M%S}{ENDING}" if is_folder else target
    app = create_app(settings)
    with app.app_context(), _plainly():
        if not is_current(db.engine):
            raise click.ClickException("The database is not at the schema of this release: run `supervise db upgrade`.")
        made = back_up(db.engine, settings.data_dir / "audit-heads", Keyring.open(settings.keys), path)
        with unit_of_work(system()) as work:
            work.emit(BackupMade("", made.backup_id, str(made.count)))
    for old in sorted(target.glob(f"*{ENDING}"))[:-keep] if keep else []:
        old.unlink()
    click.echo(f"{path}: {made.count} rows of {len(made.sums)} tables, {path.stat().st_size} bytes.")


@click.command()
@click.argument("source", type=archive)
@click.pass_context
def restore(context: click.Context, source: Path) -> None:
    """Bring the backup SOURCE onto an empty database and check all of it. Exit 1 if something is wrong.

    The keyring must be in its place. Everyone signs in anew.
    """
    settings = Settings()
    Keyring.open(settings.keys)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _plainly():
        made, problems = restore_and_check(source, settings)
    for problem in problems:
        click.echo(problem)
    click.echo(f"Restored {made.count} rows of {made.made_at:%Y-%m-%d %H:%M} UTC." + _verdict(problems))
    context.exit(1 if problems else 0)


@click.command()
@click.argument("source", type=archive)
@click.pass_context
def drill(context: click.Context, source: Path) -> None:
    """Try the backup SOURCE: restore it onto an empty place, check everything, remove it again. Exit 1 if it fails."""
    settings = Settings()
    app = create_app(settings)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="drill-") as place, _plainly():
        empty = settings.model_copy(update={"data_dir": Path(place), "keys_dir": settings.keys, "database_url": ""})
        made, problems = restore_and_check(source, empty)
    if not problems:
        with app.app_context(), unit_of_work(system()) as work:
            work.emit(BackupDrilled("", made.backup_id))
    for problem in problems:
        click.echo(problem)
    click.echo(f"Tried {made.count} rows of {made.made_at:%Y-%m-%d %H:%M} UTC." + _verdict(problems))
    context.exit(1 if problems else 0)


def restore_and_check(source: Path, settings: Settings) -> tuple[Backup, list[str]]:
    """Restore onto the place that ``settings`` name; return the backup and what was found wrong afterwards."""
    keyring, heads = Keyring.open(settings.keys), settings.data_dir / "audit-heads"
    engine = create_engine(settings.database, hide_parameters=True)
    prepare_engine(engine)
    try:
        made = bring_back(source, keyring, engine, heads)
        problems = problems_of(engine)
    finally:
        engine.dispose()
    app = create_app(settings)
    with app.app_context(), _closing(db.engine):
        problems += [str(problem) for problem in verify(db.session(), heads, keyring)]
        if latest_original_opens(db.session()) is False:
            problems.append("The latest original cannot be opened with its key.")
        with unit_of_work(system()) as work:
            revoke_everyones(work)
            work.emit(BackupRestored("", made.backup_id))
        problems += _serves(app)
    return made, problems


def _serves(app: Flask) -> list[str]:
    answer = app.test_client().get("/sign-in", base_url=app.extensions["supervise"].settings.public_url)
    return [] if answer.status_code == 200 else [f"The page to sign in answers {answer.status_code}."]


def _verdict(problems: list[str]) -> str:
    return " It is not whole: see above." if problems else " Rows, foreign keys, audit and originals are whole."


@contextmanager
def _closing(engine: Engine) -> Iterator[None]:
    try:
        yield
    finally:
        db.session.remove()
        engine.dispose()


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except BrokenArchive as error:
        raise click.ClickException(f"This backup cannot be used: {error}.") from None
    except (NotEmpty, KeyringMissing, FileExistsError) as error:
        raise click.ClickException(str(error)) from None

"""Commands that look at things: the engine's annotations, the audit chain, a report's seal."""

import json
from pathlib import Path

import click

from supervise.app import create_app
from supervise.audit.service import verify as verify_audit
from supervise.core.crypto import Keyring
from supervise.core.db import db
from supervise.core.resources import folder
from supervise.core.settings import Settings
from supervise.deid.engine import annotate, load_engine
from supervise.reports.seal import fingerprint_of, verify

file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def deid() -> None:
    """The de-identification engine."""


@deid.command("annotate")
@click.argument("source", type=file)
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def annotate_command(source: Path, target: Path) -> None:
    """Read {"id","text"} a line from SOURCE; write {"id","spans"} to TARGET.

    A span has start, end (code points of the text), label, score and source.
    """
    engine = load_engine(data=folder("config") / "deid")
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                spans = annotate(engine, row["text"])
            except (ValueError, KeyError, TypeError) as error:
                raise click.ClickException(f"{source}, line {number}: {error}") from error
            out.write(json.dumps({"id": row["id"], "spans": spans}, ensure_ascii=False) + "\n")


@click.group()
def audit() -> None:
    """The audit chain."""


@audit.command("verify")
@click.pass_context
def verify_command(context: click.Context) -> None:
    """Check every chain and its signed heads; name the first bad row. Exit 1 if anything is wrong."""
    settings = Settings()
    app = create_app(settings)
    with app.app_context():
        problems = verify_audit(db.session(), settings.data_dir / "audit-heads", Keyring.open(settings.keys))
    for problem in problems:
        click.echo(str(problem))
    click.echo("The audit is not intact." if problems else "The audit is intact.")
    context.exit(1 if problems else 0)


@click.group()
def report() -> None:
    """Issued reports."""


@report.command("verify")
@click.argument("path", type=file)
@click.option("--fingerprint", default=None, help="The seal's fingerprint as published; default: this installation's.")
@click.pass_context
def verify_report(context: click.Context, path: Path, fingerprint: str | None) -> None:
    """Tell whether the report in FILE is as it was sealed. Exit 1 if a byte was changed."""
    if fingerprint is None:
        fingerprint = fingerprint_of(Keyring.open(Settings().keys).item("seal-certificate"))
    verdict = verify(path.read_bytes(), fingerprint)
    if verdict.intact:
        click.echo(f"Intact. Sealed by {verdict.sealed_by} at {verdict.sealed_at}, fingerprint {verdict.fingerprint}.")
    else:
        click.echo(f"Not intact: {verdict.problem}")
    context.exit(0 if verdict.intact else 1)

"""Making an installation: keyring, database, organisation, first administrator."""

import click
from flask import Flask

from supervise.accounts.models import Organisation
from supervise.accounts.service import first_administrator_link, recover
from supervise.app import create_app
from supervise.core.actor import system
from supervise.core.crypto import Keyring
from supervise.core.db import db as database
from supervise.core.errors import NotFound
from supervise.core.installation import installation
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.reports.seal import make_seal_identity
from supervise.schema import upgrade


@click.command()
@click.option("--organisation", default="", help="Name of your clinic, university or practice.")
@click.option("--zone", default="America/Los_Angeles", show_default=True, help="Its IANA time zone.")
@click.option("--demo", is_flag=True, help="Keyring and empty database only; `supervise demo load` fills it.")
def init(organisation: str, zone: str, demo: bool) -> None:
    """Make keyring and database, and a one-time link for the first administrator. Refuses to replace a keyring."""
    settings = Settings()
    if not demo and not organisation:
        organisation = click.prompt("Name of the organisation")
    app = make_installation(settings, organisation or "Supervise demo")
    click.echo(f"Keyring: {settings.keys}. Copy keyring.json and *.sealed to a place apart from data backups.")
    if demo:
        return
    with app.app_context(), unit_of_work(system()) as work:
        row = Organisation(name=organisation, zone=zone, created_at=work.now)
        work.session.add(row)
        work.session.flush()
        link = first_administrator_link(work, row.id)
    click.echo(f"First administrator, once, within 7 days:\n  {settings.public_url}{link}")


def make_installation(settings: Settings, seal_name: str) -> Flask:
    """Make keyring, seal and an empty database, and return the application on them."""
    try:
        keyring = Keyring.create(settings.keys)
    except FileExistsError as error:
        raise click.ClickException(str(error)) from error
    identity = make_seal_identity(seal_name)
    keyring.put_item("seal-key", identity.key_pem)
    keyring.put_item("seal-certificate", identity.certificate_pem)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    app = create_app(settings)
    with app.app_context():
        upgrade(database.engine)
    return app


@click.command("recover")
@click.argument("email")
@click.option("--second-factor", is_flag=True, help="Take the second factor away too.")
def recover_command(email: str, second_factor: bool) -> None:
    """Print a link, good once within the hour, by which someone sets a new password. The person is told."""
    app = create_app()
    try:
        with app.app_context(), unit_of_work(system()) as work:
            address, link = installation().settings.public_url, recover(work, email, second_factor_too=second_factor)
    except NotFound as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Hand this to them in person, not by mail:\n  {address}{link}")


@click.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the schema of this release. Safe to repeat."""
    app = create_app()
    with app.app_context():
        upgrade(database.engine)

"""The demo: an organisation of invented people with a past, made through the same verbs that people use."""

import secrets
import shutil

import click

from supervise.accounts.models import Organisation, Person
from supervise.accounts.service import hash_password, set_password
from supervise.app import create_app
from supervise.cli.demo.cases import load_cases
from supervise.cli.demo.hours import load_hours
from supervise.cli.demo.people import ACCOUNTS, load_people
from supervise.core.actor import system
from supervise.core.db import db
from supervise.core.installation import installation
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work


@click.group()
def demo() -> None:
    """Load or remove the demo. It needs an installation of its own with SUPERVISE_DEMO=1."""
    if not Settings().demo:
        raise click.ClickException(
            "Set SUPERVISE_DEMO=1; a demo is an installation of its own, without a second factor."
        )


@demo.command()
def load() -> None:
    """Fill an empty installation, and say how to sign in. Safe to repeat: what is there stays."""
    app = create_app()
    with app.app_context():
        found = db.session.query(Organisation).first()
        if found is not None and not found.is_demo:
            raise click.ClickException("This database holds a real organisation; the demo is not put beside it.")
        db.session.rollback()
        if found is None:
            click.echo("Making the demo: people, fourteen months of hours, thirty cases. Under a minute or two.")
            people = load_people()
            load_hours(people)
            load_cases(people)
        _set_password()


@demo.command()
def remove() -> None:
    """Remove the demo's database and keys."""
    settings = Settings()
    app = create_app(settings)
    with app.app_context():
        found = db.session.query(Organisation).first()
        if found is not None and not found.is_demo:
            raise click.ClickException("This database holds a real organisation and is not removed.")
        db.session.remove()
        db.engine.dispose()
    shutil.rmtree(settings.data_dir)
    click.echo(f"Removed {settings.data_dir}.")


def _set_password() -> None:
    given = installation().settings.demo_password
    password = given.get_secret_value() if given else secrets.token_urlsafe(9)
    hashed = hash_password(password)
    with unit_of_work(system()) as work:
        for person in work.session.query(Person).where(Person.email.in_([f"{key}@demo.example" for key in ACCOUNTS])):
            set_password(work, person.id, hashed, "demo")
    click.echo(f"\nOpen {installation().settings.public_url} and sign in as one of")
    for key, what in ACCOUNTS.items():
        click.echo(f"  {key + '@demo.example':28} {what}")
    click.echo(f"The password is the same for all: {password}\n")

"""The demo: an organisation of invented people with a past, made through the same verbs that people use."""

import contextlib
import os
import secrets
import shutil
import signal

import click
from flask import Flask
from sqlalchemy import select

from supervise.accounts.models import Organisation, Person
from supervise.accounts.service import hash_password, set_password
from supervise.app import create_app
from supervise.cli.demo.cases import load_cases
from supervise.cli.demo.crises import load_crises
from supervise.cli.demo.hours import load_hours
from supervise.cli.demo.people import ACCOUNTS, load_people
from supervise.cli.install import make_installation
from supervise.cli.run import ready_app, serve_app, work_until_stopped
from supervise.core.actor import system
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.schema import is_current, upgrade

WHOLE = "demo-is-whole"


@click.group()
def demo() -> None:
    """Load, run or remove the demo. It needs an installation of its own with SUPERVISE_DEMO=1."""
    if not Settings().demo:
        raise click.ClickException("Set SUPERVISE_DEMO=1: a demo is an installation of its own.")


@demo.command()
def load() -> None:
    """Fill the installation and say how to sign in. Safe to repeat: what is whole stays, what was cut off is redone."""
    _load(Settings())


@demo.command()
def run() -> None:
    """Load the demo if need be, then serve it with one worker beside, until Ctrl-C."""
    settings = Settings()
    _load(settings)
    app = ready_app(settings)
    worker = os.fork()
    if worker == 0:
        work_until_stopped(app)
        os._exit(0)
    try:
        serve_app(app, settings)
    finally:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):  # Ctrl-C reaches both
            os.kill(worker, signal.SIGTERM)
            os.waitpid(worker, 0)


@demo.command()
def remove() -> None:
    """Remove the demo's database and keys."""
    settings = Settings()
    _refuse_real(create_app(settings))
    shutil.rmtree(settings.data_dir)
    click.echo(f"Removed {settings.data_dir}.")


def _load(settings: Settings) -> None:
    keyring = settings.keys / "keyring.json"
    if keyring.exists():
        _refuse_real(create_app(settings))
    whole = settings.data_dir / WHOLE
    if not whole.exists():
        if keyring.exists():
            shutil.rmtree(settings.data_dir)
        click.echo("Making the demo: nine people, fourteen months of hours, thirty cases. This takes about a minute.")
        with make_installation(settings, "Supervise demo").app_context():
            people = load_people()
            load_hours(people)
            load_cases(people)
            load_crises(people)
        whole.touch()
    _set_password(create_app(settings), settings)


def _refuse_real(app: Flask) -> None:
    with app.app_context():
        if not is_current(db.engine):
            upgrade(db.engine)
        found = db.session.scalars(select(Organisation)).all()
        db.session.remove()
        db.engine.dispose()
    if any(not row.is_demo for row in found):
        raise click.ClickException("This database holds a real organisation; the demo is kept apart from it.")


def _set_password(app: Flask, settings: Settings) -> None:
    given = settings.demo_password
    password = given.get_secret_value() if given else secrets.token_urlsafe(9)
    hashed = hash_password(password)
    with app.app_context(), unit_of_work(system()) as work:
        mails = [f"{key}@demo.example" for key in ACCOUNTS]
        for person in work.session.scalars(select(Person).where(Person.email.in_(mails))):
            set_password(work, person.id, hashed, "demo")
    click.echo(f"\nOpen {settings.public_url} and sign in as one of")
    for key, what in ACCOUNTS.items():
        click.echo(f"  {key + '@demo.example':28} {what}")
    click.echo(f"The password is the same for all: {password}\n")

"""The master keys: listed, turned, forgotten."""

import click

from supervise.app import create_app
from supervise.core.crypto import Keyring, KeyringBusy
from supervise.core.errors import Refused
from supervise.core.settings import Settings
from supervise.flows.turn_keys import forget_key, lies_under, turn_keys


@click.group()
def keys() -> None:
    """The master keys of the keyring."""


@keys.command("list")
def list_command() -> None:
    """Show each key, when it was made and how much lies under it."""
    settings = Settings()
    with create_app(settings).app_context():
        keyring = Keyring.open(settings.keys)
        for kid in keyring.keys:
            said = " (current)" if kid == keyring.current else ""
            made = keyring.made.get(kid, "at an unknown time")
            click.echo(f"{kid}{said}: made {made[:16].replace('T', ' ')}, {lies_under(keyring, kid)} texts under it")
        if keyring.turning:
            click.echo("A turn was cut off: run `supervise keys turn` to finish it.")


@keys.command()
@click.pass_context
def turn(context: click.Context) -> None:
    """Make a new key and seal everything under it, while people work. Cut off, it resumes where it was.

    Copy keyring.json and *.sealed to their safe place again afterwards.
    """
    settings = Settings()
    with create_app(settings).app_context():
        keyring = Keyring.open(settings.keys)
        try:
            broken = turn_keys(keyring)
        except KeyringBusy as error:
            raise click.ClickException(str(error)) from None
        for what in broken:
            click.echo(f"{what} cannot be opened and was left as it is.")
        click.echo(
            f"Everything that opens is sealed under {keyring.current}. Copy {settings.keys} without weekly/ now."
        )
        click.echo("Old keys stay, since backups of their time need them: `supervise keys forget` destroys one.")
    context.exit(1 if broken else 0)


@keys.command()
@click.argument("kid")
@click.option("--yes", is_flag=True, help="Backups of that key's time may become unreadable.")
def forget(kid: str, yes: bool) -> None:
    """Destroy the old key KID. Backups made under it can never be read again."""
    if not yes:
        click.confirm(f"Backups made while {kid} was the current key can then never be read again. Go on?", abort=True)
    settings = Settings()
    with create_app(settings).app_context():
        try:
            forget_key(Keyring.open(settings.keys), kid)
        except (Refused, KeyringBusy) as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{kid} is destroyed here. Destroy its copies too.")

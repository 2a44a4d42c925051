"""A look at everything that must not go wrong unseen."""

import click
from sqlalchemy import select

from supervise.accounts.models import Organisation
from supervise.app import create_app
from supervise.audit.service import verify
from supervise.core.crypto import Keyring
from supervise.core.db import db
from supervise.core.rows import problems_of
from supervise.core.settings import Settings
from supervise.flows.check_installation import Check, State, check_installation
from supervise.notifications.mail import reach
from supervise.schema import is_current

_MARK = {State.FINE: "fine", State.SOON: "soon", State.NOW: "NOW "}


@click.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Look at work, backups, drill, audit, originals, keys, disk, mail, whom to call. Exit 1 if anything needs a hand.

    Reads every row of the audit and every page of the database, and asks the mail server whether it answers.
    """
    settings = Settings()
    app = create_app(settings)
    with app.app_context():
        try:
            if not is_current(db.engine):
                raise click.ClickException(
                    "The database is not at the schema of this release: run `supervise db upgrade`."
                )
            org_ids = db.session.scalars(select(Organisation.id)).all()
            checks = check_installation(db.session(), app.extensions["supervise"], org_ids)
            checks += [_pages(), _chain(settings), *_mail_server(settings)]
        finally:
            db.session.remove()
            db.engine.dispose()
    for one in checks:
        click.echo(f"{_MARK[one.state]}  {one.what}: {one.found}{f' -> {one.mend}' if one.mend else ''}")
    context.exit(1 if any(one.state is State.NOW for one in checks) else 0)


def _pages() -> Check:
    problems = problems_of(db.engine)
    return Check("Database", State.NOW if problems else State.FINE, "; ".join(problems) or "Whole.")


def _chain(settings: Settings) -> Check:
    problems = verify(db.session(), settings.data_dir / "audit-heads", Keyring.open(settings.keys))
    said = " ".join(str(problem) for problem in problems)
    return Check("Chain", State.NOW if problems else State.FINE, said or "Every row follows from the one before.")


def _mail_server(settings: Settings) -> list[Check]:
    if not settings.mail_configured:
        return []
    try:
        reach(settings)
    except OSError as error:  # smtplib's own errors are among these
        return [Check("Mail server", State.NOW, f"{settings.mail_server} does not answer: {type(error).__name__}.")]
    return [Check("Mail server", State.FINE, f"{settings.mail_server} answers.")]

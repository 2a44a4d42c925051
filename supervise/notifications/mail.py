"""Mail: a sentence and a link. Delivery is at least once, under one Message-ID, so that a second copy is recognised."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from supervise.core.clock import now
from supervise.core.sanitize import plain
from supervise.core.settings import Settings

TIMEOUT_SECONDS = 20


def compose(settings: Settings, *, key: str, to: str, name: str, subject: str, lines: list[str]) -> EmailMessage:
    """Return a plain-text mail. ``key`` names what it is about and makes its Message-ID."""
    host = settings.public_url.partition("://")[2].partition("/")[0].partition(":")[0]
    message = EmailMessage()
    message["Message-ID"] = f"<{key}@{host}>"
    message["Date"] = format_datetime(now())
    message["From"] = f"Supervise <{settings.mail_from}>"
    user, _, domain = to.rpartition("@")
    message["To"] = Address(display_name=plain(name), username=user, domain=domain)
    message["Subject"] = plain(subject)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join([*lines, "No case text is ever sent by mail."]) + "\n")
    return message


def send(settings: Settings, message: EmailMessage, timeout: float = TIMEOUT_SECONDS) -> None:
    """Hand the mail to the server that the settings name; raise on any refusal, so that it is tried again."""
    with _server(settings, timeout) as server:
        server.send_message(message)


def reach(settings: Settings) -> None:
    """Greet the mail server as if to send; raise what it raises."""
    with _server(settings) as server:
        server.noop()


@contextmanager
def _server(settings: Settings, timeout: float = TIMEOUT_SECONDS) -> Iterator[smtplib.SMTP]:
    arguments: dict[str, Any] = {"host": settings.mail_server, "port": settings.mail_port, "timeout": timeout}
    if settings.mail_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(context=ssl.create_default_context(), **arguments)
    else:
        server = smtplib.SMTP(**arguments)
    with server:
        if settings.mail_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.mail_user:
            server.login(settings.mail_user, settings.mail_password.get_secret_value())
        yield server

"""Pages to phones: one POST in the shape of ntfy, of Twilio, or a signed JSON of our own.

The receiver is set by whoever runs the installation; nobody else chooses an address that this server asks for.
"""

import base64
import hmac
import json
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from supervise.accounts.models import Person
from supervise.core.crypto import Keyring
from supervise.core.settings import Settings

TIMEOUT_SECONDS = 5


class Undeliverable(Exception):
    """The receiver refused the page, or the person has no address there."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said to whom; ``key`` stays the same when it is sent again, so that a second copy is recognised."""

    key: str
    to: Person
    says: str
    path: str
    level: str


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # a page goes where it was told to go, or fails
        return None


def topic(keyring: Keyring, person_id: str) -> str:
    """Return the name under which a person's phone listens at an ntfy server; nobody can guess it."""
    return "supervise-" + hmac.digest(keyring.derive("pager topics"), person_id.encode(), "sha256").hex()[:24]


def request(settings: Settings, keyring: Keyring, message: Message) -> Request:
    """Return the signed request of one page. Raises Undeliverable where the person has no number."""
    link, secret = f"{settings.public_url}{message.path}", settings.pager_secret.get_secret_value()
    headers = {"Content-Type": "application/json", "X-Supervise-Id": message.key}
    if settings.pager_shape == "twilio":
        if not message.to.phone:
            raise Undeliverable("no number")
        body = urlencode({"To": message.to.phone, "From": settings.pager_from, "Body": f"{message.says} {link}"})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        headers["Authorization"] = "Basic " + base64.b64encode(f"{settings.pager_user}:{secret}".encode()).decode()
    elif settings.pager_shape == "ntfy":
        priority = {"red": 5, "amber": 4}.get(message.level, 5)
        body = json.dumps(
            {"topic": topic(keyring, message.to.id), "title": "Supervise", "message": message.says,
             "priority": priority, "click": link}
        )  # fmt: skip
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
    else:
        body = json.dumps(
            {"id": message.key, "to": message.to.id, "phone": message.to.phone, "level": message.level,
             "says": message.says, "link": link}
        )  # fmt: skip
    stamp = str(int(time.time()))
    signed = hmac.digest(secret.encode(), f"{stamp}.{body}".encode(), sha256).hex()
    headers |= {"X-Supervise-Time": stamp, "X-Supervise-Signature": f"sha256={signed}"}
    return Request(settings.pager_url, body.encode(), headers, method="POST")  # noqa: S310 - settings allow http(s) only


def send(settings: Settings, keyring: Keyring, message: Message) -> None:
    """Post one page; raise on any refusal."""
    if not settings.pager_url:
        raise Undeliverable("no pager")
    _ask(request(settings, keyring, message))


def knock(url: str) -> None:
    """Ask for an address, for the watch behind it to hear; raise on any refusal."""
    _ask(Request(url))  # noqa: S310 - settings allow http(s) only


def _ask(wanted: Request) -> None:
    opener = build_opener(_Stay, ProxyHandler({}))
    with opener.open(wanted, timeout=TIMEOUT_SECONDS) as answer:
        if answer.status >= 300:
            raise Undeliverable(str(answer.status))

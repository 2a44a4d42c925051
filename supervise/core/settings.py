"""Settings: read once from the environment, frozen, refused when unsafe."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnsafeSettings(ValueError):
    """The settings would put someone's text at risk; the sentence says which and how to mend it."""


class Settings(BaseSettings):
    """All settings, each from the variable ``SUPERVISE_<NAME>``. Unknown ``SUPERVISE_`` variables are refused."""

    model_config = SettingsConfigDict(env_prefix="SUPERVISE_", frozen=True, extra="forbid")

    data_dir: Path = Path("var")
    keys_dir: Path | None = None
    """Where the keyring lives; keep it apart from backups of ``data_dir``. Default: ``<data_dir>/keys``."""
    database_url: str = ""
    """Default: SQLite in ``data_dir``. ``postgres://`` and ``postgresql://`` are read as psycopg 3."""
    database_tls: Literal["required", "optional"] = "required"
    """Whether a PostgreSQL server elsewhere must show a certificate that is checked (``sslmode=verify-full``)."""
    public_url: str = "http://127.0.0.1:8000"
    bind: str = "127.0.0.1:8000"
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many reverse proxies stand in front, each adding one X-Forwarded-* entry."""
    demo: bool = False
    """A demo database: no second factor, marked on every page. Never with real clients."""
    demo_password: SecretStr | None = None
    second_factor: Literal["required", "optional"] = "required"

    idle_minutes: int = Field(default=15, ge=1, le=120)
    session_hours: int = Field(default=12, ge=1, le=24)
    original_days: int = Field(default=7, ge=0, le=365)
    """Days after release at which an original is destroyed. A default of ours; no rule sets it."""
    max_vignette: int = Field(default=50_000, ge=1_000, le=200_000)

    mail_server: str = ""
    mail_port: int = 25
    mail_security: Literal["none", "starttls", "tls"] = "starttls"
    mail_user: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_from: str = "supervise@localhost"

    red_minutes: int = Field(default=5, ge=1, le=60)
    """Minutes before the next person is paged for a red crisis. A default of ours, as are the next three."""
    amber_minutes: int = Field(default=60, ge=5, le=720)
    spoke_minutes: int = Field(default=5, ge=1, le=60)
    """Minutes from "calling now" in which "we spoke" is waited for before it climbs again."""
    drill_days: int = Field(default=30, ge=1, le=365)
    """Days for which a drill that woke a phone counts."""
    pager_url: str = ""
    """Where pages are posted: an ntfy server, Twilio's Messages.json, or a receiver of your own."""
    pager_shape: Literal["json", "ntfy", "twilio"] = "json"
    pager_secret: SecretStr = SecretStr("")
    """json: signs each page (HMAC-SHA256); ntfy: access token; twilio: auth token, with ``pager_user``, the account."""
    pager_user: str = ""
    pager_from: str = ""
    heartbeat_url: str = ""
    """Asked for every minute by the worker, so that a watch outside notices when it stops."""

    web_workers: int = Field(default=2, ge=1, le=64)
    web_threads: int = Field(default=4, ge=1, le=64)

    @property
    def keys(self) -> Path:
        return self.keys_dir or self.data_dir / "keys"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL, with the psycopg 3 driver named where PostgreSQL is meant."""
        url = self.database_url or f"sqlite:///{(self.data_dir / 'supervise.sqlite').resolve()}"
        for plain in ("postgres://", "postgresql://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url.removeprefix(plain)
        return url

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def mail_configured(self) -> bool:
        return bool(self.mail_server)

    @model_validator(mode="after")
    def refuse_open_webhooks(self) -> Self:
        for name, url in (("PAGER", self.pager_url), ("HEARTBEAT", self.heartbeat_url)):
            if url and not (url.startswith("https://") or (url.startswith("http://") and _is_loopback(_host(url)))):
                raise UnsafeSettings(f"SUPERVISE_{name}_URL is no https:// address: whoever listens would read along.")
        return self

    @model_validator(mode="after")
    def refuse_unsafe(self) -> Self:
        host = self.bind.rpartition(":")[0].strip("[]")
        loopback = host == "localhost" or (host.replace(".", "").replace(":", "").isalnum() and _is_loopback(host))
        if not self.is_https and not _is_loopback(_host(self.public_url)):
            raise UnsafeSettings(
                f"SUPERVISE_PUBLIC_URL is {self.public_url}: case text would travel unencrypted. Put a reverse proxy "
                "with TLS in front and set an https:// address; plain http is for 127.0.0.1 only."
            )
        if not loopback and self.trusted_proxies == 0:
            raise UnsafeSettings(
                f"SUPERVISE_BIND is {self.bind}: other machines could reach the server without TLS. Bind to 127.0.0.1 "
                "or set SUPERVISE_TRUSTED_PROXIES to the number of reverse proxies in front."
            )
        if self.demo and not loopback:
            raise UnsafeSettings("A demo has no second factor: it binds to 127.0.0.1 only.")
        if self.second_factor == "optional" and not self.demo:
            raise UnsafeSettings("SUPERVISE_SECOND_FACTOR=optional is for demos only; case text needs a second factor.")
        if self.database_tls == "required" and not _is_near_or_verified(self.database):
            raise UnsafeSettings(
                "SUPERVISE_DATABASE_URL names a server elsewhere without sslmode=verify-full: whoever stands between "
                "could read everything. Add it, or set SUPERVISE_DATABASE_TLS=optional where the network is your own."
            )
        if self.mail_security == "none" and self.mail_server and not _is_loopback(self.mail_server):
            raise UnsafeSettings(
                f"SUPERVISE_MAIL_SECURITY=none sends links that open accounts to {self.mail_server} unencrypted; use "
                "starttls or tls. Without encryption a mail server is reached on 127.0.0.1 only."
            )
        return self


def _is_near_or_verified(database: str) -> bool:
    """SQLite, a socket, this machine, or a certificate that is checked."""
    parts = urlsplit(database)
    asked = parse_qs(parts.query)
    hosts = [*asked.get("host", []), *([parts.hostname] if parts.hostname else [])]
    elsewhere = [host for host in hosts if not host.startswith("/") and not _is_loopback(host)]
    return not database.startswith("postgresql") or not elsewhere or asked.get("sslmode", [""])[-1] == "verify-full"


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2].removesuffix("]").lstrip("[").split(":")[0]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

"""The factory: wires the rooms together and holds no rule."""

from functools import partial

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from supervise.accounts.routes import bp as accounts
from supervise.accounts.session import register as register_session
from supervise.audit.routes import bp as audit
from supervise.audit.service import record as record_in_audit
from supervise.cases.routes import bp as cases
from supervise.consents.routes import bp as consents
from supervise.core import log, uow
from supervise.core.crypto import Keyring, WeeklyKeys
from supervise.core.db import db, prepare_engine
from supervise.core.installation import Installation
from supervise.core.resources import folder
from supervise.core.settings import Settings
from supervise.deid.engine import load_engine
from supervise.deid.routes import bp as deid
from supervise.duties.routes import bp as duties
from supervise.ethics.routes import bp as ethics
from supervise.hours.routes import bp as hours
from supervise.incidents.routes import bp as incidents
from supervise.learning.routes import bp as learning
from supervise.notifications.routes import bp as notifications
from supervise.notifications.routes import count_waiting
from supervise.notifications.service import notify
from supervise.reports.routes import bp as reports
from supervise.reviews.routes import bp as reviews
from supervise.safety.routes import bp as safety
from supervise.supervision.routes import bp as supervision
from supervise.web import failures, filters, headers, icons
from supervise.web.routes import bp as web

ROOMS = (
    accounts, audit, cases, consents, deid, duties, ethics, hours, incidents, learning, notifications, reports, reviews,
    safety, supervision, web,
)  # fmt: skip

csrf = CSRFProtect()


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. Raises UnsafeSettings or KeyringMissing instead of starting half safe."""
    settings = settings or Settings()
    keyring = Keyring.open(settings.keys)
    app = Flask(
        "supervise", template_folder=str(folder("templates")), static_folder="static", static_url_path="/static"
    )
    app.config.update(_flask_config(settings, keyring))
    app.extensions["supervise"] = Installation(
        settings, keyring, WeeklyKeys(settings.keys / "weekly"), partial(load_engine, data=folder("config") / "deid")
    )
    log.configure()
    app.extensions["supervise.log"] = log.logger()
    app.extensions["supervise.waiting"] = count_waiting

    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    uow.plug_in(record_in_audit, notify)
    failures.register(app, log.logger())
    register_session(app)
    csrf.init_app(app)
    headers.register(app, https=settings.is_https)
    filters.register(app)
    icons.register(app)
    for blueprint in ROOMS:
        app.register_blueprint(blueprint)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _flask_config(settings: Settings, keyring: Keyring) -> dict[str, object]:
    host = settings.public_url.partition("://")[2].partition("/")[0]
    engine: dict[str, object] = {"hide_parameters": True}
    if settings.database.startswith("postgresql"):
        engine |= {"pool_pre_ping": True, "pool_size": settings.web_threads + 1}
    return {
        "SECRET_KEY": keyring.derive("flask session"),
        "WTF_CSRF_SECRET_KEY": keyring.derive("csrf"),
        "WTF_CSRF_TIME_LIMIT": None,  # a form lives as long as the sign-in; the session check ends both
        "SESSION_COOKIE_NAME": "__Host-supervise-form" if settings.is_https else "supervise-form",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SQLALCHEMY_DATABASE_URI": settings.database,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "MAX_CONTENT_LENGTH": 4 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,  # a text that is too long is read, so that it can be given back
        "MAX_FORM_PARTS": 1000,
        "TRUSTED_HOSTS": [host, host.partition(":")[0], "127.0.0.1", "localhost"],
        "TEMPLATES_AUTO_RELOAD": False,
    }

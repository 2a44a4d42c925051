"""A web process that is asked for help, to be killed: ``python -m tests.rooms.safety.web_process SETTINGS SECRET``."""

import sys

from supervise.accounts.session import cookie_name
from supervise.app import create_app
from supervise.core.settings import Settings


def main(settings: str, secret: str) -> None:
    app = create_app(Settings.model_validate_json(settings))
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    with app.app_context():
        browser.set_cookie(cookie_name(), secret)
    browser.get("/crisis")
    print("asking", flush=True)  # noqa: T201
    print(browser.post("/crisis", data={"level": "red"}).status_code, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])

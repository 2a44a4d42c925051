"""The product's templates and scripts on a bare application: what they need of it is here, nothing else."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask_wtf import CSRFProtect
from jinja2 import FileSystemLoader, StrictUndefined

from supervise.web import filters, headers, icons

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"


@pytest.fixture
def bare() -> Flask:
    """An application without rooms; the addresses that layouts link to exist and answer with nothing."""
    app = Flask("specimen", template_folder=str(TEMPLATES), static_folder=str(ROOT / "supervise" / "static"))
    app.config.update(SECRET_KEY="only here", TESTING=True)
    app.jinja_env.loader = FileSystemLoader([str(TEMPLATES), str(Path(__file__).parent)])
    app.jinja_env.undefined = StrictUndefined
    CSRFProtect(app)
    filters.register(app)
    icons.register(app)
    headers.register(app, https=False)
    sources = "".join(path.read_text() for path in (TEMPLATES / "layouts").glob("*.html"))
    for endpoint in sorted(set(re.findall(r"url_for\([\"']([a-z_]+\.[a-z_]+)", sources))):
        app.add_url_rule(f"/{endpoint}", endpoint, view_func=lambda: "")
    return app

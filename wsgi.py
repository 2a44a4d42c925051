"""Entry for any WSGI server: ``gunicorn wsgi:app``. Settings come from ``SUPERVISE_*`` variables."""

from supervise.app import create_app

app = create_app()

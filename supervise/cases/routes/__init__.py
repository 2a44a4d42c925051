"""Pages of cases."""

from supervise.cases.routes import editor, reading, release
from supervise.cases.routes.blueprint import bp

__all__ = ["bp", "editor", "reading", "release"]

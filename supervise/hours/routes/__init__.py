"""Pages of hours."""

from supervise.hours.routes import imports, ledger
from supervise.hours.routes.blueprint import bp

__all__ = ["bp", "imports", "ledger"]

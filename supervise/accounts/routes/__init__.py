"""Pages of accounts."""

from supervise.accounts.routes import door
from supervise.accounts.routes.blueprint import bp

__all__ = ["bp", "door"]

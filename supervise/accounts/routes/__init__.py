"""Pages of accounts, in the modules beside this one."""

from supervise.accounts.routes import account, door, links, people, records, relationships, typed
from supervise.accounts.routes.blueprint import bp

__all__ = ["account", "bp", "door", "links", "people", "records", "relationships", "typed"]

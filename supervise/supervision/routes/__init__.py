"""Pages of agreements, groups and meetings."""

from supervise.supervision.routes import agreements, groups, meetings, notes
from supervise.supervision.routes.blueprint import bp

__all__ = ["agreements", "bp", "groups", "meetings", "notes"]

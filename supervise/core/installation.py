"""What one running installation is made of; kept with the application so that tests can run several."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from flask import current_app

from supervise.core.crypto import Keyring, WeeklyKeys
from supervise.core.errors import Unavailable
from supervise.core.settings import Settings


@dataclass
class Installation:
    """Settings, keys, and the de-identification engine, which is loaded once and never replaced by a weaker one."""

    settings: Settings
    keyring: Keyring
    weekly: WeeklyKeys
    load_engine: Callable[[], Any]
    _engine: Any = None
    _lock: Lock = field(default_factory=Lock)

    def engine(self) -> Any:
        """Return the engine; raise Unavailable when it cannot be loaded, so that nothing is released without it."""
        with self._lock:
            if self._engine is None:
                try:
                    self._engine = self.load_engine()
                except Exception as error:
                    raise Unavailable(
                        "The de-identification engine is not available, so nothing can be shown to others. Your text "
                        "is kept. Tell your administrator."
                    ) from error
            return self._engine


def installation() -> Installation:
    """Return the installation of the running application."""
    found: Installation = current_app.extensions["supervise"]
    return found

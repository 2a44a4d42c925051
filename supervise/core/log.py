"""Logs that cannot leak: only declared keys pass, as one JSON object a line."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_KEYS = frozenset(
    {"event", "level", "timestamp", "endpoint", "method", "status", "ms", "request", "org", "actor", "kind", "due",
     "attempt", "attempts", "error", "where", "count", "version", "address", "reason"}
)  # fmt: skip


def _allow(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _plain(value) for key, value in event.items() if key in _KEYS}


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    text = str(value)[:300]
    return "".join(c if c.isprintable() else "�" for c in text)


def configure(level: str = "INFO") -> None:
    """Send all logging through the allow-list. Call once per process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allow,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger() -> Any:
    """Return the logger. Values under undeclared keys are dropped, so never put text into the event name."""
    return structlog.get_logger()


def where(error: BaseException) -> str:
    """Return file and line at which ``error`` was raised, without its message or locals, which may hold text."""
    frame = error.__traceback__
    place = "unknown"
    while frame is not None:
        place = f"{frame.tb_frame.f_code.co_filename.rpartition('/supervise/')[2]}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"{type(error).__name__} at {place}"

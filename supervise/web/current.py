"""The request's actor, for routes and templates. Set once by the session check, before any view runs."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import g

from supervise.core.actor import Actor
from supervise.core.errors import Forbidden


@dataclass(slots=True)
class Current:
    """What every template may know about who is looking."""

    signed_in: bool = False
    locked: bool = False
    person_name: str = ""
    organisation_name: str = ""
    roles: frozenset[str] = frozenset()
    theme: str = ""
    shortcuts: bool = True
    zone: str = "UTC"
    lock_minutes: int = 15
    is_demo: bool = False
    count_waiting: Callable[[], int] | None = None
    counted: int | None = None

    @property
    def waiting(self) -> int:
        """How many things wait for the person: counted by a page that shows it, once, and for no other answer."""
        if self.counted is None:
            self.counted = self.count_waiting() if self.count_waiting else 0
        return self.counted


def set_current(actor: Actor | None, current: Current) -> None:
    """Bind actor and template context to this request."""
    g.actor = actor
    g.current = current


def current() -> Current:
    """Return the template context; an anonymous one if nobody is signed in."""
    found = g.get("current")
    return found if isinstance(found, Current) else Current()


def actor_or_none() -> Actor | None:
    """Return the actor, or None when nobody is signed in, the session is locked, or no membership is active."""
    found = g.get("actor")
    return found if isinstance(found, Actor) else None


def actor() -> Actor:
    """Return the actor; raise Forbidden when there is none, which a guarded view never sees."""
    found = actor_or_none()
    if found is None:
        raise Forbidden("Sign in first.")
    return found

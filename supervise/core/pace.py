"""How much one person may ask of a costly step in a while. Counted in memory: nothing about it is worth keeping."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

_MOST_PEOPLE = 10_000


@dataclass
class Pace:
    """A budget for each person that is full at ``most`` and grows by ``per_second``; each process counts for itself."""

    most: float
    per_second: float
    clock: Callable[[], float] = monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, who: str, amount: float) -> float:
        """Take ``amount`` from a person's budget and return 0, or take nothing and return the seconds to wait."""
        with self._lock:
            at = self.clock()
            left, since = self._left.get(who, (self.most, at))
            left = min(self.most, left + (at - since) * self.per_second)
            if amount > left:
                return (min(amount, self.most) - left) / self.per_second
            if len(self._left) >= _MOST_PEOPLE:
                self._left = {one: has for one, has in self._left.items() if not self._full(has, at)}
            self._left[who] = (left - amount, at)
            return 0.0

    def _full(self, has: tuple[float, float], at: float) -> bool:
        return has[0] + (at - has[1]) * self.per_second >= self.most

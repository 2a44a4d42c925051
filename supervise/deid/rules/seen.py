"""Words that a reader saw on a case before, known by keyed fingerprints alone; what is kept cannot be read."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from supervise.deid.engine.proposal import Proposal

WHY = "A reader of this case saw it before"
MOST_WORDS = 12
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """``prints``: the fingerprint of each form with the class of finding that it was. Empty: nothing was seen."""

    key: bytes = b""
    prints: Mapping[str, str] = field(default_factory=dict)

    def found_in(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield the places in a text that have one of the fingerprints, the longest at each word, with its class."""
        if not self.prints:
            return
        words = list(_WORD.finditer(text))
        after = 0
        for first, word in enumerate(words):
            if first < after:
                continue
            for last in range(min(first + MOST_WORDS, len(words)) - 1, first - 1, -1):
                label = self._label([one.group() for one in words[first : last + 1]])
                if label is not None:
                    yield word.start(), words[last].end(), label
                    after = last + 1
                    break

    def added_to(self, proposal: Proposal) -> Proposal:
        """Return the proposal in which these words are findings, as if the author had marked them."""
        for start, end, label in self.found_in(proposal.text):
            proposal = proposal.add(start, end, label)
            groups = tuple(
                replace(group, why=WHY) if any(a <= start and end <= b for a, b in group.places) else group
                for group in proposal.groups
            )
            proposal = Proposal(proposal.text, groups)
        return proposal

    def _label(self, words: list[str]) -> str | None:
        folded = [word.casefold() for word in words]
        return self.prints.get(_print(self.key, words)) or self.prints.get(_print(self.key, folded))


def prints_of(key: bytes, forms: Iterable[str], label: str, is_word: Callable[[str], bool]) -> dict[str, str]:
    """Return the fingerprints of forms. One ordinary word with a capital counts with its capital: Will, not will."""
    found = {}
    for form in forms:
        words = _WORD.findall(form)
        if 0 < len(words) <= MOST_WORDS:
            exact = len(words) == 1 and (is_word(words[0].casefold()) or len(words[0]) < 3)
            found[_print(key, words if exact else [word.casefold() for word in words])] = label
    return found


def _print(key: bytes, words: list[str]) -> str:
    return hmac.new(key, " ".join(words).encode(), hashlib.sha256).hexdigest()[:32]

"""What the engine refuses, in sentences that can be shown to the person who typed."""


class EngineUnavailable(Exception):
    """The model or the rules are missing or not the ones that were measured: nothing may be released."""


class RefusedText(Exception):
    """A text that cannot be screened; ``start`` and ``end`` are code points of the text as typed."""

    def __init__(self, reason: str, start: int, end: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start
        self.end = end


class ChoiceRefused(Exception):
    """A decision about a finding that does not hold; ``key`` names the finding."""

    def __init__(self, reason: str, key: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.key = key

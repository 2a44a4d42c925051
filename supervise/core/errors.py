"""What can go wrong, in words a person can act on. Every entrance turns these into an answer."""


class SuperviseError(Exception):
    """Base of all errors that are meant to be shown; ``str(error)`` is a sentence for the person."""

    status = 400


class Refused(SuperviseError):
    """The rules do not allow this; the sentence says why and what would."""

    status = 422


class Invalid(SuperviseError):
    """What was typed cannot be used; ``field`` names the form field, if one is meant."""

    status = 422

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Forbidden(SuperviseError):
    """The actor may know that the thing exists, but may not do this to it."""

    status = 403


class NotFound(SuperviseError):
    """There is no such thing for this actor."""

    status = 404

    def __init__(self, message: str = "There is nothing here for you to read.") -> None:
        super().__init__(message)


class Conflict(SuperviseError):
    """Someone else saved first; nothing of either text is lost."""

    status = 409


class Unavailable(SuperviseError):
    """A part that this step cannot do without is missing or failing; nothing was released, nothing lost."""

    status = 503

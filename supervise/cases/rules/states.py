"""The states of a case as data, and the audiences a case can have."""

from enum import StrEnum

from supervise.core.errors import Refused

KINDS = ("supervision", "consultation")
URGENCIES = ("routine", "soon", "urgent")
STAGES = ("draft", "proposed", "confirmed", "released")
AUDIENCES = {"supervision": ("supervisor", "group"), "consultation": ("group", "peers")}
"""Who may be asked, by kind; in supervision the supervisor of record always reads as well."""


class Change(StrEnum):
    """What can happen to the state of a case."""

    EDIT = "edit"
    SCREEN = "screen"
    CONFIRM = "confirm"
    RELEASE = "release"
    REVISE = "revise"  # a new version was released; the case stays open
    DECIDE = "decide"
    SIGN_OFF = "sign_off"
    SEND_BACK = "send_back"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"


TABLE: dict[tuple[str, Change], str] = {
    ("draft", Change.EDIT): "draft",
    ("proposed", Change.EDIT): "draft",
    ("confirmed", Change.EDIT): "draft",
    ("draft", Change.SCREEN): "proposed",
    ("proposed", Change.CONFIRM): "confirmed",
    ("confirmed", Change.RELEASE): "open",
    ("open", Change.REVISE): "open",
    ("open", Change.DECIDE): "decided",
    ("open", Change.WITHDRAW): "withdrawn",
    ("decided", Change.SIGN_OFF): "closed",
    ("decided", Change.SEND_BACK): "open",
    ("decided", Change.CLOSE): "closed",
    ("closed", Change.REOPEN): "open",
}

_ONLY = {Change.SIGN_OFF: "supervision", Change.SEND_BACK: "supervision", Change.CLOSE: "consultation"}

_WRONG_KIND = {
    "supervision": "In consultation nobody signs off: the author closes the case.",
    "consultation": "In supervision the supervisor of record signs off, which closes the case.",
}

_NEEDS = {
    Change.EDIT: "This version was released and is not edited; start a new version instead.",
    Change.SCREEN: "Only a draft is screened.",
    Change.CONFIRM: "There is nothing to confirm; screen the text first.",
    Change.RELEASE: "Only text that its author has confirmed is released, and only once.",
    Change.REVISE: "A new version is released while the case is open.",
    Change.DECIDE: "A decision is recorded while the case is open.",
    Change.SIGN_OFF: "There is no decision to sign off.",
    Change.SEND_BACK: "There is no decision to send back.",
    Change.CLOSE: "A case is closed after its decision.",
    Change.REOPEN: "Only a closed case is reopened.",
    Change.WITHDRAW: "Only an open case is withdrawn.",
}


def next_state(state: str, change: Change | str, kind: str) -> str:
    """Return the state that ``change`` leads to; raise Refused with the reason where the table knows no such way."""
    change = Change(change)
    wanted = _ONLY.get(change)
    if (state, change) in TABLE and wanted not in {None, kind}:
        raise Refused(_WRONG_KIND[str(wanted)])
    try:
        return TABLE[state, change]
    except KeyError:
        raise Refused(_NEEDS[change]) from None


def scopes_needed(kind: str, audience: str) -> tuple[str, ...]:
    """Return the scopes of consent without which a case of this kind is not released to this audience."""
    own = ("supervisor",) if kind == "supervision" else ()
    return own if audience == "supervisor" else (*own, audience)

"""Kinds of posts and of rulings, and what each of them needs before others may read it."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from supervise.core.errors import Invalid
from supervise.policy import Action

KINDS = {
    "question": "Question",
    "observation": "Observation",
    "answer": "Answer",
    "recommendation": "Recommendation",
    "concern": "Concern",
    "must_do": "Must do",
    "decline": "I decline to advise",
}

OUTCOMES = {
    "signed_off": Action.SIGN_OFF_CASE,
    "sent_back": Action.SIGN_OFF_CASE,
    "closed": Action.CLOSE_CASE,
    "reopened": Action.REOPEN_CASE,
    "withdrawn": Action.WITHDRAW_CASE,
}
"""What a ruling does to its case, and the permission that it needs."""

NEEDS_REASON = frozenset({"sent_back", "reopened", "withdrawn"})
MAX_TEXT = 50_000
MAX_OPTIONS = 4


def check_post(kind: str, body: str, because: str, due_on: date | None, today: date) -> None:
    """Raise Invalid, naming the field, where a post lacks what its kind needs."""
    if kind not in KINDS:
        raise Invalid("Choose what kind of post this is.", "kind")
    if not body.strip():
        raise Invalid("Write something first.", "body")
    if len(body) + len(because) > MAX_TEXT:
        raise Invalid("A post holds up to 50,000 characters; please shorten it.", "body")
    if kind == "recommendation" and not because.strip():
        raise Invalid("A recommendation gives its reason.", "because")
    if kind == "must_do" and due_on is None:
        raise Invalid("Say by when it has to be done.", "due_on")
    if kind == "must_do" and due_on is not None and due_on < today:
        raise Invalid("That day is past.", "due_on")


def check_decision(
    options: Iterable[Mapping[str, str | bool]], body: str, follow_up_on: date | None, today: date
) -> None:
    """Raise Invalid, naming the field, where a decision cannot be followed by whoever reads it."""
    named = [option for option in options if str(option["option"]).strip()]
    if len(named) < 2:
        raise Invalid("Weigh at least two options, if only against doing nothing.", "options")
    if sum(bool(option["chosen"]) for option in named) != 1:
        raise Invalid("Mark the one option that you chose.", "options")
    if not body.strip():
        raise Invalid("Say what you decided and why.", "body")
    if len(body) + sum(len(str(value)) for option in named for value in option.values()) > MAX_TEXT:
        raise Invalid("A decision holds up to 50,000 characters; please shorten it.", "body")
    if follow_up_on is not None and follow_up_on < today:
        raise Invalid("That day is past.", "follow_up_on")


def check_reason(outcome: str, reason: str) -> None:
    """Raise Invalid where a ruling needs a reason and has none."""
    if outcome in NEEDS_REASON and not reason.strip():
        raise Invalid("Say why; the others read the reason.", "reason")
    if len(reason) > MAX_TEXT:
        raise Invalid("A reason holds up to 50,000 characters; please shorten it.", "reason")


def take_mentions(text: str, names: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return ``text`` without the @ before the full name of somebody in ``names`` (by id), and the ids so named.

    A first name alone is left as it is and screened like any name, and so is every other @.
    """
    found = []
    for person_id, name in names.items():
        pattern = r"\s+".join(map(re.escape, name.split()))
        text, count = re.subn(rf"@({pattern})\b", r"\1", text, flags=re.IGNORECASE) if pattern else (text, 0)
        if count:
            found.append(person_id)
    return text, found

"""What a recorded consent is and on which days it holds."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from supervise.core.errors import Invalid

SCOPES = ("supervisor", "group", "peers")
HOW = {
    "intake": "Disclosed at intake",
    "signed_form": "Signed form in the chart",
    "recorded_verbal": "Spoken, noted in the chart",
    "guardian": "Signed by a guardian, in the chart",
}
"""Ways in which a consent can have been obtained; ``intake`` is the disclosure that covers the supervisor alone."""


def holds_on(day: date, obtained_on: date, expires_on: date | None) -> bool:
    """Tell whether a consent holds on ``day``: from the day it was obtained, no longer on the day it expires."""
    return obtained_on <= day and (expires_on is None or day < expires_on)


def ends_at(expires_on: date, zone: str) -> datetime:
    """Return the instant at which a consent ends: the first of the day it expires, in the IANA ``zone``."""
    return datetime.combine(expires_on, time.min, ZoneInfo(zone))


def check(scope: str, group_id: str | None, how: str, obtained_on: date, expires_on: date | None, today: date) -> None:
    """Raise Invalid at the field of the first thing that makes this no usable record."""
    if scope not in SCOPES:
        raise Invalid("Choose who the consent is for.", "scope")
    if (scope == "group") != (group_id is not None):
        raise Invalid("Choose the group that the client agreed to.", "group_id")
    if how not in HOW:
        raise Invalid("Say how the consent was obtained.", "obtained_how")
    if scope != "supervisor" and how == "intake":
        raise Invalid("Disclosure at intake covers the supervisor only; groups and peers need an agreement.",
                      "obtained_how")  # fmt: skip
    if obtained_on > today:
        raise Invalid("This day has not come yet.", "obtained_on")
    if expires_on is not None and expires_on <= max(obtained_on, today):
        raise Invalid("A consent is recorded while it holds: choose a day after today.", "expires_on")

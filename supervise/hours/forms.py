"""Forms of the ledger."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from wtforms import IntegerField, PasswordField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from supervise.hours.queries import OTHER_WORK, WITH_CLIENTS
from supervise.web.forms import Form

MOST = 1440


def read_minutes(typed: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    """Return whole minutes by category, and a sentence for each field that holds something else."""
    minutes: dict[str, int] = {}
    wrong: dict[str, str] = {}
    for category in (*WITH_CLIENTS, *OTHER_WORK):
        text = typed.get(category, "").strip()
        if not text:
            continue
        try:
            value = Decimal(text.replace(",", "."))
        except InvalidOperation:
            wrong[category] = "Minutes are a whole number, such as 50. Nothing else is lost."
            continue
        if not value.is_finite() or not 0 <= value <= MOST:
            wrong[category] = "A day has 1,440 minutes. Nothing else is lost."
        elif value != value.to_integral_value():
            below = int(value)
            wrong[category] = f"Whole minutes, please: {below} or {below + 1}? Nothing else is lost."
        else:
            minutes[category] = int(value)
    return minutes, wrong


class DayForm(Form):
    """A day's minutes; the numbers are read by ``read_minutes``, since each keeps what was typed."""


class CorrectForm(Form):
    """A correction of one signed row."""

    minutes = IntegerField(
        "Minutes, as they should be",
        validators=[InputRequired("Give the minutes; 0 takes the row out."), NumberRange(0, MOST, "From 0 to 1,440.")],
    )
    reason = TextAreaField("Reason", validators=[InputRequired("Give a reason."), Length(max=500)])


class SendBackForm(Form):
    """Days that the supervisor gives back."""

    reason = TextAreaField("What should be changed", validators=[InputRequired("Say what should be changed.")])


class AttestForm(Form):
    """The signature; weeks and drawing are read from the request by name."""

    password = PasswordField("Your password, once more", validators=[InputRequired("Your password signs.")])


class WhatIfForm(Form):
    """More minutes a week of one category."""

    class Meta:
        csrf = False  # it only reads

    hours = IntegerField("More hours a week", default=2, validators=[NumberRange(1, 40, "From 1 to 40.")])
    category = SelectField("Of", choices=dict(WITH_CLIENTS))

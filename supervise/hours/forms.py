"""Forms of the ledger."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from wtforms import FileField, HiddenField, IntegerField, PasswordField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from supervise.hours.queries import CATEGORY_WORDS, OTHER_WORK, WITH_CLIENTS, DayView
from supervise.hours.rules import ORDERS, UNITS, Plan, Table, kind_of, words_of
from supervise.web.forms import Form

MOST = 1440
USUAL = ("individual", "couple_family", "documentation")
_CLOCK = re.compile(r"(\d{1,2}) ?[:h] ?(\d{2})")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")


def read_minutes(typed: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    """Return whole minutes by category, and a sentence for each field that holds something else."""
    minutes: dict[str, int] = {}
    wrong: dict[str, str] = {}
    for category in (*WITH_CLIENTS, *OTHER_WORK):
        text = typed.get(category, "").strip()
        if not text:
            continue
        found = _whole(text)
        if isinstance(found, int):
            minutes[category] = found
        else:
            wrong[category] = f"{found} Nothing else is lost."
    return minutes, wrong


def _whole(text: str) -> int | str:
    """Return the minutes, or the sentence that says what is wrong with them."""
    clock = _CLOCK.fullmatch(text)
    if clock:
        return f"Minutes, please: {int(clock[1]) * 60 + int(clock[2])} for {text}."
    try:
        value = Decimal(text.replace(",", "" if _THOUSANDS.fullmatch(text) else "."))
    except InvalidOperation:
        return "Minutes are a whole number, such as 50."
    if not value.is_finite() or value > MOST:
        return "A day has 1,440 minutes."
    if value < 0:
        return "Minutes start at 0."
    if value != value.to_integral_value():
        return f"Whole minutes, please: {int(value)} or {int(value) + 1}?"
    return int(value)


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the fields of a day: what was typed, else what is saved, else the same weekday before.

    ``like_before``: it is what that weekday held. ``offered``: kinds of work that show without asking for more.
    """

    values: dict[str, str]
    prefilled: bool
    with_clients: int
    other: int
    supervision: int
    left_out: list[str]
    like_before: bool
    offered: frozenset[str]

    @property
    def total(self) -> int:
        return self.with_clients + self.other + self.supervision


def shown(day: DayView, pattern: Mapping[str, int], typed: Mapping[str, str], wrong: Mapping[str, str]) -> Shown:
    """Return what the fields show. A day on which nothing was ever written is proposed as the same weekday before."""
    saved = {category: value for category, value in day.minutes.items() if category != "supervision"}
    emptied = day.record is not None and not day.rows
    prefilled = not typed and not saved and not emptied and bool(pattern)
    values = {c: typed.get(c, "") for c in (*WITH_CLIENTS, *OTHER_WORK)} if typed else {}
    if not typed:
        values = {category: str(value) for category, value in (pattern if prefilled else saved).items()}
    minutes, _ = read_minutes(values)
    return Shown(
        values=values,
        prefilled=prefilled,
        with_clients=sum(v for k, v in minutes.items() if k in WITH_CLIENTS),
        other=sum(v for k, v in minutes.items() if k in OTHER_WORK),
        supervision=day.supervision,
        left_out=[(WITH_CLIENTS | OTHER_WORK)[category] for category in wrong],
        like_before=not wrong and {k: v for k, v in minutes.items() if v} == dict(pattern),
        offered=frozenset({*USUAL, *pattern, *saved, *wrong, *(k for k, v in values.items() if v.strip())}),
    )


class DayForm(Form):
    """A day's minutes; the numbers are read by ``read_minutes``, since each keeps what was typed."""

    supervisor = RadioField("Who signs", choices={}, validators=[Optional()], validate_choice=False)


class CorrectForm(Form):
    """A correction of one row that was submitted or signed."""

    minutes = IntegerField(
        "Minutes, as they should be",
        validators=[InputRequired("Give the minutes; 0 takes the row out."), NumberRange(0, MOST, "From 0 to 1,440.")],
    )
    reason = TextAreaField(
        "Reason", validators=[InputRequired("Give a reason."), Length(max=500, message="At most 500 characters.")]
    )


class AddForm(Form):
    """A kind of work that was forgotten on a day that was submitted or signed."""

    category = SelectField("Kind of work", validators=[InputRequired("Choose a kind of work.")])
    minutes = IntegerField(
        "Minutes", validators=[InputRequired("Give the minutes."), NumberRange(1, MOST, "From 1 to 1,440.")]
    )
    reason = TextAreaField(
        "Reason", validators=[InputRequired("Give a reason."), Length(max=500, message="At most 500 characters.")]
    )


class SendBackForm(Form):
    """Days that the supervisor gives back; ``days`` only carries what is wrong with the ticks."""

    days = HiddenField("Days")
    reason = TextAreaField(
        "What should be changed",
        validators=[InputRequired("Say what should be changed."), Length(max=500, message="At most 500 characters.")],
    )


class AttestForm(Form):
    """The signature. Weeks and drawing are read from the request; their fields only carry what is wrong with them."""

    weeks = HiddenField("Weeks")
    signature = HiddenField("Signature")
    password = PasswordField("Your password, once more", validators=[InputRequired("Your password signs.")])


class WhatIfForm(Form):
    """More minutes a week of one category."""

    class Meta:
        csrf = False  # it only reads

    hours = IntegerField("More hours a week", default=2, validators=[NumberRange(1, 40, "From 1 to 40.")])
    category = SelectField("With", choices=dict(WITH_CLIENTS))


MEANINGS = {
    "": "Not read",
    "day": "Day",
    "start": "Start",
    "amount": "How long",
    "kind": "Kind of work",
    "attendees": "Supervisees present",
} | {category: f"Time of: {word}" for category, word in CATEGORY_WORDS.items()}


class UploadForm(Form):
    """A log that was kept elsewhere."""

    file = FileField("CSV or XLSX file", validators=[InputRequired("Choose the file.")])


class MappingForm(Form):
    """What the columns mean; how many there are depends on the file, so they are read from the request."""


def read_plan(typed: Mapping[str, str], table: Table) -> Plan:
    """Return what the selects of the mapping page say; what is not one of their choices is not read."""
    columns = tuple(typed.get(f"column-{at}", "") for at in range(len(table.heads)))
    columns = tuple(name if name in MEANINGS else "" for name in columns)
    unit, order = typed.get("unit", ""), typed.get("order", "")
    said = (at for at in range(len(table.rows)) if f"word-{at}" in typed)
    known = {typed[f"word-{at}"]: typed.get(f"kind-{at}", "") for at in said}
    kinds = {word: known.get(word, kind_of(word)) for word in words_of(table, columns)}
    return Plan(
        columns,
        unit if unit in UNITS else UNITS[0],
        order if order in ORDERS else ORDERS[0],
        {word: category if category in CATEGORY_WORDS else "" for word, category in kinds.items()},
    )

"""Forms of agreements, groups and meetings."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from wtforms import (
    DateField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional

from supervise.core.errors import Invalid
from supervise.supervision.rules import MODES
from supervise.web.forms import Form

CANCELLED_BECAUSE = {
    "not_held": "It did not take place",
    "wrong": "Time or people were wrong; it is recorded again",
    "twice": "It was recorded twice",
}


class AgreementForm(Form):
    """An agreement seen from one party: who the other is, for which place of work, from when."""

    other_id = SelectField("With", validators=[InputRequired("Choose a person.")])
    setting_id = SelectField("Place of work", validators=[InputRequired("Choose a place of work.")])
    starts_on = DateField("First day", validators=[InputRequired("Give the first day.")])
    ends_on = DateField("Last day, if it is known", validators=[Optional()])
    terms = TextAreaField(
        "What was agreed",
        validators=[Length(max=10_000, message="At most 10,000 characters.")],
    )


class SignForm(Form):
    """A signature: the password, once more."""

    password = PasswordField("Your password, once more", validators=[InputRequired("Your password signs.")])


class EndForm(Form):
    """The end of an agreement."""

    ends_on = DateField("Last day", validators=[InputRequired("Give the last day.")])


class GroupForm(Form):
    """A new group."""

    name = StringField("Name", validators=[InputRequired("Give the group a name."), Length(max=120)])
    kind = RadioField(
        "What it is",
        choices={
            "supervision": "Supervision: a supervisor of record answers for what is said",
            "consultation": "Consultation: peers advise, the author decides",
        },
        default="supervision",
    )


class MemberForm(Form):
    """Someone who joins a group."""

    person_id = SelectField("Add", validators=[InputRequired("Choose a person.")])


class CancelForm(Form):
    """Why a recorded meeting is taken back; fixed words, since the attendees and an auditor read them."""

    because = RadioField("Because", choices=dict(CANCELLED_BECAUSE), validators=[InputRequired("Say why.")])


class MeetingForm(Form):
    """A meeting that took place. The supervisees who came are read from ``came_<person>`` with ``at_<person>``."""

    day = DateField("Day", validators=[InputRequired("Give the day.")])
    starts = TimeField("Start", validators=[InputRequired("Give the start.")])
    ends = TimeField("End", validators=[InputRequired("Give the end.")])
    mode = RadioField("How", choices=dict(MODES), default="in_person")
    group_id = SelectField("Group", validators=[Optional()])
    case_ids = SelectMultipleField("Cases discussed")
    notes = TextAreaField("Notes", validators=[Length(max=20_000, message="At most 20,000 characters.")])
    zone = HiddenField()

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """Return start and end as instants in ``zone``.

        Raises Invalid for a time that the clocks skipped on that day.
        """
        starts = _instant(self.day.data, self.starts.data, zone, "starts")
        ends = _instant(self.day.data, self.ends.data, zone, "ends")
        return starts, ends


def _instant(day: date, at: time, zone: str, field: str) -> datetime:
    local = datetime.combine(day, at, ZoneInfo(zone))
    if local.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Invalid("The clocks skipped this time on that day.", field)
    return local

"""Forms of agreements, groups and meetings."""

from datetime import datetime

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from supervise.core.errors import Invalid
from supervise.supervision.rules import MODES, instant
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

    attendees = HiddenField("Who came")  # carries only what is wrong with the ticks
    day = DateField("Day", validators=[InputRequired("Give the day.")])
    starts = TimeField("Start", validators=[InputRequired("Give the start.")])
    ends = TimeField("End", validators=[InputRequired("Give the end.")])
    repeated = RadioField(
        "The clocks went back and showed this hour twice",
        choices={"first": "Before they went back", "second": "After they went back"},
        validators=[Optional()],
    )
    mode = RadioField("How", choices=dict(MODES), default="in_person")
    others = IntegerField(
        "Other supervisees who came",
        default=0,
        validators=[InputRequired("Give a number, 0 for nobody."), NumberRange(0, 50, "From 0 to 50.")],
    )
    group_id = SelectField("Group", validators=[Optional()])
    case_ids = SelectMultipleField("Cases discussed")
    notes = TextAreaField("Notes", validators=[Length(max=20_000, message="At most 20,000 characters.")])

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """Return start and end as instants in ``zone``; raise Invalid at the field whose time was not, or was twice."""
        day, starts, ends = self.day.data, self.starts.data, self.ends.data
        if day is None or starts is None or ends is None:
            raise Invalid("Give day, start and end.", "day")
        second = {"first": False, "second": True}.get(self.repeated.data or "")
        return instant(day, starts, zone, "starts", second), instant(day, ends, zone, "ends", second)


class NotesForm(Form):
    """Notes of a meeting, written or edited after it was recorded. ``version`` is the meeting's."""

    version = HiddenField(default="0")
    notes = TextAreaField(
        "Notes",
        validators=[InputRequired("Write something."), Length(max=20_000, message="At most 20,000 characters.")],
    )

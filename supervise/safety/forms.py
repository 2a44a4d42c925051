"""Forms of the crisis pages. None asks for a word about a client."""

from wtforms import DateTimeLocalField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Optional

from supervise.safety.rules import DONE, RUNG_WORDS, TOLD
from supervise.web.forms import Form


class RaiseForm(Form):
    """Asking for help. Without a choice it is red: nobody is kept waiting by a form."""

    level = RadioField(
        "How soon", choices=[SelectChoice("red", "Now"), SelectChoice("amber", "Within the hour")], default="red"
    )


class ClientForm(Form):
    """Of which client it is."""

    client_id = SelectField("Client reference", validators=[InputRequired("Choose one of your client references.")])


class CloseForm(Form):
    """What was done, who was told, next contact: chosen, not written, since what happened belongs in the chart."""

    done = SelectMultipleField("What was done", choices=[SelectChoice(*one) for one in DONE.items()])
    told = SelectMultipleField("Who was told", choices=[SelectChoice(*one) for one in TOLD.items()])
    next_contact = DateTimeLocalField(
        "Next contact with the client", validators=[InputRequired("Give day and time of the next contact.")]
    )


class RungForm(Form):
    """Who takes which rung, from when until when."""

    rung = SelectField("As", choices=[SelectChoice(*one) for one in RUNG_WORDS.items()])
    person_id = SelectField("Who")
    starts_at = DateTimeLocalField("From, if not from now", validators=[Optional()])
    ends_at = DateTimeLocalField("Until, if it is known", validators=[Optional()])


class HandOverForm(Form):
    """To whom one hands everything over. Named apart from the fields of the rota on the same page."""

    cover_id = SelectField("To", validators=[InputRequired("Choose who covers you.")])
    back_at = DateTimeLocalField("Until, if you come back", validators=[Optional()])

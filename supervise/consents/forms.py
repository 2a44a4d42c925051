"""Forms of client references and consents."""

from wtforms import DateField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Optional

from supervise.consents.rules import HOW
from supervise.web.forms import Form

_DAY = InputRequired("Give a day.")


class ClientForm(Form):
    """A new client reference: nothing is asked but where the client is."""

    jurisdiction = SelectField("State where the client is", validators=[InputRequired("Choose a state.")])


class DisclosureForm(Form):
    """The one tick that covers the supervisor of record."""

    obtained_on = DateField("Day of intake", validators=[_DAY])


class ConsentForm(Form):
    """A full record. ``whom``: supervisor, peers or group:<id>."""

    whom = RadioField("Who may read", validate_choice=False)
    obtained_how = RadioField(
        "How it was obtained", choices=[SelectChoice(*item) for item in HOW.items()], validate_choice=False
    )
    obtained_on = DateField("Obtained on", validators=[_DAY])
    expires_on = DateField("Expires on", validators=[Optional()])
    case = HiddenField()

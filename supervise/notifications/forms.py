"""Forms of notifications."""

from wtforms import RadioField

from supervise.web.forms import Form


class MailForm(Form):
    """Whether notices come by mail as well."""

    mail = RadioField("Mail", choices={"at_once": "A mail at once for each notice", "none": "No mail"})

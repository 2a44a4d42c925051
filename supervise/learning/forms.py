"""The form of crediting."""

from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import InputRequired

from supervise.web.forms import Form


class MinutesForm(Form):
    """Whole minutes, and the competencies that showed."""

    minutes = IntegerField("Minutes", validators=[InputRequired("Enter whole minutes.")])
    competencies = SelectMultipleField("Competencies that showed", validate_choice=False)

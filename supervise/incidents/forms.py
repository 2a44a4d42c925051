"""Forms of incidents. What may be chosen depends on the case, so the flows check choices and say so in words."""

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from supervise.deid.forms import LABEL_WORDS
from supervise.web.forms import Form

_CHOICES = [("", "Let the screening tell"), *LABEL_WORDS, ("QUASI", "something recognisable")]


class SeeForm(Form):
    """Words that could tell who it is. ``subject`` is the text in which they were selected, if the page knows it."""

    subject = HiddenField()
    words = StringField("The words, as they stand in the case", render_kw={"autocomplete": "off", "maxlength": "300"})
    label = SelectField("It is", choices=[SelectChoice(value, words) for value, words in _CHOICES], default="")


class MendForm(Form):
    """What takes the place of the words: a stand-in from a list, or more general words."""

    stand_in = SelectField("Put in its place", validate_choice=False)
    wording = StringField("Or say it in more general words", render_kw={"autocomplete": "off", "maxlength": "300"})


class DisputeForm(Form):
    """Why the words identify nobody."""

    reason = TextAreaField("Why it identifies nobody", render_kw={"spellcheck": "true", "maxlength": "500"})


class PatternsForm(Form):
    """Whether the shape of what readers saw is kept."""

    kept = BooleanField("Keep the shape of identifiers that readers saw and their authors replaced")

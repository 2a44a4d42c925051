"""Forms of cases."""

from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Optional

from supervise.cases.rules import URGENCIES
from supervise.web.forms import Form

URGENCY_WORDS = {"routine": "When you can", "soon": "Within days", "urgent": "Today or tomorrow"}
_TYPED = {"spellcheck": "true", "autocapitalize": "sentences"}


class TextsForm(Form):
    """The texts of a version: all there is to edit once a case was released."""

    version = HiddenField(default="0")
    title = StringField("Title", render_kw=_TYPED)
    question = TextAreaField("Your question", render_kw=_TYPED)
    body = TextAreaField("What happened", render_kw=_TYPED)
    file = FileField("File")
    replace = BooleanField("Replace what is written")


class DraftForm(TextsForm):
    """A case before its first release. ``draft_id`` is made with the page, so that saving twice makes one case.

    Choices are checked by the flow: what is offered changes with agreements and groups, and it says so in words.
    """

    draft_id = HiddenField()
    way = RadioField("Who reads it", validate_choice=False)
    peer_ids = SelectMultipleField("Colleagues", validate_choice=False)
    client_id = SelectField("Client", validate_choice=False)
    disclosed = BooleanField("Told at intake that you are supervised, and by whom")
    disclosed_on = DateField("On", validators=[Optional()])
    jurisdiction = SelectField("State whose law applies", validate_choice=False)
    urgency = RadioField(
        "Answer needed", choices=[SelectChoice(key, URGENCY_WORDS[key]) for key in URGENCIES], default="routine"
    )
    dilemmas = SelectMultipleField("Kinds of dilemma", validate_choice=False)


class ReleaseForm(Form):
    """The button of the release page; ``seen`` is the fingerprint of the readers on it."""

    seen = HiddenField()


class WithdrawForm(Form):
    """Why a case is withdrawn. ``version`` is the case's, so that nobody withdraws what they have not seen."""

    version = HiddenField(default="0")
    reason = TextAreaField("Why", render_kw=_TYPED)

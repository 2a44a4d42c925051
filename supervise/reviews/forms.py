"""Forms of threads. What may be chosen depends on the case, so the flows check choices and say so in words."""

from typing import Any

from wtforms import (
    DateField,
    DateTimeLocalField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from supervise.reviews.rules import MAX_OPTIONS
from supervise.web.forms import Form

_FREE: dict[str, Any] = {"validate_choice": False}
_TYPED = {"spellcheck": "true", "autocapitalize": "sentences"}


class GuidanceForm(Form):
    """A post. ``post_id`` is made with the page, so that saving twice makes one post; ``version`` is its draft's."""

    post_id = HiddenField()
    version = HiddenField(default="0")
    reply = HiddenField()
    para = HiddenField()
    prefix = HiddenField()
    quote = SelectField("About", default="", **_FREE)
    kind = RadioField("Kind", default="observation", **_FREE)
    body = TextAreaField("Your words", render_kw=_TYPED)
    because = TextAreaField("Because", render_kw=_TYPED)
    due_on = DateField("To be done by", validators=[Optional()])
    cites = SelectMultipleField("Sections of a code", **_FREE)
    competency = SelectField("Competency", default="", **_FREE)
    mentions = SelectMultipleField("Call the attention of", **_FREE)


class EditForm(Form):
    """New words for a published post."""

    version = HiddenField(default="0")
    body = TextAreaField("Your words", render_kw=_TYPED)
    because = TextAreaField("Because", render_kw=_TYPED)


class DecisionForm(Form):
    """A decision: up to four options, of which one is chosen, and the reasoning. Option fields are added below."""

    version = HiddenField(default="0")
    chosen = HiddenField("Chosen")
    body = TextAreaField("What I decided, and why", render_kw=_TYPED)
    cites = SelectMultipleField("Sections of a code", **_FREE)
    follow_up_on = DateField("Follow up on", validators=[Optional()])

    @property
    def options(self) -> list[dict[str, str | bool]]:
        """The rows as typed, empty ones among them."""
        return [
            {
                "option": self[f"option_{n}"].data or "",
                "for": self[f"for_{n}"].data or "",
                "against": self[f"against_{n}"].data or "",
                "chosen": self.chosen.data == str(n),
            }
            for n in range(MAX_OPTIONS)
        ]


for _n in range(MAX_OPTIONS):
    setattr(DecisionForm, f"option_{_n}", StringField(f"Option {_n + 1}", render_kw=_TYPED))
    setattr(DecisionForm, f"for_{_n}", TextAreaField("Speaks for it", render_kw=_TYPED))
    setattr(DecisionForm, f"against_{_n}", TextAreaField("Speaks against it", render_kw=_TYPED))


class FollowUpForm(Form):
    """That a decision was looked at again, with a short note."""

    note = TextAreaField("What came of it", render_kw=_TYPED)


class RulingForm(Form):
    """A word that moves a case; the button pressed is the ``outcome``. ``version`` is the case's."""

    version = HiddenField(default="0")
    outcome = HiddenField()
    reason = TextAreaField("Your word on it", render_kw=_TYPED)


class NextLookForm(Form):
    """When the supervisor of record looks again, on their wall clock; empty for no plan."""

    next_look = DateTimeLocalField("Next look", format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], validators=[Optional()])

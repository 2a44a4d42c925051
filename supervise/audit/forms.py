"""The filter of the viewer."""

from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from supervise.audit.words import WORDS
from supervise.web.forms import Form

_ACTIONS = {"": "Everything", **dict(sorted(WORDS.items(), key=lambda item: item[1]))}


class FilterForm(Form):
    """Sent with GET, so that a filtered page can be linked; it changes nothing and needs no token."""

    class Meta:
        csrf = False

    person = SelectField("Who", choices={"": "Everyone"}, validate_choice=False)
    action = SelectField("What", choices=_ACTIONS, validate_choice=False)
    object = StringField("Object", [Optional(), Length(max=60)], render_kw={"autocomplete": "off"})
    since = DateField("From", [Optional()])
    until = DateField("To, that day included", [Optional()])

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everyone = sorted(names.items(), key=lambda item: item[1].casefold())
        self.person.choices = {"": "Everyone", **dict(everyone)}

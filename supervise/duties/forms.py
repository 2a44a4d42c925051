"""Forms of duties. What may be chosen follows from the law that applies, so the flow checks it and says so in words."""

from collections.abc import Mapping

from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Optional

from supervise.accounts.choices import jurisdictions
from supervise.duties import queries
from supervise.duties.rules.guide import OUTCOMES, WHICH
from supervise.web.forms import Form

HOW = {"phone": "by phone", "person": "in person", "written": "in writing", "online": "through a portal"}
READ = {
    "official": "the law on an official site",
    "database": "the law in a legal database",
    "board": "guidance of the board itself",
    "lawyer": "written advice of a lawyer",
}


def listed(words: Mapping[str, str]) -> list[SelectChoice]:
    """Return what a list offers."""
    return [SelectChoice(value, label) for value, label in words.items()]


_TYPED = {"spellcheck": "true", "maxlength": "2000"}


class OpenForm(Form):
    """Which duty, where, and since when. The times are in the zone of the person."""

    duty = RadioField("Which duty is it about?", validate_choice=False)
    client_place = SelectField("Where the client is now", validate_choice=False)
    event_place = SelectField("Where it happened, if that is another place", validate_choice=False)
    known_at = StringField("When you learned of it", render_kw={"type": "datetime-local"})

    def offer(self) -> "OpenForm":
        """Fill the lists."""
        places = {one.code: one.name for one in jurisdictions().values()}
        duties = queries.book().duties.values()
        self.duty.choices = listed({one.id: f"{one.title}. {one.about}" for one in duties})
        self.client_place.choices = listed({"": "Not known, or outside the United States"} | places)
        self.event_place.choices = listed({"": "The same, or not known"} | places)
        return self


class TellForm(Form):
    """Who was told."""

    recipient = SelectField("Who was told", validate_choice=False)
    how = SelectField("How", choices=listed(HOW))
    at = StringField("When", render_kw={"type": "datetime-local"})
    meets = SelectField("This was", choices=listed({"": "neither of the reports", **WHICH}))
    note = TextAreaField("What was said, in general words", render_kw={"spellcheck": "true", "maxlength": "500"})


class DecideForm(Form):
    """What was decided and why, and the options that were not taken."""

    version = HiddenField()
    outcome = RadioField("What you decided", choices=listed(OUTCOMES), validate_choice=False)
    decision = TextAreaField("Why", render_kw=_TYPED)
    option_0 = StringField("An option not taken", render_kw=_TYPED)
    because_0 = TextAreaField("Why not", render_kw=_TYPED)
    option_1 = StringField("A second option not taken", render_kw=_TYPED)
    because_1 = TextAreaField("Why not the second", render_kw=_TYPED)
    option_2 = StringField("A third option not taken", render_kw=_TYPED)
    because_2 = TextAreaField("Why not the third", render_kw=_TYPED)
    follow_up_on = DateField("Look again on", validators=[Optional()])

    @property
    def typed(self) -> dict[str, str]:
        """The words, by field."""
        names = ("decision", *(f"{part}_{n}" for n in range(3) for part in ("option", "because")))
        return {name: self[name].data or "" for name in names}


class ConfirmForm(Form):
    """What was read to compare a row with the law, and when."""

    key = HiddenField()
    digest = HiddenField()
    read = SelectField("I compared it with", choices=listed(READ))

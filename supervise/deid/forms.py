"""Forms of the confirm page. Findings differ from text to text, so their fields are read by name."""

from collections.abc import Mapping

from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length

from supervise.deid.engine.choices import Choice
from supervise.deid.engine.findings import Group
from supervise.deid.rules.work import MAX_MARKED, Work
from supervise.web.forms import Form

LABEL_WORDS = (
    ("NAME", "a name"), ("LOCATION", "a place"), ("ORG", "an organisation"), ("DATE", "a date"), ("AGE", "an age"),
    ("PHONE", "a telephone number"), ("EMAIL", "an e-mail address"), ("URL", "a web address"),
    ("ID", "a number or code"),
)  # fmt: skip


class MarkForm(Form):
    """A passage that was missed."""

    mark = StringField("Mark another word or phrase", validators=[Length(max=MAX_MARKED)])
    label = SelectField("It is", choices=[SelectChoice(label, words) for label, words in LABEL_WORDS], default="NAME")


class ConfirmForm(Form):
    """The author has read the result; ``shown`` is its hash."""

    shown = HiddenField()
    read = BooleanField(
        "I have read the text above to its end.", validators=[DataRequired("Read the text to its end, then tick this.")]
    )


def read_choices(posted: Mapping[str, str], work: Work) -> dict[str, Choice | None]:
    """Return what the posted fields decide about each finding; fields that are not there change nothing.

    ``choice-<key>``: remove, suggest, own (with ``own-<key>``) or keep:<reason>; ``as-<key>``: the stand-in.
    """
    changes: dict[str, Choice | None] = {}
    asked = {group.key for group in work.asked}
    for group in work.proposal.groups:
        raw = posted.get(f"choice-{group.key}", "")
        stand_in = posted.get(f"as-{group.key}", "")
        if not raw and not (stand_in and group.key not in asked):
            continue
        choice = _choice(raw or "remove", stand_in, posted.get(f"own-{group.key}", ""), group)
        if group.key not in asked and choice == Choice("remove"):
            changes[group.key] = None
        elif choice != work.choices.get(group.key):
            changes[group.key] = choice
    return changes


def _choice(raw: str, stand_in: str, own: str, group: Group) -> Choice:
    action, _, reason = raw.partition(":")
    if action == "keep":
        return Choice("keep", reason=reason)
    if action == "suggest" and group.suggestion:
        return Choice("generalise", wording=group.suggestion)
    if action == "own":
        return Choice("generalise", wording=" ".join(own.split()))
    return Choice("remove", stand_in=stand_in if stand_in and stand_in != group.stand_in else None)

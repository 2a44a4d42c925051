"""Forms of accounts."""

from typing import Any

from wtforms import (
    DateField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
)
from wtforms.validators import DataRequired, Length, Optional, Regexp

from supervise.accounts import choices
from supervise.accounts.rules import PASSWORD_LEAST, PASSWORD_MOST
from supervise.web.forms import Form

_ADDRESS = Regexp(
    r"^\s*[^@\s]{1,64}@[^@\s]+\.[^@\s]+\s*$", message="This is no e-mail address; it looks like name@place.org."
)
_NEW = f"{PASSWORD_LEAST} characters or more, any of them. Four words in a row are easy to keep in mind."


def said(field: Any) -> str:
    """Return what was typed into a field, without blanks around it."""
    return (field.data or "").strip()


def secret(field: Any) -> str:
    """Return what was typed into a password field, blanks and all."""
    return field.data or ""


def _needs(what: str) -> DataRequired:
    return DataRequired(message=f"{what} is missing.")


def _password(label: str, autocomplete: str, description: str = "") -> PasswordField:
    most = Length(max=PASSWORD_MOST, message=f"Use at most {PASSWORD_MOST} characters.")
    return PasswordField(
        label, [_needs("The password"), most], description=description, render_kw={"autocomplete": autocomplete}
    )


def _text(label: str, most: int, *validators: Any, **render: Any) -> StringField:
    return StringField(label, [*validators, Length(max=most, message=f"At most {most} characters.")], render_kw=render)


class SignInForm(Form):
    email = EmailField("E-mail", [_needs("The address")], render_kw={"autocomplete": "username"})
    password = _password("Password", "current-password")
    next = HiddenField()


class UnlockForm(Form):
    password = _password("Password", "current-password")
    next = HiddenField()


class CodeForm(Form):
    code = StringField(
        "Code",
        [_needs("The code"), Length(max=40)],
        description="Six figures from your authenticator app, or a recovery code.",
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "text",
            "autocapitalize": "off",
            "spellcheck": "false",
        },
    )
    next = HiddenField()


class EnrolForm(Form):
    code = StringField(
        "Code from the app",
        [_needs("The code"), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class EnrolWithPasswordForm(EnrolForm):
    password = _password("Your password", "current-password")


class PasswordOnlyForm(Form):
    password = _password("Your password", "current-password")


class AskResetForm(Form):
    email = EmailField("E-mail", [_needs("The address"), _ADDRESS], render_kw={"autocomplete": "username"})


class ResetForm(Form):
    password = _password("New password", "new-password", _NEW)


class ChangePasswordForm(Form):
    current = _password("Password until now", "current-password")
    password = _password("New password", "new-password", _NEW)


class JoinForm(Form):
    email = EmailField("E-mail", [_needs("The address"), _ADDRESS], render_kw={"autocomplete": "username"})
    name = _text("Your name, as colleagues know you", 120, _needs("The name"), autocomplete="name")
    credential = _text("Credential", 60, Optional(), placeholder="AMFT, LCSW …")
    zone = SelectField("Time zone", choices=choices.zones)
    password = _password("Password", "new-password", _NEW)


class ProfileForm(Form):
    name = _text("Name, as colleagues know you", 120, _needs("The name"), autocomplete="name")
    credential = _text("Credential", 60, Optional())
    phone = TelField(
        "Telephone for urgent cases",
        [Optional(), Length(max=30), Regexp(r"^[+0-9 ().x-]*$", message="Figures, blanks, + and - only.")],
        render_kw={"autocomplete": "tel"},
    )
    zone = SelectField("Time zone", choices=choices.zones)
    version = HiddenField()


class InviteForm(Form):
    name = _text("Name", 120, Optional(), autocomplete="off")
    email = EmailField("E-mail", [_needs("The address"), Length(max=254), _ADDRESS], render_kw={"autocomplete": "off"})
    roles = SelectMultipleField("Roles", choices=choices.ROLES)


class RolesForm(Form):
    roles = SelectMultipleField("Roles", choices=choices.ROLES)
    version = HiddenField()


class LicenceForm(Form):
    jurisdiction = SelectField("Jurisdiction", [_needs("The jurisdiction")], choices=choices.places)
    title = _text("Title", 60, _needs("The title"), placeholder="LMFT, LPC Associate …")
    profession = _text("Profession", 60, _needs("The profession"), placeholder="Marriage and family therapist")
    number = _text("Number", 60, _needs("The number"), autocomplete="off")
    issued_on = DateField("Issued", [_needs("The day")])
    expires_on = DateField("Expires", [Optional()], description="Leave it empty where it does not expire.")
    version = HiddenField()


class RelationshipForm(Form):
    other_id = SelectField("This member", [_needs("The member")], validate_choice=False)
    kind = SelectField("Is", [_needs("What this person is to you")], choices={"": "Choose …"} | choices.RELATIONSHIPS)


class SettingForm(Form):
    name = _text("Name of the place", 120, _needs("The name"), autocomplete="organization")
    address = _text("Address, if the board asks for it", 240, Optional(), autocomplete="street-address")
    board = SelectField("Hours count toward", choices=choices.boards)
    pay = SelectField("You work there as", choices=choices.PAYS)
    degree = SelectField("These hours are", choices=choices.DEGREES)
    serves = SelectField("It serves", choices=choices.communities, default="")
    starts_on = DateField("From", [_needs("The day")])
    ends_on = DateField("Until", [Optional()], description="Leave it empty while you work there.")
    version = HiddenField()

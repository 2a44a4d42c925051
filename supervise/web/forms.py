"""The base of every form."""

from typing import Any

from flask_wtf import FlaskForm

from supervise.core.errors import Invalid


class Form(FlaskForm):  # type: ignore[misc]
    """A form that checks its CSRF token and can show a verb's refusal at the field it is about."""

    def refuse(self, error: Exception) -> None:
        """Show ``error`` at its field if it names one, else above the form. What was typed stays."""
        field = getattr(error, "field", None) if isinstance(error, Invalid) else None
        if field in self._fields:
            errors = self._fields[field].errors
            self._fields[field].errors = [*errors, str(error)]
        else:
            self.form_errors.append(str(error))

    @property
    def has_errors(self) -> bool:
        return bool(self.errors)


class BareForm(Form):
    """A form of one button: nothing but the CSRF token."""


def version_of(form: Any) -> int:
    """Return the row version that the page was made from, sent back as a hidden field; 0 if it was tampered with."""
    raw = form.get("version", "0")
    return int(raw) if raw.isdecimal() else 0

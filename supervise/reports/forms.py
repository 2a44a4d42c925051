"""Forms of reports."""

from wtforms import FileField, StringField
from wtforms.validators import InputRequired, Length

from supervise.web.forms import Form


class IssueForm(Form):
    """One packet to issue; which one is the value of the pressed button."""


class CodeForm(Form):
    """The public code of a report, as printed on it."""

    code = StringField("Code on the report", validators=[InputRequired("Type the code."), Length(max=40)])


class FileForm(Form):
    """A report as a file."""

    file = FileField("The PDF itself", validators=[InputRequired("Choose the file.")])

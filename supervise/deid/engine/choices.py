"""What an author may decide about a finding, and which decisions do not hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

import re2

from supervise.deid.engine.errors import ChoiceRefused
from supervise.deid.engine.findings import Group

Action = Literal["remove", "keep", "generalise"]

KEEP_REASONS: Final = {
    "ordinary_word": "An ordinary word here, not a name",
    "public_figure_or_theorist": "A public figure, author or theorist",
    "kinship_or_role": "A family or working role, not a name",
    "pet": "A pet",
    "clinical_term": "A clinical term, instrument, medicine or code",
    "culture_or_faith": "A culture, language or faith that matters clinically",
    "state_or_country": "A state or a country",
    "nationwide_body": "A nationwide body that identifies nobody here",
    "emergency_line": "An emergency line",
    "public_address": "A public site that anyone may use",
    "not_an_identifier": "A score, dose, count or time, not an identifier",
    "dates_nothing": "Dates nothing in this story",
    "under_90": "An age under 90",
    "needed_by_supervisor": "The supervisor needs it, and it points to nobody",
}
_ALLOWED: Final = {
    "NAME": ("ordinary_word", "public_figure_or_theorist", "kinship_or_role", "pet", "clinical_term",
             "culture_or_faith", "nationwide_body"),
    "LOCATION": ("ordinary_word", "public_figure_or_theorist", "clinical_term", "culture_or_faith", "state_or_country",
                 "nationwide_body", "not_an_identifier"),
    "ORG": ("ordinary_word", "public_figure_or_theorist", "clinical_term", "culture_or_faith", "state_or_country",
            "nationwide_body"),
    "DATE": ("ordinary_word", "dates_nothing", "not_an_identifier", "culture_or_faith"),
    "AGE": ("not_an_identifier", "under_90"),
    "PHONE": ("emergency_line", "not_an_identifier"),
    "EMAIL": (),
    "URL": ("public_address", "clinical_term"),
    "ID": ("clinical_term", "not_an_identifier"),
    "QUASI": ("needed_by_supervisor", "culture_or_faith"),
}  # fmt: skip
RELATIONS: Final = (
    "Client", "Client's mother", "Client's father", "Client's parent", "Client's stepmother", "Client's stepfather",
    "Client's sister", "Client's brother", "Client's sibling", "Client's partner", "Client's wife", "Client's husband",
    "Client's former partner", "Client's child", "Client's daughter", "Client's son", "Client's grandmother",
    "Client's grandfather", "Client's aunt", "Client's uncle", "Client's cousin", "Client's relative",
    "Client's friend", "Client's teacher", "Client's employer", "Client's coworker", "Client's neighbor",
    "Client's physician", "Client's lawyer", "Therapist", "Colleague", "Supervisor", "Supervisee", "Director",
    "Case worker", "Interpreter", "Another client", "Pet",
)  # fmt: skip
EMERGENCY_LINES: Final = frozenset((
    "988", "911", "211", "311", "741741", "838255", "678678", "18002738255", "18007997233", "18664887386",
    "18006564673",
    "18006624357", "18002221222", "18004224453", "18668331222", "18773322200", "18006334673",
))  # fmt: skip
_STAND_IN = re2.compile(r"^\[[\p{L}\p{N}' +,/-]+\]$")
_MAX_STAND_IN = 50
_DIGITS = re2.compile(r"\d")
_PUBLIC_HOST = re2.compile(r"(?i)@|(?:facebook|instagram|tiktok|linkedin|twitter|x|youtube|reddit|gofundme|venmo)\.com")
_LONG_NUMBER = 7
_MAX_WORDING = 300


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: ``stand_in`` to remove, ``wording`` to generalise, ``reason`` (a key of KEEP_REASONS) to keep."""

    action: Action
    stand_in: str | None = None
    wording: str | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"action": self.action, "stand_in": self.stand_in, "wording": self.wording, "reason": self.reason}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Choice":
        return cls(**data)


def allowed_reasons(label: str) -> tuple[str, ...]:
    """Return the keys of :data:`KEEP_REASONS` that can keep a finding of this label; none for an e-mail address."""
    return _ALLOWED[label]


def digits(form: str) -> str:
    """Return the digits of a number as one string."""
    return "".join(m.group() for m in _DIGITS.finditer(form))


def is_emergency_line(form: str) -> bool:
    """Tell whether a number is one of the lines that every reader may see."""
    number = digits(form)
    return number in EMERGENCY_LINES or "1" + number in EMERGENCY_LINES


def check(group: Group, choice: Choice, hidden: frozenset[str]) -> None:
    """Raise :class:`ChoiceRefused` if the choice does not hold; ``hidden`` is from :func:`hidden_words`."""
    if choice.action == "keep":
        _check_keep(group, choice.reason)
    elif choice.action == "generalise":
        wording = (choice.wording or "").strip()
        if not wording or len(wording) > _MAX_WORDING:
            raise ChoiceRefused(f"Please write other words for this, up to {_MAX_WORDING} characters.", group.key)
        _check_clean(wording, group, hidden)
    elif choice.stand_in is not None:
        if len(choice.stand_in) > _MAX_STAND_IN or not _STAND_IN.match(choice.stand_in):
            raise ChoiceRefused("A stand-in is a few plain words in square brackets, such as [Client].", group.key)
        _check_clean(choice.stand_in, group, hidden)


def hidden_words(forms: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return what must not come back through an author's own words: forms, and the parts of names with their capitals.

    ``forms`` are pairs of label and form. Whole forms are folded; a part counts as written, since "will" is no "Will".
    """
    out = set()
    for label, form in forms:
        if label in ("QUASI", "DATE", "AGE") or len(form) < 2:
            continue
        out.add(" ".join(_plain(form.casefold())))
        if label == "NAME":
            out.update(part for part in _plain(form) if len(part) > 2 and part[0].isupper())
    return frozenset(out)


def _check_clean(words: str, group: Group, hidden: frozenset[str]) -> None:
    written = f" {' '.join(_plain(words))} "
    if any(f" {form} " in written or f" {form} " in written.casefold() for form in hidden):
        raise ChoiceRefused("These words contain something that is being taken out. Please change them.", group.key)


def _plain(words: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in words).split()


def _check_keep(group: Group, reason: str | None) -> None:
    allowed = allowed_reasons(group.label)
    if not allowed:
        raise ChoiceRefused("An e-mail address always goes: it leads to a person.", group.key)
    if reason is None or reason not in allowed:
        raise ChoiceRefused("Please say why this may stay readable.", group.key)
    for form in group.forms:
        sentence = _contradiction(group.label, reason, form)
        if sentence:
            raise ChoiceRefused(sentence, group.key)


def _contradiction(label: str, reason: str, form: str) -> str | None:
    """Return why the reason cannot be true of this form, or None."""
    if reason == "emergency_line" and not is_emergency_line(form):
        return "This number is none of the emergency lines we know, so it cannot stay for that reason."
    if reason == "not_an_identifier" and label in ("PHONE", "ID") and len(digits(form)) >= _LONG_NUMBER:
        return "A number this long leads to a person or a record, so it cannot stay."
    if reason == "not_an_identifier" and label == "LOCATION" and any(c.isalpha() for c in form):
        return "This is a place in words, so it cannot stay as a number."
    if reason == "under_90" and digits(form).isdigit() and int(digits(form)) >= 90:
        return "This age is 90 or over, so it cannot stay."
    if reason == "ordinary_word" and sum(part[:1].isupper() for part in form.split()) > 1:
        return "Several capitalised words in a row are a name or a place, so they cannot stay as ordinary words."
    if reason == "public_address" and _PUBLIC_HOST.search(form):
        return "This address leads to one person's page or account, so it cannot stay."
    return None

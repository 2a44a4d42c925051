"""What replaces a finding. It depends on the kind of thing and the order of appearance alone, never on the words."""

from dataclasses import replace
from datetime import date

import re2

from supervise.deid.engine.calendar import interval, read_moment
from supervise.deid.engine.findings import Group

_FIXED = {"AGE": "[90+]", "PHONE": "[phone]", "EMAIL": "[e-mail]", "URL": "[link]", "ID": "[number]"}
_KINDS = {
    "[Clinic]": "clinic|clínica|counsel|behavioral|mental health|therapy|psych|wellness|practice|treatment|recovery",
    "[Hospital]": "hospital|medical center|infirmary|hospice",
    "[School]": r"school|elementary|elem\b|middle|high\b|prep|academy|montessori|kindergarten|primary",
    "[University]": r"universit|college|institute of|polytechnic|\bstate\b",
    "[Place of worship]": r"church|temple|mosque|masjid|synagogue|parish|cathedral|ministr|gurdwara|shul|congregation|"
    r"chapel|"
    r"tabernacle|fellowship|our lady|holy|bais|beth\b|assembly|islamic",
    "[Shelter]": "shelter|safe house|transitional",
    "[Agency]": "agency|department|office|services|county|bureau|court|sheriff|police|authority|commission",
}
_ORG_KINDS = tuple((name, re2.compile("(?i)" + pattern)) for name, pattern in _KINDS.items())
_BIRTH = re2.compile(
    r"(?i)(?:\bDOB|\bD\.O\.B|birth ?date|date of birth|\bborn(?: on| in)?|birthday(?: is| on)?)[\s:*.,=-]*$"
)
_ADDRESS = re2.compile(r"^\d+[\w-]* ")
_ZIP = re2.compile(r"^\d{5}(?:-\d{4})?$")


def with_stand_ins(text: str, groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups, in order of appearance, with the stand-in that each gets unless the author chooses one."""
    origin = first_day(text, groups)
    people = 0
    used: dict[str, int] = {}
    repeats: list[int] = []
    out: list[Group] = []
    for group in groups:
        if group.source == "repeat" and group.suggestion:
            repeats.append(len(out))
            out.append(group)
        elif group.label == "NAME":
            people += 1
            out.append(replace(group, stand_in=f"[Person {people}]"))
        elif group.label == "DATE":
            out.append(replace(group, stand_in=_date(text, group, origin)))
        elif group.label in ("ORG", "LOCATION"):
            kind = _organisation(group) if group.label == "ORG" else _place(group)
            used[kind] = used.get(kind, 0) + 1
            out.append(replace(group, stand_in=kind if used[kind] == 1 else f"{kind[:-1]} {used[kind]}]"))
        else:
            out.append(replace(group, stand_in=_FIXED.get(group.label, "[…]")))
    owners = {group.key: group.stand_in for group in out}
    for number in repeats:
        out[number] = replace(out[number], stand_in=owners[out[number].suggestion or ""])
    return tuple(out)


def first_day(text: str, groups: tuple[Group, ...]) -> date | None:
    """Return the first full date of the story, from which the others are counted; a date of birth is none."""
    days = []
    for group in groups:
        moment = read_moment(group.forms[0]) if group.label == "DATE" else None
        if moment and moment.exact and not is_birth(text, group):
            days.append((group.places[0], moment.on(None)))
    return min(days)[1] if days else None


def is_birth(text: str, group: Group) -> bool:
    """Tell whether the date is somebody's birthday, whose distance from a session would tell an age to the day."""
    return any(_BIRTH.search(text[max(0, start - 24) : start]) is not None for start, _ in group.places)


def _date(text: str, group: Group, origin: date | None) -> str:
    return "[date of birth]" if is_birth(text, group) else interval(read_moment(group.forms[0]), origin)


def _organisation(group: Group) -> str:
    for form in group.forms:
        for name, pattern in _ORG_KINDS:
            if pattern.search(form):
                return name
    return "[Organisation]"


def _place(group: Group) -> str:
    form = group.forms[0]
    if _ZIP.match(form):
        return "[ZIP]"
    return "[address]" if _ADDRESS.match(form) else "[Town]"

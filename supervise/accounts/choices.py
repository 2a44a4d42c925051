"""What forms of accounts offer to choose from."""

import tomllib
from functools import cache
from zoneinfo import available_timezones

from wtforms import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from supervise.accounts.rules import RelationshipRule
from supervise.core.actor import Role
from supervise.core.jurisdictions import Jurisdiction, load_jurisdictions
from supervise.core.resources import folder
from supervise.core.rulefile import read

Choices = dict[str, str]

ROLES: Choices = {
    Role.SUPERVISEE.value: "Supervisee: writes cases, logs hours",
    Role.CLINICIAN.value: "Clinician: licensed peer, writes cases and gives guidance",
    Role.SUPERVISOR.value: "Supervisor: signs off cases and hours",
    Role.ADMIN.value: "Administrator: people and invitations",
    Role.AUDITOR.value: "Auditor: hours and audit, never case text",
}
ROLE_WORDS = {value: words.partition(":")[0] for value, words in ROLES.items()}

PAYS: Choices = {
    "w2": "Employee (W-2)",
    "volunteer": "Volunteer",
    "1099": "Independent contractor (1099)",
    "self_employed": "Self-employed",
}
DEGREES: Choices = {"post": "After the degree", "pre": "Before the degree"}


@cache
def jurisdictions() -> dict[str, Jurisdiction]:
    """Return the places that license, by code."""
    return load_jurisdictions(folder("config") / "jurisdictions.toml")


@cache
def boards() -> Choices:
    """Return the boards whose rules are known, by id and title."""
    files = [tomllib.loads(path.read_text()) for path in sorted((folder("config") / "boards").glob("*.toml"))]
    return {data["id"]: data["title"] for data in files}


RELATIONSHIPS: Choices = {
    "employer": "my employer, or decides about my employment",
    "employee": "works for me",
    "family": "family, household or partner, now or before",
    "past_therapist": "was my therapist",
    "past_client": "was my client in therapy",
    "business": "has a business or money with me",
    "friend": "a close friend",
}
"""What one member can be to another besides colleague, as the declarer says it."""


@cache
def relationship_rules() -> tuple[RelationshipRule, ...]:
    """Return what boards do not allow between supervisee and supervisor, from ``config/relationships.toml``."""
    head = read(folder("config") / "relationships.toml")
    head.text("source"), head.day("checked_on")
    rules = []
    for row in head.tables("rule"):
        verified = row.truth("verified")
        rules.append(
            RelationshipRule(
                id=row.identifier("id"),
                jurisdiction=row.choice("jurisdiction", jurisdictions()),
                forbids=frozenset(row.texts("forbids", RELATIONSHIPS)),
                because=row.text("because"),
                citation=row.text("citation"),
                url=row.text("url"),
                effective_from=row.day("effective_from"),
                verified=verified,
                note=row.text("note", "") if verified else row.text("note"),
            )
        )
        row.done()
    head.done()
    return tuple(rules)


@cache
def jurisdiction_of(board: str) -> str:
    """Return the jurisdiction of a board by its id; nothing for an unknown one."""
    path = folder("config") / "boards" / f"{board}.toml"
    return str(tomllib.loads(path.read_text("utf-8"))["jurisdiction"]) if board in boards() else ""


@cache
def communities() -> Choices:
    """Return whom a place of work can serve: people of a wide area, or one community, whose members know each other."""
    data = tomllib.loads((folder("config") / "deid" / "quasi.toml").read_text("utf-8"))
    return {"": "People of a wide area"} | {row["id"]: row["words"] for row in data["community"]}


def places() -> Choices:
    """Return the places that license, by code and name."""
    return {"": "Choose …"} | {place.code: place.name for place in jurisdictions().values()}


@cache
def zones() -> list[SelectChoice]:
    """Return time zones in groups: those of the places that license, then all others."""
    near = sorted({zone for place in jurisdictions().values() for zone in place.zones})
    far = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    grouped = [("United States", near), ("Elsewhere", ["UTC", *(zone for zone in far if zone not in near)])]
    return [SelectChoice(zone, _words(zone), optgroup=group) for group, names in grouped for zone in names]


def _words(zone: str) -> str:
    return zone.replace("_", " ").replace("/", " – ")

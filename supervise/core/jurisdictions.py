"""The places that license, with their time zones, from `config/jurisdictions.toml`."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from supervise.core.rulefile import read


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A state, district or territory: its ISO 3166-2 code, its name, its IANA zones with the usual one first."""

    code: str
    name: str
    zones: tuple[str, ...]


def load_jurisdictions(path: Path) -> dict[str, Jurisdiction]:
    """Every jurisdiction by code, in the order of the file. Raises RuleFileError naming row and key."""
    head = read(path)
    head.text("source"), head.day("checked_on"), head.truth("verified"), head.text("note")
    known = available_timezones()
    found: dict[str, Jurisdiction] = {}
    for row in head.tables("jurisdiction"):
        place = Jurisdiction(row.text("code"), row.text("name"), row.texts("zones", known))
        row.done()
        if place.code in found:
            raise row.fail("code", f"{place.code} stands twice")
        found[place.code] = place
    head.done()
    return found

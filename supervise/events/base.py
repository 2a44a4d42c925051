"""What every event has."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Event:
    """Base: ``org_id`` is the organisation in whose audit chain it is recorded (empty: the installation's own)."""

    org_id: str

    @property
    def subject(self) -> tuple[str, str]:
        """Return the type and id of what the event is about: its first ``*_id`` field after ``org_id``."""
        for field in fields(self):
            if field.name != "org_id" and field.name.endswith("_id"):
                return field.name.removesuffix("_id"), str(getattr(self, field.name))
        return "organisation", self.org_id

    @property
    def details(self) -> dict[str, str]:
        """Return the remaining fields as strings."""
        first = self.subject[0] + "_id"
        skip = {"org_id", first}
        return {
            f.name: str(getattr(self, f.name)) for f in fields(self) if f.name not in skip and getattr(self, f.name)
        }

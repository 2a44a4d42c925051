"""What a rule needs to know about a thing. Loaded by queries, passed in; a rule never looks anything up."""

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """On what ground a person reads a case."""

    AUTHOR = "author"
    SUPERVISOR = "supervisor"  # supervisor of record
    GROUP = "group"
    PEER = "peer"


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as the actor meets it. ``bases`` are the actor's live grounds for reading it at this instant."""

    case_id: str
    org_id: str
    author_id: str
    supervisor_id: str | None
    kind: str
    state: str
    bases: frozenset[Basis]
    held: bool = False
    red: bool = False
    legal_hold: bool = False
    took_part: bool = False
    minutes_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class PostFacts:
    """A post, with the case it stands in."""

    post_id: str
    author_id: str
    kind: str
    state: str
    case: CaseFacts


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """An identifier that ``marker_id`` saw in the words of ``author_id``. ``mender_ids`` may replace it now, since
    they wrote it or stand in for whoever did and reads the case no more; ``judge_ids`` may agree that it is none."""

    incident_id: str
    marker_id: str
    state: str
    mender_ids: frozenset[str]
    judge_ids: frozenset[str]
    case: CaseFacts


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """Someone's record of a duty. ``supervisor_id``: who reads the case it is on as supervisor of record, if its author
    is the one whose record it is."""

    person_id: str
    supervisor_id: str | None


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """A client reference."""

    org_id: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class OwnFacts:
    """Anything that belongs to one person alone."""

    person_id: str


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """A supervision agreement."""

    org_id: str
    supervisee_id: str
    supervisor_id: str
    signed_by: frozenset[str]
    ended: bool


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group and who is in it now."""

    org_id: str
    leader_id: str
    member_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """A meeting, or the plan of one (no attendees yet)."""

    org_id: str
    supervisor_id: str
    attendee_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class HoursFacts:
    """Someone's hours. ``supervisor_ids`` supervise them now or did on the days concerned; ``org_ids`` hold rows."""

    person_id: str
    supervisor_ids: frozenset[str]
    org_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class CrisisFacts:
    """A crisis. ``paged_ids`` were called to it."""

    crisis_id: str
    org_id: str
    raised_by: str
    paged_ids: frozenset[str]
    closed: bool


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """An issued report."""

    org_id: str
    person_id: str
    supervisor_id: str | None

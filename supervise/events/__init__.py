"""The typed catalogue of what can happen. Events carry ids and words from fixed lists, never text.

A verb says once what happened; audit chain and notices follow. ``subject`` is what it is about, ``details`` the rest.
"""

from dataclasses import dataclass

from supervise.events.base import Event as Event
from supervise.events.duties import DutyChanged as DutyChanged
from supervise.events.duties import DutyRowConfirmed as DutyRowConfirmed
from supervise.events.incidents import IdentifierSeen as IdentifierSeen
from supervise.events.incidents import IncidentChanged as IncidentChanged
from supervise.events.incidents import PatternsChosen as PatternsChosen
from supervise.events.keeping import BackupDrilled as BackupDrilled
from supervise.events.keeping import BackupMade as BackupMade
from supervise.events.keeping import BackupRestored as BackupRestored
from supervise.events.keeping import KeyForgotten as KeyForgotten
from supervise.events.keeping import KeysTurned as KeysTurned
from supervise.events.safety import CrisisChanged as CrisisChanged
from supervise.events.safety import CrisisPaged as CrisisPaged
from supervise.events.safety import DrillChanged as DrillChanged
from supervise.events.safety import RotaChanged as RotaChanged


@dataclass(frozen=True, slots=True)
class SignedIn(Event):
    """``new_device``: the id of the session, where the browser was not seen before."""

    person_id: str
    new_device: str = ""


@dataclass(frozen=True, slots=True)
class SignInFailed(Event):
    person_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SignedOut(Event):
    person_id: str


@dataclass(frozen=True, slots=True)
class SessionLocked(Event):
    person_id: str


@dataclass(frozen=True, slots=True)
class SessionUnlocked(Event):
    person_id: str


@dataclass(frozen=True, slots=True)
class SessionRevoked(Event):
    person_id: str
    session: str


@dataclass(frozen=True, slots=True)
class PersonInvited(Event):
    invitation_id: str
    roles: str


@dataclass(frozen=True, slots=True)
class InvitationRevoked(Event):
    invitation_id: str


@dataclass(frozen=True, slots=True)
class PersonJoined(Event):
    person_id: str
    roles: str


@dataclass(frozen=True, slots=True)
class RolesChanged(Event):
    person_id: str
    roles: str


@dataclass(frozen=True, slots=True)
class MembershipEnded(Event):
    person_id: str


@dataclass(frozen=True, slots=True)
class PasswordChanged(Event):
    person_id: str
    how: str


@dataclass(frozen=True, slots=True)
class PasswordResetAsked(Event):
    person_id: str
    reset: str


@dataclass(frozen=True, slots=True)
class SecondFactorChanged(Event):
    person_id: str
    how: str


@dataclass(frozen=True, slots=True)
class RelationshipDeclared(Event):
    """``change``: declared or ended. What the two are to each other stands in no event."""

    relationship_id: str
    change: str
    other: str


@dataclass(frozen=True, slots=True)
class LicenceRecorded(Event):
    licence_id: str


@dataclass(frozen=True, slots=True)
class SettingRecorded(Event):
    setting_id: str


@dataclass(frozen=True, slots=True)
class AccessDenied(Event):
    """Someone tried what they may not; ``action`` is a value of ``policy.Action``."""

    person_id: str
    action: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class ClientStarted(Event):
    client_id: str


@dataclass(frozen=True, slots=True)
class ConsentRecorded(Event):
    consent_id: str
    client: str
    scope: str


@dataclass(frozen=True, slots=True)
class ConsentRevoked(Event):
    consent_id: str
    client: str
    scope: str


@dataclass(frozen=True, slots=True)
class ConsentExpired(Event):
    """``owner`` is the clinician whose client it is."""

    consent_id: str
    client: str
    owner: str


@dataclass(frozen=True, slots=True)
class CaseStarted(Event):
    case_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class CaseKindChanged(Event):
    """A draft was turned from supervision to consultation or back; ``to`` is the new kind."""

    case_id: str
    to: str


@dataclass(frozen=True, slots=True)
class DraftSaved(Event):
    case_id: str


@dataclass(frozen=True, slots=True)
class RedactionsProposed(Event):
    """``subject_ref`` is ``kind:id`` of what was screened."""

    screening_id: str
    subject_ref: str


@dataclass(frozen=True, slots=True)
class RedactionsConfirmed(Event):
    screening_id: str
    subject_ref: str


@dataclass(frozen=True, slots=True)
class CaseReleased(Event):
    case_id: str
    version: str


@dataclass(frozen=True, slots=True)
class CaseRead(Event):
    case_id: str
    basis: str


@dataclass(frozen=True, slots=True)
class CaseStateChanged(Event):
    """``change``: withdrawn, reopened, sent_back, signed_off, closed."""

    case_id: str
    change: str


@dataclass(frozen=True, slots=True)
class CaseDecided(Event):
    case_id: str
    decision: str


@dataclass(frozen=True, slots=True)
class CaseClosed(Event):
    case_id: str


@dataclass(frozen=True, slots=True)
class LegalHoldChanged(Event):
    case_id: str
    to: str


@dataclass(frozen=True, slots=True)
class NextLookSet(Event):
    case_id: str


@dataclass(frozen=True, slots=True)
class ReaderSteppedOut(Event):
    case_id: str
    person: str


@dataclass(frozen=True, slots=True)
class AccessGranted(Event):
    case_id: str
    person: str
    basis: str


@dataclass(frozen=True, slots=True)
class AccessEnded(Event):
    case_id: str
    person: str
    why: str


@dataclass(frozen=True, slots=True)
class CaseSharedAgain(Event):
    case_id: str
    person: str


@dataclass(frozen=True, slots=True)
class OriginalDestroyed(Event):
    original_id: str
    subject_ref: str


@dataclass(frozen=True, slots=True)
class GuidancePosted(Event):
    post_id: str
    case: str
    kind: str
    parent: str = ""
    mentions: str = ""


@dataclass(frozen=True, slots=True)
class GuidanceEdited(Event):
    post_id: str
    case: str


@dataclass(frozen=True, slots=True)
class MustDoAnswered(Event):
    """``answer``: acknowledged or completed."""

    post_id: str
    case: str
    answer: str


@dataclass(frozen=True, slots=True)
class AgreementChanged(Event):
    """``change``: proposed, signed, in_force, ended."""

    agreement_id: str
    change: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class GroupChanged(Event):
    """``change``: started, joined, left, ended."""

    group_id: str
    change: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class MeetingRecorded(Event):
    meeting_id: str


@dataclass(frozen=True, slots=True)
class MeetingCancelled(Event):
    meeting_id: str


@dataclass(frozen=True, slots=True)
class NotesEdited(Event):
    meeting_id: str


@dataclass(frozen=True, slots=True)
class DayLogged(Event):
    person_id: str
    setting: str
    day: str


@dataclass(frozen=True, slots=True)
class DayRecalled(Event):
    person_id: str
    setting: str
    day: str


@dataclass(frozen=True, slots=True)
class DaysSubmitted(Event):
    """``days`` are ISO dates joined by blanks."""

    person_id: str
    setting: str
    days: str
    supervisor: str


@dataclass(frozen=True, slots=True)
class DaysSentBack(Event):
    person_id: str
    days: str


@dataclass(frozen=True, slots=True)
class DaysAttested(Event):
    attestation_id: str
    person: str
    days: str


@dataclass(frozen=True, slots=True)
class HoursCorrected(Event):
    entry_id: str
    reverses: str


@dataclass(frozen=True, slots=True)
class HoursAdded(Event):
    """A row that came to a day after it was submitted."""

    entry_id: str
    day: str


@dataclass(frozen=True, slots=True)
class NobodyCanSign(Event):
    """A row waits for the supervisor of an agreement who has gone, and nobody has followed."""

    agreement_id: str
    person: str
    day: str


@dataclass(frozen=True, slots=True)
class MinutesCredited(Event):
    entry_id: str
    case: str


@dataclass(frozen=True, slots=True)
class ReportIssued(Event):
    report_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class ReportRead(Event):
    report_id: str

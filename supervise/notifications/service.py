"""The sink that turns what happened into notices, in the transaction in which it happened."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update

from supervise import events
from supervise.access.queries import reader_ids
from supervise.accounts.models import Licence
from supervise.accounts.queries import licences_ending, members, places_of
from supervise.cases.queries import get as case_of
from supervise.core.actor import Role
from supervise.core.installation import installation
from supervise.core.uow import UnitOfWork
from supervise.hours.queries import attestation
from supervise.incidents.queries import incident
from supervise.notifications.models import MailChoice, Notice
from supervise.notifications.rules import LICENCE_DAYS, SAYINGS, licence_window
from supervise.policy import Basis
from supervise.reviews.queries import participants, post
from supervise.supervision.queries import attendee_ids, supervisees_of, supervisors_of

LAPSED_SEEN = timedelta(days=30)

Told = list[tuple[str, str, str, str]]
"""What a rule answers: (person, kind, object type, object id), one a notice."""


def notify(work: UnitOfWork, event: object) -> None:
    """Write the notices that follow from ``event``, and the mails they are due by.

    Nobody is told what they did, but for changes of how they sign in: those may have been made in their name.
    """
    rule = _RULES.get(type(event))
    if rule is None or not isinstance(event, events.Event):
        return
    for told in dict.fromkeys(rule(work, event)):
        if told[0] != work.actor.person_id or SAYINGS[told[1]].sign_in:
            _tell(work, event.org_id, told)


def mark_read(work: UnitOfWork, notice_id: str | None = None) -> None:
    """Mark one notice of the actor as read, or all of the organisation in which they work now."""
    statement = update(Notice).where(Notice.person_id == work.actor.person_id, Notice.read_at.is_(None))
    if notice_id is None:
        statement = statement.where(Notice.org_id == work.actor.org_id)
    else:
        statement = statement.where(Notice.id == notice_id)
    work.session.execute(statement.values(read_at=work.now))


def mailed(work: UnitOfWork, notice_id: str) -> None:
    """Note that the mail of a notice was handed over."""
    work.session.execute(update(Notice).where(Notice.id == notice_id).values(mailed_at=work.now))


def choose_mail(work: UnitOfWork, by_mail: bool) -> None:
    """Keep whether the actor wants notices by mail as well."""
    choice = MailChoice(person_id=work.actor.person_id, by_mail=by_mail, changed_at=work.now)
    work.session.merge(choice)


def remind_of_licences(work: UnitOfWork) -> int:
    """Tell people whose licence ends in 90, 30 and 7 days, once each; return how many were told."""
    today = work.now.date()
    told = 0
    for licence in licences_ending(work.session, today, today + timedelta(days=max(LICENCE_DAYS))):
        places = places_of(work.session, licence.person_id)
        ends = licence.expires_on
        if ends is None or not places or (window := licence_window(ends, today)) is None:
            continue
        kind = f"licence_{window}"
        # The same licence ends again after it was renewed; only what was said about this end counts.
        since = datetime.combine(ends - timedelta(days=max(LICENCE_DAYS)), time.min, UTC)
        said = select(Notice.id).where(Notice.kind == kind, Notice.object_id == licence.id, Notice.created_at >= since)
        if work.session.scalars(said.limit(1)).first() is None:
            _tell(work, places[0][0].org_id, (licence.person_id, kind, "licence", licence.id))
            told += 1
    return told


def tell_of_lapsed(work: UnitOfWork) -> int:
    """Tell both sides of a supervision, once, when a licence of either has expired unrenewed; return how many heard."""
    today, told = work.now.date(), 0
    for licence in licences_ending(work.session, today - LAPSED_SEEN, today - timedelta(days=1)):
        for place, _org in places_of(work.session, licence.person_id):
            sides = {row.supervisor_id for row in supervisors_of(work.session, licence.person_id, place.org_id, today)}
            sides |= {r.supervisee_id for r in supervisees_of(work.session, licence.person_id, today, place.org_id)}
            kinds = [(licence.person_id, "licence_lapsed")] if sides else []
            for person_id, kind in kinds + [(side, "licence_lapsed_other") for side in sorted(sides)]:
                told += _once(work, place.org_id, person_id, kind, licence)
    return told


def _once(work: UnitOfWork, org_id: str, person_id: str, kind: str, licence: Licence) -> bool:
    object_type = "licence" if kind == "licence_lapsed" else "licence_other"
    said = select(Notice.id).where(
        Notice.person_id == person_id, Notice.kind == kind, Notice.object_id == licence.id,
        Notice.created_at >= datetime.combine(licence.expires_on or work.now.date(), time.min, UTC),
    )  # fmt: skip
    if work.session.scalars(said.limit(1)).first() is not None:
        return False
    _tell(work, org_id, (person_id, kind, object_type, licence.id))
    return True


def _tell(work: UnitOfWork, org_id: str, told: tuple[str, str, str, str]) -> None:
    person_id, kind, object_type, object_id = told
    notice = Notice(
        org_id=org_id,
        person_id=person_id,
        kind=kind,
        object_type=object_type,
        object_id=object_id,
        actor_id=work.actor.person_id,
        created_at=work.now,
    )
    work.session.add(notice)
    work.session.flush()
    if SAYINGS[kind].mail and installation().settings.mail_configured:
        # A change of how someone signs in is told in each of their organisations, and mailed once.
        once = f"{kind}:{person_id}:{work.now.isoformat()}" if SAYINGS[kind].sign_in else None
        work.due("mail.notice", work.now, {"notice_id": notice.id, "org_id": org_id}, dedupe_key=once)


def _paged(_work: UnitOfWork, event: events.CrisisPaged) -> Told:
    return [(event.person, "crisis", "crisis", event.crisis_id)]


def _case(people: Iterable[str], kind: str, case_id: str) -> Told:
    return [(person, kind, "case", case_id) for person in sorted(people)]


def _released(work: UnitOfWork, event: events.CaseReleased) -> Told:
    kind = "case_released" if event.version == "1" else "version_released"
    return _case(reader_ids(work.session, event.case_id), kind, event.case_id)


def _posted(work: UnitOfWork, event: events.GuidancePosted) -> Told:
    readers = reader_ids(work.session, event.case)
    told: Told = []
    case = case_of(work.session, event.case)
    answered = post(work.session, event.parent).author_id if event.parent else None
    for person in sorted(readers):
        if person in event.mentions.split():
            kind = "mention"
        elif person == case.author_id:
            kind = "must_do" if event.kind == "must_do" else "guidance"
        elif person == answered:
            kind = "reply"
        else:
            continue
        told.append((person, kind, "post", event.post_id))
    return told


def _must_do(work: UnitOfWork, event: events.MustDoAnswered) -> Told:
    return [(post(work.session, event.post_id).author_id, f"must_do_{event.answer}", "post", event.post_id)]


def _decided(work: UnitOfWork, event: events.CaseDecided) -> Told:
    case = case_of(work.session, event.case_id)
    return _case([case.supervisor_id] if case.supervisor_id else [], "decided", event.case_id)


def _state(work: UnitOfWork, event: events.CaseStateChanged) -> Told:
    case = case_of(work.session, event.case_id)
    if event.change in {"sent_back", "signed_off"}:
        return _case([case.author_id], event.change, event.case_id)
    if event.change == "reopened":
        return _case(reader_ids(work.session, event.case_id), "reopened", event.case_id)
    if event.change == "withdrawn":
        return _case([case.supervisor_id] if case.supervisor_id else [], "withdrawn", event.case_id)
    return []


def _closed(work: UnitOfWork, event: events.CaseClosed) -> Told:
    case = case_of(work.session, event.case_id)
    readers = reader_ids(work.session, event.case_id)
    took_part = {case.author_id, *participants(work.session, event.case_id)}
    return _case(readers & took_part, "minutes", event.case_id)


def _shared_again(_work: UnitOfWork, event: events.CaseSharedAgain) -> Told:
    return _case([event.person], "shared_again", event.case_id)


def _seen(work: UnitOfWork, event: events.IdentifierSeen) -> Told:
    row = incident(work.session, event.incident_id)
    case, readers = case_of(work.session, event.case), reader_ids(work.session, event.case)
    told = {row.author_id} if row.author_id in readers else {case.author_id, case.supervisor_id or ""} & readers
    return [(person, "identifier_seen", "incident", row.id) for person in sorted(told)]


def _incident_changed(work: UnitOfWork, event: events.IncidentChanged) -> Told:
    row, case = incident(work.session, event.incident_id), case_of(work.session, event.case)
    told = {
        "withdrawn": [row.author_id], "kept": [row.author_id], "repaired": [row.marker_id],
        "cleared": [row.author_id, row.marker_id], "disputed": [],
    }[event.change]  # fmt: skip
    if event.change == "disputed":  # the supervisor of record has the say, else whoever saw it
        if case.kind == "supervision" and case.supervisor_id and case.supervisor_id != row.author_id:
            return [(case.supervisor_id, "identifier_disputed", "incident", row.id)]
        return [(row.marker_id, "identifier_asked", "incident", row.id)]
    return [(person, f"identifier_{event.change}", "incident", row.id) for person in told]


def _stepped_out(work: UnitOfWork, event: events.ReaderSteppedOut) -> Told:
    return _case(reader_ids(work.session, event.case_id, (Basis.AUTHOR,)), "stepped_out", event.case_id)


def _agreement(_work: UnitOfWork, event: events.AgreementChanged) -> Told:
    kind = {"proposed": "agreement_proposed", "signed": "agreement_signed", "ended": "agreement_ended"}.get(
        event.change
    )
    return [(event.other, kind, "agreement", event.agreement_id)] if kind and event.other else []


def _group(_work: UnitOfWork, event: events.GroupChanged) -> Told:
    joined = event.change == "joined" and event.person
    return [(event.person, "group_joined", "group", event.group_id)] if joined else []


def _meeting(kind: str) -> Callable[[UnitOfWork, Any], Told]:
    def rule(work: UnitOfWork, event: events.MeetingRecorded | events.MeetingCancelled | events.NotesEdited) -> Told:
        return [(p, kind, "meeting", event.meeting_id) for p in attendee_ids(work.session, event.meeting_id)]

    return rule


def _submitted(_work: UnitOfWork, event: events.DaysSubmitted) -> Told:
    return [(event.supervisor, "days_submitted", "hours", event.person_id)]


def _nobody_signs(work: UnitOfWork, event: events.NobodyCanSign) -> Told:
    admins = members(work.session, event.org_id, Role.ADMIN)
    return [(admin.id, "nobody_signs", "agreement", event.agreement_id) for admin in admins]


def _sent_back(_work: UnitOfWork, event: events.DaysSentBack) -> Told:
    return [(event.person_id, "days_sent_back", "hours", event.person_id)]


def _attested(work: UnitOfWork, event: events.DaysAttested) -> Told:
    signed = attestation(work.session, event.attestation_id)
    return [(signed.person_id, "days_attested", "hours", signed.person_id)]


def _consent(_work: UnitOfWork, event: events.ConsentExpired) -> Told:
    return [(event.owner, "consent_lapsed", "client", event.client)]


def _signed_in(_work: UnitOfWork, event: events.SignedIn) -> Told:
    seen = not (event.new_device and event.org_id)  # whoever belongs nowhere has no inbox
    return [] if seen else [(event.person_id, "new_device", "sign_in", event.new_device)]


def _password(_work: UnitOfWork, event: events.PasswordChanged) -> Told:
    return _account(event.person_id, "password_changed") if event.how in {"changed", "reset"} else []


def _reset_asked(work: UnitOfWork, event: events.PasswordResetAsked) -> Told:
    mailed_to_them = work.actor.person_id == "system"
    return [] if mailed_to_them else _account(event.person_id, "reset_link_made")


def _second_factor(work: UnitOfWork, event: events.SecondFactorChanged) -> Told:
    kind = {
        "set up": "second_factor_set_up",
        "removed": "second_factor_removed",
        "reset by an administrator": "second_factor_reset",
        "recovery codes made": "recovery_codes_made",
        "recovery code used": "recovery_code_used",
    }[event.how]
    first_codes = kind == "recovery_codes_made" and replace(event, how="set up") in work.events
    return [] if first_codes else _account(event.person_id, kind)


def _relationship(_work: UnitOfWork, event: events.RelationshipDeclared) -> Told:
    return [(event.other, f"relationship_{event.change}", "relationship", event.relationship_id)]


def _account(person_id: str, kind: str) -> Told:
    return [(person_id, kind, "account", person_id)]


_RULES: dict[type, Callable[[UnitOfWork, Any], Told]] = {
    events.CrisisPaged: _paged,
    events.CaseReleased: _released,
    events.GuidancePosted: _posted,
    events.MustDoAnswered: _must_do,
    events.CaseDecided: _decided,
    events.CaseStateChanged: _state,
    events.CaseClosed: _closed,
    events.CaseSharedAgain: _shared_again,
    events.IdentifierSeen: _seen,
    events.IncidentChanged: _incident_changed,
    events.ReaderSteppedOut: _stepped_out,
    events.AgreementChanged: _agreement,
    events.GroupChanged: _group,
    events.MeetingRecorded: _meeting("meeting"),
    events.MeetingCancelled: _meeting("meeting_cancelled"),
    events.NotesEdited: _meeting("notes_edited"),
    events.RelationshipDeclared: _relationship,
    events.DaysSubmitted: _submitted,
    events.NobodyCanSign: _nobody_signs,
    events.DaysSentBack: _sent_back,
    events.DaysAttested: _attested,
    events.ConsentExpired: _consent,
    events.SignedIn: _signed_in,
    events.PasswordChanged: _password,
    events.PasswordResetAsked: _reset_asked,
    events.SecondFactorChanged: _second_factor,
}

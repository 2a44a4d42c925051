"""The rules, one a permission. Each answers with a verdict that says why in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from supervise.core.actor import Actor, Role
from supervise.policy.actions import Action
from supervise.policy.facts import (
    AgreementFacts,
    Basis,
    CaseFacts,
    ClientFacts,
    CrisisFacts,
    DutyFacts,
    GroupFacts,
    HoursFacts,
    IncidentFacts,
    MeetingFacts,
    OwnFacts,
    PostFacts,
    ReportFacts,
)

READS_BODY = frozenset({Basis.AUTHOR, Basis.SUPERVISOR, Basis.GROUP, Basis.PEER})
VISIBLE_TO_READERS = frozenset({"open", "decided", "closed"})
WORKS_WITH_CASES = (Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``allowed``, and ``why`` or why not. ``hidden``: the actor is not even told that the thing exists."""

    allowed: bool
    why: str
    hidden: bool = False


def _yes(why: str) -> Verdict:
    return Verdict(True, why)


def _no(why: str) -> Verdict:
    return Verdict(False, why)


_UNSEEN = Verdict(False, "There is nothing here for you to read.", hidden=True)


def _member(_actor: Actor, _facts: Any) -> Verdict:
    return _yes("You are signed in.")


def _role(*roles: Role, otherwise: str) -> Callable[[Actor, Any], Verdict]:
    def rule(actor: Actor, _facts: Any) -> Verdict:
        return _yes("Your role allows it.") if actor.has(*roles) else _no(otherwise)

    return rule


def _own(actor: Actor, facts: OwnFacts) -> Verdict:
    return _yes("It is yours.") if facts.person_id == actor.person_id else _UNSEEN


def _read_duty(actor: Actor, facts: DutyFacts) -> Verdict:
    mine = actor.person_id in {facts.person_id, facts.supervisor_id}
    return _yes("It is yours, or of someone whose case you supervise.") if mine else _UNSEEN


def _client(actor: Actor, facts: ClientFacts) -> Verdict:
    mine = facts.owner_id == actor.person_id and facts.org_id == actor.org_id
    return _yes("It is your client reference.") if mine else _UNSEEN


def read_case(actor: Actor, case: CaseFacts) -> Verdict:
    """The author always; others only what was released, on a live basis; a withdrawn case only its supervisor."""
    if case.org_id != actor.org_id or not case.bases & READS_BODY:
        return _UNSEEN
    if Basis.AUTHOR in case.bases:
        return _yes("You wrote it.")
    if case.state in VISIBLE_TO_READERS:
        return _yes(f"You read it as {min(case.bases)}.")
    if case.state == "withdrawn" and Basis.SUPERVISOR in case.bases:
        return _yes("You are the supervisor of record.")
    return _UNSEEN


def _author_in(states: frozenset[str], otherwise: str) -> Callable[[Actor, CaseFacts], Verdict]:
    def rule(actor: Actor, case: CaseFacts) -> Verdict:
        readable = read_case(actor, case)
        if not readable.allowed:
            return readable
        if Basis.AUTHOR not in case.bases:
            return _no("Only the author of a case can do this.")
        return _yes("You wrote it.") if case.state in states else _no(otherwise)

    return rule


def _supervisor_in(states: frozenset[str], otherwise: str) -> Callable[[Actor, CaseFacts], Verdict]:
    def rule(actor: Actor, case: CaseFacts) -> Verdict:
        readable = read_case(actor, case)
        if not readable.allowed:
            return readable
        if case.kind != "supervision" or case.supervisor_id != actor.person_id or Basis.SUPERVISOR not in case.bases:
            return _no("Only the supervisor of record of a supervision case can do this.")
        if not actor.has(Role.SUPERVISOR):
            return _no("You are no supervisor here any more; the case waits for a successor.")
        return _yes("You are the supervisor of record.") if case.state in states else _no(otherwise)

    return rule


HELD = "Someone saw an identifier here. Nothing more is said on the case before it is mended."


def _unless_held(rule: Callable[[Actor, CaseFacts], Verdict]) -> Callable[[Actor, CaseFacts], Verdict]:
    """Refuse new words on a case as long as an identifier in it waits to be mended."""

    def held(actor: Actor, case: CaseFacts) -> Verdict:
        verdict = rule(actor, case)
        return _no(HELD) if verdict.allowed and case.held else verdict

    return held


def _close(actor: Actor, case: CaseFacts) -> Verdict:
    verdict = _author_in(frozenset({"decided"}), "A case is closed after its decision.")(actor, case)
    if verdict.allowed and case.kind != "consultation":
        return _no("In supervision the supervisor of record signs off, which closes the case.")
    return verdict


def _post_guidance(actor: Actor, case: CaseFacts) -> Verdict:
    readable = read_case(actor, case)
    if not readable.allowed:
        return readable
    if case.state not in {"open", "decided"}:
        return _no("The case is not open; it can be reopened with a reason.")
    return _yes("You may read it, so you may write to it.")


def _step_out(actor: Actor, case: CaseFacts) -> Verdict:
    readable = read_case(actor, case)
    if not readable.allowed:
        return readable
    if Basis.AUTHOR in case.bases:
        return _no("You wrote this case; withdraw it instead.")
    if Basis.SUPERVISOR in case.bases:
        return _no("A supervisor of record stays responsible until a successor accepts.")
    return _yes("Any reader may step out.")


def _reopen(actor: Actor, case: CaseFacts) -> Verdict:
    readable = read_case(actor, case)
    if not readable.allowed:
        return readable
    if not case.bases & {Basis.AUTHOR, Basis.SUPERVISOR}:
        return _no("Only the author or the supervisor of record can reopen a case.")
    return _yes("You may reopen it with a reason.") if case.state == "closed" else _no("The case is not closed.")


def _hold(actor: Actor, case: CaseFacts) -> Verdict:
    readable = read_case(actor, case)
    if readable.allowed and case.bases & {Basis.AUTHOR, Basis.SUPERVISOR}:
        return _yes("You may place or lift a legal hold.")
    return readable if not readable.allowed else _no("Only author and supervisor of record place a legal hold.")


def _next_look(actor: Actor, case: CaseFacts) -> Verdict:
    readable = read_case(actor, case)
    if not readable.allowed:
        return readable
    if Basis.SUPERVISOR not in case.bases:
        return _no("Only the supervisor of record says when the next look is.")
    return _yes("You are the supervisor of record.")


def _confirm_minutes(actor: Actor, case: CaseFacts) -> Verdict:
    readable = read_case(actor, case)
    if not readable.allowed:
        return readable
    if case.state != "closed":
        return _no("Minutes are confirmed when the case is closed.")
    if not case.took_part:
        return _no("Only those who wrote in the case confirm minutes.")
    return _no("You have confirmed your minutes.") if case.minutes_confirmed else _yes("You took part.")


def _edit_post(actor: Actor, post: PostFacts) -> Verdict:
    readable = read_case(actor, post.case)
    if not readable.allowed or (post.state != "published" and post.author_id != actor.person_id):
        return _UNSEEN
    if post.author_id != actor.person_id:
        return _no("Only the author of a post edits it.")
    return _unless_held(_post_guidance)(actor, post.case)


def _see_identifier(actor: Actor, case: CaseFacts) -> Verdict:
    readable = read_case(actor, case)
    if readable.allowed and case.state not in VISIBLE_TO_READERS | {"withdrawn"}:
        return _no("Nobody else reads this yet; screen it before it is released.")
    return readable


def _read_incident(actor: Actor, facts: IncidentFacts) -> Verdict:
    return read_case(actor, facts.case)


def _incident_of(
    who: Callable[[IncidentFacts], frozenset[str]], states: frozenset[str], otherwise: str
) -> Callable[[Actor, IncidentFacts], Verdict]:
    def rule(actor: Actor, facts: IncidentFacts) -> Verdict:
        readable = read_case(actor, facts.case)
        if not readable.allowed:
            return readable
        if actor.person_id not in who(facts):
            return _no(otherwise)
        return _yes("It is yours to say.") if facts.state in states else _no("This is settled already.")

    return rule


def _answer_must_do(actor: Actor, post: PostFacts) -> Verdict:
    readable = read_case(actor, post.case)
    if not readable.allowed or post.state != "published":
        return _UNSEEN
    if post.kind != "must_do" or Basis.AUTHOR not in post.case.bases:
        return _no("Only the author of the case acknowledges and completes what the supervisor asks.")
    return _yes("It was asked of you.")


def _agreement_party(actor: Actor, facts: AgreementFacts) -> Verdict:
    if facts.org_id == actor.org_id and actor.person_id in {facts.supervisee_id, facts.supervisor_id}:
        return _yes("You are a party to it.")
    return _UNSEEN


def _read_agreement(actor: Actor, facts: AgreementFacts) -> Verdict:
    if facts.org_id == actor.org_id and actor.has(Role.ADMIN, Role.AUDITOR):
        return _yes("Your role allows it.")
    return _agreement_party(actor, facts)


def _sign_agreement(actor: Actor, facts: AgreementFacts) -> Verdict:
    party = _agreement_party(actor, facts)
    if not party.allowed or facts.ended:
        return party if not party.allowed else _no("The agreement has ended.")
    return _no("You have signed it.") if actor.person_id in facts.signed_by else party


def _read_group(actor: Actor, facts: GroupFacts) -> Verdict:
    if facts.org_id != actor.org_id:
        return _UNSEEN
    if actor.person_id in facts.member_ids or actor.person_id == facts.leader_id or actor.has(Role.ADMIN):
        return _yes("You belong to it.")
    return _UNSEEN


def _lead_group(actor: Actor, facts: GroupFacts) -> Verdict:
    readable = _read_group(actor, facts)
    if readable.allowed and actor.person_id != facts.leader_id and not actor.has(Role.ADMIN):
        return _no("Only the group's leader can do this.")
    return readable


def _read_meeting(actor: Actor, facts: MeetingFacts) -> Verdict:
    if facts.org_id == actor.org_id and actor.person_id in {facts.supervisor_id, *facts.attendee_ids}:
        return _yes("You were there.")
    return _UNSEEN


def _change_meeting(actor: Actor, facts: MeetingFacts) -> Verdict:
    readable = _read_meeting(actor, facts)
    if readable.allowed and actor.person_id != facts.supervisor_id:
        return _no("Only the supervisor who led the meeting changes its record.")
    return readable


def _read_hours(actor: Actor, facts: HoursFacts) -> Verdict:
    if facts.person_id == actor.person_id:
        return _yes("They are yours.")
    if actor.person_id in facts.supervisor_ids and actor.has(Role.SUPERVISOR):
        return _yes("You supervise this person.")
    if actor.has(Role.AUDITOR) and actor.org_id in facts.org_ids:
        return _yes("You audit hours here.")
    return _UNSEEN


def _log_hours(actor: Actor, facts: HoursFacts) -> Verdict:
    readable = _read_hours(actor, facts)
    if readable.allowed and facts.person_id != actor.person_id:
        return _no("Only the licensee writes into the ledger.")
    return readable


def _attest_hours(actor: Actor, facts: HoursFacts) -> Verdict:
    readable = _read_hours(actor, facts)
    if not readable.allowed:
        return readable
    if actor.person_id == facts.person_id or actor.person_id not in facts.supervisor_ids:
        return _no("Only the supervisor of those days attests them.")
    return _yes("You supervised these days.") if actor.has(Role.SUPERVISOR) else _no("Only supervisors attest hours.")


def _read_report(actor: Actor, facts: ReportFacts) -> Verdict:
    if actor.person_id in {facts.person_id, facts.supervisor_id}:
        return _yes("It is about you or signed by you.")
    if actor.has(Role.AUDITOR) and actor.org_id == facts.org_id:
        return _yes("You audit hours here.")
    return _UNSEEN


_UNSETTLED = frozenset({"hidden", "disputed"})
_DRAFTING = frozenset({"draft", "proposed", "confirmed", "open", "decided"})
_CASE_WORK = "Supervisees, clinicians and supervisors work with cases; your role here does not."


def _read_crisis(actor: Actor, crisis: CrisisFacts) -> Verdict:
    if crisis.org_id != actor.org_id:
        return _UNSEEN
    if actor.person_id == crisis.raised_by:
        return _yes("You asked for help.")
    if actor.person_id in crisis.paged_ids:
        return _yes("You were called to it.")
    return _yes("Any supervisor may answer.") if actor.has(Role.SUPERVISOR) else _UNSEEN


def _answer_crisis(actor: Actor, crisis: CrisisFacts) -> Verdict:
    readable = _read_crisis(actor, crisis)
    if readable.allowed and actor.person_id == crisis.raised_by:
        return _no("Someone else calls you.")
    return readable


def _raised_crisis(actor: Actor, crisis: CrisisFacts) -> Verdict:
    readable = _read_crisis(actor, crisis)
    if readable.allowed and actor.person_id != crisis.raised_by:
        return _no("Only who asked for help says that you spoke.")
    return readable


RULES: dict[Action, Callable[[Actor, Any], Verdict]] = {
    Action.USE: _member,
    Action.MANAGE_PEOPLE: _role(Role.ADMIN, otherwise="Only administrators manage people."),
    Action.SEE_INCIDENTS: _role(
        Role.ADMIN, Role.AUDITOR, otherwise="Only administrators and auditors see what was reported."
    ),
    Action.SEE_HEALTH: _role(Role.ADMIN, otherwise="Only administrators see this page."),
    Action.READ_AUDIT: _role(Role.ADMIN, Role.AUDITOR, otherwise="Only administrators and auditors read the audit."),
    Action.CHANGE_OWN: _own,
    Action.START_CLIENT: _role(*WORKS_WITH_CASES, otherwise=_CASE_WORK),
    Action.READ_CLIENT: _client,
    Action.RECORD_CONSENT: _client,
    Action.START_CASE: _role(*WORKS_WITH_CASES, otherwise=_CASE_WORK),
    Action.READ_CASE: read_case,
    Action.EDIT_CASE: _author_in(_DRAFTING, "A closed or withdrawn case is not edited; reopen it first."),
    Action.RELEASE_CASE: _unless_held(_author_in(_DRAFTING, "There is nothing to release.")),
    Action.WITHDRAW_CASE: _author_in(frozenset({"open"}), "Only an open case can be withdrawn."),
    Action.SHARE_AGAIN: _author_in(VISIBLE_TO_READERS, "A case that was released and not withdrawn is shared again."),
    Action.REOPEN_CASE: _unless_held(_reopen),
    Action.HOLD_CASE: _hold,
    Action.STEP_OUT: _step_out,
    Action.SET_NEXT_LOOK: _next_look,
    Action.POST_GUIDANCE: _unless_held(_post_guidance),
    Action.POST_MUST_DO: _unless_held(_supervisor_in(frozenset({"open", "decided"}), "The case is not open.")),
    Action.DECIDE_CASE: _unless_held(
        _author_in(frozenset({"open"}), "A decision is recorded while the case is open.")
    ),
    Action.SIGN_OFF_CASE: _unless_held(
        _supervisor_in(frozenset({"decided"}), "There is no decision to sign off.")
    ),
    Action.CLOSE_CASE: _unless_held(_close),
    Action.CONFIRM_MINUTES: _confirm_minutes,
    Action.SEE_IDENTIFIER: _see_identifier,
    Action.READ_INCIDENT: _read_incident,
    Action.WITHDRAW_MARK: _incident_of(
        lambda facts: frozenset({facts.marker_id}), _UNSETTLED, "Only who marked it takes the mark back."
    ),
    Action.MEND_WORDS: _incident_of(
        lambda facts: facts.mender_ids, _UNSETTLED, "Only who wrote the words mends them."
    ),
    Action.AGREE_ON_WORDS: _incident_of(
        lambda facts: facts.judge_ids, frozenset({"disputed"}),
        "Only the supervisor of record, or a second reader where there is none, agrees that it identifies nobody.",
    ),
    Action.START_DUTY: read_case,
    Action.OPEN_DUTY: _role(*WORKS_WITH_CASES, otherwise=_CASE_WORK),
    Action.READ_DUTY: _read_duty,
    Action.CHANGE_DUTY: _own,
    Action.VERIFY_LAW: _role(*WORKS_WITH_CASES, Role.ADMIN, otherwise="Auditors do not verify rows of law."),
    Action.EDIT_POST: _edit_post,
    Action.ANSWER_MUST_DO: _answer_must_do,
    Action.PROPOSE_AGREEMENT: _role(
        Role.SUPERVISEE, Role.SUPERVISOR, otherwise="An agreement is between supervisor and supervisee."
    ),
    Action.READ_AGREEMENT: _read_agreement,
    Action.SIGN_AGREEMENT: _sign_agreement,
    Action.END_AGREEMENT: _agreement_party,
    Action.START_GROUP: _role(
        Role.SUPERVISOR, Role.CLINICIAN, Role.ADMIN, otherwise="Supervisors and clinicians start groups."
    ),
    Action.READ_GROUP: _read_group,
    Action.LEAD_GROUP: _lead_group,
    Action.RECORD_MEETING: _role(Role.SUPERVISOR, otherwise="The supervisor who led a meeting records it."),
    Action.READ_MEETING: _read_meeting,
    Action.CHANGE_MEETING: _change_meeting,
    Action.LOG_HOURS: _log_hours,
    Action.READ_HOURS: _read_hours,
    Action.ATTEST_HOURS: _attest_hours,
    Action.READ_ALL_HOURS: _role(Role.AUDITOR, otherwise="Only auditors read everyone's hours."),
    Action.ISSUE_REPORT: _log_hours,
    Action.READ_REPORT: _read_report,
    Action.RAISE_CRISIS: _role(*WORKS_WITH_CASES, otherwise="Those who see clients page a supervisor; anyone calls."),
    Action.READ_CRISIS: _read_crisis,
    Action.ANSWER_CRISIS: _answer_crisis,
    Action.SAY_SPOKE: _raised_crisis,
    Action.CLOSE_CRISIS: _read_crisis,
    Action.READ_ROTA: _role(*WORKS_WITH_CASES, Role.ADMIN, otherwise="The rota is for those who work with clients."),
    Action.CHANGE_ROTA: _role(Role.SUPERVISOR, Role.ADMIN, otherwise="Supervisors and administrators change the rota."),
}  # fmt: skip

if missing := set(Action) - set(RULES):
    raise RuntimeError(f"actions without a rule: {sorted(missing)}")


def decide(actor: Actor, action: Action, facts: Any = None) -> Verdict:
    """Say whether ``actor`` may do ``action`` to the thing described by ``facts``, and why."""
    return RULES[action](actor, facts)

"""The rules as tables: who, in what relation, in which state; everything that is not named here is refused."""

from dataclasses import replace
from typing import Any

import pytest

from supervise.core.actor import Actor, Role
from supervise.policy import (
    RULES,
    Action,
    AgreementFacts,
    Basis,
    CaseFacts,
    ClientFacts,
    CrisisFacts,
    GroupFacts,
    HoursFacts,
    IncidentFacts,
    MeetingFacts,
    OwnFacts,
    PostFacts,
    ReportFacts,
    Verdict,
    decide,
)

HERE, THERE = "cedar", "harbor"
STATES = ("draft", "proposed", "confirmed", "open", "decided", "closed", "withdrawn")
RELEASED = ("open", "decided", "closed")
RUNNING = ("open", "decided")
DRAFTING = ("draft", "proposed", "confirmed", "open", "decided")
RELATIONS: dict[str, frozenset[Basis]] = {
    "author": frozenset({Basis.AUTHOR}),
    "supervisor": frozenset({Basis.SUPERVISOR}),
    "group": frozenset({Basis.GROUP}),
    "peer": frozenset({Basis.PEER}),
    "nobody": frozenset(),
}
Allowed = dict[str, tuple[str, ...]]

READS: Allowed = {
    "author": STATES, "supervisor": (*RELEASED, "withdrawn"), "group": RELEASED, "peer": RELEASED, "nobody": ()
}  # fmt: skip

SUPERVISION: dict[Action, Allowed] = {
    Action.READ_CASE: READS,
    Action.EDIT_CASE: {"author": DRAFTING},
    Action.RELEASE_CASE: {"author": DRAFTING},
    Action.WITHDRAW_CASE: {"author": ("open",)},
    Action.SHARE_AGAIN: {"author": ("open", "decided", "closed")},
    Action.REOPEN_CASE: {"author": ("closed",), "supervisor": ("closed",)},
    Action.SEE_IDENTIFIER: {
        "author": (*RELEASED, "withdrawn"),
        "supervisor": READS["supervisor"],
        "group": RELEASED,
        "peer": RELEASED,
    },
    Action.HOLD_CASE: {"author": STATES, "supervisor": READS["supervisor"]},
    Action.STEP_OUT: {"group": RELEASED, "peer": RELEASED},
    Action.SET_NEXT_LOOK: {"supervisor": READS["supervisor"]},
    Action.POST_GUIDANCE: dict.fromkeys(("author", "supervisor", "group", "peer"), RUNNING),
    Action.POST_MUST_DO: {"supervisor": RUNNING},
    Action.DECIDE_CASE: {"author": ("open",)},
    Action.SIGN_OFF_CASE: {"supervisor": ("decided",)},
    Action.CLOSE_CASE: {},
    Action.CONFIRM_MINUTES: dict.fromkeys(("author", "supervisor", "group", "peer"), ("closed",)),
    Action.START_DUTY: READS,
}
CONSULTATION: dict[Action, Allowed] = SUPERVISION | {
    Action.POST_MUST_DO: {},
    Action.SIGN_OFF_CASE: {},
    Action.CLOSE_CASE: {"author": ("decided",)},
}

BY_ROLE: dict[Action, frozenset[Role]] = {
    Action.USE: frozenset(Role),
    Action.MANAGE_PEOPLE: frozenset({Role.ADMIN}),
    Action.SEE_HEALTH: frozenset({Role.ADMIN}),
    Action.READ_AUDIT: frozenset({Role.ADMIN, Role.AUDITOR}),
    Action.SEE_INCIDENTS: frozenset({Role.ADMIN, Role.AUDITOR}),
    Action.START_CLIENT: frozenset({Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR}),
    Action.START_CASE: frozenset({Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR}),
    Action.PROPOSE_AGREEMENT: frozenset({Role.SUPERVISEE, Role.SUPERVISOR}),
    Action.START_GROUP: frozenset({Role.SUPERVISOR, Role.CLINICIAN, Role.ADMIN}),
    Action.RECORD_MEETING: frozenset({Role.SUPERVISOR}),
    Action.READ_ALL_HOURS: frozenset({Role.AUDITOR}),
    Action.OPEN_DUTY: frozenset({Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR}),
    Action.VERIFY_LAW: frozenset(Role) - {Role.AUDITOR},
    Action.RAISE_CRISIS: frozenset({Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR}),
    Action.READ_ROTA: frozenset({Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR, Role.ADMIN}),
    Action.CHANGE_ROTA: frozenset({Role.SUPERVISOR, Role.ADMIN}),
}


def someone(person_id: str = "me", *roles: Role, org: str = HERE) -> Actor:
    return Actor(person_id, org, frozenset(roles or Role))


def case(relation: str = "author", state: str = "open", kind: str = "supervision", **more: Any) -> CaseFacts:
    """Return a case as ``me`` meets it in a relation."""
    return CaseFacts(
        case_id="case", org_id=HERE, author_id="me" if relation == "author" else "author",
        supervisor_id="me" if relation == "supervisor" else "boss", kind=kind, state=state,
        bases=RELATIONS[relation], **more,
    )  # fmt: skip


def says(verdict: Verdict) -> Verdict:
    """Check that a verdict gives its reason in a sentence."""
    assert verdict.why[0].isupper()
    assert verdict.why.endswith(".")
    assert not (verdict.allowed and verdict.hidden)
    return verdict


def test_every_action_has_a_table_here() -> None:
    others = {
        Action.CHANGE_OWN, Action.READ_CLIENT, Action.RECORD_CONSENT, Action.EDIT_POST, Action.ANSWER_MUST_DO,
        Action.READ_AGREEMENT, Action.SIGN_AGREEMENT, Action.END_AGREEMENT, Action.READ_GROUP, Action.LEAD_GROUP,
        Action.READ_MEETING, Action.CHANGE_MEETING, Action.LOG_HOURS, Action.READ_HOURS, Action.ATTEST_HOURS,
        Action.ISSUE_REPORT, Action.READ_REPORT, Action.READ_INCIDENT, Action.WITHDRAW_MARK, Action.MEND_WORDS,
        Action.AGREE_ON_WORDS, Action.READ_DUTY, Action.CHANGE_DUTY,
        Action.READ_CRISIS, Action.ANSWER_CRISIS, Action.SAY_SPOKE, Action.CLOSE_CRISIS,
    }  # fmt: skip
    assert {*SUPERVISION} | {*BY_ROLE} | others == set(RULES) == set(Action)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("action", SUPERVISION)
@pytest.mark.parametrize(("kind", "table"), [("supervision", SUPERVISION), ("consultation", CONSULTATION)])
def test_cases(kind: str, table: dict[Action, Allowed], action: Action, relation: str) -> None:
    for state in STATES:
        verdict = says(decide(someone(), action, case(relation, state, kind, took_part=True)))
        assert verdict.allowed is (state in table[action].get(relation, ())), f"{state}: {verdict.why}"
        assert verdict.hidden is (state not in READS[relation]), state


@pytest.mark.parametrize("action", SUPERVISION)
@pytest.mark.parametrize("relation", RELATIONS)
def test_no_role_opens_a_case_of_another_organisation(action: Action, relation: str) -> None:
    for state in STATES:
        assert decide(someone(org=THERE), action, case(relation, state, took_part=True)).hidden


def test_no_role_opens_a_case_without_a_ground() -> None:
    for role in Role:
        for action in SUPERVISION:
            assert decide(someone("me", role), action, case("nobody")).hidden


def test_supervisor_of_record_is_a_person_and_a_ground() -> None:
    """Someone who lost the ground, or reads on another one, does not act as supervisor of record."""
    for facts in (replace(case("supervisor"), bases=RELATIONS["peer"]), replace(case("supervisor"), supervisor_id="x")):
        verdict = says(decide(someone(), Action.POST_MUST_DO, facts))
        assert not verdict.allowed
        assert not verdict.hidden


@pytest.mark.parametrize("action", [Action.POST_MUST_DO, Action.SIGN_OFF_CASE])
def test_a_supervisor_of_record_without_the_role_reads_and_directs_nothing(action: Action) -> None:
    facts = case("supervisor", "decided")
    for roles in ((), *((role,) for role in Role)):
        actor = Actor("me", HERE, frozenset(roles))
        verdict = says(decide(actor, action, facts))
        assert verdict.allowed is (Role.SUPERVISOR in roles)
        assert not verdict.hidden
        assert decide(actor, Action.READ_CASE, facts).allowed
    hours = HoursFacts("jonah", frozenset({"me"}), frozenset({HERE}))
    assert not decide(Actor("me", HERE, frozenset({Role.CLINICIAN})), Action.ATTEST_HOURS, hours).allowed
    assert decide(Actor("me", HERE, frozenset({Role.SUPERVISOR})), Action.ATTEST_HOURS, hours).allowed


def test_nothing_more_is_said_while_an_identifier_waits_to_be_mended() -> None:
    """What is written or said is refused with the reason; reading, taking away and stepping out are not."""
    words = {
        Action.POST_GUIDANCE, Action.POST_MUST_DO, Action.DECIDE_CASE, Action.SIGN_OFF_CASE, Action.CLOSE_CASE,
        Action.REOPEN_CASE, Action.RELEASE_CASE,
    }  # fmt: skip
    for kind, table in (("supervision", SUPERVISION), ("consultation", CONSULTATION)):
        for action, allowed in table.items():
            for relation, states in allowed.items():
                for state in states:
                    facts = case(relation, state, kind, took_part=True, held=True)
                    assert says(decide(someone(), action, facts)).allowed is (action not in words), (action, state)
    post = PostFacts("post", "me", "observation", "published", case("peer", held=True))
    assert says(decide(someone(), Action.EDIT_POST, post)).why.startswith("Someone saw an identifier")


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("state", ["hidden", "disputed", "repaired", "cleared", "withdrawn"])
def test_an_incident_is_mended_by_some_and_judged_by_others(relation: str, state: str) -> None:
    unsettled = state in ("hidden", "disputed")

    def answer(action: Action, part: str) -> str:
        none: frozenset[str] = frozenset()
        mine = frozenset({"me"})
        facts = IncidentFacts(
            "incident", "me" if part == "marker" else "x", state, mine if part == "mender" else none,
            mine if part == "judge" else none, case(relation, held=True),
        )  # fmt: skip
        return _answer(someone(), action, facts)

    for part in ("marker", "mender", "judge", "reader"):
        said = {action: answer(action, part) for action in INCIDENTS}
        if relation == "nobody":
            assert set(said.values()) == {"hidden"}
            continue
        assert said[Action.READ_INCIDENT] == "yes"
        assert (said[Action.WITHDRAW_MARK] == "yes") is (part == "marker" and unsettled)
        assert (said[Action.MEND_WORDS] == "yes") is (part == "mender" and unsettled)
        assert (said[Action.AGREE_ON_WORDS] == "yes") is (part == "judge" and state == "disputed")


INCIDENTS = (Action.READ_INCIDENT, Action.WITHDRAW_MARK, Action.MEND_WORDS, Action.AGREE_ON_WORDS)


def test_minutes_are_confirmed_once_by_who_took_part() -> None:
    assert not says(decide(someone(), Action.CONFIRM_MINUTES, case("peer", "closed"))).allowed
    done = case("peer", "closed", took_part=True, minutes_confirmed=True)
    assert not says(decide(someone(), Action.CONFIRM_MINUTES, done)).allowed


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", BY_ROLE)
def test_roles(action: Action, role: Role) -> None:
    verdict = says(decide(someone("me", role), action))
    assert verdict.allowed is (role in BY_ROLE[action])
    assert not verdict.hidden


@pytest.mark.parametrize("state", STATES)
def test_posts(state: str) -> None:
    for relation in RELATIONS:
        for mine in (True, False):
            for published in ("draft", "screening", "published"):
                post = PostFacts("post", "me" if mine else "x", "observation", published, case(relation, state))
                verdict = says(decide(someone(), Action.EDIT_POST, post))
                assert verdict.allowed is (mine and relation != "nobody" and state in RUNNING)
                unseen = state not in READS[relation] or (published != "published" and not mine)
                assert verdict.hidden is unseen


def test_a_must_do_is_answered_by_the_author_of_the_case() -> None:
    def verdict(relation: str, kind: str = "must_do", published: str = "published") -> Verdict:
        return says(decide(someone(), Action.ANSWER_MUST_DO, PostFacts("p", "boss", kind, published, case(relation))))

    assert verdict("author").allowed
    assert not any(verdict(relation).allowed for relation in ("supervisor", "group", "peer", "nobody"))
    assert not verdict("author", kind="question").allowed
    assert verdict("author", published="screening").hidden


ME, BOSS, OTHER = "me", "boss", "other"
AGREEMENT = AgreementFacts(HERE, ME, BOSS, frozenset({BOSS}), ended=False)
GROUP = GroupFacts(HERE, BOSS, frozenset({ME}))
MEETING = MeetingFacts(HERE, BOSS, frozenset({ME}))
HOURS = HoursFacts(ME, frozenset({BOSS}), frozenset({HERE}))
REPORT = ReportFacts(HERE, ME, BOSS)

THINGS: list[tuple[Action, Any, dict[str, str]]] = [
    # action, facts, and for each who: yes, no (told why) or hidden
    (Action.CHANGE_OWN, OwnFacts(ME), {"me": "yes"}),
    (Action.READ_CLIENT, ClientFacts(HERE, ME), {"me": "yes"}),
    (Action.RECORD_CONSENT, ClientFacts(HERE, ME), {"me": "yes"}),
    (Action.READ_AGREEMENT, AGREEMENT, {"me": "yes", "boss": "yes", "admin": "yes", "auditor": "yes"}),
    (Action.SIGN_AGREEMENT, AGREEMENT, {"me": "yes", "boss": "no"}),
    (Action.SIGN_AGREEMENT, replace(AGREEMENT, ended=True), {"me": "no", "boss": "no"}),
    (Action.END_AGREEMENT, AGREEMENT, {"me": "yes", "boss": "yes"}),
    (Action.READ_GROUP, GROUP, {"me": "yes", "boss": "yes", "admin": "yes"}),
    (Action.LEAD_GROUP, GROUP, {"me": "no", "boss": "yes", "admin": "yes"}),
    (Action.READ_MEETING, MEETING, {"me": "yes", "boss": "yes"}),
    (Action.CHANGE_MEETING, MEETING, {"me": "no", "boss": "yes"}),
    (Action.READ_HOURS, HOURS, {"me": "yes", "boss": "yes", "auditor": "yes"}),
    (Action.LOG_HOURS, HOURS, {"me": "yes", "boss": "no", "auditor": "no"}),
    (Action.ISSUE_REPORT, HOURS, {"me": "yes", "boss": "no", "auditor": "no"}),
    (Action.ATTEST_HOURS, HOURS, {"me": "no", "boss": "yes", "auditor": "no"}),
    (Action.READ_REPORT, REPORT, {"me": "yes", "boss": "yes", "auditor": "yes"}),
]
WHO = {
    "me": someone(ME, Role.SUPERVISEE),
    "boss": someone(BOSS, Role.SUPERVISOR),
    "colleague": someone(OTHER, Role.SUPERVISEE, Role.CLINICIAN, Role.SUPERVISOR),
    "admin": someone(OTHER, Role.ADMIN),
    "auditor": someone(OTHER, Role.AUDITOR),
    "abroad": someone(OTHER, *Role, org=THERE),
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("action", "facts", "answers"), THINGS)
def test_things(action: Action, facts: Any, answers: dict[str, str], who: str) -> None:
    assert _answer(WHO[who], action, facts) == answers.get(who, "hidden")


@pytest.mark.parametrize(("action", "facts", "answers"), [row for row in THINGS if hasattr(row[1], "org_id")])
def test_what_belongs_to_an_organisation_stays_in_it(action: Action, facts: Any, answers: dict[str, str]) -> None:
    """A report is about a person and signed by one: these two keep it wherever they work."""
    for actor in (someone(ME, *Role, org=THERE), someone(BOSS, *Role, org=THERE)):
        keeps = isinstance(facts, ReportFacts)
        assert _answer(actor, action, facts) == ("yes" if keeps else "hidden")


def test_a_supervisor_who_lost_the_role_reads_no_hours() -> None:
    assert decide(someone(BOSS, Role.CLINICIAN), Action.READ_HOURS, HOURS).hidden
    assert decide(someone(BOSS, Role.CLINICIAN), Action.ATTEST_HOURS, HOURS).hidden


def _answer(actor: Actor, action: Action, facts: Any) -> str:
    verdict = says(decide(actor, action, facts))
    return "yes" if verdict.allowed else "hidden" if verdict.hidden else "no"


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (someone("asker", Role.SUPERVISEE), {Action.READ_CRISIS, Action.SAY_SPOKE, Action.CLOSE_CRISIS}),
        (someone("paged", Role.ADMIN), {Action.READ_CRISIS, Action.ANSWER_CRISIS, Action.CLOSE_CRISIS}),
        (someone("any", Role.SUPERVISOR), {Action.READ_CRISIS, Action.ANSWER_CRISIS, Action.CLOSE_CRISIS}),
        (someone("any", Role.ADMIN, Role.CLINICIAN, Role.AUDITOR), set()),
        (someone("paged", *Role, org=THERE), set()),
    ],
)
def test_crises(who: Actor, allowed: set[Action]) -> None:
    facts = CrisisFacts("crisis", HERE, "asker", frozenset({"paged"}), closed=False)
    asked = (Action.READ_CRISIS, Action.ANSWER_CRISIS, Action.SAY_SPOKE, Action.CLOSE_CRISIS)
    assert {action for action in asked if says(decide(who, action, facts)).allowed} == allowed

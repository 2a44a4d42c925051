"""Every permission has one name, here. An action without a rule stops the start."""

from enum import StrEnum


class Action(StrEnum):
    USE = "use"  # own account, inbox, help: anyone who is signed in and a member
    MANAGE_PEOPLE = "organisation:manage-people"
    SEE_HEALTH = "organisation:see-health"
    SEE_INCIDENTS = "organisation:see-incidents"
    READ_AUDIT = "audit:read"
    CHANGE_OWN = "own:change"  # one's licences, settings, drafts

    START_CLIENT = "client:start"
    READ_CLIENT = "client:read"
    RECORD_CONSENT = "client:record-consent"

    START_CASE = "case:start"
    READ_CASE = "case:read"
    EDIT_CASE = "case:edit"
    RELEASE_CASE = "case:release"
    WITHDRAW_CASE = "case:withdraw"
    REOPEN_CASE = "case:reopen"
    HOLD_CASE = "case:legal-hold"
    SHARE_AGAIN = "case:share-again"
    STEP_OUT = "case:step-out"
    SET_NEXT_LOOK = "case:set-next-look"
    POST_GUIDANCE = "case:post-guidance"
    POST_MUST_DO = "case:post-must-do"
    DECIDE_CASE = "case:decide"
    SIGN_OFF_CASE = "case:sign-off"
    CLOSE_CASE = "case:close"
    CONFIRM_MINUTES = "case:confirm-minutes"

    SEE_IDENTIFIER = "case:see-identifier"
    READ_INCIDENT = "incident:read"
    WITHDRAW_MARK = "incident:withdraw"
    MEND_WORDS = "incident:mend"
    AGREE_ON_WORDS = "incident:agree"

    START_DUTY = "duty:start"  # about a case that one reads
    OPEN_DUTY = "duty:open"  # without a case
    READ_DUTY = "duty:read"
    CHANGE_DUTY = "duty:change"
    VERIFY_LAW = "law:verify"

    EDIT_POST = "post:edit"
    ANSWER_MUST_DO = "post:answer-must-do"

    PROPOSE_AGREEMENT = "agreement:propose"
    READ_AGREEMENT = "agreement:read"
    SIGN_AGREEMENT = "agreement:sign"
    END_AGREEMENT = "agreement:end"
    START_GROUP = "group:start"
    READ_GROUP = "group:read"
    LEAD_GROUP = "group:lead"
    RECORD_MEETING = "meeting:record"
    READ_MEETING = "meeting:read"
    CHANGE_MEETING = "meeting:change"

    LOG_HOURS = "hours:log"
    READ_HOURS = "hours:read"
    ATTEST_HOURS = "hours:attest"
    READ_ALL_HOURS = "hours:read-all"
    ISSUE_REPORT = "report:issue"
    READ_REPORT = "report:read"

    RAISE_CRISIS = "crisis:raise"
    READ_CRISIS = "crisis:read"
    ANSWER_CRISIS = "crisis:answer"
    SAY_SPOKE = "crisis:say-spoke"
    CLOSE_CRISIS = "crisis:close"
    READ_ROTA = "rota:read"
    CHANGE_ROTA = "rota:change"

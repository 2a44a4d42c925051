"""May who do what to what, and why: pure rules over facts that are passed in."""

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
from supervise.policy.rules import HELD, RULES, Verdict, decide

__all__ = [
    "HELD",
    "RULES",
    "Action",
    "AgreementFacts",
    "Basis",
    "CaseFacts",
    "ClientFacts",
    "CrisisFacts",
    "DutyFacts",
    "GroupFacts",
    "HoursFacts",
    "IncidentFacts",
    "MeetingFacts",
    "OwnFacts",
    "PostFacts",
    "ReportFacts",
    "Verdict",
    "decide",
]

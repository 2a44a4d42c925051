"""Who gets through to what: the access policy as one table, an endpoint a line.

``EVERYONE`` is whoever is signed in and a member somewhere. Where a path names a thing, the line says for each such
thing who gets through; a thing that is not named there is nobody's. Things and people are those of ``tests.world``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Who = frozenset[str]
Things = dict[str, Who]

PEOPLE = (
    "author", "fellow", "supervisor", "former", "other_supervisor", "leader", "member", "peer", "stranger", "admin",
    "auditor", "abroad", "author_abroad", "supervisor_abroad", "removed", "anonymous",
)  # fmt: skip


def only(*who: str) -> Who:
    assert {*who} <= {*PEOPLE}, who
    return frozenset(who)


NEAR = ("author", "supervisor", "leader", "member", "peer", "abroad")
"""Who has a case in the world. The others are tried on three cases with a POST, on all with a GET."""

ANYONE = frozenset(PEOPLE)
EVERYONE = ANYONE - {"anonymous", "removed"}
ABROAD = only("abroad", "author_abroad", "supervisor_abroad")  # they hold every role there
CASE_WORK = EVERYONE - {"admin", "auditor"}
WITH_PLACES = only("author", "author_abroad", "fellow", "abroad")
SUPERVISORS = only("supervisor", "former", "other_supervisor") | ABROAD
SUPERVISION = only("author", "fellow") | SUPERVISORS
ADMINS = only("admin") | ABROAD
AUDITORS = only("auditor") | ABROAD
READ_RED = only("author", "supervisor", "former", "other_supervisor")
NOBODY: Who = frozenset()

_ALL = only("author", "supervisor", "leader", "member", "peer")
READS: dict[str, Who] = {
    "draft": only("author"),
    "proposed": only("author"),
    "confirmed": only("author"),
    "open": _ALL,
    "decided": _ALL,
    "closed": _ALL,
    "held": _ALL,
    "peers": only("author", "peer"),
    "lapsed": only("author", "supervisor"),
    "withdrawn": only("author", "supervisor"),
    "abroad": only("abroad", "supervisor_abroad"),
}
"""Who reads each case."""


def cases(*names: str, but: Who = NOBODY, of: Who = ANYONE) -> Things:
    """Return the readers of some cases, narrowed to ``of`` without ``but``."""
    return {name: (READS[name] & of) - but for name in names or READS}


RELEASED = ("open", "decided", "closed", "held", "peers", "lapsed", "withdrawn", "abroad")
RUNNING = ("open", "decided", "held", "peers", "lapsed", "abroad")
OPEN = ("open", "held", "peers", "lapsed", "abroad")
DRAFTING = ("draft", "proposed", "confirmed", *RUNNING)
SAID = tuple(name for name in RUNNING if name != "held")
"""Where something can be said: not where somebody saw an identifier that waits to be mended."""
UNDECIDED = tuple(name for name in OPEN if name != "held")
WRITERS = only("author", "abroad")
RECORD = only("supervisor")

READ_POSTS: Things = {
    "published": _ALL, "must_do": _ALL, "own": _ALL, "in_decided": _ALL, "in_closed": _ALL,
    "waiting": only("peer"), "draft": only("member"), "abroad": READS["abroad"],
}  # fmt: skip
POST_WRITERS: Things = {
    "published": only("member"), "must_do": only("supervisor"), "own": only("author"), "waiting": only("peer"),
    "draft": only("member"), "in_decided": only("member"), "abroad": only("abroad"),
}  # fmt: skip
OWN_SCREENINGS: Things = {
    "vignette": only("author"), "waiting": only("peer"), "ruling": only("supervisor"), "notes": only("supervisor"),
    "published": only("member"), "must_do": only("supervisor"), "own": only("author"), "in_decided": only("member"),
    "in_closed": only("member"), "edit": only("member"), "abroad": only("abroad"),
}  # fmt: skip
OWN: Things = {"author": only("author"), "abroad": only("abroad")}
OWN_EVERYWHERE: Things = {"author": only("author", "author_abroad"), "abroad": only("abroad")}
"""What belongs to a person and to no organisation: sessions, licences, places, what was typed."""
OWN_PLACES: Things = OWN_EVERYWHERE | {"fellow": only("fellow")}
PARTIES: Things = {
    "author": only("author", "supervisor"), "fellow": only("fellow", "other_supervisor"),
    "past": only("author", "former"), "abroad": only("abroad", "supervisor_abroad"),
}  # fmt: skip
SEES_AGREEMENTS: Things = {
    "author": PARTIES["author"] | {"admin", "auditor"}, "fellow": PARTIES["fellow"] | {"admin", "auditor"},
    "past": PARTIES["past"] | {"admin", "auditor"},
    "abroad": ABROAD,
}  # fmt: skip
IN_GROUP: Things = {
    "here": only("leader", "author", "member", "admin"),
    "abroad": ABROAD,
}
LEADS_GROUP: Things = {"here": only("leader", "admin"), "abroad": ABROAD}
MET: Things = {"author": only("author", "supervisor"), "abroad": only("abroad", "supervisor_abroad")}
LED: Things = {"author": only("supervisor"), "abroad": only("supervisor_abroad")}
READ_HOURS: Things = {"author": only("author", "author_abroad", "supervisor", "auditor"), "abroad": ABROAD}
ATTESTS: Things = {"author": only("supervisor", "former"), "abroad": only("supervisor_abroad")}
READ_REPORTS: Things = {
    "author": only("author", "author_abroad", "supervisor", "supervisor_abroad", "auditor"),
    "abroad": ABROAD | {"supervisor"},
}
MEMBERS: Things = {"author": ADMINS, "abroad": ABROAD}


@dataclass(frozen=True)
class Line:
    """One endpoint. ``form`` is what a POST sends, ``args`` what stands in its path besides the thing; both by name."""

    through: Who | Things
    form: Mapping[str, str] = field(default_factory=dict)
    args: Mapping[str, Any] = field(default_factory=dict)


TABLE: dict[str, Line] = {
    # accounts
    "accounts.account": Line(EVERYONE),
    "accounts.ask_reset": Line(ANYONE),
    "accounts.code": Line(ANYONE),
    "accounts.colours": Line(EVERYONE),
    "accounts.discard_typed": Line(OWN_EVERYWHERE),
    "accounts.end_membership": Line(MEMBERS),
    "accounts.end_other_sessions": Line(EVERYONE),
    "accounts.end_session": Line(OWN_EVERYWHERE),
    "accounts.enrol": Line(ANYONE),
    "accounts.hand_over_reset": Line(MEMBERS),
    "accounts.here": Line(EVERYONE),
    "accounts.invite": Line(ADMINS),
    "accounts.join": Line(ANYONE, args={"token": "token.invitation"}),
    "accounts.join_sign_in": Line(ANYONE, args={"token": "token.invitation"}),
    "accounts.licence": Line(OWN_PLACES),
    "accounts.lock": Line(ANYONE),
    "accounts.member": Line(MEMBERS),
    "accounts.new_codes": Line(EVERYONE),
    "accounts.new_licence": Line(EVERYONE),
    "accounts.new_setting": Line(EVERYONE),
    "accounts.password": Line(EVERYONE),
    "accounts.people": Line(ADMINS),
    "accounts.place": Line(only("author", "supervisor") | ABROAD, form={"org_id": "org_id.abroad"}),
    "accounts.remove_second_factor": Line(EVERYONE),
    "accounts.end_relationship": Line({name: only(name) for name in ("author", "fellow", "abroad")}),
    "accounts.look_over_relationships": Line(EVERYONE),
    "accounts.relationships": Line(EVERYONE),
    "accounts.reset": Line(ANYONE, args={"token": "token.reset"}),
    "accounts.reset_second_factor": Line(MEMBERS),
    "accounts.revoke_invitation": Line({"author": only("admin"), "abroad": ABROAD}),
    "accounts.second_factor_page": Line(EVERYONE),
    "accounts.sessions": Line(EVERYONE),
    "accounts.setting": Line(OWN_PLACES),
    "accounts.shortcuts": Line(EVERYONE),
    "accounts.sign_in": Line(ANYONE),
    "accounts.sign_out": Line(ANYONE),
    "accounts.typed": Line(OWN_EVERYWHERE),
    "accounts.unlock": Line(ANYONE),
    # audit
    "audit.index": Line(only("admin", "auditor") | ABROAD),
    # cases
    "cases.autosave": Line(cases(*DRAFTING, of=WRITERS)),
    "cases.diff": Line(cases("open"), args={"number": 2}),
    "cases.do_release": Line(cases("draft", "proposed", "confirmed", *SAID, of=WRITERS)),
    "cases.do_step_out": Line(cases("open", "decided", "closed", "held", "peers", "abroad", but=WRITERS | RECORD)),
    "cases.do_withdraw": Line(cases(*OPEN, of=WRITERS)),
    "cases.edit": Line(cases(*DRAFTING, of=WRITERS)),
    "cases.import_file": Line(cases(*DRAFTING, of=WRITERS)),
    "cases.index": Line(EVERYONE),
    "cases.do_share_again": Line(cases("open", "decided", "closed", "held", "peers", "lapsed", "abroad", of=WRITERS)),
    "cases.legal_hold": Line(cases(of=WRITERS | RECORD)),
    "cases.new": Line(CASE_WORK),
    "cases.readers": Line(cases()),
    "cases.safeguards_page": Line(cases()),
    "cases.release": Line(cases("draft", "proposed", "confirmed", *SAID, of=WRITERS)),
    "cases.save": Line(cases(*DRAFTING, of=WRITERS)),
    "cases.screen": Line(cases(*DRAFTING, of=WRITERS)),
    "cases.show": Line(cases()),
    "cases.start": Line(CASE_WORK),
    "cases.step_out": Line(cases("open", "decided", "closed", "held", "peers", "abroad", but=WRITERS | RECORD)),
    "cases.version": Line(cases(*RELEASED), args={"number": 1}),
    "cases.versions": Line(cases()),
    "cases.withdraw": Line(cases(*OPEN, of=WRITERS)),
    # consents
    "consents.disclose": Line(OWN | {"lapsed": only("author")}),
    "consents.do_record": Line(OWN | {"lapsed": only("author")}),
    "consents.do_revoke": Line(OWN),
    "consents.index": Line(CASE_WORK),
    "consents.new": Line(CASE_WORK),
    "consents.record": Line(OWN | {"lapsed": only("author")}),
    "consents.revoke": Line(OWN),
    "consents.show": Line(OWN | {"lapsed": only("author")}),
    "consents.start": Line(CASE_WORK),
    # de-identification
    "deid.add": Line(OWN_SCREENINGS),
    "deid.choose": Line(OWN_SCREENINGS),
    "deid.confirm": Line(OWN_SCREENINGS),
    "deid.confirm_text": Line(OWN_SCREENINGS),
    "deid.undo": Line(OWN_SCREENINGS),
    "deid.while_typing": Line(CASE_WORK),
    # ethics
    "ethics.index": Line(EVERYONE),
    # hours
    "hours.add": Line(only("author", "author_abroad", "abroad")),
    "hours.answer_returned": Line(EVERYONE - {"fellow", "abroad"}, form={"setting": "setting_id.author"}),
    "hours.attest": Line(ATTESTS),
    "hours.correct": Line(OWN_EVERYWHERE),
    "hours.import_file": Line(EVERYONE),
    "hours.imports": Line(EVERYONE),
    "hours.index": Line(EVERYONE),
    "hours.licensees": Line(AUDITORS),
    "hours.progress": Line(EVERYONE),
    "hours.progress_of": Line(READ_HOURS),
    "hours.recall_day": Line(EVERYONE - {"fellow", "abroad"}, form={"setting": "setting_id.author"}),
    "hours.repeat_week": Line(EVERYONE - {"fellow", "abroad"}, form={"setting": "setting_id.author"}),
    "hours.save_day": Line(EVERYONE - {"fellow", "abroad"}, form={"setting": "setting_id.author"}),
    "hours.send_back": Line(ATTESTS),
    "hours.submit_week": Line(EVERYONE, form={"setting": "setting_id.author"}),
    "hours.to_attest": Line(EVERYONE),
    "hours.undo_import": Line(OWN_EVERYWHERE),
    "hours.week": Line(EVERYONE),
    "hours.week_of": Line(READ_HOURS),
    # duties
    "duties.answers": Line(OWN),
    "duties.close": Line(OWN),
    "duties.confirm": Line(EVERYONE - {"auditor"}),
    "duties.decide": Line(OWN),
    "duties.do_open": Line(CASE_WORK),
    "duties.index": Line(CASE_WORK),
    "duties.new": Line(CASE_WORK),
    "duties.new_on_case": Line(cases()),
    "duties.open_on_case": Line(cases()),
    "duties.reopen": Line(OWN),
    "duties.rows": Line(EVERYONE),
    "duties.sheet": Line(OWN | {"author": only("author", "supervisor")}),
    "duties.show": Line(OWN | {"author": only("author", "supervisor")}),
    "duties.take_back": Line(EVERYONE - {"auditor"}),
    "duties.told": Line(OWN),
    # incidents
    "incidents.agree": Line({}),
    "incidents.disagree": Line({"held": only("author")}),
    "incidents.do_see": Line(cases(*RELEASED)),
    "incidents.export": Line(ADMINS),
    "incidents.index": Line(AUDITORS | ADMINS),
    "incidents.patterns": Line(ADMINS),
    "incidents.replace": Line({"held": only("author")}),
    "incidents.see": Line(cases(*RELEASED)),
    "incidents.show": Line({"held": READS["held"]}),
    "incidents.withdraw": Line({"held": only("member")}),
    # learning
    "learning.confirm": Line({"closed": only("author", "member")}),
    "learning.consultation": Line(EVERYONE),
    "learning.evidence": Line(EVERYONE),
    # notices
    "notifications.health": Line(ADMINS),
    "notifications.inbox": Line(EVERYONE),
    "notifications.notices": Line(EVERYONE),
    "notifications.open_notice": Line(OWN_EVERYWHERE),
    "notifications.read_all": Line(EVERYONE),
    "notifications.show_notice": Line(OWN_EVERYWHERE),
    "notifications.try_again": Line({"stuck": ADMINS}),
    # reports
    "reports.check": Line(ANYONE),
    "reports.check_code": Line(ANYONE, args={"code": "code.author"}),
    "reports.csv": Line(READ_REPORTS),
    "reports.csv_seal": Line(READ_REPORTS),
    "reports.index": Line(EVERYONE),
    "reports.issue": Line(EVERYONE),
    "reports.pdf": Line(READ_REPORTS),
    "reports.requirements_as_csv": Line(WITH_PLACES),
    "reports.show": Line(READ_REPORTS),
    "reports.boards_as_csv": Line(EVERYONE),
    "reports.boards_page": Line(EVERYONE),
    "reports.workbook_as_csv": Line(WITH_PLACES),
    "reports.workbook_as_pdf": Line(WITH_PLACES),
    "reports.workbook_page": Line(EVERYONE),
    # reviews
    "reviews.acknowledge": Line({"must_do": only("author")}),
    "reviews.autosave": Line(cases(*SAID)),
    "reviews.autosave_decision": Line(cases(*UNDECIDED, of=WRITERS)),
    "reviews.complete": Line({"must_do": only("author")}),
    "reviews.decide": Line(cases(*UNDECIDED, of=WRITERS)),
    "reviews.decision": Line(cases(*UNDECIDED, of=WRITERS)),
    "reviews.drop": Line(POST_WRITERS | {"in_closed": only("member")}),
    "reviews.drop_ruling": Line({"decided": only("supervisor")}),
    "reviews.edit": Line(POST_WRITERS),
    "reviews.followed_up": Line({}),
    "reviews.history": Line(READ_POSTS),
    "reviews.next_look": Line(cases(of=RECORD)),
    "reviews.rule": Line(cases()),
    "reviews.save_edit": Line(POST_WRITERS),
    "reviews.show": Line(READ_POSTS),
    "reviews.write": Line(cases(*SAID)),
    # safety
    "safety.ask": Line(CASE_WORK),
    "safety.calling": Line({"red": only("supervisor", "former", "other_supervisor")}),
    "safety.card": Line(ANYONE),
    "safety.client": Line({"red": only("author")}),
    "safety.close": Line({"red": READ_RED}),
    "safety.cover": Line(SUPERVISORS | only("admin")),
    "safety.crisis": Line(ANYONE),
    "safety.drill": Line(CASE_WORK | only("admin")),
    "safety.kept": Line(ANYONE),
    "safety.make_red": Line({"red": READ_RED}),
    "safety.on_call": Line(CASE_WORK | only("admin")),
    "safety.show": Line({"red": READ_RED}),
    "safety.spoke": Line({"red": only("author")}),
    "safety.take": Line(SUPERVISORS | only("admin")),
    "safety.woke": Line(NOBODY),
    "safety.worker": Line(ANYONE),
    # supervision
    "supervision.agreement": Line(SEES_AGREEMENTS),
    "supervision.agreements": Line(EVERYONE),
    "supervision.cancel": Line(LED),
    "supervision.drop": Line(LED),
    "supervision.end_agreement": Line(PARTIES),
    "supervision.group": Line(IN_GROUP),
    "supervision.groups": Line(EVERYONE),
    "supervision.history": Line(MET),
    "supervision.covenant": Line(IN_GROUP),
    "supervision.join_group": Line(LEADS_GROUP),
    "supervision.meeting": Line(MET),
    "supervision.meetings": Line(EVERYONE),
    "supervision.new_agreement": Line(SUPERVISION),
    "supervision.new_group": Line(EVERYONE - {"author", "fellow", "auditor"}),
    "supervision.new_meeting": Line(SUPERVISORS),
    "supervision.notes": Line(LED),
    "supervision.remove_member": Line(LEADS_GROUP, args={"person_id": "colleague.member"}),
    "supervision.save_notes": Line(LED),
    "supervision.screen": Line(LED),
    "supervision.sign_agreement": Line({"fellow": PARTIES["fellow"]}),
    "supervision.step_out_of_group": Line(IN_GROUP),
    # pages of no room
    "web.alive": Line(ANYONE),
    "web.help": Line(ANYONE),
    "web.more": Line(EVERYONE),
    "web.shortcuts": Line(ANYONE),
}  # fmt: skip

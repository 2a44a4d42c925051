"""Thirty cases, each walked to its state through the flows that people walk."""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from supervise.cases import queries as case_queries
from supervise.cli.demo.people import People, at, data
from supervise.consents.queries import consents_of
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now, replaying
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.ids import new_id
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.deid.engine import Choice, ChoiceRefused, Group, allowed_reasons
from supervise.deid.rules.work import Work
from supervise.duties.service import Opening
from supervise.ethics.queries import codes
from supervise.flows.credit_guidance import credit_guidance
from supervise.flows.decide_case import decide_case, deciding
from supervise.flows.follow_duty import open_duty
from supervise.flows.hold_case import hold_case
from supervise.flows.post_guidance import Posted, Typed, answer_must_do, post_guidance, shown_paragraphs
from supervise.flows.publish import publish_confirmed
from supervise.flows.release_case import release_case, release_plan
from supervise.flows.revoke_consent import record_consent, revoke_consent
from supervise.flows.rule_on_case import plan_next_look, rule_on_case
from supervise.flows.see_identifier import see_identifier
from supervise.flows.start_case import PEERS, Draft, make_client, save_draft, screen_draft
from supervise.supervision.queries import groups_of

MARK = re.compile(r"\[\[(\w+)\|([^\]]+)\]\]")


def load_cases(people: People) -> None:
    """Load every case in the order in which they began."""
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((data() / "cases").glob("*.toml"))]
    for story in sorted(files, key=lambda row: -row["days_ago"]):
        _Telling(people, story).tell()


class _Telling:
    """One case and its way. Times go forward from the day on which its author began to write."""

    def __init__(self, people: People, story: dict[str, Any]) -> None:
        self.people, self.story = people, story
        self.author = people.actors[story["author"]]
        self.case_id = new_id()
        self.day = local_day(now(), self.author.zone) - timedelta(days=story["days_ago"])
        self.posts: dict[str, str] = {}

    def tell(self) -> None:
        """Walk the case to its state."""
        with replaying(self._when(0, "09:10")):
            client_id = self._write()
        if self.story["state"] == "draft":
            return
        with replaying(self._when(0, "09:40")):
            screening_id = screen_draft(self.author, self.case_id)
        if self.story["state"] == "proposed":
            return
        with replaying(self._when(0, "09:55")):
            self._confirm(screening_id, self.story["vignette"])
        if self.story["state"] == "confirmed":
            return
        with replaying(self._when(0, "10:05")):
            release_case(self.author, self.case_id, release_plan(self.author, self.case_id).fingerprint)
        self._discuss()
        self._flag(client_id)
        self._close()

    def _when(self, days_after: float, clock: str, who: Actor | None = None) -> datetime:
        return at(self.day + timedelta(days=days_after), clock, (who or self.author).zone)

    # write ------------------------------------------------------------------------------------------------------------

    def _write(self) -> str:
        story, supervision = self.story, self.story["kind"] == "supervision"
        group = self._group() if "group" in story["audience"] else None
        record = self.people.actors[self.people.record[story["author"]]].person_id if supervision else ""
        way = f"supervision:{record}:{group or ''}" if supervision else f"consultation::{group}" if group else PEERS
        draft = Draft(
            title=story["title"],
            question=story["question"],
            body=_plain(story["vignette"]),
            way=way,
            peer_ids=() if way != PEERS else self._peers(),
            jurisdiction=story["jurisdiction"],
            urgency=story["urgency"],
            dilemmas=tuple(story["dilemmas"]),
        )
        seen = save_draft(self.author, self.case_id, 0, draft, new=True)
        client_id = make_client(self.author, self.case_id, story["jurisdiction"]).id
        told = self.day - timedelta(days=21)
        seen = case_queries.draft(db.session(), self.case_id).version  # type: ignore[union-attr]
        save_draft(
            self.author,
            self.case_id,
            seen,
            Draft(**{**_fields(draft), "client_id": client_id, "disclosed": supervision, "disclosed_on": told}),
        )
        if group or way == PEERS:
            record_consent(
                self.author, client_id, scope="group" if group else "peers", obtained_how="signed_form",
                obtained_on=told, group_id=group, expires_on=told + timedelta(days=365),
            )  # fmt: skip
        return client_id

    def _group(self) -> str:
        mine = groups_of(db.session(), self.author.person_id, self.author.org_id)
        return mine[0].id

    def _peers(self) -> tuple[str, ...]:
        keys = ("peer", "peer2", "supervisor", "supervisor2")
        return tuple(self.people.actors[key].person_id for key in keys if key != self.story["author"])

    # confirm ----------------------------------------------------------------------------------------------------------

    def _confirm(self, screening_id: str, vignette: str) -> None:
        marked = [(m.group(2), m.group(1)) for m in MARK.finditer(vignette)]
        for passage, label in dict.fromkeys(marked):
            _, found = deid.work_on(db.session(), screening_id, self.author)
            if not any(passage in group.forms for group in found.proposal.groups):
                self._add(screening_id, passage, label)
        _, found = deid.work_on(db.session(), screening_id, self.author)
        for group in found.proposal.groups:
            choice = self._choice(group, marked)
            if choice is not None:
                self._choose(screening_id, group.key, choice)
        with unit_of_work(self.author) as work:
            deid.accept_rest(work, screening_id, _seen(work, screening_id, self.author))
        _accept_as_shown(self.author, screening_id)

    def _add(self, screening_id: str, passage: str, label: str) -> None:
        try:
            with unit_of_work(self.author) as work:
                deid.add(work, screening_id, _seen(work, screening_id, self.author), passage, label)
        except Invalid:
            return  # the engine's own finding covers it already

    def _choose(self, screening_id: str, key: str, choice: Choice) -> None:
        try:
            with unit_of_work(self.author) as work:
                deid.choose(work, screening_id, _seen(work, screening_id, self.author), {key: choice})
        except (Invalid, ChoiceRefused):
            return  # what the engine does not let an author say stays taken out

    def _choice(self, group: Group, marked: list[tuple[str, str]]) -> Choice | None:
        """Decide as the author of the story would: stand-ins, own words; what is no identifier stays."""
        story = self.story
        for passage, wording in story.get("generalise", {}).items():
            if any(form in passage or passage in form for form in group.forms) and group.label == "QUASI":
                return Choice("generalise", wording=wording)
        for name, stand_in in story.get("stand_ins", {}).items():
            if any(form in name or name in form for form in group.forms):
                return Choice("remove", stand_in=f"[{stand_in}]")
        if not any(form in passage or passage in form for passage, _ in marked for form in group.forms):
            reasons = allowed_reasons(group.label)
            return Choice("keep", reason=reasons[0]) if reasons else None
        return None

    # discuss ----------------------------------------------------------------------------------------------------------

    def _discuss(self) -> None:
        second = self.story.get("version2_days_after") if self.story.get("vignette2") else None
        for number, post in enumerate(sorted(self.story.get("posts", []), key=lambda row: row["days_after"])):
            if second is not None and post["days_after"] >= second:
                self._second_version(second)
                second = None
            self._post(post, number)
        if second is not None:
            self._second_version(second)
        record = self.people.record.get(self.story["author"])
        if self.story["kind"] == "supervision" and self.story["state"] == "open" and record and self.posts:
            supervisor = self.people.actors[record]
            look = datetime.combine(local_day(now(), supervisor.zone) + timedelta(days=2), datetime.min.time())
            with replaying(self._when(1, "20:10", supervisor)):
                plan_next_look(supervisor, self.case_id, look.replace(hour=8))

    def _second_version(self, days_after: int) -> None:
        story = self.story
        with replaying(self._when(days_after, "08:20")):
            draft = Draft(title=story["title"], question=story["question"], body=_plain(story["vignette2"]))
            save_draft(self.author, self.case_id, 0, draft)
            screening_id = screen_draft(self.author, self.case_id)
            self._confirm(screening_id, story["vignette2"])
            release_case(self.author, self.case_id, release_plan(self.author, self.case_id).fingerprint)

    def _post(self, post: dict[str, Any], number: int) -> None:
        writer = self.people.actors[post["by"]]
        when = self._when(post["days_after"], f"{12 + number % 8}:{(number * 17) % 60:02d}", writer)
        due = self.day + timedelta(days=post["days_after"] + post.get("due_days", 7))
        with replaying(when):
            paragraph, quote = self._anchor(post.get("anchor", ""))
            typed = Typed(
                kind=post["kind"],
                body=post["text"],
                because=post.get("because", ""),
                parent_id=self.posts.get(post.get("reply_to", "")),
                paragraph=paragraph if not post.get("reply_to") else None,
                quote=quote,
                cites=_cites(post.get("cites", [])),
                competency=post.get("competency"),
                due_on=due if post["kind"] == "must_do" else None,
            )
            posted = post_guidance(writer, self.case_id, new_id(), typed, 0)
            _finish(writer, posted)
        self.posts[post["id"]] = posted.row_id
        for answer, hours in (("acknowledged", 5), ("completed", 40)):
            if post.get(answer):
                with replaying(min(when + timedelta(hours=hours), now() - timedelta(minutes=1))):
                    answer_must_do(self.author, posted.row_id, answer)

    def _anchor(self, quote: str) -> tuple[int | None, str]:
        body = case_queries.version(db.session(), self.case_id).body
        for number, (_, text) in enumerate(shown_paragraphs(body), 1):
            if quote and quote in text:
                return number, quote
        return None, ""

    # close ------------------------------------------------------------------------------------------------------------

    def _flag(self, client_id: str) -> None:
        if "consent_lapsed" in self.story["flags"]:
            with replaying(self._when(self.story.get("consent_lapsed_days_after", 3), "17:00")):
                for consent in consents_of(db.session(), client_id):
                    if consent.scope != "supervisor":
                        revoke_consent(self.author, consent.id)
        if "legal_hold" in self.story["flags"]:
            with replaying(self._when(1, "16:00")):
                hold_case(self.author, self.case_id, True)
        if "child_abuse_duty" in self.story["flags"]:
            with replaying(self._when(0, "18:00")):
                place = case_queries.get(db.session(), self.case_id).jurisdiction
                open_duty(self.author, Opening("child", now(), self.author.zone, place, case_id=self.case_id))
        if "held" in self.story["flags"]:
            reader = self.people.actors[self.story["held_by"]]
            with replaying(self._when(self.story["held_days_after"], "20:15", reader)):
                see_identifier(reader, self.case_id, self.story["held_passage"], "QUASI")

    def _close(self) -> None:
        story = self.story
        if story["state"] == "withdrawn":
            with replaying(self._when(story.get("withdrawn_days_after", 3), "18:00")):
                self._rule(self.author, "withdrawn", story.get("withdrawn_reason", "It is settled another way."))
        if "decision" not in story:
            return
        decision = story["decision"]
        with replaying(self._when(decision.get("days_after", 5), "21:15")):
            options = [
                {"option": o["option"], "for": o["for"], "against": o["against"], "chosen": bool(o.get("chosen"))}
                for o in decision["options"]
            ]
            follow_up = self.day + timedelta(days=decision.get("days_after", 5) + decision.get("follow_up_days", 30))
            typed = deciding(options, decision["text"], _cites(decision.get("cites", [])), follow_up)
            _finish(self.author, decide_case(self.author, self.case_id, typed, 0))
        if story["state"] == "closed":
            supervision = story["kind"] == "supervision"
            closer = self.people.actors[self.people.record[story["author"]]] if supervision else self.author
            with replaying(self._when(decision.get("closed_days_after", 7), "19:30", closer)):
                self._rule(closer, "signed_off" if supervision else "closed", decision.get("signed_off_text", ""))
            self._credit(decision)

    def _rule(self, actor: Actor, outcome: str, reason: str) -> None:
        seen = case_queries.get(db.session(), self.case_id).version
        _finish(actor, rule_on_case(actor, self.case_id, outcome, reason, seen))

    def _credit(self, decision: Mapping[str, Any]) -> None:
        shown = {post["by"]: post.get("competency") for post in self.story.get("posts", [])}
        for key, minutes in decision.get("minutes", {}).items():
            if key in shown or key == self.story["author"]:
                actor, tag = self.people.actors[key], shown.get(key)
                with replaying(self._when(decision.get("closed_days_after", 7) + 1, "12:20", actor)):
                    credit_guidance(actor, self.case_id, minutes, [tag] if tag else [])


def _plain(marked: str) -> str:
    return MARK.sub(lambda m: m.group(2), marked).strip()


def _fields(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft.__dataclass_fields__}


def _cites(short: list[str]) -> tuple[str, ...]:
    """Return the citations of the table for ``ACA B.7.b`` and the like, whatever the edition."""
    found = []
    for cite in short:
        code, _, section = cite.partition(" ")
        for row in codes().rows:
            if row.code.split()[0] == code and (row.section == section or row.section.startswith(f"{section}(")):
                found.append(row.citation)
                break
    return tuple(found)


def _seen(work: Any, screening_id: str, author: Actor) -> int:
    return deid.work_on(work.session, screening_id, author)[0].version


def _finish(writer: Actor, posted: Posted) -> None:
    """Let the writer confirm what the engine found in a short text, as it is proposed."""
    if posted.screening_id is None:
        return
    with unit_of_work(writer) as work:
        deid.accept_rest(work, posted.screening_id, _seen(work, posted.screening_id, writer))
    _accept_as_shown(writer, posted.screening_id)


def _accept_as_shown(writer: Actor, screening_id: str) -> None:
    found: Work = deid.work_on(db.session(), screening_id, writer)[1]
    publish_confirmed(writer, screening_id, found.hash())

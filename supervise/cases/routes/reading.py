"""Pages of those who read cases: the list, the case, its versions, and who else reads it."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for

from supervise.access.queries import readers as readers_of
from supervise.accounts.queries import people
from supervise.audit.service import record_read
from supervise.cases import queries, service
from supervise.cases.forms import WithdrawForm
from supervise.cases.routes.blueprint import bp
from supervise.cases.rules.differences import changed, word_diff
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from supervise.core.sanitize import plain
from supervise.core.uow import unit_of_work
from supervise.deid.queries import screening_of
from supervise.events import CaseRead
from supervise.flows.hide_words import version_texts
from supervise.flows.hold_case import hold_case
from supervise.flows.rule_on_case import rule_on_case
from supervise.flows.safeguards import safeguards
from supervise.flows.share_again import away_for, share_again
from supervise.flows.show_case import show_case
from supervise.flows.start_case import dilemmas
from supervise.policy import Action, Basis, CaseFacts
from supervise.web.current import actor
from supervise.web.forms import version_of
from supervise.web.guard import guard

STATES = ("open", "decided", "closed", "withdrawn")


@bp.get("/cases")
@guard(Action.USE)
def index() -> str:
    """List what the person writes, and the released cases that the person may read."""
    session = db.session()
    filters = queries.Filters(
        state=_one_of("state", STATES),
        whose=_one_of("whose", ("mine", "others")),
        kind=_one_of("kind", ("supervision", "consultation")),
        dilemma=_one_of("dilemma", dilemmas()),
        words=plain(request.args.get("words", ""))[:200],
    )
    after = plain(request.args.get("after", ""))[:26]
    rows, more = queries.listing(session, actor(), filters, after)
    drafts = [] if after or any((filters.state, filters.whose == "others")) else queries.drafts(session, actor())
    return render_template(
        "cases/index.html", filters=filters, rows=rows, more=more, after=after, dilemmas=dilemmas(),
        drafts=[(case, draft, _next_step(case.id, draft)) for case, draft in drafts],
        people=people(session, {row.case.author_id for row in rows}), me=actor().person_id,
    )  # fmt: skip


@bp.get("/cases/<case_id>")
@guard(Action.READ_CASE, queries.case_facts)
def show(case_id: str) -> Any:
    """Show a case with its thread; the reading is recorded on the way."""
    return render_template("cases/show.html", **show_case(actor(), case_id))


@bp.get("/cases/<case_id>/safeguards")
@guard(Action.READ_CASE, queries.case_facts)
def safeguards_page(case_id: str) -> str:
    """Show what holds, what is open and what is due of the ten safeguards."""
    case, rows = queries.get(db.session(), case_id), safeguards(actor(), case_id)
    return render_template("cases/safeguards.html", case=case, rows=rows, at=now())


@bp.get("/cases/<case_id>/versions")
@guard(Action.READ_CASE, queries.case_facts)
def versions(case_id: str) -> str:
    """List the released versions."""
    return render_template("cases/versions.html", versions=queries.versions(db.session(), case_id), **_head(case_id))


def _of_version(reader: Actor, case_id: str, number: int) -> CaseFacts:
    return queries.case_facts(reader, case_id)


@bp.get("/cases/<case_id>/versions/<int(max=99999):number>")
@guard(Action.READ_CASE, _of_version)
def version(case_id: str, number: int) -> str:
    """Show one released version."""
    found = queries.version(db.session(), case_id, number)
    _note_read(case_id)
    texts = version_texts(db.session(), actor(), found)
    return render_template("cases/version.html", version=found, text=texts, **_head(case_id))


@bp.get("/cases/<case_id>/diff/<int(max=99999):number>")
@guard(Action.READ_CASE, _of_version)
def diff(case_id: str, number: int) -> str:
    """Show word by word what a version changed from the one before it."""
    session = db.session()
    if number < 2:
        raise NotFound("The first version has nothing before it.")
    new, old = queries.version(session, case_id, number), queries.version(session, case_id, number - 1)
    _note_read(case_id)
    before, after = (version_texts(session, actor(), one) for one in (old, new))
    parts = [(name, word_diff(before[name], after[name])) for name in service.TEXTS]
    return render_template(
        "cases/diff.html", old=old, new=new, parts=parts, any_change=any(changed(part) for _, part in parts),
        **_head(case_id),
    )  # fmt: skip


@bp.get("/cases/<case_id>/readers")
@guard(Action.READ_CASE, queries.case_facts)
def readers(case_id: str) -> str:
    """Show who may read the case, on what ground, since when and until when."""
    rows = readers_of(db.session(), case_id)
    known = people(db.session(), {row.person_id for row in rows})
    away = away_for(actor(), case_id)
    return render_template("cases/readers.html", rows=rows, people=known, facts=g.facts, away=away, **_head(case_id))


@bp.post("/cases/<case_id>/share-again")
@guard(Action.SHARE_AGAIN, queries.case_facts)
def do_share_again(case_id: str) -> Any:
    """Let the supervisor of record, who left and came back, read the case again."""
    try:
        flash(f"{share_again(actor(), case_id)} reads this case again and is told.")
    except Refused as refused:
        flash(str(refused), "warning")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/cases/<case_id>/step-out")
@guard(Action.STEP_OUT, queries.case_facts)
def step_out(case_id: str) -> str:
    """Say what stepping out does and ask."""
    return render_template("cases/step_out.html", **_head(case_id))


@bp.post("/cases/<case_id>/step-out")
@guard(Action.STEP_OUT, queries.case_facts)
def do_step_out(case_id: str) -> Any:
    """End one's own reading of a case."""
    with unit_of_work(actor()) as work:
        service.step_out(work, case_id)
    flash("You stepped out. You do not read this case any more; its author is told.")
    return redirect(url_for("cases.index"), 303)


@bp.get("/cases/<case_id>/withdraw")
@guard(Action.WITHDRAW_CASE, queries.case_facts)
def withdraw(case_id: str) -> str:
    """Say what withdrawing does and ask why."""
    seen = str(queries.get(db.session(), case_id).version)
    return _withdraw_page(case_id, WithdrawForm(formdata=None, version=seen))


@bp.post("/cases/<case_id>/withdraw")
@guard(Action.WITHDRAW_CASE, queries.case_facts)
def do_withdraw(case_id: str) -> Any:
    """Withdraw the case, at once or when the author has decided what was found in the reason."""
    form = WithdrawForm()
    try:
        reason, seen = form.reason.data or "", version_of(request.form)
        done = rule_on_case(actor(), case_id, "withdrawn", reason, seen)
    except (Invalid, Refused, Conflict, Unavailable) as error:
        form.refuse(error)
        form.version.data = str(queries.get(db.session(), case_id).version)
        return _withdraw_page(case_id, form), error.status
    if done.screening_id is not None:
        return redirect(url_for("deid.confirm", screening_id=done.screening_id), 303)
    flash("Withdrawn. Only you and the supervisor of record, if there is one, read it now.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/cases/<case_id>/legal-hold")
@guard(Action.HOLD_CASE, queries.case_facts)
def legal_hold(case_id: str) -> Any:
    """Place a legal hold (``on`` has a value) or lift it."""
    on = bool(request.form.get("on"))
    hold_case(actor(), case_id, on)
    flash("Legal hold: nothing of this case is destroyed." if on else "The legal hold is lifted.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _withdraw_page(case_id: str, form: WithdrawForm) -> str:
    rows = readers_of(db.session(), case_id)
    stay = {row.person_id for row in rows if Basis(row.basis) in {Basis.AUTHOR, Basis.SUPERVISOR}}
    leaving = people(db.session(), {row.person_id for row in rows} - stay).values()
    return render_template("cases/withdraw.html", form=form, leaving=leaving, **_head(case_id))


def _head(case_id: str) -> dict[str, Any]:
    case = queries.get(db.session(), case_id)
    return {"case": case, "title": queries.titles(db.session(), [case_id])[case_id]}


def _note_read(case_id: str) -> None:
    """Have a reading recorded before anything is shown; authors read their own without a record."""
    if Basis.AUTHOR not in g.facts.bases:
        record_read(actor(), CaseRead(actor().org_id, case_id, min(g.facts.bases).value))


def _one_of(name: str, known: Any) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


def _next_step(case_id: str, draft: Any) -> str:
    """Return where the author goes on with a draft."""
    if draft.stage == "confirmed":
        return url_for("cases.release", case_id=case_id)
    screening = screening_of(db.session(), service.subject_of(draft)) if draft.stage == "proposed" else None
    if screening is not None:
        return url_for("deid.confirm", screening_id=screening.id)
    return url_for("cases.edit", case_id=case_id)

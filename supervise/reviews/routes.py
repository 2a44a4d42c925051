"""Pages of reviews. The case page itself is shown by ``cases``; what is written on it arrives here."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supervise.core.clock import local, now
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, SuperviseError
from supervise.core.ids import new_id
from supervise.flows import decide_case, post_guidance, rule_on_case
from supervise.flows.credit_guidance import case_facts
from supervise.flows.follow_up import follow_up, follow_up_facts
from supervise.flows.post_guidance import Posted, Typed
from supervise.flows.show_case import decision_page, show_case
from supervise.flows.show_history import history_page
from supervise.policy import Action
from supervise.reviews import queries
from supervise.reviews.forms import DecisionForm, EditForm, FollowUpForm, GuidanceForm, NextLookForm, RulingForm
from supervise.reviews.rules import KINDS, MAX_OPTIONS, sentences
from supervise.reviews.service import OPTION_WORDS, Deciding
from supervise.web.current import actor
from supervise.web.forms import Form, version_of
from supervise.web.guard import guard

bp = Blueprint("reviews", __name__)

ID_LETTERS = frozenset("0123456789abcdefghjkmnpqrstvwxyz")

Answer = str | Response | tuple[str, int]


@bp.app_context_processor
def forms_of_the_case_page() -> dict[str, Any]:
    """Give the case page, which another room serves, the forms that are answered here."""
    return {
        "new_guidance": _new_guidance,
        "new_ruling": RulingForm,
        "new_follow_up": FollowUpForm,
        "new_look": _new_look,
        "post_kinds": KINDS,
        "sentences": sentences,
    }


# Posts ----------------------------------------------------------------------------------------------------------------


@bp.post("/cases/<case_id>/posts")
@guard(Action.POST_GUIDANCE, case_facts)
def write(case_id: str) -> Answer:
    """Publish what was written, or keep it as a draft."""
    form = GuidanceForm()
    try:
        _check(form)
        if request.form.get("do") == "draft":
            kept = post_guidance.save_draft(actor(), case_id, *_post_of(form))
            flash("Kept as a draft. Only you see it.")
            return redirect(url_for("cases.show", case_id=case_id, draft=kept.row_id, _anchor="write"), 303)
        return _after(post_guidance.post_guidance(actor(), case_id, *_post_of(form)), "post")
    except SuperviseError as error:
        return _refused_post(case_id, form, error)


@bp.post("/cases/<case_id>/posts/autosave")
@guard(Action.POST_GUIDANCE, case_facts)
def autosave(case_id: str) -> Any:
    """Keep what is being written; answers the version of the draft."""
    try:
        kept = post_guidance.save_draft(actor(), case_id, *_post_of(GuidanceForm()))
    except SuperviseError as error:
        return {"says": f"Not saved. {error}"}, error.status
    return {"version": kept.version, "saved": f"{local(now(), actor().zone):%H:%M}"}


@bp.get("/posts/<post_id>")
@guard(Action.READ_CASE, post_guidance.case_of_post)
def show(post_id: str) -> Response:
    """Lead to a post in its case; a draft to the form in which it is written."""
    post = queries.post(db.session(), post_id)
    if post.state == "published":
        return redirect(url_for("cases.show", case_id=post.case_id, _anchor=f"post-{post.id}"))
    return redirect(url_for("cases.show", case_id=post.case_id, draft=post.id, _anchor="write"))


@bp.get("/posts/<post_id>/edit")
@guard(Action.EDIT_POST, post_guidance.post_facts)
def edit(post_id: str) -> Answer:
    """Show the words of a published post to change."""
    post = queries.post(db.session(), post_id)
    if post.state != "published":
        return redirect(url_for("cases.show", case_id=post.case_id, draft=post.id, _anchor="write"))
    body, because = post_guidance.own_words(actor(), post)
    form = EditForm(formdata=None, body=body, because=because, version=str(post.version))
    return render_template("reviews/edit.html", post=post, form=form)


@bp.post("/posts/<post_id>/edit")
@guard(Action.EDIT_POST, post_guidance.post_facts)
def save_edit(post_id: str) -> Answer:
    """Hand in new words for a post."""
    form = EditForm()
    try:
        _check(form)
        texts = (form.body.data or "", form.because.data or "")
        return _after(post_guidance.edit_post(actor(), post_id, *texts, version_of(request.form)), "post")
    except SuperviseError as error:
        form.refuse(error)
        post = queries.post(db.session(), post_id)
        form.version.data = str(post.version)
        other = post_guidance.own_words(actor(), post) if isinstance(error, Conflict) else None
        return render_template("reviews/edit.html", post=post, form=form, other=other), error.status


@bp.get("/posts/<post_id>/history")
@guard(Action.READ_CASE, post_guidance.case_of_post)
def history(post_id: str) -> str:
    """Show what a post said before it was edited, to everyone who reads the case."""
    return render_template("reviews/history.html", **history_page(actor(), post_id))


@bp.post("/posts/<post_id>/acknowledge")
@guard(Action.ANSWER_MUST_DO, post_guidance.post_facts)
def acknowledge(post_id: str) -> Answer:
    """Take note of what the supervisor asks."""
    return _answered(post_id, "acknowledged")


@bp.post("/posts/<post_id>/complete")
@guard(Action.ANSWER_MUST_DO, post_guidance.post_facts)
def complete(post_id: str) -> Answer:
    """Say that what the supervisor asks is done."""
    return _answered(post_id, "completed")


@bp.post("/posts/<post_id>/drop")
@guard(Action.CHANGE_OWN, post_guidance.own_post)
def drop(post_id: str) -> Answer:
    """Throw away a draft or words that wait to replace a post."""
    case_id = post_guidance.drop_words(actor(), post_id)
    flash("Thrown away.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


# Decision and rulings -------------------------------------------------------------------------------------------------


@bp.get("/cases/<case_id>/decision")
@guard(Action.DECIDE_CASE, case_facts)
def decision(case_id: str) -> str:
    """Show the form of the decision, with what was kept of it."""
    kept = decide_case.draft_decision(actor(), case_id)
    return render_template("reviews/decide.html", form=_decision_form(kept), **decision_page(actor(), case_id))


@bp.post("/cases/<case_id>/decision")
@guard(Action.DECIDE_CASE, case_facts)
def decide(case_id: str) -> Answer:
    """Record the decision, or keep it as a draft."""
    form = DecisionForm()
    try:
        _check(form)
        if request.form.get("do") == "draft":
            decide_case.save_decision(actor(), case_id, *_decision_of(form))
            flash("Kept as a draft. Only you see it.")
            return redirect(url_for("reviews.decision", case_id=case_id), 303)
        return _after(decide_case.decide_case(actor(), case_id, *_decision_of(form)), "decision")
    except SuperviseError as error:
        form.refuse(error)
        kept = decide_case.draft_decision(actor(), case_id)
        form.version.data = str(kept[1] if kept else 0)
        other = kept[0] if kept and isinstance(error, Conflict) else None
        page = decision_page(actor(), case_id)
        return render_template("reviews/decide.html", form=form, other=other, **page), error.status


@bp.post("/cases/<case_id>/decision/autosave")
@guard(Action.DECIDE_CASE, case_facts)
def autosave_decision(case_id: str) -> Any:
    """Keep the decision while it is being written."""
    try:
        kept = decide_case.save_decision(actor(), case_id, *_decision_of(DecisionForm()))
    except SuperviseError as error:
        return {"says": f"Not saved. {error}"}, error.status
    return {"version": kept.version, "saved": f"{local(now(), actor().zone):%H:%M}"}


@bp.post("/cases/<case_id>/decision/followed-up")
@guard(Action.CHANGE_OWN, follow_up_facts)
def followed_up(case_id: str) -> Answer:
    """Say that the decision was looked at again, and what came of it."""
    form = FollowUpForm()
    try:
        _check(form)
        follow_up(actor(), case_id, form.note.data or "")
    except SuperviseError as error:
        form.refuse(error)
        return render_template("cases/show.html", follow_form=form, **show_case(actor(), case_id)), error.status
    return redirect(url_for("cases.show", case_id=case_id, _anchor="decision"), 303)


@bp.post("/cases/<case_id>/ruling")
@guard(Action.READ_CASE, case_facts)
def rule(case_id: str) -> Answer:
    """Sign off, send back, close, reopen or withdraw; the flow asks policy which of them the actor may."""
    form = RulingForm()
    try:
        _check(form)
        seen = version_of(request.form)
        done = rule_on_case.rule_on_case(actor(), case_id, form.outcome.data or "", form.reason.data or "", seen)
        return _after(done, "decision")
    except SuperviseError as error:
        if error.status in (403, 404):
            raise
        form.refuse(error)
        page = show_case(actor(), case_id)
        form.version.data = str(page["case"].version)
        return render_template("cases/show.html", ruling_form=form, **page), error.status


@bp.post("/cases/<case_id>/ruling/drop")
@guard(Action.READ_CASE, case_facts)
def drop_ruling(case_id: str) -> Answer:
    """Throw away a word that waits for its reason to be confirmed."""
    rule_on_case.drop_ruling(actor(), case_id)
    flash("Thrown away. The case stays as it was.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/cases/<case_id>/next-look")
@guard(Action.SET_NEXT_LOOK, case_facts)
def next_look(case_id: str) -> Answer:
    """Say that the case was looked at and when the next look is."""
    form = NextLookForm()
    try:
        _check(form)
        rule_on_case.plan_next_look(actor(), case_id, form.next_look.data)
    except SuperviseError as error:
        form.refuse(error)
        return render_template("cases/show.html", look_form=form, **show_case(actor(), case_id)), error.status
    return redirect(url_for("cases.show", case_id=case_id), 303)


# Between forms and flows ----------------------------------------------------------------------------------------------


def _check(form: Form) -> None:
    """Raise Invalid at the first field that could not be read; the others keep their own errors."""
    if form.validate():
        return
    name, errors = next(iter(form.errors.items()))
    form[name].errors = []  # refuse() puts it back
    raise Invalid(str(errors[0]), name)


def _post_of(form: GuidanceForm) -> tuple[str, Typed, int]:
    para, post_id = form.para.data or "", form.post_id.data or ""
    if len(post_id) != 26 or not ID_LETTERS.issuperset(post_id):
        raise Invalid("Open the case again; this form did not come from here.")
    typed = Typed(
        kind=form.kind.data or "",
        body=form.body.data or "",
        because=form.because.data or "",
        parent_id=form.reply.data or None,
        paragraph=int(para) if para.isdecimal() and not form.reply.data else None,
        quote=form.quote.data or "",
        prefix=form.prefix.data or "",
        cites=tuple(form.cites.data or ()),
        competency=form.competency.data or None,
        mentions=tuple(form.mentions.data or ()),
        due_on=form.due_on.data,
    )
    return post_id, typed, version_of(request.form)


def _decision_of(form: DecisionForm) -> tuple[Deciding, int]:
    typed = decide_case.deciding(
        form.options, form.body.data or "", tuple(form.cites.data or ()), form.follow_up_on.data
    )
    return typed, version_of(request.form)


def _decision_form(kept: tuple[Deciding, int] | None) -> DecisionForm:
    if kept is None:
        return DecisionForm(formdata=None)
    typed, version = kept
    words = {
        f"{word}_{n}": option[word] for n, option in enumerate(typed.options[:MAX_OPTIONS]) for word in OPTION_WORDS
    }
    chosen = next((str(n) for n, option in enumerate(typed.options) if option["chosen"]), None)
    return DecisionForm(
        formdata=None, version=str(version), body=typed.body, chosen=chosen, cites=[*typed.cites],
        follow_up_on=typed.follow_up_on, **words,
    )  # fmt: skip


def _after(posted: Posted, part: str) -> Response:
    """Go to what was published, or to what its author has to decide first."""
    if posted.screening_id is not None:
        return redirect(url_for("deid.confirm", screening_id=posted.screening_id), 303)
    anchor = f"post-{posted.row_id}" if part == "post" else part
    return redirect(url_for("cases.show", case_id=posted.case_id, _anchor=anchor), 303)


def _answered(post_id: str, answer: str) -> Response:
    case_id = post_guidance.answer_must_do(actor(), post_id, answer)
    return redirect(url_for("cases.show", case_id=case_id, _anchor=f"post-{post_id}"), 303)


def _refused_post(case_id: str, form: GuidanceForm, error: SuperviseError) -> Answer:
    """Show the case page again with everything typed, and with the other window's words where there are some."""
    if error.status in (403, 404):
        raise error
    form.refuse(error)
    other = None
    draft = queries.find_post(db.session(), form.post_id.data or "")
    if draft is not None and draft.author_id == actor().person_id:
        other = post_guidance.own_words(actor(), draft) if isinstance(error, Conflict) else None
        form.version.data = str(draft.version)
        if draft.state == "published":
            form.post_id.data, form.version.data = new_id(), "0"
    return render_template(
        "cases/show.html", guidance_form=form, other=other, **show_case(actor(), case_id)
    ), error.status


def _new_look(case: Any) -> NextLookForm:
    planned = local(case.next_look_at, actor().zone) if case.next_look_at and case.next_look_at > now() else None
    return NextLookForm(formdata=None, next_look=planned)


def _new_guidance(page: dict[str, Any]) -> GuidanceForm:
    """Return the form of the case page: for a draft, an answer, a paragraph or the case as a whole, as the address
    says. ``page`` is what ``show_case`` returned."""
    draft = next((post for post, _ in page["drafts"] if post.id == request.args.get("draft")), None)
    if draft is not None:
        body, because = post_guidance.own_words(actor(), draft)
        return GuidanceForm(
            formdata=None, post_id=draft.id, version=str(draft.version), reply=draft.parent_id or "",
            para=str(draft.paragraph or ""), quote=draft.anchor_quote, prefix=draft.anchor_prefix, kind=draft.kind,
            body=body, because=because, due_on=draft.due_on, cites=draft.cites, competency=draft.competency or "",
            mentions=draft.mentions,
        )  # fmt: skip
    reply = request.args.get("reply", "")
    kind = "answer" if reply else "observation"
    return GuidanceForm(formdata=None, post_id=new_id(), reply=reply, para=request.args.get("para", ""), kind=kind)

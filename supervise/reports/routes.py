"""Pages of reports: packets, the workbook, and the public check."""

import re
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supervise.accounts.queries import people, person
from supervise.audit.service import record_read
from supervise.core.db import db
from supervise.core.errors import SuperviseError
from supervise.events import ReportRead
from supervise.flows.board_report import issue_packet, ready, workbook
from supervise.flows.compare_boards import MOST_BOARDS, Comparison, boards_to_compare, compare_boards
from supervise.flows.hours_facts import hours_facts, today_of
from supervise.flows.show_progress import boards_of
from supervise.hours.queries import CATEGORY_WORDS, boards
from supervise.policy import Action
from supervise.reports import queries
from supervise.reports.forms import CodeForm, FileForm, IssueForm
from supervise.reports.models import IssuedReport
from supervise.reports.rules import Workbook
from supervise.reports.seal import verify
from supervise.reports.service import seal_identity
from supervise.reports.sheets import BoardLine, boards_csv, requirements_csv, workbook_csv
from supervise.reports.typeset import workbook_pdf
from supervise.web.current import actor
from supervise.web.guard import guard, public

bp = Blueprint("reports", __name__)
Page = str | tuple[str, int] | Response
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@bp.get("/reports")
@guard(Action.ISSUE_REPORT, hours_facts)
def index() -> Page:
    """Show which packets the signed hours make, and those issued before."""
    return _index(IssueForm())


def _index(form: IssueForm) -> Page:
    issued = queries.reports_of(db.session(), actor().person_id)
    names = people(db.session(), {row.supervisor_id for row in issued if row.supervisor_id})
    html = render_template("reports/index.html", ready=ready(actor()), form=form, issued=issued, names=names)
    return html, 422 if form.has_errors else 200


@bp.post("/reports")
@guard(Action.ISSUE_REPORT, hours_facts)
def issue() -> Page:
    """Issue one packet."""
    form = IssueForm()
    if form.validate_on_submit():
        try:
            report_id = issue_packet(actor(), request.form.get("packet", ""))
        except SuperviseError as error:
            form.refuse(error)
        else:
            return redirect(url_for("reports.show", report_id=report_id), 303)
    return _index(form)


@bp.get("/reports/<report_id>")
@guard(Action.READ_REPORT, queries.report_facts)
def show(report_id: str) -> Page:
    """Show an issued packet with its files, fingerprint and public code."""
    row = queries.report(db.session(), report_id)
    names = people(db.session(), {row.person_id, row.supervisor_id or ""})
    return render_template(
        "reports/show.html", row=row, names=names, board=boards().get(row.board), seal=seal_identity().fingerprint
    )


def _file(row: IssuedReport, data: bytes, ending: str, kind: str) -> Response:
    record_read(actor(), ReportRead(row.org_id, row.id))
    return _download(data, f"{row.number}.{ending}", kind)


def _download(data: bytes, name: str, kind: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(data, content_type=kind, headers=headers)


@bp.get("/reports/<report_id>.pdf")
@guard(Action.READ_REPORT, queries.report_facts)
def pdf(report_id: str) -> Response:
    """Send the sealed PDF as it was issued."""
    row = queries.report(db.session(), report_id)
    return _file(row, row.pdf, "pdf", "application/pdf")


@bp.get("/reports/<report_id>.csv")
@guard(Action.READ_REPORT, queries.report_facts)
def csv(report_id: str) -> Response:
    """Send the same rows as a sheet."""
    row = queries.report(db.session(), report_id)
    return _file(row, row.csv, "csv", "text/csv; charset=utf-8")


@bp.get("/reports/<report_id>.csv.seal")
@guard(Action.READ_REPORT, queries.report_facts)
def csv_seal(report_id: str) -> Response:
    """Send the seal of the sheet."""
    row = queries.report(db.session(), report_id)
    return _file(row, row.csv_seal, "csv.seal", "application/octet-stream")


def _own_workbook() -> Workbook | None:
    found = boards_of(db.session(), actor().person_id)
    wanted = request.args.get("board", found[0] if found else "")
    if found and wanted not in found:
        abort(404)
    return workbook(actor(), wanted) if found else None


@bp.get("/workbook")
@guard(Action.ISSUE_REPORT, hours_facts)
def workbook_page() -> Page:
    """Show recorded and valid apart, and each uncounted minute with its rule."""
    book = _own_workbook()
    if book is None:
        return render_template("hours/no_board.html", mine=True)
    uncounted = [entry for entry in book.entries if entry.reasons]
    board = request.args.get("board", "")
    return render_template("reports/workbook.html", book=book, uncounted=uncounted, board=board)


@bp.get("/workbook.pdf")
@guard(Action.ISSUE_REPORT, hours_facts)
def workbook_as_pdf() -> Response:
    """Send the workbook as PDF."""
    book = _own_workbook()
    return _download(workbook_pdf(book), "workbook.pdf", "application/pdf") if book else abort(404)


@bp.get("/workbook.csv")
@guard(Action.ISSUE_REPORT, hours_facts)
def workbook_as_csv() -> Response:
    """Send the workbook as a sheet."""
    book = _own_workbook()
    return _download(workbook_csv(book), "workbook.csv", "text/csv; charset=utf-8") if book else abort(404)


@bp.get("/workbook-requirements.csv")
@guard(Action.ISSUE_REPORT, hours_facts)
def requirements_as_csv() -> Response:
    """Send the workbook's requirements as a sheet."""
    book = _own_workbook()
    return _download(requirements_csv(book), "requirements.csv", "text/csv; charset=utf-8") if book else abort(404)


def _compared() -> Comparison:
    me = actor()
    chosen = boards_to_compare(me.person_id, request.args.getlist("board"))
    month = request.args.get("month", "", type=str)
    shown = date.fromisoformat(f"{month}-01") if MONTH.fullmatch(month) else None
    return compare_boards(me.person_id, chosen, today_of(me), shown)


@bp.get("/workbook/boards")
@guard(Action.READ_HOURS, hours_facts)
def boards_page() -> Page:
    """Show the same hours under several boards, each row with each board's answer."""
    found = _compared()
    return render_template(
        "reports/boards.html", found=found, boards=boards(), words=CATEGORY_WORDS, most=MOST_BOARDS,
        chosen=[column.board.id for column in found.columns],
    )  # fmt: skip


@bp.get("/workbook/boards.csv")
@guard(Action.READ_HOURS, hours_facts)
def boards_as_csv() -> Response:
    """Send every row under every chosen board as a sheet."""
    found = _compared()
    lines = [
        BoardLine(
            column.board.title, entry.day, CATEGORY_WORDS[entry.category], found.places[entry.setting],
            column.answers[entry.id],
        )
        for column in found.columns
        for entry in found.entries
    ]  # fmt: skip
    return _download(boards_csv(lines), "hours-by-board.csv", "text/csv; charset=utf-8")


@bp.route("/verify", methods=["GET", "POST"])
@public("a board checks a report without an account")
def check() -> Page:
    """Check a report by its code or by the file itself."""
    form, upload, verdict, known, seal = CodeForm(), FileForm(), None, None, seal_identity().fingerprint
    if "file" in request.files and upload.validate_on_submit():
        data = upload.file.data.read()
        verdict = verify(data, seal)
    elif request.method == "POST" and form.validate_on_submit():
        known = queries.by_code(db.session(), form.code.data or "")
        if known is not None:
            return redirect(url_for("reports.check_code", code=known.code), 303)
        form.code.errors = ["No report of this installation has that code. Check it against the paper."]
    html = render_template(
        "reports/verify.html", form=form, upload=upload, verdict=verdict, seal=seal_identity().fingerprint
    )
    return html, 422 if form.has_errors or (upload.has_errors and "file" in request.files) else 200


@bp.get("/verify/<code>")
@public("the code is printed on the paper, and the page shows only what the paper shows")
def check_code(code: str) -> Page:
    """Show what the paper with this code shows."""
    row = queries.by_code(db.session(), code)
    if row is None:
        abort(404)
    session = db.session()
    supervisor = person(session, row.supervisor_id).name if row.supervisor_id else ""
    return render_template(
        "reports/verified.html", row=row, licensee=person(session, row.person_id).name, supervisor=supervisor,
        board=boards().get(row.board), seal=seal_identity().fingerprint,
    )  # fmt: skip

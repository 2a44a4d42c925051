"""What the worker does, kind by kind. Slow work comes first; its effect counts in ``job.finishing()`` or not at all."""

from collections.abc import Mapping
from datetime import timedelta

from supervise.accounts.service import Letter, answer_reset, forget_typed, invitation_letter, link_mailed, reset_letter
from supervise.audit.service import write_head
from supervise.core import due
from supervise.core.clock import local, now
from supervise.core.db import db
from supervise.core.installation import installation
from supervise.deid.service import destroy_due
from supervise.flows.revoke_consent import expired
from supervise.hours.service import lock_days
from supervise.jobs.crisis import CRISIS_HANDLERS
from supervise.jobs.routine import EVERY
from supervise.jobs.worker import Handler, Job
from supervise.notifications import mail, queries
from supervise.notifications.service import mailed, remind_of_licences, tell_of_lapsed

LOCKED_AFTER = timedelta(days=7)
"""How long a signed day can still be taken back to be mended without a trace; a default of ours."""

FORGOTTEN_AFTER = timedelta(days=30)
ROUTINE_FORGOTTEN_AFTER = timedelta(days=1)


def mail_notice(job: Job) -> None:
    """Mail a notice that was not read meanwhile: a sentence and a link, nothing of the case."""
    notice_id = job.ids["notice_id"]
    letter = queries.letter(db.session(), notice_id)
    db.session.rollback()  # nobody waits for a mail server with a transaction open
    if letter is not None:
        settings = installation().settings
        message = mail.compose(
            settings, key=notice_id, to=letter.to, name=letter.name, subject=letter.says,
            lines=_lines(letter, settings.public_url),
        )  # fmt: skip
        mail.send(settings, message)
    with job.finishing() as work:
        if letter is not None:
            mailed(work, notice_id)


def _lines(letter: queries.Letter, url: str) -> list[str]:
    look = f"Look: {url}{letter.look}"
    if letter.more:
        return [letter.says, letter.more, look]
    if letter.sign_in:
        last = f"If you did not expect this, set a new password at {url}/reset and tell an administrator."
        return [letter.says, look, last]
    return [letter.says, look, f"If you want no such mails: {url}/notices"]


def mail_invitation(job: Job) -> None:
    """Mail the link of an invitation that was not used or taken back meanwhile."""
    letter = invitation_letter(db.session(), job.ids["invitation_id"], now())
    says = "You are invited to {organisation} in Supervise, where clinicians ask each other for guidance."
    _mail_link(job, job.ids["invitation_id"], letter, "You are invited to Supervise", says)


def mail_reset_asked(job: Job) -> None:
    """Find out whether anybody has the address for which a reset was asked, and let the mail be due if so."""
    with job.finishing() as work:
        answer_reset(work, job.ids["address_sealed"], job.ids["until"])


def mail_reset(job: Job) -> None:
    """Mail the link that sets a new password, unless it was used or is too old."""
    letter = reset_letter(db.session(), job.ids["reset_id"], now())
    says = "Someone, most likely you, asked for a new password. If it was not you, do nothing; your password stays."
    _mail_link(job, job.ids["reset_id"], letter, "Set a new password for Supervise", says)


def _mail_link(job: Job, key: str, letter: Letter | None, subject: str, says: str) -> None:
    db.session.rollback()
    if letter is not None:
        settings = installation().settings
        ends = local(letter.expires_at, "UTC")
        lines = [
            says.format(organisation=letter.organisation),
            f"{settings.public_url}{letter.path}",
            f"The link works once, until {ends:%a} {ends.day} {ends:%b %Y}, {ends:%H:%M} UTC.",
        ]
        message = mail.compose(settings, key=key, to=letter.to, name=letter.name, subject=subject, lines=lines)
        mail.send(settings, message)
    with job.finishing() as work:
        link_mailed(work, key)


def consent_expire(job: Job) -> None:
    """Follow the end of one consent."""
    with job.finishing() as work:
        expired(work, job.ids["consent_id"])


def originals_destroy(job: Job) -> None:
    """Destroy originals whose time has come, and the keys that nothing lies under any more."""
    with job.finishing() as work:
        destroy_due(work)


def days_lock(job: Job) -> None:
    """Lock days that were signed long enough ago."""
    with job.finishing() as work:
        lock_days(work, work.now - LOCKED_AFTER)


def audit_head(job: Job) -> None:
    """Sign where each audit chain ends, outside the database."""
    settings = installation().settings
    write_head(db.session(), settings.data_dir / "audit-heads", installation().keyring)
    with job.finishing():
        pass


def licences_remind(job: Job) -> None:
    """Tell people whose licence ends soon, and both sides of a supervision when one has ended."""
    with job.finishing() as work:
        remind_of_licences(work)
        tell_of_lapsed(work)


def typed_forget(job: Job) -> None:
    """Remove what was typed and never sent."""
    with job.finishing() as work:
        forget_typed(work)


def due_forget(job: Job) -> None:
    """Remove records of work that was done long ago; those of routines, which are many, after a day."""
    with job.finishing() as work:
        due.forget(work.session, work.now - FORGOTTEN_AFTER)
        due.forget(work.session, work.now - ROUTINE_FORGOTTEN_AFTER, EVERY)


HANDLERS: Mapping[str, Handler] = {
    **CRISIS_HANDLERS,
    "mail.notice": mail_notice,
    "mail.invitation": mail_invitation,
    "mail.reset": mail_reset,
    "mail.reset_asked": mail_reset_asked,
    "consent.expire": consent_expire,
    "originals.destroy": originals_destroy,
    "days.lock": days_lock,
    "audit.head": audit_head,
    "licences.remind": licences_remind,
    "typed.forget": typed_forget,
    "due.forget": due_forget,
}

"""The worker's part of the red path: clocks, pages, drills and the heartbeat."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from supervise.accounts.queries import person
from supervise.core import log
from supervise.core.db import db
from supervise.core.installation import installation
from supervise.flows.page_crisis import page_failed, time_is_up
from supervise.jobs.worker import Handler, Job
from supervise.notifications import mail, pager
from supervise.safety import queries, service
from supervise.safety.models import CrisisStep, Drill

URGENT_TIMEOUT = 5
"""Seconds for which a mail server is waited for before the next person is paged."""


def climb(job: Job) -> None:
    """Follow the clock of a crisis."""
    with job.finishing() as work:
        time_is_up(work, job.ids["crisis_id"], int(job.ids["turn"]))


def page(job: Job) -> None:
    """Send one page through its channel; a channel that fails is written down and the next person is paged."""
    found = _page(db.session(), job.ids["step_id"])
    db.session.rollback()  # nobody waits for a mail server with a transaction open
    error = ""
    if found is not None:
        channel, message = found
        try:
            _send(channel, message)
        except Exception as failure:
            error = log.where(failure)
            log.logger().error("page failed", kind=channel, due=job.work_id, where=error)
    with job.finishing() as work:
        if error:
            page_failed(work, job.ids["step_id"], error.partition(" ")[0])
        elif found is not None:
            service.sent(work, job.ids["step_id"])


def _page(session: Session, step_id: str) -> tuple[str, pager.Message] | None:
    """Return channel and message of a page; None where the crisis is over."""
    step = session.get_one(CrisisStep, step_id)
    row = queries.crisis(session, step.crisis_id)
    if row.closed_at is not None or step.person_id is None:
        return None
    who, to = person(session, row.raised_by), person(session, step.person_id)
    needs = "needs a supervisor now" if row.level == "red" else "asks for a supervisor within the hour"
    call = f" Call {who.phone}." if who.phone else ""
    says = f"{row.level.capitalize()}: {who.name} {needs}.{call}"
    return step.channel, pager.Message(step_id, to, says, f"/crisis/{row.id}", row.level)


def _send(channel: str, message: pager.Message) -> None:
    settings = installation().settings
    if channel == "pager":
        pager.send(settings, installation().keyring, message)
        return
    look = f"Look, and say that you are calling: {settings.public_url}{message.path}"
    letter = mail.compose(
        settings, key=message.key, to=message.to.email, name=message.to.name, subject=message.says,
        lines=[message.says, look],
    )  # fmt: skip
    letter["Importance"] = "high"
    mail.send(settings, letter, timeout=URGENT_TIMEOUT)


def drill(job: Job) -> None:
    """Page a person's own phone as a test."""
    row = db.session.get_one(Drill, job.ids["drill_id"])
    to = person(db.session(), row.person_id)
    message = pager.Message(row.id, to, "A test page from Supervise. Nobody needs you.", "/on-call", "test")
    db.session.rollback()
    delivered = True
    try:
        pager.send(installation().settings, installation().keyring, message)
    except Exception as failure:
        delivered = False
        log.logger().error("drill failed", due=job.work_id, where=log.where(failure))
    with job.finishing() as work:
        service.drilled(work, job.ids["drill_id"], delivered=delivered)


def heartbeat(job: Job) -> None:
    """Tell a watch outside that the worker works; when it hears nothing it raises its own alarm."""
    url = installation().settings.heartbeat_url
    if url:
        pager.knock(url)
    with job.finishing():
        pass


CRISIS_HANDLERS: Mapping[str, Handler] = {
    "crisis.climb": climb,
    "crisis.page": page,
    "crisis.drill": drill,
    "crisis.heartbeat": heartbeat,
}
"""Done by a lane of their own, so that no slow mail stands before them."""

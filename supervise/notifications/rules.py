"""What is said in a notice, and to whom it is said. No sentence holds case text, a title or a client's code."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Saying:
    """The sentence of a notice; ``{actor}`` is the name of who caused it.

    ``mail``: also by mail. ``waits``: the inbox shows the thing itself for as long as it waits, so not as news too.
    ``sign_in``: how the person signs in was changed. They are told whoever did it, and mailed whatever they chose and
    whatever was read meanwhile: it may have been someone else.
    """

    text: str
    mail: bool = True
    waits: bool = False
    sign_in: bool = False


SAYINGS = {
    "crisis": Saying("{actor} needs a supervisor. Call, and say so here.", mail=False, waits=True),
    "case_released": Saying("{actor} asks for guidance on a case.", waits=True),
    "version_released": Saying("{actor} released a new version of a case."),
    "guidance": Saying("{actor} wrote on your case."),
    "reply": Saying("{actor} answered you."),
    "mention": Saying("{actor} mentioned you in a case."),
    "must_do": Saying("Your supervisor {actor} asks you to do something on a case.", waits=True),
    "must_do_acknowledged": Saying("{actor} acknowledged what you asked for.", mail=False),
    "must_do_completed": Saying("{actor} did what you asked for.", mail=False),
    "decided": Saying("{actor} recorded a decision that waits for your word.", waits=True),
    "sent_back": Saying("{actor} sent your decision back with a reason.", waits=True),
    "signed_off": Saying("{actor} signed off your decision; the case is closed."),
    "minutes": Saying("A case closed. Your minutes wait to be confirmed.", waits=True),
    "reopened": Saying("{actor} reopened a case."),
    "withdrawn": Saying("{actor} withdrew a case."),
    "shared_again": Saying("{actor} lets you read a case of theirs again."),
    "stepped_out": Saying("A reader stepped out of your case.", mail=False),
    "consent_lapsed": Saying("A consent has ended; peers and groups no longer read the cases under it."),
    "agreement_proposed": Saying("{actor} proposes a supervision agreement; it waits for your signature.", waits=True),
    "agreement_signed": Saying("{actor} signed the supervision agreement."),
    "agreement_ended": Saying("{actor} ended a supervision agreement."),
    "group_joined": Saying("{actor} added you to a group.", mail=False),
    "meeting": Saying("{actor} recorded a supervision meeting; it stands in your hours.", mail=False),
    "meeting_cancelled": Saying("{actor} took back the record of a supervision meeting."),
    "notes_edited": Saying("{actor} edited the notes of a supervision meeting.", mail=False),
    "days_submitted": Saying("{actor} submitted days for your signature.", waits=True),
    "days_sent_back": Saying("{actor} sent days back to you with a reason.", waits=True),
    "nobody_signs": Saying("{actor} has hours that wait for a supervisor who has gone, and nobody has followed."),
    "days_attested": Saying("{actor} signed your hours."),
    "relationship_declared": Saying("{actor} declared a relationship between the two of you."),
    "relationship_ended": Saying("{actor} says that a relationship between the two of you is over."),
    "licence_90": Saying("A licence of yours expires within 90 days.", waits=True),
    "licence_30": Saying("A licence of yours expires within 30 days.", waits=True),
    "licence_7": Saying("A licence of yours expires within 7 days.", waits=True),
    "licence_lapsed": Saying("A licence of yours has expired. New supervision under it stops; add the renewal."),
    "licence_lapsed_other": Saying(
        "The licence of somebody who supervises you, or whom you supervise, has expired as recorded. "
        "New supervision stops."
    ),
    "password_changed": Saying("Your password was changed.", sign_in=True),
    "reset_link_made": Saying("{actor} made a link that sets a new password for you.", sign_in=True),
    "second_factor_set_up": Saying("A second factor was set up for your account.", sign_in=True),
    "second_factor_removed": Saying("Your second factor was removed.", sign_in=True),
    "second_factor_reset": Saying("{actor} took your second factor away; you set up a new one.", sign_in=True),
    "recovery_codes_made": Saying("New recovery codes were made; the old ones open nothing.", sign_in=True),
    "recovery_code_used": Saying("A recovery code of yours was used to sign in.", sign_in=True),
    "new_device": Saying("Your account was signed in to from a device not seen before.", sign_in=True),
    "identifier_seen": Saying(
        "Someone saw an identifier in what you wrote. It is hidden until you mend it.", waits=True
    ),
    "identifier_disputed": Saying("{actor} says that what someone saw identifies nobody, and asks you.", waits=True),
    "identifier_asked": Saying("{actor} says that what you saw identifies nobody, and asks you."),
    "identifier_kept": Saying("What someone saw in what you wrote stays hidden until you mend it.", waits=True),
    "identifier_cleared": Saying("What someone saw identifies nobody, it was agreed; it can be read again."),
    "identifier_repaired": Saying("What you saw as an identifier was replaced."),
    "identifier_withdrawn": Saying("A mark on what you wrote was taken back."),
}


def sentence(kind: str, actor: str) -> str:
    """Return the words of a notice of ``kind`` that ``actor`` caused."""
    return SAYINGS[kind].text.format(actor=actor or "Someone")


LICENCE_DAYS = (7, 30, 90)
"""How many days before its end a licence is spoken of; a default of ours."""


def licence_window(expires_on: date, today: date) -> int | None:
    """Return the narrowest of ``LICENCE_DAYS`` in which today lies; None when it is too early, or over."""
    left = (expires_on - today).days
    return next((days for days in LICENCE_DAYS if 0 <= left <= days), None)


_PLACES = {
    "case": ("cases.show", "case_id"),
    "crisis": ("safety.show", "crisis_id"),
    "post": ("reviews.show", "post_id"),
    "agreement": ("supervision.agreement", "agreement_id"),
    "group": ("supervision.group", "group_id"),
    "incident": ("incidents.show", "incident_id"),
    "meeting": ("supervision.meeting", "meeting_id"),
    "client": ("consents.show", "client_id"),
    "licence": ("accounts.licence", "licence_id"),
}


def place_of(kind: str, object_type: str, object_id: str) -> tuple[str, dict[str, Any]]:
    """Return the endpoint, with its values, of the page that a notice is about."""
    if object_type == "account":
        return "accounts.account", {}
    if object_type == "licence_other":
        return "supervision.agreements", {}
    if object_type == "relationship":
        return "accounts.relationships", {}
    if object_type == "sign_in":
        return "accounts.sessions", {}
    if object_type == "hours":
        return ("hours.attest", {"person_id": object_id}) if kind == "days_submitted" else ("hours.index", {})
    endpoint, name = _PLACES[object_type]
    return endpoint, {name: object_id}


_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def in_words(count: int) -> str:
    """Return a count as it is written in a sentence: up to twelve in letters."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def heading(count: int) -> str:
    """Return the title of an inbox in which ``count`` things wait."""
    if count == 0:
        return "Nothing waits for you"
    return "One thing waits for you" if count == 1 else f"{in_words(count).capitalize()} things wait for you"


def days(count: int) -> str:
    """Return a number of days in words of a table: "1 day", "3 days"; none at all is "today"."""
    return "today" if count == 0 else "1 day" if count == 1 else f"{count} days"


def until(day: date, today: date) -> str:
    """Return how far off a day is: "in 3 days", "today", "2 days over"."""
    left = (day - today).days
    return "today" if left == 0 else f"in {days(left)}" if left > 0 else f"{days(-left)} over"


def at_time(there: datetime, today: date) -> str:
    """Return an instant of a reader's clock as short as it stays clear: "Wed 12:00" within a week, else the day."""
    return f"{there:%a %H:%M}" if 0 <= (there.date() - today).days < 7 else on_day(there.date(), today)


def on_day(day: date, today: date) -> str:
    """Return a day as short as it stays clear: "Fri 27 Nov", with the year where it is another one."""
    return f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if day.year != today.year else "")


KIND_WORDS = {
    "crisis.climb": "Calling the next person in a crisis",
    "crisis.page": "A page in a crisis",
    "crisis.drill": "A test page",
    "crisis.heartbeat": "Telling the watch outside that the worker works",
    "mail.notice": "A mail with a notice",
    "mail.reset": "A mail to set a new password",
    "mail.reset_asked": "Looking up who asked for a new password",
    "mail.invitation": "A mail with an invitation",
    "originals.destroy": "Destroying originals whose time has come",
    "consent.expire": "Following the end of a consent",
    "days.lock": "Locking signed days",
    "audit.head": "Signing the end of the audit",
    "licences.remind": "Reminding of licences that end",
    "typed.forget": "Removing what was typed and never sent",
    "due.forget": "Removing old records of due work",
}
"""What each kind of due work is to a person."""


def is_worker_silent(last_done_at: datetime | None, now: datetime) -> bool:
    """Tell whether no worker seems to run: something is due every minute, and nothing was done for five."""
    return last_done_at is None or now - last_done_at > timedelta(minutes=5)

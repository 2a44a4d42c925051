"""What is said in a notice, and to whom it is said. No sentence holds case text, a title or a client's code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saying:
    """The sentence of a notice; ``{actor}`` is the name of who caused it. ``mail``: also by mail."""

    text: str
    mail: bool = True


SAYINGS = {
    "case_released": Saying("{actor} asks for guidance on a case."),
    "version_released": Saying("{actor} released a new version of a case."),
    "guidance": Saying("{actor} wrote on your case."),
    "reply": Saying("{actor} answered you."),
    "mention": Saying("{actor} mentioned you in a case."),
    "must_do": Saying("Your supervisor {actor} asks you to do something on a case."),
    "must_do_acknowledged": Saying("{actor} acknowledged what you asked for.", mail=False),
    "must_do_completed": Saying("{actor} did what you asked for.", mail=False),
    "decided": Saying("{actor} recorded a decision that waits for your word."),
    "sent_back": Saying("{actor} sent your decision back with a reason."),
    "signed_off": Saying("{actor} signed off your decision; the case is closed."),
    "minutes": Saying("A case closed. Your minutes wait to be confirmed."),
    "reopened": Saying("{actor} reopened a case."),
    "withdrawn": Saying("{actor} withdrew a case."),
    "stepped_out": Saying("A reader stepped out of your case.", mail=False),
    "consent_lapsed": Saying("A consent has ended; peers and groups no longer read the cases under it."),
    "agreement_proposed": Saying("{actor} proposes a supervision agreement; it waits for your signature."),
    "agreement_signed": Saying("{actor} signed the supervision agreement."),
    "agreement_ended": Saying("{actor} ended a supervision agreement."),
    "group_joined": Saying("{actor} added you to a group.", mail=False),
    "meeting": Saying("{actor} recorded a supervision meeting; it stands in your hours.", mail=False),
    "meeting_cancelled": Saying("{actor} took back the record of a supervision meeting."),
    "days_submitted": Saying("{actor} submitted days for your signature."),
    "days_sent_back": Saying("{actor} sent days back to you with a reason."),
    "days_attested": Saying("{actor} signed your hours."),
    "licence_expiring": Saying("A licence of yours expires soon."),
    "held": Saying("Someone saw an identifier in your case; it is hidden until you look."),
}


def sentence(kind: str, actor: str) -> str:
    """Return the words of a notice of ``kind`` that ``actor`` caused."""
    return SAYINGS[kind].text.format(actor=actor or "Someone")

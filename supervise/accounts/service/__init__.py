"""Verbs of accounts. Other rooms use these names; how they work lies in the modules beside this one."""

from supervise.accounts.service.links import (
    Answer,
    Letter,
    accept_invitation,
    answer_reset,
    ask_reset,
    first_administrator_link,
    invitation_letter,
    invite,
    link_mailed,
    reset_letter,
)
from supervise.accounts.service.members import change_roles, end_membership, recover
from supervise.accounts.service.parking import forget_old as forget_typed
from supervise.accounts.service.passwords import authenticate, check_password, hash_password, set_password
from supervise.accounts.service.profile import record_licence, record_setting
from supervise.accounts.service.resealing import reseal, sealed_under
from supervise.accounts.service.sign_ins import open_session, revoke_everyones

__all__ = [
    "Answer",
    "Letter",
    "accept_invitation",
    "answer_reset",
    "ask_reset",
    "authenticate",
    "change_roles",
    "check_password",
    "end_membership",
    "first_administrator_link",
    "forget_typed",
    "hash_password",
    "invitation_letter",
    "invite",
    "link_mailed",
    "open_session",
    "record_licence",
    "record_setting",
    "recover",
    "reseal",
    "reset_letter",
    "revoke_everyones",
    "sealed_under",
    "set_password",
]

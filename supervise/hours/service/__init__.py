"""Verbs of the ledger. A row is never changed; a signature covers exactly the rows that were shown."""

from supervise.hours.service.corrections import add_entry, book_supervision, correct_entry, reverse, reverse_meeting
from supervise.hours.service.days import recall_day, repeat_week, save_day, submit_again, submit_days, take_out_returned
from supervise.hours.service.imports import import_rows, in_the_way, undo_import
from supervise.hours.service.rows import own_setting, works_there
from supervise.hours.service.signing import Signature, attest, lock_days, send_back

__all__ = [
    "Signature",
    "add_entry",
    "attest",
    "book_supervision",
    "correct_entry",
    "import_rows",
    "in_the_way",
    "lock_days",
    "own_setting",
    "recall_day",
    "repeat_week",
    "reverse",
    "reverse_meeting",
    "save_day",
    "send_back",
    "submit_again",
    "submit_days",
    "take_out_returned",
    "undo_import",
    "works_there",
]

"""Boards' rules about hours: pure, exact in whole minutes, explained row by row.

`load_boards` reads the rule sets, `evaluate` judges a ledger, `meeting_kind` and `meeting_warnings` speak before a
meeting is saved, `owed_this_week` and `projection` look ahead, `read_log` reads a CSV log.
"""

from supervise.core.rulefile import RuleFileError
from supervise.hours.rules.board import Board, Rule
from supervise.hours.rules.calendar import minutes_in, window_start
from supervise.hours.rules.counting import Ledger, evaluate
from supervise.hours.rules.entry import CATEGORIES, DEGREES, KINDS, MODES, PAYS, Entry
from supervise.hours.rules.flags import LONG_DAY, Flag, flags
from supervise.hours.rules.importing import ORDERS, UNITS, ImportRow, Plan, faults, guess, kind_of, read_rows, words_of
from supervise.hours.rules.loading import load_boards
from supervise.hours.rules.logfile import LogError, line_of, read_log
from supervise.hours.rules.meetings import meeting_kind, meeting_warnings
from supervise.hours.rules.outlook import Owed, Projection, owed_this_week, projection
from supervise.hours.rules.page import boards_page
from supervise.hours.rules.results import EntryResult, Evaluation, Reason, RequirementResult
from supervise.hours.rules.table import Table, TableError, as_csv, read_table

__all__ = [
    "CATEGORIES",
    "DEGREES",
    "KINDS",
    "LONG_DAY",
    "MODES",
    "ORDERS",
    "PAYS",
    "UNITS",
    "Board",
    "Entry",
    "EntryResult",
    "Evaluation",
    "Flag",
    "ImportRow",
    "Ledger",
    "LogError",
    "Owed",
    "Plan",
    "Projection",
    "Reason",
    "RequirementResult",
    "Rule",
    "RuleFileError",
    "Table",
    "TableError",
    "as_csv",
    "boards_page",
    "evaluate",
    "faults",
    "flags",
    "guess",
    "kind_of",
    "line_of",
    "load_boards",
    "meeting_kind",
    "meeting_warnings",
    "minutes_in",
    "owed_this_week",
    "projection",
    "read_log",
    "read_rows",
    "read_table",
    "window_start",
    "words_of",
]

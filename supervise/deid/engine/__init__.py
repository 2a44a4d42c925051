"""The de-identification engine: a pure library that proposes, and lets the author decide.

canonicalise → Engine.propose → Proposal.add → Proposal.resolve → Plan.apply. It imports nothing of the product.
"""

from supervise.deid.engine.annotate import annotate
from supervise.deid.engine.canonical import MAX_CHARACTERS, Canonical, canonicalise
from supervise.deid.engine.choices import KEEP_REASONS, RELATIONS, Choice, allowed_reasons
from supervise.deid.engine.engine import Engine, load_engine
from supervise.deid.engine.errors import ChoiceRefused, EngineUnavailable, RefusedText
from supervise.deid.engine.findings import LABELS, Group
from supervise.deid.engine.lexicon import data_folder
from supervise.deid.engine.offsets import Offsets
from supervise.deid.engine.plan import Plan, Replacement, Result, Segment
from supervise.deid.engine.proposal import Proposal
from supervise.deid.engine.survivors import Survivor, survivors

__all__ = [
    "KEEP_REASONS",
    "LABELS",
    "MAX_CHARACTERS",
    "RELATIONS",
    "Canonical",
    "Choice",
    "ChoiceRefused",
    "Engine",
    "EngineUnavailable",
    "Group",
    "Offsets",
    "Plan",
    "Proposal",
    "RefusedText",
    "Replacement",
    "Result",
    "Segment",
    "Survivor",
    "allowed_reasons",
    "annotate",
    "canonicalise",
    "data_folder",
    "load_engine",
    "survivors",
]

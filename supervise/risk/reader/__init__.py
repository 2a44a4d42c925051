"""Reads a text for language of risk that is current and concerns the client or someone named.

A pure library: it knows the words alone. A hit is a reason to ask the clinician one question; it is no finding, sets no
level and is never stored. That nothing was found says nothing about anybody.
"""

from supervise.risk.reader.reading import CATEGORIES, Hit, RiskReader, load_reader

__all__ = ["CATEGORIES", "Hit", "RiskReader", "load_reader"]

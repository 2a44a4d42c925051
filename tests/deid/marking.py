"""Reads marks of the scheme out of a line: ``[[LABEL|words]]``."""

import re

_MARK = re.compile(r"\[\[([A-Z]+)\|(.*?)\]\]")


def marked(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Return the plain text and the marked ranges with their labels."""
    plain, spans, at = "", [], 0
    for mark in _MARK.finditer(text):
        plain += text[at : mark.start()]
        start = len(plain)
        plain += mark.group(2)
        spans.append((start, len(plain), mark.group(1)))
        at = mark.end()
    return plain + text[at:], spans

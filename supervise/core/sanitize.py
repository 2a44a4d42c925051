"""The one door from words to HTML: a renderer that never emits raw HTML, and bleach behind it."""

import bleach
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = frozenset({"p", "ul", "ol", "li", "blockquote", "em", "strong", "br", "h3", "h4"})
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20}).disable(
    [
        "link",
        "image",
        "autolink",
        "html_inline",
        "html_block",
        "reference",
        "code",
        "fence",
        "lheading",
        "heading",
        "hr",
    ]
)


def paragraphs(text: str) -> list[str]:
    """Split plain text at blank lines; used where guidance is anchored to a paragraph."""
    return [part.strip("\n") for part in text.split("\n\n") if part.strip()]


def render(text: str) -> Markup:
    """Return the small Markdown that we allow as HTML: paragraphs, lists, quotations, emphasis; no links."""
    return Markup(bleach.clean(_MARKDOWN.render(text), tags=_TAGS, attributes={}, strip=True))  # noqa: S704 - cleaned here


def plain(text: str) -> str:
    """Return one line without control characters, for names and titles."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

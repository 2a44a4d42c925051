"""The small Markdown that we allow, turned into block-structured plain text with a map back to the source.

Whatever carries information ends as visible text: the target and title of a link, the words behind an image. Marks that
a reader does not see (emphasis, code, escapes, HTML tags) vanish, so that none of them can split a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import re2
from markdown_it import MarkdownIt
from markdown_it.token import Token

from supervise.deid.engine.offsets import Offsets, Writer

Piece = tuple[str, int, int]

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).disable(
    ["reference", "html_block", "html_inline", "text_join"]
)
_TAG = re2.compile(
    r"(?is)<!--.*?-->|<!--|-->|</?(?:a|abbr|article|b|big|blockquote|body|br|button|center|code|dd|del|details|div|dl|dt|em|font|"
    r"form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link|main|mark|meta|nav|o:p|object|ol|option|p|"
    r"pre|q|s|samp|script|section|select|small|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|"
    r"tfoot|th|thead|title|tr|u|ul|var|video|wbr)(?:[ /\n][^<>\n]{0,500})?>"
)
_SPLIT_WORD = re2.compile(r"\p{L}(\\)\p{L}")


def render(source: str) -> tuple[str, Offsets]:
    """Return what the reader sees of ``source``; one step of the way to the canonical text."""
    lines, starts, at = source.split("\n"), [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    page = _Page(lines, starts)
    page.blocks(_MARKDOWN.parse(source))
    return page.writer.done(len(source))


def strip_tags(source: str) -> tuple[str, Offsets]:
    """Return the text without HTML tags, comment marks and backslashes inside a word."""
    writer, at = Writer(), 0
    gone = [m.span() for m in _TAG.finditer(source)] + [m.span(1) for m in _SPLIT_WORD.finditer(source)]
    for start, end in sorted(gone):
        if start >= at:
            writer.copy((source[i], i, i + 1) for i in range(at, start))
            at = end
    writer.copy((source[i], i, i + 1) for i in range(at, len(source)))
    return writer.done(len(source))


@dataclass(slots=True)
class _Frame:
    """A quotation or list item that is open: what its first line begins with, and what its other lines do."""

    first: str
    rest: str
    used: bool = False


@dataclass(slots=True)
class _Page:
    lines: list[str]
    starts: list[int]
    writer: Writer = field(default_factory=Writer)
    frames: list[_Frame] = field(default_factory=list)
    counters: list[int | None] = field(default_factory=list)
    tight: bool = False

    def blocks(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token.type == "blockquote_open":
                self.frames.append(_Frame("> ", "> "))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                start = token.attrGet("start")
                self.counters.append((1 if start is None else int(start)) if token.type[0] == "o" else None)
                self.tight = bool(self.frames) and self.frames[-1].used and len(self.counters) > 1
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self.counters.pop()
                self.tight = False
            elif token.type == "list_item_open":
                self._item(token)
            elif token.type in ("list_item_close", "blockquote_close"):
                self.frames.pop()
                self.tight = token.type == "list_item_close"
            elif token.type == "inline":
                self._block([_inline(token.children or [], token.content)], token)
            elif token.type in ("fence", "code_block"):
                self._block([[(c, i, i + 1) for i, c in enumerate(token.content.rstrip("\n"))]], token)
            elif token.type == "hr":
                self._block([[(c, 0, 3) for c in "---"]], token)

    def _item(self, token: Token) -> None:
        number = self.counters[-1]
        if number is None:
            mark = "- " if token.markup != "+" else "+ "  # "+ SI" means that it is present; a dash would deny it
        else:
            mark = f"{number}{token.markup} "
            self.counters[-1] = number + 1
        self.frames.append(_Frame(mark, " " * len(mark)))

    def _block(self, parts: list[list[Piece]], token: Token) -> None:
        pieces = parts[0]
        if not "".join(c for c, _, _ in pieces).strip():
            return
        first = token.map[0] if token.map else 0
        if token.type == "fence":
            first += 1
        here = self._place(first, 0, token.content)
        if self.writer.chars:
            gap = "".join(f.rest for f in self.frames if f.used).rstrip()
            fresh_item = self.tight and any(not f.used for f in self.frames)
            self.writer.put("\n" if fresh_item else f"\n{gap}\n", here, here)
        self.tight = False
        self._lead(here)
        content_lines = token.content.split("\n")
        bounds, total = [], 0
        for line in content_lines:
            bounds.append(total)
            total += len(line) + 1
        number = 0
        for char, start, end in pieces:
            while number + 1 < len(bounds) and bounds[number + 1] <= start:
                number += 1
            shift = self._place(first + number, 0, content_lines[number]) - bounds[number]
            if token.type == "hr":
                shift = self.starts[first]
            self.writer.put(char, start + shift, max(end, start) + shift)
            if char == "\n":
                self._lead(end + shift)

    def _lead(self, here: int) -> None:
        for frame in self.frames:
            self.writer.put(frame.rest if frame.used else frame.first, here, here)
            frame.used = True

    def _place(self, number: int, column: int, content: str) -> int:
        """Return where a line of a block's content begins in the source, behind its indent, quote and item marks."""
        if number >= len(self.lines):
            return self.starts[-1] + len(self.lines[-1])
        line, wanted = self.lines[number].rstrip(), content.partition("\n")[0].rstrip()
        if wanted and line.endswith(wanted):
            return self.starts[number] + len(line) - len(wanted)
        return self.starts[number] + max(line.find(wanted), 0) + column


def _inline(children: Sequence[Token], content: str) -> list[Piece]:
    return _Inline(content).walk(children)


@dataclass(slots=True)
class _Inline:
    """Follows the tokens of one paragraph along its source, so that every visible character keeps its place."""

    content: str
    at: int = 0
    links: list[tuple[Token, int]] = field(default_factory=list)

    def walk(self, children: Sequence[Token]) -> list[Piece]:
        out: list[Piece] = []
        for token in children:
            if token.type == "text":
                out += self._literal(token.content)
            elif token.type == "text_special":
                start = self._seek(token.markup)
                out += [(c, start, self.at) for c in token.content]
            elif token.type == "code_inline":
                out += self._code(token)
            elif token.type in ("softbreak", "hardbreak"):
                start = self._seek("\n")
                while self.at < len(self.content) and self.content[self.at] in " \t":
                    self.at += 1
                out.append(("\n", start, self.at))
            elif token.type == "link_open":
                self._seek("<" if token.markup == "autolink" else "[")
                self.links.append((token, len(out)))
            elif token.type == "link_close":
                out += self._after_link(out)
            elif token.type == "image":
                self._seek("![")
                out += self.walk(token.children or [])
                start = self.at
                self._seek("](")
                self._tail()
                out += self._aside(str(token.attrGet("title") or ""), start)
            elif token.markup:
                self._seek(token.markup)
        return out

    def _seek(self, wanted: str) -> int:
        found = self.content.find(wanted, self.at)
        start = self.at if found < 0 else found
        self.at = start + len(wanted) if found >= 0 else self.at
        return start

    def _literal(self, text: str) -> list[Piece]:
        start = self._seek(text)
        return [(c, start + i, start + i + 1) for i, c in enumerate(text)]

    def _code(self, token: Token) -> list[Piece]:
        start = self._seek(token.markup)
        close = self.content.find(token.markup, self.at)
        inner = self.content[self.at : close].replace("\n", " ")
        offset = self.at + max(inner.find(token.content), 0)
        self.at = max(close, start) + len(token.markup)
        return [(c, offset + i, offset + i + 1) for i, c in enumerate(token.content)]

    def _after_link(self, written: list[Piece]) -> list[Piece]:
        token, since = self.links.pop()
        start = self.at
        if token.markup == "autolink":
            self._seek(">")
            return []
        self._seek("](")
        raw = self._tail()
        target = raw if raw else str(token.attrGet("href") or "")
        title = str(token.attrGet("title") or "")
        shown = " ".join("".join(c for c, _, _ in written[since:]).split())
        beside = ", ".join(filter(None, ["" if shown in (target, target.removeprefix("mailto:")) else target, title]))
        return self._aside(beside, start)

    def _aside(self, words: str, start: int) -> list[Piece]:
        return [(c, start, self.at) for c in f" ({' '.join(words.split())})"] if words.strip() else []

    def _tail(self) -> str:
        """Step behind ``target "title")`` and return the target as typed."""
        while self.at < len(self.content) and self.content[self.at] in " \n\t":
            self.at += 1
        found = _MARKDOWN.helpers.parseLinkDestination(self.content, self.at, len(self.content))
        if found.ok:
            self.at = found.pos
        title_at = self.at
        while title_at < len(self.content) and self.content[title_at] in " \n\t":
            title_at += 1
        title = _MARKDOWN.helpers.parseLinkTitle(self.content, title_at, len(self.content))
        if title_at > self.at and title.ok:
            self.at = title.pos
        self._seek(")")
        return found.str if found.ok else ""

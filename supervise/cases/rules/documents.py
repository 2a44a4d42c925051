"""Text out of an uploaded file. The file itself is never kept, and nothing but its text is looked at."""

import zipfile
from io import BytesIO
from typing import Any, Final

import docx

from supervise.core.errors import Invalid

MAX_FILE: Final = 2 * 1024 * 1024
MAX_UNPACKED: Final = 20 * 1024 * 1024
MAX_PARTS: Final = 2_000
ENDINGS: Final = (".txt", ".md", ".docx")

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "\u2011"}
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def text_of(filename: str, data: bytes) -> str:
    """Return the text of a ``.txt``, ``.md`` or ``.docx`` file; raise Invalid at ``file`` with what to do instead."""
    ending = "." + filename.rpartition(".")[2].lower()
    if ending not in ENDINGS:
        raise Invalid("Choose a .txt, .md or .docx file, or paste the text.", "file")
    if len(data) > MAX_FILE:
        raise Invalid("The file is larger than 2 MB. Paste the text instead.", "file")
    text = _word(data) if ending == ".docx" else _plain(data)
    if not text.strip():
        raise Invalid("There is no text in this file.", "file")
    return text.strip()


def _plain(data: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # what older editors on Windows write
    if "\0" in text:
        raise Invalid("This is not a text file.", "file")
    return text


def _word(data: bytes) -> str:
    _refuse_bomb(data)
    try:
        document = docx.Document(BytesIO(data))
        return "\n\n".join(part for part in _blocks(document) if part.strip())
    except Exception as error:  # python-docx raises whatever the broken part made it stumble over
        raise Invalid("This Word file cannot be read. Save it again as .docx or paste the text.", "file") from error


def _refuse_bomb(data: bytes) -> None:
    """Refuse an archive that unpacks to more than any vignette needs, before a byte of it is unpacked.

    The sizes in the directory are binding: ``zipfile`` reads no more of a part than its directory says.
    """
    try:
        parts = zipfile.ZipFile(BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Invalid("This is not a Word file in .docx format. Save it again or paste the text.", "file") from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Invalid("This Word file unpacks to more than 20 MB. Paste the text instead.", "file")


def _blocks(document: Any) -> list[str]:
    """Return paragraphs and table rows in their order, as the document's body has them."""
    found: list[str] = []
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            found += ["\t".join(_cells(row)) for row in block.rows]
        else:
            found.append(_words(block._p))
    return found


def _cells(row: Any) -> list[str]:
    return [" ".join(_words(p._p) for p in cell.paragraphs) for cell in row.cells]


def _words(paragraph: Any) -> str:
    """Return what stands in a paragraph, insertions under review included and deletions left out."""
    out: list[str] = []
    for node in paragraph.iter():
        if node.tag == f"{_W}t":
            inside_fallback = any(parent.tag == _FALLBACK for parent in node.iterancestors())
            out.append("" if inside_fallback else node.text or "")
        else:
            out.append(_BREAKS.get(node.tag, ""))
    return "".join(out)

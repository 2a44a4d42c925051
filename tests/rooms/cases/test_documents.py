"""Text out of files: what a clinician brings, and what someone hostile brings."""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from supervise.cases.rules.documents import MAX_FILE, text_of
from supervise.core.errors import Invalid


def word_file(*paragraphs: str) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_plain_text_in_the_encodings_people_have() -> None:
    words = "Лука said “no” – 10 €"
    assert text_of("note.txt", words.encode()) == words
    assert text_of("note.MD", b"\xef\xbb\xbf" + words.encode()) == words
    assert text_of("note.txt", words.encode("utf-16")) == words
    assert text_of("old.txt", "Señora – “yes”".encode("cp1252")) == "Señora – “yes”"


def test_word_file_gives_paragraphs_tables_and_insertions_but_nothing_deleted() -> None:
    document = docx.Document()
    document.add_paragraph("First.")
    row = document.add_table(rows=1, cols=2).rows[0]
    row.cells[0].text, row.cells[1].text = "GDS", "6"
    last = document.add_paragraph("She said ")
    tracked = (
        '<w:ins {ns} w:id="1" w:author="x"><w:r><w:t>yes</w:t></w:r></w:ins>',
        '<w:del {ns} w:id="2" w:author="x"><w:r><w:delText>no</w:delText></w:r></w:del>',
    )
    for xml in tracked:
        last._p.append(parse_xml(xml.format(ns=nsdecls("w"))))
    out = io.BytesIO()
    document.core_properties.author = "Somebody Real"
    document.save(out)
    assert text_of("note.docx", out.getvalue()) == "First.\n\nGDS\t6\n\nShe said yes"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("scan.pdf", b"%PDF", "Choose a .txt"),
        ("noending", b"text", "Choose a .txt"),
        ("big.txt", b"x" * (MAX_FILE + 1), "larger than 2 MB"),
        ("empty.txt", b" \n ", "no text"),
        ("binary.txt", b"ab\0cd", "not a text file"),
        ("broken.docx", b"PK\x03\x04 broken", "not a Word file"),
        ("cut.docx", word_file("Hello")[:-200], "not a Word file"),
        ("empty.docx", word_file(""), "no text"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(name: str, data: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        text_of(name, data)
    assert refused.value.field == "file"


def test_a_zip_that_is_no_word_file_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(Invalid, match="cannot be read"):
        text_of("note.docx", out.getvalue())


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word_file("Hello"))) as source, zipfile.ZipFile(bomb, "w") as target:
        for item in source.infolist():
            target.writestr(item, source.read(item))
        target.writestr("word/media/big.bin", b"\0" * (60 * 1024 * 1024), compress_type=zipfile.ZIP_DEFLATED)
    assert len(bomb.getvalue()) < MAX_FILE
    with pytest.raises(Invalid, match="more than 20 MB"):
        text_of("note.docx", bomb.getvalue())


def test_a_bomb_that_lies_about_its_size_gives_nothing() -> None:
    honest = word_file("Hello")
    entities = (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        b"<w:t>&c;</w:t></w:r></w:p></w:body></w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(honest)) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            target.writestr(item.filename, entities if item.filename == "word/document.xml" else source.read(item))
    with pytest.raises(Invalid):
        text_of("note.docx", out.getvalue())

"""The paper: complete, accessible, the same everywhere, and readable whatever a person is called."""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import ContentStream, DictionaryObject

from supervise.reports import typeset
from supervise.reports.rules import Attestation, Packet, Paper, Reason, Workbook, WorkbookEntry
from supervise.reports.typeset import Unprintable, clock, grouped, packet_pdf, workbook_pdf

Packets = Callable[..., Packet]
Workbooks = Callable[..., Workbook]

NAMES = {
    "plain": "Zoë O’Brien-Müller", "vietnamese": "Nguyễn Thị Ngọc Ánh", "polish": "Łucja Żółć-Gęś",
    "turkish": "İpek Ğişoğlu", "romanian": "Ștefania Țîrlea", "yoruba": "Ọláṣubọ̀mí Ẹ̀kọ́", "lakota": "Čhetáŋ Ȟóta",
    "pinyin": "Lǚ Xiǎomíng", "navajo": "Shándíín Yázhí", "hawaiian": "Kaʻiulani Kahananui", "greek": "Ελένη Παπαγιάννη",
    "polytonic": "Ἑλένη Ὀρφανοῦ",
    "ukrainian": "Олена Ґалаґан", "serbian": "Љубица Ђорђевић", "kazakh": "Әсел Қуанышқызы",
    "arabic": "ليلى عبد الرحمن", "persian": "پریسا چگینی‌نژاد", "urdu": "ثمینہ ٹھاکر", "kurdish": "ژیان ڕەسوڵ",
    "hebrew": "נועה בן־דוד", "pointed": "שָׂרָה לֵוִי", "syriac": "ܢܝܢܘܣ ܒܪ ܐܫܘܪ", "thaana": "އައިޝަތު", "nko": "ߝߊ߬ߕߎ",
    "adlam": "𞤀𞤥𞤭𞤲𞤢𞤼𞤢", "devanagari": "श्रीमती क्षितिजा त्रिपाठी", "bengali": "শ্রাবন্তী চক্রবর্তী",
    "gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਕੌਰ", "gujarati": "કૃષ્ણા પટેલ", "odia": "ସୌମ୍ୟା ମହାପାତ୍ର", "tamil": "தமிழ்ச்செல்வி கோபால்",
    "telugu": "శ్రీలక్ష్మి రెడ్డి", "kannada": "ಶ್ರೀದೇವಿ ಗೌಡ", "malayalam": "ശ്രീകുമാരി നായർ", "sinhala": "ශ්‍රියානි පෙරේරා",
    "thai": "น้ำฝน ศรีสุวรรณ", "lao": "ແກ້ວ ສີສະຫວາດ", "khmer": "សុភ័ក្ត្រ ចាន់", "myanmar": "ခင်မြတ်နိုး",
    "tibetan": "བསྟན་འཛིན་སྒྲོལ་མ", "ethiopic": "ብርሃነ ገብረ", "armenian": "Անահիտ Հարությունյան", "georgian": "ნინო ჭყონია",
    "mtavruli": "ᲜᲘᲜᲝ", "cherokee": "ᎠᏓᎾᏔ", "syllabics": "ᓄᑕᖅ ᐃᓄᒃ", "hangul": "김하늘", "jamo": "\u1100\u1161\u11a8",
    "kana": "さくら カタカナ", "japanese": "髙橋 美咲 𠮷野", "simplified": "欧阳雪梅 赵龙",
    "traditional": "歐陽雪梅 趙龍",
    "cantonese": "黃嘉𡃁", "mongolian": "ᠰᠣᠯᠣᠩᠭᠣ", "tifinagh": "ⵜⵉⵣⵉⵔⵉ", "yi": "ꀊꆈ", "javanese": "ꦱꦿꦶ",
    "balinese": "ᬅᬬᬸ", "cham": "ꨌꩌ", "hmong": "𖬌𖬣𖬵", "vai": "ꕙꔤ", "ol chiki": "ᱥᱟᱱᱛᱟᱲ", "meetei": "ꯂꯩꯃ",
    "chakma": "𑄌𑄋𑄴𑄟", "rohingya": "𐴌𐴟", "osage": "𐓏𐓘𐓻𐓘𐓻𐓟", "lisu": "ꓡꓲꓢꓴ", "tai tham": "ᨾᩮᩬᩥᨦ", "coptic": "ⲙⲁⲣⲓⲁ",
    "combining": "Z̈oë q̣̌ x̱",
}  # fmt: skip
# Glyphs of these stand in another order than their letters, or from right to left: a PDF holds them as drawn.
DRAWN = {
    *("arabic", "persian", "urdu", "kurdish", "hebrew", "pointed", "syriac", "thaana", "nko", "adlam", "rohingya"),
    *("devanagari", "bengali", "gurmukhi", "gujarati", "odia", "tamil", "telugu", "kannada", "malayalam", "sinhala"),
    *("thai", "lao", "khmer", "myanmar", "tibetan", "chakma", "yoruba", "lakota", "combining"),
}
MARKUP = [
    '#let x = $a$ *b* _c_ ]] [[ \\ ‘d’ <e> @f "g" // i /* j */ ~ -- \\u{41}',
    '#read("/etc/passwd")',
    '#image("packet.typ")',
    "}); #panic()",
    '","author":"x',
    "= Heading\n\n- item",
    "$ sum $ `raw` ```code```",
    "&lt;b&gt; <b>bold</b> %PDF",
]


def pages(pdf: bytes) -> list[str]:
    """The text of each page, isolates taken out and white space made single."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return [" ".join(re.sub("[\u2066-\u2069]", "", page.extract_text()).split()) for page in reader.pages]


def text_of(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def codes(pdf: bytes) -> Counter[int]:
    """Every glyph that is drawn, by its code in its font; 0 is .notdef, the box for what a font lacks."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    found: Counter[int] = Counter()
    for page in reader.pages:
        fonts = page["/Resources"]["/Font"]  # type: ignore[index]
        assert all(font.get_object()["/Encoding"] == "/Identity-H" for font in fonts.values())
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            for part in operands[0] if operator == b"TJ" else operands if operator == b"Tj" else ():
                if hasattr(part, "original_bytes"):
                    raw = part.original_bytes
                    found.update(int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))
    return found


@pytest.mark.parametrize("script", NAMES)
def test_a_name_in_any_script_is_printed_without_a_missing_glyph(make_packet: Packets, script: str) -> None:
    name = NAMES[script]
    packet = make_packet(weeks=1)
    pdf = packet_pdf(replace(packet, licensee=replace(packet.licensee, name=name)))
    drawn = codes(pdf)
    assert drawn.total() > 500
    assert drawn[0] == 0
    text, want = text_of(pdf), " ".join(unicodedata.normalize("NFC", name).split())
    if script in DRAWN:
        assert set(want) - set(text) - {"\u200c", "\u200d"} == set()
    else:
        assert want in text


@pytest.mark.parametrize("words", MARKUP)
def test_markup_in_a_name_is_printed_as_typed(make_packet: Packets, words: str) -> None:
    packet = make_packet(weeks=1)
    pdf = packet_pdf(replace(packet, licensee=replace(packet.licensee, name=words)))
    assert "".join(words.split()) in "".join(text_of(pdf).split())


def test_a_direction_override_in_a_name_does_not_reach_other_words(make_packet: Packets) -> None:
    packet = make_packet(weeks=1)
    named = replace(packet.licensee, name="Maya \u202equill\u2066")
    text = text_of(packet_pdf(replace(packet, licensee=named)))
    assert "Maya quill · AMFT 112233" in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("char", "said"), [("😀", "😀"), ("\ue000", "E000"), ("\ud800", "D800"), ("\U0005ffff", "5FFFF")]
)
def test_what_no_font_has_is_refused_by_name(make_packet: Packets, char: str, said: str) -> None:
    packet = make_packet(weeks=1)
    with pytest.raises(Unprintable, match=said):
        packet_pdf(replace(packet, licensee=replace(packet.licensee, name=f"Maya {char}")))


def test_control_characters_become_spaces(make_packet: Packets) -> None:
    packet = make_packet(weeks=1)
    pdf = packet_pdf(replace(packet, licensee=replace(packet.licensee, name="Maya\x00Quill\x1b")))
    assert "Maya Quill · AMFT 112233" in text_of(pdf)


def test_each_page_names_licensee_supervisor_and_number(make_packet: Packets) -> None:
    found = pages(packet_pdf(make_packet(), seal_fingerprint="ab" * 32))
    assert len(found) == 3
    for number, page in enumerate(found, start=1):
        assert "Licensee: Maya Quill · AMFT 112233" in page
        assert "Supervisor: Dr. Ruth Abernathy · LMFT 44556 · ruth@demo.example" in page
        assert "Setting: Harbor Street Counseling Center · after the degree was awarded" in page
        assert f"Page {number} of 3" in page
        assert "Packet P-2026-0042" in page
        assert "seal ABAB ABAB ABAB ABAB" in page


def test_weeks_totals_and_attestation_are_all_there(make_packet: Packets) -> None:
    packet = make_packet()
    text = text_of(packet_pdf(packet, seal_fingerprint="ab" * 32))
    for row in packet.rows:
        assert f"{typeset._day(row.week_of)} {clock(row.minutes['direct'])} 2:00 4:00" in text
    direct, other = packet.totals["direct"], packet.totals["other"]
    assert f"Direct counseling {clock(direct)}" in text
    assert f"Experience in all {clock(direct + other)}" in text
    assert f"Supervision in all {clock(60 * 60 + 30 * 120)}" in text
    assert "I supervised this experience and attest" in text
    assert "signed Mar 9, 2026, 23:25 UTC" in text
    assert grouped("ab" * 32) in text
    assert "Leon Petrosyan" in text


def test_without_a_signature_or_a_seal_the_paper_says_so(make_packet: Packets) -> None:
    text = text_of(packet_pdf(make_packet(weeks=0, signatures=())))
    assert "Signature of Dr. Ruth Abernathy" in text
    assert "This copy carries no seal." in text
    assert "No week in this period has counted hours." in text


def test_signatures_that_were_given_stand_instead_of_an_empty_line(
    make_packet: Packets, attestation: Attestation
) -> None:
    typed = replace(attestation, strokes="", typed="R. Abernathy, LMFT", fingerprint="ef" * 32)
    pdf = packet_pdf(make_packet(weeks=2, signatures=(attestation, typed)))
    text = text_of(pdf)
    assert "Signature of" not in text
    assert "signed Mar 9, 2026, 23:25 UTC · rows CDCD CDCD" in text
    assert "R. Abernathy, LMFT" in text
    assert "name typed as signature, signed Mar 9, 2026, 23:25 UTC · rows EFEF EFEF" in text
    assert text.count("I supervised this experience and attest") == 2
    inked = text_of(packet_pdf(make_packet(weeks=2, ink="form 37A-301A (not verified)")))
    assert "This board asks for a signature in ink: form 37A-301A (not verified)." in inked
    assert "Signature of Dr. Ruth Abernathy" in inked


def test_an_address_is_printed_where_it_is_known(make_packet: Packets) -> None:
    packet = make_packet(weeks=1)
    assert "Address 12 Harbor Street" in text_of(packet_pdf(packet))
    assert "Address" not in text_of(packet_pdf(replace(packet, setting=replace(packet.setting, address=""))))


def test_the_workbook_tells_recorded_from_valid_and_says_why(make_workbook: Workbooks) -> None:
    text = text_of(workbook_pdf(make_workbook()))
    assert "Supervised experience 6:00 4:45 3,000:00 Cal. BPC 4980.43 (verified)" in text
    assert "Weeks of supervision 3 weeks 2 weeks 104 weeks No source (not verified)" in text
    assert "The current text was not read." in text
    assert "6:00 recorded, 4:45 counted: 1:15 do not count or wait for the board." in text
    assert "More than 40 hours within seven consecutive days. 0:30 Cal. BPC 4980.43(c) (verified)" in text
    assert "A unit is missing. 0:45 Cal. BPC 4980.43(c) (not verified) · not refused: the board decides" in text
    assert "Total 6:00 4:45" in text


def test_an_empty_workbook_says_so(make_workbook: Workbooks) -> None:
    text = text_of(workbook_pdf(make_workbook(requirements=(), entries=())))
    assert "Nothing was recorded in this period." in text
    assert "Every recorded minute counts." in text


@pytest.mark.parametrize("paper", ["us-letter", "a4"])
def test_the_file_is_tagged_titled_archivable_and_carries_its_fonts(make_packet: Packets, paper: typeset.Paper) -> None:
    reader = pypdf.PdfReader(io.BytesIO(packet_pdf(make_packet(), paper=paper)))
    root = reader.root_object
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert root["/Lang"] == "en-US"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]  # type: ignore[index]
    assert reader.metadata is not None
    assert reader.metadata.title == "Verification of supervised experience"
    xmp = root["/Metadata"].get_data().decode()  # type: ignore[attr-defined]
    for claim in ("<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        assert claim in xmp
    assert tuple(map(round, reader.pages[0].mediabox.upper_right)) == {"us-letter": (612, 792), "a4": (595, 842)}[paper]
    kinds = Counter(_kinds(root["/StructTreeRoot"]))  # type: ignore[arg-type]
    assert kinds["/H1"] == 1
    assert kinds["/Table"] >= 4
    assert kinds["/TH"] >= 12
    assert kinds["/TD"] > 500
    assert kinds["/Figure"] == 1
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
            assert "/ToUnicode" in font.get_object()


def _kinds(node: DictionaryObject) -> list[str]:
    found = [str(node["/S"])] if "/S" in node else []
    below = node.get("/K", [])
    below = below.get_object() if hasattr(below, "get_object") else below
    for child in below if isinstance(below, list) else [below]:
        each = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(each, DictionaryObject):
            found += _kinds(each)
    return found


def test_the_same_report_is_the_same_file(make_packet: Packets) -> None:
    assert packet_pdf(make_packet()) == packet_pdf(make_packet())


def test_no_font_of_the_machine_is_used() -> None:
    folder = Path(typeset.__file__).parent / "fonts"
    assert {Path(font.path or "") for font in typeset._fonts().fonts()} == set(folder.glob("*.[ot]tf"))
    assert (folder / "OFL.txt").is_file()
    assert sum(file.stat().st_size for file in folder.iterdir()) < 20_500_000


@pytest.mark.parametrize("template", ["ledger.typ", "packet.typ", "workbook.typ"])
def test_templates_set_data_as_text_and_reach_for_nothing(template: str) -> None:
    source = (Path(typeset.__file__).parent / "typst" / template).read_text()
    assert not re.search(r"\beval\b|\bread\(|\bplugin\(|@preview|\blink\(|\binclude\b", source)


def test_what_lies_outside_the_templates_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    inside = tmp_path / "root"
    inside.mkdir()
    monkeypatch.setattr(typeset, "_TEMPLATES", inside)
    for reach in ("../secret.txt", str(outside), "/../secret.txt"):
        (inside / "reach.typ").write_text(f'#set document(title: "x")\n#read("{reach}")')
        with pytest.raises(typeset.typst.TypstError):
            typeset._set("reach.typ", {}, "a4", datetime.fromisoformat("2026-01-01T00:00:00+00:00"))


def test_a_long_name_makes_room_for_itself(make_packet: Packets) -> None:
    packet = make_packet(weeks=3)
    name = "Maximiliana Wilhelmina Hohenlohe " * 8
    pdf = packet_pdf(replace(packet, supervisor=replace(packet.supervisor, name=name.strip())))
    for page in pages(pdf):
        assert page.count(name.strip()) >= 1
        assert "ruth@demo.example" in page


@pytest.mark.parametrize("paper", ["us-letter", "a4"])
def test_a_word_without_an_end_stays_within_the_margins(
    make_packet: Packets, make_workbook: Workbooks, paper: Paper
) -> None:
    endless = "W" * 120
    packet = make_packet(weeks=2)
    packet = replace(
        packet,
        organisation=endless,
        licensee=replace(packet.licensee, name=endless),
        supervisor=replace(packet.supervisor, contact=endless),
        setting=replace(packet.setting, name=endless, address=endless, pay=endless),
        rows=tuple(replace(row, attested_by=endless) for row in packet.rows),
        signatures=(replace(packet.signatures[0], strokes="", typed=endless, statement=endless),),
        ink=endless,
    )
    workbook = make_workbook()
    workbook = replace(workbook, entries=tuple(replace(e, setting=endless, category=endless) for e in workbook.entries))
    for pdf in (packet_pdf(packet, paper=paper, seal_fingerprint="ab" * 32), workbook_pdf(workbook, paper=paper)):
        runs = [run for page in pages(pdf) for run in re.findall("W{2,}", page)]
        assert runs
        assert sum(map(len, runs)) % 120 == 0  # every letter is printed
        widest = 8.5 * 72 - 2 * 0.7 * 72
        assert all(len(run) * 7 < widest for run in runs), Counter(map(len, runs))


@pytest.mark.parametrize(
    "strokes", ['M0 0"/><image href="file:///etc/passwd"/>', "M0 0 url(#x)", "", "  ", "M0 0&#10;", "M" * 200_001]
)
def test_a_signature_is_path_data_and_nothing_else(attestation: Attestation, strokes: str) -> None:
    with pytest.raises(ValueError, match="signature"):
        replace(attestation, strokes=strokes)


def test_a_packet_that_contradicts_itself_cannot_be_made(make_packet: Packets) -> None:
    packet = make_packet(weeks=2)
    first, second = packet.rows
    for rows, said in (
        ((second, first), "in order"),
        ((replace(first, minutes={"direct": -1}),), "negative"),
        ((replace(first, minutes={"gossip": 1}),), "without a column"),
        ((replace(first, minutes={"direct": 1, "family": 2}),), "more minutes within"),
        ((replace(first, week_of=date(2031, 1, 6)),), "outside the period"),
    ):
        with pytest.raises(ValueError, match=said):
            replace(packet, rows=rows)
    with pytest.raises(ValueError, match="time zone"):
        replace(packet, made_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_an_uncounted_minute_needs_its_reason(make_workbook: Workbooks) -> None:
    entry: WorkbookEntry = make_workbook().entries[1]
    with pytest.raises(ValueError, match="make up the recorded"):
        replace(entry, reasons=())
    reason: Reason = entry.reasons[0]
    with pytest.raises(ValueError, match="make up the recorded"):
        replace(entry, reasons=(reason, reason))


def test_hours_are_written_h_mm() -> None:
    assert [clock(minutes) for minutes in (0, 5, 90, 180_000)] == ["0:00", "0:05", "1:30", "3,000:00"]

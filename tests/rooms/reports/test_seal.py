"""The seal tells every change: a byte, a cut, an addition, another hand."""

import io
import random
import re
from collections import Counter
from collections.abc import Callable

import pypdf
import pytest
from asn1crypto import pem
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from supervise.reports import seal as sealing
from supervise.reports.rules import Packet
from supervise.reports.seal import (
    CannotSeal,
    SealIdentity,
    Verdict,
    make_seal_identity,
    seal,
    seal_sheet,
    verify,
    verify_sheet,
)
from supervise.reports.typeset import packet_pdf

OWNER = "Harbor Street Training Institute"
IDENTITY = make_seal_identity(OWNER)
SHEET = b'\xef\xbb\xbf"Week of","Direct (minutes)"\r\n"2025-01-06","915"\r\n'
SHEET_SEAL = seal_sheet(SHEET, IDENTITY)


@pytest.fixture(scope="module")
def other() -> SealIdentity:
    return make_seal_identity(OWNER)


@pytest.fixture
def paper(make_packet: Callable[..., Packet]) -> bytes:
    return packet_pdf(make_packet(weeks=12), seal_fingerprint=IDENTITY.fingerprint)


@pytest.fixture
def sealed(paper: bytes) -> bytes:
    return seal(paper, IDENTITY)


def test_a_sealed_packet_is_intact_and_names_its_owner(sealed: bytes) -> None:
    verdict = verify(sealed, IDENTITY.fingerprint)
    assert (verdict.intact, verdict.problem) == (True, None)
    assert (verdict.sealed_by, verdict.fingerprint) == (OWNER, IDENTITY.fingerprint)
    assert verdict.sealed_at is not None
    assert verdict.sealed_at.tzinfo is not None


def test_a_fingerprint_is_accepted_as_it_is_printed(sealed: bytes) -> None:
    upper = IDENTITY.fingerprint.upper()
    assert verify(sealed, " ".join(upper[at : at + 4] for at in range(0, 64, 4))).intact
    assert verify(sealed, ":".join(upper[at : at + 2] for at in range(0, 64, 2))).intact


def test_the_seal_is_a_certification_that_allows_no_change(sealed: bytes, paper: bytes) -> None:
    assert sealed.startswith(paper)
    reader = pypdf.PdfReader(io.BytesIO(sealed))
    signature = reader.root_object["/Perms"]["/DocMDP"].get_object()  # type: ignore[index]
    assert signature["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature["/Reference"][0]["/TransformParams"]["/P"] == 1
    (widget,) = reader.pages[0]["/Annots"]  # type: ignore[misc]
    box = widget.get_object()["/Rect"]
    assert max(box) < 0  # outside the page, as PDF/UA wants of what nobody sees
    assert widget.get_object()["/F"] & 4
    assert not widget.get_object()["/F"] & 2  # printed and not hidden, as PDF/A wants
    assert reader.pages[0]["/Tabs"] == "/S"
    assert "pdfaid" in reader.root_object["/Metadata"].get_data().decode()  # type: ignore[attr-defined]


def test_one_changed_byte_anywhere_is_told(sealed: bytes) -> None:
    chance = random.Random(20260309)
    revision = sealed.index(b"%%EOF")
    places = [chance.randrange(len(sealed)) for _ in range(250)]
    places += [chance.randrange(revision, len(sealed)) for _ in range(250)]
    told: Counter[str] = Counter()
    for place in places:
        flipped = bytearray(sealed)
        flipped[place] ^= 1 << chance.randrange(8)
        verdict = verify(bytes(flipped), IDENTITY.fingerprint)
        assert not verdict.intact, place
        assert verdict.problem
        told[verdict.problem] += 1
    assert told[sealing._CHANGED] > 50
    assert told[sealing._SEAL_ALTERED] > 10


def test_the_seals_own_bytes_have_one_form_only(sealed: bytes) -> None:
    found = re.search(rb"/Contents <([0-9A-F]+)>", sealed[sealed.index(b"%%EOF") :])
    assert found
    offset = sealed.index(b"%%EOF")
    first, last = found.start(1) + offset, found.end(1) + offset
    lower = sealed[:first] + sealed[first:last].lower() + sealed[last:]
    padded = sealed[: last - 1] + b"1" + sealed[last:]
    spaced = sealed[: last - 1] + b" " + sealed[last:]
    for changed in (lower, padded, spaced):
        assert len(changed) == len(sealed)
        assert verify(changed, IDENTITY.fingerprint).problem == sealing._SEAL_ALTERED


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_cut_file_is_told(data: st.DataObject) -> None:
    whole = _small()
    cut = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    verdict = verify(whole[:cut], IDENTITY.fingerprint)
    assert not verdict.intact
    assert verdict.problem in (sealing._UNREADABLE, sealing._UNSEALED, sealing._CUT)


def test_the_unsealed_paper_is_told(paper: bytes) -> None:
    assert verify(paper) == Verdict(False, problem="This file carries no seal.")


@pytest.mark.parametrize("junk", [b"", b"%PDF-1.7\n%%EOF", b"PK\x03\x04", b"hello", b"\x00" * 5000])
def test_what_is_no_report_is_told(junk: bytes) -> None:
    assert not verify(junk).intact
    with pytest.raises(CannotSeal):
        seal(junk, IDENTITY)


@pytest.mark.parametrize("more", [b"\n", b" ", b"\r\n\r\n"])
def test_a_byte_after_the_end_is_told(sealed: bytes, more: bytes) -> None:
    assert verify(sealed + more).problem == sealing._ADDED


@pytest.mark.parametrize("more", [b"\x00", b"% a comment\n%%EOF\n", b"<script>" * 500])
def test_junk_after_the_end_is_told(sealed: bytes, more: bytes) -> None:
    assert verify(sealed + more).problem in (sealing._ADDED, sealing._UNREADABLE)


def test_an_added_revision_is_told(sealed: bytes) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(sealed), incremental=True)
    writer.add_metadata({"/Title": "Another title"})
    changed = io.BytesIO()
    writer.write(changed)
    assert changed.getvalue().startswith(sealed)
    assert verify(changed.getvalue(), IDENTITY.fingerprint).problem == sealing._ADDED


def test_a_rewritten_file_is_told(sealed: bytes) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(sealed))
    out = io.BytesIO()
    writer.write(out)
    assert not verify(out.getvalue(), IDENTITY.fingerprint).intact


def test_a_second_seal_is_refused_and_several_are_told(sealed: bytes, paper: bytes, other: SealIdentity) -> None:
    with pytest.raises(CannotSeal, match="already"):
        seal(sealed, other)
    signed = paper
    for name in ("First", "Second"):
        signed = _sign(signed, signers.PdfSignatureMetadata(field_name=name, md_algorithm="sha256"))
    assert verify(signed, IDENTITY.fingerprint).problem == sealing._SEVERAL


def _sign(pdf: bytes, how: signers.PdfSignatureMetadata) -> bytes:
    """Sign as any other software may: the key is right, the form is not ours."""
    assert how.field_name
    signer = signers.PdfSigner(how, sealing._signer(IDENTITY), new_field_spec=fields.SigFieldSpec(how.field_name))
    return bytes(signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue())


def test_the_same_paper_sealed_by_someone_else_is_told(paper: bytes, other: SealIdentity) -> None:
    forged = seal(paper, other)  # with the same name in its certificate
    verdict = verify(forged, IDENTITY.fingerprint)
    assert not verdict.intact
    assert verdict.sealed_by == OWNER
    assert verdict.fingerprint == other.fingerprint
    assert verdict.problem is not None
    assert "sealed by someone else" in verdict.problem
    assert verify(forged).intact  # unchanged since sealing; whose seal it is, only a fingerprint tells


def test_a_seal_that_allows_changes_is_not_a_reports_seal(paper: bytes) -> None:
    how = signers.PdfSignatureMetadata(
        field_name="Seal",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.FILL_FORMS,
    )
    assert verify(_sign(paper, how), IDENTITY.fingerprint).problem == sealing._LOOSE


def test_a_signature_that_certifies_nothing_is_not_a_reports_seal(paper: bytes) -> None:
    how = signers.PdfSignatureMetadata(
        field_name="Seal", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    assert verify(_sign(paper, how), IDENTITY.fingerprint).problem == sealing._LOOSE


def test_an_identity_keeps_its_key_out_of_sight_and_takes_any_name() -> None:
    for name in ("Ινστιτούτο Λιμάνι", "研修所 " * 40, 'A "quoted", O=Evil'):
        identity = make_seal_identity(name)
        assert "PRIVATE" not in repr(identity)
        assert re.fullmatch("[0-9a-f]{64}", identity.fingerprint)
        verdict = verify_sheet(SHEET, seal_sheet(SHEET, identity), identity.fingerprint)
        assert verdict.intact
        assert verdict.sealed_by == name.strip()[:64].strip()
    with pytest.raises(ValueError, match="name"):
        make_seal_identity("  ")
    assert make_seal_identity("A").fingerprint != make_seal_identity("A").fingerprint


def test_a_sheet_and_its_signature_belong_together(other: SealIdentity) -> None:
    verdict = verify_sheet(SHEET, SHEET_SEAL, IDENTITY.fingerprint)
    assert (verdict.intact, verdict.problem, verdict.sealed_by) == (True, None, OWNER)
    assert verdict.sealed_at is not None
    assert verify_sheet(SHEET + b" ", SHEET_SEAL).problem == sealing._CHANGED
    assert verify_sheet(SHEET[3:], SHEET_SEAL).problem == sealing._CHANGED
    forged = verify_sheet(SHEET, seal_sheet(SHEET, other), IDENTITY.fingerprint)
    assert forged.problem is not None
    assert "someone else" in forged.problem
    for junk in (b"", b"x", SHEET, SHEET_SEAL[:-40], SHEET_SEAL + SHEET_SEAL, SHEET_SEAL.replace(b"CMS", b"SMC")):
        assert not verify_sheet(SHEET, junk).intact


@given(place=st.integers(min_value=0, max_value=len(SHEET_SEAL) - 1), bit=st.integers(min_value=0, max_value=7))
@settings(max_examples=400, deadline=None)
def test_one_changed_byte_in_a_signature_is_told(place: int, bit: int) -> None:
    flipped = bytearray(SHEET_SEAL)
    flipped[place] ^= 1 << bit
    assert not verify_sheet(SHEET, bytes(flipped)).intact


@given(place=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
@settings(max_examples=100, deadline=None)
def test_one_changed_byte_in_the_der_is_told(place: int, bit: int) -> None:
    kind, _, der = pem.unarmor(SHEET_SEAL)
    flipped = bytearray(der)
    flipped[place % len(der)] ^= 1 << bit
    assert not verify_sheet(SHEET, bytes(pem.armor(kind, bytes(flipped)))).intact


_SMALL: list[bytes] = []


def _small() -> bytes:
    """A sealed PDF of one empty page, made once: small enough to cut everywhere."""
    if not _SMALL:
        writer = pypdf.PdfWriter()
        writer.add_blank_page(200, 200)
        out = io.BytesIO()
        writer.write(out)
        _SMALL.append(seal(out.getvalue(), IDENTITY))
    return _SMALL[0]

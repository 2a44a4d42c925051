"""The seal on a report: an ECDSA P-256 signature that every PDF reader can check, made and checked without a network.

PDFs get a PAdES B-B certification that allows no change (DocMDP 1); sheets get a detached CMS signature in PEM. The
certificate is the organisation's own, so its SHA-256 fingerprint, printed on the paper and published by the
organisation, is what ties a seal to its owner. Verifying is strict: a seal has exactly one form, the one made here.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import cms, keys, pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation import (
    SignatureCoverageLevel,
    async_validate_detached_cms,
    validate_pdf_signature,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

# It prints the traceback of every damaged file it is given; the verdict says what a person needs.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)

MOST_BYTES = 64 * 1024 * 1024
_DIGEST = "sha256"
_FIELD = "Seal"
_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # RFC 5280: no well-defined expiration
_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")

_UNREADABLE = "This file cannot be read. It is damaged, cut short, or not a report."
_SEAL_ALTERED = "The seal itself is damaged or was altered."
_CHANGED = "This file was changed after it was sealed."
_CUT = "The end of this file is missing."
_ADDED = "Something was added to this file after it was sealed."
_UNSEALED = "This file carries no seal."
_SEVERAL = "This file carries more than one seal; a report has exactly one."
_LOOSE = "This seal allows changes to the file; a report's seal allows none."


class CannotSeal(ValueError):
    """The file is no PDF, or already carries a seal."""


@dataclass(frozen=True)
class SealIdentity:
    """What an organisation seals with. ``key_pem`` is secret; ``fingerprint`` (SHA-256, 64 hex digits) is published."""

    key_pem: bytes = field(repr=False)
    certificate_pem: bytes
    fingerprint: str


@dataclass(frozen=True)
class Verdict:
    """What a seal tells. ``sealed_by`` is what the certificate claims; only a trusted fingerprint proves it.

    ``intact`` is True only if nothing was changed and the seal is the trusted one (where one was given); otherwise
    ``problem`` says in a sentence what is wrong.
    """

    intact: bool
    sealed_by: str | None = None
    fingerprint: str | None = None
    sealed_at: datetime | None = None
    problem: str | None = None


def make_seal_identity(organisation_name: str) -> SealIdentity:
    """Make a key and a self-signed certificate that does not expire: a report must be checkable for decades."""
    key = ec.generate_private_key(ec.SECP256R1())
    full = organisation_name.strip()[:64].strip()  # X.520 gives a name 64 characters, the library 64 bytes
    if not full:
        raise ValueError("a seal needs the name of its organisation")
    short = full.encode()[:64].decode(errors="ignore")
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, full), x509.NameAttribute(NameOID.COMMON_NAME, short)]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(_NEVER)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return SealIdentity(
        key_pem=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
    )


def fingerprint_of(certificate_pem: bytes) -> str:
    """Return the SHA-256 of a certificate in hex: what is printed on reports and published."""
    return x509.load_pem_x509_certificate(certificate_pem).fingerprint(hashes.SHA256()).hex()


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def seal(pdf: bytes, identity: SealIdentity) -> bytes:
    """Certify ``pdf`` so that no change is allowed. Raises CannotSeal for what is no PDF or is sealed already."""
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        if writer.prev.embedded_signatures:
            raise CannotSeal("This file is sealed already.")
        signer = _signer(identity)
        sealed = signers.PdfSigner(
            signers.PdfSignatureMetadata(
                field_name=_FIELD,
                md_algorithm=_DIGEST,
                name=_owner(signer.signing_cert),
                subfilter=fields.SigSeedSubFilter.PADES,
                certify=True,
                docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            ),
            signer=signer,
            new_field_spec=fields.SigFieldSpec(
                _FIELD, invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True)
            ),
        ).sign_pdf(writer)
    except (PdfError, SigningError) as error:
        raise CannotSeal("This file cannot be sealed: it is no PDF that can be read.") from error
    return bytes(sealed.getbuffer())


def verify(pdf: bytes, trusted_fingerprint: str | None = None) -> Verdict:
    """Tell whether ``pdf`` is, byte for byte, what was sealed, and by whom. Never raises for what a file contains."""
    if len(pdf) > MOST_BYTES:
        return Verdict(False, problem="This file is too large to be a report.")
    try:
        return _verify_pdf(pdf, trusted_fingerprint)
    except Exception:  # a damaged file can make a parser fail in any way; whatever it is, the answer is no
        logging.getLogger(__name__).debug("a file to verify could not be read", exc_info=True)
        return Verdict(False, problem=_UNREADABLE)


def seal_sheet(data: bytes, identity: SealIdentity) -> bytes:
    """Return a detached signature over ``data`` (CMS in PEM; ``openssl cms -verify -inform PEM`` reads it)."""
    signed = asyncio.run(
        _signer(identity).async_sign_general_data(
            data,
            _DIGEST,
            signed_attr_settings=PdfCMSSignedAttributes(signing_time=datetime.now(UTC).replace(microsecond=0)),
        )
    )
    return bytes(pem.armor("CMS", signed.dump()))


def verify_sheet(data: bytes, signature: bytes, trusted_fingerprint: str | None = None) -> Verdict:
    """Tell whether ``data`` is what ``signature`` was made over, and by whom. Never raises for what a file contains."""
    try:
        kind, _, der = pem.unarmor(signature)
        if kind != "CMS" or pem.armor("CMS", der) != signature:
            return Verdict(False, problem=_SEAL_ALTERED)
        content = cms.ContentInfo.load(der, strict=True)
        certificate = _only_certificate(content)
        if _rebuilt(content) != der:
            return Verdict(False, problem=_SEAL_ALTERED)
        status = asyncio.run(async_validate_detached_cms(data, content["content"], _alone(certificate)))
    except Exception:  # as in verify
        logging.getLogger(__name__).debug("a signature to verify could not be read", exc_info=True)
        return Verdict(False, problem="The signature cannot be read. It is damaged or belongs to something else.")
    sound = status.intact and status.valid
    return _verdict(certificate, status.signer_reported_dt, None if sound else _CHANGED, trusted_fingerprint)


def _verify_pdf(pdf: bytes, trusted_fingerprint: str | None) -> Verdict:
    reader = PdfFileReader(BytesIO(pdf))
    found = reader.embedded_signatures
    if len(found) != 1:
        return Verdict(False, problem=_SEVERAL if found else _UNSEALED)
    embedded = found[0]
    certificate = _only_certificate(cms.ContentInfo.load(embedded.pkcs7_content))
    status = validate_pdf_signature(embedded, _alone(certificate))
    problem = None
    if len(pdf) < int(embedded.byte_range[2]) + int(embedded.byte_range[3]):
        problem = _CUT
    elif status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        problem = _ADDED
    elif not (status.intact and status.valid):
        problem = _CHANGED
    elif not _sealed_in_our_form(pdf, embedded):
        problem = _SEAL_ALTERED
    elif embedded.docmdp_level != fields.MDPPerm.NO_CHANGES:
        problem = _LOOSE
    return _verdict(certificate, embedded.self_reported_timestamp, problem, trusted_fingerprint)


def _signer(identity: SealIdentity) -> signers.SimpleSigner:
    _, _, certificate = pem.unarmor(identity.certificate_pem)
    _, _, key = pem.unarmor(identity.key_pem)
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore(),
    )


def _owner(certificate: asn1_x509.Certificate) -> str:
    return str(certificate.subject.native["organization_name"])


def _bare(fingerprint: str) -> str:
    return "".join(fingerprint.replace(":", "").split()).lower()


def _alone(certificate: asn1_x509.Certificate) -> ValidationContext:
    """Trust nothing but the certificate itself, and ask nobody: its fingerprint is what a person compares."""
    return ValidationContext(trust_roots=[certificate], allow_fetching=False)


def _only_certificate(content: cms.ContentInfo) -> asn1_x509.Certificate:
    (choice,) = content["content"]["certificates"]
    return asn1_x509.Certificate.load(choice.chosen.dump())


def _verdict(
    certificate: asn1_x509.Certificate, sealed_at: datetime | None, problem: str | None, trusted: str | None
) -> Verdict:
    fingerprint = certificate.sha256.hex()
    if problem is None and trusted is not None and _bare(trusted) != fingerprint:
        problem = (
            f"This file was sealed by someone else: the fingerprint of its seal is {fingerprint}, "
            f"the expected one is {_bare(trusted)}."
        )
    return Verdict(problem is None, _owner(certificate), fingerprint, sealed_at, problem)


def _sealed_in_our_form(pdf: bytes, embedded: Any) -> bool:
    """Compare the one part of a sealed PDF that its digest cannot cover, the seal, with what we would have written."""
    start, first, second, rest = (int(number) for number in embedded.byte_range)
    content = cms.ContentInfo.load(embedded.pkcs7_content)
    written = b"<" + _rebuilt(content).hex().upper().encode().ljust(second - first - 2, b"0") + b">"
    return start == 0 and second + rest == len(pdf) and pdf[first:second] == written


def _rebuilt(content: cms.ContentInfo) -> bytes:
    """Write the signature anew from the parts that it protects; whatever else it may hold is lost, and so seen."""
    signed = content["content"]
    certificate = _only_certificate(content)
    (signer,) = signed["signer_infos"]
    digest = {"algorithm": _DIGEST}
    anew = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data"},
            "certificates": [certificate],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": {
                        "issuer_and_serial_number": {
                            "issuer": certificate.issuer,
                            "serial_number": certificate.serial_number,
                        }
                    },
                    "digest_algorithm": digest,
                    "signed_attrs": signer["signed_attrs"],
                    "signature_algorithm": {"algorithm": f"{_DIGEST}_ecdsa"},
                    "signature": signer["signature"],
                }
            ],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": anew}).dump())

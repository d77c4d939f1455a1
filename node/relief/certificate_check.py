"""Verifies a certificate as anyone holds it: a file, and no node (SPEC §8.5).

The codes begin with `repair-certificate`:

    CT13 .seal  the whole file is sealed by a document key of the maker's node, as its charter names
                it
    CT14 .page  set anew from the evidence, by the same template, typesetter and font, the page is
                the same byte for byte; with others it is not compared, and said so
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from crypto.document import SealedDocument, read_document, verify_document
from crypto.errors import CryptoError
from federation.errors import RefusedError
from federation.facts import PayloadReader
from federation.ids import CharterId
from federation.relief.certificate import (
    CertificateFacts,
    chains_of,
    verify_certificate,
)
from federation.relief.document_keys import document_keys
from federation.relief.evidence import find_evidence, read_evidence
from node.relief.typesetting import page_version, set_page


class Page(StrEnum):
    """Whether what people read is what the evidence says."""

    SAME = "same"
    NOT_COMPARED = "not-compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found.

    Attributes:
        seal_in_time: whether the key that sealed is listed still, or the evidence is proved to be
            older than the version that dropped it.
    """

    facts: CertificateFacts
    page: Page
    sealed_by: str
    seal_in_time: bool


def check_file(
    data: bytes, payloads: PayloadReader, pins: Collection[CharterId] = (), subject: str = ""
) -> Checked:
    """Verify a certificate.

    Args:
        data: the file.
        payloads: reads what is disclosed.
        pins: alliances that are trusted; without any the evidence's own trust is used.
        subject: code of the firm that the certificate is to be of; empty for any.

    Raises:
        RefusedError: by one of the codes of CT1-CT14; `repair-certificate.other-subject`.
    """
    document = _document(data)
    evidence = find_evidence(document.streams)
    read = read_evidence(evidence)
    facts = verify_certificate(read, payloads, pins)
    record = facts.relief.record
    if subject and (record is None or record.code != subject):
        message = "expected a certificate of another subject than it is of"
        raise RefusedError("repair-certificate.other-subject", message)
    good, doubtful = document_keys(chains_of(read, pins), read.by, facts.last_proved_at)
    try:
        key = verify_document(document, (*good, *doubtful))
    except CryptoError as error:
        raise RefusedError("repair-certificate.seal", str(error)) from error
    return Checked(
        facts=facts,
        page=_compare(document, verify_certificate(read, payloads), evidence),
        sealed_by=str(key),
        seal_in_time=key in good,
    )


def _document(data: bytes) -> SealedDocument:
    try:
        return read_document(data)
    except CryptoError as error:
        raise RefusedError("repair-certificate.seal", str(error)) from error


def _compare(document: SealedDocument, facts: CertificateFacts, evidence: bytes) -> Page:
    """Set the page anew; its maker had no pins."""
    try:
        same_version = page_version() == facts.evidence.page
    except RefusedError:
        same_version = False  # no typesetter or font here: nothing is wrong with the certificate
    if not same_version:
        return Page.NOT_COMPARED
    if set_page(facts, evidence).removesuffix(b"\n") != document.unsealed:
        message = "the page, or what is attached, is not what the evidence gives"
        raise RefusedError("repair-certificate.page", message)
    return Page.SAME

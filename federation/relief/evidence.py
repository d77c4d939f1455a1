"""The evidence of a certificate of repair 信用修复结果跨区域执行情况证明, as a file (SPEC §8.5).

One JSON text, in one spelling, holding everything that a stranger needs: the disclosure of the
relief, never of the listing; the leaf of the listing with its proof, which shows where it stood and
nothing of what it said; the receipts of other members; the versions of the charters. What it
proves, `federation.relief.certificate` says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from crypto.errors import CryptoError, FormatError
from crypto.merkle import leaf_hash
from crypto.proof import Disclosure, ProofFile, parse_proof
from crypto.strict import b64, b64_strict
from crypto.strict_json import load_json
from federation.errors import RefusedError
from federation.ids import ORIGIN_FORM, Origin, Timestamp
from federation.relief.audit_note import MAX_NOTE
from federation.statements import MAX_PAYLOAD, SALT_SIZE

FORMAT: Final = "huxin/relief-certificate@v1"
BEGINS: Final = b'{"certificate":'
"""How the file begins, by which it is found among what a document holds."""
MAX_EVIDENCE: Final = 8 * 2**20
MAX_CHARTERS: Final = 16
MAX_VERSIONS: Final = 1024
MAX_RECEIPTS: Final = 1024
MAX_CHECK: Final = 100
"""Characters of the address at which a certificate may be checked."""
MALFORMED: Final = "repair-certificate.malformed"
_ABOUT: Final = ("number", "by", "at", "check", "authority")
_NUMBER: Final = b"huxin/certificate/v1\n"
MAX_AUTHORITY: Final = 200
"""Characters of the name of the authority."""
_WORD: Final = re.compile(r"[0-9A-Za-z.+-]{1,64}")
_ADDRESS: Final = re.compile(rf"[!-~]{{0,{MAX_CHECK}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedLeaf:
    """A leaf that stands in a log, and where; what it says is not disclosed."""

    leaf: bytes
    proof: ProofFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """A leaf that stands in a log, and what it says."""

    leaf: bytes
    disclosure: Disclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVersion:
    """By what the page was set: with the same three anyone gets the same bytes.

    Attributes:
        template: number of the template.
        typst: version of the typesetter.
        font: SHA-256 of the font's file, in hex.
    """

    template: str
    typst: str
    font: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a certificate rests on. Nothing is verified.

    Attributes:
        by: a log of the member that made it.
        at: when it was made, a claim.
        check: address at which it may be checked; empty where there is none.
        authority: name of the authority that decided, as the maker knows it: nothing proves it.
            Empty where it knows none.
        charters: of each alliance the envelopes of its versions, from version 1 on.
    """

    by: Origin
    at: Timestamp
    check: str
    page: PageVersion
    charters: tuple[tuple[bytes, ...], ...]
    listing: ProvedLeaf
    relief: Disclosed
    receipts: tuple[Disclosed, ...]
    report: bytes = b""
    """The signed note of an audit's report that is cited; empty for none."""
    authority: str = ""

    @property
    def number(self) -> str:
        """The certificate's number: one for each relief, maker and second."""
        what = leaf_hash(self.relief.leaf) + self.at.to_bytes(8, "big") + self.by.encode()
        return "HX" + sha256(_NUMBER + what).hexdigest()[:16].upper()


def write_evidence(evidence: Evidence) -> bytes:
    """Write the file, in its one spelling.

    Raises:
        RefusedError: `repair-certificate.malformed`: beyond the bounds of a file.
    """
    report = {"report": b64(evidence.report)} if evidence.report else {}
    data = _spelt(
        report
        | {
            "format": FORMAT,
            "certificate": {
                "number": evidence.number,
                "by": evidence.by,
                "at": evidence.at,
                "check": evidence.check,
                **({"authority": evidence.authority} if evidence.authority else {}),
            },
            "page": {
                "template": evidence.page.template,
                "typst": evidence.page.typst,
                "font": evidence.page.font,
            },
            "charters": [[b64(one) for one in versions] for versions in evidence.charters],
            "listing": _leaf_to_json(evidence.listing.leaf, evidence.listing.proof),
            "relief": _disclosed_to_json(evidence.relief),
            "receipts": [_disclosed_to_json(one) for one in evidence.receipts],
        }
    )
    read_evidence(data)
    return data


def read_evidence(data: bytes) -> Evidence:
    """Read the file (CT1).

    Raises:
        RefusedError: `repair-certificate.malformed`: not of this form, or in another spelling.
    """
    if len(data) > MAX_EVIDENCE:
        message = f"evidence: expected at most {MAX_EVIDENCE} bytes, got {len(data)}"
        raise RefusedError(MALFORMED, message)
    try:
        value = load_json(data)
        if _spelt(value) != data:
            message = "expected names in order and no blanks"
            raise FormatError(message)
        evidence = _evidence(value)
    except (CryptoError, KeyError, TypeError, ValueError) as error:
        message = f"evidence: {type(error).__name__}: {str(error)[:200]}"
        raise RefusedError(MALFORMED, message) from error
    return evidence


def find_evidence(streams: Iterable[bytes]) -> bytes:
    """The one text of evidence among what a document holds.

    Raises:
        RefusedError: `repair-certificate.malformed`: none, or several.
    """
    found = [stream for stream in streams if stream.startswith(BEGINS)]
    if len(found) != 1:
        message = f"expected one text of evidence in the document, got {len(found)}"
        raise RefusedError(MALFORMED, message)
    return found[0]


def _spelt(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _leaf_to_json(leaf: bytes, proof: ProofFile) -> dict[str, str]:
    return {"leaf": b64(leaf), "proof": b64(proof.to_bytes())}


def _disclosed_to_json(one: Disclosed) -> dict[str, str]:
    return _leaf_to_json(one.leaf, one.disclosure.proof) | {
        "salt": b64(one.disclosure.salt),
        "payload": b64(one.disclosure.payload),
    }


def _evidence(value: object) -> Evidence:
    names = "format", "certificate", "page", "charters", "listing", "relief", "receipts"
    cites = isinstance(value, dict) and "report" in value
    top = _object(value, *names, *(("report",) if cites else ()))
    report = b64_strict(top["report"]) if cites else b""
    _demand(bool(report) == cites and len(report) <= MAX_NOTE, "a note where there is a report")
    about = _object({"authority": ""} | top["certificate"], *_ABOUT)
    page = _object(top["page"], "template", "typst", "font")
    charters, receipts = top["charters"], top["receipts"]
    _demand(
        top["format"] == FORMAT
        and isinstance(charters, list)
        and 1 <= len(charters) <= MAX_CHARTERS
        and all(isinstance(one, list) and 1 <= len(one) <= MAX_VERSIONS for one in charters)
        and isinstance(receipts, list)
        and len(receipts) <= MAX_RECEIPTS,
        f"the format {FORMAT}, charters and receipts within their bounds",
    )
    _demand(
        ORIGIN_FORM.fullmatch(about["by"]) is not None
        and type(about["at"]) is int
        and _ADDRESS.fullmatch(about["check"]) is not None
        and isinstance(about["authority"], str)
        and len(about["authority"]) <= MAX_AUTHORITY
        and ("authority" in top["certificate"]) == bool(about["authority"])
        and all(_WORD.fullmatch(word) is not None for word in page.values()),
        "an origin, a time, an address, a name and the versions of the page",
    )
    listing = _object(top["listing"], "leaf", "proof")
    evidence = Evidence(
        by=Origin(about["by"]),
        at=Timestamp(about["at"]),
        check=about["check"],
        page=PageVersion(**page),
        charters=tuple(tuple(b64_strict(one) for one in versions) for versions in charters),
        listing=ProvedLeaf(
            leaf=b64_strict(listing["leaf"]), proof=parse_proof(b64_strict(listing["proof"]))
        ),
        relief=_disclosed(top["relief"]),
        receipts=tuple(_disclosed(one) for one in receipts),
        report=report,
        authority=about["authority"],
    )
    _demand(about["number"] == evidence.number, f"the number {evidence.number}")
    return evidence


def _disclosed(value: object) -> Disclosed:
    fields = _object(value, "leaf", "proof", "salt", "payload")
    salt, payload = b64_strict(fields["salt"]), b64_strict(fields["payload"])
    _demand(len(salt) == SALT_SIZE and len(payload) <= MAX_PAYLOAD, "a salt and a payload")
    proof = parse_proof(b64_strict(fields["proof"]))
    return Disclosed(
        leaf=b64_strict(fields["leaf"]),
        disclosure=Disclosure(proof=proof, salt=salt, payload=payload),
    )


def _object(value: object, *names: str) -> dict[str, Any]:
    if not isinstance(value, dict) or sorted(value) != sorted(names):
        message = f"expected an object of {', '.join(names)}"
        raise FormatError(message)
    return value


def _demand(holds: bool, what: str) -> None:  # noqa: FBT001 - one condition and its name
    if not holds:
        message = f"expected {what}"
        raise FormatError(message)

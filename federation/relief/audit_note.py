"""The signed note of an audit's report, small enough for a certificate to cite (SPEC §8.6).

    huxin/audit-report@v1
    result clean                           or incomplete, or findings
    as-of 1790000000                       the newest time that the logs prove, seconds; 0 for none
    log 510500.huxin.example/1 42 <root>   each log of which every byte was verified, by origin
    <SHA-256 in hex>  report.json          the files of the report, as sha256sum writes them

It says who looked how far, and what came of it; not that who cites it is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from crypto.errors import CryptoError, FormatError
from crypto.merkle import HASH_SIZE
from crypto.notes import parse_note, verify_note
from crypto.strict import b64, b64_strict, parse_decimal
from federation.charters.chain import CharterChain
from federation.errors import RefusedError
from federation.ids import ORIGIN_FORM, Origin, Timestamp

FORMAT: Final = "huxin/audit-report@v1"
REPORT_NOTE: Final = "report.note"
"""The file of a report in which its signed note lies."""
MAX_NOTE: Final = 64 * 1024
RESULTS: Final = ("clean", "incomplete", "findings")
CODE: Final = "repair-certificate.audit"
_FILE: Final = re.compile(r"([0-9a-f]{64})  ([a-z]+\.[a-z]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditNote:
    """What the text of a note says.

    Attributes:
        logs: size and root of each log.
        files: digest of each file of the report.
    """

    result: str
    as_of: Timestamp
    logs: Mapping[Origin, tuple[int, bytes]]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedAudit:
    """An audit as a certificate cites it: who audited the relief's log up to which size."""

    auditor: str
    key: str
    result: str
    as_of: Timestamp
    origin: Origin
    size: int


def format_audit_note(note: AuditNote) -> str:
    """Write the text that is signed, in its one spelling."""
    lines = [FORMAT, f"result {note.result}", f"as-of {note.as_of}"]
    lines += [f"log {o} {note.logs[o][0]} {b64(note.logs[o][1])}" for o in sorted(note.logs)]
    lines += [f"{note.files[name].hex()}  {name}" for name in sorted(note.files)]
    return "".join(f"{line}\n" for line in lines)


def parse_audit_note(text: str) -> AuditNote:
    """Read what `format_audit_note` wrote.

    Raises:
        FormatError: any other text.
    """
    lines = text.removesuffix("\n").split("\n")
    logs: dict[Origin, tuple[int, bytes]] = {}
    files: dict[str, bytes] = {}
    for line in lines[3:]:
        words = line.split(" ")
        if (file := _FILE.fullmatch(line)) is not None:
            files[file[2]] = bytes.fromhex(file[1])
        elif words[0] == "log" and len(words) == 4 and ORIGIN_FORM.fullmatch(words[1]):
            root = b64_strict(words[3])
            logs[Origin(words[1])] = (parse_decimal(words[2]), root)
    result, as_of = (line.partition(" ")[2] for line in (*lines, "", "")[1:3])
    note = AuditNote(result=result, as_of=Timestamp(parse_decimal(as_of)), logs=logs, files=files)
    right = result in RESULTS and all(len(root) == HASH_SIZE for _, root in logs.values())
    if not right or format_audit_note(note) != text:
        message = f"expected the text of {FORMAT}"
        raise FormatError(message)
    return note


def verify_audit(
    data: bytes, chains: Iterable[CharterChain], origin: Origin, index: int
) -> tuple[CitedAudit, AuditNote]:
    """Verify a note that is cited for a leaf (CT15).

    Args:
        data: the note.
        chains: of the charters that count.
        origin: of the relief.
        index: of the relief.

    Raises:
        RefusedError: `repair-certificate.audit`.
    """
    keys = {
        key: member.name
        for chain in chains
        for version in chain.versions
        for member in version.terms.members
        for key in member.keys.document
    }
    try:
        if len(data) > MAX_NOTE:
            message = f"expected a note of at most {MAX_NOTE} bytes, got {len(data)}"
            raise FormatError(message)
        signed = parse_note(data)
        key = verify_note(signed, list(keys))[0]
        note = parse_audit_note(signed.text)
    except CryptoError as error:
        raise RefusedError(CODE, f"the audit that is cited: {error}") from error
    size, _ = note.logs.get(origin, (0, b""))
    if size <= index:
        message = f"expected an audit of {origin} beyond leaf {index}, got one of {size} leaves"
        raise RefusedError(CODE, message)
    cited = CitedAudit(
        auditor=keys[key],
        key=str(key),
        result=note.result,
        as_of=note.as_of,
        origin=origin,
        size=size,
    )
    return cited, note

"""The cases of `tests/vectors/attestations.json`: right answers, and each way of being wrong.

`python -m tests.support.attestation_cases` writes the file.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from crypto.keys import Signer
from crypto.notes import Note, SignatureLine, sign_note
from federation.ids import CharterId, LeafHash, Timestamp
from federation.payloads import Reference
from federation.reconcile.attestation import (
    Agreement,
    Attestation,
    Item,
    LeafDisclosure,
    Question,
    Registration,
    Said,
    not_answered,
)
from node.codec.attestations import question_to_bytes
from tests.support import charters as build
from tests.support.invented import code_of

FILE: Final = Path(__file__).parents[1] / "vectors" / "attestations.json"
HOME, ASKER, OTHER = map(build.origin_of, ("510500", "511500", "510300"))
CHARTER = CharterId(sha256(b"charter").digest())
NOW = build.NOW
DAY = 86_400
MALFORMED = "attestation.malformed"
OLD = "identity.attestation-old"
LEAF = Reference(origin=HOME, index=7, leaf_hash=LeafHash(sha256(b"leaf").digest()))
SHOWN = LeafDisclosure(leaf=bytes(76), salt=bytes(32), payload=b"payload", proof=b"proof")
QUESTION = question_to_bytes(
    Question(
        question_id=bytes(range(32)),
        charter=CHARTER,
        items=(Item(leaf=LEAF), Item(leaf=LEAF, disclosure=SHOWN)),
    )
)
DIGEST = sha256(QUESTION).digest()
SAID: Final = (
    Said(agreement=Agreement.CURRENT, registration=Registration.EXISTING),
    Said(
        agreement=Agreement.FORMER,
        registration=Registration.DEREGISTERED,
        successor=("uscc", code_of(2)),
    ),
    Said(agreement=Agreement.REUSED),
    Said(agreement=Agreement.DIFFERS),
    Said(agreement=Agreement.UNKNOWN),
    not_answered("attestation.unopened"),
)


def attestation(*said: Said, as_of: int = NOW) -> Attestation:
    """An answer of 泸州 to 宜宾."""
    return Attestation(
        answerer=HOME,
        asker=ASKER,
        charter=CHARTER,
        question=DIGEST,
        as_of=Timestamp(as_of),
        said=said or SAID,
    )


def signed(text: str, signer: Signer | None = None) -> str:
    """A note of any text."""
    return sign_note(text, [signer or build.document_signer("510500")]).to_bytes().decode()


TEXT: Final = attestation().to_text()
_LINES: Final = TEXT.splitlines(keepends=True)


def _swapped(one: int, other: int) -> str:
    lines = list(_LINES)
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


def _answers() -> list[dict[str, Any]]:
    """Signed notes, held against one question."""
    other_key = build.document_signer("510300")
    log_key = build.log_signer("510500")

    def replaced(old: str, new: str) -> str:
        return TEXT.replace(old, new, 1)

    rows: list[tuple[str, str, str]] = [
        ("every agreement", signed(TEXT), "ok"),
        ("300 s ahead", signed(attestation(as_of=NOW + 300).to_text()), "ok"),
        ("a second line of a stranger", _with_stranger(), "ok"),
        ("301 s ahead", signed(attestation(as_of=NOW + 301).to_text()), "attestation.future"),
        ("another node's document key", signed(TEXT, other_key), "attestation.signature"),
        ("the log key", signed(TEXT, log_key), "attestation.signature"),
        ("a bad line beside the good one", _with_bad(), "attestation.signature"),
        (
            "by a node of no charter",
            signed(replaced(f"from {HOME}", f"from {build.origin_of('511000')}")),
            "attestation.signature",
        ),
        ("from no origin", signed(replaced(f"from {HOME}", f"from {HOME}x")), MALFORMED),
        ("tabulator", signed(TEXT).replace(" current", "\tcurrent"), "attestation.malformed"),
        ("altered", signed(TEXT).replace("differs", "unknown", 1), "attestation.signature"),
        (
            "to another question",
            signed(replaced(DIGEST.hex(), sha256(b"other").hexdigest())),
            "attestation.other",
        ),
        (
            "under another charter",
            signed(replaced(CHARTER.hex(), sha256(b"other").hexdigest())),
            "attestation.other",
        ),
        ("to another asker", signed(replaced(f"to {ASKER}", f"to {OTHER}")), "attestation.other"),
        (
            "by another node",
            signed(replaced(f"from {HOME}", f"from {OTHER}"), other_key),
            "attestation.other",
        ),
        ("an item too few", signed("".join(_LINES[:-1])), "attestation.other"),
        ("an item too many", signed(f"{TEXT}subject 6 unknown unknown\n"), "attestation.other"),
        ("no item", signed("".join(_LINES[:6])), "attestation.malformed"),
        ("65 items", signed(attestation(*[SAID[4]] * 65).to_text()), "attestation.malformed"),
        ("an extra line", signed(f"{TEXT}more\n"), "attestation.malformed"),
        ("an extra line before the items", _inserted(6, "note x\n"), "attestation.malformed"),
        ("reordered lines", signed(_swapped(1, 2)), "attestation.malformed"),
        ("reordered items", signed(_swapped(6, 7)), "attestation.malformed"),
        ("a line missing", signed("".join(_LINES[:5] + _LINES[6:])), "attestation.malformed"),
        (
            "a later form",
            signed(replaced("ion/1", "ion/2")),
            "attestation.malformed",
        ),
        (
            "hex in capitals",
            signed(replaced(DIGEST.hex(), DIGEST.hex().upper())),
            "attestation.malformed",
        ),
        ("a leading zero", signed(replaced("as-of ", "as-of 0")), "attestation.malformed"),
        ("two blanks", signed(replaced("0 current", "0  current")), "attestation.malformed"),
        (
            "an unknown agreement",
            signed(replaced("current", "likely")),
            "attestation.malformed",
        ),
        ("an unknown status", signed(replaced("existing", "alive")), "attestation.malformed"),
        ("no status", signed(replaced("current existing", "current")), "attestation.malformed"),
        (
            "a status where the name differs",
            signed(replaced("differs unknown", "differs existing")),
            "attestation.malformed",
        ),
        (
            "a name told",
            signed(replaced("differs unknown", "differs unknown uscc 虚构企业（演示）")),
            "attestation.malformed",
        ),
        ("an unknown scheme", signed(replaced("uscc", "passport")), "attestation.malformed"),
        (
            "no reason",
            signed(replaced("not-answered attestation.unopened", "not-answered")),
            "attestation.malformed",
        ),
        ("not a note", TEXT, "attestation.malformed"),
        ("too long", _too_long(), "attestation.malformed"),
    ]
    return [{"what": "answer", "name": n, "note": note, "result": r} for n, note, r in rows]


def _with_stranger() -> str:
    both = [build.document_signer("510500"), build.document_signer("510300")]
    return sign_note(TEXT, both).to_bytes().decode()


def _with_bad() -> str:
    """Two lines of the answerer's one key, of which one is not over this text."""
    signer = build.document_signer("510500")
    lines = [sign_note(text, [signer]).signatures[0] for text in (TEXT, f"{TEXT}more\n")]
    return Note(text=TEXT, signatures=tuple(lines)).to_bytes().decode()


def _inserted(at: int, line: str) -> str:
    return signed("".join([*_LINES[:at], line, *_LINES[at:]]))


def _too_long() -> str:
    """Right in all but the line of a stranger, of a signature type unknown here."""
    note = sign_note(TEXT, [build.document_signer("510500")])
    stranger = SignatureLine(name="stranger", key_id=bytes(4), signature=bytes(12_000))
    return Note(text=TEXT, signatures=(*note.signatures, stranger)).to_bytes().decode()


def _coverage() -> list[dict[str, Any]]:
    """Who speaks for which region (H5)."""
    rows: list[tuple[str, list[str], str, list[str], str, bool]] = [
        ("a city, itself", ["city"], "510500", [], "510500", True),
        ("a city, its district", ["city"], "510500", [], "510502", True),
        ("a county, itself", ["county"], "510502", [], "510502", True),
        ("a hub that is named", ["hub"], "510000", ["5105"], "510502", True),
        ("a hub that is named for all", ["hub", "witness"], "510000", ["51"], "510000", True),
        ("a city, another city", ["city"], "510500", [], "510300", False),
        ("a county, its city", ["county"], "510502", [], "510500", False),
        ("a city, its province", ["city"], "510500", [], "510000", False),
        ("a hub by its region alone", ["hub"], "510000", [], "510500", False),
        ("a hub named for others", ["hub"], "510000", ["5103"], "510500", False),
        ("an auditor", ["auditor"], "510500", [], "510500", False),
        ("no region", ["city"], "000000", [], "510500", False),
        ("a code that names none", ["city"], "510500", [], "", False),
    ]
    return [
        {
            "what": "coverage",
            "name": name,
            "roles": roles,
            "region": region,
            "attests": attests,
            "registered": registered,
            "result": result,
        }
        for name, roles, region, attests, registered, result in rows
    ]


def _weights() -> list[dict[str, Any]]:
    """What an answer makes of a listing that breaks no other rule (H6 to H8)."""
    rows: list[tuple[str, str, str, bool, int, int, str]] = [
        ("current", "current", "existing", False, 0, 90, "identity.attested"),
        ("former", "former", "existing", False, 0, 90, "identity.attested"),
        ("revoked", "current", "revoked", False, 0, 90, "identity.attested"),
        ("moved", "current", "moved", False, 0, 90, "identity.attested"),
        ("on the last day", "current", "existing", False, 90 * DAY, 90, "identity.attested"),
        ("too old", "current", "existing", False, 90 * DAY + 1, 90, "identity.attestation-old"),
        ("fewer days", "current", "existing", False, 8 * DAY, 7, "identity.attestation-old"),
        ("too old, and differs", "differs", "unknown", False, 91 * DAY, 90, OLD),
        ("too old, and not answered", "not-answered", "unknown", False, 91 * DAY, 90, OLD),
        ("too old, and deregistered", "current", "deregistered", False, 91 * DAY, 90, OLD),
        ("unknown, and succeeded", "current", "unknown", True, 0, 90, "identity.unattested"),
        ("deregistered", "current", "deregistered", False, 0, 90, "identity.subject-ceased"),
        ("succeeded", "former", "existing", True, 0, 90, "identity.subject-ceased"),
        ("status unknown", "current", "unknown", False, 0, 90, "identity.unattested"),
        ("reused", "reused", "unknown", False, 0, 90, "identity.name-reused"),
        ("differs", "differs", "unknown", False, 0, 90, "identity.attested-differs"),
        ("unknown", "unknown", "unknown", False, 0, 90, "identity.attested-unknown"),
        ("not answered", "not-answered", "unknown", False, 0, 90, "identity.unattested"),
    ]
    return [
        {
            "what": "weight",
            "name": name,
            "agreement": agreement,
            "status": status,
            "successor": succeeded,
            "age_seconds": age,
            "days": days,
            "result": result,
        }
        for name, agreement, status, succeeded, age, days, result in rows
    ]


def _questions() -> list[dict[str, Any]]:
    """Bytes of questions, and their digests."""
    item = Item(leaf=LEAF)
    many = question_to_bytes(Question(question_id=bytes(32), charter=CHARTER, items=(item,) * 65))
    short = question_to_bytes(Question(question_id=bytes(31), charter=CHARTER, items=(item,)))
    none = question_to_bytes(Question(question_id=bytes(32), charter=CHARTER, items=()))
    bare = LeafDisclosure(leaf=bytes(75), salt=bytes(32), payload=b"x", proof=b"y")
    cut = question_to_bytes(
        Question(question_id=bytes(32), charter=CHARTER, items=(Item(leaf=LEAF, disclosure=bare),))
    )
    rows = [
        ("two items, one shown", QUESTION, "ok"),
        ("with a field of a later version", QUESTION + b"\xfa\x01\x01x", "ok"),
        ("65 items", many, "request.invalid"),
        ("no item", none, "request.invalid"),
        ("a short id", short, "request.invalid"),
        ("a leaf of 75 bytes", cut, "request.invalid"),
        ("no message", b"\xff\xff", "request.invalid"),
    ]
    return [
        {
            "what": "question",
            "name": name,
            "bytes": data.hex(),
            "digest": sha256(data).hexdigest(),
            "result": result,
        }
        for name, data, result in rows
    ]


def document() -> dict[str, Any]:
    """The file."""
    return {
        "clause": (
            "SPEC 9.9. An `answer` is a signed note, held at `now` against `asked`, with the "
            "document keys of `keys`; `coverage` says whether a member speaks for a region (H5); "
            "`weight` what an answer makes of a listing that breaks no other rule (H6-H8); a "
            "`question` are the bytes of a SubjectQuestion and their digest."
        ),
        "now": NOW,
        "asked": {
            "from": HOME,
            "to": ASKER,
            "charter": CHARTER.hex(),
            "question": DIGEST.hex(),
            "items": len(SAID),
        },
        "keys": {
            build.origin_of(member): [str(build.document_signer(member).verifier)]
            for member in ("510500", "510300")
        },
        "cases": [*_answers(), *_coverage(), *_weights(), *_questions()],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(document(), ensure_ascii=False, indent=1) + "\n", "utf-8")

"""Which requests a witness refuses, and as what (SPEC §9.6; C2SP tlog-witness)."""

from __future__ import annotations

from typing import Any

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import cosign
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.merkle import EMPTY_ROOT, Frontier, leaf_hash
from crypto.notes import sign_note
from crypto.strict import b64
from federation.peers.witness import WitnessError, check, origin_of, parse_request
from tests.support.vectors import bytes_case, bytes_of, compare, held

ORIGIN = "510500.huxin.example/1"
LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([1]) * 32)
STRANGER = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([8]) * 32)
UNKNOWN = Signer(name="510599.huxin.example/1", type=KeyType.NOTE, seed=bytes([9]) * 32)
NAMELESS = Signer(name="510599.huxin.example", type=KeyType.NOTE, seed=bytes([9]) * 32)
WITNESS = Signer(
    name="510300.huxin.example/witness", type=KeyType.COSIGNATURE, seed=bytes([3]) * 32
)
HASHES = [leaf_hash(b"leaf %d" % n) for n in range(3)]
EMPTY = (0, EMPTY_ROOT)
Case = tuple[str, tuple[int, bytes], bytes]


def root(size: int) -> bytes:
    return Frontier.empty().extend(HASHES[:size]).root()


def note(size: int, other: bytes = b"", signer: Signer = LOG) -> bytes:
    checkpoint = Checkpoint(origin=signer.name, size=size, root=other or root(size))
    return sign_checkpoint(checkpoint, signer).to_bytes()


def extended() -> bytes:
    return sign_note(f"{ORIGIN}\n2\n{b64(root(2))}\nmore\n", [LOG]).to_bytes()


def body(old: int | str, checkpoint: bytes, *proof: bytes | str) -> bytes:
    lines = [p if isinstance(p, str) else b64(p) for p in proof]
    return "".join(f"{line}\n" for line in (f"old {old}", *lines, "")).encode() + checkpoint


def requests() -> list[Case]:
    one, two = (1, root(1)), (2, root(2))
    other = leaf_hash(b"another")
    line = cosign("another text\n", WITNESS, 1)
    return [
        ("first checkpoint", EMPTY, body(0, note(2))),
        ("first checkpoint of size 0", EMPTY, body(0, note(0))),
        ("from 1 to 2", one, body(1, note(2), HASHES[1])),
        ("from 2 to 3", two, body(2, note(3), HASHES[2])),
        ("the same again", two, body(2, note(2))),
        ("a cosigner's line that is bad", two, body(2, note(3) + str(line).encode(), HASHES[2])),
        ("a malformed line of a stranger", two,
            body(2, note(3) + "— s AAAAAA==\n".encode(), HASHES[2])),
        ("an origin without a number", EMPTY, body(0, note(2, signer=NAMELESS))),
        ("an extension line", EMPTY, body(0, extended())),
        ("unknown origin", EMPTY, body(0, note(2, signer=UNKNOWN))),
        ("another key", EMPTY, body(0, note(2, signer=STRANGER))),
        ("altered size", EMPTY, body(0, note(2).replace(b"\n2\n", b"\n3\n"))),
        ("old beyond the size", two, body(3, note(2))),
        ("old is not the last cosigned", two, body(1, note(3), HASHES[2])),
        ("old 0 where one was cosigned", two, body(0, note(3))),
        ("old 1 where none was cosigned", EMPTY, body(1, note(2), HASHES[1])),
        ("smaller than the last cosigned", two, body(1, note(1))),
        ("old 0 with a proof", EMPTY, body(0, note(2), HASHES[0])),
        ("size 0 with another root", EMPTY, body(0, note(0, other))),
        ("equal sizes, different roots", two, body(2, note(2, other))),
        ("equal sizes with a proof", two, body(2, note(2), HASHES[0])),
        ("no proof", two, body(2, note(3))),
        ("another proof", two, body(2, note(3), HASHES[1])),
        ("another history", two, body(2, note(3, other), HASHES[2])),
        ("a hash too many", two, body(2, note(3), HASHES[2], HASHES[1])),
        ("no empty line", two, body(2, note(3), HASHES[2]).replace(b"\n\n", b"\n", 1)),
        ("old 02", two, body("02", note(3), HASHES[2])),
        ("old -1", two, body("-1", note(3), HASHES[2])),
        ("old 2^63", two, body(2**63, note(3), HASHES[2])),
        ("old with a blank", two, body("2 ", note(3), HASHES[2])),
        ("no old line", two, body(2, note(3), HASHES[2]).partition(b"\n")[2]),
        ("64 hashes", two, body(2, note(3), *[HASHES[2]] * 64)),
        ("hash in the URL alphabet", two, body(2, note(3), "-_" * 21 + "8=")),
        ("carriage returns", two, body(2, note(3), HASHES[2]).replace(b"\n", b"\r\n")),
        ("no checkpoint", two, b"old 2\n\n"),
        ("nothing", two, b""),
    ]  # fmt: skip


def judged(data: bytes, last: tuple[int, bytes], log: VerifierKey) -> dict[str, Any]:
    try:
        request = parse_request(data)
        known = log if origin_of(request) == log.name else None
        signed = check(request, known, *last)
    except WitnessError as error:
        size = {"size": error.size} if error.status == 409 else {}
        return {"result": error.code, **size}
    return {"result": "ok", "cosigned": signed.checkpoint.size}


def test_vectors_of_a_witness() -> None:
    about = (
        "`last` is size and root (hex) last cosigned of the log, whose vkey is `log`; no other log "
        "is known. `size` is that of an answer 409, `cosigned` the size to be remembered. A body "
        "that is no text stands in body_hex."
    )
    cases = [
        bytes_case(
            name, data, "body",
            last=[last[0], last[1].hex()],
            **judged(data, last, LOG.verifier),
        )
        for name, last, data in requests()
    ]  # fmt: skip
    compare("witness", "9.6", about, cases, log=str(LOG.verifier))
    file = held("witness")
    log = VerifierKey.parse(file["log"])
    for case in file["cases"]:
        size, found_root = case["last"]
        found = judged(bytes_of(case, "body"), (size, bytes.fromhex(found_root)), log)
        assert {k: case[k] for k in found} == found, case["name"]
    results = [case["result"].removeprefix("witness.") for case in file["cases"]]
    assert results == [
        *["ok"] * 6, "400", "404", "400", "404", "403", "403", "400", *["409"] * 4,
        *["422"] * 8, *["400"] * 11,
    ]  # fmt: skip

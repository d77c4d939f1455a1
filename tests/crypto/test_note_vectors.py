"""Which notes are refused, and what is kept of the others (SPEC §§3.2-3.4)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crypto.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint, sign_checkpoint
from crypto.cosignature import cosign, only_known, verify_cosignatures
from crypto.errors import CryptoError
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.merkle import leaf_hash
from crypto.notes import Note, SignatureLine, parse_note, verify_note
from tests.support.vectors import bytes_case, bytes_of, compare, held

ORIGIN, NODE = "510500.huxin.example/1", "510500.huxin.example"
LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([1]) * 32)
HEAD = Signer(name=f"{NODE}/head", type=KeyType.COSIGNATURE, seed=bytes([2]) * 32)
WITNESS = Signer(
    name="510300.huxin.example/witness", type=KeyType.COSIGNATURE, seed=bytes([3]) * 32
)
STRANGER = Signer(
    name="510599.huxin.example/witness", type=KeyType.COSIGNATURE, seed=bytes([9]) * 32
)
KNOWN = (HEAD.verifier, WITNESS.verifier)
BARE = sign_checkpoint(Checkpoint(origin=ORIGIN, size=1, root=leaf_hash(b"leaf")), LOG)
OWN = BARE.signatures[0]
TIME = 1_790_000_180
ABOUT = (
    "`log` is the log's vkey, `known` those of the cosigners that the reader knows; lines of other "
    "keys are of unknown ones. Of a note that is ok, `kept` are its lines that may be kept and "
    "sent on. `log_line`, where the log's own signature is good, is all that may be kept of a "
    "refused note, over its text, and all that a fork file or a memory for R6 holds. "
    "A case with `signer` is a note that is no checkpoint: the one key known is that vkey, of type "
    "01, and nothing is asked of the text but §3.2. A case with `log` has another vkey of a log. "
    "`blanks` so many blanks stand before the first newline of the text. "
    "A note that is no text stands in note_hex."
)


def raw(text: str, *lines: SignatureLine | str) -> bytes:
    return (text + "\n" + "".join(map(str, lines))).encode()


def bent(line: SignatureLine) -> SignatureLine:
    return replace(line, signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))


def post_quantum(number: int) -> SignatureLine:
    """As long as a line of type 06, by a key that nobody here knows."""
    name = f"pq{number}.{'x' * 490}.example/witness"
    return SignatureLine(name=name, key_id=bytes([number] * 4), signature=bytes(8 + 2420))


def signed(text: str) -> SignatureLine:
    return replace(OWN, signature=LOG.sign_raw(text.encode()))


def notes() -> list[tuple[str, bytes]]:
    text = BARE.text
    head, witness = (cosign(text, key, TIME) for key in (HEAD, WITNESS))
    stranger = cosign(text, STRANGER, TIME)
    far = replace(head, signature=(2**63).to_bytes(8, "big") + head.signature[8:])
    root = text.split("\n")[2]
    size_1 = [
        ("01", "01"), ("+1", "+1"), ("with a blank", "1 "), ("2^63", str(2**63)), ("empty", ""),
        ("in Arabic digits", "\N{ARABIC-INDIC DIGIT ONE}"),
    ]  # fmt: skip
    texts = [(f"size {name}", f"{ORIGIN}\n{size}\n{root}\n") for name, size in size_1]
    texts += [
        ("extension line", f"{text}more\n"),
        ("root of 31 bytes", f"{ORIGIN}\n1\n{base64.b64encode(bytes(31)).decode()}\n"),
        ("root in the URL alphabet", f"{ORIGIN}\n1\n{'-_' * 21}8=\n"),
        ("root without padding", f"{ORIGIN}\n1\n{root[:-1]}\n"),
        ("another log's name", text.replace("510500", "510300")),
        ("carriage return", text.replace("\n", "\r\n")),
        ("empty line before the text", f"\n{text}"),
        ("tabulator", text.replace("1\n", "1\t\n")),
    ]
    many = [cosign(text, replace(STRANGER, name=f"s{n}/witness"), 1) for n in range(83)]
    return [
        ("log's line alone", raw(text, OWN)),
        ("log, head, witness", raw(text, OWN, witness, head)),
        ("log's line last", raw(text, head, OWN)),
        ("unknown key", raw(text, OWN, stranger, head)),
        ("unknown key with another's name", raw(text, OWN, replace(bent(head), key_id=b"abcd"))),
        ("16 lines of type 06 and 84 others", raw(text, OWN, *map(post_quantum, range(16)), *many)),
        ("bad line of the witness", raw(text, OWN, bent(witness), head)),
        ("good and bad line of one key", raw(text, OWN, head, bent(head))),
        ("head's line over another text", raw(text, OWN, cosign(f"{text}x\n", HEAD, TIME))),
        ("head's line of 64 bytes", raw(text, OWN, replace(head, signature=head.signature[8:]))),
        ("time of 2^63", raw(text, OWN, far)),
        ("bad line of the log", raw(text, bent(OWN))),
        ("good and bad line of the log", raw(text, OWN, bent(OWN))),
        ("no line of the log", raw(text, head)),
        ("log's line of an unknown key", raw(text, replace(OWN, key_id=b"abcd"))),
        ("no line", raw(text)),
        ("101 lines", raw(text, OWN, *many, *[stranger] * 17)),
        ("line with two blanks", raw(text, str(OWN).replace(" ", "  ", 1))),
        ("line with a hyphen", raw(text, str(OWN).replace("—", "-"))),
        ("line with unused bits", raw(text, OWN, "— s AAAAAAB=\n")),
        ("line without signature", raw(text, OWN, "— s AAAAAA==\n")),
        ("no final newline", raw(text, OWN)[:-1]),
        ("something after", raw(text, OWN) + b"x\n"),
        ("not UTF-8", raw(text, OWN).replace("—".encode(), b"\xff")),
        *((name, raw(changed, signed(changed))) for name, changed in texts),
    ]  # fmt: skip


SIGNER = Signer(name="notes.example", type=KeyType.NOTE, seed=bytes([5]) * 32)
FULL = 131_072 - len(f"note x\n\n{replace(OWN, name='notes.example')}".encode())
"""Blanks with which `note x` with one line by `SIGNER` is as long as a note may be."""


def plain_notes() -> list[tuple[str, str, list[str], int]]:
    """Notes that are no checkpoints: name, text, lines besides the signer's, blanks."""
    stranger = str(replace(OWN, name="stranger"))

    def named(name: str) -> list[str]:
        return [stranger.replace("stranger", name)]

    return [
        ("one line of text", "note x\n", [], 0),
        ("empty lines in the text", "note x\n\n\ny\n\n", [], 0),
        ("a line in the text like a signature", f"note x\n\n{stranger}", [], 0),
        ("U+007F, U+0085, U+2028 in the text", "note x\x7f\x85\u2028\n", [], 0),
        ("Chinese text", "note 包头\n", [], 0),
        ("a stranger's line", "note x\n", [stranger], 0),
        ("a stranger's name with U+200B", "note x\n", named("a\u200bb"), 0),
        ("a stranger's name of 512 bytes", "note x\n", named("互" * 170 + "ab"), 0),
        ("131,072 bytes", "note x\n", [], FULL),
        ("131,073 bytes", "note x\n", [], FULL + 1),
        ("tabulator in the text", "note x\t\n", [], 0),
        ("carriage return in the text", "note x\r\n", [], 0),
        ("U+0000 in the text", "note x\x00\n", [], 0),
        ("U+001F in the text", "note x\x1f\n", [], 0),
        ("a name of 513 bytes", "note x\n", named("互" * 171), 0),
        ("a name with +", "note x\n", named("a+b"), 0),
        ("a name with U+00A0", "note x\n", named("a\xa0b"), 0),
        ("a name with U+3000", "note x\n", named("a\u3000b"), 0),
        ("a name with U+2028", "note x\n", named("a\u2028b"), 0),
        ("a name with U+0001", "note x\n", named("a\x01b"), 0),
        ("a name that is empty", "note x\n", named(""), 0),
    ]


def plain_case(name: str, text: str, lines: list[str], blanks: int) -> dict[str, Any]:
    padded = text.replace("\n", " " * blanks + "\n", 1)
    line = replace(OWN, name=SIGNER.name, key_id=SIGNER.verifier.key_id)
    own = str(replace(line, signature=SIGNER.sign_raw(padded.encode())))
    case = bytes_case(name, raw(text, *lines, own), "note", signer=str(SIGNER.verifier))
    return {**case, **({"blanks": blanks} if blanks else {})}


def plain_judged(case: dict[str, Any]) -> dict[str, str]:
    data = bytes_of(case, "note").replace(b"\n", b" " * case.get("blanks", 0) + b"\n", 1)
    try:
        verify_note(parse_note(data), [VerifierKey.parse(case["signer"])])
    except CryptoError:
        return {"result": "refused"}
    return {"result": "ok"}


def judged(data: bytes, log: VerifierKey, known: Sequence[VerifierKey]) -> dict[str, Any]:
    """What SPEC §3.4 says of a note."""
    try:
        opened: SignedCheckpoint = open_checkpoint(data, log)
    except CryptoError:
        return {"result": "refused"}
    word = {"log_line": str(opened.log_line)}
    try:
        verify_cosignatures(opened.note, known)
    except CryptoError:
        return {"result": "refused", **word}
    kept = only_known(opened.note, [log, *known])
    return {"result": "ok", "kept": [str(line) for line in kept.signatures], **word}


def test_vectors_of_notes() -> None:
    cases = [
        bytes_case(name, data, "note", **judged(data, LOG.verifier, KNOWN))
        for name, data in notes()
    ]
    cosigner = Signer(name=ORIGIN, type=KeyType.COSIGNATURE, seed=bytes([1]) * 32)
    wrong = raw(BARE.text, cosign(BARE.text, cosigner, TIME))
    other = {"log": str(cosigner.verifier), **judged(wrong, cosigner.verifier, KNOWN)}
    cases.append(bytes_case("a log's key of type 04", wrong, "note", **other))
    plain = [plain_case(*one) for one in plain_notes()]
    cases += [{**case, **plain_judged(case)} for case in plain]
    keys = {"log": str(LOG.verifier), "known": list(map(str, KNOWN))}
    compare("notes", "3.2-3.4", ABOUT, cases, **keys)
    file = held("notes")
    log, known = VerifierKey.parse(file["log"]), list(map(VerifierKey.parse, file["known"]))
    for case in file["cases"]:
        if "signer" in case:
            found = plain_judged(case)
        else:
            key = VerifierKey.parse(case["log"]) if "log" in case else log
            found = judged(bytes_of(case, "note"), key, known)
        assert {k: case[k] for k in found} == found, case["name"]
    good = [case["name"] for case in file["cases"] if case["result"] == "ok"]
    assert good == [name for name, _ in notes()][:6] + [one[0] for one in plain_notes()[:9]]
    assert {case["result"] for case in file["cases"]} == {"ok", "refused"}


def test_what_is_kept_of_a_note_is_a_note() -> None:
    for case in held("notes")["cases"]:
        for lines in (case.get("kept"), [case["log_line"]] if "log_line" in case else None):
            if lines is not None:
                text = bytes_of(case, "note").decode().rpartition("\n\n")[0] + "\n"
                note = Note(text=text, signatures=tuple(SignatureLine.parse(x[:-1]) for x in lines))
                assert judged(note.to_bytes(), LOG.verifier, KNOWN)["result"] == "ok"

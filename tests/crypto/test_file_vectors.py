"""Envelopes, proof files and fork files that are refused, and those that are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import cosign
from crypto.dsse import Envelope, good_signatures, parse_envelope, sign_envelope
from crypto.errors import CryptoError
from crypto.fork import ForkProof, bare_fork, parse_fork
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.merkle import Frontier, consistency_from_known, leaf_hash, node_hash
from crypto.notes import Note
from crypto.proof import ProofFile, parse_proof, verify_proof
from crypto.strict import b64
from tests.support.vectors import bytes_case, bytes_of, compare, held

ORIGIN = "510500.huxin.example/1"
LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([1]) * 32)
WITNESS = Signer(
    name="510300.huxin.example/witness", type=KeyType.COSIGNATURE, seed=bytes([3]) * 32
)
TYPE = "application/vnd.huxin.charter+json"
SEEDS = [bytes([n]) * 32 for n in (4, 5, 6)]
KEYS = [Signer(name="k", type=KeyType.NOTE, seed=seed).verifier.public for seed in SEEDS]
URL_SAFE = str.maketrans("+/", "-_")

BLANKS = {"2 MiB": 2_097_152, "a byte more than 2 MiB": 2_097_153}
"""Envelopes that are filled up with blanks to so many bytes."""

# ------------------------------------------------------------------------------------- envelopes


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def envelopes() -> list[tuple[str, bytes]]:
    payload = b'{"version":1,"name":"\xff\xfe\xfb?>"}'
    one = sign_envelope(Envelope(payload_type=TYPE, payload=payload, signatures=()), SEEDS[0])
    two = sign_envelope(one, SEEDS[1])
    members = json.loads(two.to_bytes())
    first = members["signatures"][0]

    def change(**more: Any) -> bytes:
        return json.dumps({**members, **more}).encode()

    def sig(text: str) -> bytes:
        return change(signatures=[{**first, "sig": text}])

    url = members["payload"].translate(URL_SAFE)
    strange = {"sig": b64(bytes(64))}
    return [
        ("two signatures", two.to_bytes()),
        ("payload and signatures in the URL-safe alphabet", change(payload=url, signatures=[
            {**s, "sig": s["sig"].translate(URL_SAFE)} for s in members["signatures"]])),
        ("key ids missing", change(signatures=[{"sig": s["sig"]} for s in members["signatures"]])),
        ("key ids exchanged", change(signatures=[
            {"sig": a["sig"], "keyid": b["keyid"]}
            for a, b in zip(members["signatures"], reversed(members["signatures"]), strict=True)])),
        ("unknown members", change(x=[1], signatures=[{**first, "cert": None}])),
        ("one signature twice", change(signatures=[first, first])),
        ("a bad signature and a stranger's", change(signatures=[first, strange])),
        ("a signature of 63 bytes beside a good one", change(signatures=[
            {"sig": b64(bytes(63))}, first])),
        ("32 levels", change(x=nested(31))),
        ("2 MiB", two.to_bytes()),
        ("another payload type", change(payloadType="text/plain")),
        ("no signature", change(signatures=[])),
        ("both alphabets in one text", change(payload=members["payload"].replace("/", "_", 1))),
        ("URL-safe without padding", change(payload=url.rstrip("="))),
        ("unused bits set", sig("AB==")),
        ("newline in base64", sig(first["sig"][:40] + "\n" + first["sig"][40:])),
        ("payload missing", two.to_bytes().replace(b'"payload":', b'"content":')),
        ("signatures no list", change(signatures={})),
        ("a list", b"[]"),
        ("payload type a number", change(payloadType=1)),
        ("a signature that is a text", change(signatures=[first["sig"]])),
        ("key id a number", change(signatures=[{**first, "keyid": 1}])),
        ("key id null", change(signatures=[{**first, "keyid": None}])),
        ("a fraction in an unknown member", change(x=1.5)),
        ("a negative number in an unknown member", change(x=-1)),
        ("a number of 64 bits in an unknown member", change(x=1 << 63)),
        ("a lone surrogate in an unknown member", change(x="\ud800")),
        ("33 levels", change(x=nested(32))),
        ("a byte more than 2 MiB", two.to_bytes()),
        ("257 signatures", change(signatures=[{"sig": ""}] * 257)),
        ("a name twice", two.to_bytes().replace(b'"payload":', b'"payload": "AAEC", "payload":')),
        ("a name twice, once by an escape", two.to_bytes().replace(
            b'"payload":', b'"\\u0070ayload": "AAEC", "payload":')),
        ("byte order mark", b"\xef\xbb\xbf" + two.to_bytes()),
        ("something after", two.to_bytes() + b"x"),
        ("not UTF-8", two.to_bytes().replace(b"vnd", b"\xff")),
    ]  # fmt: skip


def envelope_judged(data: bytes) -> dict[str, Any]:
    try:
        envelope = parse_envelope(data)
    except CryptoError:
        return {"result": "charter.envelope"}
    good = good_signatures(envelope, KEYS)
    return {
        "result": "ok",
        "payload": envelope.payload.hex(),
        "good": [key.hex() for key in KEYS if key in good],
    }


def test_vectors_of_envelopes() -> None:
    about = (
        "`keys` are raw Ed25519 keys. `good` are those of them under which some signature of the "
        "envelope is good; whether they are enough, and the payload type, is judged afterwards. "
        "With `blanks` the envelope is filled up with blanks to so many bytes."
    )
    cases = []
    for name, data in envelopes():
        more = {"blanks": BLANKS[name]} if name in BLANKS else {}
        said = envelope_judged(data.ljust(BLANKS.get(name, 0)))
        cases.append(bytes_case(name, data, "envelope", **more, **said))
    compare("dsse", "7.1", about, cases, keys=[key.hex() for key in KEYS])
    for case in held("dsse")["cases"]:
        found = envelope_judged(bytes_of(case, "envelope").ljust(case.get("blanks", 0)))
        assert {k: case[k] for k in found} == found, case["name"]
    results = [case["result"] for case in held("dsse")["cases"]]
    assert results == ["ok"] * 12 + ["charter.envelope"] * 23


# ----------------------------------------------------------------------------------------- trees

LEAVES = [b"leaf %d" % n for n in range(4)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
OTHERS = [*HASHES[:1], *(leaf_hash(b"other %d" % n) for n in range(1, 4))]


def root(hashes: list[bytes]) -> bytes:
    return Frontier.empty().extend(hashes).root()


def note(hashes: list[bytes], signer: Signer = LOG) -> bytes:
    checkpoint = Checkpoint(origin=signer.name, size=len(hashes), root=root(hashes))
    return sign_checkpoint(checkpoint, signer).to_bytes()


PATH = (HASHES[0], node_hash(HASHES[2], HASHES[3]))


def proofs() -> list[tuple[str, bytes]]:
    good = ProofFile(index=1, proof=PATH, checkpoint=note(HASHES)).to_bytes()
    text = good.decode()
    lines = [b64(one) for one in PATH]
    index = "index 1\n"
    changed: list[tuple[str, Callable[[str], str]]] = [
        ("good", lambda t: t),
        ("extra line", lambda t: t.replace(index, f"extra AAEC\n{index}")),
        ("extra line after the index", lambda t: t.replace(index, f"{index}extra AAEC\n")),
        ("two extra lines", lambda t: t.replace(index, f"extra AAEC\nextra AAEC\n{index}")),
        ("head of 65,539 bytes", lambda t: t.replace(index, f"extra {'A' * 65_412}\n{index}")),
        ("without the word index", lambda t: t.replace(index, "1\n")),
        ("index in full width", lambda t: t.replace(index, "index \N{FULLWIDTH DIGIT ONE}\n")),
        ("extra line that is no base64", lambda t: t.replace(index, f"extra AB==\n{index}")),
        ("another index", lambda t: t.replace(index, "index 0\n")),
        ("index beyond the size", lambda t: t.replace(index, "index 4\n")),
        ("index 01", lambda t: t.replace(index, "index 01\n")),
        ("index of 20 digits", lambda t: t.replace(index, f"index {'9' * 20}\n")),
        ("another version", lambda t: t.replace("@v1", "@v2")),
        ("a hash too few", lambda t: t.replace(f"{lines[1]}\n", "", 1)),
        ("a hash too many", lambda t: t.replace(f"{lines[1]}\n", f"{lines[1]}\n{lines[0]}\n", 1)),
        ("hashes exchanged", lambda t: t.replace("\n".join(lines), "\n".join(lines[::-1]))),
        ("65 hashes", lambda t: t.replace(index, index + f"{lines[0]}\n" * 63)),
        ("hash in the URL alphabet", lambda t: t.replace(lines[0], lines[0].translate(URL_SAFE))),
        ("no empty line", lambda t: t.replace("\n\n", "\n", 1)),
        ("two empty lines", lambda t: t.replace("\n\n", "\n\n\n", 1)),
        ("carriage returns", lambda t: t.replace("\n", "\r\n")),
        ("another log's checkpoint", lambda t: t.replace("510500", "510300")),
    ]
    return [(name, change(text).encode()) for name, change in changed]


def proof_judged(data: bytes, leaf: bytes, log: VerifierKey) -> str:
    try:
        verify_proof(parse_proof(data), entry=leaf, log_key=log)
    except CryptoError:
        return "refused"
    return "ok"


def test_vectors_of_proof_files() -> None:
    about = "`result` is ok where the proof file shows that `leaf` (hex) stands in the log."
    more = {"log": str(LOG.verifier), "leaf": LEAVES[1].hex()}
    cases = [
        bytes_case(n, d, "proof", result=proof_judged(d, LEAVES[1], LOG.verifier))
        for n, d in proofs()
    ]
    compare("proofs", "8.1", about, cases, **more)
    file = held("proofs")
    log, leaf = VerifierKey.parse(file["log"]), bytes.fromhex(file["leaf"])
    for case in file["cases"]:
        assert proof_judged(bytes_of(case, "proof"), leaf, log) == case["result"], case["name"]
    assert [case["result"] for case in file["cases"]] == ["ok"] * 2 + ["refused"] * 20


def forks() -> list[tuple[str, bytes]]:
    """Size 2 of one history against size 4 of another; they share one leaf."""
    path = tuple(consistency_from_known(2, Frontier.empty().extend(OTHERS[:2]), OTHERS[2:], 4, ()))
    own = tuple(consistency_from_known(2, Frontier.empty().extend(HASHES[:2]), HASHES[2:], 4, ()))
    hashed = b64(path[-1]).encode()
    smaller, larger = note(HASHES[:2]), note(OTHERS)
    good = ForkProof(smaller=smaller, larger=larger, prefix=root(OTHERS[:2]), path=path).to_bytes()
    equal = ForkProof(smaller=note(HASHES), larger=larger, prefix=None, path=()).to_bytes()
    empty = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([1]) * 32)
    false = Checkpoint(origin=ORIGIN, size=0, root=HASHES[0])
    zero = ForkProof(
        smaller=sign_checkpoint(false, empty).to_bytes(),
        larger=larger,
        prefix=Frontier.empty().root(),
        path=(),
    ).to_bytes()
    text = Note(
        text=smaller.decode().partition("\n\n")[0] + "\n",
        signatures=(cosign("another text\n", WITNESS, 1),),
    )
    more = str(text.signatures[0]).encode()
    stranger = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([8]) * 32)
    prefix = f"prefix {b64(root(OTHERS[:2]))}\n".encode()
    ours = f"prefix {b64(root(HASHES[:2]))}\n".encode()
    head = b"huxin/fork@v1\n\n"
    return [
        ("m < n", good),
        ("m = n", equal),
        ("m = 0, another root than the empty one", zero),
        ("with a line that nobody verified", good.replace(smaller, smaller + more)),
        ("m = n, the same root", head + larger + b"\n\n" + larger),
        ("m = n with a prefix", head + note(HASHES) + b"\n" + prefix + b"\n" + larger),
        ("m = n with an empty line too many", equal.replace(b"\n\n\n", b"\n\n\n\n")),
        ("one history with its own path", ForkProof(
            smaller=smaller, larger=note(HASHES), prefix=root(HASHES[:2]), path=own).to_bytes()),
        ("one history from its beginning", ForkProof(
            smaller=note([]), larger=larger, prefix=root([]), path=()).to_bytes()),
        ("one history with another's path", ForkProof(
            smaller=smaller, larger=note(HASHES), prefix=root(HASHES[:2]), path=path).to_bytes()),
        ("m = 0 with a hash", zero.replace(b"=\n\n5", b"=\n" + hashed + b"\n\n5")),
        ("the prefix without its word", good.replace(prefix, prefix.removeprefix(b"prefix "))),
        ("the prefix after the path", good.replace(prefix, b"").replace(
            hashed + b"\n", hashed + b"\n" + prefix)),
        ("a third checkpoint", good + b"\n" + larger),
        ("the prefix is what the first one signs", good.replace(prefix, ours)),
        ("m > n", ForkProof(
            smaller=larger, larger=smaller, prefix=root(OTHERS[:2]), path=path).to_bytes()),
        ("no prefix", good.replace(prefix, b"")),
        ("no path", ForkProof(
            smaller=smaller, larger=larger, prefix=root(OTHERS[:2]), path=()).to_bytes()),
        ("one checkpoint by another key", good.replace(smaller, note(HASHES[:2], stranger))),
        ("another version", good.replace(b"@v1", b"@v2")),
        ("something after", good + b"x"),
    ]  # fmt: skip


def fork_judged(data: bytes, log: VerifierKey) -> dict[str, str]:
    try:
        bare = bare_fork(parse_fork(data), log)
    except CryptoError:
        return {"result": "refused"}
    return {"result": "ok", "kept": bare.to_bytes().decode()}


def test_vectors_of_fork_files() -> None:
    about = "`result` is ok where the file proves a fork; `kept` is what is then kept and sent on."
    cases = [bytes_case(n, d, "fork", **fork_judged(d, LOG.verifier)) for n, d in forks()]
    compare("forks", "8.3", about, cases, log=str(LOG.verifier))
    file = held("forks")
    for case in file["cases"]:
        found = fork_judged(bytes_of(case, "fork"), VerifierKey.parse(file["log"]))
        assert {k: case[k] for k in found} == found, case["name"]
    assert [case["result"] for case in file["cases"]] == ["ok"] * 4 + ["refused"] * 17
    assert file["cases"][3]["kept"] == file["cases"][0]["kept"] == file["cases"][0]["fork"]

"""Answers every case of tests/vectors/, written from protos/SPEC.md alone; shares no code with us.

    python -m tests.independent.vectors [FILE…]

Exit status: 0 when each case comes out as the file says, 1 with a line for each that does not.
"""

from __future__ import annotations

import base64
import copy
import hmac
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from huxin.v1 import payload_pb2 as pb
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as xchacha_open
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey

from tests.independent import audit_rules as audits
from tests.independent import charter_rules as charters
from tests.independent import exchange_rules as exchange
from tests.independent import forms, payload_rules
from tests.independent import join_rules as joining
from tests.independent import packet_rules as packets
from tests.independent import query_rules as queries
from tests.independent import recognition_rules as recognition
from tests.independent import seal_rules as seals
from tests.independent import state_rules as states
from tests.independent.forms import Refused, lp, sha256

VECTORS = Path(__file__).parents[1] / "vectors"
Said = dict[str, Any]
# What no program without a store can answer: (file, case) or (file, None) → why.
NOT_CHECKED: dict[tuple[str, str | None], str] = {}


OUTPUTS = {"log_line", "kept", "good", "says", "cosigned", "fork", "states", "misopened", "taken"}
OUTPUTS |= {"digest", "id", "salt", "plaintext", "served", "blamed"}
OPTIONAL = {"says", "grpc", "metadata", "reason", "size", "zh-CN", "en"}


class Case(dict[str, Any]):
    """A case that knows which of its members were looked at."""

    def __init__(self, members: dict[str, Any]) -> None:
        super().__init__(members)
        self.read: set[str] = {"name", "what"}

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)


def raw(case: Case, name: str) -> bytes:
    """Bytes that stand as text, or in hexadecimal where they are none."""
    hexed = case.get(f"{name}_hex")
    return bytes.fromhex(hexed) if hexed is not None else case[name].encode()


def key(_: Any, case: Case) -> Said:
    forms.vkey(case["vkey"])
    return {"result": "ok"}


def signature(_: Any, case: Case) -> Said:
    public, message, sig = (bytes.fromhex(case[x]) for x in ("public", "message", "signature"))
    return {"result": "ok" if forms.signed(public, message, sig) else "refused"}


def plain_note(case: Case) -> Said:
    """A note that is no checkpoint."""
    blanks = b" " * case.get("blanks", 0) + b"\n"
    text, lines = forms.note(raw(case, "note").replace(b"\n", blanks, 1))
    key = forms.vkey(case["signer"], (1,))
    own = [forms.good_line(key, text, sig) for _, *known, sig in lines if tuple(known) == key[:2]]
    forms.demand(own and all(own))
    return {"result": "ok"}


def note(data: Any, case: Case) -> Said:
    if "signer" in case:
        return plain_note(case)
    log, known = forms.vkey(case.get("log") or data["log"]), [forms.vkey(x) for x in data["known"]]
    said: Said = {"result": "refused"}
    try:
        said["log_line"] = forms.log_word(raw(case, "note"), log).log_line + "\n"
        found = forms.checkpoint(raw(case, "note"), log, known)
    except Refused:
        return said
    return {**said, "result": "ok", "kept": [f"{row}\n" for row, k in found.lines if k]}


def proof(data: Any, case: Case) -> Said:
    forms.proof_file(raw(case, "proof"), forms.vkey(data["log"]), bytes.fromhex(data["leaf"]))
    return {"result": "ok"}


def fork(data: Any, case: Case) -> Said:
    return {"result": "ok", "kept": forms.fork_file(raw(case, "fork"), forms.vkey(data["log"]))}


def dsse(data: Any, case: Case) -> Said:
    told = raw(case, "envelope").ljust(case.get("blanks", 0))
    kind, payload, found = forms.envelope(told, "charter.envelope")
    good = forms.good_keys(kind, payload, found, [bytes.fromhex(k) for k in data["keys"]])
    return {"result": "ok", "payload": payload.hex(), "good": [k.hex() for k in good]}


def edited(data: Any, case: Case) -> bytes:
    """The payload that a case of charters.json describes."""
    version = copy.deepcopy(data["texts"][case["text"]])
    steps = [(path, [value]) for path, value in case.get("set", ())]
    for path, values in steps + [(path, []) for path in case.get("drop", ())]:
        at = version
        for step in path[:-1]:
            at = at[step]
        if isinstance(at, list):
            at[path[-1] : path[-1] + 1] = values
        elif values:
            at[path[-1]] = values[0]
        else:
            del at[path[-1]]
    return json.dumps(version, ensure_ascii=False).encode().ljust(case.get("blanks", 0))


def charter(data: Any, case: Case) -> Said:
    if "takes" in case:
        alliance = charters.Alliance(case.get("pin", data["pin"]))
        for name in case["takes"][:-1]:
            alliance.take(data["envelopes"][name].encode())
        alliance.take(data["envelopes"][case["takes"][-1]].encode())
        return {"result": "forked" if alliance.forked else "ok"}
    if "envelope" in case:
        kind, payload, _ = forms.envelope(case["envelope"].encode(), "charter.envelope")
        forms.demand(kind == charters.TYPE, "charter.payload-type")
    else:
        payload = edited(data, case)
    version = charters.parse(payload)
    codes = charters.broken(version)
    if not codes and case.get("before"):
        codes = charters.lost(data["texts"][case["before"]], version)
    return one_of(codes, case)


def one_of(codes: set[str], case: Case) -> Said:
    """Where several rules are broken any of their codes may be given (§7.1)."""
    expected = {case["result"], *case.get("or", ())}
    if codes and codes == expected:
        return {"result": case["result"]}
    return {"result": " ".join(sorted(codes)) or "ok"}


def join_request(data: Any, case: Case) -> Said:
    given = case["now"], data["charter"], data["invitation"]
    envelope = case["envelope"].encode().ljust(case.get("blanks", 0))
    return one_of(joining.join_request(envelope, *given), case)


def payload(_: Any, case: Case) -> Said:
    found = payload_rules.read(case["kind"], case["action"], bytes.fromhex(case["payload"]))
    return {"result": "ok", "says": payload_rules.spoken(found)}


def condition(_: Any, case: Case) -> Said:
    if "asked" in case:
        grades = case["asked"], case["held"], case["grades"]
        return {"result": payload_rules.compare_grade(*grades)}
    found = pb.Condition.FromString(bytes.fromhex(case["condition"]))
    forms.demand(payload_rules.condition_bounds(found), "payload.condition")
    answers = case.get("answers")
    return {"result": "ok" if answers is None else payload_rules.decide(found, iter(answers))}


def document(_: Any, case: Case) -> Said:
    if "scheme" in case:
        return {"result": list(payload_rules.subject(case["scheme"], case["code"]))}
    if "document" in case:
        return {"result": payload_rules.comparison(case["document"])}
    both = {payload_rules.comparison(case[x]) for x in ("first", "second")}
    return {"result": "similar" if len(both) == 1 else "different"}


def sealed(_: Any, case: Case) -> Said:
    if case["what"] == "opening":
        case.read |= {"nodes", "secrets", "audience_keys"}
        try:
            salt, content = exchange.sealed_opening(case, case["sealed"])
        except Refused:
            return {"result": "pending"}
        return {"result": "ok", "salt": salt.hex(), "payload": content.hex()}
    if case["what"] == "packet":
        secrets = [bytes.fromhex(x) for x in case["secrets"]]
        body = bytes.fromhex(case["body"])
        return {"result": "ok", "plaintext": packets.packet(case["header"], body, secrets).hex()}
    if case["what"] == "key-copy":
        case.read |= {"members", "nodes", "audience_keys", "announced"}
        return {"result": "ok", "key": exchange.key_copy(case).hex()}
    suite, public = case["suite"], bytes.fromhex(case["key"])
    good = charters.sealing_key_holds(suite, public)
    key_id = exchange.sealing_key_id(suite, public).hex()
    return {"result": "ok" if good else "charter.sealing-key", "id": key_id}


def packet(data: Any, case: Case) -> Said:
    packets.part(data, case)
    return {"result": "ok"}


def seal(data: Any, case: Case) -> Said:
    seals.sealed(raw(case, "file"), list(map(forms.vkey, data["keys"])))
    return {"result": "ok"}


def attestation(data: Any, case: Case) -> Said:
    if case["what"] == "coverage":
        return {"result": exchange.attests(case)}
    if case["what"] == "weight":
        return {"result": exchange.weight(case)}
    if case["what"] == "question":
        asked = bytes.fromhex(case["bytes"])
        forms.demand(sha256(asked).hex() == case["digest"], "another digest")
        exchange.question(asked)
        return {"result": "ok"}
    exchange.attestation(data, case["note"].encode())
    return {"result": "ok"}


def tree(data: Any, case: Case) -> Said:
    path = [bytes.fromhex(x) for x in case["path"]]
    if case["what"] == "inclusion":
        leaf, root = (bytes.fromhex(x) for x in (data["leaves"][case["index"]], case["root"]))
        forms.included(leaf, case["index"], case["size"], path, root)
    else:
        old, new = (bytes.fromhex(case[x]) for x in ("old_root", "new_root"))
        forms.consistent(case["old_size"], old, case["new_size"], new, path)
    return {"result": "ok"}


def witness(data: Any, case: Case) -> Said:
    size, root = case["last"]
    said = {"size": size}
    try:
        log, last = forms.vkey(data["log"]), (size, bytes.fromhex(root))
        return {"result": "ok", "cosigned": exchange.add_checkpoint(raw(case, "body"), log, last)}
    except Refused as refused:
        return {"result": refused.code, **(said if refused.code == "witness.409" else {})}


def query(data: Any, case: Case) -> Said:
    if case["what"] == "promise":
        said = queries.promise(raw(case, "note"), forms.vkey(data["log"]))
        return {"result": "ok", **said}
    parts = [bytes.fromhex(case[name]) for name in ("leaf", "salt", "payload")]
    queries.opens(data["origin"], *parts)
    return {"result": "ok"}


def query_export(data: Any, case: Case) -> Said:
    files = {name: bytes.fromhex(value) for name, value in case["files"].items()}
    promises, seen = (
        {name: value.encode() for name, value in case[part].items()}
        for part in ("promises", "seen")
    )
    witnesses = [forms.vkey(one) for one in data["witnesses"]]
    says = queries.export(files, forms.vkey(data["log"]), witnesses, promises, seen)
    return {"result": "findings" if says["findings"] else "ok", "says": says}


def audit(data: Any, case: Case) -> Said:
    if case["what"] == "since":
        return {"result": "ok", "says": audits.since(case["since"], case["of"])}
    return {"result": "ok", "says": audits.report(raw(case, "note"), forms.vkey(data["key"]))}


def opening(data: Any, case: Case) -> Said:
    leaves = [bytes.fromhex(x) for x in case["leaves"]]
    rows = [(s, bytes.fromhex(a), bytes.fromhex(b), e) for s, a, b, e in case["openings"]]
    return {"result": exchange.judge_log(data["origin"], leaves, rows, own=case["by_origin"])}


def spec(data: Any) -> Iterator[tuple[str, Any]]:
    """The known answers of §11: each name with what it comes to."""
    text, value = data["text"], {k: bytes.fromhex(v) for k, v in data["hex"].items()}
    origin, names = "510500.huxin.example/1", ["log", "head", "witness"]
    rows = text["vkey"].split("\n")
    keys = dict(zip(("log", "head", "witness"), map(forms.vkey, rows[:-1]), strict=True))
    for name in names:
        seed = value[f"key.{name}.seed"]
        yield f"key.{name}.seed", bytes([names.index(name) + 1]) * 32
        yield f"key.{name}.public", bytes(SigningKey(seed).verify_key)
        yield f"key.{name}.id", keys[name].key_id
        shown = base64.b64encode(bytes([keys[name].kind]) + seed).decode()
        line = f"PRIVATE+KEY+{keys[name].name}+{keys[name].key_id.hex()}+{shown}\n"
        yield f"key.{name}.private", line
    yield "vkey", "".join(f"{row}\n" for row in rows[:3])
    sealing = X25519PrivateKey.from_private_bytes(value["key.sealing.secret"])
    yield "key.sealing.secret", b"\x05" * 32
    yield "key.sealing.public", sealing.public_key().public_bytes_raw()
    yield "key.sealing.id", exchange.sealing_key_id(1, sealing.public_key().public_bytes_raw())
    yield from spec_charter(text, value)
    leaves, record = [], b""
    for i in range(3):
        header, salt = value[f"leaf.{i}.header"], value[f"leaf.{i}.salt"]
        yield f"leaf.{i}.salt", bytes(range(32 * i, 32 * i + 32))
        made = exchange.commitment(origin, salt, header, value[f"leaf.{i}.payload"])
        yield f"leaf.{i}.commitment", made
        leaves.append(header + made)
        yield f"leaf.{i}.hash", forms.leaf_hash(leaves[i])
        yield f"root.{i + 1}", forms.tree_root([forms.leaf_hash(x) for x in leaves])
        yield f"log-state.{i + 1}", bytes.fromhex(exchange.log_state(leaves))
        about = bytes(16) if i == 0 else b"\xa0" * 16
        act = (b"\x01\x01\x00\x00", b"\x01\x03\x03\x00", b"\x01\x04\x00\x00")[i]
        yield f"leaf.{i}.header", act + header[4:12] + bytes([0xA0 + i]) * 16 + about
        message = payload_rules.read(header[1], header[2], value[f"leaf.{i}.payload"])
        yield f"leaf.{i}.payload", message.SerializeToString(deterministic=True)
        record = spec_record(message)
        yield "record-key", record
    yield "leaf.0", leaves[0]
    yield "suppression.key", b"\x06" * 32
    yield "suppression.tag", hmac.digest(value["suppression.key"], record, "sha256")
    yield "tile/0/000.p/3", b"".join(map(forms.leaf_hash, leaves))
    yield "tile/entries/000.p/3", b"".join(map(lp, leaves))
    design = exchange.commitment("example.org/log", bytes(range(32)), bytes(44), b"payload")
    yield from {"commitment.design": design, "root.0": forms.tree_root([])}.items()
    yield from spec_notes(text, keys, leaves)
    yield from spec_sealed(value, origin, leaves[0])


def spec_record(message: Any) -> bytes:
    if message.DESCRIPTOR.name != "Listing":
        return payload_rules.record_key(message.record)
    fields = {x: getattr(message, x) for x in ("list_type", "authority", "document")}
    who = message.subject
    return payload_rules.record_key(pb.RecordKey(scheme=who.scheme, code=who.code, **fields))


def spec_charter(text: Any, value: Any) -> Iterator[tuple[str, Any]]:
    payload_bytes, seed = text["charter.payload"].encode(), value["key.charter.seed"]
    yield (
        "charter.payload",
        text["charter.payload"] * (not charters.broken(charters.parse(payload_bytes))),
    )
    yield "charter.id", sha256(payload_bytes)
    yield from {
        "key.charter.seed": b"\x04" * 32,
        "key.charter.public": bytes(SigningKey(seed).verify_key),
    }.items()
    good = forms.good_keys(
        charters.TYPE, payload_bytes, [value["charter.signature"]], [value["key.charter.public"]]
    )
    yield "charter.signature", value["charter.signature"] * len(good)


def spec_notes(text: Any, keys: Any, leaves: list[bytes]) -> Iterator[tuple[str, Any]]:
    log, known = keys["log"], [keys["head"], keys["witness"]]
    hashes = list(map(forms.leaf_hash, leaves))
    found = forms.checkpoint(text["checkpoint"].encode(), log, known)
    forms.demand((found.size, found.root) == (3, forms.tree_root(hashes)))
    forms.demand(all(k for _, k in found.lines) and len(found.lines) == 3)
    yield "checkpoint", f"{found.text}\n" + "".join(f"{row}\n" for row, _ in found.lines)
    path = "".join(base64.b64encode(x).decode() + "\n" for x in hashes[1:])
    forms.proof_file(text["proof"].encode(), log, leaves[0])
    yield "proof", f"c2sp.org/tlog-proof@v1\nindex 0\n{path}\n{text['checkpoint']}"
    for name in ("fork", "fork.equal"):
        yield name, forms.fork_file(text[name].encode(), log)
    last = 2, forms.tree_root(hashes[:2])
    forms.demand(exchange.add_checkpoint(text["add-checkpoint"].encode(), log, last) == 3)
    yield "add-checkpoint", f"old 2\n{path.split(chr(10))[1]}\n\n{forms.log_alone(found)}"


def spec_sealed(value: Any, origin: str, leaf: bytes) -> Iterator[tuple[str, Any]]:
    aad, place = lp(origin) + bytes(8), (lp(origin), bytes(8), lp("510500"))
    yield "sealed.aad", aad
    yield "sealed.audience-key", b"\x07" * 32
    yield "sealed.audience-key-id", exchange.audience_key_id(value["sealed.audience-key"])
    yield "sealed.opening-key", b"\x08" * 32
    wrapped, content = value["sealed.wrapped-key"], value["sealed.ciphertext"]
    inner = xchacha_open(wrapped[24:], aad, b"\x09" * 24, value["sealed.audience-key"])
    yield "sealed.wrapped-key", wrapped * (inner == value["sealed.opening-key"])
    shown = xchacha_open(content[24:], aad, b"\x0a" * 24, inner)
    yield "sealed.ciphertext", content * exchange.opens(origin, leaf, shown[:32], shown[32:])
    info = exchange.seal_info(1, value["charter.id"], *place)
    yield "sealed.member-info", info
    given = value["sealed.member-wrapped-key"]
    secrets, key_id = [value["key.sealing.secret"]], value["key.sealing.id"]
    got = exchange.unseal(secrets, key_id, given, info, "opening")
    yield "sealed.member-wrapped-key", given * (got == inner)


def check_spec(data: Any) -> Iterator[tuple[str, str]]:
    answers: dict[str, list[Any]] = {}
    try:
        for name, answer in spec(data):
            answers.setdefault(name, []).append(answer)
    except (ValueError, KeyError, CryptoError) as refused:
        yield "", f"stopped: {refused!r}"
    for name, value in [*data["hex"].items(), *data["text"].items()]:
        got = [x.hex() if isinstance(x, bytes) else x for x in answers.get(name, ())]
        yield name, "" if got and all(x == value for x in got) else f"{value} is {got}"


CHECKS: dict[str, Callable[[Any, Case], Said]] = {
    "attestations": attestation,
    "audiences": exchange.audience,
    "audits": audit,
    "batches": exchange.batch,
    "charters": charter,
    "conditions": condition,
    "documents": document,
    "dsse": dsse,
    "errors": lambda _, case: exchange.error(case),
    "forks": fork,
    "join-requests": join_request,
    "keys": key,
    "notes": note,
    "openings": opening,
    "bounds": payload,
    "packets": packet,
    "payloads": payload,
    "proofs": proof,
    "queries": query,
    "query-exports": query_export,
    "requests": lambda _, case: {"result": exchange.request_state(case)},
    "outcomes": lambda _, case: {"result": exchange.outcome_counts(case)},
    "sealing": sealed,
    "seals": seal,
    "signatures": signature,
    "standings": lambda _, case: recognition.standing(case),
    "states": lambda _, case: {"result": states.judge(case)},
    "trees": tree,
    "witness": witness,
}


def judge(check: Callable[[Any, Case], Said], data: Any, members: dict[str, Any]) -> str:
    """What is wrong with a case: nothing, or in what the answer and the case differ."""
    case = Case(members)
    try:
        said = check(data, case)
    except Refused as refused:
        said = {"result": refused.code}
    differs = [k for k, v in said.items() if k in members and members[k] != v]
    unread = set(members) - case.read - set(said)
    unread &= set(members) if said["result"] == "ok" else OUTPUTS
    unsaid = set(said) - set(members) - OPTIONAL
    told = f"not compared: {sorted(unread | unsaid)} " if unread | unsaid else ""
    return told + "; ".join(f"{k} is {said[k]!r}, not {members[k]!r}" for k in differs)


def check_file(name: str, data: Any) -> Iterator[tuple[str, str]]:
    """Each case of a file by name, with what is wrong with it, if anything."""
    if name == "spec":
        yield from check_spec(data)
    for case in data.get("cases", ()):
        if (name, case["name"]) not in NOT_CHECKED and (name, None) not in NOT_CHECKED:
            yield case["name"], judge(CHECKS[name], data, case)


def main(arguments: list[str]) -> int:
    """The command line."""
    files = [Path(x) for x in arguments] or sorted(VECTORS.glob("*.json"))
    wrong = 0
    for path in files:
        found = list(check_file(path.stem, json.loads(path.read_bytes())))
        bad = [f"  {case}: {what}" for case, what in found if what]
        wrong += len(bad)
        rows = [f"{path.name}: {len(found)} checked, {len(bad)} wrong", *bad]
        sys.stdout.write("".join(f"{row}\n" for row in rows))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

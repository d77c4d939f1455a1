"""What travels between nodes and needs no store: SPEC §6.3 (one log), §6.7, §7.5, §9.4 to §9.9."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from google.protobuf.message import DecodeError
from huxin.v1 import attestation_pb2
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as xchacha_open
from nacl.exceptions import CryptoError

from tests.independent import forms
from tests.independent.forms import ORIGIN, Key, Refused, demand, lp, recoded, sha256
from tests.independent.payload_rules import read

OPEN = {7, 8, 10, 12, 13, 14, 15}
RELIEF = {3, 4, 5}
SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
STATUSES = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
]


def commitment(origin: str, salt: bytes, header: bytes, payload: bytes) -> bytes:
    """§2.3."""
    message = salt + lp(origin) + header + len(payload).to_bytes(4, "big") + payload
    return hmac.digest(b"huxin/commitment/v1", message, "sha256")


def opens(origin: str, leaf: bytes, salt: bytes, payload: bytes) -> bool:
    known = len(leaf) == 76 and leaf[0] == 1 and len(salt) == 32 and len(payload) <= 32_768
    return known and commitment(origin, salt, leaf[:44], payload) == leaf[44:]


def log_state(leaves: list[bytes]) -> str:
    """§6.6."""
    said = b""
    for index, leaf in enumerate(leaves):
        if len(leaf) >= 44 and leaf[1] in {1, 18}:
            own = {(x[1], x[2]) for x in leaves if len(x) >= 44 and x[28:44] == leaf[12:28]}
            kinds = {kind for kind, _ in own}
            state = 5 if 5 in kinds else 4 if 4 in kinds else 2 if (3, 3) in own else 1
            state = 3 if state == 1 and (3, 5) in own else state
            said += index.to_bytes(8, "big") + bytes([state])
    return sha256(said).hex()


def sealing_key_id(suite: int, key: bytes) -> bytes:
    return sha256(b"huxin/sealing-key/v1", bytes([suite]), key)[:16]


def audience_key_id(key: bytes) -> bytes:
    return sha256(b"huxin/audience-key/v1", key)[:16]


def seal_info(use: int, charter: bytes, *place: bytes) -> bytes:
    return b"huxin/seal/v1" + bytes([use]) + charter + b"".join(place)


def own_keys(secrets: list[bytes]) -> dict[bytes, X25519PrivateKey]:
    keys = map(X25519PrivateKey.from_private_bytes, secrets)
    return {sealing_key_id(1, key.public_key().public_bytes_raw()): key for key in keys}


def unseal(secrets: list[bytes], key_id: bytes, data: bytes, info: bytes, codes: str) -> bytes:
    """What was sealed in suite 1 to that one of these keys whose id is named."""
    own = own_keys(secrets)
    demand(key_id in own, f"{codes}.key")
    try:
        return SUITE.decrypt(data, own[key_id], info)
    except (InvalidTag, ValueError):
        raise Refused(f"{codes}.sealed") from None


def sealed_opening(case: Any, sealed: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Salt and payload of a sealed form (§9.5); whatever is wrong is `pending`."""
    raw = {k: bytes.fromhex(v) for k, v in sealed.items() if isinstance(v, str)}
    aad, index = lp(case["origin"]), case["index"].to_bytes(8, "big")
    wrapped, ciphertext = raw["wrapped_key"], raw["ciphertext"]
    demand(72 <= len(ciphertext) <= 32_840)
    keys = [bytes.fromhex(key) for key in case["audience_keys"]]
    secrets = [bytes.fromhex(x) for x in case["secrets"]]
    member = case["members"].get(sealed.get("charter", ""))
    try:
        if raw.get("audience_key_id"):
            rest = {k for k, v in sealed.items() if v} - {"audience_key_id"}
            demand(rest == {"wrapped_key", "ciphertext"} and len(wrapped) == 72)
            [key] = [k for k in keys if audience_key_id(k) == raw["audience_key_id"]]
            opening_key = xchacha_open(wrapped[24:], aad + index, wrapped[:24], key)
        else:
            demand(member and sealed.get("suite") == 1 and len(wrapped) == 80)
            info = seal_info(1, raw["charter"], aad, index, lp(member))
            opening_key = unseal(secrets, raw["recipient_key_id"], wrapped, info, "opening")
        found = xchacha_open(ciphertext[24:], aad + index, ciphertext[:24], opening_key)
    except (CryptoError, ValueError, KeyError):
        raise Refused("pending") from None
    return found[:32], found[32:]


def key_copy(case: Any) -> bytes:
    """§9.5, the table of copies of audience keys."""
    copy, now = case["copy"], case["now"]
    raw = {k: bytes.fromhex(v) for k, v in copy.items() if k != "origin" and isinstance(v, str)}
    secrets = [bytes.fromhex(x) for x in case["secrets"]]
    demand(copy["suite"] == 1, "key-copy.suite")
    demand(raw["recipient_key_id"] in own_keys(secrets), "key-copy.key")
    leaves = [
        a
        for a in case["announced"]
        if a["key_id"] == copy["key_id"]
        and a["not_before"] <= now
        and (not a["not_after"] or now <= a["not_after"])
    ]
    demand(leaves, "key-copy.unannounced")
    member = case["members"].get(copy["charter"])
    meant = [
        a
        for a in leaves
        if copy["charter"] in a["charters"]
        and (not a["members"] or set(a["members"]) & set(case["nodes"]))
    ]
    demand(meant and member, "key-copy.audience")
    info = seal_info(3, raw["charter"], lp(copy["origin"]), raw["key_id"], lp(member))
    found = unseal(secrets, raw["recipient_key_id"], raw["sealed"], info, "key-copy")
    demand(len(found) == 32, "key-copy.sealed")
    demand(audience_key_id(found) == raw["key_id"], "key-copy.mismatch")
    return found


def add_checkpoint(body: bytes, log: Key, last: tuple[int, bytes]) -> int:
    """§9.6: the size to be remembered."""
    with recoded("witness.400"):
        demand(len(body) <= 135_168)
        head, _, rest = body.partition(b"\n\n")
        rows = forms.utf8(head).split("\n")
        demand(rows[0].startswith("old ") and len(rows) <= 64)
        old, path = forms.decimal(rows[0][4:]), forms.hashes(rows[1:])
        text = forms.note(rest)[0]
        origin, size, root = (*text.split("\n"), "", "")[:3]
        demand(text.count("\n") == 3)
        new = forms.decimal(size), forms.base64_bytes(root, 32)
    demand(origin == log.name, "witness.404")
    with recoded("witness.403"):
        forms.log_word(rest, log)
    demand(old <= new[0], "witness.400")
    demand(old == last[0], "witness.409")
    with recoded("witness.422"):
        forms.consistent(*last, *new, path)
    return new[0]


def batch(data: Any, case: Any) -> dict[str, Any]:
    """R1 to R7 and E1 to E3 of one batch, from one who is not the origin's own node."""
    log = forms.vkey(data["log"])
    held = [bytes.fromhex(x) for x in data["leaves"][: case["held"]]]
    leaves = [bytes.fromhex(x) for x in case["leaves"]]
    rows = [(s, bytes.fromhex(a), bytes.fromhex(b)) for s, a, b in case["openings"]]
    first, path = case["first_index"], [bytes.fromhex(x) for x in case["path"]]
    total = sum(map(len, leaves)) + sum(len(b) for _, _, b in rows)
    bounded = 1 <= len(leaves) <= 1024 and len(rows) == len(leaves) and len(path) <= 64
    demand(bounded and total <= 2**20 and max(map(len, leaves)) <= 1024, "batch.bounds")
    demand(first <= len(held), "batch.gap")
    end, fresh = first + len(leaves), leaves[len(held) - first :]
    seen, _ = case["seen"], case["checkpoint"]
    if not fresh:
        return {"result": "ok", "taken": 0}
    with recoded("batch.checkpoint"):
        found = forms.checkpoint(case["checkpoint"].encode(), log, [])
    demand(found.size >= end, "batch.behind")
    hashes = list(map(forms.leaf_hash, held + fresh))
    with recoded("batch.unproved"):
        forms.consistent(end, forms.tree_root(hashes), found.size, found.root, path)
    for other in [forms.log_word(x.encode(), log) for x in seen]:
        within = other.size <= end and forms.tree_root(hashes[: other.size]) != other.root
        if within or (other.size == found.size and other.root != found.root):
            kept = forms.fork_file(case["fork"].encode(), log)  # any file that holds proves it
            notes = {forms.log_alone(other), forms.log_alone(found)}
            fork = {"fork": kept if all(n in kept for n in notes) else ""}
            return {"result": "log.forked", **fork, "taken": len(fresh), "size": end}
    news = list(zip(fresh, rows[len(held) - first :], strict=True))
    good = [s == 1 and opens(log.name, leaf, a, b) for leaf, (s, a, b) in news]
    known = [len(leaf) == 76 and leaf[0] == 1 and s == 1 for leaf, (s, _, _) in news]
    bad = [len(held) + i for i, one in enumerate(known) if one and not good[i]]
    states = [1 if one else 4 for one in good]
    return {"result": "ok", "taken": len(fresh), "size": end, "misopened": bad, "states": states}


def may_receive(
    data: Any, case: Any, reader: str, *, stopped: Mapping[str, str], naming: bool
) -> bool:
    """§7.5, who may receive; `naming`: the charter names the origin."""
    audience, kind, origin = case["audience"], case["kind"], case["origin"]
    for name in set(audience["charters"]) & set(case["held"]):
        rows = [m for m in data["charters"][name] if m["id"] == reader]
        nodes = {o.rpartition("/")[0] for m in rows for o in m["origins"]}
        entries = [e for m in rows for e in m["receives"] if kind in e["kinds"]]
        shared = any(set(e["purposes"]) & set(audience["purposes"]) for e in entries)
        named = not audience["members"] or kind in RELIEF or nodes & set(audience["members"])
        logs = {o for m in data["charters"][name] for o in m["origins"]}
        if naming and kind not in RELIEF and origin not in logs:
            continue
        if shared and named and (kind in RELIEF or name not in stopped):
            return True
    return False


def audience(data: Any, case: Any) -> dict[str, Any]:
    """What a server answers, and R8."""
    reader, asked = case["reader"], case["audience"]
    served = may_receive(data, case, reader, stopped=case["stopped"], naming=True)
    kept = case["kind"] in RELIEF or may_receive(data, case, reader, stopped={}, naming=False)
    members = [m for name in case["held"] for m in data["charters"][name]]
    others = {o.rpartition("/")[0] for m in members if m["id"] != reader for o in m["origins"]}
    foreign = not set(asked["charters"]) & set(case["held"])
    elsewhere = bool(asked["members"]) and set(asked["members"]) <= others
    return {
        "served": "PRESENT" if served else "NOT_FOR_YOU",
        "result": "ok" if kept else "opening.not-for-us",
        "blamed": not kept and (foreign or elsewhere),
    }


def request_state(case: Any) -> str:
    """J1 to J4."""
    said = set()
    for answer in case["answers"]:
        speakers = case["speaker"] if answer["action"] == 6 else case["answerers"]
        if answer["request"] == case["request"] and answer["origin"] in speakers:
            said.add(answer["action"])
    words = {5: "done", 6: "withdrawn", 4: "declined", 3: "accepted", 2: "received"}
    return next((word for action, word in words.items() if action in said), "forwarded")


def outcome_counts(case: Any) -> dict[str, int]:
    """OC9 and OC11."""
    names = {1: "applied", 2: "not_applied", 3: "proceeded", 4: "prompted"}
    sums = dict.fromkeys(("cases", *sorted(names.values()), "undone"), 0)
    standing: dict[Any, list[Any]] = {}
    for said in case["told"]:
        words = standing.setdefault((said["speaker"], said["case_id"], said["measure"]), [])
        known = {(one["leaf_hash"], one["origin"], one["index"]) for one in words}
        if not said["replaces"] or (said["replaces"], said["origin"], said["index"]) in known:
            words.append(said)

    def within(said: Any) -> bool:
        return bool(case["first"] <= said["decided_on"] <= case["last"])

    for words in filter(None, standing.values()):
        act = newest = words[-1]
        if newest["result"] == 6:
            sums["undone"] += within(newest)
            act = next((one for one in reversed(words) if one["result"] in (1, 4)), None)
        if act is not None and within(act):
            sums["cases"] += 1
            sums[names[act["result"]]] += 1
    return sums


AGREEMENT = (
    r"(?:not-answered [a-z][a-z0-9-]*\.[a-z0-9-]+|(?:reused|differs|unknown) unknown"
    r"|(?:current|former) (?:existing|deregistered|revoked|moved|unknown)"
    r"(?: (?:uscc|organisation-code|registration-number) [0-9A-Z-]{1,64})?)"
)
ATTESTATION = re.compile(
    rf"huxin-attestation/1\nfrom ({ORIGIN.pattern})\nto ({ORIGIN.pattern})\n"
    r"charter ([0-9a-f]{64})\nquestion ([0-9a-f]{64})\nas-of (0|[1-9][0-9]*)\n"
    rf"((?:subject (?:0|[1-9][0-9]?) {AGREEMENT}\n){{1,64}})",
    re.ASCII,
)


def attestation(data: Any, note: bytes) -> None:
    """H1 to H4."""
    with recoded("attestation.malformed"):
        text, lines = forms.note(note, 16_384)
    match = ATTESTATION.fullmatch(text)
    if match is None:
        raise Refused("attestation.malformed")
    rows = match[6].split("\n")[:-1]
    in_order = all(row.startswith(f"subject {n} ") for n, row in enumerate(rows))
    demand(in_order, "attestation.malformed")
    keys = {k[:2]: k for k in map(forms.vkey, data["keys"].get(match[1], ()))}
    own = [forms.good_line(keys[n, i], text, sig) for _, n, i, sig in lines if (n, i) in keys]
    demand(own and all(own), "attestation.signature")
    asked = data["asked"]
    same = all(match[n] == asked[k] for n, k in enumerate(("from", "to", "charter", "question"), 1))
    demand(same and len(rows) == asked["items"], "attestation.other")
    demand(forms.decimal(match[5]) <= data["now"] + 300, "attestation.future")


def attests(case: Any) -> bool:
    """§7.4, of a member that has not ended, in a charter in force."""
    begins = case["attests"] if "hub" in case["roles"] else []
    if {"city", "county"} & set(case["roles"]):
        begins = [*begins, re.sub("(00)+$", "", case["region"])]
    return any(begin and case["registered"].startswith(begin) for begin in begins)


def weight(case: Any) -> str:
    """H6 to H8."""
    if case["age_seconds"] > case["days"] * 86_400:
        return "identity.attestation-old"
    named = {"reused": "name-reused", "differs": "attested-differs", "unknown": "attested-unknown"}
    certain = case["agreement"] in {"current", "former"}
    if not certain or case["status"] == "unknown":
        return f"identity.{named.get(case['agreement'], 'unattested')}"
    ceased = case["status"] == "deregistered" or case["successor"]
    return "identity.subject-ceased" if ceased else "identity.attested"


def question(data: bytes) -> None:
    """The bounds of attestation.proto."""
    try:
        asked = attestation_pb2.SubjectQuestion.FromString(data)
    except DecodeError:
        raise Refused("request.invalid") from None
    good = len(asked.question_id) == 32 == len(asked.charter) and 1 <= len(asked.items) <= 64
    for item in asked.items:
        good &= item.HasField("leaf") and len(item.leaf.leaf_hash) == 32
        good &= 1 <= len(item.leaf.origin) <= 200
        if item.HasField("disclosure"):
            shown = item.disclosure
            good &= (len(shown.leaf), len(shown.salt)) == (76, 32)
            good &= 1 <= len(shown.payload) <= 32_768 and 1 <= len(shown.proof) <= 135_168
    demand(good and len(data) <= 3_145_728, "request.invalid")


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protobuf message."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        value: Any = varint()
        demand(tag & 7 in {0, 2})
        if tag & 7 == 2:
            demand(at + value <= len(data))
            at, value = at + value, data[at : at + value]
        yield tag >> 3, value


def error(case: Any) -> dict[str, Any]:
    """What a caller reads in grpc-status-details-bin, and what it goes by (§9.7)."""
    again = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "CANCELLED"}
    out: dict[str, Any] = {
        "result": "peer.unavailable" if case["grpc"] in again else "peer.internal"
    }
    info: dict[str, str] = {}
    words: dict[str, str] = {}
    with suppress(Refused, IndexError, UnicodeDecodeError):
        status = list(fields(bytes.fromhex(case["details"])))
        for detail in [dict(fields(value)) for number, value in status if number == 3]:
            kind, rows = detail[1].decode().rpartition("/")[2], list(fields(detail.get(2, b"")))
            if kind == "google.rpc.LocalizedMessage":
                words[dict(rows)[1].decode()] = dict(rows)[2].decode()
            if kind == "google.rpc.ErrorInfo" and dict(rows).get(2) == b"huxin":
                pairs = [dict(fields(value)) for number, value in rows if number == 3]
                info = {p[1].decode(): p.get(2, b"").decode() for p in pairs}
                out["result"] = out["reason"] = dict(rows)[1].decode()
        out |= {"metadata": info, "grpc": STATUSES[dict(status)[1]], **words} if status else {}
    with suppress(Refused):
        out["size"] = 0
        out["size"] = forms.decimal(info.get("size", ""))
    return out


def judge_log(origin: str, leaves: list[bytes], openings: list[Any], *, own: bool) -> list[Any]:
    """Openings (§9.5), readings (§5.3) and states (§6.3) of one log held alone, on no given day."""
    present = [
        s == 1 and opens(origin, x, a, b) for x, (s, a, b, _) in zip(leaves, openings, strict=True)
    ]
    payload: list[Any] = [None] * len(leaves)
    aside = [""] * len(leaves)
    for i, leaf in enumerate(leaves):
        try:
            payload[i] = read(leaf[1], leaf[2], openings[i][2]) if present[i] else None
        except Refused as refused:
            spared = leaf[1] in {4, 5} or (leaf[1], leaf[2]) in {(3, 1), (3, 3), (3, 5)}
            aside[i] = "" if spared else refused.code
    found = []
    for i, leaf in enumerate(leaves):
        acts = [(x, payload[j], present[j]) for j, x in enumerate(leaves)
                if x[28:44] == leaf[12:28] and not aside[j]]  # fmt: skip
        grounds = {p.ground for x, p, _ in acts if x[1] == 14 and p}
        absent = 2 if openings[i][0] == 2 and own else 4
        absent = 3 if grounds else absent
        absent = 4 if leaf[1] in OPEN | {4, 5} else absent
        state = ("set-aside", aside[i]) if aside[i] else ("in-force", "")
        if leaf[1] == 1 and not aside[i]:
            state = listing_state(leaves, payload, acts, grounds, opened=present[i])
        found.append([1 if present[i] else absent, *state])
    return found


def listing_state(
    leaves: list[bytes], payload: list[Any], acts: list[Any], grounds: set[int], *, opened: bool
) -> tuple[str, str]:
    """§6.3 with direct acts alone."""
    relistings = [(x, p) for x, p in zip(leaves, payload, strict=True) if x[1] == 6 and p]
    revoked = {one for _, p in relistings for one in p.reliefs}
    reliefs = {x[1] for x, _, _ in acts if x[1] in {4, 5} and x[12:28] not in revoked}
    if reliefs:
        return ("withdrawn" if 5 in reliefs else "repaired", "relief.direct")
    back = any(p.reliefs and any(x[12:28] in p.reliefs for x, _, _ in acts) for _, p in relistings)
    for ground, state in () if back else ((2, "withdrawn"), (1, "repaired"), (3, "expired")):
        if ground in grounds:
            return state, f"erasure.{state}"
    ends = {p.ends for x, p, _ in acts if x[1] == 3 and p and x[2] in {4, 6}}
    begun = {x[2] for x, _, _ in acts if x[1] == 3 and forms.leaf_hash(x) not in ends}
    doubt = "" if opened else "opening.missing"
    doubt = "correction.unopened" if any(x[1] == 2 and not o for x, _, o in acts) else doubt
    doubt = "erasure.ordered" if 4 in grounds and not back else doubt
    return "masked" if 3 in begun else "paused" if 5 in begun else "active", doubt

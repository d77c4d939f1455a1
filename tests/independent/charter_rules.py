"""Charters by §7.1 to §7.3. Every rule broken gives its code."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from ipaddress import IPv6Address
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID as Oid
from nacl.bindings import crypto_core_ed25519_is_valid_point as is_valid_point

from tests.independent import forms
from tests.independent.forms import ORIGIN, Refused, demand, sha256

SCHEMA = Path(__file__).parents[2] / "protos" / "charter.schema.json"
TYPES = {"object": dict, "array": list, "string": str, "integer": int}
PURPOSES = {"joint-punishment", "joint-incentive", "supervision", "credit-report", "audit"}
P = 2**255 - 19
SMALL = {0, 1, P - 1} | {
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
}
TYPE = "application/vnd.huxin.charter+json"


@cache
def schema() -> Any:
    return json.loads(SCHEMA.read_bytes())


def fits(value: Any, rule: Any) -> bool:
    """Whether a value is as a part of charter.schema.json says."""
    if isinstance(rule, bool):
        return rule
    if "$ref" in rule and not fits(value, schema()["$defs"][rule["$ref"].rpartition("/")[2]]):
        return False
    kind = TYPES.get(rule.get("type", ""), object)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return False
    known = ("enum" not in rule or value in rule["enum"]) and value == rule.get("const", value)
    if isinstance(value, str):
        return known and text_fits(value, rule)
    if isinstance(value, int):
        return bool(known and rule.get("minimum", 0) <= value <= rule.get("maximum", 2**63 - 1))
    if isinstance(value, list):
        return len(value) <= rule.get("maxItems", 1024) and all(
            fits(item, rule.get("items", {})) for item in value
        )
    return known and (not isinstance(value, dict) or object_fits(value, rule))


def text_fits(value: str, rule: Any) -> bool:
    bound = rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value))
    return (
        bound
        and bool(re.search(rule.get("pattern", ""), value, re.ASCII))
        and canonical(value, rule)
    )


def canonical(value: str, rule: Any) -> bool:
    """SPEC's one spelling of base64, which no pattern can ask for (unused bits zero)."""
    raw = "A-Za-z0-9+/" in rule.get("pattern", "")
    return not raw or base64.b64encode(base64.b64decode(value)).decode() == value


def object_fits(value: Mapping[str, Any], rule: Any) -> bool:
    inner = rule.get("properties", {})
    closed = rule.get("additionalProperties", True) or not set(value) - set(inner)
    pairs = rule.get("dependentRequired", {})
    return bool(
        closed
        and set(rule.get("required", ())) <= set(value)
        and all(fits(item, inner[name]) for name, item in value.items() if name in inner)
        and all(set(need) <= set(value) for name, need in pairs.items() if name in value)
    )


def texts(value: Any) -> Iterator[str]:
    """All texts outside of the objects `x` and of cuts."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from () if name in {"x", "cut"} else texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def parse(payload: bytes) -> Any:
    """The JSON of one version with `min_reader` read before all else."""
    demand(len(payload) <= 2**20, "charter.size")
    version = forms.strict_json(payload, "charter.json")
    demand(isinstance(version, dict), "charter.field")
    reader = version.get("min_reader")
    demand(isinstance(reader, int) and not isinstance(reader, bool), "charter.field")
    demand(reader <= 1, "charter.min-reader")
    return version  # that it is 1 or more is asked with the other fields


def broken(version: Any) -> set[str]:
    """The codes of all rules of §7.1 that a version breaks; none where it is good."""
    found: set[str] = set()
    if not fits(version, schema()) or any(re.search("[\x00-\x1f]", t) for t in texts(version)):
        found.add("charter.field")
    for rules in (head_rules, *MEMBER_RULES):
        try:
            found |= {f"charter.{code}" for code, good in rules(version) if not good}
        except (KeyError, TypeError, AttributeError, ValueError):
            demand(found, "a rule that could not be asked")
    return found


Rules = Iterator[tuple[str, object]]


def head_rules(v: Any) -> Rules:
    first = v["version"] == 1
    yield "numbering", v["version"] >= 1
    yield "numbering", ("charter" in v, "previous" in v) == (not first, not first)
    for other in v.get("previous_conflicting", ()):
        yield "conflict-version", 1 < other["version"] < v["version"]
        yield "conflict-version", other["digest"] != v.get("previous")
    yield "period", v["not_after"] > v["issued_at"]
    yield "purpose", set(v["purposes"]) <= PURPOSES
    yield "no-voter", any("charter_key" in m for m in v["members"])
    ids = [m["id"] for m in v["members"]]
    yield "member-id", len(set(ids)) == len(ids)


def ended(member: Any) -> bool:
    return bool(member["segments"]) and all("to_size" in s for s in member["segments"])


def member_rules(v: Any) -> Rules:
    ids = {m["id"] for m in v["members"]}
    for m in v["members"]:
        yield "purpose", all(set(r["purposes"]) <= set(v["purposes"]) for r in m["receives"])
        yield "region", re.fullmatch("[0-9]{6}", m["region"], re.ASCII)
        others = ids - {m["id"]}
        yield "member-unknown", {d["member"] for d in m.get("delegations", ())} <= others
        yield "member-unknown", m.get("successor") in {None, *others}
        yield "attests", not m.get("attests") or "hub" in m["roles"]
        yield "attests", all(re.fullmatch("([0-9]{2}){1,3}", a) for a in m.get("attests", ()))
        for e in m["endpoints"]:
            at = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+):([1-9][0-9]{0,4})", e)
            yield "endpoint", at and int(at[2]) < 65_536
            yield "endpoint", at and (at[1][0] != "[" or address(at[1][1:-1]))
    seats = [m for m in v["members"] if not ended(m) and {"city", "county"} & set(m["roles"])]
    for of in ("region", "name"):
        yield "member-twice", len({m[of] for m in seats}) == len(seats)
    ends = [e for m in seats for e in {e.lower() for e in m["endpoints"]}]
    yield "member-twice", len(set(ends)) == len(ends)


def address(text: str) -> bool:
    try:
        return ":" in str(IPv6Address(text))
    except ValueError:
        return False


def delegation_rules(v: Any) -> Rules:
    origins = {m["id"]: {s["origin"] for s in m["segments"]} for m in v["members"]}
    for m in v["members"]:
        last: dict[str, int | None] = {}
        for d in m.get("delegations", ()):
            yield "delegation", d["origin"] in origins.get(d["member"], ())
            yield "delegation", d.get("to_index", d["from_index"]) >= d["from_index"]
            before = last.get(d["origin"], 0)
            yield "delegation", before is not None and d["from_index"] >= before
            last[d["origin"]] = d.get("to_index")


def safe(text: str, *, named: bool) -> bool:
    """Whether a vkey, or the base64 of a charter key, is as §3.1 says."""
    try:
        raw = forms.vkey(text).public if named else forms.base64_bytes(text, 32)
    except Refused:
        return not named  # else charter.field
    return is_valid_point(raw)


def point_rules(v: Any) -> Rules:
    for m in v["members"]:
        yield "key", "charter_key" not in m or safe(m["charter_key"], named=False)
        vkeys = [s["log_key"] for s in m["segments"]] + [k for ks in m["keys"].values() for k in ks]
        for key in vkeys:
            yield "key", safe(key, named=True)


def public(vkey: str) -> bytes:
    return forms.vkey(vkey).public


def key_rules(v: Any) -> Rules:
    found: list[bytes] = []
    for m in v["members"]:
        found += [base64.b64decode(m["charter_key"])] if "charter_key" in m else []
        found += [
            public(key) for key in {s["origin"]: s["log_key"] for s in m["segments"]}.values()
        ]
        found += [public(key) for keys in m["keys"].values() for key in keys]
        found += [base64.b64decode(k["key"]) for k in m["sealing_keys"]]
        found += [base64.b64decode(c) for c in m["certificates"]]
    yield "key-shared", len(set(found)) == len(found)


def name_rules(v: Any) -> Rules:
    for m in v["members"]:
        origins = [s["origin"] for s in m["segments"]]
        nodes = {o.rpartition("/")[0] for o in origins}
        for s in m["segments"]:
            key = forms.vkey(s["log_key"])
            yield "key-name", (key.name, key.kind) == (s["origin"], 1)
        for use, keys in m["keys"].items():
            names = [forms.vkey(text) for text in keys]
            for key in names:
                node, _, end = key.name.rpartition("/")
                bare = node.removeprefix("queries.") if use == "query_log" else node
                fits_use = end == use or (use == "query_log" and node.startswith("queries."))
                yield "key-name", key.kind == (1 if use in {"document", "query_log"} else 4)
                yield "key-name", fits_use and (bare in nodes or not nodes)
                yield "key-name", use != "query_log" or ORIGIN.fullmatch(key.name)
            once = len({key.name for key in names}) == len(names)
            yield "key-name", use != "query_log" or once


def segment_rules(v: Any) -> Rules:
    owner: dict[str, str] = {}
    for m in v["members"]:
        rows = m["segments"]
        for s in rows:
            yield "origin", ORIGIN.fullmatch(s["origin"]) and not s["origin"].startswith("queries.")
            yield "origin-shared", owner.setdefault(s["origin"], m["id"]) == m["id"]
            yield "suite", s["suite"] == 1
            yield "cut", cut_holds(s)
        yield "segment-order", all("to_size" in s for s in rows[:-1])
        runs = [
            s["origin"] for i, s in enumerate(rows) if not i or rows[i - 1]["origin"] != s["origin"]
        ]
        yield "segment-order", len(set(runs)) == len(runs)
        epochs: dict[str, list[int]] = {}
        for s in rows:
            node, _, number = s["origin"].rpartition("/")
            epochs.setdefault(node, []).append(int(number))
        yield "segment-order", all(x == sorted(x) for x in epochs.values())
        for a, b in pairwise(rows):
            if a["origin"] == b["origin"]:
                yield "segment-key", a["log_key"] == b["log_key"]
                yield "segment-order", b["from_size"] >= a.get("to_size", 0)


def cut_holds(s: Any) -> bool:
    if "cut" not in s:
        return True
    try:
        found = forms.log_word(s["cut"].encode(), forms.vkey(s["log_key"]))
    except Refused:
        return False
    root = base64.b64decode(s["root_at_to"])
    return (found.size, found.root) == (s["to_size"], root) and s["from_size"] <= s["to_size"]


def sealing_key_holds(suite: int, key: bytes) -> bool:
    number = int.from_bytes(key, "little")
    return suite != 1 or (len(key) == 32 and number < P and number not in SMALL)


def sealing_rules(v: Any) -> Rules:
    for m in v["members"]:
        for k in m["sealing_keys"]:
            yield "sealing-key", sealing_key_holds(k["suite"], base64.b64decode(k["key"]))


def certificate_rules(v: Any) -> Rules:
    subjects = []
    for m in v["members"]:
        for text in m["certificates"]:
            try:
                cert = x509.load_der_x509_certificate(base64.b64decode(text))
                subjects.append(cert.subject.public_bytes())
                yield "certificate", certificate_holds(cert)
            except (ValueError, x509.ExtensionNotFound, InvalidSignature):
                yield "certificate", False
    yield "certificate-subject", len(set(subjects)) == len(subjects)


def certificate_holds(cert: x509.Certificate) -> bool:
    """§9.1, first table."""
    key, find = cert.public_key(), cert.extensions.get_extension_for_oid
    own: Any = find(Oid.SUBJECT_KEY_IDENTIFIER).value
    authority: Any = find(Oid.AUTHORITY_KEY_IDENTIFIER).value
    names: Any = find(Oid.SUBJECT_ALTERNATIVE_NAME).value
    cert.verify_directly_issued_by(cert)
    curve = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    same = own.digest == authority.key_identifier
    return bool(curve and same and names.get_values_for_type(x509.DNSName))


MEMBER_RULES = (
    point_rules, member_rules, delegation_rules, key_rules, name_rules, segment_rules,
    sealing_rules, certificate_rules,
)  # fmt: skip


def lost(before: Any, after: Any) -> set[str]:
    """The codes of all rules of §7.3 that a step breaks."""
    now = {m["id"]: m for m in after["members"]}
    found: set[str] = set()
    for m in before["members"]:
        if m["id"] not in now:
            found |= {"member-vanished"} if m["segments"] or m.get("delegations") else set()
            continue
        new = now[m["id"]]
        for key, name, end, fixed in (
            ("segments", "segment", "to_size",
             ("origin", "log_key", "from_size", "suite", "entitlements")),
            ("delegations", "delegation", "to_index", ("member", "origin", "from_index")),
        ):  # fmt: skip
            old, rows = m.get(key, []), new.get(key, [])
            found |= {f"{name}-vanished"} if len(rows) < len(old) else set()
            for a, b in zip(old, rows, strict=False):
                found |= {f"{name}-changed"} if any(a[f] != b[f] for f in fixed) else set()
                moved = end in a and any(a.get(f) != b.get(f) for f in (end, "root_at_to"))
                found |= {f"{name}-reopened"} if moved else set()
        kept = m.get("successor") == new.get("successor") and ended(new)
        if ended(m) and "successor" in m and not kept:
            found.add("successor-changed")
    return {f"charter.{code}" for code in found}


class Alliance:
    """What a reader holds of one charter (§7.2)."""

    def __init__(self, pin: str) -> None:
        self.pin, self.held = pin, dict[str, Any]()

    def votes(self, version: Any, signers: list[str]) -> tuple[int, int]:
        voters = [m["charter_key"] for m in version["members"] if "charter_key" in m]
        return len([key for key in voters if key in signers]), len(voters)

    def take(self, data: bytes) -> None:
        kind, payload, signatures = forms.envelope(data, "charter.envelope")
        demand(kind == TYPE, "charter.payload-type")
        version, digest = parse(payload), sha256(payload).hex()
        for code in sorted(broken(version)):
            raise Refused(code)
        if digest in self.held:
            return
        first = version["version"] == 1
        demand(not first or digest == self.pin, "charter.pin")
        parent = None if first else self.parent(version)
        for code in sorted(lost(parent, version) if parent else ()):
            raise Refused(code)
        keys = {m["charter_key"] for v in (version, parent or {"members": []})
                for m in v["members"] if "charter_key" in m}  # fmt: skip
        good = forms.good_keys(kind, payload, signatures, [base64.b64decode(k) for k in keys])
        signers = [base64.b64encode(key).decode() for key in good]
        if parent is None:
            demand(
                self.votes(version, signers)[0] == self.votes(version, signers)[1],
                "charter.threshold",
            )
        for basis in [parent, version] if parent else []:
            count, of = self.votes(basis, signers)
            demand(2 * count > of, "charter.threshold")
        self.settle(version, signers)
        self.held[digest] = version

    @property
    def forked(self) -> bool:
        """Whether two versions of one parent stand that none has settled (§7.2)."""
        settled = {
            o["digest"] for v in self.held.values() for o in v.get("previous_conflicting", ())
        }
        parents = [v.get("previous") for d, v in self.held.items() if d not in settled]
        return len(set(parents)) < len(parents)

    def parent(self, version: Any) -> Any:
        demand(version["charter"] == self.pin, "charter.alliance")
        gone = {o["digest"] for v in self.held.values() for o in v.get("previous_conflicting", ())}
        held = None if version["previous"] in gone else self.held.get(version["previous"])
        if held is None:
            newest = max((v["version"] for v in self.held.values()), default=-1)
            follows = version["version"] <= newest + 1
            raise Refused("charter.previous" if follows else "charter.version")
        demand(held["version"] + 1 == version["version"], "charter.version")
        return held

    def settle(self, version: Any, signers: list[str]) -> None:
        """Two thirds of the voters of the last version that both branches share."""
        for other in version.get("previous_conflicting", ()):
            shared: Any = version
            while shared["version"] >= other["version"]:
                shared = self.held[shared["previous"]]
            count, of = self.votes(shared, signers)
            demand(3 * count >= 2 * of, "charter.settlement")

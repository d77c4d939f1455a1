"""Forms of protos/SPEC.md that a verifier reads: text, JSON, keys, notes, proofs, fork files."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple, NoReturn

from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,185}[a-z0-9])?/[1-9][0-9]{0,8}")
NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")  # §3.1
EMPTY_ROOT = hashlib.sha256().digest()


class Refused(ValueError):  # noqa: N818
    """What is refused, with the stable code where there is one."""

    def __init__(self, code: str = "refused") -> None:
        super().__init__(code)
        self.code = code


class Key(NamedTuple):
    name: str
    key_id: bytes
    kind: int
    public: bytes


class Checkpoint(NamedTuple):
    text: str
    size: int
    root: bytes
    lines: list[tuple[str, Key | None]]  # those of known keys verified
    log_line: str


def demand(condition: object, code: str = "refused") -> None:
    if not condition:
        raise Refused(code)


@contextmanager
def recoded(code: str) -> Iterator[None]:
    """Gives whatever is refused within the code of this place."""
    try:
        yield
    except Refused:
        raise Refused(code) from None


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def lp(data: bytes | str) -> bytes:
    raw = data.encode() if isinstance(data, str) else data
    return len(raw).to_bytes(2, "big") + raw


def utf8(data: bytes, code: str = "refused") -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Refused(code) from None


def decimal(text: str) -> int:
    demand(re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII) and int(text) < 2**63)
    return int(text)


def base64_bytes(text: str, size: int | None = None, code: str = "refused") -> bytes:
    demand(re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text) and len(text) % 4 == 0, code)
    raw = base64.b64decode(text)
    demand(base64.b64encode(raw).decode() == text and size in (None, len(raw)), code)
    return raw


def either_base64(text: object, code: str) -> bytes:
    """DSSE: the standard or the URL-safe alphabet, never both in one text (§7.1)."""
    demand(
        isinstance(text, str) and not (re.search("[+/]", text) and re.search("[-_]", text)), code
    )
    return base64_bytes(str(text).replace("-", "+").replace("_", "/"), code=code)


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 by §3.1; libsodium refuses S above the order, R and keys of small order."""
    with suppress(BadSignatureError, ValueError):
        good = len(signature) == 64 and crypto_core_ed25519_is_valid_point(public)
        return bool(good) and crypto_sign_open(signature + message, public) == message
    return False


def named(name: str) -> bool:
    """§3.1."""
    return bool(NAME.fullmatch(name)) and len(name.encode()) <= 512


def vkey(text: str, kinds: tuple[int, ...] = (1, 4)) -> Key:
    name, hex_id, encoded = (*text.split("+", 2), "", "")[:3]
    raw = base64_bytes(encoded, 33)
    demand(named(name) and raw[0] in kinds)
    demand(crypto_core_ed25519_is_valid_point(raw[1:]))
    key_id = sha256(name.encode(), b"\n", raw)[:4]
    demand(key_id.hex() == hex_id)
    return Key(name, key_id, raw[0], raw[1:])


def note(data: bytes, most: int = 131_072) -> tuple[str, list[tuple[str, str, bytes, bytes]]]:
    """Text and lines (line, name, key id, signature) of a signed note (§3.2)."""
    at = data.rfind(b"\n\n")
    demand(len(data) <= most and at > 0)
    text, rows = utf8(data[: at + 1]), utf8(data[at + 2 :]).split("\n")
    demand(rows.pop() == "" and 1 <= len(rows) <= 100)
    demand(not re.search(r"[\x00-\x09\x0b-\x1f]", text))
    lines = []
    for row in rows:
        mark, name, encoded = (*row.split(" "), "", "", "")[:3]
        raw = base64_bytes(encoded)
        demand(row.count(" ") == 2 and mark == "—" and named(name) and len(raw) > 4)
        lines.append((row, name, raw[:4], raw[4:]))
    return text, lines


def good_line(key: Key, text: str, signature: bytes) -> bool:
    """Whether a line of a known key is good: over the text, or a cosignature (§3.4)."""
    if key.kind == 1:
        return signed(key.public, text.encode(), signature)
    time = int.from_bytes(signature[:8], "big")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    return len(signature) == 72 and time < 2**63 and signed(key.public, message, signature[8:])


def log_word(data: bytes, log: Key) -> Checkpoint:
    """A checkpoint by the log's own signature; other lines are not judged (§3.4)."""
    text, lines = note(data)
    origin, size, root = (*text.split("\n"), "", "")[:3]
    demand(text.count("\n") == 3 and origin == log.name and log.kind == 1)
    own = [(row, sig) for row, name, key_id, sig in lines if (name, key_id) == log[:2]]
    demand(own and all(good_line(log, text, sig) for _, sig in own))
    rows = [(row, log if (row, sig) in own else None) for row, _, _, sig in lines]
    return Checkpoint(text, decimal(size), base64_bytes(root, 32), rows, own[0][0])


def checkpoint(data: bytes, log: Key, known: list[Key]) -> Checkpoint:
    """A checkpoint all of whose lines of known keys are good (§3.2-3.4)."""
    found, keys = log_word(data, log), {key[:2]: key for key in (*known, log)}
    rows = []
    for row, name, key_id, sig in note(data)[1]:
        key = keys.get((name, key_id))
        demand(key is None or good_line(key, found.text, sig))
        rows.append((row, key))
    return found._replace(lines=rows)


def log_alone(found: Checkpoint) -> str:
    return f"{found.text}\n{found.log_line}\n"


def tree_root(hashes: list[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else EMPTY_ROOT
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01", tree_root(hashes[:split]), tree_root(hashes[split:]))


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00", leaf)


def included(node: bytes, index: int, size: int, path: list[bytes], root: bytes) -> None:
    """RFC 9162 §2.1.3.2, of a leaf's hash."""
    demand(index < size < 2**63 and all(len(x) == 32 for x in path))
    fn, sn = index, size - 1
    for step in path:
        demand(sn > 0)
        if fn & 1 or fn == sn:
            node = sha256(b"\x01", step, node)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = sha256(b"\x01", node, step)
        fn, sn = fn >> 1, sn >> 1
    demand(sn == 0 and node == root)


def consistent(m: int, old: bytes, n: int, new: bytes, path: list[bytes]) -> None:
    """RFC 9162 §2.1.4.2, with the two cases of §2.1 that it leaves out."""
    demand(m <= n < 2**63 and all(len(x) == 32 for x in path))
    if m in {0, n}:
        demand(not path and (m != n or old == new))
        return demand(m > 0 or old == EMPTY_ROOT)
    demand(path)
    path = [old, *path] if m & (m - 1) == 0 else path
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        demand(sn > 0)
        if fn & 1 or fn == sn:
            fr, sr = sha256(b"\x01", step, fr), sha256(b"\x01", step, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha256(b"\x01", sr, step)
        fn, sn = fn >> 1, sn >> 1
    return demand(sn == 0 and fr == old and sr == new)


def hashes(rows: list[str]) -> list[bytes]:
    return [base64_bytes(row, 32) for row in rows]


def proof_file(data: bytes, log: Key, leaf: bytes) -> None:
    """§8.1."""
    head, _, rest = data.partition(b"\n\n")
    demand(len(head) <= 65_536 and head.isascii())
    rows = head.decode().split("\n")
    demand(rows.pop(0) == "c2sp.org/tlog-proof@v1")
    if rows and rows[0].startswith("extra "):
        base64_bytes(rows.pop(0)[6:])
    demand(1 <= len(rows) <= 65 and rows[0].startswith("index "))
    index, path = decimal(rows[0][6:]), hashes(rows[1:])
    found = checkpoint(rest, log, [])
    included(leaf_hash(leaf), index, found.size, path, found.root)


def fork_file(data: bytes, log: Key) -> str:
    """§8.3: what is kept of a file that holds."""
    demand(len(data) <= 266_240)
    parts = utf8(data).split("\n\n")
    demand(len(parts) in (5, 6) and parts[0] == "huxin/fork@v1")
    between = [] if len(parts) == 5 else parts[3].split("\n")
    last = parts[-2].removeprefix("\n") if len(parts) == 5 else parts[-2]
    demand(len(parts) == 6 or parts[-2].startswith("\n"))
    first = log_word(f"{parts[1]}\n\n{parts[2]}\n".encode(), log)
    second = log_word(f"{last}\n\n{parts[-1]}".encode(), log)
    if first.size == second.size:
        demand(not between and first.root != second.root)
    else:
        demand(first.size < second.size and between and between[0].startswith("prefix "))
        prefix = base64_bytes(between[0][7:], 32)
        consistent(first.size, prefix, second.size, second.root, hashes(between[1:]))
        demand(prefix != first.root)
    middle = "".join(f"{row}\n" for row in between)
    return f"huxin/fork@v1\n\n{log_alone(first)}\n{middle}\n{log_alone(second)}"


def unique(code: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    demand(len(dict(pairs)) == len(pairs), code)
    return dict(pairs)


def refuse(code: str, _: str) -> NoReturn:
    raise Refused(code)


def strict_json(data: bytes, code: str) -> Any:
    """UTF-8, no name twice, integers without a sign, 32 levels, no lone surrogate (§7.1)."""
    no = partial(refuse, code)

    def whole(digits: str) -> int:
        demand(digits.isdigit() and len(digits) < 20 and int(digits) < 2**63, code)
        return int(digits)

    try:
        value = json.loads(
            utf8(data, code),
            object_pairs_hook=partial(unique, code),
            parse_constant=no,
            parse_float=no,
            parse_int=whole,
        )
    except (json.JSONDecodeError, RecursionError):
        raise Refused(code) from None
    level = [value]
    for depth in range(33):
        demand(depth < 32 or not any(isinstance(x, dict | list) for x in level), code)
        texts = [x for x in level if isinstance(x, str)]
        demand(not re.search("[\ud800-\udfff]", "".join(texts)), code)
        level = [y for x in level if isinstance(x, dict | list) for y in (*x, *values_of(x))]
    return value


def values_of(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


def envelope(data: bytes, code: str) -> tuple[str, bytes, list[bytes]]:
    """Payload type, payload and signatures of a DSSE envelope (§7.1)."""
    demand(len(data) <= 2_097_152, code)
    outer = strict_json(data, code)
    demand(isinstance(outer, dict) and isinstance(outer.get("payloadType"), str), code)
    rows = outer.get("signatures")
    demand(isinstance(rows, list) and len(rows) <= 256, code)
    demand(all(isinstance(row, dict) for row in rows), code)
    demand(all(isinstance(row.get("keyid", ""), str) for row in rows), code)
    found = [either_base64(row.get("sig"), code) for row in rows]
    return outer["payloadType"], either_base64(outer.get("payload"), code), found


def good_keys(kind: str, payload: bytes, signatures: list[bytes], keys: list[bytes]) -> list[bytes]:
    """Those keys under which some signature over the PAE is good."""
    name = kind.encode()
    pae = b" ".join((b"DSSEv1", b"%d" % len(name), name, b"%d" % len(payload), payload))
    return [key for key in keys if any(signed(key, pae, sig) for sig in signatures)]

"""Checks an exported log or the bundle of one statement, written from protos/SPEC.md alone.

It shares no code with the programs that make exports, so that a fault of theirs shows here.
Of a disclosure it checks the commitment; it does not decode the payload (SPEC 4.5, point 5).
Exit status: 0 nothing found, 1 one line for each finding, 2 wrong use.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import re
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from nacl import bindings
from nacl.exceptions import BadSignatureError

Files = Mapping[str, Path]
NAME = re.compile(r"[^\s+\x00-\x1f]+")
OPEN_KINDS = frozenset({7, 8, 10, 12, 13, 14, 15})
ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,185}[a-z0-9])?/[1-9][0-9]{0,8}")


class Key(NamedTuple):
    """One line of a `vkey` file."""

    name: str
    key_id: bytes
    public: bytes


class Checkpoint(NamedTuple):
    """A checkpoint whose log line is good, with all its signature lines."""

    text: str
    size: int
    root: bytes
    lines: Sequence[tuple[str, bytes, bytes]]


@contextmanager
def stopping(code: str) -> Iterator[None]:
    """Turns whatever is wrong with some bytes into the finding of one code."""
    try:
        yield
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{code}: {type(error).__name__} {error}") from None


def demand(condition: object, what: str) -> None:
    """Refuses bytes for which a condition does not hold."""
    if not condition:
        raise ValueError(what)


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the joined parts."""
    return hashlib.sha256(b"".join(parts)).digest()


def decimal(text: str) -> int:
    """A decimal number in its one spelling."""
    demand(re.fullmatch(r"0|[1-9][0-9]{0,18}", text) and int(text) < 2**63, "not decimal")
    return int(text)


def base64_bytes(text: str, size: int | None = None) -> bytes:
    """Canonical base64, of an exact number of bytes where one is given."""
    raw = base64.b64decode(text, validate=True)
    demand(base64.b64encode(raw).decode() == text and size in (None, len(raw)), "bad base64")
    return raw


def parse_vkeys(data: bytes) -> list[Key]:
    """The keys of a `vkey` file: the log's, then cosigners'."""
    demand(len(data) <= 65_536 and data.endswith(b"\n"), "too long, or no newline at its end")
    keys: list[Key] = []
    for line in data.decode()[:-1].split("\n"):
        name, hex_id, encoded = line.split("+", 2)
        raw = base64_bytes(encoded, 33)
        key = Key(name, sha256(name.encode(), b"\n", raw)[:4], raw[1:])
        demand(NAME.fullmatch(name) and key.key_id.hex() == hex_id, "wrong name or key id")
        sound = bindings.crypto_core_ed25519_is_valid_point(key.public)
        demand(sound and raw[0] == (4 if keys else 1), "weak public key or wrong type")
        demand(key[:2] not in [other[:2] for other in keys], "a key stands twice")
        keys.append(key)
    return keys


def signed_by(key: Key, message: str, signature: bytes) -> bool:
    """Whether an Ed25519 signature is good."""
    try:
        bindings.crypto_sign_open(signature + message.encode(), key.public)
    except BadSignatureError:
        return False
    return len(signature) == 64


def parse_checkpoint(data: bytes, log: Key) -> Checkpoint:
    """A checkpoint signed by the log's key; other lines are only taken apart."""
    at = data.rfind(b"\n\n")
    text, rows = data[: at + 1].decode(), data[at + 2 :].decode().split("\n")
    demand(len(data) <= 65_536 and at >= 0 and rows.pop() == "", "not a signed note")
    demand(1 <= len(rows) <= 100, "no or too many signature lines")
    demand(not any(c < " " and c != "\n" for c in text), "control character")
    lines = []
    for row in rows:
        mark, name, encoded = row.split(" ")
        raw = base64_bytes(encoded)
        demand(mark == "—" and NAME.fullmatch(name) and len(raw) > 4, "malformed signature line")
        lines.append((name, raw[:4], raw[4:]))
    own = [sig for *key, sig in lines if key == [log.name, log.key_id]]
    demand(own and all(signed_by(log, text, sig) for sig in own), "bad signature of the log")
    origin, size, root, end = text.split("\n")
    demand(ORIGIN.fullmatch(origin) and origin == log.name and not end, "not of this log")
    return Checkpoint(text, decimal(size), base64_bytes(root, 32), lines)


def cosignatures(point: Checkpoint, keys: Sequence[Key], *, strict: bool) -> Iterator[str]:
    """Checks every line but the log's own; strictly, lines of unlisted keys are findings."""
    known = {key[:2]: key for key in keys}
    for name, key_id, sig in point.lines:
        key = known.get((name, key_id))
        time = int.from_bytes(sig[:8], "big")
        message = f"cosignature/v1\ntime {time}\n{point.text}"
        if key is None and strict:
            yield f"checkpoint.cosignature: line of {name}, which vkey does not list"
        elif key not in (None, keys[0]) and (time >= 2**63 or not signed_by(key, message, sig[8:])):
            yield f"checkpoint.cosignature: bad line of {name}"


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes (RFC 6962 2.1)."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01", tree_root(hashes[:split]), tree_root(hashes[split:]))


def proved_root(node: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf hash and its inclusion proof give; empty for a wrong length."""
    if size < 2 or not path:
        return node if (index, size, len(path)) == (0, 1, 0) else b""
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return sha256(b"\x01", proved_root(node, index, split, path[:-1]), path[-1])
    return sha256(b"\x01", path[-1], proved_root(node, index - split, size - split, path[:-1]))


def opens(origin: str, leaf: bytes, opening: bytes) -> bool:
    """Whether salt and payload are what a leaf of version 1 commits to."""
    name, payload = origin.encode(), opening[32:]
    message = opening[:32] + len(name).to_bytes(2, "big") + name + leaf[:44]
    message += len(payload).to_bytes(4, "big") + payload
    bounded = len(leaf) == 76 and leaf[0] == 1 and 32 <= len(opening) <= 32_800
    return bounded and hmac.digest(b"huxin/commitment/v1", message, "sha256") == leaf[44:]


def grouped(number: int) -> str:
    """A number in groups of three digits: 1234067 is x001/x234/067."""
    digits = f"{number:0{(len(str(number)) + 2) // 3 * 3}}"
    return re.sub("([0-9]{3})(?=[0-9])", r"x\1/", digits)


def tiles(size: int, level: int | str) -> Iterator[tuple[str, int]]:
    """Path and width of each tile of one level of a log."""
    count = size >> 8 * level if isinstance(level, int) else size
    for first in range(0, count, 256):
        suffix = f".p/{count - first}" if count - first < 256 else ""
        yield f"tile/{level}/{grouped(first // 256)}{suffix}", min(256, count - first)


def load(files: Files, name: str) -> bytes:
    """The bytes of a file; of one longer than any may be, only the beginning."""
    with files[name].open("rb") as stream:
        return stream.read(256 * (2 + 65_535) + 1)


def read_leaves(files: Files, size: int) -> Generator[str, None, list[bytes]]:
    """The leaves of all entry tiles (A3); fewer than the size where something is wrong."""
    leaves: list[bytes] = []
    for path, width in tiles(size, "entries"):
        data, at, entries = load(files, path) if path in files else b"", 0, list[bytes]()
        while at + 2 <= len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            entries.append(data[at + 2 : end])
            at = end
        if at == len(data) and len(entries) == width:
            leaves += entries
        else:
            yield f"{'entries.malformed' if path in files else 'file.missing'}: {path}"
    return leaves


def check_hashes(files: Files, leaves: Sequence[bytes], point: Checkpoint) -> Iterator[str]:
    """Recomputes every hash tile and the root (A4); without all leaves, looks for missing tiles."""
    hashes = [sha256(b"\x00", leaf) for leaf in leaves]
    complete = len(leaves) == point.size
    sound = complete and tree_root(hashes) == point.root
    for level in range(8):
        for at, (path, width) in enumerate(tiles(point.size, level)):
            if path not in files:
                yield f"file.missing: {path}"
            elif complete and load(files, path) != b"".join(hashes[at * 256 : at * 256 + width]):
                yield f"{'tile' if sound or level else 'entries'}.mismatch: {path}"
        hashes = [tree_root(hashes[i : i + 256]) for i in range(0, len(hashes) - 255, 256)]
    if complete and not sound:
        yield "root.mismatch: the leaves give another root than the checkpoint's"


def check_export(files: Files, keys: Sequence[Key], folder: str | None) -> Iterator[str]:
    """Checks the files of one log (SPEC 4.3)."""
    with stopping("checkpoint.invalid"):
        point = parse_checkpoint(load(files, "checkpoint"), keys[0])
    if folder not in (None, keys[0].name.replace("/", "__")):
        yield f"export.misnamed: {folder}"
    yield from cosignatures(point, keys, strict=True)
    leaves = yield from read_leaves(files, point.size)
    yield from check_hashes(files, leaves, point)
    for index, leaf in enumerate(leaves if len(leaves) == point.size else []):
        path = f"openings/{grouped(index)}"
        if path in files and not opens(keys[0].name, leaf, load(files, path)):
            yield f"opening.mismatch: {path}"
        if path not in files and len(leaf) == 76 and leaf[0] == 1 and leaf[1] in OPEN_KINDS:
            yield f"opening.missing: {path}"
    known = {path for kind in ("entries", *range(8)) for path, _ in tiles(point.size, kind)}
    known |= {"vkey", "checkpoint"}
    for name in sorted(files.keys() - known):
        index = int("0" + re.sub("[^0-9]", "", name)[:20])
        if index >= point.size or name != f"openings/{grouped(index)}":
            yield f"file.unexpected: {name}"


def check_bundle(files: Files, keys: Sequence[Key]) -> Iterator[str]:
    """Checks the bundle of one statement (SPEC 4.5)."""
    with stopping("proof.malformed"):
        head, _, note = load(files, "proof").partition(b"\n\n")
        demand(len(head) <= 65_536 and head.isascii(), "the head is too long or not ASCII")
        first, *rows = head.decode().split("\n")
        if rows and rows[0].startswith("extra "):
            base64_bytes(rows.pop(0)[6:])
        demand(first == "c2sp.org/tlog-proof@v1" and rows, "no proof file")
        demand(rows[0].startswith("index ") and len(rows) <= 65, "no index, or too many hashes")
        index, path = decimal(rows[0][6:]), [base64_bytes(row, 32) for row in rows[1:]]
    with stopping("checkpoint.invalid"):
        point = parse_checkpoint(note, keys[0])
    with stopping("leaf.missing"):
        leaf = load(files, "leaf")
    if proved_root(sha256(b"\x00", leaf), index, point.size, path) != point.root:
        yield f"proof.mismatch: this leaf is not shown to stand at index {index}"
    yield from cosignatures(point, keys, strict=False)
    if "opening" in files and not opens(keys[0].name, leaf, load(files, "opening")):
        yield "opening.mismatch: the leaf does not commit to this salt and payload"


def check(command: str, folder: Path, trusted: Sequence[str], name: str | None) -> Iterator[str]:
    """Checks a folder, or each folder of an export of several logs."""
    files: dict[str, Path] = {}
    inner = [] if command == "bundle" or name else sorted(folder.iterdir())
    if inner and not {"vkey", "checkpoint"} & {path.name for path in inner}:
        for path in inner:
            if path.is_dir() and not path.is_symlink():
                yield from check(command, path, trusted, path.name)
            else:
                yield f"file.unexpected: {path.name}"
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            files[path.relative_to(folder).as_posix()] = path
        elif path.is_symlink() or not path.is_dir():
            yield f"file.unexpected: {path.relative_to(folder)}"
    try:
        with stopping("vkey.malformed"):
            keys = parse_vkeys(load(files, "vkey"))
        if trusted and load(files, "vkey").decode().split("\n")[0] not in trusted:
            yield f"vkey.untrusted: {keys[0].name}"
        one = check_bundle(files, keys) if command == "bundle" else check_export(files, keys, name)
        yield from one
    except (OSError, ValueError) as error:
        yield str(error)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("export", "bundle"))
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--key", action="append", default=[], help="a vkey known from elsewhere")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is not a folder")
    found = list(islice(check(given.command, given.folder, given.key, None), 1001))
    if len(found) > 1000:
        found[1000] = "export.too-much-wrong: more than 1000 findings"
    sys.stdout.write("".join(f"{ascii(line)[1:-1]}\n" for line in found or ["ok"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

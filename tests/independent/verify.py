"""Checks an exported log or the bundle of one statement, written from protos/SPEC.md alone.

It shares no code with the programs that make exports, so that a fault of theirs shows here.
Of a disclosure it checks the commitment; it does not decode the payload (SPEC 4.5, last part
of point 5). Exit status: 0 nothing found, 1 one line for each finding, 2 wrong use.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nacl import bindings
from nacl.exceptions import CryptoError

Files = Mapping[str, Path | bytes]
MAX_INT = 2**63 - 1
MAX_FINDINGS = 1000
MAX_NOTE = 65_536
MAX_FILE = 256 * (2 + 65_535) + 1
ORDER = 2**252 + 27742317777372353535851937790883648493
OPEN_KINDS = frozenset({7, 8, 10, 12, 13, 14, 15})
ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,185}[a-z0-9])?/[1-9][0-9]{0,8}")
OPENING = re.compile(r"openings/((?:x[0-9]{3}/)*[0-9]{3})")


class RefusedError(Exception):
    """The bytes are not what the specification asks for."""


class TooMuchWrongError(Exception):
    """There are as many findings as are reported."""


class Findings(list[str]):
    """The lines to print."""

    def add(self, code: str, what: str) -> None:
        """Notes one finding; stops the check when there are too many."""
        self.append(f"{code}: {ascii(what)[1:-1]}")
        if len(self) >= MAX_FINDINGS:
            self.append(f"export.too-much-wrong: stopped after {MAX_FINDINGS} findings")
            raise TooMuchWrongError


@dataclass(frozen=True)
class Key:
    """One line of a `vkey` file."""

    name: str
    key_id: bytes
    kind: int
    public: bytes


@dataclass(frozen=True)
class Checkpoint:
    """A signed note over a size and a root, its log line checked."""

    text: bytes
    origin: str
    size: int
    root: bytes
    lines: Sequence[tuple[str, bytes, bytes]]


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the joined parts."""
    return hashlib.sha256(b"".join(parts)).digest()


def decimal(text: str) -> int:
    """A decimal number in its one spelling."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text) or int(text) > MAX_INT:
        raise RefusedError("not a decimal number")
    return int(text)


def base64_bytes(text: str, size: int | None = None) -> bytes:
    """Canonical base64, of an exact number of bytes where one is given."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise RefusedError("not base64") from None
    if base64.b64encode(raw).decode() != text or size not in (None, len(raw)):
        raise RefusedError("base64 in another spelling or length")
    return raw


def key_name(name: str) -> str:
    """A name that a key may have."""
    if not name or any(c.isspace() or c == "+" or c < " " for c in name):
        raise RefusedError("not a key name")
    return name


def utf8(data: bytes) -> str:
    """Text of bytes."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise RefusedError("not UTF-8") from None


def parse_vkeys(data: bytes) -> list[Key]:
    """The keys of a `vkey` file: the log's, then cosigners'."""
    if len(data) > MAX_NOTE or not data.endswith(b"\n"):
        raise RefusedError("too long, or without a newline at its end")
    keys: list[Key] = []
    for line in utf8(data)[:-1].split("\n"):
        name, _, rest = line.partition("+")
        hex_id, _, encoded = rest.partition("+")
        raw = base64_bytes(encoded, 33)
        key = Key(key_name(name), sha256(name.encode(), b"\n", raw)[:4], raw[0], raw[1:])
        if key.key_id.hex() != hex_id or key.kind != (4 if keys else 1):
            raise RefusedError(f"wrong key id or type in line {len(keys) + 1}")
        if not bindings.crypto_core_ed25519_is_valid_point(key.public):
            raise RefusedError(f"weak public key in line {len(keys) + 1}")
        if any((other.name, other.key_id) == (key.name, key.key_id) for other in keys):
            raise RefusedError(f"key of line {len(keys) + 1} stands twice")
        keys.append(key)
    return keys


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 (RFC 8032); S below the order, R compared byte for byte."""
    r, s = signature[:32], signature[32:]
    if len(signature) != 64 or int.from_bytes(s, "little") >= ORDER:
        return False
    h = bindings.crypto_core_ed25519_scalar_reduce(hashlib.sha512(r + public + message).digest())
    try:
        left = bindings.crypto_scalarmult_ed25519_base_noclamp(s)
        right = bindings.crypto_scalarmult_ed25519_noclamp(h, public)
        return bindings.crypto_core_ed25519_sub(left, right) == r
    except (CryptoError, RuntimeError):
        return False


def parse_checkpoint(data: bytes, log: Key) -> Checkpoint:
    """A checkpoint signed by the log's key; other lines are not looked into."""
    body = utf8(data)
    at = body.rfind("\n\n")
    text, rows = body[: at + 1], body[at + 2 :].split("\n")
    if len(data) > MAX_NOTE or at < 0 or rows.pop() != "" or not 1 <= len(rows) <= 100:
        raise RefusedError("not a signed note")
    if any(c < " " and c != "\n" for c in text):
        raise RefusedError("control character in the note")
    lines = []
    for row in rows:
        match = re.fullmatch(r"— ([^ \n]+) ([^ \n]+)", row)
        if not match or len(raw := base64_bytes(match[2])) < 5:
            raise RefusedError("malformed signature line")
        lines.append((key_name(match[1]), raw[:4], raw[4:]))
    own = [sig for name, key_id, sig in lines if (name, key_id) == (log.name, log.key_id)]
    if not own or not all(signed_by(log.public, text.encode(), sig) for sig in own):
        raise RefusedError("no good signature of the log's key")
    parts = text.split("\n")
    if len(parts) != 4 or not ORIGIN.fullmatch(parts[0]) or parts[0] != log.name:
        raise RefusedError("not three lines, or another origin than the key's name")
    root = base64_bytes(parts[2], 32)
    return Checkpoint(text.encode(), parts[0], decimal(parts[1]), root, lines)


def check_cosignatures(
    checkpoint: Checkpoint, keys: Sequence[Key], found: Findings, ignore_unlisted: bool
) -> None:
    """Checks every line but the log's own."""
    known = {(key.name, key.key_id): key for key in keys}
    for name, key_id, sig in checkpoint.lines:
        key = known.get((name, key_id))
        if key is None:
            if not ignore_unlisted:
                found.add("checkpoint.cosignature", f"line of {name}, which vkey does not list")
        elif key.kind == 4:
            time = int.from_bytes(sig[:8], "big")
            message = f"cosignature/v1\ntime {time}\n".encode() + checkpoint.text
            if len(sig) != 72 or time > MAX_INT or not signed_by(key.public, message, sig[8:]):
                found.add("checkpoint.cosignature", f"bad line of {name}")


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes (RFC 6962 2.1)."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01", tree_root(hashes[:split]), tree_root(hashes[split:]))


def included(leaf_hash: bytes, index: int, path: Sequence[bytes], point: Checkpoint) -> bool:
    """Verifies an inclusion proof (RFC 9162 2.1.3.2)."""
    if index >= point.size:
        return False
    at, last, node = index, point.size - 1, leaf_hash
    for other in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = sha256(b"\x01", other, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = sha256(b"\x01", node, other)
        at, last = at >> 1, last >> 1
    return last == 0 and node == point.root


def opens(origin: str, leaf: bytes, opening: bytes) -> bool:
    """Whether salt and payload are what a leaf of version 1 commits to."""
    if len(leaf) != 76 or leaf[0] != 1 or not 32 <= len(opening) <= 32_800:
        return False
    name, payload = origin.encode(), opening[32:]
    parts = (opening[:32], len(name).to_bytes(2, "big"), name, leaf[:44])
    message = b"".join(parts) + len(payload).to_bytes(4, "big") + payload
    return hmac.digest(b"huxin/commitment/v1", message, "sha256") == leaf[44:]


def grouped(number: int) -> str:
    """A number in groups of three digits: 1234067 is x001/x234/067."""
    text = f"{number % 1000:03d}"
    while number := number // 1000:
        text = f"x{number % 1000:03d}/{text}"
    return text


def tiles(size: int, level: int | str) -> Iterator[tuple[str, int, int]]:
    """Path, position of the first entry and width of each tile of one level."""
    count = size if level == "entries" else size >> 8 * int(level)
    for first in range(0, count, 256):
        width = min(256, count - first)
        suffix = f".p/{width}" if width < 256 else ""
        yield f"tile/{level}/{grouped(first // 256)}{suffix}", first, width


def parse_entries(data: bytes, width: int) -> list[bytes] | None:
    """The leaves of an entry tile, or nothing where it holds another number of them."""
    leaves, at = [], 0
    for _ in range(width):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            return None
        leaves.append(data[at + 2 : end])
        at = end
    return leaves if at == len(data) else None


def load(files: Files, name: str) -> bytes:
    """The bytes of a file; of one that is far too long only the beginning."""
    where = files[name]
    if isinstance(where, bytes):
        return where
    with where.open("rb") as stream:
        return stream.read(MAX_FILE)


def read_keys(files: Files, trusted: Sequence[str], found: Findings) -> list[Key]:
    """The keys of `vkey`, the first compared with those trusted where some are given."""
    try:
        keys = parse_vkeys(load(files, "vkey"))
        if trusted and keys[0] not in [parse_vkeys(f"{line}\n".encode())[0] for line in trusted]:
            found.add("vkey.untrusted", keys[0].name)
        return keys
    except (KeyError, OSError, RefusedError) as error:
        found.add("vkey.malformed", str(error))
        return []


def check_tiles(files: Files, point: Checkpoint, found: Findings) -> tuple[set[str], list[bytes]]:
    """Recomputes every tile and the root (A3, A4); the paths expected, and the leaves if all."""
    paths, leaves, complete = set(), list[bytes](), True
    for path, _, width in tiles(point.size, "entries"):
        paths.add(path)
        entries = parse_entries(load(files, path), width) if path in files else None
        if entries is None:
            found.add("entries.malformed" if path in files else "file.missing", path)
        complete = complete and entries is not None
        leaves += entries or []
    hashes = [sha256(b"\x00", leaf) for leaf in leaves]
    sound = complete and tree_root(hashes) == point.root
    level = 0
    while point.size >> 8 * level:
        for path, first, width in tiles(point.size, level):
            paths.add(path)
            if path not in files:
                found.add("file.missing", path)
            elif complete and load(files, path) != b"".join(hashes[first : first + width]):
                wrong = "tile.mismatch" if sound or level else "entries.mismatch"
                found.add(wrong, path)
        full = range(0, len(hashes) - 255, 256)
        hashes = [tree_root(hashes[first : first + 256]) for first in full]
        level += 1
    if complete and not sound:
        found.add("root.mismatch", "the leaves give another root than the checkpoint's")
    return paths, leaves if complete else []


def check_export(files: Files, trusted: Sequence[str], folder: str | None, found: Findings) -> str:
    """Checks the folder of one log (SPEC 4.3); says what was checked."""
    keys = read_keys(files, trusted, found)
    if not keys:
        return ""
    try:
        point = parse_checkpoint(load(files, "checkpoint"), keys[0])
    except (KeyError, OSError, RefusedError) as error:
        found.add("checkpoint.invalid", str(error))
        return ""
    if folder is not None and folder != point.origin.replace("/", "__"):
        found.add("export.misnamed", folder)
    check_cosignatures(point, keys, found, ignore_unlisted=False)
    paths, leaves = check_tiles(files, point, found)
    paths |= {"vkey", "checkpoint"}
    for index, leaf in enumerate(leaves):
        path = f"openings/{grouped(index)}"
        if path in files and not opens(point.origin, leaf, load(files, path)):
            found.add("opening.mismatch", path)
        if path not in files and len(leaf) == 76 and leaf[0] == 1 and leaf[1] in OPEN_KINDS:
            found.add("opening.missing", path)
    for name in sorted(files.keys() - paths):
        match = OPENING.fullmatch(name)
        index = int(re.sub("[x/]", "", match[1])) if match else point.size
        if index >= point.size or name != f"openings/{grouped(index)}":
            found.add("file.unexpected", name)
    return f"{point.origin} size {point.size} root {point.root.hex()}"


def check_bundle(files: Files, trusted: Sequence[str], found: Findings) -> str:
    """Checks the bundle of one statement (SPEC 4.5); says what was checked."""
    keys = read_keys(files, trusted, found)
    if not keys:
        return ""
    try:
        head, _, note = load(files, "proof").partition(b"\n\n")
        first, *rows = utf8(head).split("\n")
        if rows and rows[0].startswith("extra "):
            base64_bytes(rows.pop(0)[6:])
        if first != "c2sp.org/tlog-proof@v1" or not rows or not rows[0].startswith("index "):
            raise RefusedError("not a proof file")
        index, path = decimal(rows[0][6:]), [base64_bytes(row, 32) for row in rows[1:]]
        if len(head) > MAX_NOTE or not head.isascii() or len(path) > 64:
            raise RefusedError("a proof file that is too long")
        leaf = load(files, "leaf")
        opening = load(files, "opening") if "opening" in files else None
    except (KeyError, OSError, RefusedError) as error:
        found.add("proof.malformed", str(error))
        return ""
    try:
        point = parse_checkpoint(note, keys[0])
    except RefusedError as error:
        found.add("checkpoint.invalid", str(error))
        return ""
    if not included(sha256(b"\x00", leaf), index, path, point):
        found.add("proof.mismatch", f"the leaf is not shown to stand at index {index}")
    check_cosignatures(point, keys, found, ignore_unlisted=True)
    if opening is not None and not opens(point.origin, leaf, opening):
        found.add("opening.mismatch", "the leaf does not commit to salt and payload")
    return f"{point.origin} leaf {index} of {point.size} root {point.root.hex()}"


def folder_files(folder: Path, found: Findings) -> dict[str, Path | bytes]:
    """The regular files below a folder by their paths; links and the like are findings."""
    files: dict[str, Path | bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            found.add("file.unexpected", path.relative_to(folder).as_posix())
        elif path.is_file():
            files[path.relative_to(folder).as_posix()] = path
    return files


def run(command: str, folder: Path, trusted: Sequence[str], found: Findings) -> list[str]:
    """Runs one command on a folder; what was checked, one line for each log."""
    if command == "bundle":
        return [check_bundle(folder_files(folder, found), trusted, found)]
    if (folder / "vkey").exists() or (folder / "checkpoint").exists():
        return [check_export(folder_files(folder, found), trusted, None, found)]
    done = []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            done.append(check_export(folder_files(path, found), trusted, path.name, found))
        else:
            found.add("file.unexpected", path.name)
    if not done:
        found.add("file.missing", "no log lies in the folder")
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("export", "bundle"))
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--key", action="append", default=[], help="a vkey known from elsewhere")
    given = parser.parse_args(arguments)
    try:
        for line in given.key:
            parse_vkeys(f"{line}\n".encode())
    except RefusedError as error:
        parser.error(f"--key: {error}")
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is not a folder")
    found, done = Findings(), list[str]()
    try:
        done = run(given.command, given.folder, given.key, found)
    except TooMuchWrongError:
        pass
    print("\n".join(found or [f"ok {line}" for line in done]))
    if not given.key:
        print("the log's key was not compared with one from elsewhere", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

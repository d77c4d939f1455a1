"""Checks an exported log or the bundle of one statement, written from protos/SPEC.md alone.

Shares no code with what makes them. Exit status: 0 good, 1 a line for each finding, 2 wrong use.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import re
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

Files = Mapping[str, Path]
Lines = list[tuple[str, bytes, bytes]]
LOG_NAMES = frozenset({"vkey", "checkpoint", "tile", "openings"})
NAME = re.compile(r"[^\s+\x00-\x1f]+")
PROOF = re.compile(r"\Ac2sp\.org/tlog-proof@v1\n(?:extra (.*)\n)?index (.*)((?:\n.+){0,64})\Z")
OPEN_KINDS = frozenset({7, 8, 10, 12, 13, 14, 15})
ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,185}[a-z0-9])?/[1-9][0-9]{0,8}")


class Key(NamedTuple):
    """One line of a `vkey` file."""

    name: str
    key_id: bytes
    public: bytes


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
        good = crypto_core_ed25519_is_valid_point(key.public) and raw[0] == (4 if keys else 1)
        demand(good and NAME.fullmatch(name) and key.key_id.hex() == hex_id, "not a good vkey")
        demand(key[:2] not in [other[:2] for other in keys], "a key stands twice")
        keys.append(key)
    return keys


def signed_by(key: Key, message: str, signature: bytes) -> bool:
    """Whether an Ed25519 signature is good."""
    with suppress(BadSignatureError):
        return crypto_sign_open(signature + message.encode(), key.public) == message.encode()
    return False


def parse_checkpoint(data: bytes, log: Key) -> tuple[str, int, bytes, Lines]:
    """Text, size, root and all signature lines of a checkpoint signed by the log's key."""
    at = data.rfind(b"\n\n")
    text, rows = data[: at + 1].decode(), data[at + 2 :].decode().split("\n")
    demand(len(data) <= 131_072 and at >= 0 and not rows.pop() and 0 < len(rows) <= 100, "no note")
    demand(not any(c < " " and c != "\n" for c in text), "control character")
    lines: Lines = []
    for row in rows:
        mark, name, encoded = row.split(" ")
        raw = base64_bytes(encoded)
        demand(mark == "—" and NAME.fullmatch(name) and len(raw) > 4, "malformed signature line")
        lines.append((name, raw[:4], raw[4:]))
    own = [sig for *key, sig in lines if key == [log.name, log.key_id]]
    demand(own and all(signed_by(log, text, sig) for sig in own), "bad signature of the log")
    origin, size, root, end = text.split("\n")
    demand(ORIGIN.fullmatch(origin) and origin == log.name and not end, "not of this log")
    return text, decimal(size), base64_bytes(root, 32), lines


def cosignatures(text: str, lines: Lines, keys: Sequence[Key], strict: bool) -> Iterator[str]:
    """Checks every line but the log's own; strictly, lines of unlisted keys are findings."""
    known = {key[:2]: key for key in keys}
    for name, key_id, sig in lines:
        key = known.get((name, key_id))
        time = int.from_bytes(sig[:8], "big")
        message = f"cosignature/v1\ntime {time}\n{text}"
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
    """Whether salt and payload are what 76 bytes commit to."""
    name, payload = origin.encode(), opening[32:]
    message = opening[:32] + len(name).to_bytes(2, "big") + name + leaf[:44]
    message += len(payload).to_bytes(4, "big") + payload
    bounded = len(leaf) == 76 and 32 <= len(opening) <= 32_800
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


def read_leaves(
    files: Files, size: int
) -> Generator[str, None, tuple[dict[int, bytes], list[bytes]]]:
    """Leaves by index and all leaf hashes (A3); the hash tile stands in for broken entries."""
    leaves, hashes = dict[int, bytes](), list[bytes]()
    for path, width in tiles(size, "entries"):
        data, at, entries = load(files, path) if path in files else b"", 0, list[bytes]()
        while at + 2 <= len(data):
            start, at = at + 2, at + 2 + int.from_bytes(data[at : at + 2], "big")
            entries.append(data[start:at])
        if at == len(data) and len(entries) == width:
            leaves |= dict(enumerate(entries, len(hashes)))
            hashes += [sha256(b"\x00", leaf) for leaf in entries]
        else:
            yield f"{'entries.malformed' if path in files else 'file.missing'}: {path}"
            tile = load(files, other) if (other := path.replace("entries", "0")) in files else b""
            good = len(tile) == 32 * width
            hashes += [tile[i * 32 : i * 32 + 32] if good else b"" for i in range(width)]
    return leaves, hashes


def check_hashes(files: Files, hashes: Sequence[bytes], size: int, root: bytes) -> Iterator[str]:
    """Recomputes every hash tile and the root (A4), unless leaf hashes are missing."""
    differing, whole = list[str](), all(len(one) == 32 for one in hashes)
    sound = whole and tree_root(hashes) == root
    for level in range(8):
        for at, (path, width) in enumerate(tiles(size, level)):
            if path not in files:
                yield f"file.missing: {path}"
            elif whole and load(files, path) != b"".join(hashes[at * 256 : at * 256 + width]):
                differing.append(path)
        hashes = [tree_root(hashes[i : i + 256]) for i in range(0, len(hashes) - 255, 256)]
    entries = [] if sound else [path for path in differing if path.startswith("tile/0/")]
    yield from (f"entries.mismatch: {path.replace('0', 'entries', 1)}" for path in entries)
    if not entries:
        yield from (f"tile.mismatch: {path}" for path in differing)
        yield from ["root.mismatch: the leaves give another root"] * (whole and not sound)


def check_export(files: Files, keys: Sequence[Key], folder: str) -> Iterator[str]:
    """Checks the files of one log (SPEC 4.3)."""
    with stopping("checkpoint.invalid"):
        text, size, root, lines = parse_checkpoint(load(files, "checkpoint"), keys[0])
    if folder not in ("", keys[0].name.replace("/", "__")):
        yield f"export.misnamed: {folder}"
    yield from cosignatures(text, lines, keys, strict=True)
    leaves, hashes = yield from read_leaves(files, size)
    yield from check_hashes(files, hashes, size, root)
    for index, leaf in leaves.items():
        path, known = f"openings/{grouped(index)}", leaf[:1] == b"\x01" and len(leaf) == 76
        if path in files and not (known and opens(keys[0].name, leaf, load(files, path))):
            yield f"opening.mismatch: {path}"
        if path not in files and known and leaf[1] in OPEN_KINDS:
            yield f"opening.missing: {path}"
    expected = {path for kind in ("entries", *range(8)) for path, _ in tiles(size, kind)}
    for name in sorted(files.keys() - expected - {"vkey", "checkpoint"}):
        index = int("0" + re.sub("[^0-9]", "", name)[:20])
        if index >= size or name != f"openings/{grouped(index)}":
            yield f"file.unexpected: {name}"


def check_bundle(files: Files, keys: Sequence[Key]) -> Iterator[str]:
    """Checks the bundle of one statement (SPEC 4.5); does not decode the payload."""
    with stopping("proof.malformed"):
        head, _, note = load(files, "proof").partition(b"\n\n")
        [(extra, at, rows)] = PROOF.findall(head.decode("ascii") if len(head) <= 65_536 else "")
        index, path = decimal(at), [base64_bytes(row, 32) for row in rows.split("\n")[1:]]
        base64_bytes(extra)
    with stopping("checkpoint.invalid"):
        text, size, root, lines = parse_checkpoint(note, keys[0])
    with stopping("leaf.missing"):
        leaf = load(files, "leaf")
    if proved_root(sha256(b"\x00", leaf), index, size, path) != root:
        yield f"proof.mismatch: this leaf is not shown to stand at index {index}"
    yield from cosignatures(text, lines, keys, strict=False)
    opening = load(files, "opening") if "opening" in files else None
    if opening is not None and not (leaf[:1] == b"\x01" and opens(keys[0].name, leaf, opening)):
        yield "opening.mismatch: the leaf does not commit to this salt and payload"


def check(bundle: bool, folder: Path, trusted: Sequence[str], name: str) -> Iterator[str]:
    """Checks a bundle, or one log; without a name only what a log has in an export's folder."""
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if bundle or name or place.parts[0] in LOG_NAMES:
            if path.is_file() and not path.is_symlink():
                files[place.as_posix()] = path
            elif path.is_symlink() or not path.is_dir() or not any(path.iterdir()):
                files[f"{place.as_posix()}/"] = path  # a name that no file may have
    try:
        with stopping("vkey.malformed"):
            keys = parse_vkeys(load(files, "vkey"))
        if trusted and load(files, "vkey").decode().split("\n")[0] not in trusted:
            yield f"vkey.untrusted: {keys[0].name}"
        yield from check_bundle(files, keys) if bundle else check_export(files, keys, name)
    except (OSError, ValueError) as error:
        yield str(error)


def check_all(bundle: bool, folder: Path, trusted: Sequence[str]) -> Iterator[str]:
    """Checks a bundle, or all logs of an export, each in its own folder or directly there."""
    inner = [path for path in sorted(folder.iterdir()) if path.name not in LOG_NAMES]
    for path in [] if bundle else inner:
        good = path.is_dir() and not path.is_symlink()
        yield from check(False, path, trusted, path.name) if good else [f"file.unexpected: {path}"]
    if bundle or not inner or any((folder / name).exists() for name in LOG_NAMES):
        yield from check(bundle, folder, trusted, "")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("export", "bundle"))
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--key", action="append", default=[], help="the log's, from elsewhere")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is not a folder")
    found = list(islice(check_all(given.command == "bundle", given.folder, given.key), 1001))
    found[1000:] = ["export.too-much-wrong: more than 1000 findings"] * (len(found) > 1000)
    sys.stdout.write("".join(f"{ascii(line)[1:-1]}\n" for line in found or ["ok"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

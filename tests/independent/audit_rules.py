"""Checks an audit export from the alliance's id alone, with none of the program's code.

What `huxin audit export` writes (SPEC §8.6): SHA256SUMS, charters, a tlog-policy, logs, kept
checkpoints, checkpoints of query logs; one that goes on together with the earlier one.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.independent import forms, verify
from tests.independent.charter_rules import Alliance


def check(out: Path, pin: str, earlier: Path | None = None) -> Iterator[str]:
    """A line for everything that is not as the export of an honest node is."""
    yield from sums(out)
    alliance = Alliance(pin)
    versions = sorted((out / "charters" / pin).glob("*.json"), key=lambda p: int(p.stem))
    for path in versions:
        try:
            alliance.take(path.read_bytes())
        except forms.Refused as error:
            yield f"{path.name}: {error}"
    if not alliance.held:
        return
    newest = max(alliance.held.values(), key=lambda version: int(version["version"]))
    logs, cosigners = keys_of(newest)
    yield from policy(out / "policy" / f"{pin}.txt", logs, newest)
    for origin, key in logs.items():
        folder = origin.replace("/", "__")
        if not (out / "logs" / folder).is_dir():
            yield f"{origin}: no such log"
            continue
        known = [forms.vkey(one) for one in cosigners]
        with tempfile.TemporaryDirectory() as made:
            log = Path(made) / folder
            try:
                whole(out / "logs" / folder, earlier and earlier / "logs" / folder, log)
                yield from verify.check(False, log, [key], folder)
                yield from notes(log, out / "notes" / folder, forms.vkey(key), known)
            except forms.Refused as error:
                yield f"{origin}: {error}"
    yield from queries(out, newest)


def whole(log: Path, earlier: Path | None, made: Path) -> None:
    """A log with what an earlier export has of it, as `since` says."""
    shutil.copytree(log, made, symlinks=True)
    file = made / "since"
    if not file.is_file():
        return
    number = since(file.read_text(), 2**63 - 1)
    file.unlink()
    forms.demand(earlier is not None, "log.earlier-missing")
    assert earlier is not None
    tiles = [
        f"tile/{kind}/{verify.grouped(n)}"
        for n in range(number // 256)
        for kind in ("0", "entries")
    ]
    forms.demand(all((earlier / path).is_file() for path in tiles), "log.earlier-missing")
    openings = [f"openings/{verify.grouped(n)}" for n in range(number)]
    for path in (*tiles, *(one for one in openings if (earlier / one).is_file())):
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(earlier / path, made / path)


def queries(out: Path, version: Any) -> Iterator[str]:
    """Checkpoints of query logs: signed by the key that the charter names, and by witnesses."""
    known = [forms.vkey(one) for m in version["members"] for one in m["keys"].get("witness", ())]
    logs = [forms.vkey(one) for m in version["members"] for one in m["keys"].get("query_log", ())]
    for key in logs:
        for path in sorted((out / "queries" / key.name.replace("/", "__")).glob("*")):
            try:
                kept = forms.checkpoint(path.read_bytes(), key, known)
                forms.demand(str(kept.size) == path.name)
                forms.demand(all(one is not None for _, one in kept.lines))
            except forms.Refused as error:
                yield f"{path.name}: {error}"


def sums(out: Path) -> Iterator[str]:
    """SHA256SUMS, as `sha256sum -c` reads it, and whether it names all but tiles and openings."""
    rows = [row.split("  ", 1) for row in (out / "SHA256SUMS").read_text().splitlines()]
    for digest, path in rows:
        file = out / path
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield f"{path}: not as in SHA256SUMS"
    named = {path for _, path in rows} | {"SHA256SUMS"}
    for file in sorted(out.rglob("*")):
        place = file.relative_to(out)
        proved = place.parts[0] == "logs" and place.parts[2:3] in (("tile",), ("openings",))
        if not file.is_dir() and not proved and place.as_posix() not in named:
            yield f"{place}: not in SHA256SUMS"


def keys_of(version: Any) -> tuple[dict[str, str], list[str]]:
    """The key of each log, and those of all who may cosign it."""
    logs, cosigners = dict[str, str](), list[str]()
    for member in version["members"]:
        logs |= {segment["origin"]: segment["log_key"] for segment in member["segments"]}
        keys = member["keys"]
        cosigners += [*keys.get("head", ()), *keys.get("witness", ()), *keys.get("mirror", ())]
    return logs, cosigners


def policy(path: Path, logs: dict[str, str], version: Any) -> Iterator[str]:
    """A tlog-policy: each log, each witness and mirror, and a quorum of one of them."""
    rows = path.read_text().splitlines()
    named = {row.split(" ")[1] for row in rows if row.startswith("log ")}
    witnesses = {row.split(" ")[2] for row in rows if row.startswith("witness ")}
    keys = [member["keys"] for member in version["members"]]
    expected = {one for k in keys for one in (*k.get("witness", ()), *k.get("mirror", ()))}
    if named != set(logs.values()) or witnesses != expected or rows[-1] != "quorum others":
        yield f"{path.name}: {json.dumps(rows)}"


def notes(log: Path, kept_in: Path, signer: forms.Key, known: list[forms.Key]) -> Iterator[str]:
    """Kept checkpoints: signed, and of the history that the leaves give."""
    files = {path.relative_to(log).as_posix(): path for path in log.rglob("*") if path.is_file()}
    size = forms.checkpoint((log / "checkpoint").read_bytes(), signer, known).size
    reading = verify.read_leaves(files, size)
    hashes: list[bytes] = []
    while True:
        try:
            next(reading)
        except StopIteration as done:
            hashes = list(done.value[1])
            break
    for path in sorted(kept_in.glob("*")):
        try:
            kept = forms.checkpoint(path.read_bytes(), signer, known)
        except forms.Refused as error:
            yield f"{path.name}: {error}"
            continue
        if str(kept.size) != path.name or forms.tree_root(hashes[: kept.size]) != kept.root:
            yield f"{path.name}: of another history"


def report(data: bytes, key: forms.Key) -> list[Any]:
    """Result, time and sizes of the signed note of a report (§8.6)."""
    text, lines = forms.note(data)
    signed = [sig for _, name, key_id, sig in lines if (name, key_id) == key[:2]]
    forms.demand(signed and all(forms.good_line(key, text, sig) for sig in signed))
    rows = text.removesuffix("\n").split("\n")
    forms.demand(len(rows) > 2 and rows[0] == "huxin/audit-report@v1")
    result = re.fullmatch("result (clean|incomplete|findings)", rows[1])
    as_of = re.fullmatch("as-of (0|[1-9][0-9]{0,18})", rows[2])
    forms.demand(result and as_of)
    assert result is not None
    assert as_of is not None
    logs = [row for row in rows[3:] if row.startswith("log ")]
    files = rows[3 + len(logs) :]
    sizes = dict[str, int]()
    for row in logs:
        words = row.split(" ")
        forms.demand(len(words) == 4 and forms.ORIGIN.fullmatch(words[1]))
        forms.demand(re.fullmatch("0|[1-9][0-9]{0,18}", words[2]))
        forms.base64_bytes(words[3], 32)
        sizes[words[1]] = int(words[2])
    names = [row[66:] for row in files]
    forms.demand(all(re.fullmatch(r"[0-9a-f]{64}  [a-z]+\.[a-z]+", row) for row in files))
    for given in ([row.split(" ")[1] for row in logs], names):
        forms.demand(given == sorted(set(given)))
    return [result[1], int(as_of[1]), sizes]


def since(text: str, size: int) -> int:
    """Of how many first leaves an export does not have the files."""
    forms.demand(re.fullmatch("[1-9][0-9]{0,18}\n", text))
    forms.demand(int(text) % 256 == 0 and int(text) <= size)
    return int(text)

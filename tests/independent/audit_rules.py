"""Checks an audit export from the alliance's id alone, with none of the program's code.

What `huxin audit export` writes: SHA256SUMS, charters, a tlog-policy, logs, kept checkpoints.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.independent import forms, verify
from tests.independent.charter_rules import Alliance


def check(out: Path, pin: str) -> Iterator[str]:
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
        yield from verify.check(False, out / "logs" / folder, [key], folder)
        try:
            known = [forms.vkey(one) for one in cosigners]
            yield from notes(out, folder, forms.vkey(key), known)
        except forms.Refused as error:
            yield f"{origin}: {error}"


def sums(out: Path) -> Iterator[str]:
    """SHA256SUMS, as `sha256sum -c` reads it."""
    rows = [row.split("  ", 1) for row in (out / "SHA256SUMS").read_text().splitlines()]
    for digest, path in rows:
        file = out / path
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield f"{path}: not as in SHA256SUMS"


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


def notes(out: Path, folder: str, log: forms.Key, known: list[forms.Key]) -> Iterator[str]:
    """Kept checkpoints: signed, and of the history that the leaves give."""
    files = {
        path.relative_to(out / "logs" / folder).as_posix(): path
        for path in (out / "logs" / folder).rglob("*")
        if path.is_file()
    }
    size = forms.checkpoint((out / "logs" / folder / "checkpoint").read_bytes(), log, known).size
    reading = verify.read_leaves(files, size)
    hashes: list[bytes] = []
    while True:
        try:
            next(reading)
        except StopIteration as done:
            hashes = list(done.value[1])
            break
    for path in sorted((out / "notes" / folder).glob("*")):
        try:
            kept = forms.checkpoint(path.read_bytes(), log, known)
        except forms.Refused as error:
            yield f"{path.name}: {error}"
            continue
        if str(kept.size) != path.name or forms.tree_root(hashes[: kept.size]) != kept.root:
            yield f"{path.name}: of another history"

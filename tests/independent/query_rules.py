"""Leaves, promises and exports of query logs by SPEC §9.10 alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.independent import exchange_rules as exchange
from tests.independent import forms


def leaf(data: bytes) -> tuple[int, bytes, int]:
    """Kind, query id and time of a leaf."""
    good = len(data) == 76 and data[:4] == b"HXQ1" and data[4] in (1, 2, 3)
    forms.demand(good and data[29:44] == bytes(15), "queries.leaf")
    return data[4], data[5:21], int.from_bytes(data[21:29], "big")


def opens(origin: str, data: bytes, salt: bytes, payload: bytes) -> None:
    """QL1."""
    leaf(data)
    forms.demand(exchange.commitment(origin, salt, data[:44], payload) == data[44:])


def promise(data: bytes, log: forms.Key) -> dict[str, Any]:
    """QL2: what a promise names."""
    text, lines = forms.note(data)
    own = [sig for _, name, key_id, sig in lines if (name, key_id) == log[:2]]
    forms.demand(own and all(forms.good_line(log, text, sig) for sig in own))
    form = (
        rf"huxin query promise v1\n{re.escape(log.name)}\n([0-9a-f]{{32}})\n"
        r"(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n"
    )
    found = re.fullmatch(form, text)
    forms.demand(found, "queries.promise")
    assert found is not None
    hashed = forms.base64_bytes(found[3], 32)
    return {"query_id": found[1], "at": int(found[2]), "leaf_hash": hashed.hex()}


Files = Mapping[str, bytes]
Found = set[tuple[str, str]]


def export(
    files: Files, log: forms.Key, witnesses: list[forms.Key], promises: Files, seen: Files
) -> dict[str, Any]:
    """QX2 to QX5, of at most 255 entries: what is wrong, and the promises that hold."""
    found: Found = set()
    notes = {name: data for name, data in files.items() if name.startswith("checkpoint")}
    opened = dict(_opened(notes | dict(seen), log, witnesses, found))
    size = opened["checkpoint"][0]
    leaves = _leaves(files, size, found)
    hashes = [forms.leaf_hash(one) for one in leaves]
    if files.get(f"tile/0/000.p/{size}") != b"".join(hashes):
        found.add(("queries.tile", f"tile/0/000.p/{size}"))
    for name, (of, root, _) in opened.items():
        if of > size:
            found.add(("queries.behind", name))
        elif forms.tree_root(hashes[:of]) != root:
            found.add(("queries.root", name))
    held = {}
    for name, data in promises.items():
        try:
            said = _held(data, log)
        except forms.Refused:
            found.add(("queries.promise", name))
            continue
        hashed = bytes.fromhex(said["leaf_hash"])
        index = hashes.index(hashed) if hashed in hashes else -1
        if index < 0 or leaf(leaves[index])[1:] != (bytes.fromhex(said["query_id"]), said["at"]):
            found.add(("queries.promise-broken", name))
            continue
        times = [at for of, _, at in opened.values() if of > index and at]
        held[name] = [index, min(times, default=0)]
    return {"findings": sorted(map(list, found)), "promises": held}


def _opened(
    notes: Files, log: forms.Key, witnesses: list[forms.Key], found: Found
) -> Iterator[tuple[str, tuple[int, bytes, int]]]:
    """Size and root of each checkpoint that the key signed, and when others cosigned it first."""
    for name, data in notes.items():
        try:
            word = forms.log_word(data, log)
        except forms.Refused:
            found.add(("queries.checkpoint", name))
            continue
        lines = [
            (key, sig)
            for _, of, key_id, sig in forms.note(data)[1]
            for key in witnesses
            if (of, key_id) == key[:2]
        ]
        good = all(forms.good_line(key, word.text, sig) for key, sig in lines)
        if not good:
            found.add(("queries.cosignature", name))
        times = [int.from_bytes(sig[:8], "big") for _, sig in lines] if good else []
        yield name, (word.size, word.root, min(times, default=0))


def _leaves(files: Files, size: int, found: Found) -> list[bytes]:
    path = f"tile/entries/000.p/{size}"
    data, leaves = files.get(path, b""), []
    while data:
        length = int.from_bytes(data[:2], "big")
        leaves.append(data[2 : 2 + length])
        data = data[2 + length :]
    for one in leaves:
        try:
            leaf(one)
        except forms.Refused:
            found.add(("queries.leaf", path))
    return leaves


def _held(data: bytes, log: forms.Key) -> dict[str, Any]:
    """A promise, or what an answer has of it: beside the note stands nothing else (QX4)."""
    try:
        beside = json.loads(data)
    except ValueError:
        return promise(data, log)
    said = promise(str(beside["note"]).encode(), log)
    names = {"origin": log.name, "query_id": said["query_id"], "at": said["at"]}
    forms.demand(all(beside.get(name, value) == value for name, value in names.items()))
    if "commitment" in beside:
        head = bytes.fromhex(said["query_id"]) + said["at"].to_bytes(8, "big") + bytes(15)
        rest = head + forms.base64_bytes(beside["commitment"], 32)
        made = {forms.leaf_hash(b"HXQ1" + bytes([kind]) + rest).hex() for kind in (1, 2, 3)}
        forms.demand(said["leaf_hash"] in made)
    return said

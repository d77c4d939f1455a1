"""An exported query log that was edited, cut or forked says what is wrong and where (QX2–QX5)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import cosign
from crypto.keys import KeyType, Signer
from crypto.merkle import EMPTY_ROOT, Frontier, leaf_hash, root_of
from crypto.notes import Note, sign_note
from crypto.tiles import (
    TILE_WIDTH,
    entry_tiles_for_size,
    format_entry_tile,
    tile_path,
    tiles_for_size,
)
from federation.audit.query_export import QueryExport, audit_query_export
from federation.ids import Origin, Timestamp
from federation.screening.query_log import EntryKind, LeafHeader, Promise, make_leaf, make_promise
from tests.support.exported_logs import TableOfFiles
from tests.support.vectors import compare

ORIGIN = Origin("queries.a.example/1")
LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes(32))
OTHER = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes([1]) * 32)
WITNESS = Signer(name="b.example/witness", type=KeyType.COSIGNATURE, seed=bytes([2]) * 32)
SIZE = TILE_WIDTH + 3
AT = 1_795_000_000


def leaf(number: int) -> bytes:
    header = LeafHeader(
        kind=EntryKind.QUESTION,
        query_id=number.to_bytes(16, "big"),
        at=Timestamp(AT + number),
    )
    return make_leaf(ORIGIN, header, bytes(32), b"{}")


LEAVES = [leaf(number) for number in range(SIZE)]


def root(leaves: list[bytes]) -> bytes:
    frontier = Frontier.empty()
    for one in leaves:
        frontier = frontier.extend([leaf_hash(one)])
    return frontier.root() if leaves else EMPTY_ROOT


def note(leaves: list[bytes], signer: Signer = LOG, at: int = 0) -> bytes:
    made = sign_checkpoint(Checkpoint(origin=ORIGIN, size=len(leaves), root=root(leaves)), signer)
    lines = [cosign(made.text, WITNESS, at)] if at else []
    return Note(text=made.text, signatures=(*made.signatures, *lines)).to_bytes()


def exported(leaves: list[bytes] = LEAVES) -> dict[str, bytes]:
    files = {
        "key": f"{LOG.verifier}\n".encode(),
        "checkpoint": note(leaves),
        "checkpoints/10": note(leaves[:10], at=AT + 100),
        f"checkpoints/{TILE_WIDTH}": note(leaves[:TILE_WIDTH], at=AT + 900),
    }
    hashes = [leaf_hash(one) for one in leaves]
    for level, number, width in tiles_for_size(len(leaves)):
        below = hashes if level == 0 else [root_of(hashes[:TILE_WIDTH])]
        part = below[number * TILE_WIDTH :][:width]
        files[tile_path(level, number, width)] = b"".join(part)
    for number, width in entry_tiles_for_size(len(leaves)):
        part = leaves[number * TILE_WIDTH :][:width]
        files[tile_path("entries", number, width)] = format_entry_tile(part)
    return files


def audit(files: dict[str, bytes], **more: dict[str, bytes]) -> QueryExport:
    return audit_query_export(
        TableOfFiles(files), LOG.verifier, witnesses=[WITNESS.verifier], **more
    )


def promise(number: int, signer: Signer = LOG) -> Promise:
    return make_promise(ORIGIN, leaf(number), signer)


def told(found: QueryExport) -> list[tuple[str, str]]:
    return [(one.code, one.where) for one in found.findings]


def test_a_sound_export_proves_a_promise_its_place_and_by_when() -> None:
    promises = {
        "early": json.dumps({"result": "clear", "promise": promise(3).to_json()}).encode(),
        "later": json.dumps(promise(200).to_json()).encode(),
        "edge": promise(10).note.encode(),
        "last": promise(SIZE - 1).note.encode(),
    }
    found = audit(exported(), promises=promises)
    assert (found.size, found.root, told(found)) == (SIZE, root(LEAVES), [])
    assert {one.name: (one.index, one.by) for one in found.promises} == {
        "early": (3, AT + 100),
        "later": (200, AT + 900),
        "edge": (10, AT + 900),
        "last": (SIZE - 1, None),
    }
    assert {one.at - AT for one in found.promises} == {3, 10, 200, SIZE - 1}


LAST = tile_path("entries", 1, SIZE - TILE_WIDTH)
HARMS: dict[str, tuple[Callable[[dict[str, bytes]], object], set[tuple[str, str]]]] = {
    "an entry edited": (
        lambda files: files.update({LAST: format_entry_tile([*LEAVES[TILE_WIDTH:-1], leaf(9)])}),
        {("queries.root", "checkpoint"), ("queries.tile", tile_path(0, 1, 3))},
    ),
    "entries cut": (
        lambda files: files.update({LAST: files[LAST][:-9]}),
        {("queries.tile", LAST)},
    ),
    "a tile of entries away": (lambda files: files.pop(LAST), {("queries.tile", LAST)}),
    "a tile of hashes changed": (
        lambda files: files.update({tile_path(0, 1, 3): bytes(96)}),
        {("queries.tile", tile_path(0, 1, 3))},
    ),
    "a tile above changed": (
        lambda files: files.update({tile_path(1, 0, 1): bytes(32)}),
        {("queries.tile", tile_path(1, 0, 1))},
    ),
    "the checkpoint away": (
        lambda files: files.pop("checkpoint"),
        {("queries.checkpoint", "checkpoint")},
    ),
    "the checkpoint of another key": (
        lambda files: files.update(checkpoint=note(LEAVES, OTHER)),
        {("queries.checkpoint", "checkpoint")},
    ),
    "an earlier history": (
        lambda files: files.update({"checkpoints/10": note([leaf(99)] * 10)}),
        {("queries.root", "checkpoints/10")},
    ),
    "a cosignature moved": (
        lambda files: files.update(
            {"checkpoints/10": files["checkpoints/10"].replace(b"\n10\n", b"\n11\n")}
        ),
        {("queries.checkpoint", "checkpoints/10")},
    ),
}


@pytest.mark.parametrize("harm", HARMS)
def test_what_was_done_to_an_export_is_named_with_its_file(harm: str) -> None:
    files = exported()
    done, expected = HARMS[harm]
    done(files)
    assert set(told(audit(files))) == expected


def test_qx2_an_entry_of_another_form_is_no_leaf_of_a_query_log() -> None:
    strange = [*LEAVES[:3], b"HXQ2" + LEAVES[3][4:], bytes(77), *LEAVES[5:9]]
    files = exported(strange)
    for path in [path for path in files if path.startswith("checkpoints/")]:
        del files[path]
    files["checkpoint"] = note(strange)
    assert told(audit(files)) == [("queries.leaf", tile_path("entries", 0, 9))]


def test_qx4_one_entry_is_not_the_record_of_two_questions() -> None:
    """Who would keep a question out of the log promises the leaf of another one."""
    true = promise(3).note
    for said in (f"{4:032x}\n{AT + 3}", f"{3:032x}\n{AT + 4}"):
        text = true.partition("\n\n")[0].replace(f"{3:032x}\n{AT + 3}", said) + "\n"
        lie = sign_note(text, [LOG]).to_bytes()
        found = audit(exported(), promises={"true": true.encode(), "lie": lie})
        assert told(found) == [("queries.promise-broken", "lie")]
        assert [one.name for one in found.promises] == ["true"]


def test_other_implementations_find_the_same() -> None:
    few = LEAVES[:3]
    true, said = promise(1).note, promise(1).to_json()
    lie = sign_note(f"{true.partition(chr(10) * 2)[0]}\n".replace(f"{1:032x}", f"{2:032x}"), [LOG])
    entries = tile_path("entries", 0, 3)

    sound = small(few) | {"checkpoints/2": note(few[:2], at=AT + 100)}
    strange = [*few[:2], b"HXQ2" + few[2][4:]]
    cases: list[tuple[str, dict[str, bytes], dict[str, str], dict[str, str]]] = [
        ("sound", sound, {"note": true, "answer": json.dumps(said)}, {}),
        ("vouched by nobody", sound, {"note": promise(2).note}, {}),
        ("another's note is sound", sound, {"note": true}, {"b": note(few, at=AT + 50).decode()}),
        ("who saw more", sound, {}, {"b": note(LEAVES[:4]).decode()}),
        ("two histories", sound, {}, {"b": note([leaf(9)]).decode()}),
        ("an entry changed", sound | {entries: format_entry_tile([*few[:2], leaf(7)])}, {}, {}),
        ("hashes changed", sound | {tile_path(0, 0, 3): bytes(96)}, {}, {}),
        ("a leaf of another form", small(strange), {}, {}),
        ("promised by another key", sound, {"note": promise(1, OTHER).note}, {}),
        ("never recorded", sound, {"note": promise(8).note}, {}),
        ("the record of another question", sound, {"note": lie.to_bytes().decode()}, {}),
        ("another time beside the note", sound, {"a": json.dumps(said | {"at": AT})}, {}),
        (
            "another commitment beside the note",
            sound,
            {"a": json.dumps(said | {"commitment": promise(2).to_json()["commitment"]})},
            {},
        ),
    ]
    compare(
        "query-exports",
        "9.10",
        "Exports of the query log `log`, by path in hexadecimal, with promises that askers hold "
        "and notes that other members kept, by name; keys of witnesses in `witnesses`. `says` are "
        "the findings, each with its file or name, sorted, and of each promise that holds its "
        "place and by when others vouched for it, 0 where nobody did.",
        [
            {
                "name": name,
                "files": {path: data.hex() for path, data in files.items() if path != "key"},
                "promises": promises,
                "seen": seen,
            }
            | _says(files, promises, seen)
            for name, files, promises, seen in cases
        ],
        log=str(LOG.verifier),
        witnesses=[str(WITNESS.verifier)],
    )


def small(leaves: list[bytes]) -> dict[str, bytes]:
    files = exported(leaves)
    return {path: data for path, data in files.items() if not path.startswith("checkpoints/")}


def _says(
    files: dict[str, bytes], promises: dict[str, str], seen: dict[str, str]
) -> dict[str, object]:
    found = audit(
        files,
        promises={name: text.encode() for name, text in promises.items()},
        seen={name: text.encode() for name, text in seen.items()},
    )
    return {
        "says": {
            "findings": sorted(map(list, told(found))),
            "promises": {one.name: [one.index, one.by or 0] for one in found.promises},
        },
        "result": "findings" if found.findings else "ok",
    }


def test_ql3_a_leaf_has_the_place_that_it_had_first() -> None:
    twice = [*LEAVES[:20], LEAVES[3], *LEAVES[21:]]
    files = exported(twice)
    found = audit(files, promises={"held": promise(3).note.encode()})
    assert [(one.index, one.by) for one in found.promises] == [(3, AT + 100)]


def test_qx3_who_saw_more_proves_that_entries_were_taken_away() -> None:
    short = exported(LEAVES[: TILE_WIDTH + 1])
    assert told(audit(short)) == []
    found = audit(short, seen={"of another member": note(LEAVES)})
    assert told(found) == [("queries.behind", "of another member")]
    other = note([*LEAVES[:9], leaf(99)])
    assert told(audit(short, seen={"of another": other})) == [("queries.root", "of another")]


def test_qx4_what_an_asker_holds_is_compared_with_what_was_signed() -> None:
    said = promise(3).to_json()
    changes: dict[str, dict[str, object]] = {
        "at": {"at": AT + 60},
        "query_id": {"query_id": "0" * 32},
        "commitment": {"commitment": promise(4).to_json()["commitment"]},
        "origin": {"origin": "queries.b.example/1"},
    }
    for name, change in changes.items():
        (finding,) = audit(
            exported(), promises={"held": json.dumps(said | change).encode()}
        ).findings
        assert (finding.code, finding.where) == ("queries.promise", "held")
        assert finding.message.startswith(f"{name} 与所签的不同")
    forged = audit(exported(), promises={"held": promise(3, OTHER).note.encode()})
    assert told(forged) == [("queries.promise", "held")]
    never = audit(exported(), promises={"held": promise(SIZE + 7).note.encode()})
    assert told(never) == [("queries.promise-broken", "held")]
    for nothing in (b"", b"[]", b"{}", b"\xff", b'{"note": 7}'):
        assert told(audit(exported(), promises={"held": nothing})) == [("queries.promise", "held")]

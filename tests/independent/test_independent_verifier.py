"""What the program exports is accepted by a verifier that shares no code with it, and nothing else.

`verify.py` was written from protos/SPEC.md alone. The exports here are of real nodes: published
through the publisher, cosigned by a peer, read from the store.
"""

from __future__ import annotations

import ast
import json
import os
import runpy
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from huxin.v1 import admin_pb2 as pb

from adapters.export.export_files import exported_logs, strays
from adapters.export.tile_export import TileExport
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.keys import KeyType, Signer
from federation.audit.verification import LogAudit
from federation.ids import Date, Origin
from federation.own_log import Draft
from federation.payloads import Benefit, Scenario, SubjectKind
from federation.statements import Kind, ScenarioAction
from node.cli.proof import write_bundle
from node.records.exporting import closed_openings
from tests.support import charters as build
from tests.support.liar import proofs_of
from tests.support.simulation import Federation, SimNode, listing

SCRIPT = Path(__file__).with_name("verify.py")
VECTORS = SCRIPT.parents[1] / "vectors" / "spec.json"
VERIFY: dict[str, Any] = runpy.run_path(str(SCRIPT))

SIZES = (0, 1, 2, 255, 256, 257, 1000)
ORIGIN = build.origin_of("510500")
FOLDER = ORIGIN.replace("/", "__")
OPEN_INDEX, CLOSED_INDEX = 3, 5
TILE_0, TILE_1 = "tile/0/000", "tile/1/000.p/1"
ENTRIES, LAST_ENTRIES, LAST_TILE = (
    "tile/entries/000",
    "tile/entries/001.p/1",
    "tile/0/001.p/1",
)


def scenario(node: SimNode) -> Scenario:
    return Scenario(
        scenario_type="信易租",
        title="免押金租车（演示）",
        provider=build.COURT,
        provider_name="虚构单位（演示）",
        benefits=(Benefit(text="免押金"),),
        conditions_text="",
        subject_kinds=(SubjectKind.ENTERPRISE,),
        valid_from=Date(20261101),
        valid_until=Date(20271101),
        charters=node.audience().charters,
    )


def draft(node: SimNode, index: int) -> Draft:
    """Every seventh statement is of an open kind."""
    if index % 7 == OPEN_INDEX:
        return node.draft(Kind.SCENARIO, scenario(node), action=ScenarioAction.OPENED)
    return node.draft(Kind.LISTING, listing(index, audience=node.audience()))


def export(
    node: SimNode, out: Path, *origins: Origin, with_openings: bool = False, flat: bool = False
) -> None:
    """Export logs that a node holds, as `huxin log export` does."""
    with node.store.read() as session:
        closed = closed_openings(session, node.trust(), None) if with_openings else None
        exporter = TileExport(session, out, node.keyring.held_openings, closed=closed)
        exporter.check(origins, flat=flat)
        for head in session.heads():
            if head.origin in origins:
                keys = proofs_of(node).verifier_keys(head.origin)
                exporter.write(head, keys, flat=flat)


def bundle(node: SimNode, index: int, folder: Path, *, opening: bool) -> None:
    """Write the bundle of one statement, as `huxin proof --bundle` does."""
    with node.store.read() as session:
        (head,) = (head for head in session.heads() if head.origin == ORIGIN)
        (row,) = session.rows_between(head.log, index, index + 1)
    made = proofs_of(node).proof(row.statement_id)  # type: ignore[arg-type]
    response = pb.GetProofResponse(
        origin=made.origin, index=made.index, leaf=made.leaf, proof=made.proof, vkey=made.vkey
    )
    if opening:
        assert made.salt is not None
        assert made.payload is not None
        response.salt, response.payload = made.salt, made.payload
    write_bundle(folder, response)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Exports and bundles of a log as it grows, and of its mirror at a peer."""
    place = tmp_path_factory.mktemp("exports")
    members = ("510500", "510300")
    chain = build.make_chain([build.make_member(member) for member in members])
    federation = Federation(place / "nodes", members, [chain])
    federation.connect(*members)
    node, peer = (federation[member] for member in members)
    published = 0
    for size in SIZES:
        if drafts := [draft(node, index) for index in range(published, size)]:
            node.say(*drafts)
        published = size
        federation.settle()
        export(node, place / f"{size}", ORIGIN)
        if size == 257:
            export(node, place / "opened", ORIGIN, with_openings=True)
            export(node, place / "flat", ORIGIN, flat=True)
            export(peer, place / "both", ORIGIN, peer.origin)
            bundle(node, CLOSED_INDEX, place / "disclosed", opening=True)
            bundle(peer, 256, place / "proved", opening=False)
    bundle(node, 999, place / "last", opening=True)
    yield place
    for each in federation.nodes.values():
        each.store.close()


@pytest.fixture
def opened(exports: Path, tmp_path: Path) -> Path:
    """The folder of the log in a copy of the export of 257 leaves with all openings."""
    return Path(shutil.copytree(exports / "opened", tmp_path / "out")) / FOLDER


@pytest.fixture
def disclosed(exports: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exports / "disclosed", tmp_path / "bundle"))


def run(*arguments: str | Path) -> tuple[int, list[str]]:
    """The script as its own process, which finds nothing but the interpreter's packages."""
    done = subprocess.run(
        [sys.executable, "-I", SCRIPT, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 or not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def findings(command: str, folder: Path, *keys: str) -> list[str]:
    """Findings in this process, as `code: what`."""
    return list(VERIFY["check_all"](command == "bundle", folder, keys))


def codes(found: list[str]) -> list[str]:
    return sorted(line.partition(": ")[0] for line in found)


# ---------------------------------------------------------------- the script itself


def test_it_shares_nothing_with_the_program() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300
    imported = set[str]()
    for item in ast.walk(ast.parse(source)):
        if isinstance(item, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in item.names}
        elif isinstance(item, ast.ImportFrom):
            imported.add((item.module or "").partition(".")[0])
    assert imported - sys.stdlib_module_names == {"nacl"}


@pytest.mark.parametrize(
    "arguments", [[], ["export"], ["other", "/"], ["export", "/", "/"], ["bundle", "/absent"]]
)
def test_wrong_use(arguments: list[str]) -> None:
    assert run(*arguments)[0] == 2


# ---------------------------------------------------------------- what is accepted


@pytest.mark.parametrize("size", SIZES)
def test_exports_are_accepted(exports: Path, size: int) -> None:
    assert run("export", exports / f"{size}") == (0, ["ok"])
    text = (exports / f"{size}" / FOLDER / "checkpoint").read_text(encoding="utf-8")
    assert text.split("\n")[1] == str(size)
    assert text.count("\N{EM DASH} ") == 4  # the log, its head, a witness and a mirror


@pytest.mark.parametrize("name", ["opened", "flat", "both"])
def test_other_forms_of_export_are_accepted(exports: Path, name: str) -> None:
    assert run("export", exports / name) == (0, ["ok"])


def test_openings_are_there(exports: Path) -> None:
    closed = sum(path.is_file() for path in (exports / "257" / FOLDER / "openings").rglob("*"))
    all_ = sum(path.is_file() for path in (exports / "opened" / FOLDER / "openings").rglob("*"))
    assert (closed, all_) == (sum(index % 7 == OPEN_INDEX for index in range(257)), 257)


@pytest.mark.parametrize("name", ["disclosed", "proved", "last"])
def test_bundles_are_accepted(exports: Path, name: str) -> None:
    assert run("bundle", exports / name) == (0, ["ok"])
    assert (exports / name / "opening").exists() == (name != "proved")


@pytest.mark.parametrize(("command", "name"), [("export", "257"), ("bundle", "last")])
def test_the_key_from_elsewhere_decides(exports: Path, command: str, name: str) -> None:
    right, wrong = (build.log_signer("510500", epoch).verifier for epoch in (1, 2))
    assert run(command, exports / name, "--key", str(right)) == (0, ["ok"])
    status, lines = run(command, exports / name, "--key", str(wrong))
    assert (status, codes(lines)) == (1, ["vkey.untrusted"])


# ---------------------------------------------------------------- known answers


def vectors() -> dict[str, bytes]:
    document = json.loads(VECTORS.read_text(encoding="utf-8"))
    hexes = {name: bytes.fromhex(value) for name, value in document["hex"].items()}
    return hexes | {name: value.encode() for name, value in document["text"].items()}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_the_vectors_of_the_tree() -> None:
    known = vectors()
    leaf_hashes = [known[f"leaf.{number}.hash"] for number in range(3)]
    for number, leaf_hash in enumerate(leaf_hashes):
        leaf = known[f"leaf.{number}.header"] + known[f"leaf.{number}.commitment"]
        opening = known[f"leaf.{number}.salt"] + known[f"leaf.{number}.payload"]
        assert VERIFY["sha256"](b"\0", leaf) == leaf_hash
        assert VERIFY["opens"]("510500.huxin.example/1", leaf, opening)
    for size in range(4):
        assert VERIFY["tree_root"](leaf_hashes[:size]) == known[f"root.{size}"]
    design = bytes(44) + known["commitment.design"]
    assert VERIFY["opens"]("example.org/log", design, known["leaf.0.salt"] + b"payload")


def test_the_vectors_of_the_keys() -> None:
    known = vectors()
    keys = VERIFY["parse_vkeys"](known["vkey"])
    names = ("log", "head", "witness")
    assert [(key.key_id, key.public) for key in keys] == [
        (known[f"key.{name}.id"], known[f"key.{name}.public"]) for name in names
    ]


def test_the_vectors_of_the_files(tmp_path: Path) -> None:
    known = vectors()
    openings = [known[f"leaf.{number}.salt"] + known[f"leaf.{number}.payload"] for number in (0, 1)]
    names = ("checkpoint", "vkey", "tile/0/000.p/3", "tile/entries/000.p/3")
    files = {name: known[name] for name in names}
    files |= {f"openings/00{index}": opening for index, opening in enumerate(openings)}
    write(tmp_path / "out" / "510500.huxin.example__1", files)
    assert run("export", tmp_path / "out") == (0, ["ok"])
    parts = {"leaf": known["leaf.0"], "opening": openings[0]}
    parts |= {name: known[name] for name in ("proof", "vkey")}
    assert run("bundle", write(tmp_path / "bundle", parts)) == (0, ["ok"])


def test_the_paths_of_the_specification() -> None:
    assert VERIFY["grouped"](1_234_067) == "x001/x234/067"
    last = {
        0: {},
        1: {0: "tile/0/000.p/1", "entries": "tile/entries/000.p/1"},
        256: {0: "tile/0/000", 1: "tile/1/000.p/1", "entries": "tile/entries/000"},
        70_000: {
            0: "tile/0/273.p/112",
            1: "tile/1/001.p/17",
            2: "tile/2/000.p/1",
            "entries": "tile/entries/273.p/112",
        },
    }
    for size, expected in last.items():
        tiles = {kind: list(VERIFY["tiles"](size, kind)) for kind in ("entries", *range(8))}
        assert {kind: paths[-1][0] for kind, paths in tiles.items() if paths} == expected


# ---------------------------------------------------------------- what is refused


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def flipped(name: str, at: int = 40) -> Callable[[Path], None]:
    return lambda folder: flip(folder / name, at)


def written(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """A file with other bytes; one that is not there begins empty."""

    def mutate(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(change(path.read_bytes() if path.exists() else b""))

    return mutate


def removed(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def line_changed(name: str, number: int, change: Callable[[str], str]) -> Callable[[Path], None]:
    """A text file with one line changed; lines count from 0, or from the end."""

    def mutate(data: bytes) -> bytes:
        lines = data.decode().removesuffix("\n").split("\n")
        lines[number] = change(lines[number])
        return "".join(f"{line}\n" for line in lines if line != "-").encode()

    return written(name, mutate)


def other_base64(line: str) -> str:
    """The last word of a line with the last byte of what it encodes changed."""
    *words, encoded = line.split(" ")
    raw = b64decode(encoded)
    return " ".join([*words, b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()])


def swap(size: int) -> Callable[[bytes], bytes]:
    return lambda data: data[size : 2 * size] + data[:size] + data[2 * size :]


def swapped_with_their_hashes(folder: Path) -> None:
    written(ENTRIES, swap(78))(folder)
    written(TILE_0, swap(32))(folder)


def signed(root: bytes, size: int = 257) -> bytes:
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=root)
    return sign_checkpoint(checkpoint, build.log_signer("510500")).to_bytes()


def other_log_key(_: str) -> str:
    return str(Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes(32)).verifier)


def late_cosignature(data: bytes) -> bytes:
    """A line more, whose time does not fit 63 bits and whose signature is good."""
    signer, time = build.cosigner("510500", "head"), 2**63
    text = data.decode().partition("\n\n")[0] + "\n"
    signature = signer.sign_raw(f"cosignature/v1\ntime {time}\n{text}".encode())
    raw = signer.verifier.key_id + time.to_bytes(8, "big") + signature
    return data + f"\N{EM DASH} {signer.name} {b64encode(raw).decode()}\n".encode()


def linked(folder: Path) -> None:
    (folder / "openings" / "linked").symlink_to("/")


def renamed(folder: Path) -> None:
    folder.rename(folder.with_name("510500.huxin.example__2"))


def two_things(folder: Path) -> None:
    removed(LAST_ENTRIES)(folder)
    flip(folder / "openings/005", 0)


MUTATIONS: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "byte of an entry": (flipped(ENTRIES), ["entries.mismatch", "opening.mismatch"]),
    "byte of the last entry": (flipped(LAST_ENTRIES), ["entries.mismatch", "opening.mismatch"]),
    "length of an entry": (flipped(ENTRIES, 1), ["entries.malformed"]),
    "swapped entries": (
        written(ENTRIES, swap(78)),
        ["entries.mismatch", "opening.mismatch", "opening.mismatch"],
    ),
    "swapped entries and hashes": (
        swapped_with_their_hashes,
        ["opening.mismatch", "opening.mismatch", "root.mismatch", "tile.mismatch"],
    ),
    "truncated entry tile": (written(ENTRIES, lambda data: data[:-1]), ["entries.malformed"]),
    "entry tile of an entry less": (
        written(ENTRIES, lambda data: data[:-78]),
        ["entries.malformed"],
    ),
    "bytes behind the entries": (
        written(LAST_ENTRIES, lambda data: data + b"\0"),
        ["entries.malformed"],
    ),
    "an entry more": (
        written(LAST_ENTRIES, lambda data: data + b"\0\0"),
        ["entries.malformed"],
    ),
    "byte of a full tile": (flipped(TILE_0), ["tile.mismatch"]),
    "byte of a partial tile": (flipped(LAST_TILE, 0), ["tile.mismatch"]),
    "byte of an upper tile": (flipped(TILE_1, 0), ["tile.mismatch"]),
    "truncated tile": (written(TILE_0, lambda data: data[:-32]), ["tile.mismatch"]),
    "longer tile": (written(LAST_TILE, lambda data: data + bytes(32)), ["tile.mismatch"]),
    "missing entry tile": (removed(ENTRIES), ["file.missing"]),
    "missing tile": (removed(LAST_TILE), ["file.missing", "file.unexpected"]),
    "missing upper tile": (removed(TILE_1), ["file.missing", "file.unexpected"]),
    "missing checkpoint": (removed("checkpoint"), ["checkpoint.invalid"]),
    "missing vkey": (removed("vkey"), ["vkey.malformed"]),
    "checkpoint's root": (line_changed("checkpoint", 2, other_base64), ["checkpoint.invalid"]),
    "checkpoint's size": (line_changed("checkpoint", 1, lambda _: "256"), ["checkpoint.invalid"]),
    "checkpoint's origin": (
        line_changed("checkpoint", 0, lambda line: f"{line}0"),
        ["checkpoint.invalid"],
    ),
    "log's signature": (line_changed("checkpoint", 4, other_base64), ["checkpoint.invalid"]),
    "no line of the log": (line_changed("checkpoint", 4, lambda _: "-"), ["checkpoint.invalid"]),
    "text behind the checkpoint": (
        written("checkpoint", lambda data: data + b"more\n"),
        ["checkpoint.invalid"],
    ),
    "another root, signed": (
        written("checkpoint", lambda _: signed(bytes(32))),
        ["root.mismatch"],
    ),
    "cosignature": (line_changed("checkpoint", -1, other_base64), ["checkpoint.cosignature"]),
    "time of a cosignature": (
        written("checkpoint", late_cosignature),
        ["checkpoint.cosignature"],
    ),
    "cosigner not listed": (
        line_changed("vkey", -1, lambda _: "-"),
        ["checkpoint.cosignature"],
    ),
    "key id": (
        line_changed("vkey", 0, lambda line: line.replace("+", "+0", 1)),
        ["vkey.malformed"],
    ),
    "another log key": (line_changed("vkey", 0, other_log_key), ["checkpoint.invalid"]),
    "a key twice": (
        line_changed("vkey", 1, lambda line: f"{line}\n{line}"),
        ["vkey.malformed"],
    ),
    "vkey without its newline": (
        written("vkey", lambda data: data[:-1]),
        ["vkey.malformed"],
    ),
    "opening's salt": (flipped("openings/005", 0), ["opening.mismatch"]),
    "opening's payload": (flipped("openings/005", 50), ["opening.mismatch"]),
    "opening of an open kind": (flipped("openings/003", 50), ["opening.mismatch"]),
    "short opening": (
        written("openings/005", lambda data: data[:31]),
        ["opening.mismatch"],
    ),
    "long opening": (
        written("openings/005", lambda data: data + bytes(32_800)),
        ["opening.mismatch"],
    ),
    "missing opening of an open kind": (removed("openings/003"), ["opening.missing"]),
    "missing opening of a closed kind": (removed("openings/005"), []),
    "opening beyond the size": (written("openings/257", lambda _: bytes(40)), ["file.unexpected"]),
    "opening under another name": (
        written("openings/x000/005", lambda _: bytes(40)),
        ["file.unexpected"],
    ),
    "extra file": (written("notes.txt", lambda _: b"x"), ["file.unexpected"]),
    "extra tile": (written("tile/0/002.p/1", lambda _: bytes(32)), ["file.unexpected"]),
    "tile of width 256": (written("tile/0/000.p/256", lambda _: b""), ["file.unexpected"]),
    "empty folder": (lambda folder: (folder / "tile" / "9").mkdir(), ["file.unexpected"]),
    "link": (linked, ["file.unexpected"]),
    "folder's name": (renamed, ["export.misnamed"]),
    "two things at once": (
        two_things,
        ["file.missing", "file.unexpected", "opening.mismatch"],
    ),
}
"""What is done to an export, and the codes of what is found."""


def codes_of_the_program(out: Path) -> list[str]:
    """What `huxin log verify` finds."""
    found = ["file.unexpected"] * len(strays(out))
    for name, files in exported_logs(out):
        found += [finding.code for finding in LogAudit(files, directory=name).run()]
    return sorted(found)


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutated_exports_are_refused_by_both(opened: Path, name: str) -> None:
    mutate, expected = MUTATIONS[name]
    mutate(opened)
    out = opened.parent
    assert codes(findings("export", out)) == expected
    assert codes_of_the_program(out) == expected


def test_a_finding_is_one_line_and_the_status_1(opened: Path) -> None:
    flip(opened / TILE_1, 0)
    (opened / "openings" / "new\nline\udcff").write_bytes(b"")
    assert run("export", opened.parent) == (
        1,
        [f"tile.mismatch: {TILE_1}", r"file.unexpected: openings/new\nline\udcff"],
    )
    assert run("export", opened) == run("export", opened.parent)


def test_a_checkpoint_of_another_size(exports: Path, opened: Path) -> None:
    shutil.copyfile(exports / "256" / FOLDER / "checkpoint", opened / "checkpoint")
    found = findings("export", opened.parent)
    unexpected = ("openings/256", LAST_TILE, LAST_ENTRIES)
    assert found == [f"file.unexpected: {path}" for path in unexpected]
    assert codes_of_the_program(opened.parent) == codes(found)


def test_an_enormous_size_ends(opened: Path) -> None:
    (opened / "checkpoint").write_bytes(signed(bytes(32), 2**62))
    status, lines = run("export", opened.parent)
    assert (status, len(lines)) == (1, 1001)
    assert lines[-1].startswith("export.too-much-wrong")


@pytest.mark.parametrize("name", ["flat", "both"])
def test_each_place_of_an_export_is_looked_at(exports: Path, tmp_path: Path, name: str) -> None:
    out = Path(shutil.copytree(exports / name, tmp_path / "out"))
    (out / "stray").write_text("x")
    for number, path in enumerate(sorted(out.rglob("vkey")), 2):
        os.truncate(path, 1)
        assert len(findings("export", out)) == number
        assert codes_of_the_program(out) == codes(findings("export", out))


def proof_line(number: int, change: Callable[[str], str]) -> Callable[[Path], None]:
    return line_changed("proof", number, change)


def unlisted_and_bad(folder: Path) -> None:
    proof_line(-1, other_base64)(folder)
    name = (folder / "proof").read_text(encoding="utf-8").splitlines()[-1].split(" ")[1]
    written(
        "vkey", lambda data: b"".join(k for k in data.splitlines(True) if name.encode() not in k)
    )(folder)


BUNDLES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "header of the leaf": (flipped("leaf", 20), ["opening.mismatch", "proof.mismatch"]),
    "commitment of the leaf": (flipped("leaf", 75), ["opening.mismatch", "proof.mismatch"]),
    "longer leaf": (
        written("leaf", lambda data: data + b"\0"),
        ["opening.mismatch", "proof.mismatch"],
    ),
    "missing leaf": (removed("leaf"), ["leaf.missing"]),
    "missing proof": (removed("proof"), ["proof.malformed"]),
    "missing vkey": (removed("vkey"), ["vkey.malformed"]),
    "proof's first line": (proof_line(0, lambda line: f"{line}2"), ["proof.malformed"]),
    "index": (proof_line(1, lambda _: "index 4"), ["proof.mismatch"]),
    "index beyond the size": (proof_line(1, lambda _: "index 261"), ["proof.mismatch"]),
    "index in another spelling": (proof_line(1, lambda _: "index 05"), ["proof.malformed"]),
    "index too large": (proof_line(1, lambda _: f"index {2**63}"), ["proof.malformed"]),
    "hash": (proof_line(2, other_base64), ["proof.mismatch"]),
    "hash that is short": (proof_line(2, lambda _: "AAAA"), ["proof.malformed"]),
    "a hash less": (proof_line(2, lambda _: "-"), ["proof.mismatch"]),
    "a hash twice": (proof_line(2, lambda line: f"{line}\n{line}"), ["proof.mismatch"]),
    "two hashes in a line": (proof_line(2, lambda line: f"{line} {line}"), ["proof.malformed"]),
    "extra behind the index": (
        proof_line(1, lambda line: f"{line}\nextra AAAA"),
        ["proof.malformed"],
    ),
    "extra before it": (proof_line(0, lambda line: f"{line}\nextra AAAA"), []),
    "checkpoint": (proof_line(-6, other_base64), ["checkpoint.invalid"]),
    "cosignature": (proof_line(-1, other_base64), ["checkpoint.cosignature"]),
    "bad line of a cosigner not listed": (unlisted_and_bad, []),
    "another log key": (line_changed("vkey", 0, other_log_key), ["checkpoint.invalid"]),
    "opening's salt": (flipped("opening", 0), ["opening.mismatch"]),
    "opening's payload": (flipped("opening", 60), ["opening.mismatch"]),
    "empty opening": (written("opening", lambda _: b""), ["opening.mismatch"]),
}
"""What is done to a bundle, and the codes of what is found."""


@pytest.mark.parametrize("name", BUNDLES)
def test_mutated_bundles_are_refused(disclosed: Path, name: str) -> None:
    mutate, expected = BUNDLES[name]
    mutate(disclosed)
    assert codes(findings("bundle", disclosed)) == expected


def test_an_opening_of_another_statement(exports: Path, disclosed: Path) -> None:
    shutil.copyfile(exports / "last" / "opening", disclosed / "opening")
    status, lines = run("bundle", disclosed)
    assert (status, codes(lines)) == (1, ["opening.mismatch"])


def held(topic: str) -> dict[str, Any]:
    return dict(json.loads((VECTORS.parent / f"{topic}.json").read_text(encoding="utf-8")))


def said(case: dict[str, Any], key: str) -> bytes:
    return bytes.fromhex(case[f"{key}_hex"]) if f"{key}_hex" in case else case[key].encode()


def found(check: Callable[[], object]) -> bool:
    try:
        return check() is not False
    except ValueError:
        return False


def test_the_vectors_of_keys_and_signatures() -> None:
    for case in held("keys")["cases"]:
        first = held("notes")["log"] + "\n" if case["name"] != "log key" else ""
        data = f"{first}{case['vkey']}\n".encode()
        good = found(lambda data=data: VERIFY["parse_vkeys"](data))  # type: ignore[misc]
        assert good is (case["result"] == "ok"), case["name"]
    for case in held("signatures")["cases"]:
        public, message, signature = (
            bytes.fromhex(case[name]) for name in ("public", "message", "signature")
        )
        key = VERIFY["Key"]("x", b"", public)
        good = VERIFY["crypto_core_ed25519_is_valid_point"](public) and found(
            lambda key=key, m=message, s=signature: VERIFY["signed_by"](key, m.decode(), s)  # type: ignore[misc]
        )
        assert good is (case["result"] == "ok"), case["name"]


def test_the_vectors_of_notes_and_proof_files() -> None:
    notes, proofs = held("notes"), held("proofs")
    keys = VERIFY["parse_vkeys"](
        "".join(f"{k}\n" for k in (notes["log"], *notes["known"])).encode()
    )
    for case in notes["cases"]:
        try:
            text, _, _, lines = VERIFY["parse_checkpoint"](said(case, "note"), keys[0])
        except ValueError:
            assert "log_line" not in case, case["name"]
            continue
        bad = list(VERIFY["cosignatures"](text, lines, keys, strict=False))
        assert (not bad) is (case["result"] == "ok"), case["name"]
        assert "log_line" in case
    leaf = bytes.fromhex(proofs["leaf"])
    for case in proofs["cases"]:
        assert shown(said(case, "proof"), leaf, keys[0]) is (case["result"] == "ok"), case["name"]


def shown(proof: bytes, leaf: bytes, key: Any) -> bool:
    """Whether the bundle of this proof and leaf is without a finding."""
    with TemporaryDirectory() as scratch:
        folder = write(Path(scratch), {"proof": proof, "leaf": leaf})
        files = {path.name: path for path in folder.iterdir()}
        return found(lambda: not list(VERIFY["check_bundle"](files, [key])))
